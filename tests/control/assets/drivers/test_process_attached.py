"""Processes that others start, found by a name or by a file with a pid."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from asset_processes import STUBBORN, WAIT, Host, a_host, asset, see, until, until_doing

from mixdesk_control.assets.asset import RUNNING, STOPPED, UNKNOWN, Observed
from mixdesk_control.assets.drivers.driver import DriverError
from mixdesk_control.assets.drivers.process.attached import Attached
from mixdesk_control.assets.drivers.process.census import Census
from mixdesk_control.assets.runner import tree

pytestmark = pytest.mark.process


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    with a_host(tmp_path) as found:
        yield found


def own(word: str) -> str:
    """A name that no other run of these tests has."""
    return f"{word}-{os.getpid()}"


NOBODY = 65534


def nobodys(host: Host, *argv: str) -> subprocess.Popen[bytes]:
    """A process of another user."""
    return host.run("setpriv", "--reuid", str(NOBODY), "--clear-groups", *argv)


def start_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])


def test_by_its_name(host: Host) -> None:
    async def work() -> None:
        name = own("asset-by-name-that-is-longer-than-the-kernel-keeps")
        driver, piper = host.driver(), asset("piper", name=name)
        assert await see(driver, piper) == Observed(STOPPED)
        other = host.run(host.program(name), "600")
        seen = await until_doing(driver, piper, RUNNING)
        assert seen.processes == {(other.pid, start_of(other.pid))} and seen.reason is None
        assert seen.started_at is not None and seen.instance == f"{other.pid}-{start_of(other.pid)}"
        await driver.stop(piper, 10)
        assert await see(driver, piper) == Observed(STOPPED)
        assert other.wait(30) == -signal.SIGTERM
        await driver.stop(piper, 10)

    asyncio.run(work())


def test_of_several_with_the_name_none_is_touched(host: Host) -> None:
    async def work() -> None:
        driver, piper = host.driver(), asset("piper", name=own("several"))
        program = host.program(own("several"))
        others = [host.run(program, "600") for _ in range(2)]

        async def both() -> Observed | None:
            seen = await see(driver, piper)
            return seen if seen.doing == UNKNOWN else None

        seen = await until(both, "two of them")
        assert f"2 processes are called {own('several')}" in seen.reason and "give a pid_file" in seen.reason
        with pytest.raises(DriverError, match="give a pid_file"):
            await driver.stop(piper, 0.1)
        assert [other.poll() for other in others] == [None, None]
        others[0].kill()
        others[0].wait()
        assert (await see(driver, piper)).doing == RUNNING

    asyncio.run(work())


def test_children_of_the_same_name_are_its_own(host: Host) -> None:
    async def work() -> None:
        program = host.program(own("family"))
        driver, piper = host.driver(), asset("piper", name=own("family"))
        line = f"exec -a {own('family')} bash -c '{program} 600 & {program} 600 & trap \"\" TERM; {WAIT}'"
        host.run("bash", "-c", line)

        async def family() -> Observed | None:
            seen = await see(driver, piper)
            return seen if len(seen.processes) >= 3 else None

        seen = await until(family, "three of them")
        assert seen.doing == RUNNING
        await driver.stop(piper, 0.3)
        assert host.traced() == []

    asyncio.run(work())


def test_a_program_that_hands_its_process_to_another_of_its_kind_is_seen_anew(host: Host) -> None:
    """Both are bash, and what stands in `stat` differs by the place of the stack alone."""

    async def work() -> None:
        driver, piper = host.driver(), asset("piper", name=own("second"))
        begins = host.folder / "go"
        line = f"until [ -e {begins} ]; do sleep 0.01; done; exec -a {own('second')} bash -c '{WAIT}'"
        first = host.run("bash", "-c", line)
        assert (await see(driver, piper)).doing == STOPPED
        begins.touch()
        seen = await until_doing(driver, piper, RUNNING)
        assert first.pid in {pid for pid, _ in seen.processes}
        await driver.stop(piper, 5)

    asyncio.run(work())


def ignores_term(pid: int) -> bool:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    mask = next(int(line.split()[1], 16) for line in lines if line.startswith("SigIgn:"))
    return bool(mask >> (signal.SIGTERM - 1) & 1)


def test_by_a_file_with_its_pid(host: Host) -> None:
    async def work() -> None:
        file = host.folder / "pid"
        driver, piper = host.driver(), asset("piper", pid_file=file)
        assert await see(driver, piper) == Observed(STOPPED), "there is no file yet"
        other = host.run("sh", "-c", STUBBORN + "setsid sleep 604 & " + WAIT)
        while not ignores_term(other.pid):  # the shell may not have come to its trap yet
            await asyncio.sleep(0.01)
        file.write_text(f"{other.pid}\n")
        seen = await see(driver, piper)
        assert seen.doing == RUNNING and (other.pid, start_of(other.pid)) in seen.processes
        await driver.stop(piper, 0.2)
        assert other.wait(30) == -signal.SIGKILL
        assert (await see(driver, piper)).doing == STOPPED

    asyncio.run(work())


def test_a_file_that_is_older_than_the_process_means_another(host: Host) -> None:
    async def work() -> None:
        file, other = host.folder / "pid", host.run("sleep", "600")
        file.write_text(str(other.pid))
        os.utime(file, (1_000_000_000, 1_000_000_000))
        driver, piper = host.driver(), asset("piper", pid_file=file)
        seen = await see(driver, piper)
        assert seen.doing == STOPPED and "is older than the process" in str(seen.reason)
        await driver.stop(piper, 0.1)
        assert other.poll() is None

    asyncio.run(work())


@pytest.mark.parametrize("content", ["", "x", "-1", "0", "99999999999999999999", "1.5", "\x00" * 100])
def test_a_file_that_holds_no_pid(host: Host, content: str) -> None:
    async def work() -> None:
        file = host.folder / "pid"
        file.write_text(content)
        seen = await see(host.driver(), asset("piper", pid_file=file))
        assert (seen.doing, seen.reason) == (UNKNOWN, f"{file} holds no pid")

    asyncio.run(work())


def test_files_that_are_none(host: Host) -> None:
    async def work() -> None:
        os.mkfifo(host.folder / "pipe")
        for name, reason in (("pipe", "holds no pid"), (".", "Is a directory")):
            seen = await see(host.driver(), asset("piper", pid_file=host.folder / name))
            assert seen.doing == UNKNOWN and reason in str(seen.reason)
        (host.folder / "gone").write_text(str((1 << 22) - 1))
        assert await see(host.driver(), asset("piper", pid_file=host.folder / "gone")) == Observed(STOPPED)

    asyncio.run(work())


def test_a_process_that_the_desk_may_not_signal(host: Host) -> None:
    async def work() -> None:
        other = host.run("sleep", "600")
        with tempfile.NamedTemporaryFile("w") as file:
            Path(file.name).chmod(0o644)
            file.write(str(other.pid))
            file.flush()
            await refused(Path(file.name), other.pid)
        assert other.poll() is None

    async def refused(file: Path, pid: int) -> None:
        driver, piper = host.driver(), asset("piper", pid_file=file)
        os.setresuid(65534, 65534, 0)
        try:
            with pytest.raises(DriverError, match=f"may not signal its process {pid}"):
                await driver.stop(piper, 1)
        finally:
            os.setresuid(0, 0, 0)

    asyncio.run(work())


def test_a_name_that_another_user_took_is_not_the_one(host: Host) -> None:
    async def work() -> None:
        name = own("taken")
        other = nobodys(host, "bash", "-c", f"exec -a {name} sleep 600")
        seen = await until_doing(host.driver(), asset("piper", name=name), RUNNING)
        assert {pid for pid, _ in seen.processes} == {other.pid}, "root sees those of all"
        count = Census("/proc").read((), whole=True)
        for user, members in ((NOBODY, {(other.pid, start_of(other.pid))}), (NOBODY - 1, set())):
            assert Attached("/proc", user=lambda user=user: user).by_name(count, name).members == members

    asyncio.run(work())


@pytest.mark.parametrize("link", [False, True])
def test_a_file_of_another_user_names_none_but_that_users_own(host: Host, link: bool) -> None:
    async def work() -> None:
        file, real = host.folder / "pid", host.folder / "real"
        driver, piper = host.driver(), asset("piper", pid_file=file)
        mine, other = host.run("sleep", "600"), nobodys(host, "sleep", "600")
        real.write_text(str(mine.pid))
        if link:
            file.symlink_to(real)
        else:
            real.rename(file)
        os.chown(file, NOBODY, -1, follow_symlinks=False)
        seen = await see(driver, piper)
        assert seen.doing == UNKNOWN
        assert seen.reason == f"{file} belongs to user {NOBODY}, and the process {mine.pid} that it names does not"
        with pytest.raises(DriverError, match="belongs to user"):
            await driver.stop(piper, 0.1)
        assert mine.poll() is None
        file.write_text(str(other.pid))

        async def is_nobodys() -> bool:
            return tree.user_of("/proc", other.pid) == NOBODY

        await until(is_nobodys, "a process of another user")
        assert (await see(driver, piper)).doing == RUNNING

    asyncio.run(work())
