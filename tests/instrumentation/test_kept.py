"""Within an epoch, after its steps: the boundary before an evaluation is saved exactly, or not at all."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tinyrun import Ended, Plan, attempt

from mixdesk import checkpoints, frozen, kept
from mixdesk.frozen import NotFrozen, seconds_of
from mixdesk.kept import Keeper, Kept
from mixdesk.position import Position
from mixdesk.testing import Recorder

pytestmark = pytest.mark.filterwarnings("ignore:Detected call of .lr_scheduler.step")

Hears = Callable[[Any, int], None]


def evaluation(act: Callable[[Any, int, int], None] = lambda job, epoch, item: None) -> Callable[[Any, int], None]:
    """After the steps of an epoch, and a step of the scheduler: an evaluation that draws from all generators."""

    def after_epoch(job: Any, epoch: int) -> None:
        for item in job.track("evaluation", range(4)):
            torch.rand(2), np.random.rand(), random.random()
            act(job, epoch, item)

    return after_epoch


@pytest.fixture(autouse=True)
def whatever_it_costs(monkeypatch: pytest.MonkeyPatch) -> None:
    """These epochs are over in milliseconds."""
    monkeypatch.setattr(kept, "FREE_S", 60.0)


@pytest.fixture
def whole(desk: Recorder, tmp_path: Path) -> Callable[[Plan], Ended]:
    return lambda plan: attempt(tmp_path / "whole", plan, after_epoch=evaluation())


def assert_same_end(parts: list[Ended], one: Ended, plan: Plan) -> None:
    assert parts[-1].status == one.status == "succeeded"
    assert sum(part.trainer.steps for part in parts) == plan.steps, "each step exactly once"
    assert [batch for part in parts for batch in part.trainer.trail] == one.trainer.trail
    assert parts[-1].digest == one.digest


@pytest.mark.parametrize(
    "plan",
    [Plan(), Plan(samples=24), Plan(workers=2, epochs=2), Plan(loader="generator"),
     Plan(loader="generator", samples=24), Plan(loader="state"), Plan(loader="permutation"),
     Plan(parts=2, epochs=2), Plan(every=4)],
    ids=lambda plan: f"{plan.loader}-{plan.samples}-w{plan.workers}-p{plan.parts}-e{plan.every}",
)  # fmt: skip
def test_leaving_in_an_evaluation_is_exact(
    desk: Recorder, tmp_path: Path, whole: Callable[[Plan], Ended], plan: Plan
) -> None:
    """It is run again from what it started from, and the step of the scheduler before it is made again."""

    def leave(job: Any, epoch: int, item: int) -> None:
        if item == epoch:
            job.leave()

    folder, parts = tmp_path / "parts", []
    for _ in range(2):
        parts.append(attempt(folder, plan, after_epoch=evaluation(leave)))
        assert parts[-1].status == "canceled"
        assert parts[-1].trainer.steps == (plan.steps // plan.epochs if len(parts) == 1 else 0)
    parts.append(attempt(folder, plan, after_epoch=evaluation()))
    assert_same_end(parts, whole(plan), plan)


def test_a_checkpoint_asked_for_in_a_paused_evaluation_is_taken_at_once(
    desk: Recorder, tmp_path: Path, hears: Hears, whole: Callable[[Plan], Ended]
) -> None:
    plan, folder, seen = Plan(), tmp_path / "parts", []

    def pause(job: Any, epoch: int, item: int) -> None:
        if (epoch, item) == (1, 1):
            hears(job, desk.ask_run("paused"))
            when_paused(desk, lambda: desk.ask_checkpoint())
        if (epoch, item) == (1, 2):
            seen.extend((entry.epoch, entry.step) for entry in checkpoints.listing(folder))

    first = attempt(folder, plan, after_epoch=evaluation(pause))
    assert first.digest == whole(plan).digest, "the run goes on as if nothing had been"
    assert seen == [(0, 6)], "saved in the pause, before the evaluation went on"
    record = next(record for record in first.job._facts.checkpoints if record.step == 6)
    assert (record.reason, record.generation) == ("requested", 2)
    for entry in checkpoints.listing(folder):
        if entry.step != 6:
            entry.path.unlink()
            entry.manifest_path.unlink()
    rest = attempt(folder, plan, after_epoch=evaluation())
    assert rest.trainer.steps == plan.steps - 6
    assert rest.digest == first.digest


def when_paused(desk: Recorder, then: Callable[[], object]) -> None:
    """In a thread: once the run is paused do something, and once that is answered let it go on."""

    def work() -> None:
        desk.wait_for(lambda report: report.status == "paused")
        then()
        desk.wait_for(lambda report: report.observed.checkpoint > 0 and report.checkpoint.status == "saved")
        desk.ask_run("running")

    threading.Thread(target=work, daemon=True).start()


def test_what_has_changed_since_the_boundary_is_not_saved_as_that(desk: Recorder, tmp_path: Path) -> None:
    """An evaluation with other weights (an average of them): the run goes on to the next boundary for its save."""

    def swap_and_leave(job: Any, epoch: int, item: int) -> None:
        if epoch == 1 and item == 1:
            net = job._saver.objects["net"]
            for weight in net.parameters():
                weight.data.mul_(0.5)  # no version counter of torch's tells of this
            big.data.add_(1.0)
            job.leave()

    big = torch.zeros(5000)
    folder = tmp_path / "parts"
    plan = Plan()

    def at_step(job: Any, trainer: Any) -> None:
        if trainer.steps == 1:
            job.register(big=Big(big))

    ended = attempt(folder, plan, at_step, after_epoch=evaluation(swap_and_leave))
    assert ended.status == "canceled"
    assert ended.trainer.steps == 6
    assert [(entry.epoch, entry.step) for entry in checkpoints.listing(folder)] == [(1, 6)], "between the epochs"


class Big:
    """State that is hashed, not copied."""

    def __init__(self, tensor: torch.Tensor) -> None:
        self.tensor = tensor

    def state_dict(self) -> dict[str, Any]:
        return {"it": self.tensor}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.tensor.copy_(state["it"])


# -- what is kept ----------------------------------------------------------------------------------------------


def kept_of(**state: Any) -> Kept:
    return Kept(Position(), {"state": state})


@pytest.mark.parametrize(
    "tensor",
    [torch.zeros(5000), torch.zeros(100, 100, dtype=torch.bfloat16), torch.zeros(9000, dtype=torch.bool),
     torch.zeros(100, 100).t(), torch.zeros(5000, dtype=torch.complex64).conj(), torch.zeros(10_000)[::2]],
    ids=["float", "bfloat16", "bool", "transposed", "conjugated", "strided"],
)  # fmt: skip
def test_any_change_of_a_large_tensor_is_seen(tensor: torch.Tensor) -> None:
    found = kept_of(it=tensor)
    assert found.unmoved()
    assert found.payload["state"]["it"] is tensor, "not copied"
    with torch.no_grad():
        tensor[-1] = True if tensor.dtype is torch.bool else 1
    assert not found.unmoved()


def test_small_things_are_kept_by_value() -> None:
    small, plain, order = torch.ones(3), {"lr": [0.1], "t": (torch.ones(1), 2)}, torch.nn.Linear(2, 2).state_dict()
    found = kept_of(small=small, plain=plain, order=order)
    small += 1
    plain["lr"][0] = 9.0
    plain["t"][0].zero_()
    next(iter(order.values())).zero_()
    state = found.payload["state"]
    assert found.unmoved()
    assert state["small"].tolist() == [1, 1, 1]
    assert (state["plain"]["lr"], state["plain"]["t"][0].tolist()) == ([0.1], [1])
    assert state["order"]._metadata == order._metadata
    assert any(bool(value.any()) for value in state["order"].values())


def test_it_costs_no_more_than_a_hundredth_of_an_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    now, cost, taken = 0.0, 1.0, []

    def make() -> tuple[Position, dict[str, Any]]:
        nonlocal now
        now += cost
        taken.append(cost)
        return Position(), {}

    monkeypatch.undo()
    keeper = Keeper(lambda: now)
    for _ in range(200):
        keeper.steps_begin()
        assert not keeper.keeps
        now += 10.0  # a tenth of what it takes
        keeper.steps_end(make)
        now += 2.0
    assert 2 <= len(taken) <= 10, "now and then it is tried again"
    assert sum(taken) < 0.02 * now


class Wrapped(torch.Tensor):
    """As torch's DTensor and its quantized weights are made: strided, of some size, and without memory of its own."""

    @staticmethod
    def __new__(cls, inner: torch.Tensor) -> Any:
        return torch.Tensor._make_wrapper_subclass(cls, inner.shape, dtype=inner.dtype)

    def __init__(self, inner: torch.Tensor) -> None:
        self.inner = inner

    @classmethod
    def __torch_dispatch__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        plain = [item.inner if isinstance(item, cls) else item for item in args]
        found = func(*plain, **(kwargs or {}))
        return cls(found) if isinstance(found, torch.Tensor) else found


