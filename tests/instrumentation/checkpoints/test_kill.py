"""A saver that is killed at any moment, and a full disk: there is always a good checkpoint, and none that is not."""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from saver import model_of
from saving_moments import Aim, acks_of, resumed_step, wait_for_acks
from torture import TORTURE, chance, times

from mixdesk import checkpoints
from mixdesk.checkpoints import litter, naming
from mixdesk.checkpoints.checkpoint import Checkpoint
from mixdesk.errors import CheckpointError

KILLS = times(300, 12)
Save = Callable[..., Checkpoint]
Intact = Callable[[Path], Checkpoint]
Temps = Callable[[Path], list[str]]


def phase_of(folder: Path, temps: list[str], newest: int, acknowledged: int) -> str:
    """Where in the protocol a saver was killed, by what it left."""
    if newest > acknowledged:
        return "named, not yet acknowledged"
    if not temps:
        return "no temporary file yet"
    targets = [parsed.target for name in temps if (parsed := naming.parse_temp(name)) is not None]
    if any(target.endswith(".json") for target in targets):
        return "the manifest was written"
    if any((folder / naming.manifest_name(target)).exists() for target in targets):
        return "the manifest was named"
    return "the data was written"


@pytest.mark.timeout(1200)
@pytest.mark.filterwarnings("error:checkpoint skipped")
def test_killed_at_random_moments(tmp_path: Path, savers: Any, temps: Temps) -> None:
    """What is found is the newest that was acknowledged, or the one under way: complete, and nothing else is taken."""
    dice, hits, trial = chance(), Counter[str](), 0
    folder, step = tmp_path / "checkpoints", 0
    while hits.total() < KILLS:
        acks, side = tmp_path / f"acks{trial}", dice.choice([20, 200, 800])
        pid = savers.start("save_until_killed", folder=str(folder), acks=str(acks), side=side, step=step)
        wait_for_acks(acks, dice.randrange(1, 3))
        Aim(acks, dice).wait_for_one()
        os.kill(pid, signal.SIGKILL)
        assert savers.wait() == -signal.SIGKILL
        step = resumed_step(folder)
        last = acks_of(acks)[-1][1]
        assert step in (last, last + 1)
        if acks.read_text().endswith("begin\n"):
            hits[phase_of(folder, temps(folder), step, last)] += 1
        step, trial = step + 1, trial + 1
    print(f"{trial} kills, {KILLS} of them within a save; by what these left:")
    print("\n".join(f"  {phase}: {count}" for phase, count in hits.most_common()))
    assert hits.total() - hits["no temporary file yet"] >= KILLS / 3, "the kills are to hit the writing"
    if TORTURE:
        assert len(hits) >= 4, "the parts of the protocol were hit"
    checkpoints.save_checkpoint(
        folder, model_of(20, step), name="anton", version="0.5", step=step, extra={"step": step}
    )
    assert resumed_step(folder) == step
    assert temps(folder) == []
    assert len(list(folder.glob("*.pth"))) == len(list(folder.glob("*.pth.json")))


@pytest.mark.timeout(600)
def test_killed_before_every_single_system_call(
    tmp_path: Path, savers: Any, save: Save, intact: Intact, temps: Temps
) -> None:
    """Each boundary of the protocol once, and of the deletion that follows it."""
    outcomes: set[tuple[int, bool]] = set()
    for call in range(10_000):
        folder = tmp_path / str(call)
        for step in (1, 2):
            save(folder, step=step, job_id="run", reason="automatic")
        savers.start("killed_before_call", folder=str(folder), call=call, floats=1000, step=3)
        status = savers.wait()
        newest = intact(folder)
        outcomes.add((newest.step, bool(temps(folder))))
        save(folder, step=4, job_id="run", reason="automatic")
        assert temps(folder) == []
        assert intact(folder).step == 4
        assert len(list(folder.glob("*.pth"))) == len(list(folder.glob("*.pth.json")))
        shutil.rmtree(folder)
        if status == 0:
            break
        assert status == -signal.SIGKILL
    assert call > 30
    assert outcomes >= {(2, False), (2, True), (3, True), (3, False)}


def test_two_processes_save_in_one_folder(tmp_path: Path, savers: Any, other_savers: Any) -> None:
    programs = (savers, other_savers)
    for program in programs:
        program.start("save_some", folder=str(tmp_path), count=10, floats=50_000, step=7)
    assert [program.wait() for program in programs] == [0, 0]
    entries = checkpoints.listing(tmp_path)
    assert [entry.serial for entry in entries] == list(range(20, 0, -1))
    assert len({entry.path for entry in entries}) == 20
    assert all(checkpoints.verify(entry.path).verified for entry in entries)


