"""Stopped anywhere and started again, a run ends with the same weights, bit for bit, as one that was never stopped."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from forker import Forker
from tinyrun import Ended, Plan, Trainer, attempt
from torture import TORTURE, chance, times

from mixdesk.testing import Recorder

# torch takes it for a mistake where the first epoch is entered again with no steps left: it is none
pytestmark = pytest.mark.filterwarnings("ignore:Detected call of .lr_scheduler.step")

_whole: dict[Plan, Ended] = {}


def whole(tmp_path: Path, plan: Plan) -> Ended:
    """The unbroken run of a plan."""
    if plan not in _whole:
        _whole[plan] = attempt(tmp_path / "whole", plan)
        assert _whole[plan].status == "succeeded"
        assert _whole[plan].trainer.steps == plan.steps
    return _whole[plan]


def leave_at(step: int) -> Callable[..., None]:
    """Asks to leave within the step after which so many are done in this process."""

    def at_step(job: Any, trainer: Trainer) -> None:
        if trainer.steps == step:
            job.leave()

    return at_step


def stopped_and_resumed(folder: Path, plan: Plan, stops: list[int]) -> list[Ended]:
    """Attempts that each leave after so many steps of their own, and the last, which is not stopped."""
    parts = []
    for stop in stops:
        parts.append(attempt(folder, plan, leave_at(stop)))
        assert parts[-1].status == "canceled"
        assert parts[-1].trainer.steps == stop, "it left at the boundary of the step it was asked in"
    parts.append(attempt(folder, plan))
    assert parts[-1].status == "succeeded"
    return parts


def assert_exact(tmp_path: Path, plan: Plan, stops: list[int]) -> None:
    one = whole(tmp_path, plan)
    parts = stopped_and_resumed(tmp_path / "parts", plan, stops)
    assert [batch for part in parts for batch in part.trainer.trail] == one.trainer.trail, (
        "the same samples in the same order"
    )
    assert sum(part.trainer.steps for part in parts) == plan.steps, "each step exactly once"
    assert parts[-1].digest == one.digest, "weights, optimizer, scheduler and all random states"


PER_EPOCH = 6  # steps: 22 samples in batches of 4


@pytest.mark.parametrize(
    "stops",
    [[1], [3], [PER_EPOCH], [PER_EPOCH + 2], [3 * PER_EPOCH - 1], [2, 3, 4], [PER_EPOCH, PER_EPOCH]],
    ids=lambda stops: "-".join(map(str, stops)),
)
def test_workers_0(desk: Recorder, tmp_path: Path, stops: list[int]) -> None:
    assert_exact(tmp_path, Plan(), stops)


@pytest.mark.parametrize("stops", [[2], [PER_EPOCH, 3]], ids=["mid-epoch", "last step, then mid-epoch"])
def test_workers_2(desk: Recorder, tmp_path: Path, stops: list[int]) -> None:
    assert_exact(tmp_path, Plan(epochs=2, workers=2), stops)


@pytest.mark.parametrize("loader", ["generator", "state", "permutation"])
@pytest.mark.parametrize("stops", [[2], [PER_EPOCH], [PER_EPOCH + 1, 2]], ids=lambda stops: "-".join(map(str, stops)))
def test_loaders_of_other_kinds(desk: Recorder, tmp_path: Path, loader: str, stops: list[int]) -> None:
    assert_exact(tmp_path, Plan(loader=loader), stops)


@pytest.mark.parametrize("stops", [[1], [2], [3], [4]], ids=str)
def test_groups_with_a_short_last_one(desk: Recorder, tmp_path: Path, stops: list[int]) -> None:
    plan = Plan(every=4)  # 6 batches an epoch: groups of 4 and 2
    assert plan.steps == 6
    assert_exact(tmp_path, plan, stops)


@pytest.mark.parametrize("loader", ["plain", "generator", "permutation"])
@pytest.mark.parametrize("stops", [[3], [PER_EPOCH + 2], [2 * PER_EPOCH, 1]], ids=str)
def test_two_steps_calls_in_an_epoch(desk: Recorder, tmp_path: Path, loader: str, stops: list[int]) -> None:
    assert_exact(tmp_path, Plan(epochs=2, parts=2, loader=loader), stops)


@pytest.mark.parametrize("loader", ["generator", "state"])
@pytest.mark.parametrize("stops", [[2, 2, 2, 2], [PER_EPOCH + 2, 2], [2 * PER_EPOCH, 2, PER_EPOCH]], ids=str)
def test_each_part_with_a_loader_of_its_own(desk: Recorder, tmp_path: Path, loader: str, stops: list[int]) -> None:
    """Stopped again before the second loader was used, its state is handed on from checkpoint to checkpoint."""
    assert_exact(tmp_path, Plan(epochs=2, parts=2, loader=loader, shared=False), stops)


def leave_after_epoch(number: int) -> Callable[..., None]:
    """Asks to leave when the body of an epoch is over: the next boundary is the one between epochs."""

    def after_epoch(job: Any, epoch: int) -> None:
        if epoch == number:
            job.leave()

    return after_epoch


@pytest.mark.parametrize("loader", ["plain", "generator", "state", "permutation"])
def test_between_epochs(desk: Recorder, tmp_path: Path, loader: str) -> None:
    plan = Plan(loader=loader)
    one = whole(tmp_path, plan)
    first = attempt(tmp_path / "parts", plan, after_epoch=leave_after_epoch(1))
    second = attempt(tmp_path / "parts", plan, after_epoch=leave_after_epoch(2))
    third = attempt(tmp_path / "parts", plan)
    assert [first.trainer.steps, second.trainer.steps, third.trainer.steps] == [PER_EPOCH] * 3
    assert [first.status, second.status, third.status] == ["canceled", "canceled", "succeeded"]
    assert third.digest == one.digest


def test_saved_by_the_program_within_a_step(desk: Recorder, tmp_path: Path) -> None:
    """`job.save_checkpoint()` at the end of the body counts the step it stands in as done."""
    plan = Plan()

    def die(job: Any, trainer: Trainer) -> None:
        if trainer.steps == 8:
            saved = job.save_checkpoint()
            assert (saved.epoch, saved.step) == (1, 8)
            raise KeyError("the program breaks right after")

    with pytest.raises(KeyError):
        attempt(tmp_path / "parts", plan, die)
    rest = attempt(tmp_path / "parts", plan)
    assert rest.trainer.steps == plan.steps - 8
    assert rest.digest == whole(tmp_path, plan).digest


def test_the_boundary_after_a_manual_save_is_answered_with_its_file(desk: Recorder, tmp_path: Path) -> None:
    def save_and_leave(job: Any, trainer: Trainer) -> None:
        if trainer.steps == 4:
            job.save_checkpoint()
            desk.ask_checkpoint("cancel")
            desk.wait_for(lambda report: job._steering.desired.generation > 0)

    ended = attempt(tmp_path, Plan(), save_and_leave)
    assert ended.status == "canceled"
    assert len(list(tmp_path.glob("*.pth"))) == 1
    assert desk.last.checkpoint.last is not None
    assert desk.last.checkpoint.last.step == 4


def test_in_processes_of_their_own(forker: Forker, tmp_path: Path) -> None:
    """As it happens: a signal ends one process, and another goes on."""
    _, text = forker.run("tinyrun:as_script", tmp_path / "whole.txt", str(tmp_path / "whole"), 0)
    for number, stop in enumerate([4, 5]):
        status, part = forker.run("tinyrun:as_script", tmp_path / f"{number}.txt", str(tmp_path / "parts"), stop)
        assert status == 143, part
    _, rest = forker.run("tinyrun:as_script", tmp_path / "rest.txt", str(tmp_path / "parts"), 0)
    assert "succeeded" in text
    assert [line for line in rest.splitlines() if line.startswith("end")] == [
        line for line in text.splitlines() if line.startswith("end")
    ]


def stops_of(plan: Plan, dice: random.Random, attempts: int) -> list[int]:
    """Steps that each of so many attempts makes before it is stopped; one in three at the last step of an epoch."""
    per_epoch, done, stops = plan.steps // plan.epochs, 0, []
    for _ in range(attempts):
        if plan.steps - done <= 1:
            break
        ends = [end - done for end in range(per_epoch, plan.steps, per_epoch) if end > done]
        at_end = bool(ends) and dice.random() < 1 / 3
        stops.append(dice.choice(ends) if at_end else dice.randint(1, plan.steps - done - 1))
        done += stops[-1]
    return stops


def kinds_of(plan: Plan, stops: list[int]) -> Iterator[str]:
    """What sorts of stop points these are."""
    per_epoch, done = plan.steps // plan.epochs, 0
    for number, stop in enumerate(stops, 1):
        done += stop
        yield f"workers {plan.workers}"
        yield ("first", "second", "third")[number - 1] + " attempt"
        yield "last step of an epoch" if done % per_epoch == 0 else "within an epoch"
        yield f"loader {plan.loader}"


@pytest.mark.timeout(1800)
def test_random_walk(desk: Recorder, tmp_path: Path) -> None:
    """Stops at random points, several in a run, of all kinds of loaders."""
    dice, kinds, points, run = chance(), Counter[str](), 0, 0
    while points < times(100, 10):
        plan = Plan(
            epochs=2,
            workers=2 if run % times(2, 4) == 0 else 0,
            loader=dice.choice(["plain", "generator", "state", "permutation"]) if run else "plain",
            every=dice.choice([1, 1, 4]),
            parts=dice.choice([1, 1, 2]),
            shared=dice.choice([True, False]),
        )
        stops = stops_of(plan, dice, dice.randint(2, 3) if TORTURE else 3)
        print(plan, stops)
        assert_exact(tmp_path / str(run), plan, stops)
        kinds.update(kinds_of(plan, stops))
        points, run = points + len(stops), run + 1
    print(f"{points} stop points in {run} runs: {dict(sorted(kinds.items()))}")
    assert kinds["workers 2"] >= 2 and kinds["second attempt"] >= 2
    if TORTURE:
        classes = {"workers 0", "workers 2", "first attempt", "second attempt", "third attempt"}
        classes |= {"last step of an epoch", "within an epoch"}
        assert min(kinds[kind] for kind in classes) >= 10
