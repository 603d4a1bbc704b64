"""Containers of a real engine: seen, started, stopped, measured, read."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import containers
import pytest
from containers import FOREVER, POLITE, asset, closing, seen, until
from docker_engine import DockerEngine

from mixdesk_control.assets.asset import ABSENT, RUNNING, STOPPED, UNHEALTHY, UNKNOWN, Observed
from mixdesk_control.assets.drivers.docker.driver import DockerDriver
from mixdesk_control.assets.drivers.docker.usage import SHORTEST_S
from mixdesk_control.assets.drivers.driver import DriverError
from mixdesk_exporter.host import Roots

pytestmark = pytest.mark.process

T = TypeVar("T")
Create = Callable[..., str]
TICK_S = 0.03  # the kernel's count steps by 10 ms, and the control group's may be ahead of it by one of its own
CHECKED = (
    "--health-interval",
    "200ms",
    "--health-timeout",
    "5s",
    "--health-start-period",
    "1ms",
    "--health-retries",
    "2",
)


def test_a_whole_life(driver: DockerDriver, create: Create) -> None:
    identity, bark = create("bark", POLITE), asset("bark")

    async def live() -> None:
        before = await seen(driver, bark)
        assert (before.doing, before.exit_code, before.instance, before.container) == (STOPPED, None, None, identity)
        await driver.start(bark)
        await driver.start(bark)  # of one that runs: nothing
        first = await seen(driver, bark)
        assert (first.doing, first.exit_code, first.container) == (RUNNING, None, identity)
        assert first.started_at is not None and abs(first.started_at - time.time()) < 60
        assert await seen(driver, bark) == first
        await driver.stop(bark, 30)
        after = await seen(driver, bark)
        assert (after.doing, after.exit_code, after.instance) == (STOPPED, 0, None)
        await driver.stop(bark, 30)  # of one that does not run: nothing
        await driver.start(bark)
        again = await seen(driver, bark)
        assert again.doing == RUNNING and again.instance not in (None, first.instance)
        await driver.close()

    asyncio.run(live())


def test_a_name_that_no_container_has(driver: DockerDriver, create: Create) -> None:
    """Even where it is the beginning of another container's id, which the engine itself would take for that one."""
    other = create("other", POLITE)
    gone = asset(other[:12])

    async def try_all() -> None:
        found = await seen(driver, gone)
        assert found.doing == ABSENT and f"docker compose up --no-start {gone.target}" in str(found.reason)
        with pytest.raises(DriverError, match="there is no container"):
            await driver.start(gone)
        await driver.start(asset("other"))
        await driver.stop(gone, 1)
        assert (await seen(driver, asset("other"))).doing == RUNNING
        with pytest.raises(DriverError, match="there is no container"):
            await anext(driver.lines(gone))

    asyncio.run(try_all())


@pytest.mark.parametrize("target", ["", "a", "/bark", "../bark", "bark json", "bark?all=1", None, 7])
def test_what_cannot_be_a_name(driver: DockerDriver, target: object) -> None:
    assert driver.key(asset("bark")) == "container bark"
    with pytest.raises(ValueError, match="is no name of a container"):
        driver.key(asset("bark", target=target))


def test_a_health_check(driver: DockerDriver, create: Create, tmp_path: Path) -> None:
    (tmp_path / "log").touch()
    check = "test -e /mnt/well || { busybox cat /mnt/log; exit 4; }"
    create("sick", POLITE, "--volume", f"{tmp_path}:/mnt", "--health-cmd", check, *CHECKED)
    sick = asset("sick")

    async def watch() -> None:
        (tmp_path / "log").write_text("model is loading\n40 %\n")
        await driver.start(sick)
        unwell = await until(driver, sick, lambda now: now.doing == UNHEALTHY)
        assert re.fullmatch(r"health check failed \d+ times, exit code 4: model is loading 40 %", str(unwell.reason))
        (tmp_path / "well").touch()
        well = await until(driver, sick, lambda now: now.doing == RUNNING)
        assert well.reason is None and well.instance == unwell.instance
        assert not unwell.unchecked and not well.unchecked

    asyncio.run(watch())


def test_one_that_is_paused(driver: DockerDriver, docker_engine: DockerEngine, create: Create) -> None:
    create("calm", FOREVER)

    async def watch() -> None:
        await driver.start(asset("calm"))
        docker_engine.docker("pause", "calm")
        found = await seen(driver, asset("calm"))
        assert (found.doing, found.reason, found.unchecked) == (UNHEALTHY, "paused", True)
        await driver.stop(asset("calm"), 1)
        assert (await seen(driver, asset("calm"))).doing == STOPPED

    asyncio.run(watch())


def test_the_engines_own_words(driver: DockerDriver, docker_engine: DockerEngine, create: Create) -> None:
    docker_engine.docker("create", "--name", "empty", "--network", "none", "mixdesk-test:1", "/no/such/program")
    try:
        with pytest.raises(DriverError) as told:
            asyncio.run(driver.start(asset("empty")))
        assert re.match(r"container empty could not be started: .*/no/such/program.*no such file", str(told.value))
        assert "\n" not in str(told.value)
        after = asyncio.run(seen(driver, asset("empty")))
        assert after.doing == STOPPED and "/no/such/program" in str(after.reason)
    finally:
        docker_engine.docker("rm", "empty")


