"""What people ask of a run: obeyed at its boundaries, in every place of a run, with the outcome told."""

from __future__ import annotations

import resource
import socket
import threading
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

import mixdesk
from mixdesk import checkpoints, wire
from mixdesk.testing import Recorder

Hears = Callable[[Any, int], None]


def job_of(folder: Path | None, **options: Any) -> Any:
    return mixdesk.job("training_rvc", name="anton", checkpoints=folder, save_every=None, **options)


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*.pth"))


def steps_done(job: Any) -> int:
    return int(job._facts.switch.step)


# -- at a training step ----------------------------------------------------------------------------------


def test_a_checkpoint_and_on(desk: Recorder, tmp_path: Path, net: torch.nn.Module, hears: Hears) -> None:
    with job_of(tmp_path) as job:
        job.register(net=net)
        for epoch in job.epochs("training", 2):
            for item in epoch.steps(range(5)):
                if (epoch.number, item) == (1, 2):
                    asked = desk.ask_checkpoint()
                    hears(job, asked)
    assert job.status == "succeeded"
    assert steps_done(job) == 10
    saved = checkpoints.listing(tmp_path)
    assert [(entry.step, entry.manifest.reason) for entry in saved] == [(10, "final"), (3, "requested")]
    last = desk.last
    assert last.observed == wire.Observed(run=0, checkpoint=asked, outcome="saved")
    assert [record.step for record in last.checkpoints] == [3, 10]
    record = last.checkpoints[0]
    assert (record.path, record.size, record.hash) == (str(saved[1].path), saved[1].size, saved[1].hash)
    assert (record.epoch, record.reason, record.verified) == (0, "requested", True)


def test_then_cancel(desk: Recorder, tmp_path: Path, net: torch.nn.Module, hears: Hears) -> None:
    with job_of(tmp_path) as job:
        job.register(net=net)
        for epoch in job.epochs("training", 2):
            for item in epoch.steps(range(5)):
                if (epoch.number, item) == (2, 1):
                    hears(job, desk.ask_checkpoint("cancel"))
        pytest.fail("the loop was left")
    assert job.status == "canceled"
    assert files(tmp_path) == [checkpoints.listing(tmp_path)[0].path.name]
    assert "e1-s7" in files(tmp_path)[0]
    assert desk.statuses[-1] == "canceled"
    assert desk.last.checkpoint.status == "saved"
    first = next(i for i, report in enumerate(desk.reports) if report.status == "canceled")
    assert desk.reports[first].checkpoints, "saved is told before, or with, canceled"


def test_cancel_leaves_without_a_file(desk: Recorder, tmp_path: Path, net: torch.nn.Module, hears: Hears) -> None:
    with job_of(tmp_path) as job:
        job.register(net=net)
        for epoch in job.epochs("training", 2):
            for _ in epoch.steps(range(5)):
                asked = desk.ask_run("canceled")
                hears(job, asked)
    assert (job.status, steps_done(job)) == ("canceled", 1)
    assert files(tmp_path) == []
    assert desk.last.observed.run == asked
    assert desk.last.completed_at is not None


def test_cancel_overtakes_a_checkpoint_that_has_not_begun(
    desk: Recorder, tmp_path: Path, net: torch.nn.Module, hears: Hears
) -> None:
    with job_of(tmp_path) as job:
        job.register(net=net)
        for epoch in job.epochs("training", 1):
            for _ in epoch.steps(range(5)):
                first = desk.ask_checkpoint("cancel")
                second = desk.ask_run("canceled")
                hears(job, second)
    assert desk.last.observed == wire.Observed(run=second, checkpoint=first, outcome="moot")
    assert files(tmp_path) == []


