"""Stopped anywhere and started again, a run ends with the same weights, bit for bit, as one that was never stopped."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from forker import Forker
from tinyrun import Ended, Plan, Trainer, attempt

from mixdesk.testing import Recorder

# torch takes it for a mistake where the first epoch is entered again with no steps left: it is none
pytestmark = pytest.mark.filterwarnings("ignore:Detected call of .lr_scheduler.step")

TORTURE = bool(os.environ.get("MIXDESK_TORTURE"))
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


def test_random_walk(desk: Recorder, tmp_path: Path) -> None:
    """Stops at random points, several in a run, of all kinds of loaders."""
    seed = int(os.environ.get("MIXDESK_SEED", "0")) or random.randrange(1 << 30)
    print(f"MIXDESK_SEED={seed}")
    chance = random.Random(seed)
    points = 0
    for run in range(60 if TORTURE else 6):
        plan = Plan(
            epochs=2,
            workers=chance.choice([0, 0, 2]) if TORTURE else 0,
            loader=chance.choice(["plain", "generator", "state", "permutation"]),
            every=chance.choice([1, 1, 4]),
            parts=chance.choice([1, 1, 2]),
            shared=chance.choice([True, False]),
        )
        left, stops = plan.steps, []
        for _ in range(chance.randint(2, 3)):
            if left > 1:
                stops.append(chance.randint(1, left - 1))
                left -= stops[-1]
        print(plan, stops)
        assert_exact(tmp_path / str(run), plan, stops)
        points += len(stops)
    print(f"{points} stop points")
    assert points >= (100 if TORTURE else 10)
