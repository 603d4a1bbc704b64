"""The desk is killed at random moments and started again while trainers run and people click."""

from __future__ import annotations

import json
import random
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
from clicks import Click, Clicker
from live_desk import Desk, wait_until
from runners import Runner
from torture import chance, times

KILLS = times(100, 3)
EPOCHS, STEPS = 3, times(20_000, 2_000)
ENDED = {"succeeded", "failed", "superseded", "moot", "canceled"}
RIGHT_S = 30.0  # no bound on a busy machine; what was measured is printed


@dataclass
class Course:
    """One desk under fire and what was seen."""

    desk: Desk
    dice: random.Random
    runners: dict[str, Runner]
    right_after: list[float] = field(default_factory=list)

    def kill(self) -> None:
        """SIGKILL, now and then while it starts; then up again until it shows what is true."""
        time.sleep(self.dice.uniform(0.0, 0.6))
        self.desk.end(signal.SIGKILL)
        while self.dice.random() < 0.15:
            self.desk.launch()
            time.sleep(self.dice.uniform(0.0, 1.5))
            self.desk.end(signal.SIGKILL)
        self.desk.start()
        began = time.monotonic()
        done = {job_id: runner.steps for job_id, runner in self.runners.items()}
        wait_until(lambda: self.is_right(done), f"the true state of {done}", RIGHT_S)
        self.right_after.append(time.monotonic() - began)

    def is_right(self, done: dict[str, int]) -> bool:
        """Whether the desk shows at least these steps, of jobs that are alive."""
        shown = {job["job_id"]: job for job in self.desk.get("/jobs")["items"]}
        return all(self._shows(shown.get(job_id), count) for job_id, count in done.items())

    def _shows(self, job: dict[str, Any] | None, count: int) -> bool:
        return job is not None and not job["lost"] and job["metrics"].get("done", {"value": 0})["value"] >= count


@pytest.mark.timeout(1500)
def test_nothing_is_missed_lost_or_done_twice(
    desk: Desk, runners: Callable[..., Runner], capsys: pytest.CaptureFixture[str]
) -> None:
    dice = chance()
    started = [runners(desk, f"run{n}", epochs=EPOCHS, steps=STEPS) for n in range(6)]
    course = Course(desk, dice, {runner.job_id: runner for runner in started})
    wait_until(lambda: course.is_right(dict.fromkeys(course.runners, 1)), "the first reports")
    clickers = [Clicker(desk, random.Random(dice.random()), list(course.runners)[:4]) for _ in range(3)]
    threads = [clicker.start() for clicker in clickers]
    asker = Clicker(desk, dice, [])  # for this thread

    for number in range(KILLS):
        course.kill()
        if number == KILLS // 2:
            ended = leave(course, asker, *list(course.runners)[4:])

    stop(clickers, threads)
    clickers.append(asker)
    for job_id in course.runners:
        assert asker.ask(job_id, "resume") is not None
    started[0].hurry()
    ends = {job_id: runner.end() for job_id, runner in course.runners.items()}
    for job_id in course.runners:
        assert ends[job_id] == ("succeeded", EPOCHS * STEPS, EPOCHS * STEPS)
    wait_until(lambda: all(job["status"] in ("succeeded", "canceled") for job in desk.jobs()), "the ends")
    clicks = [click for clicker in clickers for click in clicker.answered]
    operations = check_answers(desk, clickers, clicks)
    saves = sum(check_saves(job_id, started, operations) for job_id in [*course.runners, *ended])
    with capsys.disabled():
        print(
            f"\n{KILLS} kills, {len(clicks)} requests answered ({sum(c.retried for c in clickers)} tries more), "
            f"{saves} files asked for, right after {max(course.right_after):.2f} s at most, "
            f"{sorted(course.right_after)[len(course.right_after) // 2]:.2f} s in the middle"
        )


def leave(course: Course, clicker: Clicker, canceled: str, saved: str) -> list[str]:
    """Two runs are asked to end, with a kill right after the answer."""
    for job_id, action, body in ((canceled, "cancel", {}), (saved, "checkpoint", {"then": "cancel"})):
        click = clicker.ask(job_id, action, **body)
        assert click is not None and click.status == 202
    course.desk.end(signal.SIGKILL)
    course.desk.start()
    ends = {job_id: course.runners.pop(job_id).end() for job_id in (canceled, saved)}
    for job_id, (status, done, held) in ends.items():
        assert status == "canceled" and done == held < EPOCHS * STEPS, job_id
    return list(ends)


def stop(clickers: list[Clicker], threads: list[Any]) -> None:
    for clicker in clickers:
        clicker.stop.set()
    for thread in threads:
        thread.join(120)
        assert not thread.is_alive()


def check_answers(desk: Desk, clickers: list[Clicker], clicks: list[Click]) -> dict[str, dict[str, Any]]:
    """Each request was answered, its repetition alike, and each 202 has come to an end that can be."""
    assert [clicker.unanswered for clicker in clickers] == [[] for _ in clickers]
    assert {click.status for click in clicks} <= {202, 409}, clicks
    for click, status, body in (item for clicker in clickers for item in clicker.again):
        assert (status, body) == (202, click.body), "the same key, the same answer"
    accepted = {click.body["operation"]: click for click in clicks if click.status == 202}
    operations = {}
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {desk.token('operator')}"
        for operation_id, click in accepted.items():
            answer = session.get(f"{desk.url}/admin/operations/{operation_id}", timeout=30)
            assert answer.status_code == 200, f"{click} was answered 202 and is not known"
            operations[operation_id] = answer.json()
    for operation in operations.values():
        assert operation["state"] in ENDED, operation
        if operation["action"] == "checkpoint":
            assert operation["state"] == "succeeded" and operation["result"]["path"], operation
    return operations


def check_saves(job_id: str, started: list[Runner], operations: dict[str, dict[str, Any]]) -> int:
    """The files that were asked for are those that operations name, one each, and no position was saved twice."""
    (runner,) = (item for item in started if item.job_id == job_id)
    manifests = [json.loads(path.read_text()) for path in (runner.folder / runner.name).glob("*.json")]
    asked = [item for item in manifests if item["reason"] == "requested"]
    mine = [item for item in operations.values() if item["target"] == job_id and item["action"] == "checkpoint"]
    assert len({item["step"] for item in asked}) == len(asked)
    named = {Path(item["result"]["path"]).name: item["result"] for item in mine}
    assert len(asked) == len(named), (len(asked), sorted(named))
    for name, result in named.items():
        assert (runner.folder / runner.name / name).stat().st_size == result["size"]
    generations = [item["generation"] for item in mine]
    assert len(set(generations)) == len(generations)
    return len(asked)
