"""Several logs at once: one stream each, their frames in the order in which they come."""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mixdesk_control.cli.errors import CliError
from mixdesk_control.cli.follow import Away, Follower, Idle
from mixdesk_control.cli.log_find import Source, logs_path

if TYPE_CHECKING:
    from mixdesk_control.cli.client import Client
    from mixdesk_control.cli.follow import Frame

MOST_WAITING = 1000  # frames; then the desk waits, and skips what is too much
REMEMBERED = 50  # records, to know where a connection was lost
AGAIN = 1000  # lines that are asked for again, after one was


@dataclass(frozen=True, slots=True)
class Came:
    """A frame of a source; or that its connection was lost, or that it is refused."""

    source: Source
    frame: Frame | None = None
    away: str | None = None
    refused: CliError | None = None


def frames(client_of: Client, sources: Sequence[Source], query: Mapping[str, str], *, follow: bool) -> Iterator[Came]:
    """Frames of all sources. With `follow` without end; else each source until what it has is sent, one by one."""
    if not follow:
        for source in sources:
            yield from _until_live(client_of, source, query)
        return
    came: queue.Queue[Came] = queue.Queue(MOST_WAITING)
    for source in sources:
        threading.Thread(target=_read, args=(client_of, source, query, came), daemon=True).start()
    while True:
        yield came.get()


def _until_live(client: Client, source: Source, query: Mapping[str, str]) -> Iterator[Came]:
    for event in _Source(client, source, query).events():
        if isinstance(event, Away):
            raise CliError(f"the desk does not answer any more ({event.reason})")
        if not isinstance(event, Idle):
            yield Came(source, event)
            if "live" in event or "gone" in event:
                return


def _read(client: Client, source: Source, query: Mapping[str, str], came: queue.Queue[Came]) -> None:
    try:
        for event in _Source(client, source, query).events():
            if isinstance(event, Away):
                came.put(Came(source, away=event.reason))
            elif not isinstance(event, Idle):
                came.put(Came(source, event))
    except CliError as error:
        came.put(Came(source, refused=error))


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
