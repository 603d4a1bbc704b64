"""A source in files as a stream of pieces: steps of its tail on the loop, and in a thread where they would block."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from functools import partial
from typing import Protocol

from mixdesk_control.logs.files.lines import count
from mixdesk_control.logs.follow.folder import Folder
from mixdesk_control.logs.follow.lineup import At
from mixdesk_control.logs.follow.partial import Partial
from mixdesk_control.logs.follow.tail import ON_LOOP
from mixdesk_control.logs.follow.watch import Watch, Watching
from mixdesk_control.logs.piece import Mark, Piece
from mixdesk_control.threads import in_thread

THREAD = "mixdesk-logs-read"
PACE_S, SLOWEST_S = 0.002, 0.020  # between two pieces: for each line of the last one, and at most


class Stepped(Protocol):
    """What is followed step by step: see tail.Tail."""

    behind: bool

    def open(self) -> None:
        """From the end of what is there now."""

    def step(self, may_block: bool = True) -> Piece | None:
        """The next piece."""

    def told(self, name: str | None, is_new: bool) -> bool:
        """Something happened to this name; whether it matters."""

    def peek(self) -> bool:
        """Whether there is something to do."""

    @property
    def at(self) -> At:
        """The place behind the last piece."""

    def mark(self, at: At) -> Mark:
        """Of that place."""

    def close(self) -> None:
        """Lets go of all."""

    @property
    def rest(self) -> bytes:
        """What stands after the last whole line."""

    @property
    def folder(self) -> Folder | None:
        """The folder to watch."""


class FileReader:
    """A Reader. Every piece holds what came within 20 ms at most; the first one after a silence comes at once."""

    def __init__(self, tail: Stepped, watch: Watch, clock: Callable[[], float] = time.monotonic) -> None:
        self._tail, self._watch, self._clock = tail, watch, clock
        self._partial = Partial()
        self._watched: Folder | None = None
        self._not_before = float("-inf")
        self._at: At = (None, 0)

    async def pieces(self) -> AsyncGenerator[Piece]:
        """See Reader."""
        watching = self._watch.add(self._tail.told, self._tail.peek)
        try:
            await in_thread(self._tail.open, THREAD)
            self._watch_folder(watching)
            self._at = self._tail.at
            yield Piece()
            while True:
                piece = await self._next(watching)
                self._at = self._tail.at  # only now: a step in a thread is ahead of what is handed out
                yield piece
        finally:
            watching.close()
            self._tail.close()

    def mark(self) -> Mark:
        """See Reader."""
        return self._tail.mark(self._at)

    async def _next(self, watching: Watching) -> Piece:
        await asyncio.sleep(max(0.0, self._not_before - self._clock()))
        while True:
            watching.came.clear()
            piece = self._tail.step(may_block=False)
            if piece is None and self._tail.behind:
                piece = await in_thread(partial(self._tail.step, may_block=True), THREAD)
                self._watch_folder(watching)
            if piece is None:
                piece = await self._unfinished(watching)
            if piece is not None:
                self._pace(piece)
                return piece

    async def _unfinished(self, watching: Watching) -> Piece | None:
        """The state of a progress bar, once it is due; None once there is something to do."""
        rest = self._tail.rest
        due = self._partial.due(rest, self._clock())
        if due == 0:
            self._partial.show(rest, self._clock())
            return Piece(partial=rest)
        try:
            async with asyncio.timeout(due):
                await watching.came.wait()
        except TimeoutError:
            pass
        return None

    def _pace(self, piece: Piece) -> None:
        """So that a flood comes in few large pieces, and single lines at once."""
        lines = 0 if len(piece.lines) >= ON_LOOP // 2 else count(piece.lines)
        self._not_before = self._clock() + min(lines * PACE_S, SLOWEST_S)

    def _watch_folder(self, watching: Watching) -> None:
        folder = self._tail.folder
        if folder is not self._watched:
            self._watched = folder
            watching.on([folder.fd] if folder else [])
            watching.came.set()  # for what happened between its opening and this
