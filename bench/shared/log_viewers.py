"""Many viewers of one log inside one process: what a delivered line costs, and whether each is delivered or counted."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace

import msgspec

from mixdesk_control.logs.live.hub import Hub
from mixdesk_control.logs.piece import Piece
from mixdesk_control.logs.source import InEngine, Source
from mixdesk_control.logs.text.redact import Redactor
from mixdesk_control.logs.view import View

LINE = b"2026-11-30 12:00:00,123 INFO  app.worker: processed task %07d in 0.123 s for user 17, model bark, status ok\n"
SOURCE = Source(service="bench", id="flood", kind="application", origin=InEngine("flood"))
WAIT_S = 0.3


@dataclass(frozen=True)
class Delivered:
    """delivered and skipped are lines over all viewers; cpu_us of this process for each delivered line."""

    expected: int
    delivered: int
    skipped: int
    cpu_us: float
    frames: int


class _Flood:
    """Lines at a steady rate, for a while."""

    def __init__(self, rate: int, total: int) -> None:
        self._rate, self._total = rate, total

    async def pieces(self) -> AsyncGenerator[Piece]:
        yield Piece()
        await asyncio.sleep(2 * WAIT_S)
        began, sent = time.perf_counter(), 0
        while sent < self._total:
            due = min(int((time.perf_counter() - began) * self._rate), self._total)
            if due > sent:
                yield Piece(lines=b"".join([LINE % number for number in range(sent, due)]))
                sent = due
            else:
                await asyncio.sleep(0.0005)
        await asyncio.Event().wait()

    def mark(self) -> _Flood:
        return self

    def last(self, _lines: int) -> bytes:
        return b""

    def close(self) -> None:
        return


class _Counting:
    """Lines and gaps of all viewers; a frame that many get is read once."""

    def __init__(self, expected: int) -> None:
        self.lines = self.skipped = self.frames = 0
        self.complete = asyncio.Event()
        self._expected = expected
        self._last: tuple[str, int] = ("", 0)

    def see(self, frame: str) -> None:
        self.frames += 1
        if frame.startswith('{"lines"'):
            if frame is not self._last[0]:
                self._last = frame, len(msgspec.json.decode(frame)["lines"])
            self.lines += self._last[1]
        elif frame.startswith('{"skipped"'):
            self.skipped += msgspec.json.decode(frame)["skipped"]
        if self.lines + self.skipped >= self._expected:
            self.complete.set()


async def viewers(count: int = 50, rate: int = 20_000, seconds: float = 5.0, view: View | None = None) -> Delivered:
    """So many look at one source that is written at so many lines a second; without the WebSocket around it."""
    total = int(rate * seconds)
    hub, seen = Hub(lambda _source: _Flood(rate, total), redactor=Redactor(), linger_s=0.0), _Counting(count * total)

    async def look() -> None:
        async for frame in hub.frames(replace(SOURCE), view or View(), 0):
            seen.see(frame)

    looking = [asyncio.create_task(look()) for _ in range(count)]
    await asyncio.sleep(WAIT_S)
    cpu = time.process_time()
    await seen.complete.wait()
    cpu = time.process_time() - cpu
    for task in looking:
        task.cancel()
    await asyncio.gather(*looking, return_exceptions=True)
    await hub.close()
    return Delivered(count * total, seen.lines, seen.skipped, cpu / max(seen.lines, 1) * 1e6, seen.frames)
