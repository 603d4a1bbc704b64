"""Stopped in mid-epoch and started again, a run ends with the weights, bit for bit, of one that was never stopped."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch

import mixdesk

STOPPER = Path(__file__).with_name("stop_after.py")


def newest(out: Path) -> tuple[dict[str, Any], Any]:
    found = mixdesk.resume(out / "checkpoints", "anton")
    assert found is not None
    manifest = json.loads(Path(f"{found.path}.json").read_text())
    return manifest, found.load()


def differing(a: Any, b: Any, path: str = "") -> list[str]:
    """Where two trees of dicts, lists and tensors are not the same bits."""
    if isinstance(a, dict):
        return [x for k in a.keys() | b.keys() for x in differing(a.get(k), (b or {}).get(k), f"{path}/{k}")]
    if isinstance(a, (list, tuple)):
        return [x for i, (p, q) in enumerate(zip(a, b, strict=True)) for x in differing(p, q, f"{path}/{i}")]
    same = torch.equal(a, b) if isinstance(a, torch.Tensor) else a == b
    return [] if same else [path]


def stopped(start: Any, finished: Any, small: Any, out: Path, after: int, how: str) -> tuple[int, str]:
    """The step that a run left behind which was told to leave after `after` steps, and what it printed."""
    output = finished(start(STOPPER, str(after), how, *small, "--out", out), {"sigterm": 143, "leave": 0}[how])
    assert not (out / "anton.zip").exists()
    return int(newest(out)[0]["step"]), output


def assert_same_end(whole: Path, parts: Path) -> None:
    """All that was trained, what would have been drawn next, and the packaged voice."""
    (_, one), (_, other) = newest(whole), newest(parts)
    assert set(one["state"]) == {"model", "optimizer", "scheduler"}
    assert differing(one["state"], other["state"]) == []
    assert differing(one["rng"]["boundary"]["torch"], other["rng"]["boundary"]["torch"]) == []
    assert (whole / "anton.zip").read_bytes() == (parts / "anton.zip").read_bytes()


def test_stopped_twice(start: Any, finished: Any, small: Any, unbroken: Path, tmp_path: Path) -> None:
    """By SIGTERM in the first epoch, as the desk would in the second; the last start finds the run by itself."""
    epoch = int(newest(unbroken)[0]["step"]) // 3
    assert epoch >= 4
    first, _ = stopped(start, finished, small, tmp_path / "out", 2, "sigterm")
    second, output = stopped(start, finished, small, tmp_path / "out", epoch, "leave")
    assert (first, second) == (2, 2 + epoch)
    assert f"to go on: python -m mixdesk_voice --out {tmp_path / 'out'} --name anton" in output
    finished(start("-m", "mixdesk_voice", "--out", tmp_path / "out"))
    assert_same_end(unbroken, tmp_path / "out")


def test_stopped_with_loader_workers(start: Any, finished: Any, small: Any, tmp_path: Path) -> None:
    """Their samples differ from those of a run without workers, so this has its own unbroken run beside it."""
    small = (*small, "--epochs", "2", "--workers", "2")
    whole = start("-m", "mixdesk_voice", *small, "--out", tmp_path / "whole")
    step, _ = stopped(start, finished, small, tmp_path / "parts", 3, "sigterm")
    assert step == 3
    finished(start("-m", "mixdesk_voice", "--out", tmp_path / "parts"))
    finished(whole)
    assert newest(tmp_path / "whole")[0]["step"] // 2 > 3, "the stop was not in mid-epoch"
    assert_same_end(tmp_path / "whole", tmp_path / "parts")
