"""State as it is now without a copy of what is large: small parts by value, large tensors by a hash."""

from __future__ import annotations

import ctypes
import sys
from collections import Counter, OrderedDict
from typing import Any

import xxhash

SMALL = 1 << 13  # bytes of a tensor that is rather copied than hashed
CPU_RATE, DEVICE_RATE = 5e9, 1e9  # bytes a second that are hashed; what is on a device comes to the host first
TENSOR_S, PART_S = 1e-5, 5e-7  # what each tensor, and each part of any kind, takes besides

_LEAVES = frozenset({type(None), bool, int, float, complex, str, bytes})
_TORCH_LEAVES = ("dtype", "device", "Size", "layout", "memory_format")
_MAPPINGS = (dict, OrderedDict, Counter)


class NotFrozen(Exception):
    """There is a part whose change nobody could see."""


class Frozen:
    """`value` keeps what it holds now, but for its large tensors, which it shares: `unmoved` tells of those.

    Raises NotFrozen for any type but plain tensors, storages, dicts, lists, tuples, sets, numbers and text: a tensor
    of a class of its own (DTensor, a quantized weight) keeps its numbers where no hash of ours would look for them.
    """

    def __init__(self, value: Any) -> None:
        self._large: list[Any] = []
        self.value = self._freeze(value)
        self._digest = _digest(self._large)

    def unmoved(self) -> bool:
        """True where the large tensors hold what they held then; so long as a hash of all of them takes."""
        return _digest(self._large) == self._digest

    def _freeze(self, value: Any) -> Any:
        kind = type(value)
        if _is_leaf(value):
            return value
        if _is_tensor(value):
            return self._freeze_tensor(value)
        if kind in _MAPPINGS:
            return self._freeze_mapping(value)
        if kind is list or kind is tuple:
            return kind([self._freeze(item) for item in value])
        if kind is bytearray or (kind is set and all(map(_is_key, value))):
            return kind(value)
        if _is_storage(value):
            return value.clone()
        raise NotFrozen(f"{kind.__module__}.{kind.__qualname__}")

    def _freeze_mapping(self, value: Any) -> Any:
        if not all(map(_is_key, value)):
            raise NotFrozen("a key that may change")
        frozen = type(value)({key: self._freeze(item) for key, item in value.items()})
        attributes = getattr(value, "__dict__", None)
        if attributes:  # a module's state dict carries its `_metadata` so
            frozen.__dict__.update(self._freeze(attributes))
        return frozen

    def _freeze_tensor(self, tensor: Any) -> Any:
        torch = sys.modules["torch"]
        plain = type(tensor) in (torch.Tensor, torch.nn.Parameter) and not tensor.is_nested
        if not plain or tensor.device.type == "meta":
            raise NotFrozen(f"a tensor of type {type(tensor).__qualname__}")
        if tensor.layout is not torch.strided or tensor.is_quantized:
            return tensor.detach().clone()
        size = tensor.numel() * tensor.element_size()
        if size and not tensor.data_ptr():
            raise NotFrozen("a tensor without memory")
        if size <= SMALL and not vars(tensor):
            return tensor.detach().clone()
        self._large.append(tensor)
        return tensor


def seconds_of(value: Any) -> float:
    """What freezing will take, guessed from bytes and the number of parts, before a byte is read."""
    if _is_tensor(value):
        return TENSOR_S + _transfer_s(value.numel() * value.element_size(), value.device)
    if _is_storage(value):
        return TENSOR_S + _transfer_s(value.nbytes(), value.device)
    if isinstance(value, dict):
        return PART_S + sum(map(seconds_of, value.values()))
    if isinstance(value, (list, tuple, set)):
        return PART_S + sum(map(seconds_of, value))
    return PART_S


def _transfer_s(size: int, device: Any) -> float:
    return size / (CPU_RATE if device.type == "cpu" else DEVICE_RATE)


def _is_leaf(value: Any) -> bool:
    kind = type(value)
    if kind in _LEAVES:
        return True
    torch = sys.modules.get("torch")
    return torch is not None and any(kind is getattr(torch, name) for name in _TORCH_LEAVES)


def _is_key(value: Any) -> bool:
    return all(map(_is_key, value)) if type(value) is tuple else _is_leaf(value)


def _is_tensor(value: Any) -> bool:
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor)


def _is_storage(value: Any) -> bool:
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, (torch.UntypedStorage, torch.TypedStorage))


def _digest(tensors: list[Any]) -> bytes:
    digest = xxhash.xxh3_128()
    for tensor in tensors:
        plain = tensor.detach().resolve_conj().resolve_neg().cpu().contiguous()
        size = plain.numel() * plain.element_size()
        if size:
            digest.update((ctypes.c_char * size).from_address(plain.data_ptr()))
    return digest.digest()
