"""Media that rot: whatever bit changes and wherever a file ends, it is named, and the checkpoint before it taken."""

from __future__ import annotations

import random
import shutil
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torture import chance, times

import mixdesk
from mixdesk import checkpoints
from mixdesk.checkpoints.checkpoint import Checkpoint
from mixdesk.checkpoints.manifest import Manifest
from mixdesk.errors import CheckpointError
from mixdesk.testing import Recorder

FLIPS = times(200, 30)
CUTS = times(60, 15)
EPOCHS = 3


class Run:
    """What a run of `train` had when it ended."""

    def __init__(self, job: Any, net: torch.nn.Module, steps: int) -> None:
        self.job, self.steps = job, steps
        self.weights = torch.cat([value.flatten() for value in net.state_dict().values()])


def train(folder: Path, **options: Any) -> Run:
    """Three epochs of four steps, a checkpoint after each."""
    torch.manual_seed(3)
    net, steps = torch.nn.Linear(40, 10), 0
    optimizer = torch.optim.AdamW(net.parameters(), lr=1e-2)
    with mixdesk.job(
        "training_rvc", name="anton", version="0.5", checkpoints=folder, save_every="1 epoch", **options
    ) as job:
        job.register(net=net, optimizer=optimizer)
        for epoch in job.epochs("training", EPOCHS):
            for item in epoch.steps(range(4)):
                optimizer.zero_grad()
                net(torch.full((2, 40), float(item))).square().mean().backward()
                optimizer.step()
                steps += 1
    return Run(job, net, steps)


@pytest.fixture
def folder(desk: Recorder, tmp_path: Path) -> Path:
    train(tmp_path / "kept")
    assert [entry.epoch for entry in checkpoints.listing(tmp_path / "kept")] == [3, 2, 1]
    return tmp_path / "kept"


