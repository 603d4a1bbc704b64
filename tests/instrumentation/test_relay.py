"""One job in several processes: joined in turn, handed back, queued and taken up; and who may not have it."""

from __future__ import annotations

import os
import signal
import socket
import time
from pathlib import Path

import pytest
from forker import Forker
from http_desk import HttpDesk

import mixdesk
from mixdesk import spool, wire
from mixdesk.testing import Recorder


def states(report: wire.Report) -> dict[str, str]:
    return {phase.key: phase.state for phase in report.phases}


KEYS = ("preprocessing", "f0_extraction", "feature_extraction", "training")


@pytest.mark.parametrize("pause_s", [0.0, 0.5], ids=["shorter than the reporter's look", "longer"])
def test_four_processes_are_one_job(desk: Recorder, forker: Forker, tmp_path: Path, pause_s: float) -> None:
    with mixdesk.job("training_rvc", name="four", owner="rose") as job:
        for key in KEYS:
            pause = pause_s if key == "f0_extraction" else 0.0
            status, text = forker.run("phases:one_step", tmp_path / key, key, pause, env=job.environ())
            assert status == 0, text
            assert "status running" in text, "a block that only joined does not end the job"
        for key in ("index_building", "packaging"):
            with job.phase(key):
                pass
    last = desk.last
    assert (job.status, last.status, last.job_id) == ("succeeded", "succeeded", job.id)
    assert states(last) == dict.fromkeys([*KEYS, "index_building", "packaging"], "done")
    assert [phase.done for phase in last.phases][:4] == [3.0] * 4
    assert last.metrics == dict.fromkeys(KEYS, 2.0)
    assert [artifact.path for artifact in last.artifacts] == [f"{key}.npy" for key in KEYS]
    assert (last.name, last.owner, last.pid) == ("four", "rose", os.getpid())
    assert {report.status for report in desk.reports} <= {"starting", "running", "finalizing", "succeeded"}
    times = [phase.started_at or "" for phase in last.phases]
    assert times == sorted(times)


def test_the_parent_is_silent_while_a_child_has_the_job(desk: Recorder, forker: Forker, tmp_path: Path) -> None:
    with mixdesk.job("training_rvc", name="four") as job:
        child = forker.start("phases:one_step", tmp_path / "out", "preprocessing", 0.7, env=job.environ())
        assert child.wait() == 0
        during = [report for report in desk.reports if states(report)["preprocessing"] == "pending"]
    assert len(during) <= 3, "it reported before the child took the job, and not again meanwhile"


def test_a_child_that_was_asked_to_leave_has_the_parent_leave(
    desk: Recorder, forker: Forker, tmp_path: Path, spool_folder: Path
) -> None:
    reached = []
    with mixdesk.job("training_rvc", name="four") as job:
        status, text = forker.run("phases:leaves", tmp_path / "out", "left", env=job.environ())
        assert (status, "status canceled" in text) == (0, True)
        left = spool.Spooled(spool_folder / f"{job.id}.jsonl", job.id).report()
        assert left is not None
        assert (left.status, left.leaving) == ("finalizing", True), "no final status: a desk must not end the job by it"
        for item in job.track("f0_extraction", range(3)):
            reached.append(item)
    assert reached == []
    assert (job.status, desk.last.status) == ("canceled", "canceled")


def test_a_parent_without_boundaries_is_canceled_too(desk: Recorder, forker: Forker, tmp_path: Path) -> None:
    with mixdesk.job("training_rvc", name="four") as job:
        forker.run("phases:leaves", tmp_path / "one", "left", env=job.environ())
        _, text = forker.run("phases:goes_through", tmp_path / "two", ["f0_extraction"], env=job.environ())
        assert "item" not in text, "the next script leaves as well"
    assert (job.status, desk.last.status) == ("canceled", "canceled")


def test_a_child_that_failed_leaves_the_end_to_the_parent(desk: Recorder, forker: Forker, tmp_path: Path) -> None:
    with mixdesk.job("training_rvc", name="four") as job:
        status, text = forker.run("phases:leaves", tmp_path / "out", "fails", env=job.environ())
        assert (status, "ValueError: item 0 is no audio" in text) == (1, True)
        forker.run("phases:one_step", tmp_path / "again", "preprocessing", env=job.environ())
    assert (job.status, states(desk.last)["preprocessing"]) == ("succeeded", "done")


def test_a_child_that_is_killed_hands_back_too(desk: Recorder, forker: Forker, tmp_path: Path) -> None:
    with mixdesk.job("training_rvc", name="four") as job:
        child = forker.start("phases:start_one", tmp_path / "out", env=job.environ())
        child.wait_for("started")
        child.signal(signal.SIGKILL)
        child.wait()
        with job.phase("f0_extraction"):
            pass
    assert job.status == "succeeded"
    assert states(desk.last)["preprocessing"] == "running", "as it was left"
    assert states(desk.last)["f0_extraction"] == "done"


