"""What the room answers, and doctor says, where a log cannot be opened, nothing is known yet, or an engine is away."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mixdesk_control import settings
from mixdesk_control.auth.principal import OPERATOR, Principal
from mixdesk_control.doctor import meters
from mixdesk_control.doctor.finding import WARNING, Context
from mixdesk_control.doctor.logs import logs
from mixdesk_control.logs.discovery.catalog import Catalog
from mixdesk_control.logs.discovery.job_runs import JobRuns, no_outputs
from mixdesk_control.logs.opening import log_service
from mixdesk_control.logs.service import LogService
from mixdesk_control.logs.source import STDOUT, InEngine, Service, Source
from mixdesk_control.web.problems import Problem

ASKING = Principal("anna", frozenset((OPERATOR,)))


def loaded(tmp_path: Path, **table: Any) -> settings.Settings:
    table = {"compose": [], "docker": str(tmp_path / "no.sock"), **table}
    return settings.load(env={}, state_dir=tmp_path / "state", logs=table)


def with_service(made: settings.Settings, act: Callable[[LogService], Awaitable[None]]) -> None:
    async def owners(_jobs: Collection[str]) -> Mapping[str, str | None]:
        return {}

    async def note(_principal: Principal, _key: str, _origin: str) -> None:
        return None

    async def run() -> None:
        service = log_service(made, outputs=no_outputs, runs=JobRuns(), owners=owners, note=note)
        try:
            await act(service)
        finally:
            await service.stop()

    asyncio.run(run())


async def downloaded(service: LogService, source: Source) -> bytes:
    chunks = await service.download(ASKING, source, None, gzipped=False, origin="here")
    return b"".join([chunk async for chunk in chunks])


def test_a_log_that_cannot_be_opened_is_refused_before_the_answer_begins(tmp_path: Path) -> None:
    (tmp_path / "app.log").write_text("one\n")

    async def act(service: LogService) -> None:
        source = await service.readable(ASKING, "mine", "app")
        assert await downloaded(service, source) == b"one\n"
        (tmp_path / "app.log").write_text("")
        assert await downloaded(service, source) == b""
        (tmp_path / "app.log").unlink()
        (tmp_path / "app.log").mkdir()
        with pytest.raises(Problem) as refused:
            await downloaded(service, source)
        assert refused.value.status_code == 409 and "a folder" in str(refused.value.detail)
        away = Source(service="mine", id=STDOUT, kind=STDOUT, origin=InEngine("ab" * 32))
        with pytest.raises(Problem) as failed:
            await downloaded(service, away)
        assert failed.value.status_code == 503 and "no Docker engine" in str(failed.value.detail)

    with_service(loaded(tmp_path, services={"mine": [f"{tmp_path}/app.log"]}), act)


def test_while_nothing_is_known_that_is_the_answer(tmp_path: Path) -> None:
    go = threading.Event()
    made = loaded(tmp_path)

    def others() -> tuple[Service, ...]:
        go.wait(60)
        return ()

    async def refusal(asking: Awaitable[object]) -> tuple[int, str]:
        with pytest.raises(Problem) as refused:
            await asking
        return refused.value.status_code, str(refused.value.detail)

    async def act(service: LogService) -> None:
        service.catalog = Catalog(made.logs, state_dir=made.state_dir, others=others, first_patience_s=0.1)
        for asking in (service.services(ASKING), service.find(ASKING, "mine", "app")):
            status, text = await refusal(asking)
            assert status == 503 and text.startswith("still looking for logs, at ")
        bound = await refusal(service.services(replace(ASKING, owner="bob")))
        assert bound == (503, "still looking for logs; ask again"), "other services are none of bob's business"
        go.set()

    with_service(made, act)


def test_an_empty_list_says_that_the_engine_is_away(tmp_path: Path) -> None:
    async def act(service: LogService) -> None:
        (jobs,) = await service.services(ASKING)
        assert jobs["service"] == "jobs" and "no Docker engine answers" in jobs["notes"][0]

    with_service(loaded(tmp_path), act)


def test_doctor_asks_the_engine_of_the_settings_and_writes_nothing(tmp_path: Path) -> None:
    context = Context(loaded(tmp_path), env={})
    found = logs(context)
    assert found.verdict == WARNING and "no.sock" in found.found
    engine = meters.docker(context)
    assert engine.verdict == WARNING and "no.sock" in engine.found
    named = replace(context, settings=loaded(tmp_path, services={"mine": [f"{tmp_path}/app.log"]}))
    (tmp_path / "app.log").write_text("x")
    assert logs(named).verdict == WARNING and "no.sock" in logs(named).found
    assert not (tmp_path / "state" / "logs").exists()


def test_one_watcher_keeps_the_list_and_the_targets_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    watchers = 0
    watching = Catalog.changes

    def counted(catalog: Catalog) -> Any:
        nonlocal watchers
        watchers += 1
        return watching(catalog)

    monkeypatch.setattr(Catalog, "changes", counted)
    (tmp_path / "app.log").write_text("x")
    path = tmp_path / "targets.json"

    async def act(service: LogService) -> None:
        await service.start()
        async with asyncio.timeout(60):
            while not path.exists() or watchers == 0:
                await asyncio.sleep(0.02)
        assert [one["labels"]["source"] for one in json.loads(path.read_text())] == ["app"]
        assert [one.name for one in service.listed()] == ["mine", "jobs"]
        assert watchers == 1

    with_service(loaded(tmp_path, services={"mine": [f"{tmp_path}/app.log"]}, targets_file=str(path)), act)
