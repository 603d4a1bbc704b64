"""How long it takes to find all logs: of folders of this host, and inside real containers."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from mixdesk_control.logs.discovery.catalog import Catalog
from mixdesk_control.logs.source import Service
from mixdesk_control.settings_logs import LogsSettings

sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "fixtures"))
from docker_engine import DockerEngine
from log_world import LogWorld, Player

from shared.desk import quantile

SERVICES = tuple(f"service-{number}" for number in range(8))
INSIDE = ("/app/storage/logs", "/app/logs", "/var/log", "/logs", "/data/logs")  # where every container is looked into
FILES = ("app.log", "error.log", "access.log", "app.log.1", "app.log.2.gz")
NEEDED = ("/usr/sbin/dockerd", "/usr/bin/docker", "/bin/busybox")


@dataclass(frozen=True)
class Listed:
    """Seconds of a look, and of the usual way to the same list: the medians; how many sources there are."""

    ours: float
    theirs: float
    sources: int


def folders(root: Path) -> dict[str, list[Path]]:
    """Five for each service, with logs in them."""
    made = {name: [root / name / inside.strip("/") for inside in INSIDE] for name in SERVICES}
    for folder in (one for all_of_it in made.values() for one in all_of_it):
        folder.mkdir(parents=True, exist_ok=True)
        for name in FILES:
            (folder / name).write_bytes(b"a line\n")
    return made


async def on_host(root: Path, rounds: int) -> Listed:
    """Folders that the settings name, without an engine; `find` as a process beside it."""
    made = folders(root)
    services = {name: {"directories": [str(one) for one in all_of_it]} for name, all_of_it in made.items()}
    settings = LogsSettings.model_validate({"compose": (), "services": services})
    catalog = Catalog(settings, socket=root / "no.sock", state_dir=root / "state")
    every = [str(one) for all_of_it in made.values() for one in all_of_it]
    return await _listed(catalog, lambda: _run("find", *every, "-name", "*.log*", "-printf", "%p %s %T@\n"), rounds)


async def in_containers(root: Path, rounds: int) -> Listed:
    """Real containers, with their files in their own root; `docker exec find` in each of them beside it."""
    root.mkdir()  # noqa: ASYNC240 - nothing else runs on this loop
    engine = DockerEngine(root)
    try:
        engine.start()
        engine.make_image()
        world = LogWorld(engine)
        files = {f"{inside}/{name}": "a line" for inside in INSIDE for name in FILES}
        world.start(dict.fromkeys(SERVICES, Player("begins", files)))
        catalog = Catalog(LogsSettings(compose=()), socket=engine.socket, state_dir=root / "state")
        names = engine.docker("ps", "--format", "{{.Names}}").split()

        def usual() -> None:
            for name in names:
                engine.docker("exec", name, "/bin/sh", "-c", f"busybox find {' '.join(INSIDE)} -name '*.log*'")

        try:
            return await _listed(catalog, usual, rounds)
        finally:
            world.close()
    finally:
        engine.close()


async def _listed(catalog: Catalog, usual: Callable[[], None], rounds: int) -> Listed:
    ours, theirs = [], []
    try:
        await catalog.services()
        for number in range(rounds):
            began = time.perf_counter()
            services = await catalog.services(0.0)
            ours.append(time.perf_counter() - began)
            if number % 10 == 0:
                began = time.perf_counter()
                usual()
                theirs.append(time.perf_counter() - began)
    finally:
        await catalog.close()
    return Listed(quantile(ours, 0.5), quantile(theirs, 0.5), _count(services))


def _count(services: Sequence[Service]) -> int:
    return sum(len(service.sources) for service in services)


def _run(*command: str) -> None:
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
