"""Searches that nobody reads keep their seats from nobody."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from mixdesk_control.auth.principal import Principal
from mixdesk_control.logs.discovery.catalog import Catalog
from mixdesk_control.logs.history.asked import Asked
from mixdesk_control.logs.live.hub import Hub
from mixdesk_control.logs.service import LogService
from mixdesk_control.logs.text.redact import Redactor
from mixdesk_control.settings_logs import LogsSettings
from mixdesk_control.web.problems import Problem

OPERATOR = Principal("op", frozenset({"operator", "viewer"}))
DEADLINE_S = 60.0


def service(tmp_path: Path, **more: Any) -> LogService:
    (tmp_path / "app.log").write_text("2026-11-30 10:00:00 INFO a line\n" * 5000)
    settings = LogsSettings.model_validate({"compose": [], "services": {"api": [f"{tmp_path}/app.log"]}})
    catalog = Catalog(settings, socket=tmp_path / "none.sock", state_dir=tmp_path)

    async def owners(job_ids: object) -> dict[str, Any]:
        return {}

    async def note(principal: Principal, source: str, origin: str) -> None:
        return None

    def no_reader(source: object) -> Any:
        raise AssertionError

    redactor = Redactor(())
    return LogService(
        catalog, Hub(no_reader, redactor=redactor), redactor, engine=None, owners=owners, note=note, **more
    )


def test_a_search_that_nobody_takes_ends_says_so_and_gives_its_seat_back(tmp_path: Path) -> None:
    async def run() -> None:
        logs = service(tmp_path, patience_s=0.05)
        asked = Asked(q="line", limit=10_000)
        try:
            first = [await logs.search(OPERATOR, asked, (), ()) for _ in range(3)]
            for one in first:
                await anext(one)
            async with asyncio.timeout(DEADLINE_S):
                while not await has_seat(logs, asked):
                    await asyncio.sleep(0.01)
            last = []
            for one in first:
                chunks = [chunk async for chunk in one]
                last.append(chunks[-1])
            assert any(b'"cut":"it ended, for nobody took its hits for 0.05 s"' in chunk for chunk in last), last
        finally:
            await logs.stop()

    asyncio.run(run())


async def has_seat(logs: LogService, asked: Asked) -> bool:
    try:
        async with aclosing(await logs.search(OPERATOR, asked, (), ())) as hits:
            await anext(hits)
    except Problem as error:
        assert error.status_code == 429
        return False
    return True


def test_what_runs_when_the_desk_stops_ends(tmp_path: Path) -> None:
    async def run() -> None:
        logs = service(tmp_path, patience_s=1e6)
        hits = await logs.search(OPERATOR, Asked(q="line", limit=10_000), (), ())
        await anext(hits)
        await logs.stop()
        async with asyncio.timeout(DEADLINE_S):
            assert b"cut" not in b"".join([chunk async for chunk in hits])

    asyncio.run(run())


def test_one_token_has_three_of_four_seats(tmp_path: Path) -> None:
    async def run() -> None:
        logs = service(tmp_path, patience_s=1e6)
        asked = Asked(q="line", limit=10_000)
        opened = [await logs.search(OPERATOR, asked, (), ()) for _ in range(3)]
        try:
            for one in opened:
                await anext(one)
            with pytest.raises(Problem, match="its most"):
                await logs.search(OPERATOR, asked, (), ())
        finally:
            for one in opened:
                await one.aclose()
            await logs.stop()

    asyncio.run(run())
