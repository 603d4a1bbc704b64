"""Looking through a folder of checkpoints. The manifests decide, never the file names."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mixdesk.checkpoints import naming
from mixdesk.checkpoints.checkpoint import Checkpoint, checked, data_path, read_manifest
from mixdesk.errors import CheckpointError

Broken = tuple[Path, str]
_RESCANS = 10  # a folder whose checkpoints are deleted faster than they can be looked at is looked at once more


@dataclass(frozen=True)
class Found:
    """The newest checkpoint that verifies, and what was passed over on the way to it: path and reason, newest first."""

    checkpoint: Checkpoint | None
    broken: list[Broken]


def scan(folder: str | Path) -> tuple[list[Checkpoint], list[Broken]]:
    """A folder's checkpoints by their manifests, highest serial first, unread; and the files that are none, and why.

    A manifest without data whose temporary file is still there is a save that never ended: in neither list.
    """
    for _ in range(_RESCANS):
        checkpoints, broken, gone = _scan_once(Path(folder).absolute())
        if not gone:  # else a newer one than any of these may have come meanwhile
            break
    checkpoints.sort(key=lambda entry: (entry.serial, entry.saved_at), reverse=True)
    return checkpoints, sorted(broken)


def _scan_once(folder: Path) -> tuple[list[Checkpoint], list[Broken], bool]:
    """The same, unsorted, and whether a checkpoint was deleted while we looked."""
    checkpoints: list[Checkpoint] = []
    broken: list[Broken] = []
    gone = False
    for path in _data_files(folder):
        try:
            manifest = read_manifest(path)
        except CheckpointError as error:
            if _is_there(path):
                broken.append((path, str(error)))
            else:
                gone = True
            continue
        has_data = _has_data(path)
        if has_data:
            checkpoints.append(Checkpoint(path, manifest))
        elif not _is_there(path):
            gone = True
        elif has_data is False:
            broken.append((path, "the data is missing, only the manifest is there"))
    return checkpoints, broken, gone


def listing(folder: str | Path) -> list[Checkpoint]:
    """All checkpoints of a folder by their manifests, highest serial first; nothing is read or verified."""
    return scan(folder)[0]


def find(folder: str | Path, name: str, version: str | None = None) -> Found:
    """The newest checkpoint of this name (and version) that verifies; reads no further than to that one."""
    for _ in range(_RESCANS):
        found, gone = _find_once(folder, name, version)
        if not gone:
            break
    return found


def _find_once(folder: str | Path, name: str, version: str | None) -> tuple[Found, bool]:
    """The same, and whether a checkpoint was deleted before it could be read."""
    checkpoints, strange = scan(folder)
    gone = False
    broken = [entry for entry in strange if _may_be(entry[0], name, version)]
    for checkpoint in checkpoints:
        if checkpoint.name != name or version not in (None, checkpoint.version):
            continue
        verdict = checked(checkpoint)
        if verdict.verified:
            return Found(verdict.checkpoint, broken), gone
        if _is_there(checkpoint.path):
            broken.append((checkpoint.path, verdict.reason))
        else:
            gone = True
    return Found(None, broken), gone


def resume(folder: str | Path, name: str, version: str | None = None) -> Checkpoint | None:
    """The newest checkpoint of this name (and version, else of any) that verifies, or None.

    Broken ones are named in a warning each and skipped, never deleted.
    """
    found = find(folder, name, version)
    for path, reason in found.broken:
        warnings.warn(f"checkpoint skipped: {path}: {reason}", stacklevel=2)
    return found.checkpoint


def _data_files(folder: Path) -> Iterator[Path]:
    """Every `….pth` that is there or has a manifest there."""
    try:
        names = {entry.name for entry in folder.iterdir()}
    except FileNotFoundError:
        return
    except OSError as error:
        raise CheckpointError(f"the checkpoint folder {folder} cannot be read: {error.strerror}") from error
    for name in sorted({data_path(Path(name)).name for name in names}):
        if name.endswith(".pth"):
            yield folder / name


def _is_there(path: Path) -> bool:
    return path.exists() or path.with_name(naming.manifest_name(path.name)).exists()


def _has_data(path: Path) -> bool | None:
    """Whether a manifest's data is there; None where it has its temporary name: its writer is at it, or was killed."""
    if path.exists():
        return True
    temps = (naming.parse_temp(entry.name) for entry in path.parent.iterdir())
    if any(temp is not None and temp.target == path.name for temp in temps):
        return None
    return path.exists()  # it may have got its name in between


def _may_be(path: Path, name: str, version: str | None) -> bool:
    """Whether a broken one is of this name: by its manifest, or by its file name where there is no reading that."""
    try:
        manifest = read_manifest(path)
    except CheckpointError:
        return naming.resembles(path.name, name, version)
    return manifest.name == name and version in (None, manifest.version)
