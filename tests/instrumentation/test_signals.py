"""Real processes that get real signals: what is saved, what is reported, how the process ends."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from forker import Forker
from torture import chance, times

from mixdesk import checkpoints


def newest_step(folder: Path) -> int | None:
    found = checkpoints.find(folder, "anton")
    assert found.broken == []
    return None if found.checkpoint is None else found.checkpoint.step


def last_step(text: str) -> int:
    return max(int(line.split()[1]) for line in text.splitlines() if line.startswith("step "))


def test_sigterm_saves_and_ends_with_143(forker: Forker, tmp_path: Path) -> None:
    child = forker.start("endings:train", tmp_path / "out", str(tmp_path / "kept"), {})
    child.wait_for("step 5")
    child.signal(signal.SIGTERM)
    assert child.wait() == 143
    step = newest_step(tmp_path / "kept")
    assert step == last_step(child.text()), "saved at the very next boundary"
    assert f"reported canceled checkpoint saved {step}" in child.text()
    assert "after the block" not in child.text()


def test_a_run_that_is_preempted_often_keeps_its_newest_files(forker: Forker, tmp_path: Path) -> None:
    for run in range(4):
        child = forker.start("endings:train", tmp_path / f"out{run}", str(tmp_path / "kept"), {"keep": 2})
        child.wait_for("step")
        child.signal(signal.SIGTERM)
        assert child.wait() == 143
    steps = [entry.step for entry in checkpoints.listing(tmp_path / "kept")]
    assert len(steps) == 2
    assert steps[0] == last_step(child.text())


def test_before_the_first_step(forker: Forker, tmp_path: Path) -> None:
    child = forker.start("endings:train", tmp_path / "out", str(tmp_path / "kept"), {}, 0, 0.5)
    child.wait_for("preprocessing")
    child.signal(signal.SIGTERM)
    assert child.wait() == 143
    assert "reported canceled" in child.text()


def test_in_a_pause(forker: Forker, tmp_path: Path) -> None:
    child = forker.start("endings:paused", tmp_path / "out", str(tmp_path / "kept"))
    child.wait_for("paused")
    child.signal(signal.SIGTERM)
    assert child.wait() == 143
    assert newest_step(tmp_path / "kept") == 1


def test_on_sigterm_return_goes_on_after_the_block(forker: Forker, tmp_path: Path) -> None:
    child = forker.start("endings:train", tmp_path / "out", str(tmp_path / "kept"), {"on_sigterm": "return"})
    child.wait_for("step 2")
    child.signal(signal.SIGTERM)
    assert child.wait() == 0
    assert "after the block canceled" in child.text()
    assert newest_step(tmp_path / "kept") == last_step(child.text())


def test_on_sigterm_none_leaves_the_signal_alone(forker: Forker, tmp_path: Path) -> None:
    child = forker.start("endings:train", tmp_path / "out", str(tmp_path / "kept"), {"on_sigterm": None})
    child.wait_for("step 2")
    child.signal(signal.SIGTERM)
    assert child.wait() == -signal.SIGTERM
    assert newest_step(tmp_path / "kept") is None


def test_the_second_signal_is_the_old_handlers(forker: Forker, tmp_path: Path) -> None:
    child = forker.start("endings:long_step", tmp_path / "out", str(tmp_path / "kept"))
    child.wait_for("in the step")
    child.signal(signal.SIGTERM)
    time.sleep(0.3)
    os.kill(child.pid, 0)  # the first one alone does not end it within a step
    child.signal(signal.SIGTERM)
    assert child.wait() == -signal.SIGTERM


def test_a_job_in_a_thread_leaves_when_the_program_says_so(forker: Forker, tmp_path: Path) -> None:
    child = forker.start("endings:in_a_thread", tmp_path / "out", str(tmp_path / "kept"))
    child.wait_for("step")
    child.signal(signal.SIGTERM)
    assert child.wait() == 0
    assert "after the thread canceled" in child.text()
    assert (newest_step(tmp_path / "kept") or 0) > 0


def test_a_pool_in_the_block_is_terminated_at_once(forker: Forker, tmp_path: Path) -> None:
    status, text = forker.run("endings:pool_in_the_block", tmp_path / "out", str(tmp_path / "kept"))
    assert status == 0, text
    assert "computed [1, 2]" in text
    seconds = float(text.partition("terminated in ")[2].split()[0])
    assert seconds < 4, "a child that inherits a handler which only sets a flag hangs for ever"


def test_a_signal_after_the_last_boundary_is_not_swallowed(forker: Forker, tmp_path: Path) -> None:
    status, text = forker.run("endings:late_signal", tmp_path / "out", str(tmp_path / "kept"))
    assert status == 143
    assert "reported succeeded" in text, "all its work was done"
    assert "never comes here" not in text


def test_two_jobs_in_one_another_both_leave(forker: Forker, tmp_path: Path) -> None:
    child = forker.start("endings:nested", tmp_path / "out", str(tmp_path / "kept"))
    child.wait_for("step")
    child.signal(signal.SIGTERM)
    assert child.wait() == 143
    assert "reported canceled" in child.text()
    assert newest_step(tmp_path / "kept") is not None


def test_the_handler_is_gone_after_the_job(forker: Forker, tmp_path: Path) -> None:
    child = forker.start("endings:after_a_job", tmp_path / "out", str(tmp_path / "kept"))
    child.wait_for("handler True")
    child.signal(signal.SIGTERM)
    assert child.wait() == -signal.SIGTERM


# -- a whole process group ---------------------------------------------------------------------------------


def test_a_process_group_with_loader_workers(forker: Forker, tmp_path: Path) -> None:
    """Service managers send SIGTERM to all processes at once: the loader's workers must not take the run with them."""
    dice = chance()
    for run in range(times(100, 4)):
        output, kept = tmp_path / f"out{run}", tmp_path / f"kept{run}"
        step_s = dice.choice([0.0, 0.02])  # waiting for the loader, or the loader waiting for the step
        child = forker.start("endings:train", output, str(kept), {}, 2, step_s)
        child.wait_for("step 1\n")
        time.sleep(dice.uniform(0, 0.4))
        child.signal_group(signal.SIGTERM)
        assert child.wait() == 143, child.text()
        assert newest_step(kept) == last_step(child.text()), child.text()
        assert "Traceback" not in child.text(), child.text()


