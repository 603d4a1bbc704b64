"""What real trainers print beside a real desk: in the log of the job, and where it goes without one."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from live_desk import TRAINERS, Desk, free_port, wait_until

pytestmark = pytest.mark.process

AFTER = b"after the job\n"


class Loud:
    """Trainers whose output is bytes."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._started: list[subprocess.Popen[bytes]] = []

    def start(self, name: str, *arguments: str, stderr: int = subprocess.STDOUT) -> subprocess.Popen[bytes]:
        command = [sys.executable, str(TRAINERS / "loud.py"), "--name", name, *arguments]
        self._started.append(subprocess.Popen(command, env=self.desk.env, stdout=subprocess.PIPE, stderr=stderr))
        return self._started[-1]

    def run(self, name: str, *arguments: str, stderr: int = subprocess.STDOUT) -> tuple[bytes, bytes]:
        trainer = self.start(name, *arguments, stderr=stderr)
        out, error = trainer.communicate(timeout=120)
        assert trainer.returncode == 0, out
        return out, error or b""

    def job(self, name: str) -> Any:
        """None before the desk has heard of it."""
        return next((job for job in self.desk.get("/jobs")["items"] if job["name"] == name and job["log_stream"]), None)

    def log(self, name: str) -> Path:
        """The log of a job, where the desk says that it is."""
        job = wait_until(lambda: self.job(name), f"job {name}")
        assert job["log_stream"] == f"jobs/{job['job_id']}"
        return self.desk.state / "logs" / "jobs" / job["job_type"] / f"{job['job_id']}.log"

    def close(self) -> None:
        for trainer in self._started:
            trainer.kill()
            if trainer.stdout is not None and not trainer.stdout.closed:
                trainer.communicate()
            trainer.wait()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    desk = Desk(tmp_path_factory.mktemp("desk") / "state", free_port())
    desk.start()
    yield desk
    desk.close()


@pytest.fixture
def loud(desk: Desk) -> Iterator[Loud]:
    made = Loud(desk)
    yield made
    made.close()


def test_the_same_bytes_arrive_and_are_in_the_log(loud: Loud) -> None:
    """Of both streams in one; and of each of two, in whose log are whole lines of both."""
    without, _ = loud.run("without")
    assert without.count(b"\r") == 12 and b"child of epoch 2" in without and without.endswith(AFTER)
    with_it, _ = loud.run("one", "--capture")
    assert with_it == without
    assert loud.log("one").read_bytes() + AFTER == without
    apart = loud.run("two", "--capture", stderr=subprocess.PIPE)
    assert all(apart) and parts(b"".join(apart)) == parts(without)
    assert parts(loud.log("two").read_bytes() + AFTER) == parts(without)


def parts(printed: bytes) -> list[bytes]:
    """Whole lines, and states of a progress bar, in no order."""
    return sorted(part for part in re.split(rb"[\r\n]", printed) if part)


def test_it_grows_and_outlives_a_killed_trainer(loud: Loud) -> None:
    trainer = loud.start("killed", "--capture", "--epochs", "10000", "--step-s", "0.01", "--workers", "1")
    log = loud.log("killed")
    wait_until(lambda: b"child of epoch 2" in log.read_bytes(), "its growth")
    before = log.stat().st_size
    wait_until(lambda: log.stat().st_size > before, "more of it")
    trainer.kill()
    out, _ = trainer.communicate(timeout=60)
    assert b"a worker reads\n" in out
    wait_until(lambda: log.read_bytes() == out, "all that it had printed")


def test_a_child_of_a_job_that_is_over_goes_on(loud: Loud, tmp_path: Path) -> None:
    go = tmp_path / "go"
    child = f"while [ ! -e {go} ]; do sleep 0.05; done; echo of the past"
    trainer = loud.start("over", "--capture", "--child", child)
    assert trainer.wait(120) == 0
    wait_until(lambda: loud.job("over")["status"] == "succeeded", "the end")
    go.touch()
    out, _ = trainer.communicate(timeout=60)
    assert out.endswith(AFTER + b"of the past\n")
    wait_until(lambda: loud.log("over").read_bytes().endswith(b"of the past\n"), "its line")
    assert AFTER not in loud.log("over").read_bytes()
