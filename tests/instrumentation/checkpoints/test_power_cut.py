"""Power cuts while a saver saves: what it was told is saved is there when power comes back, whole and loadable."""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path
from typing import Any

import pytest
import torch
from powercut import Disk, disk_in
from saving_moments import Aim, acks_of, resumed_step, wait_for_acks
from torture import chance, times

from mixdesk import checkpoints
from mixdesk.errors import CheckpointError

CUTS = times(24, 3)


def cut_while(do: str, disk: Disk, savers: Any, acks: Path, step: int, dice: Any) -> int:
    """Save until the power goes at a random moment of a save; it comes again. The last step acknowledged before."""
    side = dice.choice([20, 200, 500])
    pid = savers.start(do, folder=str(disk.point / "kept"), acks=str(acks), side=side, step=step)
    wait_for_acks(acks, dice.randrange(1, 4))
    Aim(acks, dice).wait_for_one()
    disk.cut()
    with contextlib.suppress(ProcessLookupError):  # it may have ended of the error that it got
        os.kill(pid, signal.SIGKILL)
    savers.wait()
    disk.unmount()
    disk.mount()
    return acks_of(acks)[-1][1]


@pytest.mark.timeout(900)
@pytest.mark.filterwarnings("error:checkpoint skipped")
def test_what_was_acknowledged_is_there(tmp_path: Path, savers: Any) -> None:
    dice, step, under_way = chance(), 1, 0
    with disk_in(tmp_path) as disk:
        (disk.point / "kept").mkdir()
        for cut in range(CUTS):
            last = cut_while("save_until_killed", disk, savers, tmp_path / f"acks{cut}", step, dice)
            found = resumed_step(disk.point / "kept")
            assert found in (last, last + 1)
            assert checkpoints.find(disk.point / "kept", "anton", "0.5").broken == []
            under_way += found > last
            step = found + 1
    print(f"{CUTS} cuts, each with its acknowledged checkpoint; {under_way} with the one that was under way")


def is_there(folder: Path, step: int) -> bool:
    """Whether a file of this step, or of the one that was under way, loads."""
    for path in (folder / f"{step + 1}.pth", folder / f"{step}.pth"):
        try:
            return bool(torch.load(path, weights_only=True)["extra"]["step"] >= step)
        except (OSError, RuntimeError, EOFError, ValueError):
            continue
    return False


@pytest.mark.timeout(900)
@pytest.mark.filterwarnings("ignore:checkpoint skipped")
@pytest.mark.parametrize("how", ["save_without_fsync", "save_and_rename"])
def test_the_cuts_do_cut(tmp_path: Path, savers: Any, how: str) -> None:
    """Without fsync the same protocol loses what it acknowledged, and so does a rename: so the test above is one."""
    dice, step, lost = chance(), 1, 0
    with disk_in(tmp_path) as disk:
        for cut in range(CUTS):
            folder = disk.point / "kept"
            folder.mkdir(exist_ok=True)
            last = cut_while(how, disk, savers, tmp_path / f"acks{cut}", step, dice)
            try:
                lost += not is_there(folder, last) if how == "save_and_rename" else resumed_step(folder) < last
            except (AssertionError, CheckpointError):
                lost += 1
            step = last + 2
    print(f"{how}: {lost} of {CUTS} acknowledged checkpoints were lost")
    assert lost > 0
