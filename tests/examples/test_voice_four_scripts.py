"""The run as four processes, as RVC has it: one job, and the same voice as from one process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

SCRIPTS = Path(__file__).resolve().parents[2] / "examples" / "voice" / "four_scripts"
PHASES = ["preprocessing", "f0_extraction", "feature_extraction", "training", "index_building", "packaging"]


def last_reports(state: Path) -> list[dict[str, Any]]:
    """What a desk that comes later would be told: the last report in each spool file."""
    spools = sorted((state / "spool").glob("*.jsonl"))
    return [json.loads(path.read_text().splitlines()[-1]) for path in spools]


def test_four_processes_are_one_job_with_the_same_result(
    start: Any, finished: Any, small: Any, unbroken: Path, tmp_path: Path
) -> None:
    output = finished(start(SCRIPTS / "run.py", *small, "--out", tmp_path / "four"))
    (report,) = last_reports(tmp_path / "state")
    assert report["status"] == "succeeded", output
    assert (report["name"], report["epoch"]) == ("anton", 3)
    assert [(phase["key"], phase["state"]) for phase in report["phases"]] == [(key, "done") for key in PHASES]
    assert (tmp_path / "four" / "anton.zip").read_bytes() == (unbroken / "anton.zip").read_bytes()


def test_stopped_in_the_last_script_it_is_canceled_and_goes_on(
    start: Any, finished: Any, small: Any, tmp_path: Path
) -> None:
    run = (SCRIPTS / "run.py", *small, "--out", tmp_path / "four")
    process = start(*run, "--epochs", "10000")
    stop_training(process, tmp_path / "four" / "checkpoints")
    output = finished(process, 130)
    (report,) = last_reports(tmp_path / "state")
    assert report["status"] == "canceled", output
    assert list((tmp_path / "four" / "checkpoints").glob("*.pth")), output
    finished(start(*run, "--epochs", "1"))
    reports = last_reports(tmp_path / "state")
    assert [report["status"] for report in reports] == ["canceled", "succeeded"]
    assert reports[1]["run_step"] >= reports[0]["run_step"] > 0


def stop_training(driver: subprocess.Popen[str], checkpoints: Path) -> None:
    """SIGTERM to train.py, once it has saved a first time."""
    children = Path(f"/proc/{driver.pid}/task/{driver.pid}/children")
    deadline = time.monotonic() + 60
    while driver.poll() is None and time.monotonic() < deadline:
        with suppress(OSError):  # a process may end while it is being looked at
            for pid in children.read_text().split():
                if b"train.py" in Path(f"/proc/{pid}/cmdline").read_bytes() and list(checkpoints.glob("*.pth")):
                    os.kill(int(pid), signal.SIGTERM)
                    return
        time.sleep(0.05)
    driver.kill()
    pytest.fail(f"train.py did not begin: {driver.communicate()[0]}")
