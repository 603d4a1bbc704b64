"""What a descriptor is of, and what is read: regular files on real file systems, and none that holds secrets."""

from __future__ import annotations

import ctypes
import os
import posixpath
import stat
from functools import cache

from mixdesk_control.logs import directories
from mixdesk_control.logs.place import Unreadable
from mixdesk_control.logs.places.beneath import real, refusal, shown

READ = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISLNK, "a link"),
    (stat.S_ISFIFO, "a fifo"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)
_OF_THE_KERNEL = frozenset(
    (
        *(0x9FA0, 0x62656572, 0x27E0EB, 0x63677270, 0x64626720, 0x74726163, 0x73636673, 0xCAFE4A11, 0x62656570),
        *(0x6165676C, 0xDE5E81E4, 0xF97CFF8C, 0x42494E4D, 0x19800202, 0x1CD1, 0x6E736673, 0x65735543, 0x50495045),
        *(0x534F434B, 0x09041934),
    )
)  # proc, sysfs, cgroup, cgroup2, debugfs, tracefs, securityfs, bpf, configfs, pstore, ... (linux/magic.h)


def what(mode: int) -> str | None:
    """`a fifo`; None of a regular file."""
    return next((name for is_it, name in _KINDS if is_it(mode)), None)


def reopened(descriptor: int, path: str, *, folder: bool = False, named: bool = False) -> int:
    """To read what an O_PATH descriptor is of, which opens no fifo and no device. Closes the descriptor.

    Raises Unreadable where it is neither a regular file nor, where that is wanted, a folder.
    """
    try:
        check(descriptor, path, folder=folder, named=named)
        return os.open(f"/proc/self/fd/{descriptor}", READ | (os.O_DIRECTORY if folder else 0))
    except OSError as error:
        raise refusal(error, path) from error
    finally:
        os.close(descriptor)


def check(descriptor: int, path: str, *, folder: bool = False, named: bool = False) -> os.stat_result:
    """Raises Unreadable with what it is; `named` as in `directories.refusal`."""
    found = os.fstat(descriptor)
    kind = what(found.st_mode)
    if kind != ("a folder" if folder else None):
        raise Unreadable(f"{shown(path)} is {kind or 'a file'}, no {'folder' if folder else 'file'}")
    if _file_system(descriptor) in _OF_THE_KERNEL:
        raise Unreadable(f"{shown(path)} is one of the kernel's own (/proc, /sys), no log")
    if folder:
        return found
    name = real(descriptor).rpartition("/")[2]
    why = directories.refusal(name, named=named and name == posixpath.basename(path))
    if why is not None:
        leads = "" if name == posixpath.basename(path) else f" leads to {shown(name)}"
        raise Unreadable(f"{shown(path)}{leads}: {why}")
    return found


@cache
def _fstatfs() -> ctypes._FuncPointer:
    return ctypes.CDLL(None, use_errno=True).fstatfs64


def _file_system(descriptor: int) -> int:
    """The magic number of its file system; 0 where it has none."""
    answer = (ctypes.c_long * 64)()
    if _fstatfs()(descriptor, ctypes.byref(answer)) != 0:
        return 0
    return int(answer[0]) & 0xFFFFFFFF
