"""Which checkpoint a run goes on from, what must fit, and what is never done silently."""

from __future__ import annotations

import gc
import logging
import weakref
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from tinyrun import Plan, attempt

import mixdesk
from mixdesk import checkpoints
from mixdesk.testing import Recorder

Hears = Callable[[Any, int], None]
SMALL = Plan(epochs=2, samples=10)  # 3 steps an epoch


def filled(value: float, size: int = 2) -> torch.nn.Module:
    net = torch.nn.Linear(size, 1)
    torch.nn.init.constant_(net.weight, value)
    return net


def weight(net: torch.nn.Module) -> float:
    return float(net.weight.detach().flatten()[0])  # type: ignore[operator,union-attr]


def job_of(folder: Path, **options: Any) -> Any:
    return mixdesk.job("training_rvc", **{"name": "anton", "checkpoints": folder, "save_every": None, **options})


def train(
    folder: Path, epochs: int, net: torch.nn.Module | None = None, *, key: str = "training", **options: Any
) -> Any:
    """Epochs of two steps; each adds one to the weights."""
    net = net or filled(0.0)
    with job_of(folder, **options) as job:
        job.register(net=net)
        for epoch in job.epochs(key, epochs):
            for _ in epoch.steps(range(2)):
                with torch.no_grad():
                    net.weight.add_(1.0)  # type: ignore[operator,union-attr]
    return job, net


# -- auto, must, never -----------------------------------------------------------------------------------


def test_a_larger_number_of_epochs_goes_on(desk: Recorder, tmp_path: Path) -> None:
    first, _ = train(tmp_path, 2)
    second, net = train(tmp_path, 5)
    assert weight(net) == 10.0
    assert desk.last.parent_id == first.id
    assert (desk.last.attempt, desk.last.run_step, desk.last.attempt_steps) == (2, 10, 6)
    assert checkpoints.listing(tmp_path)[0].manifest.parent == checkpoints.listing(tmp_path)[1].path.name
    assert second.status == "succeeded"