class Averaged(torch.Tensor):
    """A subclass with memory, and perhaps more than that."""


class Meter:
    """What a program may have told torch to load."""

    def __init__(self) -> None:
        self.values = [1.0]


class Labels(dict[str, Any]):
    """A dict with a life of its own."""


@pytest.mark.parametrize(
    "part",
    [
        pytest.param(Wrapped(torch.zeros(5000)), id="wrapper"),
        pytest.param(torch.nn.Parameter(Wrapped(torch.zeros(5000))), id="parameter"),
        pytest.param(torch.zeros(5000).as_subclass(Averaged), id="subclass"),
        pytest.param(torch.zeros(3).as_subclass(Averaged), id="small"),
        pytest.param(torch.zeros(5000, device="meta"), id="meta"),
        pytest.param(Meter(), id="object"),
        pytest.param([{"deep": Meter()}], id="deep"),
        pytest.param(Labels(a=1), id="dict"),
        pytest.param({Meter(): 1}, id="key"),
        pytest.param(np.zeros(3), id="array"),
    ],
)
def test_what_may_change_unseen_is_not_kept(part: Any) -> None:
    with pytest.raises(NotFrozen):
        kept_of(part=part)


def test_a_boundary_that_cannot_be_kept_costs_the_run_nothing() -> None:
    clock = Clock()
    keeper = Keeper(clock)
    clock.state = {"meter": Meter()}
    assert not epoch_of(keeper, clock, steps=1.0, tail=1.0) and keeper.unmoved() is None
    clock.state = {"net": torch.zeros(3)}
    assert epoch_of(keeper, clock, steps=1.0, tail=1.0)