def test_a_process_group_in_an_evaluation_with_workers(forker: Forker, tmp_path: Path) -> None:
    child = forker.start("endings:evaluate", tmp_path / "out", str(tmp_path / "kept"), 1.0)
    child.wait_for("evaluating 2")
    child.signal_group(signal.SIGTERM)
    assert child.wait() == 143, child.text()
    found = checkpoints.find(tmp_path / "kept", "anton").checkpoint
    assert found is not None
    assert (found.epoch, found.step) == (2, 2), "the evaluation went on to the next boundary, and it was saved there"


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.mark.parametrize("step_s", [0.0, 0.03], ids=["in the fetch", "in the step"])
def test_workers_that_die_of_the_same_signal(forker: Forker, tmp_path: Path, step_s: float) -> None:
    """A manager that signals each process of a container, not the group: the run's own signal may come last."""
    child = forker.start("endings:train", tmp_path / "out", str(tmp_path / "kept"), {}, 2, step_s)
    child.wait_for("step 3")
    child.signal(signal.SIGTERM)
    for worker in children_of(child.pid):
        try:
            os.kill(worker, signal.SIGTERM)
        except ProcessLookupError:
            pass
    assert child.wait() == 143, child.text()
    assert newest_step(tmp_path / "kept") == last_step(child.text())
    assert "Traceback" not in child.text()


