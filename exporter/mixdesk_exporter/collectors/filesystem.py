"""How full the mounted file systems are: the host's mounts, each asked under `rootfs`."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mixdesk_exporter.collectors.collector import Collector
from mixdesk_exporter.errors import Garbled, Hung
from mixdesk_exporter.family import Descriptor, Family, gauge
from mixdesk_exporter.host import Host
from mixdesk_exporter.readings import Mount, Usage
from mixdesk_exporter.worker import Worker

LABELS = ("device", "device_error", "fstype", "mountpoint")


def _gauge(name: str, text: str) -> Descriptor:
    return gauge(f"node_filesystem_{name}", text, *LABELS)


SIZE = _gauge("size_bytes", "Size of a file system.")
FREE = _gauge("free_bytes", "Bytes that are free, those kept for root included.")
AVAILABLE = _gauge("avail_bytes", "Bytes that are free for everybody.")
FILES = _gauge("files", "Inodes.")
FILES_FREE = _gauge("files_free", "Inodes that are free.")
READ_ONLY = _gauge("readonly", "1 where it is mounted read-only.")
ERROR = _gauge("device_error", "1 where it could not be asked.")
INFO = gauge(
    "node_filesystem_mount_info", "A mount and its device; always 1.", "device", "major", "minor", "mountpoint"
)

# What holds no files of anybody's, and places of containers: node_exporter's defaults.
NO_FILES = frozenset(
    [
        "autofs",
        "binfmt_misc",
        "bpf",
        "cgroup",
        "cgroup2",
        "configfs",
        "debugfs",
        "devpts",
        "devtmpfs",
        "efivarfs",
        "fusectl",
        "hugetlbfs",
        "iso9660",
        "mqueue",
        "nsfs",
        "overlay",
        "proc",
        "procfs",
        "pstore",
        "rpc_pipefs",
        "securityfs",
        "selinuxfs",
        "squashfs",
        "sysfs",
        "tracefs",
    ]
)
NOT_ASKED = re.compile(r"/(dev|proc|run/credentials/.+|sys|var/lib/docker/.+|var/lib/containers/storage/.+)($|/)")
ESCAPED = re.compile(rb"\\([0-7]{3})")
# A file system on a disk of this host, or none at all, answers at once; any other may be waiting for a network.
LOCAL = frozenset(("tmpfs", "ramfs", "zfs", "rootfs"))
PATIENCE_S, FIRST_PATIENCE_S = 0.004, 0.05  # what it said a second ago may stand in


def collector(host: Host, statvfs: Callable[[str], os.statvfs_result] = os.statvfs) -> Collector[Sequence[Usage]]:
    """The collector of this host."""
    asker = Asker(host.roots.rootfs, statvfs)
    mounts = Mounts(host)
    return Collector("filesystem", lambda: asker.ask_all(mounts.read()), families, close=asker.close)


@dataclass(slots=True)
class Mounts:
    """The host's mounts; the list is read again when the kernel says that it has changed."""

    host: Host
    _mounts: Sequence[Mount] | None = None

    def read(self) -> Sequence[Mount]:
        """Those that hold files."""
        # Asked before it is read: a change in between is read twice rather than not at all.
        if self.host.init_may_have_changed("mountinfo") or self._mounts is None:
            self._mounts = None
            self._mounts = parse(self.host.of_init("mountinfo"))
        return self._mounts


def parse(content: bytes) -> Sequence[Mount]:
    """Lines `id parent major:minor root mountpoint options [tags] - fstype device super-options` (proc(5))."""
    rows = [_row(line) for line in content.split(b"\n") if line]
    # What another mount lies on cannot be asked: the answer would be the other's.
    covered = {(words[1], words[4]) for words, _ in rows if words[0] != words[1]}
    found: dict[str, Mount] = {}
    for words, rest in rows:
        if (words[0], words[4]) in covered:
            continue
        mount = _mount(words, rest)
        if mount.fstype not in NO_FILES and not NOT_ASKED.match(mount.mountpoint):
            found[mount.mountpoint] = mount  # mounted twice on one place: the last one is seen
    return list(found.values())