def test_a_child_that_lends_it_to_its_own_child(desk: Recorder, forker: Forker, tmp_path: Path) -> None:
    here = str(Path(__file__).parents[1] / "fixtures")
    with mixdesk.job("training_rvc", name="four") as job:
        env = {**job.environ(), "PYTHONPATH": here}
        status, text = forker.run("phases:lends_again", tmp_path / "out", "f0_extraction", env=env)
        assert status == 0, text
    assert {key: states(desk.last)[key] for key in KEYS[:3]} == dict.fromkeys(KEYS[:3], "done")
    assert desk.last.metrics == {"f0_extraction": 2.0}


def test_another_type_in_the_child_does_not_change_the_job(
    desk: Recorder, forker: Forker, tmp_path: Path, spool_folder: Path
) -> None:
    with mixdesk.job("own", name="four", weights={"preprocessing": 1, "rest": 3}) as job:
        status, text = forker.run("phases:one_step", tmp_path / "out", "preprocessing", env=job.environ())
        assert status == 0, text
        left = spool.Spooled(spool_folder / f"{job.id}.jsonl", job.id).report()
        assert left is not None
        assert [(phase.key, phase.weight) for phase in left.phases] == [("preprocessing", 25.0), ("rest", 75.0)]
        assert (left.job_type, left.name) == ("own", "four")
    assert [(phase.key, phase.weight) for phase in desk.last.phases] == [("preprocessing", 25.0), ("rest", 75.0)]


# -- queued ------------------------------------------------------------------------------------------------


def test_a_queued_job_is_ended_by_who_takes_it_up(http_desk: HttpDesk, forker: Forker, tmp_path: Path) -> None:
    queued = mixdesk.queue("training_rvc", name="later", owner="rose")
    assert http_desk.reports[queued.id].status == "queued"
    status, text = forker.run("phases:goes_through", tmp_path / "out", ["preprocessing"], env=queued.environ())
    assert (status, f"joined {queued.id} starting" in text, "status succeeded" in text) == (0, True, True), text
    last = http_desk.reports[queued.id]
    assert (last.status, last.name, last.owner) == ("succeeded", "later", "rose")
    assert not list((tmp_path / "state" / "spool").glob("*")), "all of it is acknowledged"


def test_a_queued_job_without_a_desk(forker: Forker, tmp_path: Path, spool_folder: Path) -> None:
    queued = mixdesk.queue("training_rvc", name="later")
    (entry,) = spool.pending(spool_folder)
    report = entry.report()
    assert report is not None
    assert (report.status, report.job_id) == ("queued", queued.id)
    status, _ = forker.run("phases:goes_through", tmp_path / "out", ["preprocessing"], env=queued.environ())
    assert status == 0
    after = entry.report()
    assert after is not None
    assert (after.status, after.name) == ("succeeded", "later")


def test_queued_by_another_back_end(http_desk: HttpDesk, forker: Forker, tmp_path: Path) -> None:
    """Only the desk knows it: there is no spool file of it on this host."""
    http_desk.take(
        wire.Report(job_id="j1", job_key="k" * 64, job_type="training_rvc", seq=1, status="queued", name="x")
    )
    status, text = forker.run(
        "phases:goes_through", tmp_path / "out", ["preprocessing"], env={"MIXDESK_JOB": "j1:" + "k" * 64}
    )
    assert (status, "joined j1" in text) == (0, True), text
    assert (http_desk.reports["j1"].status, http_desk.reports["j1"].name) == ("succeeded", "x")


def test_queued_and_cancelled_before_it_is_taken_up(http_desk: HttpDesk, forker: Forker, tmp_path: Path) -> None:
    queued = mixdesk.queue("training_rvc", name="later")
    http_desk.ask(queued.id, run=wire.RunDesired(state="canceled"))
    http_desk.reports[queued.id].status = "canceled"
    status, text = forker.run("phases:goes_through", tmp_path / "out", ["preprocessing"] * 3000, env=queued.environ())
    assert (status, "status canceled" in text) == (0, True), text[-300:]


# -- who may not have it ---------------------------------------------------------------------------------------


