"""Desks that refuse, hang, lie, die and come back: no run notices, and what they have not heard is kept."""

from __future__ import annotations

import fcntl
import multiprocessing
import os
import re
import signal
import socket
import threading
import time
from pathlib import Path
from typing import Any

import children
import pytest
import torch
from forker import Forker
from http_desk import HttpDesk

import mixdesk
from mixdesk import spool, wire
from mixdesk.checkpoints import claim
from mixdesk.testing import Recorder

FAULTS: list[str | int] = ["refused", "hang", "drip", "garbage", 401, 404, 409, 429, 500]


def apply(desk: HttpDesk, fault: str | int) -> None:
    if fault == "refused":
        desk.stop()
    else:
        desk.fault = fault


def train(steps: int = 200, **options: Any) -> tuple[Any, float, float]:
    """A run; the longest step, and how long the block took to end, in seconds."""
    longest = 0.0
    with mixdesk.job("training_rvc", name="anton", **options) as job:
        for epoch in job.epochs("training", 1):
            before = time.monotonic()
            for item in epoch.steps(range(steps)):
                job.log(loss=item)
                time.sleep(0.001)
                longest, before = max(longest, time.monotonic() - before), time.monotonic()
        ends = time.monotonic()
    return job, longest, time.monotonic() - ends


@pytest.mark.parametrize("fault", FAULTS)
def test_a_run_under_a_fault_from_its_start(http_desk: HttpDesk, spool_folder: Path, fault: str | int) -> None:
    apply(http_desk, fault)
    job, longest, exit_s = train()
    assert job.status == "succeeded"
    assert longest < 1.0, "no step waits for a desk (each takes a millisecond)"
    assert exit_s < 4.0, "the end waits a second, not for ever"
    if fault == 409:
        return  # it says that it has the job's end already
    (left,) = spool.pending(spool_folder)
    report = left.report()
    assert report is not None
    assert (report.job_id, report.status, report.run_step) == (job.id, "succeeded", 200)
    assert left.path.stat().st_mode & 0o777 == 0o600

    http_desk.fault = None
    if fault == "refused":
        http_desk.start()
    with mixdesk.job("training_rvc"):
        http_desk.wait_for(lambda desk: job.id in desk.reports)
    delivered = http_desk.reports[job.id]
    assert (delivered.status, delivered.delivered, delivered.run_step) == ("succeeded", True, 200)
    assert list(spool_folder.glob("*")) == [], "what a desk has is not kept"


@pytest.mark.parametrize("fault", ["hang", 500, "garbage", "refused"])
def test_a_fault_in_the_middle_that_passes(http_desk: HttpDesk, fault: str | int) -> None:
    with mixdesk.job("training_rvc", name="anton") as job:
        http_desk.wait_for(lambda desk: job.id in desk.reports)
        before = http_desk.url
        apply(http_desk, fault)
        job.log(loss=1.0)
        with job.phase("preprocessing"):
            time.sleep(0.3)
        http_desk.stop()
        http_desk.fault = None
        http_desk.start()
        assert http_desk.url != before, "it comes back on another port: desk.json tells"
        http_desk.wait_for(lambda desk: desk.reports[job.id].metrics == {"loss": 1.0})
    assert http_desk.reports[job.id].status == "succeeded"


def test_a_desk_that_comes_later_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mixdesk.reporter.RELOCATE_S", 0.2)
    with mixdesk.job("training_rvc", name="anton") as job:
        time.sleep(0.3)
        desk = HttpDesk(tmp_path / "state")
        try:
            desk.wait_for(lambda desk: job.id in desk.reports)
        finally:
            desk.stop()
    assert job.status == "succeeded"


def test_a_stuck_desk_does_not_keep_later_jobs_from_a_sound_one(http_desk: HttpDesk) -> None:
    """An answer that drips for ever resets every time-out: the thread is freed when the job is over."""
    http_desk.fault = "drip on"
    train(10)
    http_desk.fault = None
    with mixdesk.job("training_rvc") as job:
        http_desk.wait_for(lambda desk: job.id in desk.reports)