def test_a_finished_run_trains_none_and_says_so(
    desk: Recorder, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    train(tmp_path, 2)
    job, net = train(tmp_path, 2, filled(50.0))
    assert weight(net) == 4.0, "the trained state is loaded all the same, for what comes after"
    assert "all 2 epochs are done already, none is trained" in caplog.text
    assert len(list(tmp_path.glob("*.pth"))) == 1
    assert job.status == "succeeded"
    training = next(phase for phase in desk.last.phases if phase.key == "training")
    assert (training.state, training.done, training.total) == ("done", 2.0, 2.0)


def test_fewer_epochs_than_are_done(desk: Recorder, tmp_path: Path) -> None:
    train(tmp_path, 4)
    _, net = train(tmp_path, 2)
    assert weight(net) == 8.0


def test_must_and_never(desk: Recorder, tmp_path: Path) -> None:
    with pytest.raises(
        mixdesk.CheckpointError, match=r"resume='must', but .* has no checkpoint of 'anton' version '0.1'"
    ):
        train(tmp_path, 1, resume="must")
    assert desk.last.status == "failed"
    train(tmp_path, 1)
    _, net = train(tmp_path, 2, resume="must")
    assert weight(net) == 4.0
    _, net = train(tmp_path, 1, resume="never")
    assert weight(net) == 2.0
    assert desk.last.parent_id is None


def test_another_name_or_version_is_another_run(desk: Recorder, tmp_path: Path) -> None:
    train(tmp_path, 2)
    for options in ({"name": "berta"}, {"version": "0.2"}):
        _, net = train(tmp_path, 1, **options)
        assert weight(net) == 2.0


def test_a_broken_checkpoint_is_named_and_the_one_before_it_taken(desk: Recorder, tmp_path: Path) -> None:
    train(tmp_path, 1)
    train(tmp_path, 2)
    newest = checkpoints.listing(tmp_path)[0].path
    newest.write_bytes(newest.read_bytes()[:-7])
    with pytest.warns(UserWarning, match=f"checkpoint skipped: .*{newest.name}: truncated"):
        _, net = train(tmp_path, 3)
    assert weight(net) == 6.0


def test_resume_that_failed_is_tried_again_not_forgotten(desk: Recorder, tmp_path: Path) -> None:
    """A notebook's second attempt after an error does not begin afresh."""
    train(tmp_path, 1)
    job = job_of(tmp_path).start()
    job.register(net=filled(0.0, size=3))
    for _ in range(2):
        with pytest.raises(mixdesk.CheckpointError, match="shape"):
            next(iter(job.epochs("training", 2)))
    job.close("failed")


# -- names and shapes ------------------------------------------------------------------------------------


def test_shapes_that_do_not_fit_raise_or_warn(desk: Recorder, tmp_path: Path) -> None:
    train(tmp_path, 1)
    with pytest.raises(
        mixdesk.CheckpointError, match=r"net: weight has shape \(1, 2\) in the checkpoint and \(1, 3\) here"
    ):
        train(tmp_path, 2, filled(0.0, size=3))
    with pytest.warns(UserWarning, match="weight has shape"):
        _, net = train(tmp_path, 2, filled(0.0, size=3), strict=False)
    assert weight(net) == 2.0


def test_what_an_earlier_attempt_did_is_told(desk: Recorder, tmp_path: Path) -> None:
    """Two epochs and half of the third, then on: the second attempt began at 2.5 of 4."""
    with job_of(tmp_path) as job:
        job.register(net=filled(1.0))
        for epoch in job.epochs("training", 4):
            for step in epoch.steps(range(10)):
                if epoch.number == 3 and step == 4:
                    job.leave()
    training = next(phase for phase in desk.last.phases if phase.key == "training")
    assert (training.began, training.done, training.work) == (0.0, 2.5, 40.0)
    with job_of(tmp_path) as job:
        job.register(net=filled(0.0))
        for epoch in job.epochs("training", 4):
            for _ in epoch.steps(range(10)):
                pass
    training = next(phase for phase in desk.last.phases if phase.key == "training")
    assert (training.began, training.done, training.work) == (2.5, 4.0, 40.0)


def test_names_registered_later_are_loaded_at_once(desk: Recorder, tmp_path: Path) -> None:
    with job_of(tmp_path) as job:
        job.register(net=filled(1.0), disc=filled(2.0))
        for epoch in job.epochs("training", 1):
            for _ in epoch.steps(range(2)):
                pass
    net, disc = filled(0.0), filled(0.0)
    with job_of(tmp_path) as job:
        job.register(net=net)
        for epoch in job.epochs("training", 2):
            assert weight(net) == 1.0
            job.register(disc=disc)
            assert weight(disc) == 2.0
            for _ in epoch.steps(range(2)):
                pass
    assert job.status == "succeeded"
    assert set(checkpoints.listing(tmp_path)[0].load()["state"]) == {"net", "disc"}


@pytest.mark.parametrize("epochs", [1, 2], ids=["nothing left to train", "one more epoch"])
@pytest.mark.parametrize("registered", [("net",), ()], ids=["one of two", "nothing"])
def test_names_left_over_raise(desk: Recorder, tmp_path: Path, registered: tuple[str, ...], epochs: int) -> None:
    with job_of(tmp_path) as job:
        job.register(net=filled(1.0), disc=filled(2.0))
        for epoch in job.epochs("training", 1):
            for _ in epoch.steps(range(2)):
                pass
    with (
        pytest.raises(mixdesk.CheckpointError, match=r"the checkpoint also holds disc.* never registered"),
        job_of(tmp_path) as job,
    ):
        job.register(**{name: filled(0.0) for name in registered})
        for epoch in job.epochs("training", epochs):
            for _ in epoch.steps(range(2)):
                pass
    assert job.status == "failed"


def test_a_name_the_checkpoint_does_not_hold(desk: Recorder, tmp_path: Path) -> None:
    train(tmp_path, 1)
    with pytest.raises(mixdesk.CheckpointError, match="the checkpoint has no extra_net"), job_of(tmp_path) as job:
        job.register(net=filled(0.0), extra_net=filled(0.0))
        next(iter(job.epochs("training", 2)))
    with (
        pytest.raises(mixdesk.CheckpointError, match="late was registered after the first step"),
        job_of(tmp_path) as job,
    ):
        job.register(net=filled(0.0))
        for epoch in job.epochs("training", 2):
            for _ in epoch.steps(range(2)):
                pass
            job.register(late=filled(0.0))


def test_what_has_no_state_is_refused_at_once(desk: Recorder, tmp_path: Path) -> None:
    with job_of(tmp_path) as job, pytest.raises(TypeError, match=r"job.register\(lr=...\): float has no state_dict"):
        job.register(lr=0.1)


def test_extra_comes_back(desk: Recorder, tmp_path: Path) -> None:
    with job_of(tmp_path) as job:
        job.register(net=filled(0.0))
        job.extra["best"] = 0.25
        for epoch in job.epochs("training", 1):
            for _ in epoch.steps(range(2)):
                pass
    with job_of(tmp_path) as job:
        extra = job.extra
        job.register(net=filled(0.0))
        for _ in job.epochs("training", 2):
            assert extra == {"best": 0.25}
            break


# -- loaders and loops that are not the same ------------------------------------------------------------------


def stop_at(step: int) -> Callable[..., None]:
    return lambda job, trainer: job.leave() if trainer.steps == step else None


@pytest.mark.filterwarnings("ignore:Detected call of .lr_scheduler.step")
@pytest.mark.parametrize("samples", [6, 20], ids=["shorter", "longer"])
def test_another_length_of_the_loader_raises(desk: Recorder, tmp_path: Path, samples: int) -> None:
    attempt(tmp_path, SMALL, stop_at(2))
    with pytest.raises(mixdesk.CheckpointError, match="taken in an epoch of 3 batches, and this loader has"):
        attempt(tmp_path, replace(SMALL, samples=samples))
    with pytest.warns(UserWarning, match="another data set or batch size"):
        attempt(tmp_path, replace(SMALL, samples=samples), strict=False)


def test_a_loader_without_len_that_ends_too_early(desk: Recorder, tmp_path: Path) -> None:
    def run(batches: int, leave: bool) -> None:
        with job_of(tmp_path) as job:
            job.register(net=filled(0.0))
            for epoch in job.epochs("training", 1):
                for item in epoch.steps(iter(range(batches))):
                    if leave and item == 3:
                        job.leave()

    run(6, leave=True)
    with pytest.raises(mixdesk.CheckpointError, match="after 4 batches of an epoch, but this loader has only 2"):
        run(2, leave=False)


def test_a_loop_of_another_name(desk: Recorder, tmp_path: Path) -> None:
    attempt(tmp_path / "mid", SMALL, stop_at(2), name="anton")
    with (
        pytest.raises(mixdesk.CheckpointError, match="within the loop 'training', and this program comes to 'fine'"),
        mixdesk.job("own", name="anton", weights={"fine": 1}, checkpoints=tmp_path / "mid") as job,
    ):
        for _ in job.epochs("fine", 2):
            pass
    train(tmp_path / "whole", 1)
    with pytest.warns(UserWarning, match="after the loop 'training'; 'packaging' begins afresh"):
        _, net = train(tmp_path / "whole", 1, key="packaging")
    assert weight(net) == 4.0, "on top of what was trained"


def test_two_loops_one_after_the_other(desk: Recorder, tmp_path: Path) -> None:
    def run(folder: Path, stop: int | None) -> tuple[Any, list[str]]:
        seen = []
        weights = {"warm": 1, "fine": 2}
        with mixdesk.job("own", name="a", weights=weights, checkpoints=folder, save_every=None) as job:
            job.register(net=filled(0.0))
            for key in ("warm", "fine"):
                for epoch in job.epochs(key, 2):
                    for _ in epoch.steps(range(2)):
                        seen.append(f"{key}{epoch.number}")
                        if len(seen) == stop:
                            job.leave()
        return job, seen

    _, whole = run(tmp_path / "whole", None)
    parts = [run(tmp_path / "parts", stop)[1] for stop in (3, 2, None)]
    assert [step for part in parts for step in part] == whole
    assert [len(part) for part in parts] == [3, 2, 3]
    newest = checkpoints.listing(tmp_path / "parts")[0]
    assert (newest.epoch, newest.step) == (4, 8), "e and s count over all loops and attempts"


# -- loops that count for themselves --------------------------------------------------------------------------


def ticked(
    folder: Path, steps: int, stop: int | None = None, restore: bool = True, **options: Any
) -> tuple[Any, list[int]]:
    done = []
    with job_of(folder, **options) as job:
        job.register(net=filled(0.0))
        at = job.restore() if restore else None
        step = at.step if at else 0
        with job.phase("training", total=steps):
            while step < steps:
                step += 1
                done.append(step)
                if step == stop:
                    job.leave()
                job.tick(epoch=step // 4, step=step)
    return job, done


def test_tick_and_restore(desk: Recorder, tmp_path: Path) -> None:
    first, one = ticked(tmp_path, 10, stop=6)
    assert (first.status, one) == ("canceled", [1, 2, 3, 4, 5, 6])
    entry = checkpoints.listing(tmp_path)[0]
    assert (entry.epoch, entry.step) == (1, 6)
    second, two = ticked(tmp_path, 10)
    assert (second.status, two) == ("succeeded", [7, 8, 9, 10])
    last = desk.last
    assert (last.run_step, last.attempt_steps, last.epoch, last.parent_id) == (10, 4, 3, first.id)
    training = next(phase for phase in last.phases if phase.key == "training")
    assert (training.done, training.total) == (10.0, 10.0)


def test_tick_without_restore_is_no_silent_fresh_start(desk: Recorder, tmp_path: Path) -> None:
    ticked(tmp_path, 10, stop=6)
    with pytest.raises(mixdesk.CheckpointError, match=r"call job.restore\(\) before it, or pass .*resume='never'"):
        ticked(tmp_path, 10, restore=False)
    _, done = ticked(tmp_path, 3, restore=False, resume="never")
    assert done == [1, 2, 3]


def test_epochs_after_ticks_are_refused(desk: Recorder, tmp_path: Path) -> None:
    ticked(tmp_path, 10, stop=6)
    with pytest.raises(mixdesk.CheckpointError, match="counts for itself"):
        train(tmp_path, 2)


def test_a_checkpoint_saved_without_a_job(desk: Recorder, tmp_path: Path) -> None:
    mixdesk.save_checkpoint(tmp_path, {"net": filled(7.0)}, name="anton", epoch=2, step=9, extra={"lr": 0.1})
    net = filled(0.0)
    with job_of(tmp_path) as job:
        job.register(net=net)
        at = job.restore()
        assert at is not None
        assert (at.epoch, at.step, weight(net), job.extra) == (2, 9, 7.0, {"lr": 0.1})


# -- before anything is loaded ------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["checkpoint", "leave"])
def test_a_save_before_training_does_not_hide_what_is_gone_on_from(
    desk: Recorder, tmp_path: Path, hears: Hears, how: str
) -> None:
    """In the phases before training the nets are fresh: saving those as the newest would lose the run."""
    train(tmp_path, 2)
    before = [entry.path for entry in checkpoints.listing(tmp_path)]
    with job_of(tmp_path) as job:
        job.register(net=filled(0.0))
        for item in job.track("preprocessing", range(3)):
            if item == 1:
                job.leave() if how == "leave" else hears(job, desk.ask_checkpoint("cancel"))
    assert job.status == "canceled"
    assert [entry.path for entry in checkpoints.listing(tmp_path)] == before
    if how == "checkpoint":
        assert desk.last.checkpoint.status == "saved"
        assert desk.last.checkpoint.last is not None
        assert desk.last.checkpoint.last.path == str(before[0])
    _, net = train(tmp_path, 3)
    assert weight(net) == 6.0


def test_a_save_by_the_program_before_epochs(desk: Recorder, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    train(tmp_path, 2)
    net = filled(0.0)
    with job_of(tmp_path) as job:
        job.register(net=net)
        job.save_checkpoint()
        assert "what was saved before is not loaded" in caplog.text
        for epoch in job.epochs("training", 3):
            assert (epoch.number, weight(net)) == (3, 4.0), "it goes on from what was there when the run began"
            for _ in epoch.steps(range(2)):
                pass


def test_each_save_by_the_program_is_a_file(desk: Recorder, tmp_path: Path) -> None:
    """A program that trains without counting steps saves what it has, each time it says so."""
    net = filled(0.0)
    with job_of(tmp_path) as job:
        job.register(net=net)
        for value in (1.0, 2.0, 3.0):
            torch.nn.init.constant_(net.weight, value)  # type: ignore[arg-type]
            job.save_checkpoint()
    found = mixdesk.resume(tmp_path, "anton")
    assert found is not None
    assert float(found.load()["state"]["net"]["weight"][0, 0]) == 3.0


def test_a_program_that_trains_in_a_phase_by_hand_is_saved_anew(desk: Recorder, tmp_path: Path, hears: Hears) -> None:
    with job_of(tmp_path) as job:
        job.register(net=filled(0.0))
        with job.phase("training", total=4) as phase:
            for item in range(4):
                if item in (1, 3):
                    hears(job, desk.ask_checkpoint())
                phase.advance()
    assert len(checkpoints.listing(tmp_path)) == 2


# -- left by break -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["after the epoch's steps", "among them"])
def test_early_stopping_is_done_and_saved(desk: Recorder, tmp_path: Path, where: str) -> None:
    with job_of(tmp_path) as job:
        job.register(net=filled(0.0))
        for epoch in job.epochs("training", 9):
            for item in epoch.steps(range(3)):
                if (epoch.number, item) == (3, 1) and where == "among them":
                    break
            if epoch.number == 3:
                break
        with job.phase("packaging"):
            pass
    assert job.status == "succeeded"
    training = next(phase for phase in desk.last.phases if phase.key == "training")
    assert training.state == "done"
    entry = checkpoints.listing(tmp_path)[0]
    expected = (3, 9) if where == "after the epoch's steps" else (2, 7)
    assert (entry.epoch, entry.step, entry.manifest.reason) == (*expected, "final")


def test_a_loop_left_by_an_error_is_neither_done_nor_saved(desk: Recorder, tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), job_of(tmp_path) as job:
        job.register(net=filled(0.0))
        for epoch in job.epochs("training", 9):
            for item in epoch.steps(range(3)):
                1 // (1 - item)
    assert job.status == "failed"
    assert next(phase for phase in desk.last.phases if phase.key == "training").state == "failed"
    assert checkpoints.listing(tmp_path) == []


def test_persistent_workers_are_told_not_to_be_exact(
    desk: Recorder, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    loader = torch.utils.data.DataLoader(list(range(4)), num_workers=1, persistent_workers=True)
    with job_of(tmp_path) as job, caplog.at_level(logging.WARNING):
        for epoch in job.epochs("training", 1):
            for _ in epoch.steps(loader):
                pass
    assert "persistent_workers=True" in caplog.text


def test_another_number_of_threads_warns(desk: Recorder, tmp_path: Path) -> None:
    before = torch.get_num_threads()
    train(tmp_path, 1)
    torch.set_num_threads(before + 1)
    try:
        with pytest.warns(UserWarning, match="may not repeat the first one exactly: threads was"):
            train(tmp_path, 2)
    finally:
        torch.set_num_threads(before)


# -- what is held, and what is not ----------------------------------------------------------------------------------


def test_after_the_block_nothing_of_the_users_is_held(desk: Recorder, tmp_path: Path) -> None:
    train(tmp_path, 1)
    job, net = train(tmp_path, 2)
    held = weakref.ref(net)
    del net
    gc.collect()
    assert held() is None, "a model on a GPU is freed, though the program still has its job"
    with pytest.raises(mixdesk.CheckpointError, match="has ended"):
        job.save_checkpoint()


def test_a_folder_that_cannot_be_used_is_told_at_the_start(desk: Recorder, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    job = job_of(tmp_path / "file" / "kept")
    with pytest.raises(mixdesk.CheckpointError, match=r"the checkpoint folder .*file/kept cannot be used"):
        job.start()
