"""Files that are complete, durable and as they were meant to be, or not there at all."""

from __future__ import annotations

import ctypes
import errno
import functools
import io
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, Protocol

import xxhash

from mixdesk.errors import CheckpointError

CHUNK = 1 << 19  # hashed and written while it is still in the core's cache
WRITEBACK = 8 << 20  # how much is written before the kernel is asked to start on it
_CREATE = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_NO_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EINVAL})
_NO_FSYNC = frozenset({errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EBADF})
_SYNC_FILE_RANGE_WRITE = 2

Buffer = bytes | bytearray | memoryview


class Content(NamedTuple):
    """What tells one file's bytes from another's: size in bytes, xxh3-128 in hexadecimal."""

    size: int
    xxh3_128: str


class Link(Protocol):
    """os.link, or what stands for it."""

    def __call__(self, src: Path, dst: Path) -> None: ...


class HashingWriter:
    """A file to write into that hashes what passes; many small writes become few large ones, large ones are not copied.

    The first error is kept in `error`: torch, which calls `write` from C++, raises another in its place.
    """

    def __init__(self, fd: int) -> None:
        self.size = 0
        self.error: BaseException | None = None
        self._fd = fd
        self._hash = xxhash.xxh3_128()
        self._small = bytearray()
        self._started = 0

    def write(self, data: Buffer) -> int:
        """Take all of `data`; returns its length in bytes."""
        try:
            return self._take(memoryview(data).cast("B"))
        except BaseException as error:
            self.error = self.error or error
            raise

    def flush(self) -> None:
        """Hand what was held back to the kernel."""
        try:
            self._drain()
        except BaseException as error:
            self.error = self.error or error
            raise

    def content(self) -> Content:
        """Size and hash of all that was written."""
        return Content(self.size, self._hash.hexdigest())

    def _take(self, view: memoryview) -> int:
        if len(view) < CHUNK // 8:
            self._small += view
            if len(self._small) >= CHUNK:
                self._drain()
        else:
            self._drain()
            for start in range(0, len(view), CHUNK):
                self._put(view[start : start + CHUNK])
        return len(view)

    def _drain(self) -> None:
        if self._small:
            held, self._small = self._small, bytearray()
            self._put(memoryview(held))

    def _put(self, view: memoryview) -> None:
        self._hash.update(view)
        self.size += len(view)
        while view:
            view = view[os.write(self._fd, view) :]
        if self.size - self._started >= WRITEBACK:
            start_writeback(self._fd, self._started, self.size - self._started)
            self._started = self.size


def write_verified(path: Path, fill: Callable[[HashingWriter], None]) -> Content:
    """Create `path`, which may not exist, let `fill` write it; returns once it is durable and reads back the same."""
    fd = os.open(path, _CREATE, 0o666)
    try:
        writer = HashingWriter(fd)
        fill(writer)
        writer.flush()
        sync(fd)
    finally:
        os.close(fd)
    wrote, reads = writer.content(), content_of(path)
    if wrote != reads:
        raise CheckpointError(f"{path} reads back other bytes than were written ({reads} instead of {wrote})")
    return wrote


def content_of(path: Path) -> Content:
    """Size and hash of a file as the kernel reads it."""
    digest, size, buffer = xxhash.xxh3_128(), 0, bytearray(CHUNK)
    view = memoryview(buffer)
    with io.FileIO(path) as file:
        while count := file.readinto(buffer):
            digest.update(view[:count])
            size += count
    return Content(size, digest.hexdigest())


def publish(temp: Path, final: Path, link: Link = os.link) -> bool:
    """Give a finished file its name, atomically; FileExistsError where the name is taken.

    False where the file system has no hard links: then it was looked for and renamed, which another writer that
    heeds no lock could come between.
    """
    try:
        link(temp, final)
    except FileExistsError:
        if not final.samefile(temp):  # a network file system may report a link it has just made
            raise
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        if os.path.lexists(final):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(final)) from None
        temp.rename(final)
        return False
    temp.unlink()
    return True


def make_folder(folder: Path) -> None:
    """Create a folder with its parents, and make their entries durable."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    sync_folder(folder.parent)


def sync(fd: int) -> None:
    """fsync; on macOS the call that also empties the drive's own cache."""
    if sys.platform == "darwin":
        import fcntl

        try:
            fcntl.fcntl(fd, fcntl.F_FULLFSYNC)
        except OSError:  # not every file system there has it
            os.fsync(fd)
    else:
        os.fsync(fd)


def sync_folder(folder: Path) -> None:
    """fsync of a directory, so that its new names survive a power cut; Windows has no such call."""
    if sys.platform == "win32":
        return
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    except OSError as error:
        if error.errno not in _NO_FSYNC:
            raise
    finally:
        os.close(fd)


def start_writeback(fd: int, offset: int, length: int) -> None:
    """Ask the kernel to begin writing a range to the disk, without waiting: the fsync that follows has less to do."""
    call = _sync_file_range()
    if call is not None:
        call(fd, offset, length, _SYNC_FILE_RANGE_WRITE)  # only a hint: whatever fails here fails in fsync as well


@functools.cache
def _sync_file_range() -> Callable[[int, int, int, int], int] | None:
    if sys.platform != "linux":
        return None
    call = getattr(ctypes.CDLL(None), "sync_file_range", None)
    if call is None:
        return None
    call.argtypes = (ctypes.c_int, ctypes.c_int64, ctypes.c_int64, ctypes.c_uint)
    return call  # type: ignore[no-any-return]
