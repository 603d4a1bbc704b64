"""`python -m mixdesk_voice` as people start it: nothing to learn from, a twin, a start after the end."""

from __future__ import annotations

import inspect
import json
import re
import shutil
import time
from pathlib import Path
from typing import Any

from mixdesk_voice import pipeline


def test_nothing_usable_is_one_line_and_a_failed_job(start: Any, finished: Any, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "song.wav").write_bytes(b"ID3 really an mp3")
    output = finished(start("-m", "mixdesk_voice", "--data", tmp_path / "data", "--out", tmp_path / "out"), 1)
    assert "Traceback" not in output
    assert re.search(r"skipped: \S+song\.wav: not a wav file", output)
    assert output.splitlines()[-1].startswith("mixdesk_voice: no speech of 0.3 s or more in any of these wav files")
    (spool,) = (tmp_path / "state" / "spool").glob("*.jsonl")
    report = json.loads(spool.read_text().splitlines()[-1])
    assert (report["status"], "no speech" in report["error"]) == ("failed", True)


def test_a_twin_is_refused_by_pid(start: Any, finished: Any, small: Any, tmp_path: Path) -> None:
    out = tmp_path / "out"
    first = start("-m", "mixdesk_voice", *small, "--out", out, "--epochs", "10000")
    deadline = time.monotonic() + 60
    while not list(out.glob("checkpoints/*.pth")) and time.monotonic() < deadline:
        time.sleep(0.05)
    refused = finished(start("-m", "mixdesk_voice", *small, "--out", out), 1)
    first.terminate()
    finished(first, 143)
    assert "Traceback" not in refused
    assert str(first.pid) in refused.splitlines()[-1]


def test_started_again_after_its_end_it_trains_nothing_and_packs_the_same_voice(
    start: Any, finished: Any, unbroken: Path, tmp_path: Path
) -> None:
    shutil.copytree(unbroken, tmp_path / "out")
    output = finished(start("-m", "mixdesk_voice", "--out", tmp_path / "out", "--name", "anton"))
    assert "anton: 3 epochs" in output
    assert "loss" not in output
    assert (tmp_path / "out" / "anton.zip").read_bytes() == (unbroken / "anton.zip").read_bytes()


def test_fewer_than_fifteen_lines_are_about_mixdesk() -> None:
    package = Path(inspect.getfile(pipeline)).parent
    about = re.compile(r"import mixdesk$|from mixdesk |\bmixdesk\.(?!_)|\bjob\.\w+\(|\b(?:epoch|phase)\.\w+\(")
    lines = [line for path in package.glob("*.py") for line in path.read_text().splitlines() if about.search(line)]
    assert 8 < len(lines) < 15, lines
