"""A trainer that holds a GPU: its job says so while it runs, is paused and is idle, and no longer. In a pid namespace
of its own, too, as in a container."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import standin_gpu
from live_desk import TRAINERS, Desk, free_port, wait_until
from websockets.sync.client import connect

GIB = 1 << 30


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return standin_gpu.build(tmp_path_factory.mktemp("nvml"))


@pytest.fixture
def gpus(library: Path, tmp_path: Path) -> standin_gpu.StandIn:
    made = standin_gpu.StandIn(tmp_path / "gpus", library)
    made.set("gpus", 2)
    return made


@pytest.fixture
def desk(tmp_path: Path, gpus: standin_gpu.StandIn) -> Iterator[Desk]:
    found = Desk(tmp_path / "state", free_port())
    found.env |= {name: gpus.env[name] for name in ("LD_LIBRARY_PATH", "MIXDESK_FAKE_NVML")}
    found.start()
    yield found
    found.close()


def looked_at(desk: Desk) -> Any:
    """Somebody looks at the meters, as a page does: then they are read once a second."""
    address = desk.url.replace("http", "ws", 1) + "/admin/metrics/stream"
    headers = {"Authorization": f"Bearer {desk.token('viewer')}"}
    return connect(address, additional_headers=headers, proxy=None, open_timeout=60)


def details(desk: Desk) -> dict[str, Any]:
    found: dict[str, Any] = desk.jobs()[0]["details"]
    return found


def attributed(desk: Desk, of: str = "", by: str = "job_id") -> dict[str, float]:
    """{job id: bytes} of what `/metrics` says; of one job by another label."""
    lines = requests.get(f"{desk.url}/metrics", timeout=30).text.splitlines()
    rows = [line for line in lines if line.startswith("mixdesk_gpu_attributed_memory_bytes{") and of in line]
    return {row.partition(f'{by}="')[2].partition('"')[0]: float(row.rpartition(" ")[2]) for row in rows}


def test_while_it_runs_while_it_is_paused_and_no_longer(desk: Desk, gpus: standin_gpu.StandIn, tmp_path: Path) -> None:
    trainer = desk.trainer("--checkpoints", tmp_path / "checkpoints", "--epochs", 10_000, "--step-s", 0.02)
    job = wait_until(desk.jobs, "the job")[0]["job_id"]
    assert details(desk).keys().isdisjoint({"gpu_utilization", "vram_usage_mb", "gpus"})
    gpus.set("util", 1, 64)
    gpus.add("process", 1, trainer.pid, 6 * GIB)
    gpus.add("process", 0, 1, GIB)  # of somebody else
    with looked_at(desk):
        found = wait_until(lambda: "vram_usage_mb" in details(desk) and details(desk), "the GPU of the job")
        assert (found["gpu_utilization"], found["vram_usage_mb"]) == (64.0, 6144.0)
        desk.post(f"/admin/jobs/{job}/pause", {})
        wait_until(lambda: desk.jobs()[0]["status"] == "paused", "the pause")
        gpus.set("util", 1, 0)
        found = wait_until(lambda: details(desk).get("gpu_utilization") == 0 and details(desk), "an idle GPU")
        assert found["vram_usage_mb"] == 6144.0
        wait_until(
            lambda: attributed(desk) == {job: 6 * GIB, "": GIB}, "the attribution of a GPU that is held and idle"
        )
        gpus.clear("process")
        wait_until(lambda: "vram_usage_mb" not in details(desk), "a GPU that is let go of")
        assert details(desk).keys().isdisjoint({"gpu_utilization", "gpus"})
    trainer.kill()


def test_it_says_on_which_gpu_it_holds_how_much(desk: Desk, gpus: standin_gpu.StandIn, tmp_path: Path) -> None:
    trainer = desk.trainer("--checkpoints", tmp_path / "checkpoints", "--epochs", 10_000, "--step-s", 0.02)
    job = wait_until(desk.jobs, "the job")[0]["job_id"]
    gpus.add("process", 0, trainer.pid, GIB)
    gpus.add("process", 1, trainer.pid, 6 * GIB)
    gpus.add("process", 1, 1, GIB)  # of somebody else
    with looked_at(desk):
        found = wait_until(lambda: len(details(desk).get("gpus", [])) == 2 and details(desk), "both GPUs of the job")
        assert [(card["gpu"], card["used_mb"]) for card in found["gpus"]] == [(0, 1024.0), (1, 6144.0)]
        assert found["vram_usage_mb"] == 7168.0
        own = {card["uuid"]: card["used_mb"] * (1 << 20) for card in found["gpus"]}
        wait_until(lambda: attributed(desk, job, "UUID") == own, "the same of each GPU in a scrape")
    trainer.kill()


def test_a_driver_that_hangs_leaves_no_figure_behind(desk: Desk, gpus: standin_gpu.StandIn, tmp_path: Path) -> None:
    trainer = desk.trainer("--checkpoints", tmp_path / "checkpoints", "--epochs", 10_000, "--step-s", 0.02)
    gpus.add("process", 0, trainer.pid, GIB)
    wait_until(desk.jobs, "the job")
    with looked_at(desk) as stream:
        wait_until(lambda: "vram_usage_mb" in details(desk), "the GPU of the job")
        gpus.set("hang", 1)
        wait_until(lambda: "vram_usage_mb" not in details(desk), "no figure of a driver that hangs")
        before = json.loads(stream.recv(timeout=30))["timestamp"]
        wait_until(lambda: json.loads(stream.recv(timeout=30))["timestamp"] > before, "the host's figures go on")
        gpus.clear("hang")
        wait_until(lambda: "vram_usage_mb" in details(desk), "the figure again")
    trainer.kill()


def test_a_trainer_in_a_pid_namespace_of_its_own(desk: Desk, gpus: standin_gpu.StandIn, tmp_path: Path) -> None:
    """It calls itself by another pid than the driver does; both are the same process all the same."""
    inner = [sys.executable, TRAINERS / "tiny.py", "--checkpoints", tmp_path / "c", "--epochs", 10_000]
    script = "hostname inner && exec " + shlex.join(map(str, inner))
    command = ["unshare", "--uts", "--pid", "--fork", "--mount-proc", "--kill-child", "sh", "-c", script]
    with subprocess.Popen(command, env=desk.env, stdout=subprocess.DEVNULL) as outer:
        try:
            job = wait_until(desk.jobs, "the job")[0]
            assert job["pid"] < 10, "the first few of its namespace"
            assert job["host"] == "inner"
            gpus.add("process", 0, child_of(outer.pid), 2 * GIB)
            with looked_at(desk):
                wait_until(lambda: details(desk).get("vram_usage_mb") == 2048.0, "the GPU of the job")
            body = requests.get(f"{desk.url}/metrics", timeout=30).text
            info = re.search(r"^mixdesk_job_info{.*}", body, re.MULTILINE)
            assert info and f'host="{os.uname().nodename}"' in info[0], "as the exporter calls it"
        finally:
            outer.kill()


def child_of(pid: int) -> int:
    children = Path(f"/proc/{pid}/task/{pid}/children")
    return int(wait_until(lambda: children.read_text().split(), "the trainer")[0])


def test_a_scraper_alone_keeps_the_figures_true(desk: Desk, gpus: standin_gpu.StandIn, tmp_path: Path) -> None:
    """Nobody looks at the meters' pages."""
    trainer = desk.trainer("--checkpoints", tmp_path / "c", "--epochs", 10_000, "--step-s", 0.02)
    job = wait_until(desk.jobs, "the job")[0]["job_id"]
    attributed(desk)
    gpus.add("process", 0, trainer.pid, GIB)
    sooner = 8.0  # than a desk that nobody looks at would read
    wait_until(lambda: attributed(desk) == {job: GIB}, "the process in a scrape", sooner)
    gpus.clear("process")
    wait_until(lambda: attributed(desk) == {}, "a scrape without it", sooner)
    trainer.kill()


def test_a_job_that_ended_holds_nothing(desk: Desk, gpus: standin_gpu.StandIn, tmp_path: Path) -> None:
    """Its process may live on and hold its memory: that is nobody's then."""
    trainer = desk.trainer("--checkpoints", tmp_path / "c", "--epochs", 10_000, "--step-s", 0.02)
    job = wait_until(desk.jobs, "the job")[0]["job_id"]
    gpus.add("process", 0, trainer.pid, GIB)
    with looked_at(desk):
        wait_until(lambda: attributed(desk) == {job: GIB}, "the attribution")
        desk.post(f"/admin/jobs/{job}/cancel", {})
        wait_until(lambda: desk.jobs()[0]["status"] == "canceled", "its end")
        wait_until(lambda: attributed(desk) == {"": GIB}, "memory of nobody")
    assert trainer.wait(60) == 0
