"""The parts of the process driver and its runner on their own: bounded output, records, counts, usage."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pages
import pytest
from asset_processes import asset, see

from mixdesk_control.assets.asset import RUNNING, Observed
from mixdesk_control.assets.drivers.driver import DriverError
from mixdesk_control.assets.drivers.process import launch as launching
from mixdesk_control.assets.drivers.process import sight as process_sight
from mixdesk_control.assets.drivers.process.census import Census
from mixdesk_control.assets.drivers.process.driver import ProcessDriver
from mixdesk_control.assets.drivers.process.output import Tail
from mixdesk_control.assets.drivers.process.records import End
from mixdesk_control.assets.drivers.process.usage import memory_in
from mixdesk_control.assets.runner import files, tree
from mixdesk_control.assets.runner.memory import EVERY_S, Ooms
from mixdesk_control.assets.runner.output import Output


def test_a_tail_goes_on_where_the_file_is_cut_or_another(tmp_path: Path) -> None:
    path = tmp_path / "output.log"
    tail = Tail(path, 0)
    assert tail.read() == []
    path.write_text("one\ntw")
    assert tail.read() == ["one"]
    with path.open("a") as file:
        file.write("o\n")
    assert tail.read() == ["two"]
    path.write_text("3\n")
    assert tail.read() == ["3"], "shorter: it was cut"
    (tmp_path / "output.log.1").write_text("3\n")
    path.write_text("a longer line than was ever there\n")
    assert tail.read() == ["a longer line than was ever there"], "cut, and grown past the old place"
    path.rename(tmp_path / "moved")
    path.write_text("new file, long enough to hide that it is another one\n")
    assert tail.read() == ["new file, long enough to hide that it is another one"]
    path.unlink()
    path.mkdir()
    assert tail.read() == []


def test_a_tail_begins_where_its_run_began(tmp_path: Path) -> None:
    path = tmp_path / "output.log"
    path.write_text("of the run before\nof this run\n")
    assert Tail(path, len("of the run before\n")).read() == ["of this run"]


def test_output_keeps_its_newest_half_and_cuts_the_file_under_the_writer(tmp_path: Path) -> None:
    output = Output(str(tmp_path / "output.log"), 1000)
    os.write(output.fd, b"x" * 1000)
    assert not output.keep(), "as large as it may be"
    os.write(output.fd, b"y" * 400)
    assert output.keep() and output.size == 0
    assert (tmp_path / "output.log.1").read_bytes() == b"x" * 100 + b"y" * 400
    os.write(output.fd, b"after")
    assert (tmp_path / "output.log").read_bytes() == b"after", "no hole: the writer appends"
    os.close(output.fd)
    os.close(output._own)


def test_output_is_looked_at_more_often_the_faster_it_grows(tmp_path: Path) -> None:
    output = Output(str(tmp_path / "output.log"), 1000)
    calm = output.interval
    os.write(output.fd, b"x" * 500)
    output.keep()
    hurried = output.interval
    assert hurried < calm
    for _ in range(10):
        output.keep()
    assert output.interval == calm
    os.close(output.fd)
    os.close(output._own)


def test_output_holds_its_bound_where_the_rest_cannot_be_kept(tmp_path: Path) -> None:
    output = Output(str(tmp_path / "output.log"), 1000)
    (tmp_path / "output.log.1.new").mkdir()
    os.write(output.fd, b"x" * 1001)
    assert output.keep() and output.size == 0
    os.close(output.fd)
    os.close(output._own)


def host_tree(folder: Path, group: str, kills: int, *, vmstat: int = 0) -> None:
    (folder / "proc/self").mkdir(parents=True, exist_ok=True)
    (folder / "proc/self/cgroup").write_text(f"1:cpu:/other\n0::{group}\n")
    (folder / "proc/vmstat").write_text(f"nr_free_pages 1\noom_kill {vmstat}\n")
    if group != "/":
        events = folder / f"sys/fs/cgroup{group}/memory.events"
        events.parent.mkdir(parents=True, exist_ok=True)
        events.write_text(f"low 0\noom 9\noom_kill {kills}\noom_group_kill 0\n")


def test_a_kill_for_want_of_memory_is_told_by_the_group_or_the_host(tmp_path: Path) -> None:
    now = [0.0]
    for group in ("/app.slice", "/"):
        host_tree(tmp_path, group, 3, vmstat=5)
        ooms = Ooms(str(tmp_path / "proc"), str(tmp_path / "sys"), lambda: now[0])
        assert not ooms.grew()
        host_tree(tmp_path, group, 4, vmstat=5 if group != "/" else 6)
        assert ooms.grew()
        ooms.look()
        assert ooms.grew(), "not so soon"
        now[0] += EVERY_S
        ooms.look()
        assert not ooms.grew(), "it was somebody else, some time ago"


def test_words_for_ends() -> None:
    assert process_sight.end_words(End("i", code=-9, oom=True)) == "killed for want of memory"
    assert process_sight.end_words(End("i", code=-9, asked=True)) is None
    assert process_sight.end_words(End("i", error="no")) == "it could not be started: no"
    assert process_sight.ended_words(-64) == "was killed by SIGRTMAX"
    assert process_sight.ended_words(-63) == "was killed by signal 63"


def test_a_stat_line_with_anything_in_its_name() -> None:
    fields = "R 1 2 3 0 -1 0 0 0 0 0 7 5 0 0 20 0 4 0 12345 1 1"
    stat = tree.parse(f"77 (a) (b) R 9\n) {fields}".encode())
    assert stat is not None
    assert (stat.identity, stat.parent, stat.cpu, stat.threads) == ((77, 12345), 1, 12, 4)
    assert stat.name == b"a) (b) R 9\n"
    for content in (b"", b"77", b"77 (a) R 1", b"x (a) " + fields.encode()):
        assert tree.parse(content) is None


def test_one_whose_first_thread_ended_is_not_dead() -> None:
    for threads, dead in ((1, True), (3, False)):
        stat = tree.parse(f"7 (a) Z 1 2 3 0 -1 0 0 0 0 0 7 5 0 0 20 0 {threads} 0 1 1 1".encode())
        assert stat is not None and stat.is_dead is dead


def test_below_survives_a_circle() -> None:
    assert tree.below({1: [2], 2: [3], 3: [2, 1]}, (1,)) == {2, 3}


@pytest.mark.process
def test_a_count_reads_strangers_once_and_its_own_each_time() -> None:
    census = Census("/proc")
    with a_sleeper() as child:
        assert child in census.read((os.getpid(),)).stats
        again = census.read((os.getpid(),)).stats
        assert {os.getpid(), child} <= set(again) and 1 not in again
        assert 1 not in census.read((os.getpid(), child)).stats, "who is read anyway may be a root too"
        assert 1 in census.read((os.getpid(), 1)).stats, "a stranger as a root: all are read"
        assert 1 in census.read((os.getpid(),), whole=True).stats


@contextlib.contextmanager
def a_sleeper() -> Iterator[int]:
    """The pid of a process that does not outlive the test."""
    with subprocess.Popen(["sleep", "600"]) as child:
        try:
            yield child.pid
        finally:
            child.kill()


def test_a_whole_proc_that_is_gone_is_unknown(tmp_path: Path) -> None:
    driver = ProcessDriver(tmp_path / "assets", procfs=tmp_path / "none")
    seen = asyncio.run(see(driver, asset("bark", "x", "y")))
    assert seen == Observed("unknown", reason=f"{tmp_path}/none cannot be read: No such file or directory")


def test_memory_of_a_status_file() -> None:
    assert memory_in(b"Name:\tx\nVmRSS:\t 900 kB\nRssAnon:\t 10 kB\nRssFile:\t 5 kB\nRssShmem:\t 3 kB\n") == (
        10240,
        3072,
    )
    assert memory_in(b"Name:\tkthreadd\nThreads:\t1\n") is None
    assert memory_in(b"") is None


def test_the_environment_of_an_asset() -> None:
    desk = {
        "PATH": "/bin",
        "MIXDESK_AUTH__TOKEN": "x",
        "MIXDESK_STATE_DIR": "/s",
        "CUDA_VISIBLE_DEVICES": "7",
        "LANG": "C",
    }
    desk |= {"OTEL_EXPORTER_OTLP_HEADERS": "x", "PGPASSWORD": "x", "CREDENTIALS_DIRECTORY": "/x", "NOTIFY_SOCKET": "/x"}
    assert launching.environ(asset("a", "x", "y", env={"LANG": "de"}), desk) == {
        "PATH": "/bin",
        "CUDA_VISIBLE_DEVICES": "7",
        "LANG": "de",
        "MIXDESK_STATE_DIR": "/s",
        "MIXDESK_CAPTURE_OUTPUT": "1",
    }
    off = launching.environ(asset("a", "x", "y", env={"MIXDESK_CAPTURE_OUTPUT": "0"}), desk)
    assert off["MIXDESK_CAPTURE_OUTPUT"] == "0"
    own = launching.environ(asset("a", "x", "y", gpus=(0, 2), env={"CUDA_VISIBLE_DEVICES": "1"}), desk)
    assert own["CUDA_VISIBLE_DEVICES"] == "1" and own["CUDA_DEVICE_ORDER"] == "PCI_BUS_ID"


def test_what_is_not_handed_on_is_in_the_manual() -> None:
    hidden = {f"{prefix}..." for prefix in launching.HIDDEN} | launching.SECRET | launching.OF_SERVICE
    page = pages.page("security")
    assert not [name for name in hidden if f"`{name}`" not in page]


def test_keys_and_what_no_process_can_be() -> None:
    driver = ProcessDriver(Path("/nowhere"))
    assert driver.key(asset("a", "x", "y")) != driver.key(asset("b", "x", "y"))
    assert driver.key(asset("a", name="ollama")) == driver.key(asset("b", name="ollama")) == "process named ollama"
    assert driver.key(asset("a", pid_file=Path("/run/x.pid"))) == "process of /run/x.pid"
    for wrong, text in (
        (asset("a", "", "x"), "is empty"),
        (asset("a", "x", "a\0b"), "zero byte"),
        (asset("a", "x", "y", env={"A=B": ""}), "cannot be the name"),
        (asset("a", "x", "y", env={"A": "\0"}), "zero byte"),
        (asset("a", "x", "y", env={"MIXDESK_ASSET_RUN": "1"}), "is the desk's own"),
        (asset("a", name="/usr/bin/x"), "without its folder"),
    ):
        with pytest.raises(ValueError, match=text):
            driver.key(wrong)


def test_a_record_is_whole_or_not_there(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    assert files.read(str(path)) is None
    files.write(str(path), {"a": "ä"})
    assert files.read(str(path)) == {"a": "ä"} and path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(TypeError):
        files.write(str(path), {"a": object()})
    assert files.read(str(path)) == {"a": "ä"}
    path.with_name("run.json.new").unlink()
    path.with_name("run.json.new").mkdir()
    with pytest.raises(OSError, match=r"run\.json\.new"):
        files.write(str(path), {})
    assert files.read(str(path)) == {"a": "ä"}


@pytest.mark.process
def test_one_that_cannot_be_killed_is_named(tmp_path: Path) -> None:
    """A /proc that goes on to show the process, as that of one that waits for a device would."""
    with subprocess.Popen(["sleep", "600"]) as other:
        place = tmp_path / f"proc/{other.pid}"
        place.mkdir(parents=True)
        (place / "stat").write_text(f"{other.pid} (stuck) D 1 2 3 0 -1 0 0 0 0 0 7 5 0 0 20 0 1 0 1 1 1")
        (tmp_path / "pid").write_text(str(other.pid))
        steps = itertools.count()
        driver = ProcessDriver(tmp_path, procfs=tmp_path / "proc", monotonic=lambda: float(next(steps)))
        stuck = asset("stuck", pid_file=tmp_path / "pid")

        async def work() -> None:
            assert (await see(driver, stuck)).doing == RUNNING
            with pytest.raises(DriverError, match=rf"{other.pid} \(stuck, state D\)"):
                await driver.stop(stuck, 1)

        try:
            asyncio.run(work())
            assert other.wait(30) < 0
        finally:
            other.kill()
