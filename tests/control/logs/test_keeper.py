"""The one watcher of a desk: it looks at each change, and the targets file is kept by what it finds."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from mixdesk_control.logs.discovery.catalog import Catalog, StillLooking
from mixdesk_control.logs.keeper import Keeper, Told
from mixdesk_control.logs.source import ERROR, STDOUT, InEngine, Service, Source
from mixdesk_control.logs.targets import Writer
from mixdesk_control.settings_logs import LogsSettings

WEB = Service(name="web", sources=(Source(service="web", id=STDOUT, kind=STDOUT, origin=InEngine("ab" * 32)),))
API = Service(name="api", sources=(Source(service="api", id="error", kind=ERROR, reason="gone"),))


class Moving:
    """A catalog whose services the test sets; not the real one, which has tests of its own."""

    def __init__(self) -> None:
        self.now: list[Service] = []
        self.fails: Exception | None = None
        self.blind = False
        self.told = asyncio.Event()

    async def services(self, max_age_s: float = 1.0) -> Sequence[Service]:
        if self.fails is not None:
            raise self.fails
        return list(self.now)

    async def changes(self) -> AsyncGenerator[None]:
        if self.blind:
            raise OSError("no inotify left")
        while True:
            await self.told.wait()
            self.told.clear()
            yield None


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.01)


@asynccontextmanager
async def keeping(catalog: Moving | Catalog, told: Told) -> AsyncIterator[None]:
    task = asyncio.create_task(Keeper(catalog, told, pause_s=0.0, again_s=0.01).run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def test_each_change_is_told_and_no_failure_ends_it(caplog: pytest.LogCaptureFixture) -> None:
    seen: list[list[str]] = []

    async def told(services: Sequence[Service]) -> None:
        seen.append([one.name for one in services])

    async def play() -> None:
        catalog = Moving()
        async with keeping(catalog, told):
            await until(lambda: seen == [[]])
            catalog.now = [WEB, API]
            catalog.told.set()
            await until(lambda: seen[-1] == ["web", "api"])
            for error in (OSError("no engine"), StillLooking("still looking at x")):
                catalog.fails = error
                catalog.told.set()
                await until(lambda error=error: str(error) in caplog.text)
            catalog.fails, catalog.blind, catalog.now = None, True, [API]
            await until(lambda: seen[-1] == ["api"])

    asyncio.run(play())


def test_the_targets_file_follows_the_real_catalog(tmp_path: Path) -> None:
    folder, path, root = tmp_path / "nginx", tmp_path / "targets.json", tmp_path / "logs"
    folder.mkdir()
    (root / "jobs" / "tts").mkdir(parents=True)
    (folder / "error.log").write_text("broken\n")
    table = {"compose": [], "services": {"nginx": [f"{folder}/*.log"]}}
    writer = Writer(path)

    def listed() -> set[str]:
        return {one["labels"]["__path__"] for one in json.loads(path.read_text())} if path.exists() else set()

    async def play() -> None:
        settings = LogsSettings.model_validate(table)
        catalog = Catalog(settings, socket=tmp_path / "no.sock", state_dir=tmp_path / "state")

        async def told(services: Sequence[Service]) -> None:
            await writer.keep([*services, WEB], lambda: "voice", host="box", path_map={}, log_root=root)

        async with keeping(catalog, told):
            await until(lambda: listed() == {f"{folder}/error.log", f"{root}/jobs/tts/*.log"})
            (folder / "access.log").write_text("GET\n")
            await until(lambda: f"{folder}/access.log" in listed())
            assert [one.service for one in writer.omitted] == ["web"]
        await catalog.close()

    asyncio.run(play())


def test_what_cannot_be_listed_is_a_note(tmp_path: Path) -> None:
    def platform() -> str:
        raise OSError("no compose file")

    writer = Writer(tmp_path / "targets.json")
    asyncio.run(writer.keep([], platform, host="box", path_map={}, log_root=tmp_path))
    assert "no compose file" in writer.notes[0]
