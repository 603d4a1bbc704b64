"""Databases that are deleted or older than what trainers know, under trainers that run on."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Callable
from typing import Any

import pytest
import requests
from live_desk import Desk, wait_until
from runners import Runner

Make = Callable[..., Runner]


def ask(desk: Desk, runner: Runner, action: str) -> dict[str, Any]:
    """One click, followed to its end: generation, and the operation as it ended."""
    answer = desk.post(f"/admin/jobs/{runner.job_id}/{action}", {})

    def ended() -> dict[str, Any] | None:
        found = desk.get(f"/admin/operations/{answer['operation']}")
        return dict(found) if found["ended_at"] else None

    return {**wait_until(ended, f"the end of {action}"), "generation": answer["generation"]}


def is_known(desk: Desk, runner: Runner) -> bool:
    jobs = {job["job_id"]: job for job in desk.get("/jobs")["items"]}
    return runner.job_id in jobs and not jobs[runner.job_id]["lost"]


def files(desk: Desk) -> list[Any]:
    return sorted(desk.state.glob("mixdesk.db*"))


@pytest.mark.parametrize("how", ["deleted", "restored"])
def test_every_later_click_is_heard(desk: Desk, runners: Make, how: str) -> None:
    started = [runners(desk, f"run{number}") for number in range(2)]
    wait_until(lambda: all(is_known(desk, runner) for runner in started), "the first reports")
    last = {runner.name: ask(desk, runner, "checkpoint")["generation"] for runner in started}
    backup = desk.state.parent / "older.db"
    desk.cli("backup", str(backup))
    for runner in started:
        for action in ("pause", "resume"):
            last[runner.name] = max(last[runner.name], ask(desk, runner, action)["generation"])
    paused = ask(desk, started[1], "pause")
    assert paused["state"] == "succeeded"

    desk.end(signal.SIGKILL)
    for file in files(desk):
        file.unlink()
    if how == "restored":
        shutil.copy(backup, desk.state / "mixdesk.db")
    desk.start()
    wait_until(lambda: all(is_known(desk, runner) for runner in started), "the trainers' reports")
    wait_until(lambda: desk.get(f"/jobs/{started[1].job_id}")["status"] == "paused", "the pause that holds")
    for runner in started:
        for action in ("resume", "pause", "resume", "checkpoint"):
            done = ask(desk, runner, action)
            assert done["state"] == "succeeded", done
            if runner is started[0] and action == "resume" and done["generation"] <= last[runner.name]:
                continue  # it was running already: nothing is asked of it
            assert done["generation"] > last[runner.name], "generations go on, or the trainer would not hear"
            last[runner.name] = done["generation"]
    assert ask(desk, started[0], "cancel")["state"] == "succeeded"
    assert started[0].end()[0] == "canceled"


def test_a_database_that_goes_while_the_desk_runs_is_said_and_no_click_is_lost(desk: Desk, runners: Make) -> None:
    """SQLite would write on into a file that has no name any more: what is answered 202 must not end there."""
    runner = runners(desk)
    wait_until(lambda: is_known(desk, runner), "the first report")
    ask(desk, runner, "checkpoint")
    for file in files(desk):
        file.unlink()
    headers = {"Authorization": f"Bearer {desk.token('operator')}"}
    clicked = requests.post(f"{desk.url}/admin/jobs/{runner.job_id}/checkpoint", json={}, headers=headers, timeout=20)
    assert clicked.status_code == 503, clicked.text
    assert "mixdesk.db" in clicked.json()["detail"] and "restart" in clicked.json()["detail"]
    ready = requests.get(f"{desk.url}/readyz", timeout=20)
    assert ready.status_code == 503 and "mixdesk.db" in ready.json()["detail"]
    assert requests.get(f"{desk.url}/healthz", timeout=20).status_code == 200
    assert files(desk) == [], "a reader makes no empty one in its place"
    before = runner.steps
    wait_until(lambda: runner.steps > before, "the next step")

    desk.end()
    desk.start()
    wait_until(lambda: is_known(desk, runner), "a report to the desk that began anew")
    done = ask(desk, runner, "checkpoint")
    assert done["state"] == "succeeded"
    runner.hurry()
    desk.post(f"/admin/jobs/{runner.job_id}/cancel", {})
    assert runner.end()[0] == "canceled"
