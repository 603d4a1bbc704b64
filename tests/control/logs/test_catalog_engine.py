"""Services and sources of real containers on a real engine, through mounts, their processes' roots and copies."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import pytest
from docker_engine import DockerEngine, wait_for
from log_world import FOREVER, PLAYERS, SOURCES, LogWorld, Player

from mixdesk_control.logs.discovery.catalog import Catalog
from mixdesk_control.logs.places import ArchivePlace, HostPlace, RootPlace
from mixdesk_control.logs.source import DOCKER_JSON, InEngine, InFiles, Service, Source
from mixdesk_control.settings_logs import LogsSettings

pytestmark = pytest.mark.process

DEADLINE_S = 60.0


@pytest.fixture(scope="module")
def platform(docker_engine: DockerEngine) -> Iterator[LogWorld]:
    """The eight services."""
    made = LogWorld(docker_engine, "platform")
    made.start()
    yield made
    made.close()


@asynccontextmanager
async def opened(
    world: LogWorld, state: Path, services: object = None, procfs: Path = Path("/proc")
) -> AsyncIterator[Catalog]:
    """A catalog of the containers of this world's project alone."""
    settings = LogsSettings.model_validate({"compose": [world.compose_file(state)], "services": services or {}})
    catalog = Catalog(settings, socket=world.engine.socket, state_dir=state, procfs=procfs)
    try:
        yield catalog
    finally:
        await catalog.close()


async def found(
    world: LogWorld, state: Path, services: object = None, procfs: Path = Path("/proc")
) -> dict[str, Service]:
    """By name, once the engine has said all."""
    async with opened(world, state, services, procfs) as catalog:
        return await until(catalog, _told)


def _told(services: dict[str, Service]) -> bool:
    """Not on a machine that is so busy that nobody waited for the engine."""
    notes = " ".join(note for one in services.values() for note in one.notes)
    return "does not answer" not in notes and "ask again" not in notes


async def until(
    catalog: Catalog, holds: Callable[[dict[str, Service]], object], what: str = "it"
) -> dict[str, Service]:
    """The services, once that holds."""
    deadline = time.monotonic() + DEADLINE_S
    while not holds(services := {one.name: one for one in await catalog.services(0)}):
        assert time.monotonic() < deadline, f"{what} did not come: {services}"
        await asyncio.sleep(0.05)
    return services


def listed(sources: Sequence[Source]) -> list[tuple[str, str]]:
    return [(one.id, one.kind) for one in sources]


def content(source: Source) -> str:
    assert isinstance(source.origin, InFiles), source
    with os.fdopen(source.origin.place.open(source.origin.path), "rb") as file:
        return file.read().decode()


def way(source: Source | None) -> type:
    assert source is not None and isinstance(source.origin, InFiles), source
    return type(source.origin.place)


def test_all_sources_of_the_eight_services_come_out_ranked(platform: LogWorld, tmp_path: Path) -> None:
    services = asyncio.run(found(platform, tmp_path))
    assert {name: listed(one.sources) for name, one in services.items()} == SOURCES
    assert all(source.reason is None for one in services.values() for source in one.sources)
    assert {one.state for one in services.values()} == {"running"}
    assert services["db"].containers == ("platform-db-1",)
    assert all(one.notes == () for one in services.values())


def test_each_is_read_by_the_best_way(platform: LogWorld, tmp_path: Path) -> None:
    services = asyncio.run(found(platform, tmp_path))
    for name, player in PLAYERS.items():
        by_path = {source.path: source for source in services[name].sources}
        for path, line in player.files.items():
            assert content(by_path[path]) == f"{line}\n"
        output = services[name].source("stdout")
        assert output is not None and isinstance(output.origin, InFiles)
        assert output.origin.layout == DOCKER_JSON
        wait_for(lambda: player.says in content(output), f"what {name} says")  # noqa: B023
    assert way(services["nginx"].source("error")) is HostPlace
    assert way(services["api-worker"].source("laravel")) is HostPlace
    assert way(services["voice-engine"].source("error")) is RootPlace
    assert way(services["db"].source("mysql-slow")) is RootPlace


def test_where_processes_are_not_seen_the_engine_copies(platform: LogWorld, tmp_path: Path) -> None:
    services = asyncio.run(found(platform, tmp_path, procfs=tmp_path))
    assert {name: listed(one.sources) for name, one in services.items()} == SOURCES
    error = services["db"].source("error")
    assert error is not None and way(error) is ArchivePlace
    assert content(error) == "[ERROR] disk\n"
    assert way(services["nginx"].source("error")) is HostPlace
    assert any("pid: host" in note for note in services["db"].notes)


