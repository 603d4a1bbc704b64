"""A first registry from the containers of a real engine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from docker_engine import DockerEngine

from mixdesk_control import settings
from mixdesk_control.assets import registry
from mixdesk_control.assets.drivers.docker.driver import DockerDriver
from mixdesk_control.assets.inventory import containers, draft

pytestmark = pytest.mark.process


def labels(service: str, needs: str = "") -> tuple[str, ...]:
    """As compose gives them."""
    told = {"project": "studio", "service": service, "depends_on": needs}
    return tuple(f"--label=com.docker.compose.{key}={value}" for key, value in told.items())


def test_what_the_engine_tells_is_a_registry(
    docker_engine: DockerEngine, create: Callable[..., str], driver: DockerDriver, tmp_path: Path
) -> None:
    create("studio-rvc-1", "sleep 1", *labels("rvc", "hubert:service_healthy:false,gone:service_started:false"))
    create("studio-hubert-1", "sleep 1", *labels("hubert"), "--health-cmd", "true")
    create("by-hand", "sleep 1")
    found = {item.container: item for item in containers.read(docker_engine.socket)}
    drafts = draft.fitted([found[name] for name in ("studio-rvc-1", "studio-hubert-1", "by-hand")])
    (tmp_path / "mixdesk.toml").write_text(draft.as_toml(drafts))
    assets = registry.build(settings.load(tmp_path / "mixdesk.toml", {}).assets, {"docker": driver}).assets
    assert [(asset.id, asset.target, asset.type) for asset in assets.values()] == [
        ("rvc", "studio-rvc-1", "model"), ("hubert", "studio-hubert-1", "component"), ("by-hand", "by-hand", "service"),
    ]  # fmt: skip
    assert (assets["rvc"].dependencies, assets["hubert"].ready.health) == (("hubert",), True)