def test_generations_that_go_back(http_desk: HttpDesk) -> None:
    """A database restored from a backup: what was obeyed is not obeyed again, and later clicks are heard."""
    with mixdesk.job("training_rvc", name="anton") as job:
        http_desk.wait_for(lambda desk: job.id in desk.reports)
        for state in ("paused", "running", "running"):
            asked = http_desk.ask(job.id, run=wire.RunDesired(state=state))
        observed = restored = 0
        for item in job.track("preprocessing", range(100_000)):
            time.sleep(0.001)
            report = http_desk.reports[job.id]
            if not observed and report.observed.run == asked:
                observed = item
                old = wire.Desired(generation=1, run=wire.RunDesired(state="paused", generation=1))
                http_desk.desired[job.id] = old
                seen = len(http_desk.history)
            elif observed and not restored and len(http_desk.history) > seen + 1:
                restored = item
                assert job.status == "running", "the old pause does not count"
                new = wire.Desired(generation=1001, run=wire.RunDesired(state="canceled", generation=1001))
                with http_desk.changed:
                    http_desk.desired[job.id] = new
                    http_desk.changed.notify_all()
    assert restored
    assert job.status == "canceled"


def test_an_answer_with_a_newer_seq_makes_the_next_report_newer(http_desk: HttpDesk) -> None:
    """The clock of this host was set back between two processes of the job: the end is heard all the same."""
    with mixdesk.job("training_rvc", name="anton") as job:
        http_desk.wait_for(lambda desk: job.id in desk.reports)
        http_desk.reports[job.id].seq += 10_000_000
    assert http_desk.reports[job.id].status == "succeeded"


def test_a_conflict_tells_what_is_desired(http_desk: HttpDesk) -> None:
    """409 itself stops nobody; the explicit wish that comes with it does."""
    with mixdesk.job("training_rvc", name="anton") as job:
        http_desk.wait_for(lambda desk: job.id in desk.reports)
        http_desk.reports[job.id].status = "canceled"
        seen = threading.Event()
        threading.Timer(1.5, seen.set).start()
        for _ in job.track("preprocessing", range(100_000)):
            if seen.is_set() and job.id not in http_desk.desired:
                http_desk.desired[job.id] = wire.Desired(
                    generation=1, run=wire.RunDesired(state="canceled", generation=1)
                )
            time.sleep(0.001)
    assert seen.is_set(), "a 409 alone does not stop it"
    assert job.status == "canceled"


# -- threads -----------------------------------------------------------------------------------------------


def own_threads() -> list[str]:
    ours = ("mixdesk-reporter", "mixdesk-waiter")  # a desk of another test may have threads here as well
    return sorted(thread.name for thread in threading.enumerate() if thread.name in ours)


def test_one_reporter_and_one_waiter_for_several_jobs(http_desk: HttpDesk) -> None:
    jobs = [mixdesk.job("training_rvc", name=f"job {number}").start() for number in range(5)]
    http_desk.wait_for(lambda desk: all(job.id in desk.reports for job in jobs) and desk.open_polls)
    assert own_threads() == ["mixdesk-reporter", "mixdesk-waiter"]
    for job in jobs:
        job.close()
    assert all(http_desk.reports[job.id].status == "succeeded" for job in jobs)


def test_many_short_jobs_leave_no_threads_and_no_polls(http_desk: HttpDesk) -> None:
    http_desk.wait_s = 0.5
    for _ in range(8):
        with mixdesk.job("tts_generate") as job:
            http_desk.wait_for(lambda desk: job.id in desk.reports)
    deadline = time.monotonic() + 20
    while own_threads() or http_desk.open_polls:
        assert time.monotonic() < deadline, (own_threads(), http_desk.open_polls)
        time.sleep(0.02)


def test_a_new_job_is_heard_though_a_poll_for_another_is_under_way(tmp_path: Path) -> None:
    desk = HttpDesk(tmp_path / "state", report_in_s=60.0, wait_s=60.0)
    try:
        with mixdesk.job("training_rvc"):
            desk.wait_for(lambda desk: desk.open_polls == 1)
            with mixdesk.job("training_rvc") as second:
                for item in second.track("preprocessing", range(10_000)):
                    time.sleep(0.002)
                    if item == 200:  # the reports of its beginning are answered
                        began = time.monotonic()
                        desk.ask(second.id, run=wire.RunDesired(state="canceled"))
                assert time.monotonic() - began < 12, "neither the next report nor the next poll is due for a minute"
        assert second.status == "canceled"
    finally:
        desk.stop()


