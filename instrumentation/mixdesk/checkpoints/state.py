"""What a checkpoint holds: the states of registered objects, plain values and random states, gathered and put back."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterable, Mapping
from typing import Any

from mixdesk.checkpoints.checkpoint import LAYOUT
from mixdesk.checkpoints.walk import to_plain
from mixdesk.errors import CheckpointError

_LOAD_ERRORS = (RuntimeError, ValueError, TypeError, LookupError, AttributeError)


def collect(
    objects: Mapping[str, Any],
    extra: Mapping[str, Any] | None = None,
    *,
    rng: Mapping[str, Any] | None = None,
    position: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The dict that a checkpoint file holds: `{"mixdesk": {format, position}, "state", "extra", "rng"}`.

    `objects`: by name, anything with `state_dict()`, or a state dict itself; DDP and compile wrappers are taken off.
    Tensors are not copied: save before the next step. CheckpointError names the key of what could not be loaded again.
    """
    states = {name: to_plain(state_of(name, item), "state", name) for name, item in objects.items()}
    return {
        "mixdesk": {"format": LAYOUT, "position": to_plain(dict(position or {}), "position")},
        "state": states,
        "extra": to_plain(dict(extra or {}), "extra"),
        "rng": to_plain(dict(rng or {}), "rng"),
    }


def check(objects: Mapping[str, Any], extra: Mapping[str, Any] | None = None) -> None:
    """Raise what `collect` would raise: to be called once early, so that people learn it in minute one."""
    collect(objects, extra)


def restore(
    objects: Mapping[str, Any], payload: Mapping[str, Any], *, strict: bool = True, partial: bool = False
) -> list[str]:
    """Load the states of a checkpoint into the objects of the same names; returns the names that were left over.

    All names, and the shapes of modules and optimizers, are compared before any object is touched: CheckpointError
    names what is missing, unexpected or of another shape. With `strict=False` it is a warning, and what fits is loaded.
    `partial=True`: names in the checkpoint without an object are no fault, their objects may come later.
    """
    saved = payload["state"]
    left = [name for name in saved if name not in objects]
    faults = _name_faults(objects, saved, [] if partial else left)
    present = {name: unwrap(item) for name, item in objects.items() if name in saved}
    for name, item in present.items():
        faults += [f"{name}: {fault}" for fault in _misfits(item, saved[name])]
    _tell(faults, strict)
    for name, item in present.items():
        _load(name, item, saved[name], strict)
    return left


def unwrap(item: Any) -> Any:
    """The object inside the wrappers of torch.compile, DistributedDataParallel and DataParallel."""
    while True:
        inner = _inner(item)
        if inner is None:
            return item
        item = inner


def state_of(name: str, item: Any) -> Any:
    """An object's state dict; a dict is one already."""
    item = unwrap(item)
    if isinstance(item, Mapping):
        return item
    if not callable(getattr(item, "state_dict", None)):
        raise CheckpointError(f"state[{name!r}]: {type(item).__qualname__} has no state_dict(); register what has one")
    return item.state_dict()


def devices_of(objects: Iterable[Any]) -> list[str]:
    """Names of the devices that modules and optimizers have tensors on: whose random states belong to them."""
    torch = sys.modules.get("torch")
    if torch is None:
        return []
    return sorted({str(tensor.device) for item in objects for tensor in _tensors(torch, unwrap(item))})


def _inner(item: Any) -> Any:
    torch = sys.modules.get("torch")
    if torch is None:
        return None
    if isinstance(item, (torch.nn.parallel.DistributedDataParallel, torch.nn.DataParallel)):
        return item.module
    return getattr(item, "_orig_mod", None) if isinstance(item, torch.nn.Module) else None


def _tensors(torch: Any, item: Any) -> Iterable[Any]:
    if isinstance(item, torch.nn.Module):
        yield from item.parameters()
        yield from item.buffers()
    elif isinstance(item, torch.optim.Optimizer):
        for group in item.param_groups:
            yield from group["params"]


def _name_faults(objects: Mapping[str, Any], saved: Mapping[str, Any], left: list[str]) -> list[str]:
    missing = [name for name in objects if name not in saved]
    faults = [f"the checkpoint has no {name}" for name in missing]
    faults += [f"the checkpoint has {name}, which is not registered" for name in left]
    return faults


def _misfits(item: Any, saved: Any) -> list[str]:
    """Why a state would not fit an object, as far as that can be told without touching it."""
    import torch

    if isinstance(item, torch.nn.Module):
        return _module_misfits(item.state_dict(), saved)
    if isinstance(item, torch.optim.Optimizer):
        return _optimizer_misfits(item.state_dict(), saved)
    if not callable(getattr(item, "load_state_dict", None)):
        return [f"{type(item).__qualname__} has no load_state_dict()"]
    return []


def _module_misfits(current: Mapping[str, Any], saved: Any) -> list[str]:
    if not isinstance(saved, Mapping):
        return [f"what was saved is a {type(saved).__qualname__}, no state dict"]
    faults = [f"missing {key}" for key in current if key not in saved]
    faults += [f"unexpected {key}" for key in saved if key not in current]
    for key, value in saved.items():
        then, now = _shape(value), _shape(current.get(key))
        if then is not None and now is not None and then != now:
            faults.append(f"{key} has shape {then} in the checkpoint and {now} here")
    return faults


def _optimizer_misfits(current: Mapping[str, Any], saved: Any) -> list[str]:
    if not isinstance(saved, Mapping) or "param_groups" not in saved:
        return ["what was saved is no optimizer's state"]
    then, now = (([len(group["params"]) for group in state["param_groups"]]) for state in (saved, current))
    return [] if then == now else [f"parameters per group are {then} in the checkpoint and {now} here"]


def _shape(value: Any) -> tuple[int, ...] | None:
    """A tensor's shape; None for what is no tensor, and for parameters that get their shape with the first batch."""
    torch = sys.modules["torch"]
    if not isinstance(value, torch.Tensor) or torch.nn.parameter.is_lazy(value):
        return None
    return tuple(value.shape)


def _tell(faults: list[str], strict: bool) -> None:
    if not faults:
        return
    text = "the checkpoint does not fit what is registered: " + "; ".join(faults[:20])
    if len(faults) > 20:
        text += f"; and {len(faults) - 20} more"
    if strict:
        raise CheckpointError(f"{text}. Pass strict=False to load what fits")
    warnings.warn(text, stacklevel=3)


def _load(name: str, item: Any, saved: Any, strict: bool) -> None:
    import torch

    try:
        if strict:
            item.load_state_dict(saved)
        elif isinstance(item, torch.nn.Module):
            item.load_state_dict(_fitting(item.state_dict(), saved), strict=False)
        elif not _misfits(item, saved):
            item.load_state_dict(saved)
    except _LOAD_ERRORS as error:
        raise CheckpointError(f"state[{name!r}] could not be loaded into {type(item).__qualname__}: {error}") from error


def _fitting(current: Mapping[str, Any], saved: Any) -> dict[str, Any]:
    """What of a module's saved state has the shape it has here."""
    if not isinstance(saved, Mapping):
        return {}
    return {
        key: value for key, value in saved.items() if key in current and _shape(value) in (None, _shape(current[key]))
    }
