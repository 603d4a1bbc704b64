"""A folder of synthesised recordings, and the trainer as a process of its own with a state folder of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
import torch

from mixdesk_voice import synth
from mixdesk_voice.settings import Analysis
from mixdesk_voice.stages import Studio, Utterance

ROOT = Path(__file__).resolve().parents[2]
Starter = Callable[..., "subprocess.Popen[str]"]
Waiter = Callable[..., str]


@pytest.fixture(scope="session")
def analysis() -> Analysis:
    return Analysis()


@pytest.fixture(scope="session")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six clips of the synthesised voice."""
    return synth.write_voice(tmp_path_factory.mktemp("recordings"), 6)


@pytest.fixture(scope="session")
def utterances(recordings: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Utterance]:
    from mixdesk_voice.clips import find

    return Studio(tmp_path_factory.mktemp("cache")).utterances(find(recordings))


def environment(state: Path) -> dict[str, str]:
    """Finds no desk, whoever runs one on this machine; the library raises what it would otherwise only log."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("MIXDESK_")}
    found = os.pathsep.join(path for path in sys.path if path)
    return {**kept, "MIXDESK_STATE_DIR": str(state), "MIXDESK_STRICT": "1", "PYTHONPATH": found}


def launch(state: Path, *args: str | Path) -> subprocess.Popen[str]:
    command = [sys.executable, *map(str, args)]
    return subprocess.Popen(
        command, env=environment(state), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def wait(process: subprocess.Popen[str], code: int = 0) -> str:
    output, _ = process.communicate(timeout=120)
    assert process.returncode == code, output
    return output


@pytest.fixture
def start(tmp_path: Path) -> Starter:
    """Starts `python ARGS...` with the state folder `tmp_path / "state"`; its output is one text."""
    return partial(launch, tmp_path / "state")


@pytest.fixture(scope="session")
def finished() -> Waiter:
    """Waits for a started process to end with the given code; returns what it printed."""
    return wait


@pytest.fixture(scope="session")
def small(recordings: Path) -> tuple[str | Path, ...]:
    """The options of a run of three short epochs."""
    return ("--data", recordings, "--epochs", "3", "--batch-size", "3", "--name", "anton", "--threads", "1")


@pytest.fixture(scope="session")
def unbroken(small: tuple[str | Path, ...], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The --out folder of such a run that was never stopped."""
    folder = tmp_path_factory.mktemp("unbroken")
    wait(launch(folder / "state", "-m", "mixdesk_voice", *small, "--out", folder / "out"))
    return folder / "out"


@pytest.fixture(scope="module")
def one_thread() -> Iterator[None]:
    """Small tensors on busy cores: threads that wait for each other cost more than they bring."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
