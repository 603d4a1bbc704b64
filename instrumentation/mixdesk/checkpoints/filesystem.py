"""What kind of file system a folder lies on, and what that means for a checkpoint."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from pathlib import Path

_log = logging.getLogger("mixdesk")
_MOUNTINFO = Path("/proc/self/mountinfo")
_OCTAL = re.compile(r"\\([0-7]{3})")
_REMOTE = frozenset(
    {"9p", "afs", "beegfs", "ceph", "cifs", "drvfs", "gfs2", "glusterfs", "gpfs", "lustre", "ncpfs", "nfs", "nfs4"}
    | {"ocfs2", "orangefs", "prl_fs", "smb3", "smbfs", "vboxsf", "virtiofs", "vmhgfs"}
)
_REMOTE_FUSE = frozenset(
    {"ceph", "davfs", "gcsfuse", "glusterfs", "juicefs", "moosefs", "rclone", "s3fs", "sshfs", "vmhgfs-fuse"}
)
_said: set[tuple[Path, str]] = set()


def kind(path: Path, mountinfo: Path = _MOUNTINFO) -> str:
    """The type of the file system that holds `path` as the kernel names it ("ext4", "nfs4"); "" where unknown."""
    resolved = path.resolve()
    best, found = -1, ""
    for point, name in _mounts(mountinfo):
        depth = len(point.parts)
        if depth >= best and (point == resolved or point in resolved.parents):  # a later mount hides an earlier one
            best, found = depth, name
    return found


def is_remote(path: Path, mountinfo: Path = _MOUNTINFO) -> bool:
    """Whether other machines, or a host around this one, may write to the file system that holds `path`."""
    name = kind(path, mountinfo)
    return name in _REMOTE or name.removeprefix("fuse.") in _REMOTE_FUSE


def say_once(folder: Path, text: str) -> None:
    """Log a warning about a folder, once a process."""
    if (folder, text) not in _said:
        _said.add((folder, text))
        _log.warning("%s: %s", folder, text)


def _mounts(mountinfo: Path) -> Iterator[tuple[Path, str]]:
    """Mount point and type of each line of mountinfo (proc(5)): the fifth field, and the first after " - "."""
    try:
        lines = mountinfo.read_text("utf-8", "surrogateescape").splitlines()
    except OSError:  # not Linux
        return
    for line in lines:
        before, separator, after = line.partition(" - ")
        if separator and len(before.split()) > 4 and after.split():
            yield Path(_OCTAL.sub(lambda code: chr(int(code[1], 8)), before.split()[4])), after.split()[0]
