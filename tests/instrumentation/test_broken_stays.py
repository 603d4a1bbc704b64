"""A checkpoint that does not verify is named and passed over; no run of a job ever deletes it or counts it as kept."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

import mixdesk
from mixdesk import checkpoints
from mixdesk.testing import Recorder


def train(folder: Path, epochs: int, *, leave_after: int | None = None) -> None:
    net = torch.nn.Linear(2, 1)
    with mixdesk.job("training_rvc", name="anton", checkpoints=folder, save_every="1 epoch", keep=2) as job:
        job.register(net=net)
        for epoch in job.epochs("training", epochs):
            for step, _ in enumerate(epoch.steps(range(3))):
                if epoch.number == leave_after and step == 1:
                    job.leave(save=False)


def test_a_flipped_bit_survives_the_runs_that_go_on_without_it(desk: Recorder, tmp_path: Path) -> None:
    train(tmp_path, 9, leave_after=4)
    newest = checkpoints.listing(tmp_path)[0]
    assert newest.epoch == 3
    content = bytearray(newest.path.read_bytes())
    content[len(content) // 2] ^= 1
    newest.path.write_bytes(content)

    with pytest.warns(UserWarning, match="checkpoint skipped"):
        train(tmp_path, 9)
    assert newest.path.exists(), "broken ones are never deleted"
    left = [entry for entry in checkpoints.listing(tmp_path) if entry.manifest.reason == "automatic"]
    assert sorted(entry.epoch for entry in left) == [3, 7, 8], "the broken one, and two that are kept"


def test_an_automatic_one_that_was_then_asked_for_outlives_later_attempts(desk: Recorder, tmp_path: Path) -> None:
    net = torch.nn.Linear(2, 1)
    with mixdesk.job("training_rvc", name="anton", checkpoints=tmp_path, save_every="1 epoch", keep=2) as job:
        job.register(net=net)
        for epoch in job.epochs("training", 9):
            for _ in epoch.steps(range(3)):
                pass
            if epoch.number == 2:  # the boundary between the epochs saves by itself, and is then asked
                generation = desk.ask_checkpoint("cancel")
                desk.wait_for(lambda _, asked=generation: job._steering.desired.generation >= asked)
    assert job.status == "canceled"
    asked = desk.last.checkpoint.last
    assert asked is not None
    train(tmp_path, 9)
    assert Path(asked.path).exists()
    verdict = checkpoints.verify(asked.path)
    assert verdict.verified and verdict.checkpoint is not None
    assert verdict.checkpoint.manifest.reason == "requested"
