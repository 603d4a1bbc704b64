"""Looks that hang, and what is forgotten of assets that are no more."""

from __future__ import annotations

import asyncio
import os
import threading
from pathlib import Path

import pytest
from asset_processes import asset, until, until_doing

from mixdesk_control.assets.asset import RUNNING, UNKNOWN, Asset
from mixdesk_control.assets.drivers.driver import DriverError
from mixdesk_control.assets.drivers.process import driver as process_driver
from mixdesk_control.assets.drivers.process.driver import ProcessDriver
from mixdesk_control.assets.drivers.process.looking import Hangs, Looking

PID = 40


@pytest.fixture
def procfs(tmp_path: Path) -> Path:
    """Of one process whose command line cannot be had until somebody writes to it, as while its memory is locked."""
    place = tmp_path / f"proc/{PID}"
    place.mkdir(parents=True)
    (place / "stat").write_text(f"{PID} (a) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 1 0 0 0\n")
    os.mkfifo(place / "cmdline")
    return place.parent


def looks() -> int:
    return sum(thread.name == "mixdesk-processes" for thread in threading.enumerate())


def test_a_read_that_hangs_is_unknown_and_no_second_is_begun(
    tmp_path: Path, procfs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process_driver, "SEE_S", 0.2)
    monkeypatch.setattr(process_driver, "ACT_S", 0.2)

    async def work() -> None:
        driver, piper, bark = (
            ProcessDriver(tmp_path, procfs=procfs),
            asset("piper", name="piper"),
            asset("bark", "true"),
        )
        for _ in range(3):
            seen = (await driver.observe([piper, bark]))["piper"]
            assert seen.doing == UNKNOWN and "has not let itself be read for 0.2 s" in str(seen.reason)
            with pytest.raises(DriverError, match="has not let itself be read"):
                await driver.start(bark)
            with pytest.raises(DriverError, match="has not let itself be read"):
                await driver.stop(piper, 0.1)
        assert looks() == 1
        await asyncio.to_thread((procfs / f"{PID}/cmdline").write_bytes, b"/bin/piper\0")
        await until_doing(driver, piper, RUNNING)

    asyncio.run(work())


def test_nothing_is_started_that_may_run(tmp_path: Path) -> None:
    driver = ProcessDriver(tmp_path, procfs=tmp_path / "none")
    with pytest.raises(DriverError, match=r"bark is not started, for it may run: .*none cannot be read"):
        asyncio.run(driver.start(asset("bark", "true")))


def test_looks_come_in_the_order_in_which_they_were_asked_for() -> None:
    async def work() -> None:
        looking, done = Looking(), list[int]()
        await asyncio.gather(*(looking(lambda number=number: done.append(number), 60) for number in range(50)))
        assert done == list(range(50))

    asyncio.run(work())


def test_one_that_waited_behind_a_look_that_hangs_is_never_made() -> None:
    async def work() -> None:
        looking, gate, done = Looking(), threading.Event(), list[int]()
        with pytest.raises(Hangs):
            await looking(gate.wait, 0.05)
        with pytest.raises(Hangs):
            await looking(lambda: done.append(1), 0.05)
        gate.set()
        await looking(lambda: done.append(2), 60)
        assert done == [2]

    asyncio.run(work())


def test_a_look_that_fails_says_so() -> None:
    async def work() -> None:
        with pytest.raises(ZeroDivisionError):
            await Looking()(lambda: 1 // 0, 60)

    asyncio.run(work())


def test_assets_that_are_no_more_are_forgotten(tmp_path: Path) -> None:
    async def work() -> None:
        driver, kept = ProcessDriver(tmp_path), [asset("bark", "true"), asset("piper", pid_file=tmp_path / "none")]
        for one in kept:
            await driver.stop(one, 1)
        registry: list[Asset] = kept[:1]
        task = asyncio.create_task(driver.follow(lambda: registry, lambda _: None))

        def known() -> list[set[str]]:
            eyes = driver._eyes
            records = {Path(path).parent.name for path in eyes._records._known}
            return [set(driver._sights), set(driver._locks), set(driver._done), set(eyes._members), records]

        async def only_bark() -> bool:
            return known() == [{"bark"}] * 5

        await until(only_bark, "the other one is forgotten")
        registry.clear()

        async def nothing() -> bool:
            return not any(known())

        await until(nothing, "both are forgotten")
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(work())
