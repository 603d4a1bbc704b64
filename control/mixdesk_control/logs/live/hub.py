"""Who looks at which source: one reader each, however many look."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any, Protocol

from mixdesk_control.logs.document import source_document
from mixdesk_control.logs.live import past
from mixdesk_control.logs.live.frames import Frame, told
from mixdesk_control.logs.live.refining import Refining
from mixdesk_control.logs.live.tap import Tap
from mixdesk_control.logs.live.viewer import Viewer
from mixdesk_control.logs.piece import Mark, Reader
from mixdesk_control.logs.source import Source
from mixdesk_control.logs.text.redact import Redactor
from mixdesk_control.logs.view import View
from mixdesk_control.threads import in_thread

LINGER_S = 5.0
MOST_PASTS = 4  # that are read at once: each may take some hundred MiB for a moment

_LIVE = told(live=True)


class Older(Protocol):
    """The last lines of the rotated files of a source; `without` are device and inode of those that are known."""

    def __call__(self, source: Source, lines: int, without: Iterable[tuple[int, int]] = ()) -> bytes:
        """Blocks."""


def nothing_older(source: Source, lines: int, without: Iterable[tuple[int, int]] = ()) -> bytes:
    """No rotated files."""
    return b""


class Hub:
    """The live logs of a desk.

    reader_of  makes a reader; may raise where a source cannot be read
    document   a source as JSON has it
    linger_s   how long a source is read on after the last viewer has left
    """

    def __init__(
        self,
        reader_of: Callable[[Source], Reader],
        *,
        redactor: Redactor,
        document: Callable[[Source], dict[str, Any]] = source_document,
        older: Older = nothing_older,
        linger_s: float = LINGER_S,
    ) -> None:
        self._reader_of, self._redactor, self._document = reader_of, redactor, document
        self._older, self._linger_s = older, linger_s
        self._taps: set[Tap] = set()
        self._closing: set[asyncio.Task[None]] = set()
        self._pasts = asyncio.Semaphore(MOST_PASTS)
        self.skipped: Counter[tuple[str, str]] = Counter()
        """Lines that slow viewers did not get, by service and source."""

    @property
    def reading(self) -> int:
        """Sources that are read now."""
        return len(self._taps)

    async def frames(self, source: Source, view: View, lines: int) -> AsyncGenerator[str]:
        """The frames for one viewer, as view.py has them: the last lines, then what comes, until it is closed.

        Raises BadPattern.
        """
        refining = partial(Refining, view, self._redactor)
        first = refining()
        yield told(source=self._document(source)).text
        if source.origin is None:
            yield told(gone=source.reason or "nobody can reach it").text
            return
        viewer = Viewer(partial(self._note_skipped, source))
        with self._using(source) as tap:
            marks = await tap.join(view, first, viewer, past.marks_for(first, lines))
            try:
                if marks is not None:
                    for frame in await self._past(source, marks, lines, refining):
                        yield frame.text
                    yield _LIVE.text
                while (text := await viewer.take()) is not None:
                    yield text
            finally:
                tap.leave(view, viewer)

    async def close(self) -> None:
        """Stops reading; who looks is told that it is gone."""
        await asyncio.gather(*(tap.close() for tap in list(self._taps)), *self._closing)

    # -- readers -------------------------------------------------------------------------------------

    @contextmanager
    def _using(self, source: Source) -> Iterator[Tap]:
        tap = next((tap for tap in self._taps if tap.serves(source)), None)
        if tap is None:
            tap = Tap(source, self._reader_of, self._taps.discard)
            self._taps.add(tap)
        tap.users += 1
        try:
            yield tap
        finally:
            tap.users -= 1
            if not tap.users:
                asyncio.get_running_loop().call_later(self._linger_s, self._let_go, tap)

    def _let_go(self, tap: Tap) -> None:
        if tap.users or tap not in self._taps:
            return
        self._taps.discard(tap)  # who comes now gets another
        task = asyncio.create_task(tap.close())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    def _note_skipped(self, source: Source, lines: int) -> None:
        self.skipped[source.service, source.id] += lines

    # -- what is there already -----------------------------------------------------------------------

    async def _past(
        self, source: Source, marks: list[Mark], lines: int, refining: Callable[[], Refining]
    ) -> Iterable[Frame]:
        if not marks:
            return ()
        known = [identity for mark in marks[:1] if (identity := getattr(mark, "identity", None)) is not None]
        older = partial(self._older, source, without=known)
        read = partial(past.read, marks, lines, refining, older)
        try:
            await self._pasts.acquire()
        except asyncio.CancelledError:
            for mark in marks:
                mark.close()
            raise
        return await in_thread(_then(read, self._pasts.release), "mixdesk-log-past")


def _then(read: Callable[[], Iterable[Frame]], release: Callable[[], None]) -> Callable[[], Iterable[Frame]]:
    """Reads in a thread and calls back on the loop, even where nobody waits any more."""
    loop = asyncio.get_running_loop()

    def run() -> Iterable[Frame]:
        try:
            return read()
        finally:
            with suppress(RuntimeError):  # the loop is over
                loop.call_soon_threadsafe(release)

    return run
