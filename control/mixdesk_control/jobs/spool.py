"""Delivers what trainers on this host left behind while no desk was there."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from pathlib import Path

import mixdesk.spool
from mixdesk import wire
from mixdesk.wire import FINAL_STATUSES
from mixdesk_control.jobs import ingest
from mixdesk_control.jobs.reporting import Reporting
from mixdesk_control.store import StoreError
from mixdesk_control.web.problems import Problem

EVERY_S = 5.0

log = logging.getLogger(__name__)


class SpoolDelivery:
    """Looks into the spool folder of the desk's own user now and then."""

    def __init__(self, reporting: Reporting, folder: Path) -> None:
        self._reporting = reporting
        self._folder = folder
        self._seen: dict[Path, float] = {}

    async def run(self) -> None:
        """Delivers until it is cancelled."""
        while True:
            await self.deliver()
            await asyncio.sleep(EVERY_S)

    async def deliver(self) -> int:
        """Delivers every file that no process holds; returns how many reports the desk took."""
        taken = 0
        for spooled, changed in await asyncio.to_thread(self._fresh):
            self._seen[spooled.path] = changed
            try:
                taken += await self._deliver(spooled)
            except StoreError:
                self._seen.pop(spooled.path, None)  # not its fault: the next round tries again
                raise
        return taken

    def _fresh(self) -> list[tuple[mixdesk.spool.Spooled, float]]:
        """The files that have changed since they were looked at."""
        found = []
        for spooled in mixdesk.spool.pending(self._folder) if self._folder.is_dir() else ():
            changed = _changed_at(spooled.path)
            if changed is not None and self._seen.get(spooled.path) != changed:
                found.append((spooled, changed))
        self._seen = {path: at for path, at in self._seen.items() if path.exists()}
        return found

    async def _deliver(self, spooled: mixdesk.spool.Spooled) -> int:
        report = await asyncio.to_thread(spooled.report)
        if report is None:
            log.warning("the spool file %s holds no report that can be read", spooled.path)
            return 0
        try:
            # Bound to nobody: the job may carry the owner of the token that it was first reported with.
            await self._reporting.put(ingest.decode(spooled.job_id, wire.encode(report)), None)
        except Problem as problem:
            return await self._refused(spooled, problem)
        if report.status in FINAL_STATUSES:
            await asyncio.to_thread(_done, spooled)
        return 1

    async def _refused(self, spooled: mixdesk.spool.Spooled, problem: Problem) -> int:
        if problem.status_code in (429, 503):
            self._seen.pop(spooled.path, None)  # not now: the next round tries again
        elif problem.status_code == 409:
            await asyncio.to_thread(_done, spooled)  # it is about a job that is over, or deleted
        else:
            log.warning("the spool file %s was refused and is left where it is: %s", spooled.path, problem.detail)
        return 0


def _done(spooled: mixdesk.spool.Spooled) -> None:
    with contextlib.suppress(OSError):
        spooled.done()


def _changed_at(path: Path) -> float | None:
    try:
        return path.stat().st_mtime
    except OSError:
        return None
