"""A desk is killed, and a stranger listens on its port: it is told no token, and the desk that returns hears all."""

from __future__ import annotations

import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from live_desk import MIXDESK, Desk, output_of, wait_until
from stranger import Stranger

COMMANDS = [
    ("jobs", "list"),
    ("jobs", "cancel", "tiny"),
    ("jobs", "watch", "tiny"),
    ("login",),
    ("token", "list"),
]


def commands_are_refused(desk: Desk, *flags: str) -> None:
    with ThreadPoolExecutor() as pool:
        ends = list(pool.map(lambda command: desk.cli(*command, *flags, check=False), COMMANDS))
    for command, done in zip(COMMANDS, ends, strict=True):
        assert done.returncode == 1 and len(done.stderr.strip().splitlines()) == 1, (command, done.stderr)
        assert "mixdesk up" in done.stderr, command


@pytest.mark.timeout(240)
def test_a_stranger_on_the_port_of_a_killed_desk_hears_nothing(desk: Desk, tmp_path: Path) -> None:
    running = desk.trainer("--checkpoints", tmp_path / "running", "--step-s", 0.05, "--epochs", 2000, "--name", "tiny")
    wait_until(desk.jobs, "the first report")
    desk.end(signal.SIGKILL)
    stranger = Stranger(desk.port)
    try:
        assert (desk.state / "desk.json").exists(), "what a killed desk leaves behind"
        started = desk.trainer("--checkpoints", tmp_path / "started", "--step-s", 0, "--epochs", 2, "--name", "second")
        assert output_of(started)["status"] == "succeeded"  # it has tried for all its life and the second of its end
        commands_are_refused(desk)
        commands_are_refused(desk, "--url", desk.url)
        assert running.poll() is None
        assert bytes(stranger.heard) == b""
        assert stranger.visits == 0, "whoever knows that the desk is gone does not even connect"
    finally:
        stranger.close()
    desk.start()
    wait_until(lambda: {job["status"] for job in desk.jobs()} >= {"succeeded", "running"}, "both runs, heard again")
    wait_until(lambda: not any(job["lost"] for job in desk.jobs()), "a report to the desk that came back")
    desk.cli("jobs", "cancel", "tiny")
    assert output_of(running)["status"] == "canceled"


def test_a_screen_that_follows_a_job_connects_to_the_desk_that_returns(desk: Desk, tmp_path: Path) -> None:
    running = desk.trainer("--checkpoints", tmp_path / "kept", "--step-s", 0.05, "--epochs", 2000)
    wait_until(desk.jobs, "the first report")
    watching = subprocess.Popen([MIXDESK, "jobs", "watch", "--json"], env=desk.env, stdout=subprocess.PIPE, text=True)
    try:
        assert watching.stdout is not None and watching.stdout.readline()
        desk.end(signal.SIGKILL)
        stranger = Stranger(desk.port)
        time.sleep(2.0)  # the screen tries again meanwhile
        stranger.close()
        assert bytes(stranger.heard) == b""
        desk.start()
        wait_until(lambda: not any(job["lost"] for job in desk.jobs()), "a report to the desk that came back")
        desk.cli("jobs", "cancel")
        assert output_of(running)["status"] == "canceled"
        text, _ = watching.communicate(timeout=60)
        assert '"canceled"' in text.splitlines()[-1]
    finally:
        watching.kill()
        watching.communicate()
