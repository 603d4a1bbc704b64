"""What a look makes of a run whose processes come and go while it reads, from files as the kernel writes them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from asset_processes import asset

from mixdesk_control.assets.asset import RUNNING, STOPPED
from mixdesk_control.assets.drivers.process import sight
from mixdesk_control.assets.drivers.process.attached import Attached
from mixdesk_control.assets.drivers.process.census import Census
from mixdesk_control.assets.drivers.process.eyes import Eyes
from mixdesk_control.assets.drivers.process.sight import Sight

INIT, RUNNER, CHILD, WORKER, STRANGER = 1, 10, 11, 12, 30
BARK = asset("bark", "sleep", "600")
RUN = {
    "instance": "i",
    "boot_id": "this boot",
    "runner": [RUNNER, RUNNER],
    "child": [CHILD, CHILD],
    "started_at": 1.0,
    "output_from": 0,
}


class Proc:
    """A `/proc` of which a test says who is in it; the start of each is its pid."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        boot = folder / "sys/kernel/random/boot_id"
        boot.parent.mkdir(parents=True)
        boot.write_text("this boot\n")

    def put(self, pid: int, parent: int, *, start: int | None = None) -> None:
        (self.folder / str(pid)).mkdir(exist_ok=True)
        fields = f"0 0 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 {start or pid} 0 0 0"
        (self.folder / str(pid) / "stat").write_text(f"{pid} (a) S {parent} {fields}\n")

    def end(self, *pids: int) -> None:
        for pid in pids:
            shutil.rmtree(self.folder / str(pid))


@pytest.fixture
def proc(tmp_path: Path) -> Proc:
    """A runner, its program and a worker of that, which has no mark."""
    made = Proc(tmp_path / "proc")
    for pid, parent in ((INIT, 0), (RUNNER, INIT), (CHILD, RUNNER), (WORKER, CHILD), (STRANGER, INIT)):
        made.put(pid, parent)
    return made


@pytest.fixture
def eyes(proc: Proc, tmp_path: Path) -> Eyes:
    (tmp_path / "assets/bark").mkdir(parents=True)
    (tmp_path / "assets/bark/run.json").write_text(json.dumps(RUN))
    return Eyes(tmp_path / "assets", proc.folder, Attached(str(proc.folder)))


def look(eyes: Eyes) -> Sight:
    return eyes.look([BARK])["bark"]


def pids(seen: Sight) -> set[int]:
    return {pid for pid, _ in seen.members}


def test_a_runner_killed_while_a_look_reads_takes_nobody_with_it(eyes: Eyes, proc: Proc) -> None:
    """It was read while it lived, its program was gone by then, and the worker stands below another already."""
    assert pids(look(eyes)) == {CHILD, WORKER}
    proc.end(CHILD)
    proc.put(WORKER, INIT)
    seen = look(eyes)
    assert (seen.doing, pids(seen)) == (RUNNING, {WORKER})
    proc.end(RUNNER)
    seen = look(eyes)
    assert (seen.doing, pids(seen)) == (RUNNING, {WORKER})
    assert seen.reason is not None and "was killed" in seen.reason


def test_who_stands_below_another_is_watched_with_all_that_it_bears(eyes: Eyes, proc: Proc) -> None:
    look(eyes)
    proc.put(WORKER, INIT)
    look(eyes)
    proc.put(13, WORKER)
    assert pids(look(eyes)) == {CHILD, WORKER, 13}
    proc.end(WORKER)
    proc.put(13, INIT)
    assert pids(look(eyes)) == {CHILD, 13}


def test_one_whose_parent_ended_while_a_look_read_is_still_of_its_asset(eyes: Eyes, proc: Proc) -> None:
    look(eyes)
    proc.end(CHILD)
    assert pids(look(eyes)) == {WORKER}, "below one that is not there any more"


def test_another_process_with_the_pid_of_one_that_ended_is_a_stranger(eyes: Eyes, proc: Proc) -> None:
    look(eyes)
    proc.end(WORKER)
    proc.put(WORKER, INIT, start=99)
    assert pids(look(eyes)) == {CHILD}
    proc.end(RUNNER, CHILD)
    seen = look(eyes)
    assert (seen.doing, seen.reason) == (STOPPED, sight.LOST)


def test_a_boot_that_cannot_be_told_is_no_other_boot(eyes: Eyes, proc: Proc) -> None:
    (proc.folder / "sys/kernel/random/boot_id").unlink()
    assert look(eyes).doing == RUNNING
    (proc.folder / "sys/kernel/random/boot_id").write_text("another boot\n")
    seen = look(eyes)
    assert (seen.doing, seen.reason) == (STOPPED, sight.REBOOTED)


def test_a_program_that_is_just_taking_a_process_over_is_known_by_its_name_a_moment_later(proc: Proc) -> None:
    """Its new name stands in `stat` before its command line can be read."""
    found, (command, name) = Attached(str(proc.folder)), (proc.folder / f"{STRANGER}/cmdline", "piper")
    command.write_bytes(b"")
    assert found.by_name(Census(str(proc.folder)).read((), whole=True), name).doing == STOPPED
    command.write_bytes(b"/opt/piper\0--port\0")
    assert pids(found.by_name(Census(str(proc.folder)).read((), whole=True), name)) == {STRANGER}