def test_where_the_engines_files_are_not_seen_it_hands_the_output_out(platform: LogWorld, tmp_path: Path) -> None:
    async def run() -> None:
        async with opened(platform, tmp_path) as catalog:
            hidden = platform.engine.folder / "data/containers"
            hidden.rename(hidden.with_name("hidden"))
            try:
                services = await until(catalog, _told)
            finally:
                hidden.with_name("hidden").rename(hidden)
            output = services["web"].source("stdout")
            assert output is not None and isinstance(output.origin, InEngine)
            assert len(output.origin.container) == 64 and output.reason is None

    asyncio.run(run())


def test_a_new_file_is_seen_by_the_next_look(log_world: LogWorld, tmp_path: Path) -> None:
    async def run() -> None:
        log_world.play("api", Player("up", {"/app/logs/app.log": "one"}))
        async with opened(log_world, tmp_path) as catalog:
            await until(catalog, lambda services: services["api"].source("app"))
            log_world.engine.docker(
                "exec", f"{log_world.project}-api-1", "/bin/sh", "-c", "echo x > /app/logs/error.log"
            )
            services = await until(catalog, _told)
            assert listed(services["api"].sources)[0] == ("error", "error")

    asyncio.run(run())


# -- odd ones, in one look ---------------------------------------------------------------------------

SHARED = Player("up", {"/logs/shared.log": "x", "/app/logs/own.log": "y"}, volumes=["logs:/logs"])
LINKS = {"/var/log/nginx/access.log": "/dev/stdout", "/var/log/nginx/error.log": "/dev/stderr"}


@pytest.fixture(scope="module")
def odd(docker_engine: DockerEngine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Service]]:
    """What one look finds of a project with all of them."""
    folder = tmp_path_factory.mktemp("host")
    (folder / "secret.log").write_text(HOSTS)
    world = LogWorld(docker_engine, "odd")
    evil = Player("up", {"/app/logs/good.log": "good"}, _escapes(folder), ["evil:/logs"])
    world.start({"nginx": Player("up", links=LINKS), "worker": SHARED, "evil": evil})
    world.play("worker", SHARED, 2)
    world.engine.docker("exec", "odd-evil-1", "/bin/sh", "-c", SPECIAL)
    world.run("odd-worker-run-1", FOREVER, *world.labels("worker", once=True))
    world.run("odd-alone", FOREVER)
    world.run("odd-named", FOREVER)
    world.engine.docker("exec", "odd-named", "/bin/sh", "-c", "echo x > /odd.txt")
    world.run("odd-mute-1", FOREVER, "--log-driver=none", *world.labels("mute"))
    world.run("odd-local-1", FOREVER, "--log-driver=local", "--tty", *world.labels("local"))
    yield asyncio.run(found(world, folder, {"mine": {"container": "odd-named", "files": ["/odd.*"]}}))
    world.close()


HOSTS = "of the host"
SPECIAL = "cd /app/logs; busybox mkfifo fifo.log; busybox mkdir folder.log; busybox mknod null.log c 1 3"


def _escapes(folder: Path) -> dict[str, str]:
    return {
        "/app/logs/absolute.log": f"{folder}/secret.log",
        "/app/logs/relative.log": f"../../../../../../..{folder}/secret.log",
        "/app/logs/shadow.log": "/etc/shadow",
        "/app/logs/root.log": f"/proc/1/root{folder}/secret.log",
        "/app/logs/memory.log": "/proc/kcore",
        "/logs/folder": str(folder),
        "/logs/up": "../../../../../..",
    }


def test_links_to_the_output_are_not_listed_but_told(odd: dict[str, Service]) -> None:
    assert listed(odd["nginx"].sources) == [("stdout", "stdout")]
    assert "/var/log/nginx/access.log" in odd["nginx"].sources[0].why


def test_nothing_of_the_host_is_read_through_a_containers_links(odd: dict[str, Service]) -> None:
    readable = [one for one in odd["evil"].sources if one.reason is None]
    assert {one.id for one in readable} == {"good", "stdout"}
    assert all(HOSTS not in content(one) for one in readable)
    reasons = {one.id: one.reason for one in odd["evil"].sources}
    assert (reasons["fifo"], reasons["null"]) == ("a fifo", "a device")