def test_no_desk_is_one_line(forker: Forker, tmp_path: Path) -> None:
    status, text = forker.run("children:without_desk", tmp_path / "out", 3)
    assert (status, "status succeeded" in text) == (0, True)
    assert text.count("no desk found") == 1
    assert "MIXDESK_URL" in text
    assert len(text.splitlines()) == 2


# -- children of the process -----------------------------------------------------------------------------------


def test_a_forked_child_is_inert(http_desk: HttpDesk, forker: Forker, tmp_path: Path) -> None:
    status, text = forker.run("children:fork_and_go_on", tmp_path / "out", str(tmp_path / "kept"))
    assert status == 0, text
    assert "child status 0" in text, text
    assert "inert: this job is inert" in text
    assert "after the block succeeded" in text
    assert len({report.pid for report in http_desk.history}) == 1
    assert http_desk.history[-1].run_step == 4
    assert [report.path for report in http_desk.history[-1].checkpoints] == [
        str(path) for path in (tmp_path / "kept").glob("*.pth")
    ]


def test_a_child_that_unwinds_through_the_block(http_desk: HttpDesk, forker: Forker, tmp_path: Path) -> None:
    status, text = forker.run("children:fork_unwinds", tmp_path / "out", str(tmp_path / "kept"))
    assert status == 0, text
    assert "child status 7 held True" in text
    assert "after the block succeeded" in text
    assert [report.status for report in http_desk.history][-1] == "succeeded"


def test_a_spawned_child_is_inert(desk: Recorder, tmp_path: Path) -> None:
    with mixdesk.job("training_rvc", name="anton", checkpoints=tmp_path / "kept") as job:
        process = multiprocessing.get_context("spawn").Process(
            target=children.use_spawned, args=(job, str(tmp_path / "out"))
        )
        process.start()
        process.join(60)
        assert process.exitcode == 0
    assert "child done" in (tmp_path / "out").read_text()
    assert job.status == "succeeded"
    assert {phase.state for phase in desk.last.phases} == {"pending"}


def test_locks_end_with_the_parent_not_with_a_child_that_outlives_it(
    forker: Forker, tmp_path: Path, spool_folder: Path
) -> None:
    child = forker.start("children:leave_a_child", tmp_path / "out", str(tmp_path / "kept"))
    child.wait_for("left")
    assert child.wait() == -signal.SIGKILL
    found = re.search(r"left (\S+) (\d+)", child.text())
    assert found is not None
    job_id, pid = found[1], int(found[2])
    try:
        deadline = time.monotonic() + 20
        while True:  # the child lets go as soon as it runs
            try:
                claim(tmp_path / "kept", "anton", "0.1").release()
                (left,) = spool.pending(spool_folder)
                break
            except (mixdesk.Busy, ValueError):
                assert time.monotonic() < deadline
                time.sleep(0.01)
        assert left.job_id == job_id
        os.kill(pid, 0)
    finally:
        os.kill(pid, signal.SIGKILL)


# -- the spool -----------------------------------------------------------------------------------------------


def test_a_saved_checkpoint_is_in_the_spool_before_any_desk_has_it(spool_folder: Path, tmp_path: Path) -> None:
    job = mixdesk.job("training_rvc", name="anton", checkpoints=tmp_path / "kept").start()
    job.register(net=torch.nn.Linear(2, 2))
    saved = job.save_checkpoint()
    report = spool.Spooled(spool_folder / f"{job.id}.jsonl", job.id).report()
    assert report is not None
    assert [record.path for record in report.checkpoints] == [str(saved.path)]
    assert list(spool.pending(spool_folder)) == [], "a file that a process holds is not for others"
    job.close()


def test_the_last_line_tells_all_that_no_desk_has_heard(spool_folder: Path) -> None:
    with mixdesk.job("training_rvc") as job:
        for number in range(60):
            job.artifact("part", f"{number}.wav")
    (left,) = spool.pending(spool_folder)
    report = left.report()
    assert report is not None
    assert [artifact.path for artifact in report.artifacts] == [f"{number}.wav" for number in range(60)]


