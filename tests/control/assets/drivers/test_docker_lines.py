"""The output of containers of a real engine, as it comes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

import pytest
from containers import FOREVER, POLITE, asset, no_streams, streams

from mixdesk_control.assets.drivers.docker.driver import DockerDriver
from mixdesk_control.assets.drivers.driver import DriverError
from mixdesk_control.docker_engine.flow import MOST
from mixdesk_control.lines import LONGEST

pytestmark = pytest.mark.process

Create = Callable[..., str]


async def read(lines: AsyncGenerator[str], count: int) -> list[str]:
    """The first few; the stream is closed then."""
    async with aclosing(lines):
        return [await asyncio.wait_for(anext(lines), 60) for _ in range(count)]


@pytest.mark.parametrize("options", [(), ("--tty",)], ids=["plain", "terminal"])
def test_lines_since_the_last_start(driver: DockerDriver, create: Create, options: tuple[str, ...]) -> None:
    """Of this run all lines from its first, of the run before none."""
    loud, run = asset("loud"), "busybox cat /proc/sys/kernel/random/uuid"
    long = "x" * (LONGEST + 9)
    create("loud", f"{run}; echo größer >&2; echo {long}; trap 'echo last; exit 0' TERM; {FOREVER}", *options)

    async def listen() -> None:
        runs = set()
        for _ in range(2):
            await driver.start(loud)
            lines = await read(driver.lines(loud), 3)
            await no_streams()
            assert set(lines) >= {"größer", "x" * LONGEST}
            runs |= set(lines)
            await driver.stop(loud, 30)
        assert len(runs) == 4 and all(len(line) in (6, 36, LONGEST) for line in runs), runs

    asyncio.run(listen())


def test_lines_of_each_start_to_come(driver: DockerDriver, create: Create) -> None:
    create("often", f"echo here; {POLITE}")
    often = asset("often")

    async def listen() -> None:
        await driver.start(often)
        async with aclosing(driver.lines(often)) as lines:
            assert await asyncio.wait_for(anext(lines), 60) == "here"
            await driver.stop(often, 30)
            waiting = asyncio.ensure_future(anext(lines))
            await driver.start(often)
            assert await asyncio.wait_for(waiting, 60) == "here"

    asyncio.run(listen())


def test_a_silent_one_is_let_go_of(driver: DockerDriver, create: Create) -> None:
    create("silent", FOREVER)

    async def listen() -> None:
        await driver.start(asset("silent"))
        lines = driver.lines(asset("silent"))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(anext(lines), 4)  # longer than any single call may take
        await no_streams()
        await lines.aclose()

    asyncio.run(listen())


def test_output_that_is_kept_elsewhere(driver: DockerDriver, create: Create) -> None:
    create("mute", FOREVER, "--log-driver", "none")

    async def listen() -> None:
        await driver.start(asset("mute"))
        with pytest.raises(DriverError, match=r"container mute could not be read: .*logging driver"):
            await anext(driver.lines(asset("mute")))

    asyncio.run(listen())


def test_one_that_floods_while_its_lines_are_read(driver: DockerDriver, create: Create) -> None:
    """The line that is waited for is found, who reads slowly holds little, and who closes is free at once."""
    create("flood", "busybox yes | busybox head -n 10000; echo ready; busybox yes flood")
    flood = asset("flood")

    async def listen() -> None:
        await driver.start(flood)
        async with aclosing(driver.lines(flood)) as lines:
            count = 0
            while await asyncio.wait_for(anext(lines), 60) != "ready":
                count += 1
            assert count == 10_000
            assert await asyncio.wait_for(anext(lines), 60) == "flood"
            (thread,) = streams()
            flow = thread._target.__self__  # type: ignore[attr-defined]
            while len(flow._items) < MOST:
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.3)  # nobody reads: the thread waits
            assert len(flow._items) < 20 * MOST
        thread.join(30)
        assert not thread.is_alive()
        await driver.stop(flood, 0)

    asyncio.run(listen())
