"""Which of a run's own automatic checkpoints are deleted once there are newer ones."""

from __future__ import annotations

import os
import socket
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from mixdesk.checkpoints import naming
from mixdesk.checkpoints.checkpoint import Checkpoint
from mixdesk.checkpoints.files import HashingWriter, sync_folder, write_verified
from mixdesk.checkpoints.find import listing
from mixdesk.checkpoints.lock import folder_lock
from mixdesk.errors import CheckpointError


def prune(
    folder: str | Path,
    *,
    name: str,
    version: str,
    keep: int | None,
    job_id: str | None = None,
    own: Collection[Path] = (),
    spare: Collection[Path] = (),
) -> list[Path]:
    """Delete this run's automatic checkpoints beyond the newest `keep` (None: all stay); returns what was deleted.

    To be called after a verified save. This run's are those in `own`, and those of `job_id` and the jobs it goes on
    from. Requested, final and manual ones stay, as do those in `spare` (known to be broken), those of another size
    than their manifest says, and every other run's; none of them counts as kept.
    """
    if keep is not None and keep < 1:
        raise CheckpointError(f"keep is {keep}; it must be 1 or more, or None for all")
    if keep is None:
        return []
    folder = Path(folder).absolute()
    try:
        with folder_lock(folder):
            return _prune(folder, [name, version], keep, job_id, {*own}, {*spare})
    except OSError as error:
        raise CheckpointError(f"{error.strerror}: old checkpoints in {folder} were not deleted") from error


def keep_for_good(checkpoint: Checkpoint, reason: str = "requested") -> Checkpoint:
    """Say in the manifest of an automatic checkpoint that somebody asked for it: no `prune`, of any run, deletes it.

    The data is not touched; the manifest is replaced in one step. CheckpointError says what failed.
    """
    folder, beside = checkpoint.path.parent, checkpoint.manifest_path
    kept = replace(checkpoint, manifest=replace(checkpoint.manifest, reason=reason))
    temp = beside.with_name(naming.temp_name(beside.name, socket.gethostname(), os.getpid()))

    def write(writer: HashingWriter) -> None:
        writer.write(kept.manifest.to_json().encode())

    try:
        with folder_lock(folder):
            try:
                write_verified(temp, write)
                temp.replace(beside)
            finally:
                temp.unlink(missing_ok=True)
            sync_folder(folder)
    except OSError as error:
        raise CheckpointError(f"{error.strerror}: {beside} could not be marked as {reason}") from error
    return kept


def beyond(mine: list[Checkpoint], keep: int) -> list[Checkpoint]:
    """Of one run's checkpoints, newest first, the automatic ones after the first `keep`. Pure."""
    automatic = [entry for entry in mine if entry.manifest.reason == "automatic"]
    return automatic[keep:]


def lineage(checkpoints: list[Checkpoint], job_id: str) -> set[str]:
    """A job and all it goes on from: the parent checkpoint of each names the job before. Pure."""
    by_file = {entry.path.name: entry for entry in checkpoints}
    found, waiting = set(), [job_id]
    while waiting:
        current = waiting.pop()
        found.add(current)
        parents = (by_file.get(entry.manifest.parent or "") for entry in checkpoints if entry.job_id == current)
        waiting += {parent.job_id for parent in parents if parent is not None and parent.job_id} - found
    return found


def _prune(folder: Path, run: list[str], keep: int, job_id: str | None, own: set[Path], spare: set[Path]) -> list[Path]:
    everything = listing(folder)
    jobs = lineage(everything, job_id) if job_id is not None else set()
    mine = [
        entry
        for entry in everything
        if [entry.name, entry.version] == run and (entry.path in own or entry.job_id in jobs)
        if entry.path not in spare and _has_its_size(entry)
    ]
    doomed = beyond(mine, keep)
    for entry in doomed:
        _delete(entry)
    if doomed:
        sync_folder(folder)
    return [entry.path for entry in doomed]


def _delete(entry: Checkpoint) -> None:
    """Back to a temporary name first: a deletion cut short is then cleared away like a save cut short."""
    temp = entry.path.with_name(naming.temp_name(entry.path.name, socket.gethostname(), os.getpid()))
    entry.path.rename(temp)
    entry.manifest_path.unlink(missing_ok=True)
    temp.unlink()


def _has_its_size(entry: Checkpoint) -> bool:
    try:
        return entry.path.stat().st_size == entry.size
    except FileNotFoundError:
        return False
