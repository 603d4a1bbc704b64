"""What must hold of a SQLite file before it is opened for writing. Reads only: a refused file stays as it was."""

from __future__ import annotations

import os
import re
import sqlite3
import stat
import struct
from collections.abc import Collection
from contextlib import closing
from pathlib import Path

from mixdesk_control.store.errors import StoreError

MAGIC = b"SQLite format 3\x00"
_WAL_HEAD = 32
MOUNTS = Path("/proc/self/mountinfo")

# Locks or mmap are not to be trusted there, and a WAL database needs both.
REMOTE_FILE_SYSTEMS = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "drvfs", "ceph", "glusterfs", "afs", "lustre", "gpfs"}
    | {"fuse.sshfs", "fuse.glusterfs", "fuse.ceph", "fuse.rclone", "fuse.s3fs"}
)


def file_system_of(path: Path, mounts: Path = MOUNTS) -> str:
    """The type of the file system that holds `path`, "" where it cannot be told."""
    try:
        lines = mounts.read_text().splitlines()
    except OSError:
        return ""
    target = path.resolve()
    best, found = -1, ""
    for line in lines:
        before, _, after = line.partition(" - ")
        point = Path(_unescape(before.split()[4]))
        if len(point.parts) >= best and target.is_relative_to(point):
            best, found = len(point.parts), after.split()[0]
    return found


def _unescape(text: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match.group(1), 8)), text)


def refuse_remote(path: Path, mounts: Path = MOUNTS) -> None:
    """Raises StoreError where the file system is shared over a network or 9p."""
    kind = file_system_of(path.parent, mounts)
    if kind in REMOTE_FILE_SYSTEMS:
        msg = f"{path.parent} is on a {kind} file system, no safe place for a database: set MIXDESK_STATE_DIR elsewhere"
        raise StoreError(msg)


def check(path: Path, known: Collection[str], mounts: Path = MOUNTS) -> str | None:
    """The schema version of a database, None for a new one. Raises StoreError, and has written nothing."""
    refuse_remote(path, mounts)
    if path.is_dir():
        msg = f"{path} is a folder, where the database should be: move it away, or set [store] url"
        raise StoreError(msg)
    _refuse_unwritable(path)
    if not path.exists() or path.stat().st_size == 0:
        return None
    with path.open("rb") as file:
        if file.read(len(MAGIC)) != MAGIC:
            msg = f"{path} is not a SQLite database (corrupt, or another file): restore a backup or move it away"
            raise StoreError(msg)
    _refuse_broken_journal(path)
    version = _version(path)
    if version is not None and version not in known:
        msg = f"{path} is from a newer version of Mixdesk (schema {version}): install that one, or restore a backup"
        raise StoreError(msg)
    return version


def _refuse_unwritable(path: Path) -> None:
    # Root may write anything, so that the bits are asked too: whoever took them away meant it.
    for target in (path, path.parent):
        if not target.exists():
            continue
        if not stat.S_IMODE(target.stat().st_mode) & 0o222 or not os.access(target, os.W_OK):
            msg = f"{target} is read-only: make it writable, or point [store] url elsewhere"
            raise StoreError(msg)


def _refuse_broken_journal(path: Path) -> None:
    # SQLite takes a journal whose head is wrong for an empty one, and what was acknowledged in it would be gone.
    wal = path.with_name(f"{path.name}-wal")
    if wal.exists() and not is_journal(_head_of(wal)):
        msg = f"{wal} is corrupt: restore a backup, or move that file away to go on with what is in {path.name} alone"
        raise StoreError(msg)


def _head_of(wal: Path) -> bytes:
    with wal.open("rb") as file:
        return file.read(_WAL_HEAD)


def is_journal(head: bytes) -> bool:
    """Whether these are the first 32 bytes of a journal; nothing is committed in a shorter one, or where they are 0.

    https://www.sqlite.org/fileformat2.html#walformat: a magic number whose last bit says big-endian, and the checksum
    of the first 24 bytes.
    """
    if len(head) < _WAL_HEAD or not any(head):
        return True
    order = ">" if head[3] & 1 else "<"
    words, one, two = struct.unpack(f"{order}6I", head[:24]), 0, 0
    for first, second in zip(words[::2], words[1::2], strict=True):
        one = (one + first + two) & 0xFFFFFFFF
        two = (two + second + one) & 0xFFFFFFFF
    return head[:3] == b"\x37\x7f\x06" and struct.unpack(">2I", head[24:]) == (one, two)


def _version(path: Path) -> str | None:
    try:
        with closing(sqlite3.connect(_read_only(path), uri=True, timeout=5.0)) as conn:
            return _read_version(conn, path)
    except sqlite3.DatabaseError as error:
        msg = f"{path} cannot be read ({error}): restore a backup or move it away"
        raise StoreError(msg) from error


def _read_version(conn: sqlite3.Connection, path: Path) -> str | None:
    verdict = str(conn.execute("PRAGMA quick_check(1)").fetchone()[0])
    if verdict != "ok":
        msg = f"{path} is corrupt ({verdict.splitlines()[-1]}): restore a backup or move it away"
        raise StoreError(msg)
    tables = {row[0] for row in conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not tables:
        return None
    if "alembic_version" not in tables:
        msg = f"{path} is a SQLite database of another program: point [store] url elsewhere"
        raise StoreError(msg)
    row = conn.execute("SELECT version_num FROM alembic_version").fetchone()
    return None if row is None else str(row[0])


class Presence:
    """Sees that the file that was opened is still the one of that name."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._first = _identity(path)

    def check(self) -> None:
        """Raises StoreError once it was deleted or replaced: what is written then is in no file that anybody finds."""
        if self._first is not None and _identity(self._path) != self._first:
            msg = (
                f"{self._path} was deleted or replaced while the desk ran: restart the desk to go on with what is there"
            )
            raise StoreError(msg)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _read_only(path: Path) -> str:
    """The file as an address that writes nothing; `immutable` also makes no -wal and -shm beside it."""
    wal = path.with_name(f"{path.name}-wal")
    holds_more = wal.exists() and wal.stat().st_size > 0
    return f"{path.resolve().as_uri()}?{'mode=ro' if holds_more else 'immutable=1'}"
