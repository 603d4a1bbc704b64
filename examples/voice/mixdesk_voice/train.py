"""One training: the model, what trains it, and one step of it."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils import clip_grad_norm_
from torch.optim import AdamW, Optimizer
from torch.optim.lr_scheduler import ExponentialLR
from torch.utils.data import DataLoader

from mixdesk_voice import data
from mixdesk_voice.data import Window
from mixdesk_voice.model import Converter, Size
from mixdesk_voice.options import Options
from mixdesk_voice.settings import Analysis
from mixdesk_voice.stages import Utterance

LOG = logging.getLogger(__name__)


@dataclass(slots=True)
class Training:
    """What is trained and with what; `losses` are those of the epoch in progress that this process has seen."""

    model: Converter
    optimizer: Optimizer
    scheduler: ExponentialLR
    loader: DataLoader[Window]
    losses: list[float] = field(default_factory=list)


def make_exact(threads: int) -> None:
    """The same numbers at each run on this machine: deterministic kernels, and with `threads` > 0 that many threads."""
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # cuBLAS is deterministic only with a fixed workspace
    torch.use_deterministic_algorithms(True)
    if threads > 0:
        torch.set_num_threads(threads)


def pick_device(name: str) -> torch.device:
    """`auto` is the first GPU where there is one."""
    return torch.device(name if name != "auto" else "cuda" if torch.cuda.is_available() else "cpu")


def prepare(utterances: Sequence[Utterance], options: Options) -> Training:
    """A fresh model and its loader; everything random from here on follows from the seed."""
    seconds = sum(len(u.pitch) for u in utterances) * Analysis().hop / Analysis().rate
    LOG.info("%d pieces of speech, %.1f minutes", len(utterances), seconds / 60)
    torch.manual_seed(options.seed)
    model = Converter(Size(bands=len(utterances[0].mel)))
    mean, scale = data.statistics(utterances)
    model.mean.copy_(mean)
    model.scale.copy_(scale)
    model.to(pick_device(options.device))
    optimizer = AdamW(model.parameters(), lr=2e-3, weight_decay=0.01)
    scheduler = ExponentialLR(optimizer, gamma=0.93)  # does not depend on the epochs to come: more can be added later
    return Training(model, optimizer, scheduler, data.loader(utterances, options.batch_size, options.workers))


def train_step(training: Training, batch: Window) -> Tensor:
    """One optimizer step; returns the loss before it."""
    window = Window(*(part.to(training.model.mean.device) for part in batch))
    training.model.train()
    loss = reconstruction_loss(training.model, window)
    training.optimizer.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    clip_grad_norm_(training.model.parameters(), 1.0)
    training.optimizer.step()
    training.losses.append(float(loss.detach()))
    return loss.detach()


def reconstruction_loss(model: Converter, window: Window) -> Tensor:
    """Mean absolute error of the normalised log-mel over the frames that exist."""
    error: Tensor = (model(window.heard, window.pitch) - model.normalise(window.wanted)).abs()
    total = (error * window.real).sum()
    return total / (window.real.sum() * error.shape[1])


def end_epoch(training: Training, epochs: int) -> None:
    """The learning rate falls; one line says how the epoch went (nothing where all of it was done before a restart)."""
    training.scheduler.step()
    if training.losses:
        mean = sum(training.losses) / len(training.losses)
        LOG.info("epoch %d/%d  loss %.4f", training.scheduler.last_epoch, epochs, mean)
    training.losses.clear()


def median_pitch(utterances: Sequence[Utterance]) -> float:
    """Hz, over the voiced frames; 200 where nothing is voiced."""
    pitch = np.concatenate([u.pitch for u in utterances])
    return float(np.median(pitch[pitch > 0.0])) if (pitch > 0.0).any() else 200.0