def test_a_twin_in_one_checkpoint_folder(desk: Recorder, forker: Forker, tmp_path: Path) -> None:
    options = {"name": "anton", "version": "0.5"}
    child = forker.start("phases:holds", tmp_path / "out", str(tmp_path / "kept"), options)
    child.wait_for("holds")
    with (
        pytest.raises(mixdesk.Busy, match=r"anton 0\.5 is already open in .*kept") as caught,
        mixdesk.job("training_rvc", checkpoints=tmp_path / "kept", **options),
    ):
        pytest.fail("the block is not entered")
    assert (caught.value.pid, caught.value.host) == (child.pid, socket.gethostname())
    for other in ({"name": "berta", "version": "0.5"}, {"name": "anton", "version": "0.6"}):
        with mixdesk.job("training_rvc", checkpoints=tmp_path / "kept", **other):
            pass
    child.signal(signal.SIGKILL)
    child.wait()
    with mixdesk.job("training_rvc", checkpoints=tmp_path / "kept", **options) as job:
        pass
    assert job.status == "succeeded"
    assert not desk.reports or all(report.status != "failed" for report in desk.reports)


def test_a_job_that_another_process_holds(
    forker: Forker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spool_folder: Path
) -> None:
    monkeypatch.setattr("mixdesk.relay.JOIN_WAIT_S", 0.3)
    child = forker.start("phases:holds", tmp_path / "out", None, {"name": "anton"})
    child.wait_for("holds")
    job_id = child.text().partition("holds ")[2].split()[0]
    monkeypatch.setenv("MIXDESK_JOB", f"{job_id}:{'k' * 64}")
    with (
        pytest.raises(mixdesk.Busy, match=f"job {job_id} is held by another running process") as caught,
        mixdesk.job("training_rvc"),
    ):
        pytest.fail("the block is not entered")
    assert (caught.value.pid, caught.value.host) == (child.pid, socket.gethostname())
    assert "unset MIXDESK_JOB" in str(caught.value)
    child.signal(signal.SIGKILL)
    child.wait()


def test_the_parent_cannot_go_on_while_a_child_has_it(
    desk: Recorder, forker: Forker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mixdesk.relay.JOIN_WAIT_S", 0.3)
    with mixdesk.job("training_rvc") as job:
        child = forker.start("phases:start_one", tmp_path / "out", env=job.environ())
        child.wait_for("started")
        with pytest.raises(mixdesk.Busy, match=f"{child.pid} on"), job.phase("f0_extraction"):
            pytest.fail("the phase is not entered")
        child.signal(signal.SIGKILL)
        child.wait()


@pytest.mark.parametrize(
    "text", ["x", "x:", ":y", "../../etc/passwd:y", "a b:y", "stream:y", "desired:y", "a" * 65 + ":y"]
)
def test_a_malformed_variable_is_said_and_ignored(
    desk: Recorder, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, text: str
) -> None:
    monkeypatch.setenv("MIXDESK_JOB", text)
    with mixdesk.job("training_rvc") as job:
        pass
    assert "MIXDESK_JOB=" in caplog.text
    assert "must be <job_id>:<job_key>" in caplog.text
    assert (len(job.id), job.status, desk.last.status) == (36, "succeeded", "succeeded")


def test_a_variable_of_a_job_that_has_ended(
    http_desk: HttpDesk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Left over in a shell: it is said that nobody hears of the run, and the run goes on."""
    http_desk.take(wire.Report(job_id="j1", job_key="k", job_type="training_rvc", seq=1, status="succeeded"))
    monkeypatch.setenv("MIXDESK_JOB", "j1:k")
    with mixdesk.job("training_rvc") as job:
        for _ in job.track("preprocessing", range(3)):
            pass
    assert "job j1 of MIXDESK_JOB has ended (succeeded): unset it" in caplog.text
    assert http_desk.reports["j1"].status == "succeeded"


def test_environ_outside_the_block(desk: Recorder) -> None:
    job = mixdesk.job("training_rvc")
    with pytest.raises(mixdesk.MixdeskError, match="within the block"):
        job.environ()
    with job:
        assert job.environ() == {"MIXDESK_JOB": f"{job.id}:{desk_key(job)}"}
    with pytest.raises(mixdesk.MixdeskError, match="within the block"):
        job.environ()


def desk_key(job: mixdesk.Job) -> str:
    return job._facts.job_key


def test_a_block_within_one_that_has_joined_is_a_job_of_its_own(
    desk: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    queued = mixdesk.queue("training_rvc", name="outer")
    monkeypatch.setenv("MIXDESK_JOB", queued.environ()["MIXDESK_JOB"])
    with mixdesk.job("training_rvc") as outer, mixdesk.job("voice_convert", name="inner") as inner:
        assert (outer.id, outer.name) == (queued.id, "outer")
        assert inner.id != outer.id
    with mixdesk.job("training_rvc") as again:
        assert again.id == queued.id, "after it the variable holds as before"


def test_queue_does_not_wait_for_a_desk_that_hangs(http_desk: HttpDesk, spool_folder: Path) -> None:
    http_desk.fault = "hang"
    began = time.monotonic()
    queued = mixdesk.queue("training_rvc")
    assert time.monotonic() - began < 4
    assert [entry.job_id for entry in spool.pending(spool_folder)] == [queued.id]