def _row(line: bytes) -> tuple[Sequence[bytes], Sequence[bytes]]:
    front, dash, back = line.partition(b" - ")
    words, rest = front.split(b" "), back.split(b" ")
    if not dash or len(words) < 6 or len(rest) < 2:
        raise Garbled(f"/proc/1/mountinfo: {line[:80]!r}")
    return words, rest


def _mount(words: Sequence[bytes], rest: Sequence[bytes]) -> Mount:
    major, _, minor = words[2].decode("ascii", "replace").partition(":")
    options = {*words[5].split(b","), *(rest[2].split(b",") if len(rest) > 2 else ())}
    return Mount(
        device=_text(rest[1]),
        mountpoint=_text(words[4]),
        fstype=_text(rest[0]),
        read_only=b"ro" in options,
        major=major,
        minor=minor,
        path=os.fsdecode(_plain(words[4])),
    )


def _text(word: bytes) -> str:
    return _plain(word).decode("utf-8", "replace")


def _plain(word: bytes) -> bytes:
    return ESCAPED.sub(lambda found: bytes([int(found[1], 8) & 255]), word)


@dataclass(slots=True)
class Asker:
    """Asks each mount; one that may wait for a network on a thread of its own, so that it takes nothing else along."""

    rootfs: Path
    statvfs: Callable[[str], os.statvfs_result] = os.statvfs
    _workers: dict[str, Worker[os.statvfs_result]] = field(default_factory=dict)

    def ask_all(self, mounts: Sequence[Mount]) -> Sequence[Usage]:
        """The usage of each."""
        self._forget({mount.mountpoint for mount in mounts})
        return [self._ask(mount) for mount in mounts]

    def _ask(self, mount: Mount) -> Usage:
        path = f"{self.rootfs}/{(mount.path or mount.mountpoint).lstrip('/')}"
        try:
            found = self.statvfs(path) if _is_local(mount) else self._remote(mount, path)
        except OSError as error:
            return Usage(mount, error=error.strerror or str(error))
        except ValueError:  # a NUL in it, which no path has
            return Usage(mount, error="it has no such name")
        except Hung:
            return Usage(mount, error="it does not answer")
        size = found.f_frsize
        return Usage(
            mount, found.f_blocks * size, found.f_bfree * size, found.f_bavail * size, found.f_files, found.f_ffree
        )

    def _remote(self, mount: Mount, path: str) -> os.statvfs_result:
        worker = self._worker(mount, path)
        return worker.ask(FIRST_PATIENCE_S if worker.is_stale else PATIENCE_S)

    def _worker(self, mount: Mount, path: str) -> Worker[os.statvfs_result]:
        worker = self._workers.get(mount.mountpoint)
        if worker is None:
            worker = self._workers[mount.mountpoint] = Worker(f"mount {mount.mountpoint}", lambda: self.statvfs(path))
        return worker

    def _forget(self, there: set[str]) -> None:
        for gone in self._workers.keys() - there:
            self._workers.pop(gone).close()

    def close(self) -> None:
        """Let go of the threads."""
        self._forget(set())


def _is_local(mount: Mount) -> bool:
    return (mount.device.startswith("/dev/") and mount.fstype != "fuseblk") or mount.fstype in LOCAL


def families(reading: Sequence[Usage]) -> Iterable[Family]:
    """Sizes of the mounts that answered; whether it is read-only and whether it answered, of all."""
    keys = [(use.mount.device, use.error, use.mount.fstype, use.mount.mountpoint) for use in reading]
    good = [(key, use) for key, use in zip(keys, reading, strict=True) if not use.error]
    answered, uses = [key for key, _ in good], [use for _, use in good]
    return (
        Family(SIZE, list(answered), [use.size for use in uses]),
        Family(FREE, list(answered), [use.free for use in uses]),
        Family(AVAILABLE, list(answered), [use.available for use in uses]),
        Family(FILES, list(answered), [use.files for use in uses]),
        Family(FILES_FREE, list(answered), [use.files_free for use in uses]),
        Family(READ_ONLY, list(answered), [int(use.mount.read_only) for use in uses]),
        Family(ERROR, list(keys), [int(bool(use.error)) for use in reading]),
        INFO.of((_info(use.mount), 1) for use in reading),
    )


def _info(mount: Mount) -> tuple[str, ...]:
    return mount.device, mount.major, mount.minor, mount.mountpoint
