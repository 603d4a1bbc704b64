"""The voice example, saved and canceled by a person at the desk in mid-epoch, ends as if nobody had stopped it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from live_desk import DEADLINE_S, Desk, wait_until
from torture import times

from mixdesk_voice import synth

CLIPS, EPOCHS = 24, times(40, 12)


def start(desk: Desk, data: Path, out: Path) -> subprocess.Popen[str]:
    options = ["--data", data, "--out", out, "--name", "anton", "--epochs", EPOCHS, "--seed", 3]
    return subprocess.Popen(
        [sys.executable, "-m", "mixdesk_voice", *map(str, options)],
        env=desk.env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


def end(run: subprocess.Popen[str]) -> str:
    text, _ = run.communicate(timeout=DEADLINE_S)
    assert run.returncode == 0, text
    return text


def in_mid_epoch(desk: Desk) -> Any:
    details = [(job, job["details"]) for job in desk.jobs() if job["status"] == "running"]
    return next((job for job, of in details if of.get("current_epoch") and of.get("current_step")), None)


def test_the_packaged_voice_is_the_same_to_the_byte(desk: Desk, tmp_path: Path) -> None:
    synth.write_voice(tmp_path / "data", CLIPS)
    end(start(desk, tmp_path / "data", tmp_path / "unbroken"))

    run = start(desk, tmp_path / "data", tmp_path / "stopped")
    job = wait_until(lambda: in_mid_epoch(desk), "training")
    answer = desk.post(f"/admin/jobs/{job['job_id']}/checkpoint", {"then": "cancel"})
    end(run)
    operation = desk.get(f"/admin/operations/{answer['operation']}")
    assert operation["state"] == "succeeded"
    assert not (tmp_path / "stopped" / "anton.zip").exists()

    end(start(desk, tmp_path / "data", tmp_path / "stopped"))
    resumed = next(item for item in desk.jobs() if item["parent_id"] == job["job_id"])
    assert resumed["attempt"] == 2
    assert (tmp_path / "stopped" / "anton.zip").read_bytes() == (tmp_path / "unbroken" / "anton.zip").read_bytes()
