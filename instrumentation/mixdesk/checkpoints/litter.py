"""What killed savers leave behind: temporary files, and manifests whose data never got its name."""

from __future__ import annotations

import contextlib
import os
import socket
import time
from pathlib import Path

from mixdesk.checkpoints import naming
from mixdesk.checkpoints.lock import is_alive

OLD_S = 86_400.0


def collect(folder: Path, *, sole: bool, now: float | None = None) -> list[Path]:
    """Remove temporary files that nobody is writing; returns them. To be called under the folder's lock.

    `sole` says that the lock keeps every other writer out: then all that is there was left behind. Else only what
    a dead process of this host wrote, and what is older than a day.
    """
    moment = time.time() if now is None else now
    removed = []
    for path in list(folder.iterdir()):
        temp = naming.parse_temp(path.name)
        if temp is not None and (sole or _is_abandoned(path, temp, moment)):
            _remove(path, temp)
            removed.append(path)
    return removed


def _is_abandoned(path: Path, temp: naming.TempName, now: float) -> bool:
    if temp.host == naming.short_hash(socket.gethostname()) and (temp.pid == os.getpid() or not is_alive(temp.pid)):
        return True
    with contextlib.suppress(FileNotFoundError):
        return now - path.stat().st_mtime > OLD_S
    return False


def _remove(path: Path, temp: naming.TempName) -> None:
    """The manifest goes first: while the temporary file is there it is known to belong to an unfinished save."""
    final = path.with_name(temp.target)
    if temp.target.endswith(".pth") and not final.exists():
        final.with_name(naming.manifest_name(temp.target)).unlink(missing_ok=True)
    path.unlink(missing_ok=True)