def test_a_checkpoint_and_a_pause_of_one_generation(
    desk: Recorder, tmp_path: Path, net: torch.nn.Module, hears: Hears
) -> None:
    with job_of(tmp_path) as job:
        job.register(net=net)
        for epoch in job.epochs("training", 1):
            for item in epoch.steps(range(3)):
                if item == 0:
                    both = wire.Desired(
                        generation=1,
                        run=wire.RunDesired(state="paused", generation=1),
                        checkpoint=wire.CheckpointDesired(generation=1),
                    )
                    job._steering.hear(both)
                    go_on = threading.Timer(0.3, desk_resumes, (desk,))
                    go_on.start()
    saved = next(report for report in desk.reports if report.status == "paused")
    assert saved.checkpoint.status == "saved", "it is saved before the pause"
    assert [entry.step for entry in checkpoints.listing(tmp_path)] == [3, 1]
    assert job.status == "succeeded"


def desk_resumes(desk: Recorder) -> None:
    desk.wait_for(lambda report: report.status == "paused")
    desk.ask_run("paused")  # generations 1 and 2: only newer ones than the job's own count
    desk.ask_run("running")


def test_a_twin_request_at_one_position_is_answered_with_one_file(
    desk: Recorder, tmp_path: Path, net: torch.nn.Module, hears: Hears
) -> None:
    with job_of(tmp_path) as job:
        job.register(net=net)
        for epoch in job.epochs("training", 1):
            for item in epoch.steps(range(4)):
                if item == 1:
                    hears(job, desk.ask_checkpoint())
        asked = desk.ask_checkpoint("cancel")  # right after the last epoch: the final save is that position's
        hears(job, asked)
        with job.phase("packaging") as phase:
            phase.advance()
    assert job.status == "canceled"
    assert [entry.step for entry in checkpoints.listing(tmp_path)] == [4, 2]
    assert desk.last.observed.checkpoint == asked
    assert desk.last.checkpoint.last is not None
    assert desk.last.checkpoint.last.reason == "final"


def test_each_file_says_which_request_it_answers(
    desk: Recorder, tmp_path: Path, net: torch.nn.Module, hears: Hears
) -> None:
    """Also where the reporter was away for both: none of the outcomes is lost in one report."""
    fails = Fails()
    with mixdesk.job("training_rvc", name="anton", checkpoints=tmp_path, save_every="1 epoch") as job:
        job.register(net=net, fails=fails)
        for epoch in job.epochs("training", 3):
            for item in epoch.steps(range(3)):
                fails.now = (epoch.number, item) == (3, 1)
                if (epoch.number, item) in ((1, 1), (2, 2), (3, 1)):
                    hears(job, desk.ask_checkpoint())
    told = [(record.step, record.generation, record.reason) for record in job._facts.checkpoints]
    asked = [(2, 1, "requested"), (6, 2, "requested")]
    assert sorted(told, key=str) == sorted(
        [*asked, (3, None, "automatic"), (6, None, "automatic"), (9, None, "final")], key=str
    )
    assert (desk.last.observed.checkpoint, desk.last.observed.outcome) == (3, "failed")


class Fails:
    """State that cannot be had now and then."""

    now = False

    def state_dict(self) -> dict[str, Any]:
        if self.now:
            raise RuntimeError("CUDA error: out of everything")
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        pass


# -- pause -----------------------------------------------------------------------------------------------


class Paused(threading.Thread):
    """Pauses a run, and does something with it once it is paused."""

    def __init__(self, desk: Recorder, then: Callable[[], object]) -> None:
        super().__init__()
        self._desk, self._then = desk, then
        self.steps: int | None = None

    def run(self) -> None:
        self._desk.wait_for(lambda report: report.status == "paused")
        self._then()


def paused_run(desk: Recorder, folder: Path, net: torch.nn.Module, hears: Hears, then: Callable[[Any], object]) -> Any:
    """A run of 6 steps that is paused after the second; `then(job)` is called while it is."""
    with job_of(folder) as job:
        job.register(net=net)
        helper = Paused(desk, lambda: then(job))
        for epoch in job.epochs("training", 1):
            for item in epoch.steps(range(6)):
                if item == 1:
                    hears(job, desk.ask_run("paused"))
                    helper.start()
    helper.join(30)
    return job


