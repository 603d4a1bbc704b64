"""The commit protocol: a checkpoint is complete, on the disk and verified, or it is not there."""

from __future__ import annotations

import contextlib
import contextvars
import errno
import itertools
import os
import pickle
import platform
import re
import shutil
import socket
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timezone
from functools import partial
from pathlib import Path
from typing import IO, Any, cast

from mixdesk.checkpoints import filesystem, litter, naming
from mixdesk.checkpoints.checkpoint import Checkpoint
from mixdesk.checkpoints.files import HashingWriter, Link, make_folder, publish, sync_folder, write_verified
from mixdesk.checkpoints.lock import TryLock, folder_lock, try_lock
from mixdesk.checkpoints.manifest import Manifest, serial_in, timestamp
from mixdesk.errors import CheckpointError
from mixdesk.version import __version__

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_UNWRITTEN: dict[str, Any] = {"size": 0, "xxh3_128": "0" * 32}
_CRC_IS_PER_THREAD = (2, 13)  # before that torch keeps the switch for the whole process
_SHARED = "this file system may be shared with other machines: checkpoints work, but nothing guards their names"
_NO_LINKS = "this file system has no hard links: a file of the same name made in between would be overwritten"


def save(
    folder: str | Path,
    *,
    name: str,
    version: str,
    epoch: int,
    step: int,
    payload: dict[str, Any],
    step_in_epoch: int = 0,
    loop: str | None = None,
    job_id: str | None = None,
    attempt: int = 1,
    trace: str | None = None,
    parent: str | None = None,
    reason: str = "manual",
    now: datetime | None = None,
    lock_timeout: float = 120.0,
    lock: TryLock = try_lock,
    link: Link = os.link,
) -> Checkpoint:
    """Write `payload` (see `collect`) as a new checkpoint; returns once it is durable and verified.

    Under the folder's lock: a temporary file, made exclusively -> written through the hash -> fsync -> read back and
    compared -> the manifest the same way, which gets its name first -> the data gets its name: the commit point ->
    fsync of the folder. No name is ever overwritten; the second save of one step ends in `-2.pth`.
    CheckpointError says what failed; then nothing is left of it and what was there before is as it was.
    `position` of the payload goes into the manifest too. `lock_timeout` in seconds; `lock` and `link` are for tests.
    """
    folder = Path(folder).absolute()
    moment = now or datetime.now(timezone.utc)
    try:
        make_folder(folder)
        with folder_lock(folder, timeout=lock_timeout, lock=lock) as real:
            litter.collect(folder, sole=_is_sole(folder, real))
            draft = Manifest(
                name=name, version=version, epoch=epoch, step=step, step_in_epoch=step_in_epoch, loop=loop,
                job_id=job_id, attempt=attempt, trace=trace, parent=parent, reason=reason, position=_position(payload),
                serial=_next_serial(folder), saved_at=timestamp(moment), libraries=libraries(), **_UNWRITTEN,
            )  # fmt: skip
            draft.to_json()  # what is wrong with it is said before gigabytes are written
            return _commit(folder, draft, moment, payload, link)
    except OSError as error:
        raise _explained(error, folder) from error


def _commit(folder: Path, draft: Manifest, moment: datetime, payload: Mapping[str, Any], link: Link) -> Checkpoint:
    names = _free_names(folder, draft, moment)
    file = next(names)
    with _temporary(folder, file) as data:
        content = write_verified(data, partial(_dump, payload))
        manifest = replace(draft, size=content.size, xxh3_128=content.xxh3_128)
        with _temporary(folder, naming.manifest_name(file)) as beside:
            write_verified(beside, lambda writer: _write_text(writer, manifest.to_json()))
            path = _name_both(folder, itertools.chain([file], names), data, beside, link)
    sync_folder(folder)
    return Checkpoint(path, manifest, verified=True)


