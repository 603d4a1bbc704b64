"""Several logs at once: one stream each, their frames in the order in which they come."""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mixdesk_control.cli import log_merge
from mixdesk_control.cli.errors import CliError
from mixdesk_control.cli.follow import Away, Follower, Idle
from mixdesk_control.cli.log_find import Source, logs_path

if TYPE_CHECKING:
    from mixdesk_control.cli.client import Client
    from mixdesk_control.cli.follow import Frame

MOST_WAITING = 1000  # frames; then the desk waits, and skips what is too much
REMEMBERED = 50  # records, to know where a connection was lost
GATHER_S = 5.0  # for what is there already, before what comes is shown
AGAIN = 1000  # lines that are asked for again, after one was


@dataclass(frozen=True, slots=True)
class Came:
    """A frame of a source; or that its connection was lost, that it is refused or cannot be read, that nothing comes.

    idle  nothing came for a second
    over  nothing comes any more
    """

    source: Source
    frame: Frame | None = None
    away: str | None = None
    refused: CliError | None = None
    idle: bool = False
    over: bool = False


def frames(client_of: Client, sources: Sequence[Source], query: Mapping[str, str], *, follow: bool) -> Iterator[Came]:
    """Frames of all sources: what is there already, by its times; with `follow` then what comes, until all end."""
    came: queue.Queue[Came] = queue.Queue(MOST_WAITING)
    for source in sources:
        threading.Thread(target=_read, args=(client_of, source, query, follow, came), daemon=True).start()
    gathering = _Gathering(sources, GATHER_S if follow else None)
    yield from gathering.frames(came)
    left = len(sources) - gathering.over
    while left:
        one = came.get()
        left -= one.over
        yield one


class _Gathering:
    """What is there already, held back until all of it is here. A log that is too late for it comes as it comes."""

    def __init__(self, sources: Sequence[Source], patience_s: float | None) -> None:
        self._sources, self._deadline = sources, None if patience_s is None else time.monotonic() + patience_s
        self._held: list[list[tuple[str, str | None]]] = [[] for _ in sources]
        self._after: list[Came] = []
        self._waits = [True] * len(sources)
        self.over = 0

    def frames(self, came: queue.Queue[Came]) -> Iterator[Came]:
        while any(self._waits):
            left = None if self._deadline is None else max(0.0, self._deadline - time.monotonic())
            try:
                yield from self._take(came.get(timeout=left))
            except queue.Empty:
                break
        for source, frame in log_merge.frames(self._sources, self._held):
            yield Came(source, frame)
        yield from self._after

    def _take(self, one: Came) -> Iterator[Came]:
        number = next(at for at, source in enumerate(self._sources) if source is one.source)
        frame = one.frame or {}
        self.over += one.over
        if "live" in frame or one.refused is not None or one.over:
            self._waits[number] = False
        if not self._waits[number] or "partial" in frame or one.idle:
            self._after.append(one)
        elif "lines" in frame:
            self._held[number] += zip(frame["lines"], frame["levels"], strict=True)
        else:
            yield one


def _read(client: Client, source: Source, query: Mapping[str, str], follow: bool, came: queue.Queue[Came]) -> None:
    try:
        for one in _events(client, source, query, follow):
            came.put(one)
    except CliError as error:
        came.put(Came(source, refused=error))
    finally:
        came.put(Came(source, over=True))


def _events(client: Client, source: Source, query: Mapping[str, str], follow: bool) -> Iterator[Came]:
    """Raises CliError where there is nothing to wait for."""
    is_live = False
    for event in _Source(client, source, query).events():
        if isinstance(event, Idle):
            yield Came(source, idle=True)
        elif isinstance(event, Away):
            if not follow:
                raise CliError(f"the desk does not answer any more ({event.reason})")
            yield Came(source, away=event.reason)
        elif "gone" in event and not is_live:
            raise CliError(f"nothing to read: {event['gone']}")
        else:
            is_live = is_live or "live" in event
            yield Came(source, event)
            if is_live and not follow:
                return


class _Source:
    """One stream. Where its connection was lost, what was shown already is not shown again."""

    def __init__(self, client: Client, source: Source, query: Mapping[str, str]) -> None:
        self._seen: deque[str] = deque(maxlen=REMEMBERED)
        self._again: list[tuple[str, str | None]] | None = None
        self._follower = Follower(client, logs_path("stream", source["service"], source["id"]), dict(query))

    def events(self) -> Iterator[Frame | Away | Idle]:
        for event in self._follower.events():
            if isinstance(event, Idle):
                yield event
            elif isinstance(event, Away):
                self._again = []
                self._follower.ask_for({"lines": str(AGAIN)})
                yield event
            else:
                yield from self._new(event)

    def _new(self, frame: Frame) -> Iterator[Frame]:
        if self._again is None:
            self._seen.extend(frame.get("lines", ()))
            yield frame
        elif "lines" in frame:
            self._again += zip(frame["lines"], frame["levels"], strict=True)
        elif "live" in frame:
            again, self._again = self._again, None
            yield from self._after(again)

    def _after(self, again: Sequence[tuple[str, str | None]]) -> Iterator[Frame]:
        first = first_new(list(self._seen), [line for line, _ in again])
        if first is None:
            yield {"lost": True}
        new = again[first or 0 :]
        self._seen.extend(line for line, _ in new)
        if new:
            yield {"lines": [line for line, _ in new], "levels": [level for _, level in new]}


def first_new(seen: Sequence[str], again: Sequence[str]) -> int | None:
    """Where in the records that came again those begin that were not seen; None where nobody can tell. Pure."""
    if not seen:
        return 0
    for end in range(len(again), 0, -1):
        length = min(len(seen), end)
        if list(again[end - length : end]) == list(seen[-length:]):
            return end
    return None
