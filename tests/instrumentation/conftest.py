"""What the trainer library's tests share: an environment of their own, a desk in memory, and processes that run."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from captured import Captured
from http_desk import HttpDesk

from mixdesk import guard, link, testing
from mixdesk.job import Job
from mixdesk.testing import Recorder


@pytest.fixture(autouse=True)
def own_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No desk, job or collector of the machine's, a state folder of the test's own, failures of reporting raise."""
    for name in list(os.environ):
        if name.startswith(("MIXDESK_", "OTEL_")) and name not in ("MIXDESK_TORTURE", "MIXDESK_SEED"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("MIXDESK_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("MIXDESK_STRICT", "1")
    guard.forget_said()
    link.forget()
    yield
    link.forget()


@pytest.fixture
def spool_folder(tmp_path: Path) -> Path:
    """Where this test's jobs keep their spool files."""
    return tmp_path / "state" / "spool"


@pytest.fixture
def desk(spool_folder: Path) -> Iterator[Recorder]:
    """A desk in memory."""
    with testing.record(spool_folder) as recorder:
        yield recorder


@pytest.fixture
def http_desk(tmp_path: Path) -> Iterator[HttpDesk]:
    """A desk on a socket, where this test's trainers find it."""
    desk = HttpDesk(tmp_path / "state")
    yield desk
    desk.stop()


@pytest.fixture
def captured(tmp_path: Path) -> Iterator[Captured]:
    """Trainers that capture what they print."""
    made = Captured(tmp_path)
    yield made
    made.close()


@pytest.fixture
def hears() -> Callable[[Job, int], None]:
    """Waits until a job has heard a generation: the next boundary obeys it."""

    def wait(job: Job, generation: int) -> None:
        deadline = time.monotonic() + 30
        while job._steering.desired.generation < generation:
            assert time.monotonic() < deadline, f"generation {generation} was never heard"
            time.sleep(0.001)

    return wait


@pytest.fixture
def net() -> torch.nn.Module:
    """Something to register."""
    return torch.nn.Linear(3, 2)
