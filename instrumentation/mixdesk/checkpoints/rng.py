"""Random states of whatever generators this process has loaded, and what would make them go on differently."""

from __future__ import annotations

import functools
import importlib
import platform
import random
import sys
import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

_ARRAY = "ndarray"


def capture(devices: Iterable[Any] = (), generators: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The states of Python's, NumPy's and torch's global generators, in plain values; nothing is imported for it.

    `devices` (torch.device or their names; the CPU may be among them): whose generators to take as well.
    `generators`: torch.Generator objects of one's own, by name, such as a loader's.
    """
    state: dict[str, Any] = {"python": random.getstate(), "environment": environment(devices)}
    numpy, torch = sys.modules.get("numpy.random"), sys.modules.get("torch")
    if numpy is not None:
        state["numpy"] = _pack(numpy.get_state(legacy=False))
    if torch is not None:
        state["torch"] = torch.get_rng_state()
        state["devices"] = {name: _backend(torch, name).get_rng_state(*_index(name)) for name in _accelerators(devices)}
        state["generators"] = {name: generator.get_state() for name, generator in (generators or {}).items()}
    return state


def restore(state: Mapping[str, Any], generators: Mapping[str, Any] | None = None) -> None:
    """Put the generators back to what `capture` took. What cannot be put back here is named in a warning."""
    random.setstate(_as_tuple(state["python"]))
    if "numpy" in state:
        importlib.import_module("numpy.random").set_state(_unpack(state["numpy"]))
    if "torch" in state:
        torch = importlib.import_module("torch")
        torch.set_rng_state(state["torch"])
        for name, saved in state.get("devices", {}).items():
            _restore_device(torch, name, saved)
        for name, saved in state.get("generators", {}).items():
            _restore_generator(name, saved, generators or {})


def environment(devices: Iterable[Any] = ()) -> dict[str, str]:
    """What results depend on beside the random states: torch, its threads, the processor, the accelerators."""
    found = {"processor": processor()}
    torch = sys.modules.get("torch")
    if torch is not None:
        found["torch"] = str(torch.__version__)
        found["threads"] = str(torch.get_num_threads())
        for name in _accelerators(devices):
            found[name] = _device_name(torch, name)
    return found


def differences(saved: Mapping[str, Any], current: Mapping[str, Any]) -> list[str]:
    """What differs between two captures' environments, a text each: reasons why a resumed run is not exact."""
    then, now = saved.get("environment", {}), current.get("environment", {})
    names = [*then, *(name for name in now if name not in then)]
    return [
        f"{name} was {then.get(name, 'not there')}, is {now.get(name, 'not there')}"
        for name in names
        if then.get(name) != now.get(name)
    ]


@functools.lru_cache(maxsize=1)
def processor() -> str:
    """The processor's model, as far as the system tells."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines()
    except OSError:  # not Linux
        lines = []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return " ".join(filter(None, [platform.machine(), models[0] if models else platform.processor()]))


def _accelerators(devices: Iterable[Any]) -> list[str]:
    """Names of the devices that have a generator of their own and are in use, each once."""
    torch = sys.modules.get("torch")
    if torch is None:
        return []
    found = {torch.device(device) for device in devices}
    return sorted({_full_name(torch, device) for device in found if device.type not in ("cpu", "meta")})


def _full_name(torch: Any, device: Any) -> str:
    if device.index is not None or device.type == "mps":
        return str(device)
    return f"{device.type}:{getattr(torch, device.type).current_device()}"


def _backend(torch: Any, name: str) -> Any:
    return getattr(torch, name.partition(":")[0])


def _index(name: str) -> tuple[int, ...]:
    """The arguments that name a device to its backend; torch.mps has but one and takes none."""
    kind, _, index = name.partition(":")
    return () if kind == "mps" else (int(index),)


def _device_name(torch: Any, name: str) -> str:
    lookup = getattr(_backend(torch, name), "get_device_name", None)
    return str(lookup(*_index(name))) if lookup is not None else name


def _restore_device(torch: Any, name: str, saved: Any) -> None:
    backend = getattr(torch, name.partition(":")[0], None)  # of a kind that this torch may not know
    if backend is None or backend.device_count() <= max(_index(name), default=0):
        warnings.warn(f"the random state of {name} was saved, but there is no such device now", stacklevel=3)
    else:
        backend.set_rng_state(saved, *_index(name))


def _restore_generator(name: str, saved: Any, generators: Mapping[str, Any]) -> None:
    if name in generators:
        generators[name].set_state(saved)
    else:
        warnings.warn(f"the random state of the generator {name!r} was saved, but there is none now", stacklevel=3)


def _pack(value: Any) -> Any:
    """NumPy's state with arrays as type and bytes."""
    if isinstance(value, dict):
        return {key: _pack(part) for key, part in value.items()}
    if hasattr(value, "tobytes") and getattr(value, "ndim", None):
        return {_ARRAY: value.dtype.str, "data": value.tobytes()}
    return value.item() if hasattr(value, "item") else value


def _unpack(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if _ARRAY in value:
        return importlib.import_module("numpy").frombuffer(value["data"], dtype=value[_ARRAY]).copy()
    return {key: _unpack(part) for key, part in value.items()}


def _as_tuple(value: Any) -> Any:
    return tuple(_as_tuple(part) for part in value) if isinstance(value, (list, tuple)) else value
