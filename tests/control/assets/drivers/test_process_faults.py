"""What goes wrong around a process: desks and runners that die, records that lie, programs that cannot be run."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asset_full_disk
import asset_pid_reuse
import asset_processes
import pytest
from asset_processes import STUBBORN, WAIT, Host, a_host, asset, see, until, until_doing, until_there

from mixdesk_control.assets import runner
from mixdesk_control.assets.asset import RUNNING, STOPPED, Asset, Observed
from mixdesk_control.assets.drivers.driver import DriverError
from mixdesk_control.assets.drivers.process import sight as process_sight
from mixdesk_control.assets.drivers.process.driver import ProcessDriver
from mixdesk_control.assets.drivers.process.launch import spec_of
from mixdesk_control.assets.runner.run import UNHEARD

pytestmark = pytest.mark.process


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    with a_host(tmp_path) as found:
        yield found


def runner_of(host: Host, one: Asset) -> int:
    return int(host.json(one, "run.json")["runner"][0])


def test_an_asset_outlives_its_desk_and_its_exit_status_is_kept(host: Host) -> None:
    async def work() -> None:
        content = f"while [ ! -e {host.folder}/end ]; do echo on; sleep 0.05; done; exit 7"
        desk = subprocess.Popen(
            [sys.executable, asset_processes.__file__, str(host.state), content],
            stdout=subprocess.PIPE,
            env=host.env | {"PYTHONPATH": os.pathsep.join(sys.path)},
        )
        with desk:
            assert desk.stdout is not None and desk.stdout.readline() == b"started\n"
            desk.kill()
        bark, driver = asset("bark", content), host.driver()
        seen = await see(driver, bark)
        assert (seen.doing, seen.reason) == (RUNNING, None)
        await driver.start(bark)
        assert (await see(driver, bark)).instance == seen.instance, "the same run, not another one"
        size = host.file(bark, "output.log").stat().st_size

        async def prints_on() -> bool:
            return host.file(bark, "output.log").stat().st_size > size

        await until(prints_on, "more output")
        (host.folder / "end").touch()
        await until_there(host.file(bark, "exit.json"))
        assert await see(host.driver(), bark) == Observed(STOPPED, exit_code=7, reason="ended with 7")

    asyncio.run(work())


def test_without_its_runner_an_asset_is_seen_and_stopped_to_the_last_process(host: Host) -> None:
    async def work() -> None:
        away = STUBBORN + "(setsid sh -c \"trap '' TERM; (setsid sleep 603 &) ; " + WAIT + '" &) ; ' + WAIT
        driver, bark = host.driver(), asset("bark", away)
        await driver.start(bark)

        async def whole() -> Observed | None:
            seen = await see(driver, bark)
            return seen if len(seen.processes) >= 4 else None

        seen = await until(whole, "four processes")
        os.kill(runner_of(host, bark), signal.SIGKILL)

        async def orphaned() -> Observed | None:
            seen = await see(driver, bark)
            return seen if seen.reason else None

        after = await until(orphaned, "a reason")
        assert after.doing == RUNNING and "was killed" in after.reason and after.instance == seen.instance
        assert len(after.processes & seen.processes) >= 3, "the shells and the sleep that forked away"
        await driver.start(bark)
        assert (await see(driver, bark)).instance == seen.instance, "it runs, so nothing is started"
        await driver.stop(bark, 0.3)
        assert host.traced() == []
        assert await see(driver, bark) == Observed(STOPPED, reason=process_sight.LOST)
        await driver.start(bark)
        assert (await see(driver, bark)).reason is None
        await driver.stop(bark, 0.1)

    asyncio.run(work())


BLANK = """
import ctypes, os, time
if os.fork():
    time.sleep(600)
