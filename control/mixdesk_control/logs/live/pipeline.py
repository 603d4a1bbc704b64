"""One view of one source: worked on once, for all its viewers."""

from __future__ import annotations

import asyncio

from mixdesk_control.logs.live.frames import Frame, of_records, told
from mixdesk_control.logs.live.refining import Refining, Shown
from mixdesk_control.logs.live.viewer import Viewer
from mixdesk_control.logs.piece import Piece

HELD_S = 0.05
"""How long a record that looks unfinished waits for its next line."""

_EARLY_S = 0.001  # uvloop's timers ring on whole milliseconds
_LATE_S = 0.003  # of a piece that is there already, on a busy host


class Pipeline:
    """Lines in, frames to each viewer; to be used on the event loop."""

    def __init__(self, refining: Refining) -> None:
        self._refining = refining
        self._loop = asyncio.get_running_loop()
        self._due = self._rings = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self.viewers: list[Viewer] = []

    def welcome(self, viewer: Viewer, state: Piece) -> None:
        """One more, who is told what stays as it is until more comes."""
        if state.partial is not None and (shown := self._refining.partial(state.partial)) is not None:
            viewer.show(told(partial=shown))
        if state.gone is not None:
            viewer.tell(told(gone=state.gone))
        self.viewers.append(viewer)

    def feed(self, lines: bytes, next_s: float = 0.0) -> None:
        """Whole lines of the source; the next ones may come as late as `next_s` though they are there already."""
        shown = self._refining.feed(lines)
        self._put(shown)
        if self._refining.unfinished:
            self._wait(HELD_S)
        elif shown.records and next_s:
            self._wait(next_s + _LATE_S)
        else:  # a line that came alone: those that are written together are mostly read together
            self.flush()

    def flush(self) -> None:
        """What waits for its next line goes out as it is."""
        if self._refining.open:
            self._put(self._refining.flush())

    def partial(self, text: bytes) -> None:
        """The line that is being written."""
        self.flush()
        shown = self._refining.partial(text)
        if shown is not None:
            frame = told(partial=shown)
            for viewer in self.viewers:
                viewer.show(frame)

    def tell(self, frame: Frame) -> None:
        """A frame for everybody, after what came before it."""
        self.flush()
        for viewer in self.viewers:
            viewer.tell(frame)

    def close(self) -> None:
        """Nobody looks any more."""
        if self._timer is not None:
            self._timer.cancel()

    def _put(self, shown: Shown) -> None:
        for frame in of_records(shown.records, shown.levels):
            for viewer in self.viewers:
                viewer.put(frame)

    def _wait(self, seconds: float) -> None:
        # One timer that is set again when it rings too early costs less than a new one for every piece.
        self._due = self._loop.time() + seconds
        if self._timer is None or self._rings > self._due:
            self.close()
            self._set()

    def _set(self) -> None:
        self._rings = self._due
        self._timer = self._loop.call_at(self._due, self._rung)

    def _rung(self) -> None:
        self._timer = None
        if self._due > self._loop.time() + _EARLY_S:
            self._set()
        else:
            self.flush()
