"""A job that runs inside an asset: the asset names it, and is not stopped under it."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from asset_world import POLITE, AssetDesk, Card, entry, program
from containers import created
from docker_engine import DockerEngine
from live_desk import TRAINERS, wait_until
from patience import patiently

from mixdesk import wire
from mixdesk.identity import new_job_id, new_key

pytestmark = pytest.mark.process

LABEL = re.compile(r'(\w+)="([^"]*)"')


@pytest.fixture(scope="module")
def desk(new_asset_desk: Callable[..., AssetDesk], docker_engine: DockerEngine, card: Card) -> AssetDesk:
    """`big` needs more than is left beside either of the two where jobs run."""
    trainer = f"{sys.executable} {TRAINERS / 'tiny.py'} --checkpoints $ASSET_WORLD/c --epochs 100000 --step-s 0.02"
    made = new_asset_desk(
        [
            program("studio", f"MIXDESK_STATE_DIR=$ASSET_WORLD exec {trainer}", vram_mb=2000, evictable=True),
            entry("box", container="jobs-box", vram_mb=2000, evictable=True),
            program("big", POLITE, vram_mb=22_000),
        ],
        env=card.env | {"DOCKER_HOST": docker_engine.env["DOCKER_HOST"]},
    )
    made.start()
    return made


def refuses_to_stop(desk: AssetDesk, asset: str, job: str) -> None:
    """Nor is it evicted."""
    refused = desk.ask(asset, "stop")
    assert refused.status_code == 409 and refused.json()["jobs"] == [job], refused.text
    assert job in refused.json()["detail"] and "force" in refused.json()["detail"]
    evicted = desk.ask("big", "start", evict=True)
    assert evicted.status_code == 409, evicted.text
    assert [holder["jobs"] for holder in evicted.json()["holders"] if holder["asset"] == asset] == [[job]]
    assert desk.asset(asset)["status"] == "running"


def attributed(desk: AssetDesk) -> list[tuple[str, str]]:
    """(asset, job) of each GPU memory that is known to be somebody's."""
    told = (dict(LABEL.findall(labels)) for labels in desk.series("mixdesk_gpu_attributed_memory_bytes"))
    return [(labels.get("asset", ""), labels.get("job_id", "")) for labels in told]


def test_a_trainer_that_is_a_process_asset(desk: AssetDesk, card: Card) -> None:
    desk.done("studio", "start")
    job = wait_until(desk.jobs, "the job")[0]["job_id"]
    wait_until(lambda: desk.asset("studio")["usage"]["jobs"] == [job], "the job, named by the asset")
    (pid,) = {pid for pid in desk.living("studio") if pid == desk.jobs()[0]["pid"]}
    card.hold(pid, 1500)
    wait_until(lambda: desk.vram("studio", "used_mb") == 1500.0, "its memory")
    wait_until(lambda: attributed(desk) == [("studio", job)], "its memory in `/metrics`")
    refuses_to_stop(desk, "studio", job)
    stopped = desk.done("studio", "stop", force=True)
    assert stopped["result"]["freed_mb"] == 1500.0
    assert not desk.living("studio")
    wait_until(lambda: desk.asset("studio")["usage"]["jobs"] == [], "nobody in it")


def test_a_trainer_inside_a_container(desk: AssetDesk, docker_engine: DockerEngine, card: Card) -> None:
    """It knows itself by the pid of its own namespace; the host sees it under another."""
    created(docker_engine, "jobs-box", POLITE.replace("sleep", "busybox sleep"))
    try:
        desk.done("box", "start")
        outer = int(docker_engine.docker("inspect", "-f", "{{.State.Pid}}", "jobs-box"))
        job = report(desk, outer)
        wait_until(lambda: desk.asset("box")["usage"]["jobs"] == [job], "the job, named by the asset")
        card.hold(outer, 1500)
        wait_until(lambda: desk.vram("box", "used_mb") == 1500.0, "its memory")
        wait_until(lambda: attributed(desk) == [("box", job)], "its memory in `/metrics`")
        refuses_to_stop(desk, "box", job)
        desk.done("box", "stop", force=True)
    finally:
        docker_engine.docker("rm", "--force", "jobs-box")


def report(desk: AssetDesk, outer: int) -> str:
    """What a trainer there would send; its job."""
    inner = int(Path(f"/proc/{outer}/status").read_text().partition("NSpid:")[2].split("\n")[0].split()[-1])
    start = int(Path(f"/proc/{outer}/stat").read_text().rpartition(")")[2].split()[19])
    assert inner == 1 != outer
    sent = wire.Report(
        job_id=new_job_id(),
        job_key=new_key(),
        job_type="training_rvc",
        seq=1,
        status="running",
        host="inner",
        boot_id=Path("/proc/sys/kernel/random/boot_id").read_text().strip(),
        pid=inner,
        pid_start=start,
    )
    headers: dict[str, Any] = {"Authorization": f"Bearer {desk.token('reporter')}", "Content-Type": "application/json"}
    url, body = f"{desk.url}/jobs/{sent.job_id}/report", wire.encode(sent)
    answer = patiently(lambda: requests.put(url, data=body, headers=headers, timeout=30))
    assert answer.status_code == 200, answer.text
    return sent.job_id
