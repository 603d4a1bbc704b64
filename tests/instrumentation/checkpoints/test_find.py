from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torture import chance

from mixdesk import checkpoints
from mixdesk.checkpoints.checkpoint import Checkpoint
from mixdesk.errors import CheckpointError

Save = Callable[..., Checkpoint]


def flip(path: Path, bit: int) -> None:
    with path.open("r+b") as file:
        file.seek(bit // 8)
        byte = file.read(1)[0]
        file.seek(bit // 8)
        file.write(bytes([byte ^ 1 << bit % 8]))


def test_no_folder_and_an_empty_one_hold_nothing(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "none"):
        assert checkpoints.resume(folder, "anton") is None
        assert checkpoints.listing(folder) == []


def test_the_highest_serial_is_the_newest_whatever_the_steps_say(tmp_path: Path, save: Save) -> None:
    save(step=900, epoch=9)
    again = save(step=10, epoch=1)
    found = checkpoints.resume(tmp_path, "anton", "0.5")
    assert found is not None
    assert found.path == again.path
    assert found.verified


def test_a_version_may_be_left_open(tmp_path: Path, save: Save) -> None:
    save(version="0.5")
    newer = save(version="0.6")
    save(name="anton-v2", version="0.5")
    assert checkpoints.find(tmp_path, "anton").checkpoint == checkpoints.verify(newer.path).checkpoint
    older = checkpoints.find(tmp_path, "anton", "0.5").checkpoint
    assert older is not None
    assert older.version == "0.5"


def test_a_longer_name_is_another_name(tmp_path: Path, save: Save) -> None:
    save(name="anton-v2", version="0.5")
    assert checkpoints.resume(tmp_path, "anton") is None
    assert checkpoints.resume(tmp_path, "anton", "2") is None
    assert checkpoints.resume(tmp_path, "anton", "2-v0.5") is None


def test_renamed_files_are_what_their_manifest_says(tmp_path: Path, save: Save) -> None:
    done = save()
    done.path.rename(tmp_path / "best.pth")
    done.manifest_path.rename(tmp_path / "best.pth.json")
    found = checkpoints.resume(tmp_path, "anton")
    assert found is not None
    assert found.path == tmp_path / "best.pth"


def test_every_flipped_bit_is_found_and_the_one_before_is_taken(tmp_path: Path, save: Save) -> None:
    dice = chance()
    old, new = save(step=1), save(step=2)
    for _ in range(100):
        bit = dice.randrange(new.size * 8)
        flip(new.path, bit)
        with pytest.warns(UserWarning, match=f"{new.path}: its bytes have changed") as told:
            found = checkpoints.resume(tmp_path, "anton")
        assert len(told) == 1
        assert found is not None
        assert found.path == old.path
        with pytest.raises(CheckpointError, match=f"{new.path} is not what was saved"):
            new.load()
        flip(new.path, bit)
    assert checkpoints.verify(new.path).verified
    assert new.load()["state"]["net"]["step"] == 2


def test_truncated_files_are_passed_over(tmp_path: Path, save: Save) -> None:
    dice = chance()
    old, new = save(step=1), save(step=2)
    whole = new.path.read_bytes()
    for length in [0, 1, new.size - 1, *(dice.randrange(new.size) for _ in range(20))]:
        new.path.write_bytes(whole[:length])
        with pytest.warns(UserWarning, match=f"truncated: {length} bytes instead of {new.size}"):
            found = checkpoints.resume(tmp_path, "anton")
        assert found is not None
        assert found.path == old.path
    new.path.write_bytes(whole + b"x")
    assert "too long" in checkpoints.verify(new.path).reason


def test_what_is_missing_or_wrong_is_named_and_kept(tmp_path: Path, save: Save) -> None:
    good, no_manifest, no_data, bad_manifest, not_json = (save(step=step) for step in range(1, 6))
    no_manifest.manifest_path.unlink()
    no_data.path.unlink()
    flip(bad_manifest.manifest_path, bad_manifest.manifest_path.read_text().index('"serial": 4') * 8 + 80)
    not_json.manifest_path.write_bytes(b"\0" * 700)
    before = sorted(path.name for path in tmp_path.iterdir())
    found = checkpoints.find(tmp_path, "anton")
    assert found.checkpoint is not None
    assert found.checkpoint.path == good.path
    reasons = dict(found.broken)
    assert "manifest" in reasons[no_manifest.path]
    assert "is missing" in reasons[no_manifest.path]
    assert "the data is missing" in reasons[no_data.path]
    assert "changed" in reasons[bad_manifest.path]
    assert "not JSON" in reasons[not_json.path]
    with pytest.warns(UserWarning, match="checkpoint skipped") as told:
        checkpoints.resume(tmp_path, "anton")
    assert sorted(str(one.message) for one in told) == sorted(
        f"checkpoint skipped: {path}: {reason}" for path, reason in found.broken
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == before
    assert checkpoints.find(tmp_path, "bjarni").broken == []
    assert [entry.path for entry in checkpoints.listing(tmp_path)] == [good.path]
    assert len(checkpoints.scan(tmp_path)[1]) == 4


def test_files_of_others_are_not_spoken_of(tmp_path: Path, save: Save) -> None:
    save()
    torch.save({}, tmp_path / "G_2333333.pth")
    torch.save({}, tmp_path / "bjarni-v0.5-e1-s1-20240115.pth")
    (tmp_path / "anton-v0.5-notes.txt").write_text("")
    assert checkpoints.find(tmp_path, "anton").broken == []


def test_nothing_left_is_none_and_not_silent(tmp_path: Path, save: Save) -> None:
    flip(save().path, 999)
    with pytest.warns(UserWarning, match="its bytes have changed"):
        assert checkpoints.resume(tmp_path, "anton") is None


def test_verify_takes_either_file_and_says_why_not(tmp_path: Path, save: Save) -> None:
    done = save()
    assert checkpoints.verify(done.path) == checkpoints.verify(done.manifest_path)
    assert checkpoints.verify(str(done.path)).checkpoint == checkpoints.verify(done.path).checkpoint
    missing = checkpoints.verify(tmp_path / "none.pth")
    assert (missing.verified, missing.reason) == (False, "there is no such file")


def test_a_checkpoint_copied_elsewhere_is_still_one(tmp_path: Path, save: Save) -> None:
    done = save(step=4)
    shutil.copytree(tmp_path, tmp_path / "copy")
    found = checkpoints.resume(tmp_path / "copy", "anton")
    assert found is not None
    assert found.load()["state"]["net"]["step"] == 4
    assert found.hash == done.hash


def test_a_file_that_is_no_checkpoint_of_ours_is_not_loaded(tmp_path: Path, save: Save) -> None:
    from dataclasses import replace

    from mixdesk.checkpoints.files import content_of

    done = save()
    for payload, reason in (
        ({"state": {}}, "it lacks mixdesk, extra, rng"),
        ([1], "it lacks"),
        ({"mixdesk": {"format": 2}, "state": {}, "extra": {}, "rng": {}}, "layout 2"),
    ):
        torch.save(payload, done.path)
        content = content_of(done.path)
        other = replace(done, manifest=replace(done.manifest, size=content.size, xxh3_128=content.xxh3_128))
        with pytest.raises(CheckpointError, match=reason):
            other.load()


def test_code_in_a_checkpoint_is_not_run(tmp_path: Path, save: Save) -> None:
    from dataclasses import replace

    from mixdesk.checkpoints.files import content_of

    class Evil:
        def __reduce__(self) -> tuple[object, ...]:
            return (os.mkdir, (str(tmp_path / "owned"),))

    done = save()
    torch.save({"mixdesk": {"format": 1}, "state": {"x": Evil()}, "extra": {}, "rng": {}}, done.path)
    content = content_of(done.path)
    other = replace(done, manifest=replace(done.manifest, size=content.size, xxh3_128=content.xxh3_128))
    with pytest.raises(CheckpointError, match="cannot be loaded"):
        other.load()
    assert not (tmp_path / "owned").exists()
