"""What leaves the desk by its age."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection, delete, func, select

from mixdesk_control.jobs import queries
from mixdesk_control.jobs.board import Board
from mixdesk_control.operations import rows as operation_rows
from mixdesk_control.store import StoreError, tables
from mixdesk_control.store.upsert import upsert

DAY_S = 86_400.0
EVERY_S = 3600.0
EVICT_EVERY_S = 10.0
MOST_ENDED = 2000  # final jobs in memory
KEEP_DELETIONS_S = 7 * DAY_S
KEEP_AUDIT_S = 365 * DAY_S
CHUNK = 200
_FLOOR = "deletions.floor"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ages:
    """keep_s: how long a final job stays in the store; memory_s: how long in memory, with series of its own."""

    keep_s: float
    memory_s: float


class Retention:
    """Lets go of what is old: from memory soon, from the store after `keep_s`."""

    def __init__(self, board: Board, ages: Ages) -> None:
        self._board = board
        self._ages = ages

    async def run(self) -> None:
        """Tidies until it is cancelled."""
        left = 0.0
        while True:
            self.evict()
            if left <= 0:
                await self.prune()
                left = EVERY_S
            await asyncio.sleep(EVICT_EVERY_S)
            left -= EVICT_EVERY_S

    def evict(self) -> None:
        """Final jobs leave memory, the oldest first where they are many; the store has them."""
        before = self._board.clock() - self._ages.memory_s
        ended = sorted(
            (job.state.ended_at or 0.0, job.state.job_id) for job in self._board.jobs() if job.state.is_final
        )
        for place, (ended_at, job_id) in enumerate(ended):
            if ended_at < before or place < len(ended) - MOST_ENDED:
                self._board.unseat(job_id)

    async def prune(self) -> int:
        """Removes jobs, operations, audit lines and deletions that are older than they need to be."""
        now, gone = self._board.clock(), 0
        while True:
            before = now - self._ages.keep_s
            found = await self._board.store.read(partial(queries.expired, before=before, limit=CHUNK))
            removed = [await self._remove(job_id) for job_id in found]
            gone += sum(removed)
            if len(found) < CHUNK or not any(removed):
                break
        await self._board.store.write(lambda conn: prune_rest(conn, now, self._ages.keep_s))
        return gone

    async def _remove(self, job_id: str) -> bool:
        try:
            async with self._board.held(job_id) as slot:
                if slot.job is None or not slot.job.state.is_final:
                    return False
                await self._board.remove(slot, slot.job.state, ())
                return True
        except StoreError as error:
            log.error("a job that is over stays, for it cannot be read: %s", error)
            return False


def prune_rest(conn: Connection, now: float, keep_s: float) -> None:
    """Old lines of the other tables."""
    operation_rows.prune(conn, now - keep_s)
    conn.execute(delete(tables.audit).where(tables.audit.c.at < now - max(KEEP_AUDIT_S, keep_s)))
    conn.execute(delete(tables.phase_times).where(tables.phase_times.c.at < now - max(KEEP_AUDIT_S, keep_s)))
    old = tables.deletions.c.at < now - KEEP_DELETIONS_S
    newest = conn.execute(select(func.max(tables.deletions.c.revision)).where(old)).scalar()
    if newest is not None:
        conn.execute(delete(tables.deletions).where(old))
        upsert(conn, tables.meta, [{"key": _FLOOR, "value": str(newest)}])


def deletions_floor(conn: Connection) -> int:
    """Who has seen less than this revision may have missed a deletion that is no longer known."""
    meta = tables.meta.c
    return int(conn.execute(select(meta.value).where(meta.key == _FLOOR)).scalar() or 0)
