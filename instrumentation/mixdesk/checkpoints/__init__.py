"""Checkpoints and recovery, usable without a job: the commit protocol, search, state, random states, locks."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mixdesk.checkpoints import rng
from mixdesk.checkpoints.checkpoint import Checkpoint, Verdict, verify
from mixdesk.checkpoints.find import Found, find, listing, resume, scan
from mixdesk.checkpoints.keep import keep_for_good, prune
from mixdesk.checkpoints.lock import Claim, claim
from mixdesk.checkpoints.manifest import Manifest
from mixdesk.checkpoints.save import save
from mixdesk.checkpoints.state import check, collect, devices_of, restore, unwrap
from mixdesk.checkpoints.walk import to_plain

__all__ = [
    "Checkpoint",
    "Claim",
    "Found",
    "Manifest",
    "Verdict",
    "check",
    "claim",
    "collect",
    "devices_of",
    "find",
    "keep_for_good",
    "listing",
    "prune",
    "restore",
    "resume",
    "rng",
    "save",
    "save_checkpoint",
    "scan",
    "to_plain",
    "unwrap",
    "verify",
]


def save_checkpoint(
    folder: str | Path,
    state: Mapping[str, Any],
    *,
    name: str,
    version: str = "0.1",
    epoch: int = 0,
    step: int = 0,
    extra: Mapping[str, Any] | None = None,
) -> Checkpoint:
    """Save a durable, verified checkpoint without a job.

    `state`: by name, anything with `state_dict()` (models, optimizers, schedulers), or a state dict itself; all of them
    are one file. `epoch` and `step`: how many were completed. `extra`: plain values. The random states of Python,
    NumPy, torch and the devices of `state` are saved too. Raises CheckpointError, which says what failed and where;
    then nothing was written.
    """
    boundary = rng.capture(devices_of(state.values()))
    payload = collect(state, extra, rng={"boundary": boundary}, position={"epoch": epoch, "step": step})
    return save(folder, name=name, version=version, epoch=epoch, step=step, payload=payload)
