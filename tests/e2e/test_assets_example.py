"""The registry that is shipped, on a real engine and a fake card: what a person does with it from the command line."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from asset_world import FREE_MB, AssetDesk, Card
from containers import created
from docker_engine import DockerEngine
from live_desk import wait_until

pytestmark = pytest.mark.process

REGISTRY = Path(__file__).parents[2] / "examples" / "registry" / "mixdesk.toml"
NEEDS = {"bark": 4096, "rvc": 2048, "hubert": 1024, "rmvpe": 512, "uvr5": 2048}
RAM_MB = {"bark": 20, "rvc": 48, "hubert": 32, "rmvpe": 16, "uvr5": 20}
HEALTH = ("--health-cmd", "[ -e /dev/shm/model ]", "--health-interval", "300ms", "--health-start-period", "1s")
MIB = 1 << 20


def script(mb: int) -> str:
    """A model: so much RAM that no cache is, and an end when it is asked to."""
    read = f"busybox dd if=/dev/zero of=/dev/shm/new bs=1M count={mb} 2>/dev/null"
    return f"trap 'exit 0' TERM; {read}; busybox mv /dev/shm/new /dev/shm/model; while :; do busybox sleep 0.2; done"


@pytest.fixture
def desk(new_asset_desk: Callable[..., AssetDesk], engine: DockerEngine, card: Card) -> AssetDesk:
    """With the five models of the example as containers that do not run."""
    for asset, mb in RAM_MB.items():
        created(engine, f"voice-{asset}", script(mb), "--shm-size", "64m", *HEALTH)
    made = new_asset_desk([REGISTRY.read_text()], env=card.env | {"DOCKER_HOST": engine.env["DOCKER_HOST"]})
    made.start()
    return made


@pytest.mark.timeout(1500)
def test_what_the_registry_is_for(desk: AssetDesk, engine: DockerEngine, card: Card) -> None:
    brings_up_what_it_needs(desk, engine)
    load(desk, engine, card, "rvc", "hubert", "rmvpe")
    figures_agree(desk, engine)
    with somebody_else(card, FREE_MB - 3584 - 3000):
        is_refused_with_advice(desk)
        makes_room(desk, engine)
        load(desk, engine, card, "bark")
    shows_what_it_frees(desk, engine, card)


def brings_up_what_it_needs(desk: AssetDesk, engine: DockerEngine) -> None:
    plan = desk.cli("assets", "start", "rvc", "--dry-run").stdout
    assert plan.index("hubert") < plan.index("rvc  ") and "fits" in plan, plan
    assert running(engine) == set()
    said = desk.cli("assets", "start", "rvc").stdout
    assert said.splitlines()[-1] == "rvc runs", said
    assert running(engine) == {"voice-rvc", "voice-hubert", "voice-rmvpe"}
    for first in ("hubert", "rmvpe"):
        assert said.index(f"{first} runs") < said.index("rvc is being started"), said
    found = {asset["id"]: asset["status"] for asset in desk.cli_json("assets", "list")}
    assert found == {**dict.fromkeys(found, "stopped"), "rvc": "running", "hubert": "running", "rmvpe": "running"}
    assert len(found) == 13
    again = desk.cli("assets", "start", "rvc").stdout
    assert again.splitlines()[-1] == "rvc runs"


def running(engine: DockerEngine) -> set[str]:
    return set(engine.docker("ps", "--format", "{{.Names}}").split())


def load(desk: AssetDesk, engine: DockerEngine, card: Card, *assets: str) -> None:
    """Their first processes take the memory that the registry says they need."""
    for asset in assets:
        card.hold(int(engine.docker("inspect", "-f", "{{.State.Pid}}", f"voice-{asset}")), NEEDS[asset])
        wait_until(lambda asset=asset: desk.vram(asset, "used_mb") == NEEDS[asset], f"the memory of {asset}")


def figures_agree(desk: AssetDesk, engine: DockerEngine) -> None:
    """The API, `/metrics`, the engine and the driver."""
    wait_until(lambda: memory_agrees(desk, engine), "the memory that `docker stats` shows")
    gpu, status = desk.series("mixdesk_asset_gpu_memory_bytes"), desk.series("mixdesk_asset_status")
    attributed = desk.series("mixdesk_gpu_attributed_memory_bytes")
    for asset in ("rvc", "hubert", "rmvpe"):
        shown = desk.asset(asset)
        assert shown["container"] == f"voice-{asset}" and shown["metrics"]["vram_usage_mb"] == NEEDS[asset], shown
        assert of(gpu, asset) == of(attributed, asset) == NEEDS[asset] * MIB
        assert status[f'asset="{asset}",status="running"'] == 1.0
        assert "cpu_percent" in shown["metrics"], shown


def memory_agrees(desk: AssetDesk, engine: DockerEngine) -> bool:
    """Within a few percent; a health check that runs at one of the two moments has memory, too."""
    memory = desk.series("mixdesk_asset_memory_bytes")
    assert set(memory) == {f'asset="{asset}"' for asset in ("rvc", "hubert", "rmvpe")}
    for line in engine.docker("stats", "--no-stream", "--format", "{{.Name}} {{.MemUsage}}").splitlines():
        name, told, *_ = line.split(" ")
        asset = name.removeprefix("voice-")
        ours = memory[f'asset="{asset}"'], desk.asset(asset)["metrics"]["ram_usage_mb"] * MIB
        assert min(ours) > RAM_MB[asset] * MIB, (asset, ours)
        if max(abs(value - in_bytes(told)) for value in ours) > 0.03 * in_bytes(told):
            return False
    return True


def in_bytes(text: str) -> float:
    """`36.5MiB`"""
    unit = next(unit for unit in ("KiB", "MiB", "GiB") if text.endswith(unit))
    return float(text.removesuffix(unit)) * {"KiB": 1 << 10, "MiB": MIB, "GiB": 1 << 30}[unit]


def of(series: Mapping[str, float], asset: str) -> float:
    return sum(value for labels, value in series.items() if f'asset="{asset}"' in labels)


@contextmanager
def somebody_else(card: Card, mb: float) -> Iterator[None]:
    with subprocess.Popen(["sleep", "600"]) as process:
        card.hold(process.pid, mb)
        wait_until(lambda: card.used_mb > mb, "their memory")
        try:
            yield
        finally:
            process.kill()


def is_refused_with_advice(desk: AssetDesk) -> None:
    refused = desk.cli("assets", "start", "bark", check=False)
    assert refused.returncode == 1, refused
    assert "4096 MiB are needed and 3000 MiB are left" in refused.stderr, refused.stderr
    assert "mixdesk assets stop rvc" in refused.stderr and "stop hubert" not in refused.stderr, refused.stderr
    for holder in ("rvc, ", "hubert, ", "rmvpe, ", "processes that are no asset's"):
        assert holder in refused.stderr, refused.stderr
    plan = desk.cli("assets", "start", "bark", "--dry-run", check=False)
    assert plan.returncode == 1 and "mixdesk assets stop rvc" in plan.stdout, plan
    (row,) = (row for row in audit(desk) if row["target"] == "bark")
    assert row["outcome"] == "refused" and "4096 MiB" in row["detail"], row


def audit(desk: AssetDesk) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = desk.get("/admin/audit?limit=1000", role="operator")["items"]
    return found


def makes_room(desk: AssetDesk, engine: DockerEngine) -> None:
    said = desk.cli("assets", "start", "bark", "--evict").stdout
    assert said.splitlines()[-1] == "bark runs", said
    assert said.index("rvc has stopped; 2048 MiB of GPU memory freed") < said.index("bark is being started"), said
    assert running(engine) == {"voice-bark", "voice-hubert", "voice-rmvpe"}
    assert desk.asset("rvc")["desired"] == "stopped"
    (row,) = (row for row in audit(desk) if row["action"] == "asset.evict")
    assert (row["target"], row["outcome"]) == ("rvc", "succeeded"), row


def shows_what_it_frees(desk: AssetDesk, engine: DockerEngine, card: Card) -> None:
    before = card.used_mb
    said = desk.cli("assets", "stop", "bark").stdout
    assert said.splitlines()[-1].startswith("bark is stopped; 4"), said
    assert card.used_mb <= before - 4096
    desk.cli("assets", "start", "rvc")
    load(desk, engine, card, "rvc")
    needed = desk.cli("assets", "stop", "hubert", check=False)
    assert needed.returncode == 1 and "mixdesk assets stop hubert --cascade" in needed.stderr, needed
    stopped = desk.cli_json("assets", "stop", "hubert", "--cascade")
    assert stopped["result"]["freed_mb"] == 3072.0, stopped
    assert running(engine) == {"voice-rmvpe"}
    assert desk.cli("assets", "stop", "rmvpe").stdout.splitlines()[-1].startswith("rmvpe is stopped; ")