def test_pause_and_resume(desk: Recorder, tmp_path: Path, net: torch.nn.Module, hears: Hears) -> None:
    waited = []

    def resume(job: Any) -> None:
        before = steps_done(job)
        time.sleep(0.2)
        waited.append((before, steps_done(job)))
        desk.ask_run("running")

    job = paused_run(desk, tmp_path, net, hears, resume)
    assert waited == [(2, 2)], "no step is taken while it is paused"
    assert (job.status, steps_done(job)) == ("succeeded", 6)
    assert desk.statuses.index("paused") == desk.statuses.index("running") + 1
    assert desk.last.observed.run == 2


def test_a_checkpoint_while_paused_is_taken_at_once(
    desk: Recorder, tmp_path: Path, net: torch.nn.Module, hears: Hears
) -> None:
    def save(job: Any) -> None:
        desk.ask_checkpoint()
        desk.wait_for(lambda report: report.checkpoint.status == "saved" and report.status == "paused")
        desk.ask_run("running")

    job = paused_run(desk, tmp_path, net, hears, save)
    assert [entry.step for entry in checkpoints.listing(tmp_path)] == [6, 2]
    assert job.status == "succeeded"


@pytest.mark.parametrize("how", ["cancel", "save and cancel", "leave"])
def test_what_ends_a_pause(desk: Recorder, tmp_path: Path, net: torch.nn.Module, hears: Hears, how: str) -> None:
    acts: dict[str, Callable[[Any], object]] = {
        "cancel": lambda job: desk.ask_run("canceled"),
        "save and cancel": lambda job: desk.ask_checkpoint("cancel"),
        "leave": lambda job: job.leave(),
    }
    job = paused_run(desk, tmp_path, net, hears, acts[how])
    assert (job.status, steps_done(job)) == ("canceled", 2)
    assert len(files(tmp_path)) == (0 if how == "cancel" else 1)


@pytest.mark.parametrize("how", ["save and cancel", "leave"])
def test_a_pause_within_an_evaluation_ends_with_the_boundary_before_it_saved(
    desk: Recorder, tmp_path: Path, net: torch.nn.Module, hears: Hears, how: str
) -> None:
    with job_of(tmp_path) as job:
        job.register(net=net)
        helper = Paused(desk, lambda: job.leave() if how == "leave" else desk.ask_checkpoint("cancel"))
        for epoch in job.epochs("training", 3):
            for _ in epoch.steps(range(2)):
                pass
            for item in job.track("evaluation", range(3)):
                if (epoch.number, item) == (1, 0):
                    hears(job, desk.ask_run("paused"))
                    helper.start()
    helper.join(30)
    assert (job.status, steps_done(job)) == ("canceled", 2)
    assert [(entry.epoch, entry.step) for entry in checkpoints.listing(tmp_path)] == [(0, 2)]


# -- other places ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["track", "advance"])
@pytest.mark.parametrize("when", ["before the first step", "after training"])
def test_outside_an_epoch(
    desk: Recorder, tmp_path: Path, net: torch.nn.Module, hears: Hears, how: str, when: str
) -> None:
    def phase(job: Any, key: str, ask: bool) -> None:
        if ask:
            hears(job, desk.ask_checkpoint("cancel"))
        if how == "track":
            for _ in job.track(key, range(3)):
                pass
        else:
            with job.phase(key, total=3) as phase:
                phase.advance(3)

    with job_of(tmp_path) as job:
        job.register(net=net)
        phase(job, "preprocessing", when == "before the first step")
        for epoch in job.epochs("training", 1):
            for _ in epoch.steps(range(3)):
                pass
        phase(job, "packaging", when == "after training")
    assert job.status == "canceled"
    assert desk.last.observed.outcome == "saved"
    expected = [(0, 0)] if when == "before the first step" else [(1, 3)]
    assert [(entry.epoch, entry.step) for entry in checkpoints.listing(tmp_path)] == expected


def test_within_an_evaluation_it_waits_for_the_next_step(
    desk: Recorder, tmp_path: Path, net: torch.nn.Module, hears: Hears
) -> None:
    seen = []
    with job_of(tmp_path) as job:
        job.register(net=net)
        for epoch in job.epochs("training", 3):
            for _ in epoch.steps(range(2)):
                pass
            for item in job.track("evaluation", range(3)):
                if (epoch.number, item) == (2, 0):
                    hears(job, desk.ask_checkpoint())
                seen.append((epoch.number, item, files(tmp_path)))
    assert all(names == [] for number, _, names in seen if number == 2)
    assert [(entry.epoch, entry.step) for entry in checkpoints.listing(tmp_path)] == [(3, 6), (2, 4)]
    assert desk.last.observed.outcome == "saved"


