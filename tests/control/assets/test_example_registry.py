"""The shipped example: it loads, it is a registry, and it fits the compose file beside it."""

from __future__ import annotations

from pathlib import Path

import pytest
import tomllib

from mixdesk_control import settings
from mixdesk_control.assets import graph, registry
from mixdesk_control.assets.asset import Asset
from mixdesk_control.assets.drivers.docker.driver import DockerDriver
from mixdesk_control.assets.inventory import compose, draft
from mixdesk_control.settings_assets import AssetSettings

FOLDER = Path(__file__).parents[3] / "examples" / "registry"
HEAVY = {"bark": 4096.0, "rvc": 2048.0, "hubert": 1024.0, "rmvpe": 512.0, "uvr5": 2048.0}
SERVICES = {"nginx", "api", "api-worker", "web", "voice-engine", "db", "redis", "minio"}


@pytest.fixture(scope="module")
def assets() -> dict[str, Asset]:
    return dict(registry.build(settings.load(FOLDER / "mixdesk.toml", {}).assets, {"docker": DockerDriver()}).assets)


def test_the_heavy_assets_and_the_services_are_in_it(assets: dict[str, Asset]) -> None:
    assert {name: asset.vram_mb for name, asset in assets.items() if asset.vram_mb is not None} == HEAVY
    assert set(assets) - set(HEAVY) == SERVICES
    assert {assets[name].resource_type for name in HEAVY} == {"gpu"}
    assert {assets[name].type for name in SERVICES} == {"service"}


def test_what_comes_first(assets: dict[str, Asset]) -> None:
    assert graph.closure(assets, "rvc") == ("hubert", "rmvpe", "rvc")
    assert graph.closure(assets, "nginx") == ("db", "redis", "minio", "api", "web", "nginx")
    assert graph.dependents(assets, "hubert") == ("rvc",)
    assert set(graph.dependents(assets, "redis")) == {"nginx", "web", "api", "api-worker", "voice-engine"}


def test_it_is_what_the_compose_file_says() -> None:
    """Without the figures, which no compose file has, `assets init` finds the same."""
    found = draft.as_toml(draft.fitted(compose.read([FOLDER / "docker-compose.yml"], {})))
    drafts = [AssetSettings.model_validate(table) for table in tomllib.loads(found)["assets"]]
    shipped = {entry.id: entry for entry in settings.load(FOLDER / "mixdesk.toml", {}).assets}
    assert {entry.id for entry in drafts} == set(shipped)
    for entry in drafts:
        same = shipped[entry.id]
        assert (entry.container, set(entry.dependencies), entry.type) == (
            same.container, set(same.dependencies), same.type,
        )  # fmt: skip
        assert (entry.resource_type, entry.gpus) == (same.resource_type, same.gpus)
        assert (entry.ready.health, entry.ready.port) == (same.ready.health, same.ready.port)


def test_the_figures_are_guessed_where_the_name_is_known() -> None:
    found = draft.as_toml(draft.fitted(compose.read([FOLDER / "docker-compose.yml"], {})))
    guessed = tomllib.loads(found.replace("# vram_mb", "vram_mb"))["assets"]
    assert {table["id"]: float(table["vram_mb"]) for table in guessed if "vram_mb" in table} == HEAVY
