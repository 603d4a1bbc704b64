"""Mounts: which are asked, how they are shown, and one whose server is dead."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mixdesk_exporter.collectors import filesystem
from mixdesk_exporter.errors import Garbled
from mixdesk_exporter.readings import Mount

MOUNTINFO = rb"""25 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda1 rw,discard
26 25 0:22 / /proc rw - proc proc rw
27 25 0:40 / /mnt/my\040disk ro,relatime shared:2 - ext4 /dev/vdb rw
28 25 0:41 / /data rw - nfs4 server:/data rw
29 25 0:42 / /var/lib/docker/overlay2/x/merged rw - overlay overlay rw
30 25 0:43 / /run rw - tmpfs tmpfs rw
31 25 0:44 / /mnt/late rw - ext4 /dev/vdc ro
32 25 0:45 / /mnt/late rw - ext4 /dev/vdc rw
"""


def test_mounts() -> None:
    mounts = filesystem.parse(MOUNTINFO)
    assert [(m.device, m.mountpoint, m.fstype, m.read_only) for m in mounts] == [
        ("/dev/vda1", "/", "ext4", False),
        ("/dev/vdb", "/mnt/my disk", "ext4", True),
        ("server:/data", "/data", "nfs4", False),
        ("tmpfs", "/run", "tmpfs", False),
        ("/dev/vdc", "/mnt/late", "ext4", False),
    ]
    assert (mounts[0].major, mounts[0].minor) == ("254", "0")


@pytest.mark.parametrize("content", [b"25 1 254:0 / / rw\n", b"25 1 - ext4 /dev/vda rw\n", b"\xff\n"])
def test_garbled_mounts(content: bytes) -> None:
    with pytest.raises(Garbled):
        filesystem.parse(content)


def test_a_mount_is_asked_below_the_root_of_the_host(tree: Any, samples: Callable[..., Any]) -> None:
    tree.proc("1/mountinfo", b"25 1 254:0 / /srv rw - ext4 /dev/vda1 rw\n26 1 254:1 / /gone rw - ext4 /dev/vda2 rw\n")
    (tree.roots.rootfs / "srv").mkdir()
    found = samples(filesystem.families(filesystem.collector(tree.host()).read()))
    real = os.statvfs(tree.roots.rootfs / "srv")
    key = ("/dev/vda1", "", "ext4", "/srv")
    assert found["node_filesystem_size_bytes"] == {key: real.f_blocks * real.f_frsize}
    assert found["node_filesystem_device_error"] == {
        key: 0,
        ("/dev/vda2", "No such file or directory", "ext4", "/gone"): 1,
    }


def test_a_dead_server_takes_nothing_along(tmp_path: Path, samples: Callable[..., Any]) -> None:
    dead = threading.Event()

    def statvfs(path: str) -> os.statvfs_result:
        if path.endswith("data"):
            dead.wait(60)
        return os.statvfs("/")

    asker = filesystem.Asker(tmp_path, statvfs)
    mounts = [Mount("server:/data", "/data", "nfs4"), Mount("/dev/vda", "/", "ext4")]
    for _ in range(3):
        found = samples(filesystem.families(asker.ask_all(mounts)))
        assert list(found["node_filesystem_size_bytes"]) == [("/dev/vda", "", "ext4", "/")]
        assert found["node_filesystem_device_error"]["server:/data", "it does not answer", "nfs4", "/data"] == 1
    assert sum(thread.name.startswith("mixdesk mount") for thread in threading.enumerate()) == 1
    dead.set()
    _until(lambda: len(samples(filesystem.families(asker.ask_all(mounts)))["node_filesystem_size_bytes"]) == 2)
    asker.ask_all(mounts[1:])
    _until(lambda: not any(thread.name.startswith("mixdesk mount") for thread in threading.enumerate()))


def _until(condition: Callable[[], bool]) -> None:
    for _ in range(600):
        if condition():
            return
        threading.Event().wait(0.05)
    raise AssertionError("it did not come to that within half a minute")
