"""Who reads which log: whoever claims the id of a job that the desk does not know does not get its log."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from mixdesk_control.auth.principal import Principal
from mixdesk_control.jobs.queries import Owned
from mixdesk_control.logs import rights
from mixdesk_control.logs.discovery.births import born, first_born
from mixdesk_control.logs.discovery.job_runs import JobRuns
from mixdesk_control.logs.discovery.jobs import JobLogs
from mixdesk_control.logs.source import JOBS, Service, Source

OPERATOR = Principal("op", frozenset({"operator", "viewer"}))
VIEWER = Principal("anybody", frozenset({"viewer"}))
BOB = Principal("bob", frozenset({"viewer"}), owner="bob")
BOUND = Principal("bound", frozenset({"operator", "viewer"}), owner="bob")
EMBED = Principal("embed", frozenset({"viewer"}), job_id="a")


def log_of_a(state: Path) -> Source:
    path = state / "logs" / "jobs" / "t" / "a.log"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("alice\n")
    source = JobLogs(state, JobRuns()).find("a")
    assert source is not None and source.began is not None
    return source


def readers(source: Source, jobs: Mapping[str, Owned]) -> list[str]:
    """Names of those that may read it."""

    async def owners(job_ids: Collection[str]) -> Mapping[str, Owned]:
        return {job_id: job for job_id, job in jobs.items() if job_id in job_ids}

    async def may(principal: Principal) -> bool:
        return bool(await rights.allowed(principal, [source], owners))

    return [one.name for one in (OPERATOR, VIEWER, BOB, BOUND, EMBED) if asyncio.run(may(one))]


def test_a_log_that_is_older_than_its_job_is_not_for_who_may_have_claimed_the_id(tmp_path: Path) -> None:
    source = log_of_a(tmp_path)
    began = source.began or 0.0
    assert readers(source, {}) == ["op"]
    assert readers(source, {"a": Owned("bob", began + rights.EARLY_S + 1)}) == ["op", "anybody"]
    assert readers(replace(source, began=None), {"a": Owned("bob", began)}) == ["op", "anybody"]
    for first_at in (began - 3600, began, began + rights.EARLY_S - 1):
        assert readers(source, {"a": Owned("bob", first_at)}) == ["op", "anybody", "bob", "bound", "embed"]
    assert readers(source, {"a": Owned("alice", began)}) == ["op", "anybody", "embed"]


def test_that_it_was_touched_or_rotated_lately_makes_it_no_younger(tmp_path: Path) -> None:
    before = log_of_a(tmp_path)
    path = Path(before.path or "")
    os.utime(path, (time.time() + 9e5, time.time() + 9e5))
    path.rename(f"{path}.1")
    assert log_of_a(tmp_path).began == before.began


def test_when_a_file_was_made(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("x")
    known = born(str(path))
    if known is None:
        pytest.skip("this file system does not tell")
    assert abs(known - path.stat().st_mtime) < 5
    assert born(str(tmp_path / "none")) is None and first_born(str(path), str(tmp_path / "none")) is None
    (tmp_path / "link").symlink_to(path)
    assert (born(str(tmp_path / "link")) or 0.0) >= known


def test_notes_are_for_who_reads_all() -> None:
    async def owners(job_ids: Collection[str]) -> Mapping[str, Owned]:
        return {}

    jobs = Service(name=JOBS, notes=("100 more jobs have no log",))
    for principal, notes in ((OPERATOR, jobs.notes), (BOUND, ()), (VIEWER, ())):
        assert asyncio.run(rights.narrowed(principal, jobs, owners)).notes == notes