@pytest.mark.parametrize("signal_comes", [True, False])
def test_workers_that_die_just_before_it(forker: Forker, tmp_path: Path, signal_comes: bool) -> None:
    """The fetch of a batch fails first: a signal in the next moment explains it, and the last boundary is saved."""
    status, text = forker.run("endings:dying_loader", tmp_path / "out", str(tmp_path / "kept"), signal_comes)
    if signal_comes:
        assert status == 143, text
        assert newest_step(tmp_path / "kept") == 3
        assert "reported canceled checkpoint saved 3" in text
    else:
        assert status == 1
        assert newest_step(tmp_path / "kept") is None
        assert "reported failed" in text


def test_a_worker_that_dies_by_itself_is_an_error_as_ever(forker: Forker, tmp_path: Path) -> None:
    child = forker.start("endings:train", tmp_path / "out", str(tmp_path / "kept"), {}, 2)
    child.wait_for("step 3")
    os.kill(children_of(child.pid)[0], signal.SIGKILL)
    assert child.wait() == 1
    assert "reported failed" in child.text()
    assert "DataLoader worker" in child.text()


def test_in_an_evaluation_too(forker: Forker, tmp_path: Path) -> None:
    """There is a boundary that could be saved, but nobody wished the run to end."""
    child = forker.start("endings:evaluate", tmp_path / "out", str(tmp_path / "kept"), 1.0)
    child.wait_for("evaluating 2")
    os.kill(children_of(child.pid)[0], signal.SIGKILL)
    assert child.wait() == 1
    assert "reported failed" in child.text()
    assert newest_step(tmp_path / "kept") is None


# -- other ends ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("how", "code", "status"),
    [
        ("end", 0, "succeeded"),
        ("exit 0", 0, "succeeded"),
        ("exit None", 0, "succeeded"),
        ("exit 3", 3, "failed"),
        ("error", 1, "failed"),
        ("interrupt", 130, "canceled"),
    ],
)
def test_how_a_block_ends(forker: Forker, tmp_path: Path, how: str, code: int, status: str) -> None:
    exit_code, text = forker.run("endings:ends_by", tmp_path / "out", str(tmp_path / "kept"), how)
    assert exit_code == code, text
    assert f"reported {status}" in text
    errors = {"exit 3": "SystemExit: 3", "error": "ValueError: no such voice"}
    assert f"error {errors.get(how)}" in text
    assert ("after the block succeeded" in text) == (how == "end")


def spooled(folder: Path) -> Any:
    from mixdesk import spool

    (entry,) = spool.pending(folder)
    return entry.report()


def test_finish_and_os_exit(forker: Forker, tmp_path: Path, spool_folder: Path) -> None:
    status, text = forker.run("endings:finishes", tmp_path / "out", str(tmp_path / "kept"), True)
    assert status == 149
    assert "status succeeded" in text
    report = spooled(spool_folder)
    assert report.status == "succeeded"
    assert next(phase for phase in report.phases if phase.key == "training").state == "done"


def test_a_job_that_nobody_closed(forker: Forker, tmp_path: Path, spool_folder: Path) -> None:
    status, _ = forker.run("endings:never_closed", tmp_path / "out", str(tmp_path / "kept"))
    assert status == 0
    report = spooled(spool_folder)
    assert (report.status, report.error) == ("failed", "the process ended without job.close()")


def test_killed_within_moments_of_a_phase_every_started_phase_is_in_the_spool(forker: Forker, tmp_path: Path) -> None:
    dice = chance()
    for run in range(times(100, 20)):
        state = tmp_path / f"state{run}"
        child = forker.start("phases:start_one", tmp_path / f"out{run}", env={"MIXDESK_STATE_DIR": str(state)})
        child.wait_for("started")
        time.sleep(dice.uniform(0, 0.005))
        child.signal(signal.SIGKILL)
        assert child.wait() == -signal.SIGKILL
        report = spooled(state / "spool")
        phase = report.phases[0]
        assert (phase.state, report.status) == ("running", "running")
        assert phase.started_at is not None
        assert phase.span_id is not None
