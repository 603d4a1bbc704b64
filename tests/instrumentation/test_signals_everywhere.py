"""SIGTERM in every phase of a run whose loaders have workers: saved where there is something to save, in time."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path

import pytest
from everywhere import EPOCHS, PLACES, STEPS
from forker import Child, Forker
from torture import chance, times

from mixdesk import checkpoints

GRACE_S = 10.0
NOTHING_YET = ("before the first phase", "preprocessing", "a phase by hand")
HOW = ("group", "each, workers first", "each, workers last")  # a shell; a service manager that goes through a cgroup


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def send(child: Child, how: str) -> None:
    """SIGTERM to all the processes of a run."""
    if how == "group":
        child.signal_group(signal.SIGTERM)
        return
    workers = children_of(child.pid)
    for pid in [*workers, child.pid] if how.endswith("first") else [child.pid, *workers]:
        try:
            os.kill(pid, signal.SIGTERM)
        except ProcessLookupError:
            pass


def steps_done(text: str) -> int:
    return max((int(line.split()[1]) for line in text.splitlines() if line.startswith("step ")), default=0)


def stopped(forker: Forker, folder: Path, where: str, how: str, dice: random.Random) -> float:
    """One run that is told to end where it dwells; what must be true then. Returns the seconds that it took."""
    folder.mkdir()
    child = forker.start("everywhere:run", folder / "out", str(folder / "kept"), where)
    child.wait_for("here")
    time.sleep(dice.uniform(0, 0.05 if where == "saving" else 0.45))
    began = time.monotonic()
    send(child, how)
    status = child.wait()
    took, text = time.monotonic() - began, child.text()
    assert status == 143, text
    assert "reported canceled" in text, text
    assert "Traceback" not in text, text
    found = checkpoints.find(folder / "kept", "anton")
    assert found.broken == []
    if where in NOTHING_YET:
        assert found.checkpoint is None
        return took
    assert found.checkpoint is not None, text
    assert found.checkpoint.step == steps_done(text), text
    assert found.checkpoint.load()["mixdesk"]["position"]["step"] == steps_done(text)
    if where in ("index_building", "packaging"):
        assert found.checkpoint.step == STEPS * EPOCHS
    return took


@pytest.mark.timeout(1800)
def test_all_processes_of_a_run_are_told_to_end(forker: Forker, tmp_path: Path) -> None:
    dice, slowest = chance(), {}
    runs = times(104, 13)
    for run in range(runs):
        where = PLACES[run % len(PLACES)]
        how = HOW[(run // len(PLACES)) % len(HOW)] if runs > len(PLACES) else dice.choice(HOW)
        took = stopped(forker, tmp_path / str(run), where, how, dice)
        slowest[where] = max(slowest.get(where, 0.0), took)
    print(f"{runs} of {runs} runs; slowest end by place, in seconds:")
    print("\n".join(f"  {where}: {took:.2f}" for where, took in slowest.items()))
    assert max(slowest.values()) < GRACE_S
