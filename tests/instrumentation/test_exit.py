"""What an end costs where nobody answers: one wait in all, whoever hangs, and however many jobs end."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from http_desk import HttpDesk

import mixdesk

WAIT_S = 3.0

# A job whose desk answers until it hangs, with a collector that hangs as well: the spans are the trainer's to emit.
BOTH_HANG = f"""
import sys, time, mixdesk
sys.modules["mixdesk.job"].EXIT_WAIT_S = sys.modules["mixdesk.spans"].EXIT_WAIT_S = {WAIT_S}
job = mixdesk.job("training_rvc").start()
with job.phase("preprocessing"):
    deadline = time.monotonic() + 30
    while not job._channel.known and time.monotonic() < deadline:
        time.sleep(0.01)
print("settled", job._spans.by_desk, flush=True)
sys.stdin.readline()
began = time.monotonic()
job.close()
print("seconds", time.monotonic() - began, flush=True)
"""


def test_many_jobs_beside_a_desk_that_hangs_wait_for_it_once(
    http_desk: HttpDesk, monkeypatch: pytest.MonkeyPatch, spool_folder: Path
) -> None:
    monkeypatch.setattr(sys.modules["mixdesk.job"], "EXIT_WAIT_S", 2.0)
    http_desk.fault = "hang"
    began = time.monotonic()
    for _ in range(8):
        with mixdesk.job("tts_generate"):
            pass
    assert time.monotonic() - began < 10, "2 s, and a moment for each of the others"
    assert len(list(spool_folder.glob("*.jsonl"))) == 8

    http_desk.stop()
    http_desk.fault = None
    http_desk.start()
    with mixdesk.job("tts_generate") as job:
        deadline = time.monotonic() + 30
        while not job._channel.known and time.monotonic() < deadline:
            time.sleep(0.01)
    assert http_desk.reports[job.id].status == "succeeded", "one that has answered is waited for again"


def test_a_desk_and_a_collector_that_hang_cost_one_wait(http_desk: HttpDesk, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as collector:
        env = {
            "PATH": "/usr/bin:/bin",
            "MIXDESK_STATE_DIR": str(http_desk.state),
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{collector.getsockname()[1]}",
        }
        command = [sys.executable, "-c", BOTH_HANG]
        with subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as trainer:
            assert trainer.stdout is not None and trainer.stdin is not None
            assert trainer.stdout.readline() == "settled False\n"
            http_desk.fault = "hang"
            trainer.stdin.write("\n")
            trainer.stdin.close()
            seconds = float(trainer.stdout.readline().split()[1])
    assert trainer.returncode == 0
    assert WAIT_S - 0.5 < seconds < WAIT_S + 1.5, "both at once: one after the other they take two seconds more"
