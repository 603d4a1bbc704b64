"""Plain values: what a checkpoint may hold so that `torch.load(weights_only=True)` reads it again.

The types are those of torch's restricted unpickler; tests save and load every one of them.
"""

from __future__ import annotations

import sys
from collections import Counter, OrderedDict
from collections.abc import Callable
from typing import Any, NoReturn

from mixdesk.errors import CheckpointError

_LEAVES = frozenset({type(None), bool, float, complex, str, bytearray})
_INT_BITS = 255 * 8 - 1  # longer ones are pickled in a form that the restricted unpickler does not know
_DEEPEST = 64
_ADVICE = {
    "deque": "a list",
    "defaultdict": "dict(value)",
    "frozenset": "a set",
    "Namespace": "vars(value)",
    "SimpleNamespace": "vars(value)",
    "range": "a list",
    "datetime": "value.isoformat()",
    "date": "value.isoformat()",
    "Decimal": "a float or a text",
    "Generator": "value.get_state()",
}

Path = tuple[Any, ...]


def to_plain(value: Any, *path: str) -> Any:
    """`value` with NumPy arrays as tensors and NumPy scalars as Python numbers; unchanged parts are not copied.

    `path` names it: `to_plain(state, "state", "optimizer")` says `state['optimizer']['best'][0]: …`.
    CheckpointError for whatever could not be loaded again, naming where it is and what to register instead.
    """
    return _Walk().plain(value, path)


class _Walk:
    """One walk through a value; knows where it is, so that a value that holds itself is told, not followed."""

    def __init__(self) -> None:
        import torch

        self._torch = torch
        self._numpy = sys.modules.get("numpy")
        self._tensors = (torch.Tensor, torch.nn.Parameter)
        self._torch_leaves = _torch_leaves()
        self._above: set[int] = set()
        self._walkers: dict[type, Callable[[Any, Path], Any]] = {
            dict: self._mapping,
            OrderedDict: self._mapping,
            Counter: self._mapping,
            list: self._sequence,
            tuple: self._sequence,
            set: self._set,
            int: self._int,
            bytes: self._bytes,
        }

    def plain(self, value: Any, path: Path) -> Any:
        kind = type(value)
        if kind in _LEAVES or kind in self._torch_leaves:
            return value
        if kind in self._tensors:
            return self._tensor(value, path)
        walker = self._walkers.get(kind)
        return walker(value, path) if walker is not None else self._other(value, path)

    def _mapping(self, value: Any, path: Path) -> Any:
        with_attributes = getattr(value, "__dict__", None)
        items = self._inside(value, path, self._items)
        attributes = self._inside(with_attributes, path, self._items) if with_attributes else None
        if items is None and attributes is None:
            return value
        copy = type(value)(items if items is not None else value)
        if with_attributes:  # a module's state dict carries its `_metadata` so
            copy.__dict__.update(attributes if attributes is not None else with_attributes)
        return copy

    def _items(self, value: Any, path: Path) -> dict[Any, Any] | None:
        """The items made plain, or None where nothing changed."""
        changed, items = False, {}
        for key, part in value.items():
            new_key, new_part = self.plain(key, (*path, "a key")), self.plain(part, (*path, key))
            changed |= new_key is not key or new_part is not part
            items[new_key] = new_part
        return items if changed else None

    def _sequence(self, value: Any, path: Path) -> Any:
        if set(map(type, value)) == {int} and max(max(value), -min(value)).bit_length() <= _INT_BITS:
            return value  # a random state is 625 of them, of each moment
        parts = self._inside(value, path, self._parts)
        return value if parts is None else type(value)(parts)

    def _parts(self, value: Any, path: Path) -> list[Any] | None:
        parts = [self.plain(part, (*path, index)) for index, part in enumerate(value)]
        return parts if any(new is not old for new, old in zip(parts, value, strict=True)) else None

    def _set(self, value: Any, path: Path) -> Any:
        parts = [self.plain(part, (*path, "an element")) for part in value]
        return value if all(new is old for new, old in zip(parts, value, strict=True)) else set(parts)

    def _inside(self, value: Any, path: Path, walk: Callable[[Any, Path], Any]) -> Any:
        if id(value) in self._above:
            _refuse(path, value, "it holds itself")
        if len(path) > _DEEPEST:
            _refuse(path, value, "it is nested too deep")
        self._above.add(id(value))
        try:
            return walk(value, path)
        finally:
            self._above.discard(id(value))

    def _int(self, value: Any, path: Path) -> Any:
        return value if value.bit_length() <= _INT_BITS else _refuse(path, value, "whole numbers end at 2**2039")

    def _bytes(self, value: Any, path: Path) -> Any:
        return value or _refuse(path, value, "empty bytes cannot be loaded; register None")

    def _tensor(self, value: Any, path: Path) -> Any:
        if value.device.type == "meta":
            _refuse(path, value, "a tensor on the meta device has no data")
        if value.__dict__ and self._items(value.__dict__, path) is not None:
            _refuse(path, value, "the tensor has attributes that are no plain values")
        return value

    def _other(self, value: Any, path: Path) -> Any:
        numpy = self._numpy
        if numpy is not None and isinstance(value, numpy.generic):
            number = value.item()
            return _refuse(path, value) if isinstance(number, numpy.generic) else self.plain(number, path)
        if numpy is not None and type(value) is numpy.ndarray:
            return self._array(value, path)
        if type(value) in _allow_listed():
            return value
        return _refuse(path, value)

    def _array(self, value: Any, path: Path) -> Any:
        native = value.astype(value.dtype.newbyteorder("="), order="C", copy=True)
        try:
            return self._torch.from_numpy(native)
        except (TypeError, ValueError):  # no such type in torch: texts, objects, dates, long doubles
            return _refuse(path, value, f"torch has no tensors of {value.dtype}; register value.tolist()")


def _refuse(path: Path, value: Any, reason: str = "") -> NoReturn:
    kind = type(value)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    better = _ADVICE.get(kind.__name__) or _by_base(value)
    instead = f"{better} instead" if better else "plain values: numbers, texts, lists, dicts, tensors"
    raise CheckpointError(
        f"{_spell(path)}: {name} cannot be loaded again from a checkpoint; {reason or f'register {instead}'}"
    )


def _by_base(value: Any) -> str:
    """What to register in place of a class of one's own or a subclass."""
    if hasattr(value, "__fspath__"):
        return "str(value)"
    if hasattr(type(value), "__members__"):
        return "value.value"
    if callable(getattr(value, "state_dict", None)):
        return "value.state_dict()"
    for base in (dict, list, tuple, set, bool, int, float, str):
        if isinstance(value, base):
            return f"{base.__name__}(value)"
    return ""


def _spell(path: Path) -> str:
    """`("state", "net", 0)` as `state['net'][0]`."""
    return str(path[0] if path else "value") + "".join(f"[{part!r:.80}]" for part in path[1:])


def _torch_leaves() -> frozenset[type]:
    import torch

    storages = (torch.storage.TypedStorage, torch.storage.UntypedStorage)
    return frozenset({torch.Size, torch.dtype, torch.device, torch.layout, torch.qscheme, *storages})


def _allow_listed() -> frozenset[Any]:
    """Classes that the user, or a library, declared safe to load (torch.serialization.add_safe_globals)."""
    import torch

    listed: list[Any] = getattr(torch.serialization, "get_safe_globals", list)()
    return frozenset(entry[0] if isinstance(entry, tuple) else entry for entry in listed)