def test_plain_cancel_and_pause_are_obeyed_within_an_evaluation(
    desk: Recorder, tmp_path: Path, net: torch.nn.Module, hears: Hears
) -> None:
    with job_of(tmp_path) as job:
        job.register(net=net)
        for epoch in job.epochs("training", 3):
            for _ in epoch.steps(range(2)):
                pass
            with job.phase("evaluation", total=3) as phase:
                hears(job, desk.ask_run("canceled"))
                phase.advance()
                pytest.fail("it has left")
    assert (job.status, steps_done(job)) == ("canceled", 2)
    states = {phase.key: phase.state for phase in desk.last.phases}
    assert states["evaluation"] == "canceled"
    assert states["training"] == "canceled"


def test_between_epochs(desk: Recorder, tmp_path: Path, net: torch.nn.Module, hears: Hears) -> None:
    with job_of(tmp_path) as job:
        job.register(net=net)
        for epoch in job.epochs("training", 3):
            for _ in epoch.steps(range(2)):
                pass
            if epoch.number == 2:
                hears(job, desk.ask_checkpoint("cancel"))
    assert [(entry.epoch, entry.step, entry.manifest.position["epoch"]) for entry in checkpoints.listing(tmp_path)] == [
        (2, 4, 0)
    ]
    assert job.status == "canceled"