def _name_both(folder: Path, names: Iterator[str], data: Path, beside: Path, link: Link) -> Path:
    """Manifest, then data. A name that somebody else took since it was looked for is left to them."""
    for file in names:
        described = folder / naming.manifest_name(file)
        try:
            _named(beside, described, link)
        except FileExistsError:
            continue
        try:
            _named(data, folder / file, link)
        except FileExistsError:
            described.rename(beside)
            continue
        except BaseException:
            if not os.path.lexists(folder / file):  # else it was interrupted after the commit point
                described.unlink(missing_ok=True)
            raise
        return folder / file
    raise AssertionError("the names never end")


def _named(temp: Path, final: Path, link: Link) -> None:
    if not publish(temp, final, link):
        filesystem.say_once(final.parent, _NO_LINKS)


def _free_names(folder: Path, draft: Manifest, moment: datetime) -> Iterator[str]:
    """File names for this position that neither a checkpoint nor a manifest has."""
    day = moment.astimezone(timezone.utc).date()
    for copy in itertools.count(1):
        file = naming.file_name(draft.name, draft.version, draft.epoch, draft.step, day, copy)
        if not any(os.path.lexists(folder / taken) for taken in (file, naming.manifest_name(file))):
            yield file


def _next_serial(folder: Path) -> int:
    """One more than the highest of the folder's manifests, whatever name they are of."""
    serials = [0]
    for path in folder.glob("*.pth.json"):
        with contextlib.suppress(OSError):  # one that cannot be read counts for nothing when resuming either
            serials.append(serial_in(path.read_bytes()))
    return max(serials) + 1


def libraries() -> dict[str, str]:
    """Versions of what a checkpoint depends on, of those that are loaded."""
    found = {"python": platform.python_version(), "mixdesk": __version__}
    for name in ("torch", "numpy"):
        module = sys.modules.get(name)
        if module is not None:
            found[name] = str(getattr(module, "__version__", "unknown"))
    return found


def _position(payload: Mapping[str, Any]) -> dict[str, Any]:
    return dict(payload.get("mixdesk", {}).get("position", {}))


def _dump(payload: Mapping[str, Any], writer: HashingWriter) -> None:
    """torch.save, without the CRC32 of each record: the manifest's hash covers more, at a fifth of the time.

    Zip tools that insist on the CRC refuse the file; torch does not look at it. Where torch keeps the switch for
    the whole process the CRC stays on, lest another thread's file lose it.
    """
    import torch

    try:
        if _version(torch.__version__) >= _CRC_IS_PER_THREAD:
            contextvars.copy_context().run(_save_without_crc, payload, writer)
        else:
            torch.save(payload, cast(IO[bytes], writer))
    except (RuntimeError, OSError, pickle.PicklingError, TypeError, ValueError, AttributeError, LookupError) as error:
        if writer.error is not None:  # torch puts an error of its own in place of what went wrong
            raise writer.error from None
        raise CheckpointError(f"torch could not write the state: {error}") from error


def _save_without_crc(payload: Mapping[str, Any], writer: HashingWriter) -> None:
    import torch

    torch.serialization.set_crc32_options(False)  # ends with the copied context it is set in
    torch.save(payload, cast(IO[bytes], writer))


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text)[:2])


def _write_text(writer: HashingWriter, text: str) -> None:
    writer.write(text.encode())


@contextlib.contextmanager
def _temporary(folder: Path, target: str) -> Iterator[Path]:
    """A name to write `target` under, of which nothing is left in the end, whatever happens."""
    path = folder / naming.temp_name(target, socket.gethostname(), os.getpid())
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def _is_sole(folder: Path, locked: bool) -> bool:
    """Whether the lock keeps everybody else out; where it may not, that is said once."""
    if filesystem.is_remote(folder):
        filesystem.say_once(folder, _SHARED)
        return False
    return locked


def _explained(error: OSError, folder: Path) -> CheckpointError:
    what = f"{error.strerror or error}: no checkpoint was written to {folder}"
    if error.errno not in _FULL:
        return CheckpointError(f"{what} ({error.filename})" if error.filename else what)
    with contextlib.suppress(OSError):
        what += f" ({shutil.disk_usage(folder).free / 2**20:.0f} MiB free)"
    return CheckpointError(f"{what}; free some space or choose another folder")
