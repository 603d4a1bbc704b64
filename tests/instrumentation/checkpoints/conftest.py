"""What the checkpoint tests share: small payloads, processes that save and are killed, small disks."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from mixdesk import checkpoints
from mixdesk.checkpoints import naming

SAVER = Path(__file__).parents[2] / "fixtures" / "saver.py"


class Savers:
    """The program saver.py: `start` forks a saver and gives its pid, `wait` its exit status."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(SAVER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._running = 0

    def start(self, do: str, **request: Any) -> int:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": do, **request}) + "\n")
        self._process.stdin.flush()
        self._running = int(self._answer()["pid"])
        return self._running

    def wait(self) -> int:
        status = int(self._answer()["status"])
        self._running = 0
        return status

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline())  # type: ignore[no-any-return]

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        if self._running:  # a test that failed left it behind
            os.kill(self._running, signal.SIGKILL)
        self._process.stdin.close()
        self._process.wait(60)
        self._process.stdout.close()


@pytest.fixture(scope="session")
def savers() -> Iterator[Savers]:
    program = Savers()
    yield program
    program.close()


@pytest.fixture(scope="session")
def other_savers() -> Iterator[Savers]:
    program = Savers()
    yield program
    program.close()


@pytest.fixture
def save(tmp_path: Path) -> Callable[..., checkpoints.Checkpoint]:
    """Saves a payload whose tensor is filled with the step, by default as anton 0.5 in `tmp_path`."""

    def one(folder: Path = tmp_path, *, step: int = 1, floats: int = 1000, **facts: Any) -> checkpoints.Checkpoint:
        state = {"net": {"weight": torch.full((floats,), float(step)), "step": step}}
        payload = checkpoints.collect(state, position={"epoch": 0, "step": step})
        named = {"name": "anton", "version": "0.5", "epoch": 0, **facts}
        return checkpoints.save(folder, step=step, payload=payload, **named)

    return one


@pytest.fixture
def intact() -> Callable[[Path], checkpoints.Checkpoint]:
    """Asserts that a folder's newest checkpoint verifies and loads, with the content of its step, and that no file
    of the folder is broken; returns it."""

    def check(folder: Path) -> checkpoints.Checkpoint:
        found = checkpoints.find(folder, "anton", "0.5")
        assert found.broken == []
        assert found.checkpoint is not None
        net = found.checkpoint.load()["state"]["net"]
        assert net["step"] == found.checkpoint.step
        assert bool((net["weight"] == found.checkpoint.step).all())
        return found.checkpoint

    return check


@pytest.fixture
def temps() -> Callable[[Path], list[str]]:
    """The names of a folder's temporary files."""
    return lambda folder: sorted(path.name for path in folder.iterdir() if naming.parse_temp(path.name))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[..., Path]]:
    """Mounts a tmpfs of so many KiB; skips where that is not allowed."""
    mounted: list[Path] = []

    def mount(kib: int) -> Path:
        point = tmp_path / f"disk{len(mounted)}"
        point.mkdir()
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={kib}k", "tmpfs", str(point)], capture_output=True, text=True
        )
        if done.returncode:
            pytest.skip(f"mounting a small tmpfs is not allowed here: {done.stderr.strip()}")
        mounted.append(point)
        return point

    yield mount
    for point in mounted:
        subprocess.run(["umount", str(point)], check=True)
