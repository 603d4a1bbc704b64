"""The codes of all the voice said, searchable: at conversion, codes move towards how this voice says such sounds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import faiss
import numpy as np
import torch
from numpy.typing import NDArray

from mixdesk_voice.data import fit
from mixdesk_voice.features import Mel
from mixdesk_voice.model import Converter

Codes = NDArray[np.float32]  # [moments, code], a moment is two frames
Index = Any  # faiss.IndexFlatL2; faiss has no types of its own to speak of


def codes(model: Converter, mel: Mel) -> Codes:
    """What the encoder hears in one piece of speech."""
    frames = mel.shape[1] + mel.shape[1] % 2
    heard = fit(torch.from_numpy(mel), frames)[0][None].to(model.mean.device)
    model.eval()
    with torch.no_grad():
        return np.ascontiguousarray(model.encode(heard)[0].T.cpu().numpy())


def build(parts: Iterable[Codes]) -> Index:
    """An exact index (squared Euclidean distance) over all codes; exact is quick enough up to a few hours of speech."""
    stacked = np.concatenate(list(parts))
    index = faiss.IndexFlatL2(stacked.shape[1])
    index.add(stacked)
    return index


def towards(index: Index, wanted: Codes, closeness: float, neighbours: int = 8) -> Codes:
    """Each code moved by `closeness` (0..1) to the mean of its nearest neighbours, weighted by 1 / distance squared."""
    squared, found = index.search(wanted, min(neighbours, index.ntotal))
    weights = 1.0 / np.maximum(squared, 1e-6) ** 2
    weights /= weights.sum(axis=1, keepdims=True)
    stored = index.reconstruct_n(0, index.ntotal)
    near = (stored[found] * weights[:, :, None]).sum(axis=1)
    return np.ascontiguousarray((1.0 - closeness) * wanted + closeness * near, dtype=np.float32)


def to_bytes(index: Index) -> bytes:
    """The index as the content of a file that faiss.read_index reads."""
    return bytes(faiss.serialize_index(index))


def from_bytes(content: bytes) -> Index:
    """The inverse of to_bytes."""
    return faiss.deserialize_index(np.frombuffer(content, np.uint8))
