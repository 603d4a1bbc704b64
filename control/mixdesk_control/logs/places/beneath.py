"""Paths opened below a folder, never outside of it, whatever links say and whoever moves things meanwhile."""

from __future__ import annotations

import ctypes
import errno
import os
import stat
from contextlib import ExitStack
from functools import cache

from mixdesk_control.logs.place import Unreadable

OPENAT2 = 437  # its number on every architecture that has it, but Alpha
NO_MAGICLINKS, BENEATH, IN_ROOT = 0x02, 0x08, 0x10
MOST_LINKS = 40  # as the kernel
TRIES = 50  # something below is being renamed all the time
_ABSENT = (errno.ENOSYS, errno.EPERM, errno.E2BIG, errno.EINVAL)


class _How(ctypes.Structure):
    _fields_ = [("flags", ctypes.c_uint64), ("mode", ctypes.c_uint64), ("resolve", ctypes.c_uint64)]


def open_below(root: int, path: str, *, is_root: bool, openat2: bool | None = None) -> int:
    """An O_PATH descriptor of what lies at `path` below the folder `root`.

    is_root  links are meant from there, as in a container; else one that leads out is refused
    openat2  whether the kernel resolves; default where it can

    Raises FileNotFoundError, Unreadable.
    """
    path = path.strip("/") or "."
    if "\0" in path:
        raise Unreadable(f"{path!r} has a NUL character, no file does")
    try:
        if _has_openat2() if openat2 is None else openat2:
            return _by_kernel(root, path, IN_ROOT if is_root else BENEATH)
        return _by_hand(root, path, is_root)
    except OSError as error:
        raise _said(error, path) from error


def _said(error: OSError, path: str) -> Exception:
    if error.errno == errno.EXDEV:
        return Unreadable(f"{shown(path)} is a link that leads out of its mount; mount what it points to")
    if error.errno == errno.ELOOP:
        return Unreadable(f"{shown(path)} is a link to a process's own files, or one of links without end")
    if error.errno == errno.EAGAIN:
        return Unreadable(f"{shown(path)} is being moved all the time; ask again")
    if error.errno in (errno.ENOENT, errno.ENAMETOOLONG, errno.ENOTDIR):
        return FileNotFoundError(errno.ENOENT, "there is no such file", path)
    return refusal(error, path)


def refusal(error: OSError, path: str) -> Unreadable:
    """Whatever else the kernel says."""
    if isinstance(error, PermissionError):
        return Unreadable(f"{shown(path)}: this user may not read it, or not go there; run the desk as one that may")
    return Unreadable(f"{shown(path)}: {error.strerror}")


def shown(path: str) -> str:
    """A path for people, without characters that a terminal would act on."""
    return path if path.isprintable() else ascii(path)[1:-1]


@cache
def _syscall() -> ctypes._FuncPointer:
    call = ctypes.CDLL(None, use_errno=True).syscall
    call.restype = ctypes.c_long
    return call


@cache
def _has_openat2() -> bool:
    """Not before Linux 5.6, nor where a seccomp filter forbids it."""
    root = os.open("/", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.close(_by_kernel(root, ".", IN_ROOT))
    except OSError as error:
        if error.errno in _ABSENT:
            return False
        raise
    finally:
        os.close(root)
    return True


def _by_kernel(root: int, path: str, resolve: int) -> int:
    how = _How(os.O_PATH | os.O_CLOEXEC, 0, resolve | NO_MAGICLINKS)
    for _ in range(TRIES):
        found = _syscall()(OPENAT2, root, os.fsencode(path), ctypes.byref(how), ctypes.sizeof(how))
        if found >= 0:
            return int(found)
        if ctypes.get_errno() not in (errno.EAGAIN, errno.EINTR):
            break
    code = ctypes.get_errno()
    raise OSError(code, os.strerror(code), path)


def _by_hand(root: int, path: str, is_root: bool) -> int:
    """Part by part, each opened in the one before and never through a link; `..` leads to the one it came from."""
    left, links = path.split("/")[::-1], 0
    with ExitStack() as opened:
        way = [root]
        while left:
            name = left.pop()
            if name in ("", ".", ".."):
                _needs_folder(way[-1], path)
                if name == "..":
                    _up(way, is_root)
                continue
            found = os.open(name, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=way[-1])
            opened.callback(os.close, found)
            if not stat.S_ISLNK(os.fstat(found).st_mode):
                way.append(found)
                continue
            links += 1
            to = os.readlink("", dir_fd=found)
            if links > MOST_LINKS:
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
            if to.startswith("/"):
                if not is_root:
                    raise OSError(errno.EXDEV, os.strerror(errno.EXDEV), path)
                del way[1:]
            left += to.split("/")[::-1]
        return os.dup(way[-1])


def _needs_folder(descriptor: int, path: str) -> None:
    if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
        raise OSError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), path)


def _up(way: list[int], is_root: bool) -> None:
    if len(way) > 1:
        way.pop()
    elif not is_root:
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV), "..")


def real(descriptor: int) -> str:
    """Where it was opened, once all links are followed; of another mount namespace as that sees it."""
    return os.readlink(f"/proc/self/fd/{descriptor}")  # noqa: PTH115 - asked of each file, and Path costs more