def test_in_a_tick_loop(desk: Recorder, tmp_path: Path, net: torch.nn.Module, hears: Hears) -> None:
    with job_of(tmp_path) as job:
        job.register(net=net)
        with job.phase("training", total=10):
            for step in range(1, 11):
                if step == 4:
                    hears(job, desk.ask_checkpoint("cancel"))
                job.tick(epoch=step // 5, step=step)
    assert [(entry.epoch, entry.step) for entry in checkpoints.listing(tmp_path)] == [(0, 4)]
    assert (job.status, steps_done(job)) == ("canceled", 4)


# -- what cannot be saved --------------------------------------------------------------------------------


def test_nothing_registered(desk: Recorder, tmp_path: Path, hears: Hears) -> None:
    with job_of(tmp_path) as job:
        for epoch in job.epochs("training", 1):
            for _ in epoch.steps(range(3)):
                hears(job, desk.ask_checkpoint("cancel"))
    assert (job.status, steps_done(job)) == ("succeeded", 3)
    assert desk.last.checkpoint.status == "failed"
    assert "job.register" in str(desk.last.checkpoint.error)
    assert desk.last.observed.outcome == "failed"


def test_no_folder(desk: Recorder, net: torch.nn.Module, hears: Hears) -> None:
    with job_of(None) as job:
        job.register(net=net)
        for epoch in job.epochs("training", 1):
            for _ in epoch.steps(range(3)):
                hears(job, desk.ask_checkpoint())
        with pytest.raises(mixdesk.CheckpointError, match="checkpoints=FOLDER"):
            job.save_checkpoint()
    assert job.status == "succeeded"
    assert "checkpoints=FOLDER" in str(desk.last.checkpoint.error)


def test_a_save_that_fails_goes_on_and_says_why(
    desk: Recorder, tmp_path: Path, net: torch.nn.Module, hears: Hears
) -> None:
    """A file-size limit stands for the full disk: root too is bound by it."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    with job_of(tmp_path) as job:
        job.register(net=torch.nn.Linear(300, 300))
        for epoch in job.epochs("training", 1):
            for item in epoch.steps(range(4)):
                if item == 1:
                    hears(job, desk.ask_checkpoint("cancel"))
                    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
                if item == 2:
                    resource.setrlimit(resource.RLIMIT_FSIZE, limits)
                    assert desk_says_failed(desk)
    assert (job.status, steps_done(job)) == ("succeeded", 4)
    assert [entry.manifest.reason for entry in checkpoints.listing(tmp_path)] == ["final"]
    assert desk.last.observed.outcome == "failed"
    assert desk.last.checkpoint.status == "saved", "by the final save"


def desk_says_failed(desk: Recorder) -> bool:
    desk.wait_for(
        lambda report: report.checkpoint.status == "failed" and "File too large" in str(report.checkpoint.error)
    )
    return True


def test_state_that_cannot_be_loaded_again_is_told_at_the_first_step(desk: Recorder, tmp_path: Path) -> None:
    class Odd:
        def state_dict(self) -> dict[str, Any]:
            return {"where": Path("/tmp")}

        def load_state_dict(self, state: dict[str, Any]) -> None:
            raise AssertionError

    with job_of(tmp_path) as job:
        job.register(odd=Odd())
        for epoch in job.epochs("training", 1):
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                for item in epoch.steps(range(3)):
                    if item == 1:
                        assert len(caught) == 1, "told after the first step"
    text = str(caught[0].message)
    assert "state['odd']['where']" in text
    assert "str(value)" in text
    assert job.status == "succeeded"
    assert desk.last.checkpoint.status == "failed"


def test_a_state_dict_that_raises_is_a_failed_save(desk: Recorder, tmp_path: Path, hears: Hears) -> None:
    broken = Fails()
    with job_of(tmp_path) as job:
        job.register(broken=broken)
        for epoch in job.epochs("training", 1):
            for item in epoch.steps(range(3)):
                broken.now = item == 1
                if item == 1:
                    hears(job, desk.ask_checkpoint("cancel"))
    assert (job.status, steps_done(job)) == ("succeeded", 3)
    assert desk.last.observed.outcome == "failed"
    assert "out of everything" in str(desk.last.observed.error), "though the final save has said `saved` since"


# -- what was raised and swallowed -----------------------------------------------------------------------


def test_a_bare_except_around_the_loop(desk: Recorder, tmp_path: Path, net: torch.nn.Module, hears: Hears) -> None:
    swallowed = 0
    with job_of(tmp_path) as job:
        job.register(net=net)
        for epoch in job.epochs("training", 4):
            try:
                for item in epoch.steps(range(3)):
                    if item == 0 and not swallowed:
                        hears(job, desk.ask_checkpoint("cancel"))
            except:  # noqa: E722 - what this test is about
                swallowed += 1
    assert swallowed == 1
    assert job.status == "canceled"
    assert [(entry.epoch, entry.step) for entry in checkpoints.listing(tmp_path)] == [(0, 1)]


def test_swallowed_in_the_last_epoch_is_no_finished_run(
    desk: Recorder, tmp_path: Path, net: torch.nn.Module, hears: Hears
) -> None:
    """The epoch that was cut short is neither counted nor saved as done, and later phases are left too."""
    after = []
    with job_of(tmp_path) as job:
        job.register(net=net)
        try:
            for epoch in job.epochs("training", 1):
                try:
                    for _ in epoch.steps(range(3)):
                        hears(job, desk.ask_checkpoint("cancel"))
                except BaseException:
                    pass
        except BaseException:
            after.append("epochs")
        try:
            for _ in job.track("packaging", range(3)):
                after.append("packed one")
        except BaseException:
            after.append("track")
    assert after == ["epochs", "track"]
    assert job.status == "canceled"
    assert [(entry.epoch, entry.step) for entry in checkpoints.listing(tmp_path)] == [(0, 1)]
    assert next(phase.state for phase in desk.last.phases if phase.key == "training") == "canceled"


def test_canceled_is_no_exception_that_except_exception_takes() -> None:
    assert not issubclass(mixdesk.Canceled, Exception)


# -- automatic saves -------------------------------------------------------------------------------------


def test_every_two_epochs_and_only_the_newest_stay(desk: Recorder, tmp_path: Path, net: torch.nn.Module) -> None:
    with mixdesk.job("training_rvc", name="anton", checkpoints=tmp_path, save_every="1 epoch", keep=2) as job:
        job.register(net=net)
        for epoch in job.epochs("training", 6):
            for _ in epoch.steps(range(2)):
                pass
            if epoch.number == 2:
                job.save_checkpoint()
    kept = [(entry.epoch, entry.manifest.reason) for entry in checkpoints.listing(tmp_path)]
    assert kept == [(6, "final"), (5, "automatic"), (4, "automatic"), (1, "manual")]


def test_by_time(desk: Recorder, tmp_path: Path, net: torch.nn.Module) -> None:
    with mixdesk.job("training_rvc", name="anton", checkpoints=tmp_path, save_every="0.5s") as job:
        job.register(net=net)
        for epoch in job.epochs("training", 1):
            for _ in epoch.steps(range(10_000)):
                time.sleep(0.01)
                if desk.reports[-1].checkpoints:
                    break
    assert checkpoints.listing(tmp_path)[-1].manifest.reason == "automatic"


@pytest.mark.timeout(60)
def test_by_time_whatever_the_network_does(
    tmp_path: Path, net: torch.nn.Module, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A desk that takes the connection and never answers holds the reporter's thread for as long as it likes."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("MIXDESK_URL", f"http://127.0.0.1:{silent.getsockname()[1]}")
        monkeypatch.setenv("MIXDESK_TOKEN", "given")
        monkeypatch.setattr("mixdesk.transport.TIMEOUT_S", 600.0)
        with mixdesk.job("training_rvc", name="anton", checkpoints=tmp_path, save_every="1.5s") as job:
            taken, _ = silent.accept()
            job.register(net=net)
            for epoch in job.epochs("training", 1):
                for _ in epoch.steps(range(10_000)):
                    time.sleep(0.01)
                    if checkpoints.listing(tmp_path):
                        job.leave(save=False)
        taken.close()
    assert [entry.manifest.reason for entry in checkpoints.listing(tmp_path)] == ["automatic"]


def test_the_alarm_ends_with_its_job(desk: Recorder, tmp_path: Path) -> None:
    def alarms() -> int:
        return sum(thread.name == "mixdesk-alarm" for thread in threading.enumerate())

    for every, expected in (("15min", 1), ("2 epochs", 0), (None, 0)):
        with mixdesk.job("training_rvc", name="anton", checkpoints=tmp_path, save_every=every):
            assert alarms() == expected
        deadline = time.monotonic() + 20
        while alarms() and time.monotonic() < deadline:
            time.sleep(0.01)
        assert alarms() == 0


def test_an_automatic_save_that_fails_is_not_tried_at_each_second(
    desk: Recorder, tmp_path: Path, net: torch.nn.Module
) -> None:
    folder = tmp_path / "checkpoints"
    with mixdesk.job("training_rvc", name="anton", checkpoints=folder, save_every="1s") as job:
        job.register(net=net)
        saver = job._saver
        saver._policy.source.folder.joinpath("x").write_text("")
        for epoch in job.epochs("training", 1):
            for _ in epoch.steps(range(1)):
                saver._saved_at -= 1.1
                assert saver.due()
                limits = resource.getrlimit(resource.RLIMIT_FSIZE)
                resource.setrlimit(resource.RLIMIT_FSIZE, (10, limits[1]))
                try:
                    saver.automatic()
                finally:
                    resource.setrlimit(resource.RLIMIT_FSIZE, limits)
                assert job._facts.checkpoint.status == "failed"
                assert not saver.due()
                saver._saved_at -= 1.1
                assert saver.due(), "but once more after its interval, 60 s at most"


@pytest.mark.parametrize("text", ["15", "fast", "0min", "-1h", "1.5 epochs", "0 epochs", ""])
def test_save_every_that_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="15min"):
        mixdesk.job("training_rvc", save_every=text)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"resume": "maybe"}, "resume='maybe'"),
        ({"on_sigterm": "die"}, "on_sigterm='die'"),
        ({"keep": 0}, "keep=0"),
        ({"weights": {}}, "must be finite"),
    ],
)
def test_arguments_that_are_none_of_these(options: dict[str, Any], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        mixdesk.job("training_rvc", **options)
