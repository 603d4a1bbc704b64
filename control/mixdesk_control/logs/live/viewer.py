"""What waits for one viewer: bounded, and where it did not fit, exactly how many lines are missing there."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from mixdesk_control.logs.live.frames import Frame, told

MOST_BYTES, MOST_FRAMES = 1 << 20, 2000


class Viewer:
    """The frames for one, in order; to be used on the event loop.

    on_skip  is told how many lines were just left out
    Once lines are left out, frames are taken again when half of what waits has been sent: so that who is slow misses
    few long stretches, not many short ones.
    """

    def __init__(self, on_skip: Callable[[int], None], most_bytes: int = MOST_BYTES) -> None:
        self._on_skip, self._most = on_skip, most_bytes
        self._waiting: deque[Frame] = deque()
        self._bytes = self._skipped = 0
        self._ended = False
        self._came: asyncio.Future[None] | None = None

    def put(self, frame: Frame) -> None:
        """A frame of lines, left out where too much waits; a single one is always taken."""
        if self._full(len(frame.text)):
            self._skipped += frame.lines
            self._on_skip(frame.lines)
        else:
            self._add(frame)

    def tell(self, frame: Frame) -> None:
        """A frame without lines; only a viewer that takes nothing at all misses it."""
        if len(self._waiting) < 2 * MOST_FRAMES:
            self._add(frame)

    def show(self, frame: Frame) -> None:
        """A state that the next one replaces, so it may be left out."""
        if not self._skipped and not self._full(len(frame.text)):
            self._add(frame)

    def end(self) -> None:
        """Nothing comes after what waits."""
        self._ended = True
        self._wake()

    async def take(self) -> str | None:
        """The next frame; None at the end."""
        while not self._waiting:
            if self._skipped:
                return self._gap().text
            if self._ended:
                return None
            self._came = asyncio.get_running_loop().create_future()
            await self._came
        frame = self._waiting.popleft()
        self._bytes -= len(frame.text)
        return frame.text

    def _full(self, size: int) -> bool:
        if not self._waiting:
            return False
        most, frames = (self._most // 2, MOST_FRAMES // 2) if self._skipped else (self._most, MOST_FRAMES)
        return self._bytes + size > most or len(self._waiting) >= frames

    def _add(self, frame: Frame) -> None:
        if self._skipped:
            self._append(self._gap())
        self._append(frame)
        self._wake()

    def _append(self, frame: Frame) -> None:
        self._waiting.append(frame)
        self._bytes += len(frame.text)

    def _gap(self) -> Frame:
        skipped, self._skipped = self._skipped, 0
        return told(skipped=skipped)

    def _wake(self) -> None:
        if self._came is not None and not self._came.done():
            self._came.set_result(None)
