from __future__ import annotations

import errno
import json
import logging
import os
import subprocess
import threading
import zipfile
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
import torch

import mixdesk.errors
from mixdesk import checkpoints
from mixdesk.checkpoints import filesystem
from mixdesk.checkpoints.checkpoint import Checkpoint
from mixdesk.checkpoints.lock import FOLDER_LOCK, folder_lock
from mixdesk.errors import CheckpointError

NOW = datetime(2024, 1, 15, 23, 59, tzinfo=timezone.utc)
Save = Callable[..., Checkpoint]


def test_a_save_is_one_file_with_its_manifest(tmp_path: Path, save: Save) -> None:
    done = save(
        step=4300, epoch=100, now=NOW, job_id="job", attempt=2, loop="training", step_in_epoch=3, reason="requested"
    )
    assert done.path == tmp_path / "anton-v0.5-e100-s4300-20240115.pth"
    assert sorted(path.name for path in tmp_path.iterdir()) == [FOLDER_LOCK, done.path.name, done.path.name + ".json"]
    assert done.verified
    assert done.size == done.path.stat().st_size
    values = json.loads(done.manifest_path.read_text())
    expected = {
        "format": 1,
        "name": "anton",
        "version": "0.5",
        "serial": 1,
        "epoch": 100,
        "step": 4300,
        "step_in_epoch": 3,
        "loop": "training",
        "job_id": "job",
        "attempt": 2,
        "reason": "requested",
        "saved_at": "2024-01-15T23:59:00.000Z",
        "position": {"epoch": 0, "step": 4300},
        "size": done.size,
        "xxh3_128": done.hash,
    }
    assert {key: values[key] for key in expected} == expected
    assert values["libraries"]["torch"] == torch.__version__


def test_it_loads_what_was_saved(save: Save) -> None:
    payload = save(step=3).load()
    assert list(payload) == ["mixdesk", "state", "extra", "rng"]
    assert payload["mixdesk"] == {"format": 1, "position": {"epoch": 0, "step": 3}}
    assert torch.equal(payload["state"]["net"]["weight"], torch.full((1000,), 3.0))


def test_a_second_save_of_one_step_has_a_manifest_of_its_own(tmp_path: Path, save: Save) -> None:
    first, second, third = (save(step=5, floats=floats, now=NOW) for floats in (1000, 2000, 3000))
    assert [entry.path.name[-7:] for entry in (first, second, third)] == ["115.pth", "5-2.pth", "5-3.pth"]
    assert [entry.serial for entry in (first, second, third)] == [1, 2, 3]
    assert all(checkpoints.verify(entry.path).verified for entry in (first, second, third))
    newest = checkpoints.resume(tmp_path, "anton")
    assert newest is not None
    assert newest.path == third.path


def test_a_name_is_taken_while_either_of_its_files_exists(tmp_path: Path, save: Save) -> None:
    first = save(now=NOW)
    first.path.unlink()
    second = save(now=NOW)
    assert second.path.name.endswith("-2.pth")
    second.manifest_path.unlink()
    assert save(now=NOW).path.name.endswith("-3.pth")
    assert second.path.exists()


@pytest.mark.parametrize(
    "name", ["a-v0.5-e9-s9", "two words", "Größe", "日本語" * 60, "a/b", "../up", ".", "a\nb", "\ud800"]
)
def test_odd_names_are_found_by_exactly_that_name(tmp_path: Path, save: Save, name: str) -> None:
    done = save(name=name, version="0.1 β/2")
    assert done.path.parent == tmp_path
    found = checkpoints.resume(tmp_path, name, "0.1 β/2")
    assert found is not None
    assert (found.path, found.name, found.version) == (done.path, name, "0.1 β/2")
    assert checkpoints.resume(tmp_path, "a") is None
    assert checkpoints.resume(tmp_path, name[:-1] or "x") is None


def test_two_names_with_one_file_name_stay_apart(tmp_path: Path, save: Save) -> None:
    first = save(name="a", version="1-v2", now=NOW)
    second = save(name="a-v1", version="2", now=NOW)
    assert second.path.name == first.path.name.removesuffix(".pth") + "-2.pth"
    assert [checkpoints.find(tmp_path, *pair).checkpoint.path for pair in (("a", "1-v2"), ("a-v1", "2"))] == [  # type: ignore[union-attr]
        first.path,
        second.path,
    ]


