"""Iterators that block, pumped to the event loop; and threads that go on."""

from __future__ import annotations

import asyncio
import itertools
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator

import pytest

from mixdesk_control.threads import Pump, in_thread, unended


def counting(stopped: Callable[[], bool]) -> Iterator[int]:
    return iter(range(1000))


def forever(stopped: Callable[[], bool]) -> Iterator[int]:
    return itertools.count()


async def all_of(pump: Pump[int]) -> list[int]:
    return [item async for batch in pump.batches() for item in batch]


def test_all_items_come_in_their_order() -> None:
    async def run() -> None:
        assert await all_of(Pump(counting, "counting", most=7)) == list(range(1000))


def test_what_it_raises_comes_after_the_items() -> None:
    async def run() -> None:
        def failing(stopped: Callable[[], bool]) -> Iterator[int]:
            yield 1
            raise KeyError("two")

        batches, got = Pump(failing, "failing").batches(), list[int]()
        with pytest.raises(KeyError, match="two"):
            async for batch in batches:
                got += batch
        assert got == [1]


def test_it_ends_where_nobody_takes_anything_for_long() -> None:
    async def run() -> None:
        ended = asyncio.Event()
        pump = Pump(forever, "late", most=3, patience_s=0.05)
        pump.on_end = ended.set
        batches = pump.batches()
        first = await anext(batches)
        await asyncio.wait_for(ended.wait(), 60)
        rest = [item async for batch in batches for item in batch]
        assert pump.was_late and first + rest == list(range(len(first) + len(rest)))


def test_one_that_is_closed_ends_though_nobody_takes_anything() -> None:
    async def run() -> None:
        ended, closed = asyncio.Event(), threading.Event()

        def endless(stopped: Callable[[], bool]) -> Iterator[int]:
            try:
                yield from itertools.count()
            finally:
                closed.set()

        pump = Pump(endless, "closed", most=3)
        pump.on_end = ended.set
        batches = pump.batches()
        await anext(batches)
        pump.close()
        await asyncio.wait_for(ended.wait(), 60)
        assert closed.is_set() and not pump.was_late
        await batches.aclose()


def test_a_thread_that_goes_on_is_named() -> None:
    async def run() -> None:
        began, go = threading.Event(), threading.Event()

        def wait() -> bool:
            began.set()
            return go.wait(60)

        call = asyncio.create_task(in_thread(wait, "it-goes-on"))
        while not began.is_set():
            await asyncio.sleep(0.005)
        assert "it-goes-on" in unended(0.01)
        go.set()
        assert await call
        assert "it-goes-on" not in unended(60)

    asyncio.run(run())


@pytest.mark.process
def test_a_process_ends_well_though_a_thread_hangs_inside_cpp() -> None:
    program = (
        "import asyncio, re2, threading\n"
        "from mixdesk_control import threads\n"
        "threads.END_S = 0.1\n"
        "pattern, text = re2.compile('(x+x+)+y'), 'x' * 1_000_000\n"
        "began = threading.Event()\n"
        "def hang():\n"
        "    began.set()\n"
        "    while True: pattern.search(text)\n"
        "async def main():\n"
        "    task = asyncio.ensure_future(threads.in_thread(hang, 'hang'))\n"
        "    while not began.is_set(): await asyncio.sleep(0.01)\n"
        "    task.cancel()\n"
        "asyncio.run(main())\n"
        "print('whole', flush=False)\n"
        "threads.leave_if_any_hangs()\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout) == (0, "whole\n"), done.stderr
    assert "hang" in done.stderr and "terminate" not in done.stderr
