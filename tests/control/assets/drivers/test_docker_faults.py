"""What goes wrong with containers, with real ones: what is said of them is true."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable

import pytest
from containers import FOREVER, POLITE, asset, seen, until
from docker_engine import DockerEngine

from mixdesk_control.assets.asset import ABSENT, RUNNING, STARTING, STOPPED
from mixdesk_control.assets.drivers.docker.driver import DockerDriver
from mixdesk_control.assets.drivers.driver import DriverError

pytestmark = pytest.mark.process

Create = Callable[..., str]


def test_one_that_dies_while_it_starts(driver: DockerDriver, docker_engine: DockerEngine, create: Create) -> None:
    checks = ("--health-cmd", "exit 1", "--health-interval", "100ms", "--health-start-period", "1h")
    create("weak", f"trap 'exit 3' TERM; {FOREVER}", *checks)

    async def watch() -> None:
        await driver.start(asset("weak"))
        starting = await seen(driver, asset("weak"))
        assert starting.doing == STARTING and starting.instance
        docker_engine.docker("kill", "--signal", "TERM", "weak")
        ended = await until(driver, asset("weak"), lambda now: now.doing != STARTING)
        assert (ended.doing, ended.exit_code, ended.instance) == (STOPPED, 3, None)

    asyncio.run(watch())


def test_one_that_takes_too_much_memory(driver: DockerDriver, create: Create) -> None:
    create("greedy", "x=$(busybox yes | busybox head -c 256m)", "--memory", "16m", "--memory-swap", "16m")

    async def watch() -> None:
        await driver.start(asset("greedy"))
        ended = await until(driver, asset("greedy"), lambda now: now.doing == STOPPED)
        assert ended.oom_killed and ended.exit_code == 137
        assert ended.reason == "killed for want of memory"

    asyncio.run(watch())


def test_one_that_ignores_sigterm(driver: DockerDriver, create: Create) -> None:
    create("stubborn", f"trap '' TERM; {FOREVER}")

    async def watch() -> None:
        await driver.start(asset("stubborn"))
        began = time.monotonic()
        await driver.stop(asset("stubborn"), 0.7)  # whole seconds for the engine, never fewer
        assert time.monotonic() - began >= 1
        ended = await seen(driver, asset("stubborn"))
        assert (ended.doing, ended.exit_code) == (STOPPED, 137)

    asyncio.run(watch())


def test_one_that_its_policy_starts_again(driver: DockerDriver, create: Create) -> None:
    create("crashing", "exit 5", "--restart", "always")
    crashing = asset("crashing")

    async def watch() -> None:
        await driver.start(crashing)
        between = await until(driver, crashing, lambda now: now.doing == STARTING and now.restarts > 1)
        assert between.exit_code == 5
        assert str(between.reason).startswith("ended with exit code 5; its restart policy starts it, ")
        await driver.stop(crashing, 1)
        assert (await seen(driver, crashing)).doing == STOPPED
        await asyncio.sleep(1.5)
        assert (await seen(driver, crashing)).doing == STOPPED

    asyncio.run(watch())


def test_a_restart_between_two_looks(driver: DockerDriver, docker_engine: DockerEngine, create: Create) -> None:
    """Nobody follows the events here: the words of the list alone tell that it is another run."""
    create("bark", POLITE)

    async def watch() -> None:
        await driver.start(asset("bark"))
        first = await seen(driver, asset("bark"))
        await asyncio.sleep(4)
        assert (await seen(driver, asset("bark"))).instance == first.instance
        docker_engine.docker("restart", "--time", "30", "bark")
        second = await seen(driver, asset("bark"))
        assert second.doing == RUNNING and second.instance != first.instance
        assert second.container == first.container

    asyncio.run(watch())


def test_one_that_is_made_anew(driver: DockerDriver, docker_engine: DockerEngine, create: Create) -> None:
    create("bark", POLITE)

    async def watch() -> None:
        await driver.start(asset("bark"))
        first = await seen(driver, asset("bark"))
        docker_engine.docker("rm", "--force", "bark")
        assert (await seen(driver, asset("bark"))).doing == ABSENT
        create("bark", POLITE)
        await driver.start(asset("bark"))
        second = await seen(driver, asset("bark"))
        assert second.doing == RUNNING
        assert second.instance != first.instance and second.container != first.container

    asyncio.run(watch())


def test_one_that_something_else_starts_at_once(
    driver: DockerDriver, docker_engine: DockerEngine, create: Create
) -> None:
    create("bark", "exit 0")
    docker_engine.docker("rm", "bark")
    create("bark", POLITE)
    over = threading.Event()

    def start_always() -> None:
        while not over.is_set():
            docker_engine.docker("start", "bark")

    async def stop() -> None:
        await driver.start(asset("bark"))
        with pytest.raises(DriverError, match="container bark was stopped and runs again"):
            for _ in range(100):
                await driver.stop(asset("bark"), 30)

    other = threading.Thread(target=start_always)
    other.start()
    try:
        asyncio.run(stop())
    finally:
        over.set()
        other.join()
