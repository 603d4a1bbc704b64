"""Who tells: at each change, and of jobs that stand still or have no room.

What changes tell is told again at each start, from what is stored: an end that was committed a moment before a crash
is told all the same.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from functools import partial

from sqlalchemy import Connection, select

from mixdesk import wire
from mixdesk_control import settings_notify as names
from mixdesk_control.jobs import queries
from mixdesk_control.jobs.board import Board
from mixdesk_control.jobs.rows import JOBS, Change
from mixdesk_control.jobs.state import State
from mixdesk_control.notify import patience
from mixdesk_control.notify.disk import free_beside, needed
from mixdesk_control.notify.service import NotifyService
from mixdesk_control.notify.stalls import Stalls
from mixdesk_control.store import StoreError
from mixdesk_control.telling import news
from mixdesk_control.telling.own_disk import OwnDisk
from mixdesk_control.threads import in_thread

DISK_S = 60.0
DISK_LIMIT_S = 10.0
ASLEEP_S = 60.0
AGAIN_S = 5.0
CHUNK = 100

log = logging.getLogger(__name__)


class Teller:
    """Tells of the jobs of a board. `boot_id` is this host's: only its disks are looked at."""

    def __init__(self, board: Board, notify: NotifyService, *, boot_id: str | None, stalled_s: float) -> None:
        self._board, self._notify, self._boot_id = board, notify, boot_id
        self._stalls = Stalls(stalled_s)
        self._each_s = min(max(stalled_s / 10, 0.2), 5.0)
        self._own = OwnDisk(board.store, notify, board.clock)
        self._full: dict[str, bool] = {}
        self._failing: dict[str, tuple[int, str]] = {}
        self._disk_at = self._looked_at = -DISK_S
        self._stat: asyncio.Task[int | None] | None = None
        self._tasks: list[asyncio.Task[None]] = []
        if notify.is_on:
            board.on_change.append(self.changed)

    def changed(self, change: Change, _job: object) -> None:
        """One committed change. Whatever goes wrong here is one message less, and nothing to the job."""
        try:
            for event in news.told_of(change, self._board.clock()):
                self._notify.tell(event)
        except Exception:  # the edge of what is not the board's: others are still to hear of the change
            log.exception("a change of job %s is not told", change.after.job_id)
        if change.records:
            self._disk_at = -DISK_S

    async def start(self) -> None:
        """Tells what is stored and was not told, then watches."""
        if self._notify.is_on:
            self._tasks = [asyncio.create_task(self._recall()), asyncio.create_task(self._watch())]

    async def stop(self) -> None:
        """Ends the watch."""
        for task in self._tasks:
            task.cancel()
        if self._stat is not None:  # of a disk that does not answer
            self._stat.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    async def _recall(self) -> None:
        """What earlier desks may not have come to tell."""
        while True:
            try:
                async for state in self._stored():
                    for event in news.standing(state, self._board.clock()):
                        self._notify.tell(event)
            except StoreError as error:
                log.warning("what is to be told of earlier jobs is not known, again in %g s: %s", AGAIN_S, error)
                await asyncio.sleep(AGAIN_S)
            except Exception:  # the edge of a background task: it would fail at the same job again
                log.exception("what is to be told of earlier jobs is not known")
                return
            else:
                return

    async def _stored(self) -> AsyncIterator[State]:
        open_ones = [job.state for job in self._board.jobs() if not job.state.is_final]
        for state in open_ones:
            yield state
        after = self._board.clock() - patience.GIVEN_UP_S
        recent = await self._board.store.read(partial(_ended_after, after=after))
        for first in range(0, len(recent), CHUNK):
            some = recent[first : first + CHUNK]
            states = await self._board.store.read(partial(queries.load_many, job_ids=some))
            for state in states.values():
                yield state

    async def _watch(self) -> None:
        while True:
            try:
                self._look_for_stalls()
                self._look_for_failures()
                await self._look_at_disks()
            except Exception:  # the edge of a background task: what cannot be told now may be soon
                log.exception("jobs are not watched for messages; again in %g s", self._each_s)
            await asyncio.sleep(self._each_s)

    def _look_for_stalls(self) -> None:
        now = self._board.monotonic()
        if now - self._looked_at > ASLEEP_S:  # the desk itself stood still, and heard nobody
            self._stalls.restart()
        self._looked_at = now
        jobs = {job.state.job_id: job for job in self._board.jobs() if not job.state.is_final}
        for job_id, job in jobs.items():
            # Until it was last heard: one that is silent may be anywhere, and is lost before long.
            place = None if job.heard is None else news.position(job.state)
            stood = self._stalls.see(job_id, place, now if job.heard is None else job.heard)
            if stood is not None:
                self._notify.tell(news.stalled(job.state, place, stood, self._board.clock()))
        self._stalls.keep(jobs)

    def _look_for_failures(self) -> None:
        """A save that fails at once may be told of by no change: the job failed to save before, and does still."""
        states = [job.state for job in self._board.jobs() if not job.state.is_final and news.fails_to_save(job.state)]
        failing = {state.job_id: news.failure(state) for state in states}
        now = self._board.clock()
        for state in states:
            if self._failing.get(state.job_id) != failing[state.job_id]:
                self._notify.tell(news.not_saved(state, now))
        self._failing = failing

    async def _look_at_disks(self) -> None:
        now = self._board.monotonic()
        if names.DISK_LOW not in self._notify.events or now - self._disk_at < DISK_S:
            return
        self._disk_at = now
        await self._own.look()
        here = [job.state for job in self._board.jobs() if self._saves_here(job.state)]
        self._full = {state.job_id: self._full[state.job_id] for state in here if state.job_id in self._full}
        for state in here:
            free = await self._free(state.document.checkpoints[-1])
            if free is not None:
                self._judge(state, state.document.checkpoints[-1], free)

    def _saves_here(self, state: State) -> bool:
        if state.is_final or state.lost or not state.document.checkpoints:
            return False
        return self._boot_id is not None and state.boot_id == self._boot_id

    async def _free(self, record: wire.CheckpointRecord) -> int | None:
        """None, too, where a disk does not answer: one question at a time waits for it."""
        if self._stat is not None and not self._stat.done():
            return None
        self._stat = asyncio.create_task(in_thread(partial(free_beside, record.path, record.size), "mixdesk-disk"))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(DISK_LIMIT_S):
                return await asyncio.shield(self._stat)
        return None

    def _judge(self, state: State, record: wire.CheckpointRecord, free: int) -> None:
        """Told once, until there is room again."""
        is_full, was_full = free < needed(record.size), self._full.get(state.job_id)
        self._full[state.job_id] = is_full
        if is_full and not was_full:
            self._notify.tell(news.low(state, record, free, self._board.clock()))
        elif not is_full and was_full is not False:  # the first look, too: an earlier desk may have told it
            self._notify.well(news.low_key(state.job_id))


def _ended_after(conn: Connection, after: float) -> list[str]:
    return list(conn.execute(select(JOBS.job_id).where(JOBS.ended_at > after).order_by(JOBS.ended_at)).scalars())