def flipped(content: bytes, bit: int) -> bytes:
    changed = bytearray(content)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def a_bit(content: bytes, region: str, dice: random.Random) -> int:
    """One of the file's beginning, of its middle, or of its end (where zip has its directory)."""
    edge = min(1024, len(content) // 3)
    first, last = {
        "beginning": (0, edge),
        "middle": (edge, len(content) - edge),
        "end": (len(content) - edge, len(content)),
    }[region]
    return dice.randrange(first * 8, last * 8)


def resumed(folder: Path) -> tuple[Checkpoint | None, list[str]]:
    """What is gone on from, and what is said on the way."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        found = mixdesk.resume(folder, "anton", "0.5")
    return found, [str(warning.message) for warning in told]


def assert_passed_over(folder: Path, newest: Checkpoint, before: Checkpoint) -> None:
    """It is; but for a manifest that says the same as ever (its last line break is gone, say)."""
    found, told = resumed(folder)
    if not told:
        assert found == Checkpoint(newest.path, newest.manifest, verified=True)
        assert Manifest.from_json(newest.manifest_path.read_bytes()) == newest.manifest
        return
    assert len(told) == 1
    assert told[0].startswith(f"checkpoint skipped: {newest.path}: ")
    assert found is not None
    assert found.path == before.path
    assert found.load()["mixdesk"]["position"]["step"] == before.step
    assert newest.path.exists() and newest.manifest_path.exists(), "never deleted"


def test_any_flipped_bit_of_data_or_manifest(folder: Path) -> None:
    newest, before, _ = checkpoints.listing(folder)
    dice, hits = chance(), Counter[str]()
    for trial in range(FLIPS):
        file = (newest.path, newest.manifest_path)[trial % 2]
        region = ("beginning", "middle", "end")[trial // 2 % 3]
        whole = file.read_bytes()
        file.write_bytes(flipped(whole, a_bit(whole, region, dice)))
        assert_passed_over(folder, newest, before)
        file.write_bytes(whole)
        hits[f"{region} of the {'manifest' if trial % 2 else 'data'}"] += 1
    print(f"{FLIPS} flipped bits, all found: {dict(hits)}")
    assert len(hits) == 6
    assert resumed(folder)[1] == []


def test_any_length_that_is_not_its_own(folder: Path) -> None:
    newest, before, _ = checkpoints.listing(folder)
    dice = chance()
    for file in (newest.path, newest.manifest_path):
        whole = file.read_bytes()
        lengths = [0, 1, len(whole) - 1, *(dice.randrange(len(whole)) for _ in range(CUTS))]
        for content in [*(whole[:length] for length in lengths), whole + b"x", whole + whole]:
            file.write_bytes(content)
            assert_passed_over(folder, newest, before)
        file.write_bytes(whole)
    print(f"{2 * len(lengths)} truncations, all found")
    assert resumed(folder)[0] is not None


Break = Callable[[Checkpoint], object]
BROKEN: dict[str, Break] = {
    "a flipped bit": lambda entry: entry.path.write_bytes(flipped(entry.path.read_bytes(), 8 * entry.size // 2)),
    "no data": lambda entry: entry.path.unlink(),
    "empty data": lambda entry: entry.path.write_bytes(b""),
    "zeros": lambda entry: entry.path.write_bytes(bytes(entry.size)),
    "no manifest": lambda entry: entry.manifest_path.unlink(),
    "an empty manifest": lambda entry: entry.manifest_path.write_bytes(b""),
    "garbage": lambda entry: entry.manifest_path.write_bytes(b'{"format": 1, "xxh3_128": "\xff\0'),
    "another one's manifest": lambda entry: shutil.copy(other_than(entry).manifest_path, entry.manifest_path),
    "another one's data": lambda entry: shutil.copy(other_than(entry).path, entry.path),
}


def other_than(entry: Checkpoint) -> Checkpoint:
    return min(checkpoints.listing(entry.path.parent), key=lambda other: str(other.path))


@pytest.mark.parametrize("how", BROKEN)
def test_a_run_goes_on_from_the_newest_that_is_sound(desk: Recorder, tmp_path: Path, folder: Path, how: str) -> None:
    """One broken, then the two newest broken, in a run that is started again: it ends as the unbroken one."""
    whole = train(tmp_path / "whole", resume="never")
    newest, before, _ = checkpoints.listing(folder)
    for broken, steps in (([newest], 4), ([newest, before], 8)):
        copy = tmp_path / f"{len(broken)} broken"
        shutil.copytree(folder, copy)
        for entry in checkpoints.listing(copy)[: len(broken)]:
            BROKEN[how](entry)
        files = {path.name for path in copy.iterdir()}
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            run = train(copy, resume="must" if len(broken) == 2 else "auto")
        said = [str(warning.message) for warning in told]
        # with an older one's manifest it is not among the newest any more, and nobody comes to read it
        if how != "another one's manifest":
            assert all(any(entry.path.name in text for text in said) for entry in broken)
        assert (run.job.status, run.steps) == ("succeeded", steps)
        assert torch.equal(run.weights, whole.weights)
        assert files <= {path.name for path in copy.iterdir()}, "what is broken is left for people to look at"


@pytest.mark.parametrize("how", BROKEN)
def test_where_none_is_sound(desk: Recorder, folder: Path, caplog: pytest.LogCaptureFixture, how: str) -> None:
    entries = checkpoints.listing(folder)
    for entry in entries:
        if not how.startswith("another"):
            BROKEN[how](entry)
        else:
            entry.path.write_bytes(b"")
    with pytest.warns(UserWarning, match="checkpoint skipped"), pytest.raises(CheckpointError, match="no checkpoint"):
        train(folder, resume="must")
    assert desk.last.status == "failed"
    with pytest.warns(UserWarning, match="checkpoint skipped") as told:
        run = train(folder, resume="auto")
    said = [str(warning.message) for warning in told]
    assert all(any(entry.path.name in text for text in said) for entry in entries), "each is named"
    assert "none of the checkpoints of 'anton' version '0.5'" in caplog.text, "it never begins anew in silence"
    assert run.steps == 4 * EPOCHS
