"""One checkpoint on disk: its file, its manifest, whether they agree, and what it holds."""

from __future__ import annotations

import pickle
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mixdesk.checkpoints import naming
from mixdesk.checkpoints.files import content_of
from mixdesk.checkpoints.manifest import Manifest
from mixdesk.errors import CheckpointError

LAYOUT = 1  # of the dict in the file; the manifest has a format of its own
_PARTS = ("mixdesk", "state", "extra", "rng")


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint file with its manifest; `verified` is None where nobody has read the file yet."""

    path: Path
    manifest: Manifest
    verified: bool | None = None

    @property
    def name(self) -> str:
        """The model's name."""
        return self.manifest.name

    @property
    def version(self) -> str:
        """The model's version."""
        return self.manifest.version

    @property
    def serial(self) -> int:
        """Grows with each save in a folder: the highest that verifies is the newest."""
        return self.manifest.serial

    @property
    def epoch(self) -> int:
        """Completed epochs since the run began, over all its attempts."""
        return self.manifest.epoch

    @property
    def step(self) -> int:
        """Completed optimizer steps since the run began, over all its attempts."""
        return self.manifest.step

    @property
    def size(self) -> int:
        """Size of the file in bytes."""
        return self.manifest.size

    @property
    def hash(self) -> str:
        """xxh3-128 of the file in hexadecimal: tells damage, proves no origin."""
        return self.manifest.xxh3_128

    @property
    def job_id(self) -> str | None:
        """The job that saved it."""
        return self.manifest.job_id

    @property
    def saved_at(self) -> str:
        """When it was saved, RFC 3339 in UTC."""
        return self.manifest.saved_at

    @property
    def manifest_path(self) -> Path:
        """The JSON file beside it."""
        return self.path.with_name(naming.manifest_name(self.path.name))

    def load(self) -> dict[str, Any]:
        """What it holds, on the CPU: `{"mixdesk", "state", "extra", "rng"}`.

        The file is hashed first and read with `weights_only=True`; CheckpointError where either refuses it.
        """
        reason = damage(self.path, self.manifest)
        if reason:
            raise CheckpointError(f"{self.path} is not what was saved: {reason}")
        return _load(self.path)


@dataclass(frozen=True)
class Verdict:
    """Whether a file is the checkpoint it should be, and if not, why not."""

    path: Path
    verified: bool
    reason: str = ""
    checkpoint: Checkpoint | None = None


def verify(path: str | Path) -> Verdict:
    """Read a checkpoint file (or the one whose manifest is named) and compare it with its manifest."""
    path = data_path(Path(path).absolute())
    try:
        manifest = read_manifest(path)
    except CheckpointError as error:
        return Verdict(path, False, str(error))
    reason = damage(path, manifest)
    return Verdict(path, not reason, reason, Checkpoint(path, manifest, not reason))


def checked(checkpoint: Checkpoint) -> Verdict:
    """The same for a checkpoint whose manifest was already read."""
    reason = damage(checkpoint.path, checkpoint.manifest)
    return Verdict(checkpoint.path, not reason, reason, replace(checkpoint, verified=not reason))


def data_path(path: Path) -> Path:
    """The checkpoint file that a path means: a manifest stands for the file beside it."""
    return path.with_name(path.name.removesuffix(".json")) if path.name.endswith(".pth.json") else path


def read_manifest(path: Path) -> Manifest:
    """The manifest beside a checkpoint file; CheckpointError where it is missing or wrong."""
    beside = path.with_name(naming.manifest_name(path.name))
    try:
        return Manifest.from_json(beside.read_bytes())
    except FileNotFoundError:
        reason = f"its manifest {beside.name} is missing" if path.exists() else "there is no such file"
        raise CheckpointError(reason) from None
    except OSError as error:
        raise CheckpointError(f"the manifest cannot be read: {error.strerror}") from error


def damage(path: Path, manifest: Manifest) -> str:
    """What is wrong with a file by its manifest; empty where nothing is. A wrong size is told without reading it."""
    try:
        size = path.stat().st_size
        if size != manifest.size:
            kind = "truncated" if size < manifest.size else "too long"
            return f"{kind}: {size} bytes instead of {manifest.size}"
        found = content_of(path)
    except FileNotFoundError:
        return "the data is missing, only the manifest is there"
    except OSError as error:
        return f"it cannot be read: {error.strerror}"
    if found.xxh3_128 != manifest.xxh3_128:
        return f"its bytes have changed: xxh3-128 {found.xxh3_128} instead of {manifest.xxh3_128}"
    return ""


def _load(path: Path) -> dict[str, Any]:
    import torch

    try:
        payload: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, OSError, ValueError, TypeError, KeyError) as error:
        raise CheckpointError(f"{path} cannot be loaded: {error}") from error
    missing = [part for part in _PARTS if not isinstance(payload, dict) or not isinstance(payload.get(part), dict)]
    if missing:
        raise CheckpointError(f"{path} is no checkpoint of mixdesk: it lacks {', '.join(missing)}")
    layout = payload["mixdesk"].get("format")
    if layout != LAYOUT:
        raise CheckpointError(f"{path} has layout {layout!r}; this version of mixdesk reads {LAYOUT}")
    return payload
