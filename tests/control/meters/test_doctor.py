"""What `mixdesk doctor` says of drivers, engine and exporters."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import standin_gpu

from mixdesk_control import settings
from mixdesk_control.doctor.finding import ABSENT, BROKEN, OK, Context
from mixdesk_control.doctor.meters import exporters

CHECK = """
from mixdesk_control import settings
from mixdesk_control.doctor import finding, meters

found = meters.gpu(finding.Context(settings.load(env={})))
print(found.verdict, found.found)
"""


def context(*sources: str, token_file: Path | None = None) -> Context:
    return Context(settings.load(env={}, meters={"sources": sources}, exporter={"token_file": token_file}))


def said(env: dict[str, str]) -> str:
    """In a process of its own: a library is loaded once."""
    return subprocess.run([sys.executable, "-c", CHECK], env=env, capture_output=True, text=True).stdout


def test_this_machine() -> None:
    there = Path("/proc/driver/nvidia").exists()
    assert said(dict(os.environ)).startswith("ok" if there else "absent no NVIDIA driver")


def test_a_driver_that_answers_and_one_that_fails(tmp_path: Path) -> None:
    devices = standin_gpu.StandIn(tmp_path / "gpus", standin_gpu.build(tmp_path))
    devices.set("gpus", 2)

    assert said(devices.env).startswith("ok 2 by NVML: ")
    devices.set("fail", 999)
    assert said(devices.env).startswith("broken NVML")


def test_only_this_host_is_read() -> None:
    assert exporters(context("local")).verdict == ABSENT


def test_exporters_elsewhere(desk: Any, free_port: int, eventually: Callable[..., object], tmp_path: Path) -> None:
    there = f"http://127.0.0.1:{free_port}"
    found = exporters(context("local", there))
    assert found.verdict == BROKEN
    assert there in found.found
    assert found.todo and "mixdesk exporter" in found.todo
    assert exporters(context(desk.url)).found == f"{desk.url} answers 404; is it a Mixdesk exporter?"
    assert exporters(context(there, token_file=tmp_path / "none")).verdict == BROKEN
    token = tmp_path / "token"
    token.write_text("the-token")
    command = [sys.executable, "-m", "mixdesk_exporter", "--port", str(free_port), "--token-file", str(token)]
    with subprocess.Popen(command, env=os.environ.copy(), stderr=subprocess.DEVNULL) as exporter:
        try:
            eventually(lambda: exporters(context(there, token_file=token)).verdict == OK)
        finally:
            exporter.terminate()


@pytest.fixture
def free_port(new_desk: Callable[..., Any]) -> int:
    port: int = new_desk().port
    return port
