"""Changes of containers of a real engine, told as they happen."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

import pytest
from containers import POLITE, asset, no_streams, seen, until
from docker_engine import DockerEngine

from mixdesk_control.assets.asset import ABSENT, RUNNING, STOPPED, Asset
from mixdesk_control.assets.drivers.docker.driver import DockerDriver

pytestmark = pytest.mark.process

Create = Callable[..., str]


def test_changes_are_told_as_they_happen(driver: DockerDriver, docker_engine: DockerEngine, create: Create) -> None:
    create("bark", POLITE)
    create("foreign", POLITE)
    bark, late = asset("bark"), asset("late")
    told: list[list[str]] = []

    def changed(assets: Sequence[Asset]) -> None:
        told.append([one.id for one in assets])

    async def watch() -> None:
        task = asyncio.create_task(driver.follow(lambda: [bark, late], changed))
        await heard(told, ["bark", "late"])  # what came before it listened is not known
        told.clear()
        docker_engine.docker("start", "foreign")
        docker_engine.docker("start", "bark")
        await heard(told, ["bark"])
        assert (await seen(driver, bark)).doing == RUNNING
        told.clear()
        docker_engine.docker("kill", "bark")
        await heard(told, ["bark"])
        await until(driver, bark, lambda now: (now.doing, now.exit_code) == (STOPPED, 137), 5)
        told.clear()
        docker_engine.docker("rename", "bark", "late")
        await heard(told, ["bark", "late"])
        assert (await seen(driver, bark)).doing == ABSENT and (await seen(driver, late)).doing == STOPPED
        docker_engine.docker("rename", "late", "bark")
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await no_streams()

    asyncio.run(watch())


async def heard(told: list[list[str]], wanted: list[str]) -> None:
    deadline = time.monotonic() + 60
    while wanted not in told:
        assert time.monotonic() < deadline, told
        await asyncio.sleep(0.02)
