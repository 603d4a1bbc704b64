"""The shipped platform: it is read without a doubt, its logs are where they are to be, and its desk fits it."""

from __future__ import annotations

from pathlib import Path

import compose_program
import pytest
import tomllib

from mixdesk_control import compose, settings
from mixdesk_control.assets import registry
from mixdesk_control.assets.drivers.docker.driver import DockerDriver
from mixdesk_control.assets.inventory import compose as inventory
from mixdesk_control.assets.inventory import draft
from mixdesk_control.compose import Logging, Project

FOLDER = Path(__file__).parents[3] / "examples" / "voice-platform"
FILE = FOLDER / "docker-compose.prod.yml"
SERVICES = ["nginx", "api", "api-worker", "web", "voice-engine", "db", "redis", "minio"]
LOGS = {
    "nginx": {"/var/log/nginx": f"{FOLDER}/logs/nginx"},
    "api": {"/app/storage/logs": "voice-platform_api-logs", "/var/log/php-fpm": "voice-platform_php-fpm-logs"},
    "api-worker": {"/app/storage/logs": "voice-platform_api-worker-logs"},
    "voice-engine": {"/app/logs": f"{FOLDER}/logs/voice-engine"},
    "db": {"/var/log/mysql": "voice-platform_db-logs"},
}


@pytest.fixture(scope="module")
def project() -> Project:
    return compose.read([FILE], {})


def test_it_has_the_services(project: Project) -> None:
    assert (project.name, list(project.services), project.notes) == ("voice-platform", SERVICES, ())
    assert all(project.container_names(name) == (f"voice-platform-{name}-1",) for name in SERVICES)
    assert all(service.has_health and service.image for service in project.services.values())


def test_no_output_grows_without_end(project: Project) -> None:
    kept = Logging("json-file", {"max-size": "10m", "max-file": "3"})
    assert {service.logging for service in project.services.values() if service.logging != kept} == set()


def test_the_logs_are_mounted(project: Project) -> None:
    for name, service in project.services.items():
        found = {
            volume.target: project.volumes[volume.source].name if volume.kind == "volume" else volume.source
            for volume in service.volumes
            if volume.source is not None and "log" in volume.target
        }
        assert found == LOGS.get(name, {})


def test_the_desk_beside_it_fits_it(project: Project) -> None:
    loaded = settings.load(FOLDER / "mixdesk.toml", {})
    assert loaded.logs.compose == (FILE,)
    assets = registry.build(loaded.assets, {"docker": DockerDriver()}).assets
    drafts = tomllib.loads(draft.as_toml(draft.fitted(inventory.read([FILE], {}))))["assets"]
    assert {entry["id"] for entry in drafts} == set(assets) == set(SERVICES)
    for entry in drafts:
        asset = assets[entry["id"]]
        assert (asset.target, set(asset.dependencies)) == (entry["container"], set(entry.get("dependencies", ())))
        assert asset.resource_type == entry["resource_type"] and asset.ready.health


@pytest.mark.process
@pytest.mark.skipif(compose_program.program() is None, reason="needs Docker Compose: scripts/newer-packages")
def test_the_compose_program_reads_it_as_we_do(project: Project) -> None:
    found = compose_program.program()
    assert found is not None
    done = compose_program.config(found, [FILE], {})
    assert (done.returncode, done.stderr) == (0, "")
    assert compose_program.theirs(done.stdout) == compose_program.agreed(project)