def test_use_agrees_with_the_engine(driver: DockerDriver, docker_engine: DockerEngine, create: Create) -> None:
    """64 MiB held, and one core kept busy."""
    create("busy", "x=$(busybox head -c 67108864 /dev/zero | busybox tr '\\0' x); while :; do :; done")
    create("idle", FOREVER)
    both = [asset("busy"), asset("idle")]

    async def measure() -> None:
        assert await driver.usage(both) == {}
        for one in both:
            await driver.start(one)
        await driver.observe(both)
        assert (await driver.usage(both))["busy"].cpu_ratio is None
        while ((await driver.usage(both))["busy"].memory or 0) < 60 << 20:
            await asyncio.sleep(0.3)
        await asyncio.sleep(SHORTEST_S)
        pid = int(docker_engine.docker("inspect", "--format", "{{.State.Pid}}", "busy"))
        first, _ = await between(pid, driver.usage(both))
        await asyncio.sleep(1)
        second, use = await between(pid, driver.usage(both))
        least, most = first.ratios(second)
        assert use["busy"].memory == pytest.approx(memory_of(docker_engine, "busy"), rel=0.05)
        assert use["busy"].cpu_ratio is not None and least <= use["busy"].cpu_ratio <= most
        assert use["idle"].cpu_ratio is not None and use["idle"].cpu_ratio < 0.3
        await driver.stop(both[0], 0)
        await driver.observe(both)
        assert set(await driver.usage(both)) == {"idle"}

    asyncio.run(measure())


def memory_of(engine: DockerEngine, name: str) -> float:
    """As `docker stats` shows it, in bytes."""
    shown = engine.docker("stats", "--no-stream", "--format", "{{.MemUsage}}", name).split()[0]
    number, unit = re.fullmatch(r"([0-9.]+)([KMG]?i?B)", shown).groups()  # type: ignore[union-attr]
    return float(number) * {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}[unit]


@dataclass(frozen=True, slots=True)
class Window:
    """When something was read, and what CPU time there was by then: before and after it."""

    times: tuple[float, float]
    cpu: tuple[float, float]

    def ratios(self, later: Window) -> tuple[float, float]:
        """The least and the most that the load between a moment of this and one of the later may have been."""
        least = (later.cpu[0] - self.cpu[1] - TICK_S) / (later.times[1] - self.times[0])
        return least, (later.cpu[1] - self.cpu[0] + TICK_S) / (later.times[0] - self.times[1])


async def between(pid: int, reading: Awaitable[T]) -> tuple[Window, T]:
    """What is read, and the window that it was read in."""
    cpu, began = cpu_of(pid), time.monotonic()
    found = await reading
    ended = time.monotonic()
    return Window((began, ended), (cpu, cpu_of(pid))), found


def cpu_of(pid: int) -> float:
    """CPU seconds by the kernel's own count of a container's only process."""
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / 100


def test_where_no_control_group_is_seen(docker_engine: DockerEngine, create: Create, tmp_path: Path) -> None:
    """A desk in a container has another /proc: there that pid is nobody, or somebody else."""
    create("far", FOREVER)

    async def measure() -> None:
        driver = DockerDriver(docker_engine.socket, roots=Roots(procfs=tmp_path))
        await driver.start(asset("far"))
        await driver.observe([asset("far")])
        assert await driver.usage([asset("far")]) == {}
        pid = docker_engine.docker("inspect", "--format", "{{.State.Pid}}", "far")
        (tmp_path / pid).mkdir()
        (tmp_path / pid / "cgroup").write_bytes(Path("/proc/self/cgroup").read_bytes())
        assert await driver.usage([asset("far")]) == {}
        await driver.close()

    asyncio.run(measure())


def test_no_engine(tmp_path: Path) -> None:
    driver = DockerDriver(tmp_path / "docker.sock")
    found = asyncio.run(seen(driver, asset("bark")))
    assert found.doing == UNKNOWN
    assert str(found.reason).startswith(f"{tmp_path}/docker.sock: no Docker engine answers here; start it")
    with pytest.raises(DriverError, match=r"container bark could not be started: .*no Docker engine answers here"):
        asyncio.run(driver.start(asset("bark")))


NOBODY = """
import asyncio, os, sys
import docker.types, mixdesk_control.docker_engine.transport
from containers import asset, seen
from mixdesk_control.assets.drivers.docker.driver import DockerDriver
os.setgroups([]), os.setgid(65534), os.setuid(65534)
print(asyncio.run(seen(DockerDriver(sys.argv[1]), asset("bark"))).reason)
"""


def test_an_engine_that_this_user_may_not_use(docker_engine: DockerEngine) -> None:
    """Another user asks, in a process of its own: root may use any."""
    env = {**os.environ, "PYTHONPATH": str(Path(containers.__file__).parent)}
    command = [sys.executable, "-c", NOBODY, str(docker_engine.socket)]
    told = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=True).stdout
    assert told.startswith(f"{docker_engine.socket}: this user may not use the Docker engine; add it to the group")


def test_an_engine_by_address(docker_engine: DockerEngine, create: Create) -> None:
    create("bark", POLITE)

    async def look(address: str) -> Observed:
        async with closing(DockerDriver(address)) as driver:
            return await seen(driver, asset("bark"))

    assert asyncio.run(look(f"unix://{docker_engine.socket}")).doing == STOPPED
    refused = asyncio.run(look("tcp://127.0.0.1:1"))
    assert refused.doing == UNKNOWN and "no Docker engine answers here" in str(refused.reason)
    for wrong in ("gopher://here", "tcp://here:port", "ssh://here"):
        found = asyncio.run(look(wrong))
        assert found.doing == UNKNOWN and str(found.reason).startswith(f"{wrong}: ")
