"""Processes that the desk starts: from start to stop, and what is seen of them in between."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvloop
from asset_processes import STUBBORN, WAIT, Host, a_host, asset, see, until, until_doing, until_there
from torture import chance, times

from mixdesk_control.assets.asset import RUNNING, STOPPED, Asset, Observed
from mixdesk_control.assets.drivers.driver import DriverError

pytestmark = pytest.mark.process


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    with a_host(tmp_path) as found:
        yield found


def pids(seen: Observed) -> set[int]:
    return {pid for pid, _ in seen.processes}


def test_starts_runs_and_stops(host: Host) -> None:
    async def work() -> None:
        driver, bark = host.driver(), asset("bark", "exec sleep 600")
        assert await see(driver, bark) == Observed(STOPPED), "it never ran"
        await driver.start(bark)
        seen = await see(driver, bark)
        assert (seen.doing, seen.reason, seen.exit_code) == (RUNNING, None, None)
        assert seen.instance == host.json(bark, "run.json")["instance"]
        assert seen.processes == {tuple(host.json(bark, "run.json")["child"])}, "its own process, not the runner"
        await driver.start(bark)
        assert await see(driver, bark) == seen, "one that runs is not started again"
        await driver.stop(bark, 10)
        assert not pids(seen) & set(host.traced())
        assert await see(driver, bark) == Observed(STOPPED, exit_code=-15)
        await driver.stop(bark, 10)
        await driver.start(bark)
        assert (await see(driver, bark)).instance not in (None, seen.instance)
        await driver.stop(bark, 10)
        assert (host.state / "bark").stat().st_mode & 0o777 == 0o700

    asyncio.run(work())


@pytest.mark.parametrize(
    ("content", "code", "reason"),
    [
        ("exit 0", 0, None),
        ("exit 3", 3, "ended with 3"),
        ("kill -SEGV $$", -11, "was killed by SIGSEGV"),
        ("kill -KILL $$", -9, "was killed by SIGKILL"),
    ],
)
def test_how_it_ends_by_itself(host: Host, content: str, code: int, reason: str | None) -> None:
    async def work() -> None:
        driver, bark = host.driver(), asset("bark", content)
        await driver.start(bark)
        assert await until_doing(driver, bark, STOPPED) == Observed(STOPPED, exit_code=code, reason=reason)
        again = host.driver()
        assert await see(again, bark) == Observed(STOPPED, exit_code=code, reason=reason), "any desk finds it"

    asyncio.run(work())


def test_one_that_ignores_the_request_is_killed_after_the_grace(host: Host) -> None:
    async def work() -> None:
        driver, bark = host.driver(), asset("bark", STUBBORN + "echo ready; " + WAIT)
        await driver.start(bark)
        await until_there(host.file(bark, "output.log"))
        await driver.stop(bark, 0.3)
        assert (await see(driver, bark)).exit_code == -9

    asyncio.run(work())


def test_the_grace_of_the_stop_counts_not_that_of_the_start(host: Host) -> None:
    async def work() -> None:
        slow = "trap 'sleep 0.5; exit 5' TERM; echo ready; " + WAIT
        driver, bark = host.driver(), asset("bark", slow, stop_grace_s=0.05)
        await driver.start(bark)
        await until_there(host.file(bark, "output.log"))
        await driver.stop(bark, 60)
        assert (await see(driver, bark)).exit_code == 5

    asyncio.run(work())


def test_what_forks_away_is_still_of_it(host: Host) -> None:
    async def work() -> None:
        away = "setsid sh -c \"trap '' TERM; (setsid sleep 601 &) ; " + WAIT + '" & echo ready; ' + WAIT
        driver, bark = host.driver(), asset("bark", away)
        await driver.start(bark)

        async def all_there() -> bool:
            # The program, what it left, what that left, and their sleeps.
            return len((await see(driver, bark)).processes) >= 4

        await until(all_there, "four processes")
        await driver.stop(bark, 0.3)
        assert host.traced() == []

    asyncio.run(work())


def test_a_program_that_ends_well_may_leave_others_that_go_on(host: Host) -> None:
    async def work() -> None:
        driver, bark = host.driver(), asset("bark", "setsid sleep 602 & exit 0")
        await driver.start(bark)

        async def alone() -> Observed | None:
            seen = await see(driver, bark)
            return seen if seen.reason else None

        seen = await until(alone, "a reason")
        assert seen.doing == RUNNING and "left processes behind" in seen.reason and len(seen.processes) == 1
        await driver.stop(bark, 10)
        assert await see(driver, bark) == Observed(STOPPED, exit_code=0)

    asyncio.run(work())


def test_what_a_failed_program_leaves_is_ended(host: Host) -> None:
    async def work() -> None:
        left = "setsid sh -c \"trap '' TERM; echo ready; " + WAIT + '" & sleep 0.5; exit 3'
        driver, bark = host.driver(), asset("bark", left, stop_grace_s=0.3)
        await driver.start(bark)
        assert await until_doing(driver, bark, STOPPED) == Observed(STOPPED, exit_code=3, reason="ended with 3")
        assert [pid for pid in host.traced() if "sh" in Path(f"/proc/{pid}/comm").read_text()] == []

    asyncio.run(work())


def test_environment_folder_and_arguments_arrive_as_they_are(host: Host) -> None:
    odd = ["a b", "'\"$HOME`;&", "zwei\nZeilen", "ünïcödé 猫", "\udcff raw"]

    async def work() -> None:
        code = "import os,sys,json; print(json.dumps([sys.argv[1:], dict(os.environ), os.getcwd()]), flush=True)"
        env = {"TOKEN": "a-secret-that-stays-off-the-disk", "ODD": odd[3]}
        bark = asset("bark", "python3", "-S", "-c", code, *odd, env=env, cwd=host.folder, gpus=(1, "GPU-abc"))
        driver = host.driver()
        await driver.start(bark)
        line = await anext(driver.lines(bark))
        arguments, environ, cwd = json.loads(line)
        assert (arguments, cwd) == (odd, str(host.folder))
        assert environ["ODD"] == odd[3] and environ["CUDA_VISIBLE_DEVICES"] == "1,GPU-abc"
        assert environ["CUDA_DEVICE_ORDER"] == "PCI_BUS_ID" and "MIXDESK_JOB" not in environ
        await until_doing(driver, bark, STOPPED)
        kept = [path for path in host.state.rglob("*") if path.name != "output.log" and path.is_file()]
        assert kept and not [path for path in kept if b"a-secret" in path.read_bytes()]

    asyncio.run(work())


def test_the_program_inherits_nothing_of_the_desk(host: Host) -> None:
    async def work() -> None:
        code = (
            "import os,signal; print(sorted(os.listdir('/proc/self/fd')), signal.pthread_sigmask(0, ()), "
            "signal.getsignal(signal.SIGPIPE) is signal.SIG_IGN, os.getsid(0) == os.getpid(), "
            "os.readlink('/proc/self/fd/0'), "
            "[n for n in signal.valid_signals() if signal.getsignal(n) is signal.SIG_IGN])"
        )
        bark, driver = asset("bark", "python3", "-S", "-c", code), host.driver()
        with (host.folder / "open").open("w") as file:
            os.set_inheritable(file.fileno(), True)
            await driver.start(bark)
        line = await anext(driver.lines(bark))
        # 3 is the listing itself; Python alone ignores PIPE and XFSZ.
        ignored = [signal.SIGPIPE, signal.SIGXFSZ]
        assert line == f"['0', '1', '2', '3'] set() True True /dev/null {ignored}", line
        await until_doing(driver, bark, STOPPED)

    asyncio.run(work())


async def follow_ends(host: Host) -> None:
    driver, bark = host.driver(), asset("bark", "exec sleep 600")
    told: asyncio.Queue[list[str]] = asyncio.Queue()
    task = asyncio.create_task(
        driver.follow(lambda: [bark], lambda changed: told.put_nowait([one.id for one in changed]))
    )
    for _ in range(2):
        await driver.start(bark)
        child = host.json(bark, "run.json")["child"][0]
        await asyncio.sleep(0.1)
        assert told.empty()
        os.kill(child, 9)  # nobody observes: only the process itself can tell
        assert await asyncio.wait_for(told.get(), 60) == ["bark"]
        assert (await see(driver, bark)).exit_code == -9, "its end was on record before it was told"
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await driver.close()


@pytest.mark.parametrize("factory", [None, uvloop.new_event_loop])
def test_an_end_is_told_as_it_happens(host: Host, factory: Any) -> None:
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(follow_ends(host))


def test_usage_is_that_of_the_whole_tree(host: Host) -> None:
    async def work() -> None:
        code = "x = bytearray(64 << 20); print('ready', flush=True)\nwhile True: pass"
        busy = asset("busy", f'setsid python3 -S -c "{code}" & ' + WAIT)
        quiet, absent = asset("quiet", "exec sleep 600"), asset("absent", "exit 0")
        driver = host.driver()
        await asyncio.gather(driver.start(busy), driver.start(quiet))
        await until_there(host.file(busy, "output.log"))
        await driver.observe([busy, quiet, absent])
        first = await driver.usage([busy, quiet, absent])
        assert set(first) == {"busy", "quiet"} and first["busy"].cpu_ratio is None

        async def counted() -> bool:
            return ((await driver.usage([busy]))["busy"].cpu_ratio or 0) > 0

        await until(counted, "CPU time")
        assert (first["busy"].memory or 0) > 64 << 20 > 8 << 20 > (first["quiet"].memory or 0) > 0
        await asyncio.gather(driver.stop(busy, 10), driver.stop(quiet, 10))

    asyncio.run(work())


def test_two_starts_at_once_are_one_process(host: Host) -> None:
    async def work() -> None:
        bark = asset("bark", "echo $$ >> pids; exec sleep 600", cwd=host.folder)
        one, other = host.driver(), host.driver()
        await asyncio.gather(*(driver.start(bark) for driver in (one, one, other, other)))
        await until_there(host.folder / "pids")
        assert await see(one, bark) == await see(other, bark)
        assert len((host.folder / "pids").read_text().split()) == 1
        await one.stop(bark, 10)

    asyncio.run(work())


def test_the_last_of_starts_and_stops_at_once_decides(host: Host) -> None:
    random = chance()

    async def once(driver: Any, bark: Asset) -> None:
        asked = [random.choice(("start", "stop")) for _ in range(3)]
        actions = [driver.start(bark) if what == "start" else driver.stop(bark, 10) for what in asked]
        await asyncio.gather(*actions)
        assert (await see(driver, bark)).doing == (RUNNING if asked[-1] == "start" else STOPPED), asked

    async def work() -> None:
        driver, bark = host.driver(), asset("bark", "exec sleep 600")
        for _ in range(times(100, 3)):
            await once(driver, bark)
        await driver.stop(bark, 10)

    asyncio.run(work())


def test_no_look_is_older_than_what_was_done_meanwhile(host: Host) -> None:
    async def work() -> None:
        driver, bark = host.driver(), asset("bark", "exec sleep 600")
        for action, doing in ((driver.start(bark), RUNNING), (driver.stop(bark, 10), STOPPED)):
            task = asyncio.create_task(action)
            looks: list[Observed] = []
            while not task.done():
                looks.append(await see(driver, bark))
            await task
            assert looks[-1].doing == doing

    asyncio.run(work())


def test_a_start_whose_caller_goes_away_is_finished(host: Host) -> None:
    async def work() -> None:
        driver, bark = host.driver(), asset("bark", "exec sleep 600")
        for delay in (0.0, 0.005, 0.02):
            task = asyncio.create_task(driver.start(bark))
            await asyncio.sleep(delay)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await driver.stop(bark, 10)
            assert host.traced() == []
        await driver.close()

    asyncio.run(work())


def test_an_attached_one_is_never_started(host: Host) -> None:
    async def work() -> None:
        with pytest.raises(DriverError, match="started by others"):
            await host.driver().start(asset("bark", name="piper"))
        with pytest.raises(DriverError, match="not in the desk's hands"):
            host.driver().lines(asset("bark", name="piper"))

    asyncio.run(work())
