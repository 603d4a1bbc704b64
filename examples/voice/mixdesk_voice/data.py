"""Utterances as shuffled, randomly changed windows: what the training loop eats.

Every random number is drawn from torch's global generators: in a worker the one the loader seeded, else the main one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from mixdesk_voice.model import LEAST_DEVIATION
from mixdesk_voice.pitch import Pitch
from mixdesk_voice.stages import Utterance

WINDOW = 128  # frames, 1.28 s


class Window(NamedTuple):
    """Log-mel heard and wanted [bands, frames], pitch wanted [2, frames], and [1, frames] 1 where a frame is real."""

    heard: Tensor
    pitch: Tensor
    wanted: Tensor
    real: Tensor


class Windows(Dataset[Window]):
    """As many windows of an utterance as fit into it, each cut at a random place each time it is asked for."""

    def __init__(self, utterances: Sequence[Utterance], frames: int = WINDOW) -> None:
        self.frames = frames
        self.pairs = [(torch.from_numpy(u.mel), condition(u.pitch)) for u in utterances]
        self.owners = [i for i, u in enumerate(utterances) for _ in range(-(-u.mel.shape[1] // frames))]

    def __len__(self) -> int:
        return len(self.owners)

    def __getitem__(self, index: int) -> Window:
        mel, pitch = self.pairs[self.owners[index]]
        spare = mel.shape[1] - self.frames
        start = int(torch.randint(spare + 1, ())) if spare > 0 else 0
        wanted, real = fit(mel[:, start : start + self.frames], self.frames)
        heard = recolour(warp(wanted, random_between(0.85, 1.18)), random_between(-1.0, 1.0), random_between(-0.5, 0.5))
        return Window(heard, fit(pitch[:, start : start + self.frames], self.frames)[0], wanted, real)


def loader(utterances: Sequence[Utterance], batch_size: int, workers: int) -> DataLoader[Window]:
    """Shuffled batches, the short last one too. Workers start anew each epoch: only so is an epoch repeatable."""
    return DataLoader(Windows(utterances), batch_size, shuffle=True, num_workers=workers, persistent_workers=False)


def condition(pitch: Pitch) -> Tensor:
    """[2, frames]: octaves above 200 Hz (0 where unvoiced), and 1 where voiced."""
    voiced = pitch > 0.0
    octaves = np.log2(np.where(voiced, pitch, 200.0) / 200.0)
    return torch.from_numpy(np.stack([octaves, voiced]).astype(np.float32))


def fit(values: Tensor, frames: int) -> tuple[Tensor, Tensor]:
    """The first `frames` frames, the last one repeated where there are fewer, and [1, frames] 1 where they are real."""
    have = min(values.shape[1], frames)
    at = torch.arange(frames)
    return values[:, at.clamp(max=have - 1)], (at < have).float()[None, :]


def warp(mel: Tensor, factor: float) -> Tensor:
    """Every formant at `factor` times its band, as from a longer or shorter throat (VTLP, Jaitly and Hinton 2013)."""
    bands = len(mel)
    at = (torch.arange(bands) / factor).clamp(max=bands - 1)
    low = at.floor().long()
    high = (low + 1).clamp(max=bands - 1)
    part = (at - low)[:, None]
    return mel[low] * (1.0 - part) + mel[high] * part


def recolour(mel: Tensor, tilt: float, gain: float) -> Tensor:
    """Another microphone: `gain` nepers louder, and `tilt` more at the top of the spectrum than at the bottom."""
    return mel + gain + tilt * torch.linspace(-0.5, 0.5, len(mel))[:, None]


def random_between(low: float, high: float) -> float:
    """One number from torch's generator."""
    return low + (high - low) * float(torch.rand(()))


def statistics(utterances: Sequence[Utterance]) -> tuple[Tensor, Tensor]:
    """Mean and deviation [bands, 1] over all frames; an empty band gets LEAST_DEVIATION."""
    frames = np.concatenate([u.mel for u in utterances], axis=1).astype(np.float64)
    mean, deviation = frames.mean(axis=1, keepdims=True), frames.std(axis=1, keepdims=True)
    return torch.from_numpy(mean).float(), torch.from_numpy(np.maximum(deviation, LEAST_DEVIATION)).float()
