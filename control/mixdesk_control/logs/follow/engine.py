"""A container's output as the engine alone hands it out, read on after the engine or the container was away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Sequence
from contextlib import aclosing
from functools import partial

from mixdesk_control.docker_engine.engine import Engine, Stream
from mixdesk_control.docker_engine.errors import EngineError, Gone
from mixdesk_control.docker_engine.flow import Flow
from mixdesk_control.logs.files.lines import count, without_first
from mixdesk_control.logs.follow import messages
from mixdesk_control.logs.follow.mark import NoMark
from mixdesk_control.logs.follow.messages import Assembled, Message
from mixdesk_control.logs.follow.seen import MOST, Key, Seen, key
from mixdesk_control.logs.piece import RECREATED, Mark, Piece
from mixdesk_control.logs.source import InEngine
from mixdesk_control.threads import in_thread

AGAIN_S, LONGEST_S = 1.0, 5.0  # until it is asked anew
PACE_S = 0.020
FIRST = MOST // 8  # messages that are known at the beginning
TIMEOUT_S = 10.0
MOST_ASKED = 1_000_000
THREAD = "mixdesk-logs-engine"

Locate = Callable[[], InEngine | None]


class EngineReader:
    """A Reader.

    locate  where the source is now, after its container is gone; on the loop, and may not block
    """

    def __init__(
        self, origin: InEngine, engine: Engine, locate: Locate = lambda: None, again_s: float = AGAIN_S
    ) -> None:
        self._origin, self._engine, self._locate, self._again_s = origin, engine, locate, again_s
        self._seen, self._assembled = Seen(), Assembled()
        self._at: Key | None = None
        self._rotated: str | None = None
        self._gone: str | None = None
        self._came = False
        self._begun = False

    async def pieces(self) -> AsyncGenerator[Piece]:
        """See Reader."""
        reason = await self._reason(self._begin)
        yield Piece()
        pause = self._again_s
        while True:
            if reason is None:
                try:
                    async with aclosing(self._following()) as pieces:
                        async for piece in pieces:
                            yield piece
                    reason = "the container does not run"
                except EngineError as error:
                    reason = _said(error)
            pause = self._again_s if self._came else min(2 * pause, LONGEST_S)
            self._came = False
            if reason != self._gone:
                self._gone = reason
                yield Piece(gone=reason)
            await asyncio.sleep(pause)
            if self._has_moved():
                yield Piece(lines=self._assembled.end(), rotated=RECREATED)
            reason = None if self._begun else await self._reason(self._begin)

    def mark(self) -> Mark:
        """See Reader."""
        rest = self._assembled.rest
        return NoMark(rest) if self._at is None else EngineMark(self._engine, self._origin, self._at, rest)

    async def _reason(self, call: Callable[[], None]) -> str | None:
        """What went wrong."""
        try:
            await in_thread(call, THREAD)
        except EngineError as error:
            return _said(error)
        return None

    def _begin(self) -> None:
        """What is there already is known, and not handed out."""
        found = _last(self._engine, self._origin, FIRST)
        self._seen.add(found)
        if len(found) >= FIRST:
            self._seen.starts_late()
        self._at = _last_end(found)
        self._assembled.feed(found[_after_last_end(found) :])
        self._begun = True

    async def _following(self) -> AsyncGenerator[Piece]:
        since = self._seen.since()
        flow = Flow(partial(self._open, since), _split(self._origin))
        async with aclosing(flow.batches()) as batches:
            async for batch in batches:
                piece = self._piece(batch)
                if piece is not None:
                    yield piece
                    await asyncio.sleep(PACE_S if len(batch) > 1 else 0)

    def _open(self, since: float | None) -> Stream:
        asked = self._origin.since if since is None else since
        link = self._engine.link(TIMEOUT_S)
        return link.logs(self._origin.container, asked, until=self._origin.until, timestamps=True)

    def _piece(self, batch: Sequence[Message]) -> Piece | None:
        fresh = self._seen.new(batch)
        lines = self._assembled.feed(fresh)
        if not lines:
            return None
        self._at = _last_end(fresh) or self._at
        self._came, self._gone = True, None
        return Piece(lines=lines)

    def _has_moved(self) -> bool:
        found = self._locate()
        if found is None or found.container == self._origin.container:
            return False
        self._origin = found
        self._seen, self._at, self._begun, self._came = Seen(), None, True, True
        return True


class EngineMark:
    """Behind one message of a container."""

    def __init__(self, engine: Engine, origin: InEngine, at: Key, rest: bytes = b"") -> None:
        self._engine, self._origin, self._at, self._rest = engine, origin, at, rest

    def last(self, lines: int) -> bytes:
        """See Mark. Nothing where the engine does not answer."""
        asked = lines + FIRST
        while True:
            try:
                found = _last(self._engine, self._origin, asked)
            except EngineError:
                return b""
            before = self._before(found)
            text = Assembled().feed(before)
            spare = count(text) - lines
            if spare >= 0 or len(found) < asked or asked > MOST_ASKED:
                return without_first(text, max(0, spare))
            asked *= 2

    def rest(self) -> bytes:
        """See Mark."""
        return self._rest

    def close(self) -> None:
        """Nothing to do."""

    def _before(self, found: Sequence[Message]) -> Sequence[Message]:
        """Up to the mark's own message; where that is not there any more, those of its time and before."""
        at = next((at for at in range(len(found) - 1, -1, -1) if key(found[at]) == self._at), None)
        if at is not None:
            return found[: at + 1]
        return [message for message in found if message.time <= self._at[0]]


def _last(engine: Engine, origin: InEngine, most: int) -> list[Message]:
    """The last messages that are there."""
    stream = engine.link(TIMEOUT_S).logs(
        origin.container, origin.since, until=origin.until, tail=most, follow=False, timestamps=True
    )
    try:
        return [message for found in _split(origin)(stream) for message in found]
    finally:
        stream.close()


def _split(origin: InEngine) -> Callable[[Iterable[bytes]], Iterator[Sequence[Message]]]:
    return messages.plain if origin.terminal else messages.framed


def _after_last_end(found: Sequence[Message]) -> int:
    """Where the messages begin whose line has not ended."""
    return next((at for at in range(len(found), 0, -1) if found[at - 1].text.endswith(b"\n")), 0)


def _last_end(found: Sequence[Message]) -> Key | None:
    at = _after_last_end(found)
    return key(found[at - 1]) if at else None


def _said(error: EngineError) -> str:
    if isinstance(error, Gone):
        return "the container has been removed"
    if "does not support reading" in error.told:
        return f"the container's log driver cannot be read: {error.told}"
    return str(error)
