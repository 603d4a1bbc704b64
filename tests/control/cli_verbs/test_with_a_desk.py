"""The same verbs against the real desk, with a real trainer beside it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

TRAINER = Path(__file__).parents[2] / "fixtures" / "trainers" / "tiny.py"


@pytest.fixture
def trainer(desk: Any, tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts trainers that report to the desk; none outlives the test."""
    started: list[subprocess.Popen[str]] = []

    def start(name: str, *arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, str(TRAINER), "--name", name, "--checkpoints", str(tmp_path / "checkpoints")]
        child = subprocess.Popen(
            [*command, *arguments], env=desk.env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        started.append(child)
        return child

    yield start
    for child in started:
        child.kill()
        child.communicate(timeout=60)


def job_of(desk: Any, name: str) -> dict[str, Any] | None:
    jobs = json.loads(desk.run("jobs", "list", "--name", name, "--json").stdout)
    return jobs[0] if jobs else None


def trains(desk: Any, name: str, child: subprocess.Popen[str]) -> bool:
    assert child.poll() is None, child.communicate()[0]
    job = job_of(desk, name)
    return job is not None and job["current_step"]["key"] == "training"


def test_a_run_is_seen_and_steered(desk: Any, trainer: Any, terminal: Any, eventually: Any) -> None:
    child = trainer("steered", "--epochs", "500", "--step-s", "0.02")
    eventually(lambda: trains(desk, "steered", child), timeout=90)
    watching = terminal("jobs", "watch", "steered", **desk.env)
    watching.expect("steered: running")

    for action, status in (("pause", "paused"), ("resume", "running")):
        done = desk.run("jobs", action, "steered", "--wait")
        assert done.returncode == 0, done.stderr
        assert job_of(desk, "steered")["status"] == status  # type: ignore[index]

    saved = desk.run("jobs", "checkpoint", "steered")
    assert saved.returncode == 0, saved.stderr
    assert saved.stdout.splitlines()[0] in ("steered: checkpoint requested", "steered: saving")
    path = saved.stdout.splitlines()[-1].removeprefix("steered: saved ").rpartition(" (")[0]
    assert desk.run("checkpoints", "verify", path).stdout == f"{path}: verified\n"

    refused = desk.run("jobs", "delete", "steered")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.startswith("mixdesk: ") and refused.stderr.count("\n") == 1

    ended = desk.run("jobs", "checkpoint", "steered", "--then", "cancel")
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.splitlines()[-1] == "steered: canceled"
    assert watching.end() == 1
    assert "steered: canceled" in watching.text
    assert child.wait(60) == 0
    newest = desk.run("checkpoints", "latest", str(Path(path).parent), "--name", "steered")
    assert newest.returncode == 0 and newest.stdout.strip() in ended.stdout

    shown = desk.run("jobs", "show", "steered")
    assert shown.returncode == 0, shown.stderr
    for words in ("■ canceled", "▶ running", "‖ paused", Path(path).name, "verified", "loss"):
        assert words in shown.stdout, shown.stdout
    again = desk.run("jobs", "cancel", "steered")
    assert again.returncode == 1 and "the job has ended (canceled)" in again.stderr
    assert desk.run("jobs", "delete", "steered").returncode == 0
    assert job_of(desk, "steered") is None


def test_a_run_to_its_end(desk: Any, trainer: Any, terminal: Any, eventually: Any) -> None:
    child = trainer("to-the-end", "--epochs", "20", "--step-s", "0.02")
    eventually(lambda: trains(desk, "to-the-end", child), timeout=90)
    watching = terminal("jobs", "watch", "to-the-end", tty=True, **desk.env)
    assert watching.end() == 0
    assert "✔ succeeded" in watching.text
    assert "100 %" in watching.text


def test_reading_needs_a_right_and_says_which(desk: Any) -> None:
    done = desk.run("jobs", "list", MIXDESK_CLI_TOKEN=desk.tokens["reporter"])
    assert done.returncode == 1
    assert done.stderr.startswith("mixdesk: ") and "viewer" in done.stderr and "MIXDESK_CLI_TOKEN" in done.stderr
    done = desk.run("jobs", "watch", "nobody", MIXDESK_CLI_TOKEN="x" * 40)
    assert (done.returncode, done.stdout) == (1, "")


def test_help_is_quick_enough_to_be_asked_for(desk: Any) -> None:
    for verb in ("list", "show", "watch", "checkpoint", "pause", "resume", "cancel", "delete", "weights"):
        done = desk.run("jobs", verb, "--help")
        assert done.returncode == 0
        assert verb in done.stdout
    loaded = subprocess.run(
        [sys.executable, "-c", "import sys; import mixdesk_control.cli.jobs; print(*sys.modules)"],
        env=desk.env, capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    assert not {"requests", "websockets", "torch", "fastapi", "sqlalchemy", "mixdesk"} & set(loaded)
