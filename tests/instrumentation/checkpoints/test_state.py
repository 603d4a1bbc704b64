from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from mixdesk import checkpoints
from mixdesk.errors import CheckpointError


class Counter:
    """An object of a user's own, with NumPy in its state."""

    def __init__(self) -> None:
        self.best = np.float64(9)
        self.loaded = 0

    def state_dict(self) -> dict[str, Any]:
        return {"best": self.best}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.best = state["best"]
        self.loaded += 1


def trained(width: int = 4) -> dict[str, Any]:
    torch.manual_seed(width)
    net = torch.nn.Sequential(torch.nn.Linear(3, width), torch.nn.BatchNorm1d(width))
    optimizer = torch.optim.AdamW(net.parameters(), lr=0.01)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 2)
    for _ in range(3):
        net(torch.randn(8, 3)).square().sum().backward()
        optimizer.step()
        scheduler.step()
    return {"net": net, "optimizer": optimizer, "scheduler": scheduler, "counter": Counter()}


def fresh(width: int = 4) -> dict[str, Any]:
    net = torch.nn.Sequential(torch.nn.Linear(3, width), torch.nn.BatchNorm1d(width))
    optimizer = torch.optim.AdamW(net.parameters(), lr=0.5)
    return {
        "net": net,
        "optimizer": optimizer,
        "scheduler": torch.optim.lr_scheduler.StepLR(optimizer, 2),
        "counter": Counter(),
    }


def equal(one: Any, other: Any) -> bool:
    if isinstance(one, torch.Tensor):
        return torch.equal(one, other)
    if isinstance(one, dict):
        return list(one) == list(other) and all(equal(one[key], other[key]) for key in one)
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(equal, one, other))
    return bool(one == other)


@pytest.fixture
def group(tmp_path: Path) -> Iterator[None]:
    torch.distributed.init_process_group("gloo", init_method=f"file://{tmp_path}/rendezvous", rank=0, world_size=1)
    yield
    torch.distributed.destroy_process_group()


def test_all_objects_of_a_run_come_back_as_one(tmp_path: Path) -> None:
    before, after = trained(), fresh()
    payload = checkpoints.save_checkpoint(tmp_path, before, name="anton").load()
    assert checkpoints.restore(after, payload) == []
    for name in before:
        assert equal(before[name].state_dict(), after[name].state_dict())
    for objects in (before, after):
        torch.manual_seed(5)
        objects["net"](torch.randn(8, 3)).square().sum().backward()
        objects["optimizer"].step()
    for name in ("net", "optimizer"):
        after_zero = after[name].state_dict()
        assert list(after_zero) == list(before[name].state_dict())


def test_the_next_step_after_a_resume_is_the_same(tmp_path: Path) -> None:
    before, after = trained(), fresh()
    before["optimizer"].zero_grad()
    checkpoints.restore(after, checkpoints.save_checkpoint(tmp_path, before, name="anton").load())
    for objects in (before, after):
        torch.manual_seed(5)
        objects["net"](torch.randn(8, 3)).square().sum().backward()
        objects["optimizer"].step()
        objects["scheduler"].step()
    for name in ("net", "optimizer", "scheduler"):
        assert equal(before[name].state_dict(), after[name].state_dict())


def test_the_layout_is_the_documented_one() -> None:
    payload = checkpoints.collect(
        {"a": {"x": 1}}, {"best": np.float32(0.5)}, rng={"boundary": {}}, position={"step": 3}
    )
    assert payload == {
        "mixdesk": {"format": 1, "position": {"step": 3}},
        "state": {"a": {"x": 1}},
        "extra": {"best": 0.5},
        "rng": {"boundary": {}},
    }


def test_the_key_of_a_bad_value_is_named_wherever_it_is() -> None:
    with pytest.raises(CheckpointError, match=r"^extra\['folder'\]: pathlib"):
        checkpoints.check({}, {"folder": Path("a")})
    with pytest.raises(CheckpointError, match=r"^state\['counter'\]\['best'\]: object"):
        counter = Counter()
        counter.best = object()  # type: ignore[assignment]
        checkpoints.check({"counter": counter})
    with pytest.raises(CheckpointError, match=r"^position\['at'\]"):
        checkpoints.collect({}, position={"at": object()})
    with pytest.raises(CheckpointError, match=r"state\['loss'\]: function has no state_dict"):
        checkpoints.check({"loss": torch.nn.functional.mse_loss})
    checkpoints.check(trained(), {"fine": [1, 2.5, "x"]})


@pytest.mark.usefixtures("group")
def test_wrappers_are_taken_off_on_both_sides(tmp_path: Path) -> None:
    net = torch.nn.Linear(2, 2)
    wrapped = torch.compile(torch.nn.parallel.DistributedDataParallel(torch.compile(net)))
    assert checkpoints.unwrap(wrapped) is net
    payload = checkpoints.save_checkpoint(tmp_path, {"net": wrapped}, name="anton").load()
    assert list(payload["state"]["net"]) == ["weight", "bias"]
    plain = torch.nn.Linear(2, 2)
    checkpoints.restore({"net": plain}, payload)
    assert torch.equal(plain.weight, net.weight)
    again = torch.nn.DataParallel(torch.nn.Linear(2, 2))
    checkpoints.restore({"net": again}, payload)
    assert torch.equal(again.module.weight, net.weight)


