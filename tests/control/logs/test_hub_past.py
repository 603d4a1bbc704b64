"""What is there already is bounded: in bytes for one viewer, and in how much is read at once."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from typing import Any

from scripted_log import SOURCE, ScriptedReader

from mixdesk_control.logs.live.hub import MOST_PASTS, Hub, Older, nothing_older
from mixdesk_control.logs.live.past import MOST_SHOWN
from mixdesk_control.logs.source import Source
from mixdesk_control.logs.text.redact import Redactor
from mixdesk_control.logs.view import View

DEADLINE_S = 60.0


def hub(text: bytes = b"", older: Older = nothing_older) -> Hub:
    return Hub(lambda _source: ScriptedReader(text), redactor=Redactor(), older=older, linger_s=0.0)


async def past_of(frames: AsyncGenerator[str]) -> list[dict[str, Any]]:
    """All frames up to `live`."""
    found: list[dict[str, Any]] = []
    async with asyncio.timeout(DEADLINE_S):
        while not found or "live" not in found[-1]:
            found.append(json.loads(await anext(frames)))
    return found


def test_more_than_a_viewer_may_be_shown_is_skipped_exactly_the_oldest_first() -> None:
    lines = [f"INFO {number} {'x' * 5000}" for number in range(2000)]

    async def look() -> None:
        desk = hub("".join(f"{line}\n" for line in lines).encode())
        async with aclosing(desk.frames(SOURCE, View(), 100_000)) as frames:
            told = await past_of(frames)
        await desk.close()
        skipped = told[1]["skipped"]
        shown = [line for frame in told for line in frame.get("lines", ())]
        assert shown == lines[skipped:] and 0 < skipped < 2000
        size = sum(map(len, shown))
        assert MOST_SHOWN - 6000 < size <= MOST_SHOWN

    asyncio.run(look())


class Counted:
    """Rotated files that are read when they may."""

    def __init__(self) -> None:
        self.may_read = threading.Event()
        self._lock = threading.Lock()
        self.now = self.most = 0

    def __call__(self, _source: Source, _lines: int, without: Iterable[tuple[int, int]] = ()) -> bytes:
        with self._lock:
            self.now += 1
            self.most = max(self.most, self.now)
        assert self.may_read.wait(DEADLINE_S)
        with self._lock:
            self.now -= 1
        return b"old\n"


async def reads(older: Counted, count: int) -> None:
    end = time.monotonic() + DEADLINE_S
    while older.now < count:
        assert time.monotonic() < end
        await asyncio.sleep(0.005)


def test_few_are_read_at_once_and_who_leaves_gives_way() -> None:
    async def look() -> None:
        older = Counted()
        desk = hub(older=older)
        looking = [asyncio.ensure_future(past_of(desk.frames(SOURCE, View(), 10))) for _ in range(3 * MOST_PASTS)]
        await reads(older, MOST_PASTS)
        gone, looking = [looking[0], looking[-1]], looking[1:-1]  # one that reads, and one that waits
        for one in gone:
            one.cancel()
        await asyncio.gather(*gone, return_exceptions=True)
        older.may_read.set()
        for told in await asyncio.gather(*looking):
            assert {"lines": ["old"], "levels": [None]} in told
        assert older.most == MOST_PASTS
        await desk.close()

    asyncio.run(look())