def test_the_attributes_of_a_state_dict_are_kept_too() -> None:
    order = torch.nn.Linear(2, 2).state_dict()
    found = kept_of(order=order)
    order._metadata[""]["version"] = 99
    assert found.payload["state"]["order"]._metadata[""] == {"version": 1}


# -- what it costs ---------------------------------------------------------------------------------------------


class Clock:
    """Time that passes when it is told to; `hashed` counts what was frozen."""

    def __init__(self, cost: float = 0.0) -> None:
        self.now, self.cost, self.hashed = 0.0, cost, 0
        self.state: dict[str, Any] = {}

    def __call__(self) -> float:
        return self.now

    def make(self) -> tuple[Position, dict[str, Any]]:
        self.now += self.cost
        self.hashed += 1
        return Position(), {"state": self.state}


def epoch_of(keeper: Keeper, clock: Clock, *, steps: float, tail: float, part: int = 0) -> bool:
    """One epoch, or one `steps()` of it; True where its boundary was kept."""
    keeper.steps_begin()
    clock.now += steps
    keeper.steps_end(clock.make, part)
    found = keeper.keeps
    clock.now += tail
    return found


@pytest.fixture
def costs(monkeypatch: pytest.MonkeyPatch, whatever_it_costs: None) -> None:
    """As it is outside of these tests."""
    monkeypatch.undo()


@pytest.mark.parametrize(
    ("size", "steps", "keeps"),
    [
        (4 << 20, 1.0, True),
        (4 << 20, 0.01, True),
        (8 << 20, 0.01, False),
        (64 << 20, 1.0, False),
        (64 << 20, 10.0, True),
    ],
)
def test_the_first_cost_is_guessed_before_a_byte_is_read(costs: None, size: int, steps: float, keeps: bool) -> None:
    clock = Clock()
    clock.state = {"it": torch.zeros(size, dtype=torch.uint8)}
    assert epoch_of(Keeper(clock), clock, steps=steps, tail=100.0) == keeps


def test_no_state_is_hashed_for_more_than_a_second(costs: None) -> None:
    """However long the epoch is. Of a tensor of 8 GB no page is ever touched here."""
    clock = Clock()
    clock.state = {"it": torch.empty(8 << 30, dtype=torch.uint8)}
    assert seconds_of(clock.state) > kept.MOST_S
    assert not epoch_of(Keeper(clock), clock, steps=1e6, tail=1e6)
    slow = Clock(cost=1.5)
    keeper = Keeper(slow)
    assert [epoch_of(keeper, slow, steps=1e6, tail=1e6) for _ in range(3)] == [True, False, False]


def test_what_is_on_a_device_is_guessed_to_take_longer() -> None:
    size = 1 << 30
    assert seconds_of(torch.empty(size, dtype=torch.uint8)) == pytest.approx(size / frozen.CPU_RATE, rel=0.01)
    elsewhere = torch.empty(size, dtype=torch.uint8, device="meta")
    assert seconds_of([elsewhere]) == pytest.approx(size / frozen.DEVICE_RATE, rel=0.01)


