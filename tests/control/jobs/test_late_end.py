"""A run that ended while no desk heard it: what is kept of it is of its own time, not of the delivery's."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from mixdesk import wire

Make = Callable[..., Any]

LATE_S = 3600.0


@pytest.mark.parametrize("skew_s", [0.0, 3600.0, -3600.0])
def test_the_score_of_an_end_that_was_told_an_hour_later(bench: Make, Trainer: type, skew_s: float) -> None:
    """Progress is linear in time and the weights fit: the score must be near 0, whatever the trainer's clock says."""

    async def work() -> None:
        desk, trainer = bench(lost_fail_s=60), Trainer("tts_generate")
        began = desk.clocks.now
        trainer.set(created_at=wire.now_text(began + skew_s), started_at=wire.now_text(began + skew_s))
        trainer.report.phases = [wire.PhaseReport(key="all", label="all", weight=100.0)]
        for second in range(90):
            trainer.phase("all", "running", done=float(second), total=100.0)
            await desk.put(trainer, status="running", sent_at=wire.now_text(desk.clocks.now + skew_s))
            desk.clocks.pass_(1.0)
        await desk.wait(LATE_S)
        assert (await desk.show(trainer))["status"] == "failed"

        ended = wire.now_text(began + 100.0 + skew_s)
        trainer.phase("all", "done", done=100.0, total=100.0)
        trainer.set(completed_at=ended, delivered=True, sent_at=ended)
        await desk.put(trainer, status="succeeded", sent_at=ended)
        shown = await desk.show(trainer)
        assert (shown["status"], shown["completed_at"]) == ("succeeded", wire.now_text(began + 100.0))
        history = await desk.service.history(trainer.job_id, _anyone())
        assert history["scores"]["progress_error"] < 0.03, history["scores"]

    asyncio.run(work())


def _anyone() -> Any:
    from mixdesk_control.auth.principal import Principal, expand

    return Principal("view", expand(["viewer"]))