def test_half_a_line_of_a_full_disk(spool_folder: Path) -> None:
    spool_folder.mkdir(parents=True)
    path = spool_folder / "j1.jsonl"
    report = wire.Report(job_id="j1", job_key="k", job_type="t", seq=1, status="running")
    whole = wire.encode(report)
    path.write_bytes(whole + b"\n" + whole[:40])
    entry = spool.Spooled(path, "j1")
    assert entry.report() is not None
    held = spool.Spool.open(spool_folder, "j1")
    assert held is not None
    report.seq, report.status = 2, "succeeded"
    held.append(report)
    held.close()
    after = entry.report()
    assert after is not None
    assert (after.seq, after.status) == (2, "succeeded"), "what follows is not glued to the half line"


def test_a_full_disk_under_the_spool(desk: Recorder, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    import resource

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    with mixdesk.job("training_rvc") as job:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1, limits[1]))
        try:
            with job.phase("preprocessing"):
                pass
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        with job.phase("f0_extraction"):
            pass
    assert job.status == "succeeded"
    assert "the spool cannot be written" in caplog.text


def test_a_state_folder_that_cannot_be_made(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("MIXDESK_STATE_DIR", str(tmp_path / "file" / "state"))
    with mixdesk.job("training_rvc") as job, job.phase("preprocessing"):
        pass
    assert job.status == "succeeded"
    assert "no spool in" in caplog.text


def test_who_looks_at_a_file_does_not_make_its_owner_busy(spool_folder: Path) -> None:
    """A desk that looks for files to deliver holds each lock for a moment."""
    spool_folder.mkdir(parents=True)
    with (spool_folder / "j1.jsonl").open("w") as looker:
        fcntl.flock(looker, fcntl.LOCK_EX)
        threading.Timer(0.2, fcntl.flock, (looker, fcntl.LOCK_UN)).start()
        held = spool.Spool.open(spool_folder, "j1")
        assert held is not None
    assert list(spool.pending(spool_folder)) == []
    held.close()


def test_old_files_are_removed_and_others_left(spool_folder: Path) -> None:
    spool_folder.mkdir(parents=True)
    for name in ("old", "new"):
        (spool_folder / f"{name}.jsonl").write_text("{}\n")
    (spool_folder / "notes.txt").write_text("mine")
    os.utime(spool_folder / "old.jsonl", (0, 0))
    assert [entry.job_id for entry in spool.pending(spool_folder)] == ["new"]
    assert sorted(path.name for path in spool_folder.iterdir()) == ["new.jsonl", "notes.txt"]


def test_a_file_is_removed_only_by_who_holds_it(spool_folder: Path) -> None:
    """Between the delivery and the removal another process may have gone on with the job."""
    spool_folder.mkdir(parents=True)
    path = spool_folder / "j1.jsonl"
    path.write_text("{}\n")
    os.utime(path, (0, 0))
    (entry,) = [spool.Spooled(path, "j1")]
    held = spool.Spool.open(spool_folder, "j1")
    assert held is not None
    assert not entry.done() and path.exists()
    assert list(spool.pending(spool_folder)) == [] and path.exists(), "nor for its age"
    held.close()
    assert entry.done() and not path.exists()
    assert entry.done(), "somebody else has removed it"


def test_who_waits_for_a_file_that_is_removed_has_a_new_one(
    spool_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool_folder.mkdir(parents=True)
    path = spool_folder / "j1.jsonl"
    path.write_text("{}\n")
    opened: list[spool.Spool | None] = []
    opener = threading.Thread(target=lambda: opened.append(spool.Spool.open(spool_folder, "j1", wait_s=20)))
    unlink = Path.unlink

    def while_somebody_waits(self: Path, missing_ok: bool = False) -> None:
        opener.start()
        time.sleep(0.2)  # by now it waits, unless the lock is free
        assert not opened
        unlink(self, missing_ok)

    monkeypatch.setattr(Path, "unlink", while_somebody_waits)
    assert spool.Spooled(path, "j1").done()
    opener.join(20)
    (held,) = opened
    assert held is not None and held._is_there() and path.read_bytes() == b""
    held.close()


def test_the_token_is_sent_and_no_proxy_asked(http_desk: HttpDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{unused.getsockname()[1]}")
        with mixdesk.job("training_rvc") as job:
            http_desk.wait_for(lambda desk: job.id in desk.reports)
    assert set(http_desk.tokens) == {"Bearer secret"}