def test_missing_folders_are_made(tmp_path: Path, save: Save) -> None:
    assert save(tmp_path / "a" / "b").path.exists()


def test_a_relative_folder_gives_an_absolute_path(tmp_path: Path, save: Save, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert save(Path("here")).path.parent == tmp_path / "here"


@pytest.mark.parametrize(
    ("facts", "named"),
    [({"name": ""}, "name"), ({"version": 0.5}, "version"), ({"step": -1}, "step"), ({"reason": "x"}, "reason")],
)
def test_wrong_facts_are_said_before_anything_is_written(
    tmp_path: Path, save: Save, facts: dict[str, Any], named: str
) -> None:
    with pytest.raises(CheckpointError, match=rf"\b{named} is "):
        save(**facts)
    assert [path.name for path in tmp_path.iterdir()] == [FOLDER_LOCK]


def test_the_folder_is_a_file(tmp_path: Path, save: Save) -> None:
    (tmp_path / "here").write_text("")
    with pytest.raises(CheckpointError, match=f"no checkpoint was written to {tmp_path / 'here'}"):
        save(tmp_path / "here")


def test_a_read_only_folder_is_one_clear_line(small_disk: Callable[..., Path], save: Save) -> None:
    disk = small_disk(1024)
    save(disk)
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    with pytest.raises(CheckpointError, match=f"Read-only file system: no checkpoint was written to {disk}"):
        save(disk, step=2)
    assert checkpoints.verify(next(disk.glob("*.pth"))).verified


def test_state_that_torch_cannot_write_leaves_nothing(tmp_path: Path) -> None:
    storage = torch.arange(8, dtype=torch.uint8)
    clash = {"a": storage, "b": storage.view(torch.float32)}
    with pytest.raises(CheckpointError, match="view the same data as different types"):
        checkpoints.save_checkpoint(tmp_path, {"net": clash}, name="anton")
    assert [path.name for path in tmp_path.iterdir()] == [FOLDER_LOCK]


def test_without_hard_links_it_works_and_says_so_once(
    tmp_path: Path, save: Save, caplog: pytest.LogCaptureFixture
) -> None:
    def no_link(src: Path, dst: Path) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    with caplog.at_level(logging.WARNING, "mixdesk"):
        first, second = save(now=NOW, link=no_link), save(now=NOW, link=no_link)
    assert [first.path.name[-7:], second.path.name[-7:]] == ["115.pth", "5-2.pth"]
    assert all(checkpoints.verify(entry.path).verified for entry in (first, second))
    assert len([record for record in caplog.records if "no hard links" in record.message]) == 1


@pytest.mark.parametrize("suffix", [".pth", ".pth.json"])
def test_a_name_taken_at_the_last_moment_is_left_to_its_taker(tmp_path: Path, save: Save, suffix: str) -> None:
    foreign = []

    def link(src: Path, dst: Path) -> None:
        if not foreign and dst.name.endswith(suffix):
            foreign.append(dst)
            dst.write_text("somebody else's")
        os.link(src, dst)

    done = save(now=NOW, link=link)
    assert done.path.name.endswith("-2.pth")
    assert checkpoints.verify(done.path).verified
    assert foreign[0].read_text() == "somebody else's"
    assert len(list(tmp_path.iterdir())) == 4


def test_a_failure_at_the_commit_point_leaves_nothing(tmp_path: Path, save: Save) -> None:
    def link(src: Path, dst: Path) -> None:
        if dst.suffix == ".pth":
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        os.link(src, dst)

    old = save()
    with pytest.raises(CheckpointError, match="Input/output error"):
        save(step=2, link=link)
    assert sorted(path.name for path in tmp_path.iterdir()) == [FOLDER_LOCK, old.path.name, old.path.name + ".json"]


def test_without_locks_it_still_saves(tmp_path: Path, save: Save) -> None:
    assert checkpoints.verify(save(lock=lambda fd: None).path).verified


def test_a_stopped_saver_does_not_hold_others_for_ever(tmp_path: Path, save: Save) -> None:
    save()
    with folder_lock(tmp_path), pytest.raises(CheckpointError, match=f"another save .process {os.getpid()} on "):
        save(step=2, lock_timeout=0.1)


def test_the_crc_switch_of_other_threads_is_left_alone(tmp_path: Path, save: Save) -> None:
    assert torch.serialization.get_crc32_options()
    done = threading.Event()
    seen = []

    def watch() -> None:
        while not done.wait(0.001):
            seen.append(torch.serialization.get_crc32_options())

    thread = threading.Thread(target=watch)
    thread.start()
    save(floats=5_000_000)
    done.set()
    thread.join()
    assert seen
    assert all(seen)
    assert torch.serialization.get_crc32_options()
    torch.save({"a": torch.ones(10)}, tmp_path / "own.pth")
    assert zipfile.ZipFile(tmp_path / "own.pth").testzip() is None


def test_several_models_are_one_file_without_a_job(tmp_path: Path) -> None:
    nets = {"generator": torch.nn.Linear(2, 3), "discriminator": torch.nn.Linear(3, 1)}
    optimizer = torch.optim.Adam(nets["generator"].parameters())
    done = checkpoints.save_checkpoint(
        tmp_path, {**nets, "optimizer": optimizer}, name="anton", epoch=2, extra={"best": 0.5}
    )
    payload = done.load()
    assert list(payload["state"]) == ["generator", "discriminator", "optimizer"]
    assert payload["extra"] == {"best": 0.5}
    assert torch.equal(payload["rng"]["boundary"]["torch"], torch.get_rng_state())
    assert len(list(tmp_path.glob("*.pth"))) == 1
    with pytest.raises(CheckpointError, match=r"state\['net'\]: int has no state_dict"):
        checkpoints.save_checkpoint(tmp_path, {"net": 5}, name="anton")


def test_an_interrupt_while_writing_stays_an_interrupt(tmp_path: Path) -> None:
    """torch puts a RuntimeError in place of whatever its writer raises."""
    from mixdesk.checkpoints.files import HashingWriter, write_verified
    from mixdesk.checkpoints.save import _dump

    class Interrupted(HashingWriter):
        def _put(self, view: memoryview) -> None:
            raise KeyboardInterrupt

    with (tmp_path / "x").open("wb") as file, pytest.raises(KeyboardInterrupt):
        _dump({"a": torch.ones(1_000_000)}, Interrupted(file.fileno()))
    with pytest.raises(FileExistsError):
        write_verified(tmp_path / "x", lambda writer: None)


def test_network_file_systems_are_told_by_the_mount_table(tmp_path: Path) -> None:
    table = tmp_path / "mountinfo"
    table.write_text(
        "22 1 0:21 / / rw,relatime shared:1 - ext4 /dev/vda rw\n"
        "23 22 0:22 / /mnt/share rw - nfs4 box:/share rw\n"
        "24 22 0:23 / /mnt/c rw - 9p C: rw\n"
        "25 22 0:24 / /mnt/with\\040space rw - fuse.sshfs box: rw\n"
        "26 23 0:25 / /mnt/share/local rw - xfs /dev/vdb rw\n"
        "27 22 0:26 / /mnt/twice rw - nfs box: rw\n"
        "28 22 0:27 / /mnt/twice rw - tmpfs tmpfs rw\n"
    )
    kinds = {
        path: filesystem.kind(Path(path), table)
        for path in (
            "/home/x",
            "/mnt/share",
            "/mnt/share/a/b",
            "/mnt/shared",
            "/mnt/c/Users",
            "/mnt/with space/x",
            "/mnt/share/local/x",
            "/mnt/twice/x",
        )
    }
    assert list(kinds.values()) == ["ext4", "nfs4", "nfs4", "ext4", "9p", "fuse.sshfs", "xfs", "tmpfs"]
    assert [path for path in kinds if filesystem.is_remote(Path(path), table)] == [
        "/mnt/share",
        "/mnt/share/a/b",
        "/mnt/c/Users",
        "/mnt/with space/x",
    ]
    assert filesystem.kind(tmp_path, tmp_path / "none") == ""


def test_errors_are_of_the_librarys_tree() -> None:
    assert issubclass(CheckpointError, mixdesk.errors.MixdeskError)
