"""A disk that is full under checkpoints and spool of a run: its desk is told why, and nothing else comes of it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from forker import Child, Forker
from live_desk import Desk, wait_until

from mixdesk import checkpoints
from mixdesk.checkpoints import Checkpoint


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A tmpfs of 400 KiB, for a trainer's checkpoints and its spool."""
    point = tmp_path / "small"
    point.mkdir(parents=True)
    command = ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(point)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"mounting a small tmpfs is not allowed here: {done.stderr.strip()}")
    yield point
    subprocess.run(["umount", "-l", str(point)], check=True)


def fill(disk: Path) -> Path:
    """Not a byte is left."""
    filler = disk / "filler"
    filler.write_bytes(b"x" * (os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize))
    assert os.statvfs(disk).f_bavail == 0
    return filler


class Run:
    """The trainer, as a test sees it from outside."""

    def __init__(self, child: Child) -> None:
        self.child = child
        child.wait_for("step")
        self.job_id = child.text().split()[1]

    @property
    def steps(self) -> int:
        return max(int(line.split()[1]) for line in self.child.text().splitlines() if line.startswith("step "))


def ask(desk: Desk, run: Run, then: str = "continue") -> Any:
    """The operation of a checkpoint that is asked for, once it has ended."""
    asked = desk.post(f"/admin/jobs/{run.job_id}/checkpoint", {"then": then})

    def ended() -> Any:
        found = desk.get(f"/admin/operations/{asked['operation']}")
        return found if found["state"] not in ("pending", "running") else None

    return wait_until(ended, "the operation's end")


def test_a_full_disk_is_told_and_the_run_goes_on(desk: Desk, forker: Forker, tmp_path: Path, small_disk: Path) -> None:
    own = {
        "MIXDESK_URL": desk.url,
        "MIXDESK_TOKEN": desk.token("reporter"),
        "MIXDESK_STATE_DIR": str(small_disk / "state"),
    }
    run = Run(forker.start("mortal:train", tmp_path / "out", str(small_disk), env=own))
    wait_until(lambda: run.job_id in [job["job_id"] for job in desk.jobs()], "the first report")
    first = ask(desk, run)
    assert first["state"] == "succeeded", first
    filler = fill(small_disk)

    for then in ("continue", "cancel"):
        before = run.steps
        failed = ask(desk, run, then)
        assert failed["state"] == "failed"
        assert "No space left on device" in failed["error"]
        wait_until(lambda before=before: run.steps > before + 50, "the run's going on")
        job = desk.get(f"/jobs/{run.job_id}")
        assert (job["status"], job["lost"]) == ("running", False)
        assert "No space left" in str(job["details"]["checkpoint_error"])
    assert "the spool cannot be written" in run.child.text()
    found = checkpoints.find(small_disk, "anton")
    assert found.broken == []
    assert found.checkpoint is not None
    assert str(found.checkpoint.path) == first["result"]["path"], "the old one is intact"
    assert_loads(found.checkpoint)

    filler.unlink()
    saved = ask(desk, run)
    assert saved["state"] == "succeeded", saved
    assert saved["result"]["step"] > first["result"]["step"]
    last = ask(desk, run, "cancel")
    assert last["state"] == "succeeded"
    assert run.child.wait() == 0, run.child.text()
    assert run.child.text().endswith("end canceled\n")
    assert last["result"]["step"] == run.steps
    for operation in (saved, last):
        verdict = checkpoints.verify(operation["result"]["path"])
        assert verdict.checkpoint is not None
        assert_loads(verdict.checkpoint)
    wait_until(lambda: desk.get(f"/jobs/{run.job_id}")["status"] == "canceled", "the end at the desk")
    assert [path.name for path in small_disk.glob("*.tmp")] == []


def assert_loads(checkpoint: Checkpoint) -> None:
    bias = checkpoint.load()["state"]["net"]["bias"]
    assert bias.tolist() == [checkpoint.step] * 2