os.setsid()
words = open("/proc/self/stat").read().rpartition(")")[2].split()
begin, end = int(words[47]), int(words[48])
ctypes.memset(begin, 0, end - begin)
print(os.getpid(), flush=True)
time.sleep(600)
"""
"""A worker that writes over its environment, as one does that gives itself a title."""


def test_a_worker_without_its_mark_is_still_of_its_asset(host: Host) -> None:
    async def work() -> None:
        driver, bark = host.driver(), asset("bark", sys.executable, "-S", "-c", BLANK)
        await driver.start(bark)
        worker = int((await until_there(host.file(bark, "output.log"))).read_text())
        with ended_at_last(worker) as pidfd:
            seen = await see(driver, bark)
            assert b"MIXDESK" not in Path(f"/proc/{worker}/environ").read_bytes()
            for pid in (runner_of(host, bark), host.json(bark, "run.json")["child"][0]):
                os.kill(pid, signal.SIGKILL)
            after = await until_only(driver, bark, worker)
            assert after.doing == RUNNING and after.instance == seen.instance
            await driver.stop(bark, 10)
            assert (await see(driver, bark)).doing == STOPPED
            assert select.select([pidfd], [], [], 0)[0], "the worker has ended"

    asyncio.run(work())


@contextlib.contextmanager
def ended_at_last(pid: int) -> Iterator[int]:
    """A pidfd of it; it does not outlive the test."""
    pidfd = os.pidfd_open(pid)
    try:
        yield pidfd
    finally:
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(pidfd, signal.SIGKILL)
        os.close(pidfd)


async def until_only(driver: ProcessDriver, one: Asset, pid: int) -> Observed:
    """Its last process is this one, or none."""

    async def lone() -> Observed | None:
        seen = await see(driver, one)
        return seen if {member for member, _ in seen.processes} <= {pid} else None

    found: Observed = await until(lone, f"{one.id} with {pid} alone")
    return found


@pytest.mark.parametrize("is_heard", [True, False])
def test_a_runner_whose_desk_has_died_starts_nothing(host: Host, is_heard: bool) -> None:
    """Until then another desk sees no run, so a stop has nothing to do."""
    bark = asset("bark", "exec sleep 20")
    spec = spec_of(bark, host.env, Path("/proc"), 1 << 20)
    host.state.joinpath("bark").mkdir(parents=True)
    heard, answer = os.pipe()
    if not is_heard:
        os.close(heard)
    program = [sys.executable, "-I", "-S", str(Path(runner.__file__).parent / "__main__.py"), str(host.state / "bark")]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=answer) as started:
        os.close(answer)
        assert started.stdin is not None
        started.stdin.write(json.dumps(spec).encode())
        started.stdin.close()
        if is_heard:
            assert json.loads(os.read(heard, 4096)) == {"error": None}
            os.close(heard)
            started.terminate()
        assert started.wait(60) == 0
    seen = asyncio.run(see(host.driver(), bark))
    assert (seen.doing, seen.exit_code) == (STOPPED, -15 if is_heard else None)
    assert seen.reason == (None if is_heard else f"it could not be started: {UNHEARD}")


def test_an_end_without_a_runner_is_not_known(host: Host) -> None:
    async def work() -> None:
        driver, bark = host.driver(), asset("bark", "exec sleep 600")
        await driver.start(bark)
        os.kill(runner_of(host, bark), signal.SIGKILL)
        os.kill(host.json(bark, "run.json")["child"][0], signal.SIGKILL)
        assert await until_doing(driver, bark, STOPPED) == Observed(STOPPED, reason=process_sight.LOST)

    asyncio.run(work())


def test_a_halted_runner_is_made_to_stop_its_asset(host: Host) -> None:
    async def work() -> None:
        driver, bark = host.driver(), asset("bark", "exec sleep 600")
        await driver.start(bark)
        os.kill(runner_of(host, bark), signal.SIGSTOP)
        await driver.stop(bark, 10)
        assert await see(driver, bark) == Observed(STOPPED, exit_code=-15)

    asyncio.run(work())


def test_one_whose_halted_runner_cannot_say_how_it_ended_has_ended_all_the_same(host: Host) -> None:
    async def work() -> None:
        driver, bark = host.driver(), asset("bark", "exec sleep 600")
        await driver.start(bark)
        runner = runner_of(host, bark)
        os.kill(runner, signal.SIGSTOP)
        os.kill(host.json(bark, "run.json")["child"][0], signal.SIGKILL)
        assert await until_doing(driver, bark, STOPPED) == Observed(STOPPED, reason=process_sight.UNWRITTEN)
        with pytest.raises(DriverError, match="has not ended yet"):
            await driver.start(bark)
        os.kill(runner, signal.SIGCONT)
        await until_there(host.file(bark, "exit.json"))
        assert (await see(driver, bark)).exit_code == -9
        await driver.start(bark)
        await driver.stop(bark, 10)

    asyncio.run(work())


def test_a_halted_program_is_killed(host: Host) -> None:
    async def work() -> None:
        driver, bark = host.driver(), asset("bark", "exec sleep 600")
        await driver.start(bark)
        os.kill(host.json(bark, "run.json")["child"][0], signal.SIGSTOP)
        await driver.stop(bark, 0.2)
        assert (await see(driver, bark)).doing == STOPPED and host.traced() == []

    asyncio.run(work())


def unrunnable(folder: Path) -> Iterator[tuple[str, tuple[str, ...], dict[str, Any], str]]:
    script = folder / "script"
    script.write_text("#!/no/such/interpreter\n")
    script.chmod(0o755)
    (folder / "plain").write_text("no program")
    yield "absent", ("no-such-program-anywhere", "x"), {}, "there is no program no-such-program-anywhere in PATH"
    yield "path", ("/no/such/program", "x"), {}, "the program /no/such/program: No such file or directory"
    yield "folder", (str(folder), "x"), {}, "Permission denied"
    yield "plain", (str(folder / "plain"), "x"), {}, "Permission denied"
    yield "script", (str(script), "x"), {}, "or the interpreter that it names"
    yield "cwd", ("sleep", "600"), {"cwd": folder / "nowhere"}, f"the folder {folder}/nowhere: No such file"
    yield "huge", ("sleep", "x" * (1 << 20)), {}, "Argument list too long"


def test_what_cannot_be_run_says_so(host: Host) -> None:
    async def refused(one: Asset, text: str) -> None:
        driver = host.driver()
        with pytest.raises(DriverError) as error:
            await driver.start(one)
        assert text in str(error.value) and "\n" not in str(error.value)
        seen = await see(driver, one)
        assert seen.doing == STOPPED
        if one.id != "absent":
            assert seen.reason is not None and text in seen.reason
        await driver.stop(one, 1)

    async def work() -> None:
        cases = list(unrunnable(host.folder))
        await asyncio.gather(*(refused(asset(name, *argv, **more), text) for name, argv, more, text in cases))
        runs = asset("folder", "exec sleep 600")
        driver = host.driver()
        await driver.start(runs)
        assert (await see(driver, runs)).reason is None, "what was wrong is forgotten"
        await driver.stop(runs, 10)

    asyncio.run(work())


def test_a_very_long_command_line_runs(host: Host) -> None:
    async def work() -> None:
        words = ["w" * 100_000] * 15
        driver, bark = host.driver(), asset("bark", "sh", "-c", "echo $#; exec sleep 600", *words)
        await driver.start(bark)
        assert await anext(driver.lines(bark)) == "14"
        await driver.stop(bark, 10)

    asyncio.run(work())


def test_a_folder_that_cannot_be_made(host: Host) -> None:
    async def work() -> None:
        host.state.write_text("a file where a folder should be")
        driver, bark = host.driver(), asset("bark", "exec sleep 600")
        with pytest.raises(DriverError, match="assets"):
            await driver.start(bark)
        seen = await see(driver, bark)
        assert seen.doing == STOPPED and "Not a directory" in str(seen.reason)
        await driver.stop(bark, 1)

    asyncio.run(work())


@pytest.mark.parametrize("content", ["", "{", "[]", '{"instance": 1}', "\x00" * 100, '{"runner": [1]}'])
def test_a_record_that_cannot_be_read(host: Host, content: str) -> None:
    async def work() -> None:
        driver, bark = host.driver(), asset("bark", "exec sleep 600")
        await driver.start(bark)
        child = host.json(bark, "run.json")["child"][0]
        host.put(bark, "run.json", content)
        host.put(bark, "exit.json", content)
        seen = await see(driver, bark)
        assert seen.doing == RUNNING and "holds no record" in str(seen.reason), "its runner is known from its lock"
        assert {pid for pid, _ in seen.processes} == {child}
        await driver.start(bark)
        assert {pid for pid, _ in (await see(driver, bark)).processes} == {child}
        await driver.stop(bark, 10)
        assert host.traced() == []
        seen = await see(driver, bark)
        assert seen.doing == STOPPED and "run.json holds no record" in str(seen.reason)
        await driver.start(bark)
        seen = await see(driver, bark)
        assert (seen.doing, seen.reason) == (RUNNING, None), "a new run, a new record"
        await driver.stop(bark, 10)

    asyncio.run(work())


def a_run(pid: int, start: int, boot_id: str, instance: str = "i") -> dict[str, Any]:
    return {
        "instance": instance,
        "boot_id": boot_id,
        "runner": [pid, start],
        "child": [pid, start],
        "started_at": 1.0,
        "argv": ["sleep"],
        "output_from": 0,
    }


def test_a_pid_that_is_another_processes_now(host: Host) -> None:
    async def work() -> None:
        other = host.run("sleep", "600")
        start = int(Path(f"/proc/{other.pid}/stat").read_text().rpartition(")")[2].split()[19])
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        driver, bark = host.driver(), asset("bark", "exec sleep 600")
        for record, reason in (
            (a_run(other.pid, start - 1, boot), process_sight.LOST),
            (a_run(other.pid, start, "another boot"), process_sight.REBOOTED),
        ):
            host.put(bark, "run.json", record)
            assert await see(driver, bark) == Observed(STOPPED, reason=reason)
            await driver.stop(bark, 0.1)
            assert other.poll() is None
        await driver.start(bark)
        await driver.stop(bark, 10)
        assert other.poll() is None

    asyncio.run(work())


def test_a_pid_that_the_kernel_gives_again() -> None:
    command = ["unshare", "--pid", "--fork", "--mount-proc", sys.executable, asset_pid_reuse.__file__]
    env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout == "reused\nnot signalled\nseen\n"


def test_the_desk_itself_is_never_stopped(host: Host) -> None:
    async def work() -> None:
        (host.folder / "pid").write_text(str(os.getpid()))
        (host.folder / "parent").write_text(str(os.getppid()))
        for name in ("pid", "parent"):
            with pytest.raises(DriverError, match="the desk itself is among its processes"):
                await host.driver().stop(asset("bark", pid_file=host.folder / name), 0.1)

    asyncio.run(work())


FULL_DISK = """
mount -t tmpfs -o size=128k none "$2" && "$1" "$3" "$2"
"""


def test_a_full_disk_costs_neither_the_exit_status_nor_the_stop(tmp_path: Path) -> None:
    command = ["unshare", "--mount", "--propagation", "private", "sh", "-c", FULL_DISK, "sh"]
    env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    arguments = [sys.executable, str(tmp_path), asset_full_disk.__file__]
    done = subprocess.run([*command, *arguments], env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines() == [
        "crashed: -9 was killed by SIGKILL",
        "refused: No space left on device",
        "stopped: -15 None",
    ]


def test_a_flood_of_output_fills_no_disk(host: Host) -> None:
    bound = 1 << 20

    async def work() -> None:
        driver, bark = host.driver(log_bound=bound), asset("bark", "exec yes a-line-of-thirty-two-characters")
        await driver.start(bark)
        log, older = host.file(bark, "output.log"), host.file(bark, "output.log.1")
        turns: set[int] = set()

        async def cut_often() -> bool:
            with contextlib.suppress(FileNotFoundError):
                turns.add(older.stat().st_mtime_ns)
            return len(turns) > 5

        lines = driver.lines(bark)
        await until(cut_often, "cuts")
        for _ in range(1000):
            # The first after a cut may be the rest of one.
            assert "a-line-of-thirty-two-characters".endswith(await anext(lines))
        await driver.stop(bark, 10)
        assert (await see(driver, bark)).exit_code == -15
        assert log.stat().st_size <= bound and older.stat().st_size <= 2 * bound

    asyncio.run(work())


def test_a_swarm_that_forks_without_end_is_killed(host: Host) -> None:
    async def work() -> None:
        swarm = STUBBORN + "n() { sleep 0.01; n & }; n; n & n & n & " + WAIT
        driver, bark = host.driver(), asset("bark", swarm)
        await driver.start(bark)
        await asyncio.sleep(0.3)
        await driver.stop(bark, 0.1)
        assert host.traced() == []

    asyncio.run(work())
