"""The public API as users' type checkers see it: mypy --strict reads this file, nobody runs it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from typing_extensions import assert_type

import mixdesk
from mixdesk import testing


class Net:
    def state_dict(self) -> dict[str, float]:
        return {}

    def load_state_dict(self, state: dict[str, float]) -> None: ...


def train(loader: list[tuple[int, str]], clips: list[Path]) -> None:
    with mixdesk.job("training_rvc", name="anton", version="0.5", checkpoints=Path("kept"), owner=None) as job:
        assert_type(job, mixdesk.Job)
        for clip in job.track("preprocessing", clips, total=3, label="Slicing", unit="clips"):
            assert_type(clip, Path)
        job.expect(preprocessing=12.5, training=200 * len(clips))
        job.register(net=Net())
        for epoch in job.epochs("training", 200):
            assert_type(epoch.number, int)
            for batch in epoch.steps(loader, every=4):
                assert_type(batch, tuple[int, str])
            job.log(loss=0.5, step=3)
        with job.phase("packaging", total=2.5) as phase:
            assert_type(phase, mixdesk.Phase)
            phase.advance()
            phase.total = None
        job.phase("evaluation").skip()
        assert_type(job.save_checkpoint(), mixdesk.Checkpoint)
        job.artifact("model", Path("x"), url="https://x.example")
        job.extra["best"] = 0.1
        assert_type(job.status, str)
        assert_type(os.environ | job.environ(), dict[str, str])
    # the block takes Canceled: what follows is reachable
    assert_type(job.id, str)


def tick() -> None:
    job = mixdesk.job("own", weights={"training": 1.0}, save_every=None, on_sigterm=None).start()
    at = job.restore()
    step = at.step if at else 0
    assert_type(step, int)
    job.tick(epoch=1, step=step)
    job.leave(save=False)
    job.close("failed", "why")
    job.finish()


def others() -> Iterator[str]:
    assert_type(mixdesk.queue("tts_generate", name="x").environ(), dict[str, str])
    found = mixdesk.resume("kept", "anton")
    assert_type(found, mixdesk.Checkpoint | None)
    if found is not None:
        yield found.path.name
    saved = mixdesk.save_checkpoint("kept", {"net": Net()}, name="anton", epoch=1, step=2, extra={"lr": 0.1})
    assert_type(saved.step, int)
    try:
        tick()
    except mixdesk.Busy as twin:
        assert_type(twin.pid, int | None)
    except mixdesk.CheckpointError as error:
        yield str(error)
    assert_type(mixdesk.__version__, str)


def tests() -> None:
    with testing.record() as desk, testing.strict():
        assert_type(desk.ask_checkpoint("cancel"), int)
        desk.wait_for(lambda report: report.status == "canceled")
    assert_type(desk.statuses, list[str])
