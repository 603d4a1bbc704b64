"""Statuses, phases and values of a job, as a desk hears them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import mixdesk
from mixdesk import guard, testing, wire
from mixdesk.testing import Recorder


def states(report: wire.Report) -> dict[str, str]:
    return {phase.key: phase.state for phase in report.phases}


def phase_of(report: wire.Report, key: str) -> wire.PhaseReport:
    return next(phase for phase in report.phases if phase.key == key)


def reported(desk: Recorder, status: str) -> None:
    desk.wait_for(lambda report: report.status == status)


# -- statuses ------------------------------------------------------------------------------------------------


def test_the_statuses_in_their_order(desk: Recorder) -> None:
    with mixdesk.job("training_rvc", name="anton") as job:
        reported(desk, "starting")
        with job.phase("preprocessing"):
            reported(desk, "running")
        with job.phase("packaging"):
            assert job.status == "running"
        assert job.status == "finalizing", "the type's last phase is over"
        reported(desk, "finalizing")
        with job.phase("own"):
            assert job.status == "finalizing", "never back"
    assert job.status == "succeeded"
    assert desk.statuses == ["starting", "running", "finalizing", "succeeded"]
    last = desk.last
    assert last.completed_at is not None
    assert wire.seconds_of(last.created_at or "") <= wire.seconds_of(last.started_at or "")
    assert wire.seconds_of(last.started_at or "") <= wire.seconds_of(last.completed_at)


def test_a_pause_after_the_last_phase_does_not_go_back(desk: Recorder, hears: Callable[[Any, int], None]) -> None:
    def resume() -> None:
        desk.wait_for(lambda report: report.observed.run == 1)
        desk.ask_run("running")

    resumer = threading.Thread(target=resume)
    with mixdesk.job("training_rvc") as job:
        with job.phase("packaging"):
            pass
        hears(job, desk.ask_run("paused"))
        resumer.start()
        for _ in job.track("own", range(2)):
            pass
    resumer.join()
    assert "paused" not in desk.statuses
    assert desk.last.observed.run == 2
    assert desk.statuses[-2:] == ["finalizing", "succeeded"]


def test_start_and_close(desk: Recorder) -> None:
    job = mixdesk.job("training_rvc").start()
    reported(desk, "starting")
    with pytest.raises(mixdesk.MixdeskError, match="has begun already"):
        job.start()
    with pytest.raises(ValueError, match="status='done': must be one of succeeded, failed, canceled"):
        job.close("done")
    job.close("failed", "the speaker was out of tune")
    job.close()
    assert (job.status, desk.last.status, desk.last.error) == ("failed", "failed", "the speaker was out of tune")


def test_what_an_exception_says(desk: Recorder) -> None:
    class Odd(Exception):
        def __str__(self) -> str:
            return "x" * 5000

    with pytest.raises(Odd), mixdesk.job("training_rvc"):
        raise Odd
    assert desk.last.status == "failed"
    assert desk.last.error is not None
    assert desk.last.error.startswith("Odd: xxx")
    assert len(desk.last.error) == 2000


def test_a_keyboard_interrupt_is_canceled_not_saved_and_raised(desk: Recorder, tmp_path: Path, net: Any) -> None:
    with pytest.raises(KeyboardInterrupt), mixdesk.job("training_rvc", checkpoints=tmp_path) as job:
        job.register(net=net)
        for epoch in job.epochs("training", 1):
            for _ in epoch.steps(range(3)):
                raise KeyboardInterrupt
    assert (desk.last.status, states(desk.last)["training"]) == ("canceled", "canceled")
    assert list(tmp_path.glob("*.pth")) == []


# -- phases --------------------------------------------------------------------------------------------------


def test_a_phase_by_hand(desk: Recorder) -> None:
    with (
        mixdesk.job("training_rvc") as job,
        job.phase("packaging", total=4, unit="files", label="Packing") as phase,
    ):
        phase.advance()
        phase.advance(2)
        assert (phase.key, phase.done, phase.total) == ("packaging", 3, 4)
        phase.total = 3
    shown = phase_of(desk.last, "packaging")
    assert (shown.done, shown.total, shown.unit, shown.label) == (3.0, 3.0, "files", "Packing")
    assert (shown.state, shown.weight) == ("done", 5.0)
    assert wire.seconds_of(shown.started_at or "") <= wire.seconds_of(shown.ended_at or "")


def test_unknown_totals_are_never_made_up(desk: Recorder) -> None:
    with mixdesk.job("training_rvc") as job:
        for item in job.track("preprocessing", iter(range(3))):
            if item == 1:
                break
        assert phase_of(job._facts.report(), "preprocessing").total is None
        for _ in job.track("f0_extraction", iter(range(3)), total=3):
            pass
        for epoch in job.epochs("training", 2):
            for item in epoch.steps(iter(range(3))):
                report = job._facts.report()
                assert report.steps == (None if epoch.number == 1 else 3), "known once an epoch is over"
                assert report.planned_steps == (None if epoch.number == 1 else 6)
                assert (report.step, report.epoch, report.epochs) == (item, epoch.number, 2)
    assert phase_of(desk.last, "f0_extraction").total == 3.0


def test_what_is_expected_is_told_before_a_phase_begins(desk: Recorder) -> None:
    with mixdesk.job("training_rvc") as job:
        job.expect(preprocessing=60.5, training=605)
        job.expect(training=1210)
        told = job._facts.report()
        assert phase_of(told, "preprocessing").expected == 60.5 and phase_of(told, "training").expected == 1210.0
        assert phase_of(told, "packaging").expected is None
        assert phase_of(told, "preprocessing").total is None, "that is for the phase itself to say"
        for _ in job.track("preprocessing", range(3)):
            pass
        with pytest.raises(
            ValueError, match=r"job.expect\(trainig=...\): training_rvc has no such phase, it has prepro"
        ):
            job.expect(trainig=1)
        job.expect(packaging=float("nan"))
    shown = phase_of(desk.last, "preprocessing")
    assert (shown.total, shown.expected) == (3.0, 60.5)
    assert phase_of(desk.last, "packaging").expected is None


def test_epochs_say_how_many_steps_they_are(desk: Recorder) -> None:
    with mixdesk.job("training_rvc") as job:
        for epoch in job.epochs("training", 4):
            for _ in epoch.steps(range(10), every=4):
                assert phase_of(job._facts.report(), "training").work == 12.0
    assert phase_of(desk.last, "training").work == 12.0


def test_skipped(desk: Recorder) -> None:
    with mixdesk.job("training_rvc") as job:
        job.phase("f0_extraction").skip()
        with job.phase("feature_extraction") as phase:
            phase.skip()
    assert states(desk.last) == {
        "preprocessing": "pending", "f0_extraction": "skipped", "feature_extraction": "skipped",
        "training": "pending", "index_building": "pending", "packaging": "pending",
    }  # fmt: skip


def test_nested_and_entered_again(desk: Recorder) -> None:
    with mixdesk.job("training_fine_tune") as job:
        for epoch in job.epochs("training", 2):
            for _ in epoch.steps(range(2)):
                pass
            for item in job.track("evaluation", range(4)):
                both = states(job._facts.report())
                assert (both["training"], both["evaluation"]) == ("running", "running")
                assert phase_of(job._facts.report(), "evaluation").done == item, "an entry counts from 0"
            assert states(job._facts.report())["evaluation"] == "done"
    assert states(desk.last)["evaluation"] == "done"
    evaluation, training = phase_of(desk.last, "evaluation"), phase_of(desk.last, "training")
    assert (evaluation.done, evaluation.total) == (4.0, 4.0)
    assert (training.done, training.total, training.unit) == (2.0, 2.0, "epochs")
    assert (training.started_at or "") < (evaluation.started_at or "") < (training.ended_at or "")


def test_a_track_left_by_break_ends_with_what_comes_next(desk: Recorder) -> None:
    with mixdesk.job("training_rvc") as job:
        for item in job.track("preprocessing", range(10)):
            if item == 3:
                break
        with job.phase("training"):
            now = states(job._facts.report())
            assert (now["preprocessing"], now["training"]) == ("done", "running")
    assert phase_of(desk.last, "preprocessing").done == 3.0


def test_a_track_left_by_an_error_is_failed(desk: Recorder) -> None:
    with pytest.raises(ZeroDivisionError), mixdesk.job("training_rvc") as job:
        for item in job.track("preprocessing", range(10)):
            1 // (3 - item)
    assert states(desk.last)["preprocessing"] == "failed"


def test_a_generator_that_somebody_still_holds(desk: Recorder) -> None:
    with mixdesk.job("training_rvc") as job:
        held = job.track("preprocessing", range(10))
        next(held)
    assert states(desk.last)["preprocessing"] == "done"
    held.close()  # type: ignore[attr-defined]


def test_epochs_count_as_the_contract_says(desk: Recorder) -> None:
    seen = []
    with mixdesk.job("training_rvc") as job:
        for epoch in job.epochs("training", 3):
            for _ in epoch.steps(range(4)):
                seen.append(job._facts.report())
    first, last = seen[0], seen[-1]
    assert [(r.epoch, r.step, r.run_step) for r in seen][:6] == [
        (1, 0, 0), (1, 1, 1), (1, 2, 2), (1, 3, 3), (2, 0, 4), (2, 1, 5)
    ]  # fmt: skip
    assert (first.epochs, first.steps, first.planned_steps, last.planned_steps) == (3, 4, 12, 12)
    done = [phase_of(report, "training").done for report in seen]
    assert done == sorted(done)
    assert done[:5] == [0.0, 0.25, 0.5, 0.75, 1.0]


def test_an_epoch_of_two_parts_is_planned_whole_from_the_second_on(desk: Recorder) -> None:
    plans = []
    with mixdesk.job("training_rvc") as job:
        for epoch in job.epochs("training", 3):
            for length in (4, 6):
                for _ in epoch.steps(range(length)):
                    plans.append((epoch.number, job._facts.report().steps))
    assert {plan for plan in plans if plan[0] == 1} == {(1, 4), (1, 10)}
    assert {plan for plan in plans if plan[0] > 1} == {(2, 10), (3, 10)}


def test_types_of_ones_own(desk: Recorder) -> None:
    with mixdesk.job("sing", name="x", weights={"warm_up": 1, "sing": 3}) as job, job.phase("warm_up"):
        pass
    assert [(p.key, p.label, p.weight) for p in desk.last.phases] == [
        ("warm_up", "Warm up", 25.0),
        ("sing", "Sing", 75.0),
    ]
    with pytest.raises(ValueError, match="job type 'sing' is not known: pass weights="):
        mixdesk.job("sing")


def test_a_phase_the_type_does_not_have(desk: Recorder, caplog: pytest.LogCaptureFixture) -> None:
    with mixdesk.job("training_rvc") as job, job.phase("preprocesing"):
        pass
    assert "training_rvc has no phase 'preprocesing'" in caplog.text
    assert phase_of(desk.last, "preprocesing").weight == 0.0


def test_more_phases_than_a_report_holds(desk: Recorder, caplog: pytest.LogCaptureFixture) -> None:
    with mixdesk.job("training_rvc") as job:
        for number in range(70):
            with job.phase(f"phase {number}") as phase:
                phase.advance()
    assert len(desk.last.phases) == 64
    assert "more than 64 phases: 'phase 58'" in caplog.text
    assert job.status == "succeeded"


# -- values --------------------------------------------------------------------------------------------------


def test_numbers_of_all_kinds(desk: Recorder, caplog: pytest.LogCaptureFixture) -> None:
    with mixdesk.job("training_rvc") as job:
        weight = torch.nn.Parameter(torch.tensor(2.0))
        job.log(
            loss=(weight * 3).sum(), plain=0.5, whole=3, flag=True, array=np.float32(1.5), single=torch.tensor([4.0]),
            nan=float("nan"), inf=torch.tensor(float("inf")), minus=-float("inf"),
            text="abc", many=torch.zeros(2), none=None, huge=10**400, odd=object(),
        )  # fmt: skip
        assert not job._facts.metrics["loss"].requires_grad, "the graph is not held"
    assert desk.last.metrics == {
        "loss": 6.0, "plain": 0.5, "whole": 3.0, "flag": 1.0, "array": 1.5, "single": 4.0,
        "nan": "NaN", "inf": "Infinity", "minus": "-Infinity",
    }  # fmt: skip
    for name in ("text", "many", "none", "huge", "odd"):
        assert f"job.log({name}=...) is no number and is left out" in caplog.text
    assert caplog.text.count("job.log(text=...)") == 1


def test_the_newest_64_names(desk: Recorder, caplog: pytest.LogCaptureFixture) -> None:
    with mixdesk.job("training_rvc") as job:
        job.log(**{f"n{number}": 0 for number in range(70)})
        job.log(n3=7)
    assert len(desk.last.metrics) == 64
    assert desk.last.metrics["n3"] == 7.0
    assert "more than 64 logged numbers" in caplog.text


def test_odd_counts_never_keep_a_report_from_being_sent(desk: Recorder, caplog: pytest.LogCaptureFixture) -> None:
    with mixdesk.job("training_rvc") as job:
        for total in (float("nan"), float("inf"), "many", -5, np.int64(3), torch.tensor(4)):
            with job.phase("preprocessing", total=total) as phase:  # type: ignore[arg-type]
                phase.advance(float("nan"))
                phase.advance(-3)
                phase.advance(np.float64(1.0))
            report = job._facts.report()
            assert wire.report_from(__import__("json").loads(wire.encode(report))) == report
            assert phase_of(report, "preprocessing").done == 1.0
        for epoch in job.epochs("training", np.int64(1)):  # type: ignore[arg-type]
            for _ in epoch.steps(range(1)):
                pass
        with job.phase("packaging", total="nine"):  # type: ignore[arg-type]
            job.tick(epoch=np.int64(1), step=np.int64(9))  # type: ignore[arg-type]
    assert desk.last.run_step == 9
    assert phase_of(desk.last, "packaging").done == 9.0
    assert "a count of phase 'preprocessing' is no number" in caplog.text


def test_artifacts_and_input(desk: Recorder, tmp_path: Path) -> None:
    with mixdesk.job("voice_convert", name=tmp_path, input_file=tmp_path / "in.wav", owner="rose") as job:  # type: ignore[arg-type]
        job.artifact("audio", tmp_path / "out.wav", url="https://x.example/out.wav")
        job.artifact("audio", tmp_path / "out.wav", url="https://x.example/2.wav")
        for number in range(40):
            job.artifact("part", f"{number}.wav")
    last = desk.last
    assert (last.input_file, last.owner, last.name) == (str(tmp_path / "in.wav"), "rose", str(tmp_path))
    seen = {artifact.path: artifact for report in desk.reports for artifact in report.artifacts}
    assert len(seen) == 41
    assert seen[str(tmp_path / "out.wav")].url == "https://x.example/2.wav"
    assert len(last.artifacts) <= 25, (
        "a report stays small: what is acknowledged, and not of the newest 5, has been told"
    )


def test_names_with_odd_bytes(desk: Recorder) -> None:
    with mixdesk.job("training_rvc", name="caf\udce9 \x00 日本") as job:
        job.log(größe=1)
    assert desk.last.metrics == {"größe": 1.0}
    assert desk.last.name == "caf? \x00 日本"


def test_who_and_where(desk: Recorder) -> None:
    import os
    import socket

    with mixdesk.job("training_rvc", name="anton", version="0.5") as job:
        assert job.log_stream == f"jobs/{job.id}"
        assert job.name == "anton"
    last = desk.last
    assert (last.pid, last.host, last.version, last.attempt) == (os.getpid(), socket.gethostname(), "0.5", 1)
    assert last.boot_id == Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    assert last.pid_start == int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
    assert last.log_stream == job.log_stream
    assert len(last.job_key) == 64


# -- the guard -----------------------------------------------------------------------------------------------


def test_failures_of_reporting_are_one_line_and_strict_lets_them_raise(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    @guard.guarded
    def breaks() -> None:
        raise RuntimeError("inside")

    monkeypatch.delenv("MIXDESK_STRICT")
    with caplog.at_level(logging.WARNING):
        breaks()
        breaks()
    assert caplog.text.count("training goes on") == 1
    with testing.strict(), pytest.raises(RuntimeError, match="inside"):
        breaks()
    monkeypatch.setenv("MIXDESK_STRICT", "1")
    with pytest.raises(RuntimeError, match="inside"):
        breaks()


def test_each_job_in_a_recording_is_asked_for_itself(desk: Recorder, hears: Callable[[Any, int], None]) -> None:
    """What was asked of one run is not asked of the next."""
    statuses: list[str] = []
    for _ in range(2):
        with mixdesk.job("training_rvc") as job:
            reported(desk, "starting")
            if not statuses:
                hears(job, desk.ask_run("canceled"))
            for _ in job.track("preprocessing", range(3)):
                pass
            seen = len(desk.reports)
            job.artifact("x", "y")
            desk.wait_for(lambda report, seen=seen: len(desk.reports) > seen)  # type: ignore[misc]
            for _ in job.track("training", range(3)):
                pass
        statuses.append(job.status)
    assert statuses == ["canceled", "succeeded"]


def test_a_job_that_has_not_begun_says_how(desk: Recorder) -> None:
    job = mixdesk.job("training_rvc")
    with pytest.raises(mixdesk.MixdeskError, match=r"has not begun: use `with mixdesk.job\(...\) as job:`"):
        next(iter(job.track("preprocessing", range(3))))
