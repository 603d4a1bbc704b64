"""The catalog without an engine: compose files alone, what the settings name, what others know."""

from __future__ import annotations

import asyncio
import json
import os
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from mixdesk_control.logs.discovery.catalog import Catalog, StillLooking, UnknownService, UnknownSource, engine_address
from mixdesk_control.logs.source import JOBS, InFiles, Service, Source
from mixdesk_control.settings_logs import LogsSettings

COMPOSE = """
name: shop
services:
  api:
    image: api
    volumes: ["./logs:/var/log/api", "data:/data"]
  web:
    image: web
volumes: {data: }
"""


@asynccontextmanager
async def opened(tmp_path: Path, settings: Mapping[str, Any], **more: Any) -> AsyncIterator[Catalog]:
    """With no engine behind its socket."""
    (tmp_path / "state").mkdir(exist_ok=True)
    made = LogsSettings.model_validate({"compose": [tmp_path / "compose.yml"], **settings})
    catalog = Catalog(made, socket=tmp_path / "docker.sock", state_dir=tmp_path / "state", **more)
    try:
        yield catalog
    finally:
        await catalog.close()


def with_catalog(tmp_path: Path, act: Callable[[Catalog], Awaitable[Any]], **settings: Any) -> Any:
    async def run() -> Any:
        async with opened(tmp_path, settings) as catalog:
            return await act(catalog)

    return asyncio.run(run())


def services(tmp_path: Path, **settings: Any) -> dict[str, Service]:
    found = with_catalog(tmp_path, lambda catalog: catalog.services(), **settings)
    return {one.name: one for one in found}


def test_compose_alone_with_its_binds(tmp_path: Path) -> None:
    (tmp_path / "compose.yml").write_text(COMPOSE)
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs/error.log").write_text("x")
    found = services(tmp_path)
    assert set(found) == {"api", "web"}
    error, output = found["api"].sources
    assert (error.id, error.path) == ("error", "/var/log/api/error.log")
    assert isinstance(error.origin, InFiles)
    assert error.origin.place.on_host(error.origin.path) == str(tmp_path / "logs/error.log")
    assert output.origin is None and "no Docker engine answers" in str(output.reason)
    assert found["api"].state is None and found["api"].found_in == ("compose",)
    assert any("no Docker engine answers" in note for note in found["api"].notes)


def test_a_compose_file_that_is_broken_later_changes_nothing_but_a_note(tmp_path: Path) -> None:
    async def act(catalog: Catalog) -> None:
        before = [one.name for one in await catalog.services(0)]
        (tmp_path / "compose.yml").write_text("services: [")
        after = await catalog.services(0)
        assert [one.name for one in after] == before == ["api", "web"]
        assert all(any("compose.yml" in note for note in one.notes) for one in after)
        assert catalog.platform == "shop"

    (tmp_path / "compose.yml").write_text(COMPOSE)
    with_catalog(tmp_path, act)


def test_without_either_there_is_what_the_settings_name(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    for name in ("a/app.txt", "a/app.txt.1", "a/error.log"):
        (tmp_path / name).write_text("x")
    mine = {"files": [f"{tmp_path}/a/app.txt"], "directories": [f"{tmp_path}/a"]}
    found = services(tmp_path, services={"mine": mine, "short": [f"{tmp_path}/a/*.log"]})
    assert [one.id for one in found["mine"].sources] == ["error", "app.txt"]
    assert [one.id for one in found["short"].sources] == ["error"]
    assert found["mine"].notes == ()


def test_a_link_to_the_kernels_files_is_refused_though_it_is_named(tmp_path: Path) -> None:
    (tmp_path / "app.log").symlink_to("/proc/self/status")
    (source,) = services(tmp_path, services={"mine": [f"{tmp_path}/app.log", "/proc/self/environ"]})["mine"].sources
    assert source.origin is None and "leads out of" in str(source.reason)


def test_a_link_out_of_the_folder_that_is_named_is_not_followed(tmp_path: Path) -> None:
    """Whoever may write into the folder would choose what the desk reads."""
    (tmp_path / "tokens").write_text("secret")
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "app.log").symlink_to("../tokens")
    (tmp_path / "logs" / "here.log").symlink_to("real.log")
    (tmp_path / "logs" / "real.log").write_text("x")
    found = services(tmp_path, services={"mine": [f"{tmp_path}/logs/*.log"]})["mine"].sources
    assert {one.id for one in found if one.reason is None} <= {"here", "real"}
    assert [one.reason for one in found if one.id == "app"] == [
        "app.log is a link that leads out of its mount; mount what it points to"
    ]


