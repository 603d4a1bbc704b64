from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mixdesk import checkpoints
from mixdesk.checkpoints.checkpoint import Checkpoint
from mixdesk.errors import CheckpointError

Save = Callable[..., Checkpoint]


def steps(folder: Path) -> list[int]:
    return sorted(entry.step for entry in checkpoints.listing(folder))


def prune(folder: Path, keep: int | None = 2, job_id: str | None = "run", **more: object) -> list[Path]:
    return checkpoints.prune(folder, name="anton", version="0.5", keep=keep, job_id=job_id, **more)  # type: ignore[arg-type]


def test_the_newest_automatic_ones_are_kept(tmp_path: Path, save: Save) -> None:
    done = [save(step=step, job_id="run", reason="automatic") for step in range(5)]
    assert sorted(prune(tmp_path)) == [entry.path for entry in done[:3]]
    assert steps(tmp_path) == [3, 4]
    assert len(list(tmp_path.iterdir())) == 5
    assert prune(tmp_path) == []
    assert prune(tmp_path, keep=None) == []


def test_requested_final_and_manual_ones_stay(tmp_path: Path, save: Save) -> None:
    for step, reason in enumerate(["automatic", "requested", "final", "manual", "automatic", "automatic"]):
        save(step=step, job_id="run", reason=reason)
    prune(tmp_path, keep=1)
    assert steps(tmp_path) == [1, 2, 3, 5]


def test_other_runs_names_and_versions_stay(tmp_path: Path, save: Save) -> None:
    save(step=1, job_id="other", reason="automatic")
    save(step=2, job_id=None, reason="automatic")
    save(step=3, job_id="run", reason="automatic", version="0.6")
    save(step=4, job_id="run", reason="automatic", name="bjarni")
    for step in (5, 6):
        save(step=step, job_id="run", reason="automatic")
    prune(tmp_path, keep=1)
    assert steps(tmp_path) == [1, 2, 3, 4, 6]
    assert prune(tmp_path, keep=1, job_id=None) == []


def test_a_resumed_run_is_the_same_run(tmp_path: Path, save: Save) -> None:
    first = [save(step=step, job_id="one", reason="automatic") for step in (1, 2)]
    asked = save(step=3, job_id="one", reason="requested", parent=first[1].path.name)
    second = save(step=4, job_id="two", reason="automatic", parent=asked.path.name)
    save(step=5, job_id="stranger", reason="automatic")
    save(step=6, job_id="three", reason="automatic", parent=second.path.name)
    assert prune(tmp_path, keep=2, job_id="three") == [first[1].path, first[0].path]
    assert steps(tmp_path) == [3, 4, 5, 6]


def test_paths_can_be_given_instead_of_a_job(tmp_path: Path, save: Save) -> None:
    done = [save(step=step, reason="automatic") for step in range(4)]
    assert prune(tmp_path, keep=1, job_id=None, own=[done[1].path, done[2].path]) == [done[1].path]


def test_broken_ones_stay_and_do_not_count(tmp_path: Path, save: Save) -> None:
    done = [save(step=step, job_id="run", reason="automatic") for step in range(6)]
    done[4].path.write_bytes(b"cut off")
    done[0].path.unlink()
    prune(tmp_path, keep=2, spare=[done[1].path])
    assert steps(tmp_path) == [1, 3, 4, 5]
    assert done[0].manifest_path.exists()


def test_keeping_none_at_all_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="keep is 0"):
        prune(tmp_path, keep=0)


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="were not deleted"):
        prune(tmp_path / "none")