def test_it_is_paid_only_where_something_follows_the_steps(costs: None) -> None:
    clock = Clock(cost=0.05)
    keeper = Keeper(clock)
    assert [epoch_of(keeper, clock, steps=60.0, tail=0.0001) for _ in range(100)] == [True] + 99 * [False]
    assert clock.hashed == 1
    assert not epoch_of(keeper, clock, steps=60.0, tail=3.0), "the first evaluation"
    seen = [epoch_of(keeper, clock, steps=60.0, tail=3.0 if number % 5 == 0 else 0.0001) for number in range(1, 30)]
    assert all(seen), "from then on, though not each epoch has one"


def test_each_part_of_an_epoch_is_followed_by_something_else(costs: None) -> None:
    clock = Clock(cost=0.05)
    keeper = Keeper(clock)
    for number in range(20):
        assert epoch_of(keeper, clock, steps=60.0, tail=0.0001, part=0) == (number == 0)
        assert epoch_of(keeper, clock, steps=60.0, tail=3.0, part=1)


def test_what_fails_has_cost_all_the_same(costs: None) -> None:
    clock = Clock(cost=0.9)
    keeper = Keeper(clock)
    clock.state = {"meter": Meter()}
    for _ in range(10):
        assert not epoch_of(keeper, clock, steps=10.0, tail=5.0)
    assert clock.hashed == 1


def test_what_has_changed_is_not_hashed_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(cost=0.5)
    clock.state = {"it": torch.zeros(5000)}
    keeper = Keeper(clock)
    assert epoch_of(keeper, clock, steps=600.0, tail=0.0)
    clock.state["it"].add_(1)
    looks: list[float] = []
    unmoved = Kept.unmoved
    monkeypatch.setattr(Kept, "unmoved", lambda self: (looks.append(clock.now), unmoved(self))[1])
    for _ in range(200):
        assert keeper.unmoved() is None
        assert keeper.unmoved(again=False) is None
        assert not keeper.keeps
        clock.now += 0.05
    assert len(looks) == 2, "each ten times as long as a look takes"
    clock.state["it"].sub_(1)
    assert keeper.unmoved(again=False) is None
    keeper.look_afresh()
    assert keeper.unmoved(again=False) is not None


@pytest.mark.parametrize("ask", ["leave", "checkpoint"])
def test_a_save_in_an_evaluation_hashes_once(
    desk: Recorder, tmp_path: Path, hears: Hears, monkeypatch: pytest.MonkeyPatch, ask: str
) -> None:
    hashed = []
    digest = frozen._digest
    monkeypatch.setattr(frozen, "_digest", lambda tensors: (hashed.append(len(tensors)), digest(tensors))[1])
    before: list[int] = []

    def act(job: Any, epoch: int, item: int) -> None:
        if (epoch, item) != (1, 1):
            return
        before.append(len(hashed))
        assert job._saver.keeps_boundary(), "asked by a signal handler"
        assert len(hashed) == before[0]
        if ask == "leave":
            job.leave()
        else:
            hears(job, desk.ask_run("paused"))
            when_paused(desk, lambda: (hears(job, desk.ask_checkpoint()), before.append(len(hashed))))

    attempt(tmp_path / "parts", Plan(epochs=1), after_epoch=evaluation(act))
    assert len(hashed) == before[0] + 1


def test_a_pause_with_other_weights_hashes_at_its_beginning_alone(
    desk: Recorder, tmp_path: Path, hears: Hears, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "AGAIN_S", 0.0)
    monkeypatch.setattr(kept, "AGAIN", 0.0)
    looks: list[int] = []
    unmoved = Kept.unmoved
    monkeypatch.setattr(Kept, "unmoved", lambda self: (looks.append(1), unmoved(self))[1])
    big = Big(torch.zeros(5000))

    def at_step(job: Any, trainer: Any) -> None:
        if trainer.steps == 1:
            job.register(big=big)

    def act(job: Any, epoch: int, item: int) -> None:
        if (epoch, item) == (1, 1):
            big.tensor.add_(1.0)
            hears(job, desk.ask_checkpoint())
            hears(job, desk.ask_run("paused"))
            threading.Timer(1.0, desk.ask_run, ("running",)).start()

    ended = attempt(tmp_path / "parts", Plan(epochs=1), at_step, after_epoch=evaluation(act))
    assert ended.status == "succeeded"
    assert 1 <= len(looks) <= 2, "nothing trains in it"