def test_threads_save_in_one_folder(tmp_path: Path, save: Save) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: save(step=7), range(12)))
    assert sorted(entry.serial for entry in done) == list(range(1, 13))
    assert all(checkpoints.verify(entry.path).verified for entry in done)


def test_a_reader_beside_a_saver_never_meets_half_a_checkpoint(
    tmp_path: Path, savers: Any, save: Save, intact: Intact
) -> None:
    save()
    acks = tmp_path / "acks"
    pid = savers.start("save_until_killed", folder=str(tmp_path), acks=str(acks), floats=20_000, step=2)
    wait_for_acks(acks, 1)
    until = time.monotonic() + 2
    reads, serials = 0, [0]
    while time.monotonic() < until or reads < 50:
        found = checkpoints.find(tmp_path, "anton", "0.5")
        assert found.broken == []
        assert found.checkpoint is not None
        serials.append(found.checkpoint.serial)
        reads += 1
    os.kill(pid, signal.SIGKILL)
    savers.wait()
    assert serials == sorted(serials)
    assert serials[-1] > serials[1]


def test_a_full_disk_is_said_and_harms_nothing(small_disk: Callable[..., Path], save: Save, intact: Intact) -> None:
    disk = small_disk(4096)
    old = save(disk, floats=250_000)
    before = sorted(path.name for path in disk.iterdir())
    with pytest.raises(
        CheckpointError, match=f"No space left on device: no checkpoint was written to {disk}"
    ) as failure:
        save(disk, step=2, floats=1_000_000)
    assert "MiB free" in str(failure.value)
    assert sorted(path.name for path in disk.iterdir()) == before
    assert intact(disk).path == old.path
    assert save(disk, step=3, floats=250_000).serial == 2


def test_a_disk_that_fills_up_at_any_page_harms_nothing(
    small_disk: Callable[..., Path], save: Save, intact: Intact
) -> None:
    """Room for so many pages only: the data, its last page, the manifest or the lock's note finds none."""
    outcomes = set()
    for pages in range(12):
        disk = small_disk(400)
        old = save(disk, floats=1_000)
        free = os.statvfs(disk).f_bavail * 4096
        (disk / "filler").write_bytes(b"x" * (free - pages * 4096))
        before = sorted(path.name for path in disk.iterdir())
        try:
            save(disk, step=2, floats=5_000)
            outcomes.add("saved")
            assert intact(disk).step == 2
        except CheckpointError as error:
            outcomes.add("refused")
            assert "No space left on device" in str(error)
            assert sorted(path.name for path in disk.iterdir()) == before
            assert intact(disk).path == old.path
    assert outcomes == {"saved", "refused"}


def test_leftovers_are_removed_and_never_another_writers(tmp_path: Path, savers: Any, save: Save) -> None:
    import socket

    dead = savers.start("save_some", folder=str(tmp_path), count=0, floats=1, step=1)
    savers.wait()
    host, target = socket.gethostname(), "anton-v0.5-e0-s9-20240115.pth"
    temps = {
        "dead": naming.temp_name(target, host, dead),
        "alive": naming.temp_name(target, host, os.getppid()),
        "elsewhere": naming.temp_name(target, "other", dead),
        "old": naming.temp_name("old" + target, "other", 1),
    }
    for file in temps.values():
        (tmp_path / file).write_bytes(b"half")
    long_ago = time.time() - 2 * litter.OLD_S
    os.utime(tmp_path / temps["old"], (long_ago, long_ago))
    (tmp_path / "mine.tmp").write_text("not of mixdesk")
    removed = {path.name for path in litter.collect(tmp_path, sole=False)}
    assert removed == {temps["dead"], temps["old"]}
    assert checkpoints.find(tmp_path, "anton").broken == []
    save()  # here the lock keeps everybody out: what is there was left behind
    assert sorted(path.name for path in tmp_path.glob("*.tmp")) == ["mine.tmp"]


def test_a_manifest_of_an_unfinished_save_goes_with_it(tmp_path: Path, save: Save) -> None:
    done = save()
    temp = tmp_path / naming.temp_name(done.path.name, "other", 1)
    done.path.rename(temp)
    assert checkpoints.find(tmp_path, "anton") == checkpoints.Found(None, [])
    assert save().path == done.path
    assert not temp.exists()