def test_replicas_are_numbered_and_shared_files_are_listed_once(odd: dict[str, Service]) -> None:
    assert {one.id for one in odd["worker"].sources} == {"shared", "own", "own-2", "stdout", "stdout-2"}
    assert odd["worker"].containers == ("odd-worker-1", "odd-worker-2")


def test_only_the_projects_containers_and_those_of_the_settings(odd: dict[str, Service]) -> None:
    assert set(odd) == {"nginx", "worker", "evil", "mute", "local", "mine"}
    assert odd["mine"].found_in == ("engine", "settings")
    assert {one.id for one in odd["mine"].sources} == {"stdout", "odd.txt"}


def test_output_that_nobody_keeps_is_listed_with_the_reason(odd: dict[str, Service]) -> None:
    (mute,), (local,) = odd["mute"].sources, odd["local"].sources
    assert mute.origin is None and "logging driver" in str(mute.reason)
    assert isinstance(local.origin, InEngine) and local.origin.terminal


# -- what changes ----------------------------------------------------------------------------------


def test_restarted_and_made_anew_it_has_the_same_ids(log_world: LogWorld, tmp_path: Path) -> None:
    async def run() -> None:
        player = Player("up", {"/app/logs/app.log": "one", "/app/logs/error.log": "two"})
        name = f"{log_world.project}-api-1"
        log_world.play("api", player)
        async with opened(log_world, tmp_path) as catalog:
            before = await until(catalog, lambda services: services["api"].source("app"))
            log_world.engine.docker("restart", "--time", "0", name)
            ready = await until(catalog, lambda services: _readable(services["api"], 3))
            assert listed(ready["api"].sources) == listed(before["api"].sources)
            log_world.remove(name)
            log_world.play("api", player)
            again = await until(catalog, lambda services: _readable(services["api"], 3))
            assert listed(again["api"].sources) == listed(before["api"].sources)
            assert content(again["api"].sources[0]) == "two\n"

    asyncio.run(run())


def _readable(service: Service, number: int) -> bool:
    """All of them, by the root of a process that lives."""
    return len([one for one in service.sources if one.reason is None]) == number and not service.notes


def test_one_that_was_stopped_still_has_its_logs(log_world: LogWorld, tmp_path: Path) -> None:
    player = Player("up", {"/app/logs/app.log": "inside", "/logs/error.log": "mounted"}, volumes=["logs:/logs"])
    log_world.play("api", player)
    log_world.engine.docker("stop", "--time", "0", f"{log_world.project}-api-1")
    (api,) = asyncio.run(found(log_world, tmp_path)).values()
    assert api.state == "exited"
    assert listed(api.sources) == [("error", "error"), ("app", "application"), ("stdout", "stdout")]
    assert [content(one) for one in api.sources[:2]] == ["mounted\n", "inside\n"]
    assert "up" in content(api.sources[2])


def test_without_a_compose_file_all_containers_are_services(log_world: LogWorld, tmp_path: Path) -> None:
    log_world.play("shop", Player("up"))
    log_world.run(f"{log_world.project}-Alone", FOREVER)

    async def run() -> None:
        catalog = Catalog(LogsSettings(compose=()), socket=log_world.engine.socket, state_dir=tmp_path)
        try:
            both = {"shop", f"{log_world.project}-alone"}
            await until(catalog, lambda services: both <= services.keys(), str(both))
        finally:
            await catalog.close()

    asyncio.run(run())


def test_changes_are_told_by_the_kernel_and_by_the_engine(log_world: LogWorld, tmp_path: Path) -> None:
    async def run() -> None:
        log_world.play("api", Player("up", {"/app/logs/app.log": "one"}))
        async with opened(log_world, tmp_path) as catalog, aclosing(catalog.changes()) as changes:
            await until(catalog, lambda services: services["api"].source("app"))
            await _told_until(
                catalog, changes, lambda services: services["api"].source("error"), lambda: _write(log_world)
            )
            other = Player("up")
            await _told_until(
                catalog, changes, lambda services: "web" in services, lambda: log_world.play("web", other)
            )

    asyncio.run(run())


def _write(world: LogWorld) -> None:
    world.engine.docker("exec", f"{world.project}-api-1", "/bin/sh", "-c", "echo x > /app/logs/error.log")


async def _told_until(
    catalog: Catalog,
    changes: AsyncIterator[None],
    holds: Callable[[dict[str, Service]], object],
    act: Callable[[], object],
) -> None:
    """Looks only when it is told to."""
    acting = asyncio.create_task(asyncio.to_thread(act))
    async for _ in changes:
        if holds({one.name: one for one in await catalog.services(0)}):
            break
    await acting
