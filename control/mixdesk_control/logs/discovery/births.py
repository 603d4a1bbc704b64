"""When a file was made, which Linux tells by statx(2) alone."""

from __future__ import annotations

import ctypes
import os
import struct

_AT_FDCWD, _AT_SYMLINK_NOFOLLOW, _STATX_BTIME = -100, 0x100, 0x800
_SIZE, _BTIME = 256, struct.Struct("=qI")  # of struct statx, and of its stx_btime
_BTIME_AT = 80

_statx = getattr(ctypes.CDLL(None, use_errno=True), "statx", None)


def born(path: str) -> float | None:
    """Seconds since the epoch; None where the file is not there or the file system does not know. Blocks."""
    found = ctypes.create_string_buffer(_SIZE)
    if _statx is None or _statx(_AT_FDCWD, os.fsencode(path), _AT_SYMLINK_NOFOLLOW, _STATX_BTIME, found):
        return None
    (mask,) = struct.unpack_from("=I", found)
    if not mask & _STATX_BTIME:
        return None
    seconds, nanoseconds = map(int, _BTIME.unpack_from(found, _BTIME_AT))
    return seconds + nanoseconds / 1e9


def first_born(*paths: str) -> float | None:
    """When the oldest of them was made; None where that of one is not known. Blocks."""
    times = [born(path) for path in paths]
    known = [time for time in times if time is not None]
    return min(known) if known and len(known) == len(times) else None
