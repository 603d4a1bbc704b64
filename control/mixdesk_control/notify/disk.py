"""Room for the next checkpoint."""

from __future__ import annotations

import os
from pathlib import Path

SPARE = 1.1


def free_beside(path: str, size: int) -> int | None:
    """Bytes free where this checkpoint lies; None where the file of this size is not seen: another host's, or gone.

    Blocks where a server of files is away.
    """
    file = Path(path)
    try:
        if not file.is_absolute() or file.stat().st_size != size:
            return None
        found = os.statvfs(file.parent)
    except (OSError, ValueError):
        return None
    return found.f_bavail * found.f_frsize


def needed(size: int) -> int:
    """Bytes that the next one takes, with something to spare."""
    return int(size * SPARE)
