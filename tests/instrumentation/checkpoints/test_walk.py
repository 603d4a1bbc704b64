"""What may be in a checkpoint: all that is let through is really loaded again, all that is refused is named."""

from __future__ import annotations

import argparse
import collections
import datetime
import decimal
import enum
import io
import pathlib
import random
import types
import warnings
from typing import Any

import numpy as np
import pytest
import torch

from mixdesk import checkpoints
from mixdesk.errors import CheckpointError


def with_attribute(value: Any) -> torch.Tensor:
    tensor = torch.ones(2)
    tensor.note = value  # type: ignore[attr-defined]
    return tensor


def with_metadata(value: Any) -> collections.OrderedDict[str, Any]:
    entries = collections.OrderedDict(a=np.float32(1.5))
    entries._metadata = {"version": value}  # type: ignore[attr-defined]
    return entries


def quietly(make: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return make()


class Colour(enum.Enum):
    RED = 1


class Count(enum.IntEnum):
    ONE = 1


class Own:
    pass


class OwnWithState:
    def state_dict(self) -> dict[str, int]:
        return {}


class OwnDict(dict[str, int]):
    pass


class OwnTensor(torch.Tensor):
    pass


class OwnInt(int):
    pass


Pair = collections.namedtuple("Pair", "a b")

ALLOWED: dict[str, Any] = {
    "none": None,
    "true": True,
    "int": -5,
    "large int": 2**128,
    "largest int": 2**2039 - 1,
    "smallest int": -(2**2039) + 1,
    "float": 1.5,
    "nan": float("nan"),
    "inf": float("-inf"),
    "complex": 1 + 2j,
    "text": "é",
    "surrogate": "\ud800",
    "empty": "",
    "bytes": bytes(range(256)),
    "bytearray": bytearray(b"x"),
    "empty bytearray": bytearray(),
    "list": [1, [2]],
    "tuple": (1, (2,), 3, 4, 5),
    "set": {1, "a"},
    "empty set": set(),
    "dict": {1: 2, "a": {None: (1,)}, (1, 2): 3},
    "ordered": collections.OrderedDict(b=1, a=2),
    "counter": collections.Counter("aab"),
    "size": torch.Size([1, 2]),
    "dtype": torch.float32,
    "bfloat16": torch.bfloat16,
    "uint16": torch.uint16,
    "float8": torch.float8_e4m3fn,
    "device": torch.device("cpu"),
    "cuda": torch.device("cuda", 1),
    "layout": torch.strided,
    "qscheme": torch.per_tensor_affine,
    "tensor": torch.arange(6).reshape(2, 3),
    "scalar": torch.tensor(1.5),
    "bf16 tensor": torch.ones(2, dtype=torch.bfloat16),
    "uint16 tensor": torch.ones(2, dtype=torch.uint16),
    "bool tensor": torch.tensor([True]),
    "complex tensor": torch.ones(2, dtype=torch.complex64).conj(),
    "view": torch.arange(6)[2:4],
    "transposed": torch.arange(6).reshape(2, 3).t(),
    "needs grad": torch.ones(2, requires_grad=True),
    "not a leaf": torch.ones(2, requires_grad=True) * 2,
    "parameter": torch.nn.Parameter(torch.ones(2)),
    "buffer": torch.nn.Buffer(torch.ones(2)),
    "sparse": torch.eye(3).to_sparse(),
    "csr": quietly(lambda: torch.eye(3).to_sparse_csr()),
    "attribute": with_attribute([1, "a"]),
    "quantized": quietly(lambda: torch.quantize_per_tensor(torch.ones(2), 0.1, 0, torch.quint8)),
    "storage": torch.ones(2).untyped_storage(),
    "metadata": with_metadata(1),
    "python random": random.getstate(),
}

CONVERTED: dict[str, tuple[Any, Any]] = {
    "float64": (np.float64(0.1), 0.1),
    "float32": (np.float32(1.5), 1.5),
    "int": (np.int8(-3), -3),
    "uint": (np.uint64(2**63), 2**63),
    "bool": (np.bool_(True), True),
    "complex": (np.complex64(1j), 1j),
    "text": (np.str_("a"), "a"),
    "bytes": (np.bytes_(b"a"), b"a"),
    "array": (np.arange(3), torch.arange(3)),
    "empty": (np.zeros((0, 2)), torch.zeros((0, 2), dtype=torch.float64)),
    "zero-dimensional": (np.array(2.5), torch.tensor(2.5, dtype=torch.float64)),
    "view": (np.arange(6)[::-2], torch.tensor([5, 3, 1])),
    "big endian": (np.array([1, 2], dtype=">i4"), torch.tensor([1, 2], dtype=torch.int32)),
    "half": (np.ones(2, dtype=np.float16), torch.ones(2, dtype=torch.float16)),
    "bools": (np.array([True]), torch.tensor([True])),
    "in a list": ([1, np.float64(2)], [1, 2.0]),
    "in a tuple": ((np.int64(1),), (1,)),
    "in a set": ({np.int64(1)}, {1}),
    "as a key": ({np.int64(1): "a"}, {1: "a"}),
    "legacy state": (np.random.RandomState(1).get_state()[2:], (624, 0, 0.0)),
}

REFUSED: dict[str, tuple[Any, str]] = {
    "path": (pathlib.Path("a"), r"str\(value\)"),
    "namespace": (argparse.Namespace(a=1), r"vars\(value\)"),
    "simple namespace": (types.SimpleNamespace(), r"vars\(value\)"),
    "deque": (collections.deque([1]), "a list"),
    "defaultdict": (collections.defaultdict(int), r"dict\(value\)"),
    "frozenset": (frozenset([1]), "a set"),
    "range": (range(3), "a list"),
    "enum": (Colour.RED, "value.value"),
    "int enum": (Count.ONE, "value.value"),
    "own class": (Own(), "plain values"),
    "own with state": (OwnWithState(), r"value.state_dict\(\)"),
    "module": (torch.nn.Linear(1, 1), r"value.state_dict\(\)"),
    "own dict": (OwnDict(a=1), r"dict\(value\)"),
    "own int": (OwnInt(1), r"int\(value\)"),
    "named tuple": (Pair(1, 2), r"tuple\(value\)"),
    "own tensor": (torch.ones(1).as_subclass(OwnTensor), "plain values"),
    "meta": (torch.ones(1, device="meta"), "has no data"),
    "lazy": (quietly(lambda: torch.nn.LazyLinear(2)).weight, "plain values"),
    "bad attribute": (with_attribute(pathlib.Path("a")), r"str\(value\)"),
    "array attribute": (with_attribute(np.ones(1)), "attributes"),
    "bad metadata": (with_metadata(pathlib.Path("a")), r"str\(value\)"),
    "datetime": (datetime.datetime(2024, 1, 1, tzinfo=datetime.timezone.utc), "isoformat"),
    "decimal": (decimal.Decimal(1), "float"),
    "generator": (torch.Generator(), "get_state"),
    "numpy generator": (np.random.default_rng(1), "get_state"),
    "function": (len, "plain values"),
    "class": (int, "plain values"),
    "slice": (slice(1), "plain values"),
    "memory format": (torch.channels_last, "plain values"),
    "empty bytes": (b"", "empty bytes"),
    "huge int": (2**2040, r"2\*\*2039"),
    "texts": (np.array(["a"]), "tolist"),
    "objects": (np.array([None]), "tolist"),
    "dates": (np.array(["2024-01-01"], dtype="datetime64[D]"), "tolist"),
    "long double": (np.longdouble(1), "plain values"),
    "date scalar": (np.datetime64("2024-01-01"), "isoformat"),
    "key": ({pathlib.Path("a"): 1}, r"str\(value\)"),
    "structured": (np.zeros(1, dtype=[("a", "i4")]), "tolist"),
    "masked": (np.ma.masked_array([1], [True]), "plain values"),
}


def loaded(value: Any) -> Any:
    buffer = io.BytesIO()
    torch.save({"x": value}, buffer)
    buffer.seek(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch speaks of sparse layouts and typed storages
        return torch.load(buffer, map_location="cpu", weights_only=True)["x"]


def same(one: Any, other: Any) -> bool:
    if isinstance(one, torch.Tensor):
        return bool(
            one.dtype == other.dtype
            and one.layout == other.layout
            and torch.equal(
                one.to_dense() if one.layout != torch.strided else one,
                other.to_dense() if one.layout != torch.strided else other,
            )
        )
    if isinstance(one, (list, tuple)):
        return type(one) is type(other) and len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return type(one) is type(other) and list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, torch.UntypedStorage):
        return one.tolist() == other.untyped().tolist() if hasattr(other, "untyped") else one.tolist() == other.tolist()
    return type(one) is type(other) and (one == other or one != one)


@pytest.mark.parametrize("name", ALLOWED)
def test_what_is_allowed_loads_again(name: str) -> None:
    value = checkpoints.to_plain(ALLOWED[name], "state")
    if name != "metadata":
        assert value is ALLOWED[name]
    assert same(value, loaded(value))


@pytest.mark.parametrize("name", CONVERTED)
def test_numpy_values_become_tensors_and_numbers(name: str) -> None:
    before, after = CONVERTED[name]
    value = checkpoints.to_plain(before, "state")
    assert same(value, after)
    assert same(value, loaded(value))


@pytest.mark.parametrize("name", REFUSED)
def test_what_could_not_be_loaded_is_refused_with_advice(name: str) -> None:
    value, advice = REFUSED[name]
    with pytest.raises(CheckpointError, match=r"^state\['opt'\].*cannot be loaded again.*" + advice):
        checkpoints.to_plain({"opt": value}, "state")


@pytest.mark.parametrize("name", [name for name in REFUSED if name not in ("meta", "array attribute", "date scalar")])
def test_nothing_is_refused_without_need(name: str) -> None:
    """torch itself cannot load it, or cannot even save it."""
    with pytest.raises(Exception, match=r"eights|pickle|Unsupported|load"):
        loaded(REFUSED[name][0])


def test_the_path_of_a_refused_value_is_spelled_as_in_python() -> None:
    state = {"best": [{"ok": 1}, (0, collections.deque())]}
    with pytest.raises(CheckpointError) as failure:
        checkpoints.to_plain(state, "state", "optimizer")
    assert str(failure.value) == (
        "state['optimizer']['best'][1][1]: collections.deque cannot be loaded again from a checkpoint; "
        "register a list instead"
    )


def test_values_that_hold_themselves_are_told_not_followed() -> None:
    ring: list[Any] = [1]
    ring.append(ring)
    with pytest.raises(CheckpointError, match=r"state\['a'\]\[1\].*holds itself"):
        checkpoints.to_plain({"a": ring}, "state")
    deep: Any = 1
    for _ in range(5000):
        deep = [deep]
    with pytest.raises(CheckpointError, match="nested too deep"):
        checkpoints.to_plain(deep, "state")


def test_a_value_used_twice_is_no_ring() -> None:
    shared = {"lr": np.float64(0.1)}
    assert checkpoints.to_plain([shared, shared], "state") == [{"lr": 0.1}, {"lr": 0.1}]


def test_what_is_plain_is_not_copied_and_what_is_not_is_left_as_it_was() -> None:
    state = {"plain": {"w": torch.ones(2)}, "numpy": {"best": np.float64(1)}}
    plain = checkpoints.to_plain(state, "state")
    assert plain["plain"] is state["plain"]
    assert type(state["numpy"]["best"]) is np.float64
    assert type(plain["numpy"]["best"]) is float


def test_metadata_of_a_state_dict_is_kept() -> None:
    plain = checkpoints.to_plain(with_metadata(np.int64(3)), "state")
    assert (dict(plain), plain._metadata) == ({"a": 1.5}, {"version": 3})
    assert type(plain._metadata["version"]) is int


def test_an_array_is_copied_before_it_changes() -> None:
    array = np.zeros(3)
    tensor = checkpoints.to_plain(array, "state")
    array += 1
    assert tensor.sum() == 0


def test_classes_declared_safe_are_let_through() -> None:
    own = torch.ones(1).as_subclass(OwnTensor)
    with torch.serialization.safe_globals([OwnTensor]):
        assert checkpoints.to_plain(own, "state") is own
        assert type(loaded(own)) is OwnTensor


@pytest.mark.parametrize(
    "kind",
    ["SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "NAdam", "RAdam", "Adadelta", "Rprop", "ASGD", "LBFGS", "Adafactor"],
)
def test_optimizers_pass(kind: str) -> None:
    net = torch.nn.Linear(3, 2)
    optimizer = getattr(torch.optim, kind)(net.parameters(), lr=0.01)
    net(torch.ones(1, 3)).sum().backward()
    optimizer.step(lambda: net(torch.ones(1, 3)).sum())
    state = checkpoints.to_plain(optimizer.state_dict(), "state")
    assert same(state, loaded(state))


SCHEDULERS: dict[str, dict[str, Any]] = {
    "StepLR": {"step_size": 2},
    "MultiStepLR": {"milestones": [1, 3]},
    "ExponentialLR": {"gamma": 0.9},
    "CosineAnnealingLR": {"T_max": 5},
    "CosineAnnealingWarmRestarts": {"T_0": 2},
    "LinearLR": {},
    "ConstantLR": {},
    "PolynomialLR": {},
    "ReduceLROnPlateau": {},
    "OneCycleLR": {"max_lr": 0.1, "total_steps": 10},
    "CyclicLR": {"base_lr": 0.01, "max_lr": 0.1},
    "LambdaLR": {"lr_lambda": lambda epoch: 1 / (epoch + 1)},
}


@pytest.mark.parametrize("kind", SCHEDULERS)
def test_schedulers_pass(kind: str) -> None:
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], lr=0.01, momentum=0.9)
    scheduler = getattr(torch.optim.lr_scheduler, kind)(optimizer, **SCHEDULERS[kind])
    optimizer.step()
    scheduler.step(*([0.5] if kind == "ReduceLROnPlateau" else []))
    state = checkpoints.to_plain(scheduler.state_dict(), "state")
    assert same(state, loaded(state))


def test_a_scaler_passes() -> None:
    state = checkpoints.to_plain(torch.amp.GradScaler("cpu").state_dict(), "state")
    assert same(state, loaded(state))