def test_what_a_compose_file_calls_a_path_may_be_none(tmp_path: Path) -> None:
    texts = (r"/a\0b", r"/\ud800x", "/" + "x" * 300)
    mounts = "\n".join(f'      - {{type: bind, source: "{text}", target: "/logs{n}"}}' for n, text in enumerate(texts))
    (tmp_path / "compose.yml").write_text(f"services:\n  api:\n    image: x\n    volumes:\n{mounts}\n")
    assert set(services(tmp_path)) == {"api"}


def test_ids_that_no_desk_has_written_are_not_believed(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text("x")
    folder = tmp_path / "state" / "logs"
    folder.mkdir(parents=True)
    for told in (json.dumps({"mine": {f"{tmp_path}/a.log": "../../x"}}), "[" * 100_000, '{"mine": []}'):
        (folder / "ids.json").write_text(told)
        (source,) = services(tmp_path, services={"mine": [f"{tmp_path}/a.log"]})["mine"].sources
        assert source.id == "a"


def test_what_others_know_comes_last_and_never_in_the_place_of_a_service(tmp_path: Path) -> None:
    (tmp_path / "compose.yml").write_text(COMPOSE)
    others = (Service(name=JOBS), Service(name="api", found_in=("assets",)))

    async def run() -> list[tuple[str, tuple[str, ...]]]:
        async with opened(tmp_path, {}, others=lambda: others) as catalog:
            return [(one.name, one.found_in) for one in await catalog.services()]

    assert asyncio.run(run()) == [("api", ("compose",)), ("web", ("compose",)), (JOBS, ())]


def test_a_source_is_found_by_id_and_by_kind(tmp_path: Path) -> None:
    async def act(catalog: Catalog) -> None:
        assert (await catalog.find("mine", "app"))[1].id == "app"
        assert (await catalog.find("mine", "error"))[1].id == "php-errors"
        with pytest.raises(UnknownService, match="'nine'; there are mine"):
            await catalog.find("nine", "app")
        with pytest.raises(UnknownSource, match="no source 'web'; there are php-errors, app"):
            await catalog.find("mine", "web")
        for hostile in ("../../etc/passwd", "%2e%2e", "/etc/passwd", ""):
            with pytest.raises(KeyError):
                await catalog.find("mine", hostile)

    for name in ("app.log", "php-errors.log"):
        (tmp_path / name).write_text("x")
    with_catalog(tmp_path, act, services={"mine": [f"{tmp_path}/*.log"]})


def test_callers_share_one_look(tmp_path: Path) -> None:
    looks = 0

    def counting() -> tuple[Service, ...]:
        nonlocal looks
        looks += 1
        return (Service(name="x", sources=(Source(service="x", id="a", kind="error"),)),)

    async def run() -> None:
        async with opened(tmp_path, {}, others=counting) as catalog:
            await asyncio.gather(*(catalog.services() for _ in range(50)))
            await catalog.services(1000.0)
            assert looks == 1
            await catalog.services(-1.0)
            assert looks == 2

    asyncio.run(run())


def test_a_look_that_fails_is_told_and_the_next_one_is_another(tmp_path: Path) -> None:
    broken = [True]

    def others() -> tuple[Service, ...]:
        if broken[0]:
            raise OSError("broken")
        return ()

    async def run() -> None:
        async with opened(tmp_path, {}, others=others) as catalog:
            with pytest.raises(OSError, match="broken"):
                await catalog.services()
            broken[0] = False
            assert await catalog.services() == ()

    asyncio.run(run())


def test_a_look_that_hangs_holds_nobody_up_who_could_be_told_of_the_last_one(tmp_path: Path) -> None:
    hangs, go = threading.Event(), threading.Event()

    def others() -> tuple[Service, ...]:
        if hangs.is_set():
            go.wait(60)
        return (Service(name="x"),)

    async def run() -> None:
        async with opened(tmp_path, {}, others=others, patience_s=0.05) as catalog:
            before = await catalog.services()
            hangs.set()
            assert await catalog.services(0) == before
            assert await catalog.services(0) == before
            go.set()
            hangs.clear()
            assert await catalog.services(0) == before

    asyncio.run(run())


def test_ids_are_kept_over_a_start(tmp_path: Path) -> None:
    (tmp_path / "nginx").mkdir()
    (tmp_path / "nginx/error.log").write_text("x")
    settings = {"services": {"mine": {"directories": [str(tmp_path)]}}}
    assert [one.id for one in services(tmp_path, **settings)["mine"].sources] == ["error"]
    (tmp_path / "mysql").mkdir()
    (tmp_path / "mysql/error.log").write_text("x")
    found = {one.path: one.id for one in services(tmp_path, **settings)["mine"].sources}
    assert found == {f"{tmp_path}/nginx/error.log": "error", f"{tmp_path}/mysql/error.log": "mysql-error"}


def test_changes_are_told_without_an_engine(tmp_path: Path) -> None:
    async def act(catalog: Catalog) -> None:
        await catalog.services()
        async with aclosing(catalog.changes()) as changes:
            async for _ in changes:
                (tmp_path / "later.log").write_text("x")  # again is no change, and does no harm
                found = (await catalog.services(0))[0]
                if found.source("later"):
                    break

    (tmp_path / "app.log").write_text("x")
    asyncio.run(asyncio.wait_for(_with(tmp_path, act), 60))


async def _with(tmp_path: Path, act: Callable[[Catalog], Awaitable[None]]) -> None:
    async with opened(tmp_path, {"services": {"mine": {"directories": [str(tmp_path)]}}}) as catalog:
        await act(catalog)


def test_where_the_platforms_name_comes_from(tmp_path: Path) -> None:
    async def name(catalog: Catalog) -> str:
        return catalog.platform

    assert with_catalog(tmp_path, name) == "mixdesk"
    (tmp_path / "compose.yml").write_text(COMPOSE)
    assert with_catalog(tmp_path, name) == "shop"
    assert with_catalog(tmp_path, name, platform="ml") == "ml"


def test_where_the_engine_is(tmp_path: Path) -> None:
    assert str(engine_address(LogsSettings(), {})) == "/var/run/docker.sock"
    assert engine_address(LogsSettings(), {"DOCKER_HOST": "tcp://x:1"}) == "tcp://x:1"
    assert engine_address(LogsSettings(docker="/a.sock"), {"DOCKER_HOST": "tcp://x:1"}) == "/a.sock"


def test_nothing_stays_open(tmp_path: Path) -> None:
    def descriptors() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    services(tmp_path)
    before = descriptors()
    for _ in range(5):
        services(tmp_path, services={"mine": [f"{tmp_path}/*.log"]})
    assert descriptors() <= before


def test_a_look_that_began_before_the_question_does_not_answer_it(tmp_path: Path) -> None:
    began, go = threading.Event(), threading.Event()
    names = ["before"]

    def others() -> tuple[Service, ...]:
        found = (Service(name=names[0]),)
        began.set()
        go.wait(60)
        return found

    async def run() -> None:
        async with opened(tmp_path, {}, others=others) as catalog:
            early = asyncio.create_task(catalog.services(0))
            await asyncio.to_thread(began.wait, 60)
            names[0] = "after"
            late = asyncio.create_task(catalog.services(0))
            await asyncio.sleep(0)  # it has asked
            go.set()
            assert [one.name for one in await late] == ["after"]
            await early

    asyncio.run(run())


def test_a_first_look_that_hangs_says_at_what(tmp_path: Path) -> None:
    go = threading.Event()

    def others() -> tuple[Service, ...]:
        go.wait(60)
        return ()

    async def run() -> None:
        async with opened(tmp_path, {}, others=others, first_patience_s=0.2) as catalog:
            with pytest.raises(StillLooking, match=r"still looking for logs, at .+; ask again"):
                await catalog.services()
            with pytest.raises(StillLooking):
                await catalog.find("api", "error")
            go.set()
            await catalog.close()

    asyncio.run(run())


def test_an_engine_that_is_named_and_silent_is_told_of(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "app.log").write_text("x")
    named = {"docker": str(tmp_path / "docker.sock"), "services": {"mine": [f"{tmp_path}/app.log"]}}

    async def act(catalog: Catalog) -> None:
        (mine,) = await catalog.services(0)
        assert len(mine.notes) == 1 and "no Docker engine answers" in mine.notes[0]
        await catalog.services(0)
        assert catalog.troubles == mine.notes

    with_catalog(tmp_path, act, **named)
    assert caplog.text.count("Logs may be missing") == 1


def test_an_engine_that_nobody_expects_is_not_missed(tmp_path: Path) -> None:
    async def run() -> None:
        async with opened(tmp_path, {}, env={}) as catalog:
            assert await catalog.services() == ()
            assert catalog.troubles == ()

    asyncio.run(run())


def test_a_look_beside_the_desk_writes_no_ids(tmp_path: Path) -> None:
    (tmp_path / "app.log").write_text("x")

    async def run() -> None:
        async with opened(tmp_path, {"services": {"mine": [f"{tmp_path}/app.log"]}}, remembers=False) as catalog:
            assert (await catalog.find("mine", "app"))[1].id == "app"

    asyncio.run(run())
    assert list((tmp_path / "state").iterdir()) == []


def test_a_name_that_may_hold_secrets_is_listed_as_it_will_be_opened(tmp_path: Path) -> None:
    for name in ("secret.log", "secret.log.1", "my-credentials.log", "id_rsa", "secret.txt", "server.key.log"):
        (tmp_path / name).write_text("x")
    exactly = [f"{tmp_path}/{name}" for name in ("secret.log", "id_rsa", "secret.txt")]
    found = services(tmp_path, services={"named": exactly, "globbed": [f"{tmp_path}/*"]})
    named = {one.id: one for one in found["named"].sources}
    assert named["secret"].reason is None
    assert "(id_rsa*)" in str(named["id_rsa"].reason) and "(*secret*)" in str(named["secret.txt"].reason)
    globbed = {one.id: one for one in found["globbed"].sources}
    assert "(*secret*)" in str(globbed["secret"].reason) and globbed["secret"].origin is None
    assert "(*credential*)" in str(globbed["my-credentials"].reason)
    for source in (one for service in found.values() for one in service.sources if one.reason is None):
        assert isinstance(source.origin, InFiles)
        for path in (source.origin.path, *(part.path for part in source.origin.rotated)):
            os.close(source.origin.place.open(path))


def test_nothing_is_said_of_the_size_and_time_of_what_nobody_saw(tmp_path: Path) -> None:
    (tmp_path / "app.log").symlink_to("/proc/self/status")
    (source,) = services(tmp_path, services={"mine": [f"{tmp_path}/app.log"]})["mine"].sources
    assert source.reason is not None and (source.size, source.modified) == (None, None)
    assert source.reason.count("app.log") == 1