def test_a_module_of_ones_own_called_module_is_no_wrapper() -> None:
    average = torch.optim.swa_utils.AveragedModel(torch.nn.Linear(2, 2))
    assert checkpoints.unwrap(average) is average
    assert "n_averaged" in checkpoints.collect({"ema": average})["state"]["ema"]


def test_names_that_do_not_fit_are_told_before_anything_is_touched() -> None:
    payload = checkpoints.collect(trained())
    after = fresh()
    untouched = copy.deepcopy(after["net"].state_dict())
    after["model"] = after.pop("counter")
    with pytest.raises(CheckpointError) as failure:
        checkpoints.restore(after, payload)
    assert "has no model" in str(failure.value)
    assert "has counter, which is not registered" in str(failure.value)
    assert equal(after["net"].state_dict(), untouched)


def test_shapes_that_do_not_fit_are_told_before_anything_is_touched() -> None:
    payload, after = checkpoints.collect(trained(width=4)), fresh(width=5)
    after = {"counter": after.pop("counter"), **after}
    with pytest.raises(CheckpointError, match=r"net: 0.weight has shape \(4, 3\) in the checkpoint and \(5, 3\) here"):
        checkpoints.restore(after, payload)
    assert after["counter"].loaded == 0


def test_layers_and_groups_that_do_not_fit_are_told() -> None:
    payload, after = checkpoints.collect(trained()), fresh()
    after["net"].append(torch.nn.Linear(4, 4))
    after["optimizer"].add_param_group({"params": [torch.nn.Parameter(torch.ones(1))]})
    with pytest.raises(CheckpointError) as failure:
        checkpoints.restore(after, payload)
    for text in (
        "net: missing 2.weight",
        "net: missing 2.bias",
        r"optimizer: parameters per group are [4]",
        "[4, 1] here",
    ):
        assert text in str(failure.value)
    smaller = fresh()
    del smaller["net"][1]
    with pytest.raises(CheckpointError, match=r"net: unexpected 1.weight"):
        checkpoints.restore(smaller, payload)


def test_without_strictness_what_fits_is_loaded_and_the_rest_is_a_warning() -> None:
    payload, after = checkpoints.collect(trained(width=4)), fresh(width=4)
    after["net"][1] = torch.nn.BatchNorm1d(4, affine=False)
    after["net"].append(torch.nn.Linear(4, 4))
    del after["scheduler"]
    after["other"] = Counter()
    with pytest.warns(UserWarning, match="does not fit") as told:
        assert checkpoints.restore(after, payload, strict=False) == ["scheduler"]
    assert len(told) == 1
    assert torch.equal(after["net"][0].weight, payload["state"]["net"]["0.weight"])
    assert (after["counter"].loaded, after["other"].loaded) == (1, 0)
    with pytest.warns(UserWarning, match="has shape"):
        checkpoints.restore({"net": fresh(width=5)["net"]}, payload, strict=False, partial=True)


def test_names_registered_later_load_theirs_from_the_same_payload() -> None:
    payload, after = checkpoints.collect(trained()), fresh()
    assert checkpoints.restore({"net": after["net"]}, payload, partial=True) == ["optimizer", "scheduler", "counter"]
    checkpoints.restore({"counter": after["counter"]}, payload, partial=True)
    assert after["counter"].best == 9.0
    with pytest.raises(CheckpointError, match="has no late"):
        checkpoints.restore({"late": Counter()}, payload, partial=True)


def test_an_object_that_refuses_its_state_is_named() -> None:
    class Picky(Counter):
        def load_state_dict(self, state: dict[str, Any]) -> None:
            raise KeyError("momentum")

    payload = checkpoints.collect({"picky": Picky()})
    with pytest.raises(CheckpointError, match=r"state\['picky'\] could not be loaded into .*Picky: 'momentum'"):
        checkpoints.restore({"picky": Picky()}, payload)
    with pytest.raises(CheckpointError, match=r"has no load_state_dict"):
        checkpoints.restore({"picky": {"best": 1}}, payload)
    with pytest.raises(CheckpointError, match=r"net: what was saved is a Tensor, no state dict"):
        checkpoints.restore({"net": torch.nn.Linear(1, 1)}, {"state": {"net": torch.ones(1)}})


def test_a_lazy_module_takes_its_shape_from_the_checkpoint() -> None:
    net = torch.nn.LazyLinear(2)
    net(torch.ones(1, 3))
    after = torch.nn.LazyLinear(2)
    checkpoints.restore({"net": after}, checkpoints.collect({"net": net}))
    assert torch.equal(after.weight, net.weight)


def test_devices_are_those_of_modules_and_optimizers() -> None:
    assert checkpoints.devices_of(trained().values()) == ["cpu"]
    assert checkpoints.devices_of([torch.nn.Linear(1, 1, device="meta"), Counter(), {"a": torch.ones(1)}]) == ["meta"]


def test_tied_weights_stay_one_tensor_in_the_file(tmp_path: Path) -> None:
    net = torch.nn.ModuleDict(
        {"a": torch.nn.Linear(1000, 1000, bias=False), "b": torch.nn.Linear(1000, 1000, bias=False)}
    )
    net["b"].weight = net["a"].weight
    done = checkpoints.save_checkpoint(tmp_path, {"net": net}, name="anton")
    assert done.size < 1.1 * 4_000_000
    assert done.path.stat().st_size == done.size
