"""The jobs in memory, and the one way in which they change: computed, written, then shown.

Memory is a cache of the store. An intent (a transition, a checkpoint, a request) is on disk before it is applied
here and before it is answered; telemetry is applied at once and flushed a few times a second.
"""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import itertools
import logging
import math
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence

from sqlalchemy import Connection

from mixdesk_control.jobs import document, queries, rows
from mixdesk_control.jobs.gpu import GpuUseOf, unknown
from mixdesk_control.jobs.longpoll import Waiters
from mixdesk_control.jobs.points import Points
from mixdesk_control.jobs.queries import Deleted
from mixdesk_control.jobs.rows import Change
from mixdesk_control.jobs.state import Job, Slot, State
from mixdesk_control.operations import Operation, OperationService
from mixdesk_control.store import Store, StoreError
from mixdesk_control.store.revisions import Revisions
from mixdesk_control.web.feed import Feed
from mixdesk_control.web.problems import Problem

POINTS_EVERY_S = 10.0
MOST_POINTED = 3  # jobs whose history is written in one flush
AT_A_STOP = 50  # the same when a desk stops

Also = Callable[[Connection], None]
log = logging.getLogger(__name__)


class Board:
    """Jobs by id. Used on the event loop alone; who changes a job holds its slot."""

    def __init__(
        self,
        store: Store,
        operations: OperationService,
        *,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        gpu_use: GpuUseOf = unknown,
    ) -> None:
        self.store = store
        self.operations = operations
        self.clock = clock
        self.monotonic = monotonic
        self._gpu_use = gpu_use
        self.revisions = Revisions(store, "jobs")
        self.feed: Feed[Job | Deleted] = Feed()
        self.waiters = Waiters()
        self.on_change: list[Callable[[Change, Job], None]] = []
        self._slots: dict[str, Slot] = {}
        self._dirty: dict[str, None] = {}  # in the order in which they were first changed
        self._flushing = asyncio.Lock()

    # -- looking up ----------------------------------------------------------------------------------

    def jobs(self) -> Iterator[Job]:
        """All in memory: the ones that have not ended, and those that ended a short while ago."""
        return (slot.job for slot in self._slots.values() if slot.job is not None)

    def find(self, job_id: str) -> Job | None:
        """One that is in memory."""
        slot = self._slots.get(job_id)
        return None if slot is None else slot.job

    async def get(self, job_id: str) -> Job | None:
        """One job, from memory or from the store; not to be changed."""
        return self.find(job_id) or await self._load(job_id)

    def encoded(self, job: Job) -> bytes:
        """A job's JSON, with what it uses of GPUs now."""
        return document.encoded(job, None if job.state.is_final else self._gpu_use(job.state.job_id))

    @contextlib.asynccontextmanager
    async def held(self, job_id: str) -> AsyncIterator[Slot]:
        """The slot of a job, locked: its `job` is None where no job has that id."""
        slot = self._slots.setdefault(job_id, Slot())
        slot.users += 1
        try:
            async with slot.lock:
                if slot.job is None:
                    slot.job = await self._load(job_id)
                yield slot
        finally:
            slot.users -= 1
            if slot.job is None and not slot.users:
                self._slots.pop(job_id, None)

    async def _load(self, job_id: str) -> Job | None:
        def work(conn: Connection) -> Job | None:
            state = queries.load(conn, job_id)
            return None if state is None else _whole_job(conn, state)

        return await self.store.read(work)

    async def loaded(self, state: State) -> Job:
        """A job with all that the store has of it beside its state."""
        return await self.store.read(lambda conn: _whole_job(conn, state))

    async def recall_points(self, job: Job) -> None:
        """Has the history of a job that is over whole in memory again: it is about to go on, or to end anew."""
        job.points = await self.store.read(lambda conn: queries.load_points(conn, job.state.job_id)) or job.points

    def seat(self, job: Job) -> None:
        """Puts a job that was loaded into memory."""
        self._slots[job.state.job_id] = Slot(job=job)

    def unseat(self, job_id: str) -> bool:
        """Lets go of a job that nobody changes just now; it stays in the store."""
        slot = self._slots.get(job_id)
        if slot is None or slot.users or job_id in self._dirty:
            return False
        del self._slots[job_id]
        return True

    # -- changing ------------------------------------------------------------------------------------

    def next_revision(self) -> int:
        """The revision of the next state."""
        return self.revisions.next()

    def apply(self, job: Job, state: State) -> None:
        """Telemetry: shown at once, flushed soon."""
        job.state = state
        self._dirty[state.job_id] = None
        self.feed.publish(state.job_id, state.revision, job)

    async def commit(
        self,
        changes: Sequence[tuple[Slot, Change]],
        operations: Iterable[Operation] = (),
        also: Iterable[Also] = (),
    ) -> None:
        """Intents: on disk, then shown. Raises Problem 503 where the store refuses; nothing has changed then.

        A caller that is cancelled meanwhile still leaves memory and store alike.
        """
        made, extra, now = list(operations), list(also), self.clock()

        def work(conn: Connection) -> None:
            for _, change in changes:
                rows.write(conn, change, now)
            self.operations.save(conn, made)
            for step in extra:
                step(conn)

        try:
            await self._whole(work, lambda: self._show(changes, made))
        except rows.Overtaken as error:
            for slot, _ in changes:
                slot.job = None  # what is stored is newer than memory: read it again
            raise Problem(503, f"job {error} has changed meanwhile: ask again", headers={"Retry-After": "1"}) from error

    async def _whole(self, work: Callable[[Connection], None], then: Callable[[], None]) -> None:
        writing = asyncio.ensure_future(self.store.write(work))
        cancelled: asyncio.CancelledError | None = None
        while not writing.done():
            try:
                await asyncio.wait([writing])
            except asyncio.CancelledError as error:
                cancelled = error
        try:
            writing.result()
        except StoreError as error:
            raise Problem(503, f"nothing was changed: {error}", headers={"Retry-After": "2"}) from error
        then()
        if cancelled is not None:
            raise cancelled

    def _show(self, changes: Sequence[tuple[Slot, Change]], operations: Sequence[Operation]) -> None:
        for slot, change in changes:
            job = slot.job
            if job is None:
                job = slot.job = as_job(change.after, {})
            job.state = change.after
            shorten(job)
            self._dirty.pop(change.after.job_id, None)
            for listener in self.on_change:
                listener(change, job)
            before = change.before
            if before is None or before.intent.desired != change.after.intent.desired:
                self.waiters.wake(change.after.job_id)
            moved = before is None or before.status != change.after.status or before.lost != change.after.lost
            self.feed.publish(change.after.job_id, change.after.revision, job, urgent=moved)
        self.operations.announce(operations)

    async def remove(self, slot: Slot, state: State, also: Iterable[Also]) -> None:
        """A final job leaves memory and store."""
        gone, extra, now = Deleted(self.next_revision(), state.job_id, state.owner), list(also), self.clock()

        def work(conn: Connection) -> None:
            rows.remove(conn, gone.job_id, gone.owner, gone.revision, now)
            for step in extra:
                step(conn)

        def show() -> None:
            slot.job = None
            self._dirty.pop(gone.job_id, None)
            self.feed.publish(gone.job_id, gone.revision, gone, urgent=True)
            self.waiters.wake(gone.job_id)

        await self._whole(work, show)

    # -- flushing ------------------------------------------------------------------------------------

    @property
    def unflushed(self) -> int:
        """How many jobs have telemetry that is not on disk."""
        return len(self._dirty)

    async def flush(self, most: int | None = None, pointed: int | None = None) -> None:
        """Writes the telemetry that is only in memory, of `most` jobs at most, the longest unwritten first.

        With it go the histories of `pointed` of them at most, MOST_POINTED where it is not given.

        Nothing is forgotten where that fails (StoreError).
        """
        async with self._flushing:
            await self.revisions.ensure()
            await self.operations.tend()
            if not self._dirty:
                return
            dirty = list(itertools.islice(self._dirty, most))
            for job_id in dirty:
                del self._dirty[job_id]
            jobs = [job for job_id in dirty if (job := self.find(job_id)) is not None]
            await self._write_telemetry(jobs, self._points_due(jobs, MOST_POINTED if pointed is None else pointed))

    async def _write_telemetry(self, jobs: Sequence[Job], due: Sequence[Job]) -> None:
        telemetry = [rows.flush_row(job.state) for job in jobs]
        points = {job.state.job_id: points_of(job) for job in due}

        def work(conn: Connection) -> None:
            rows.flush(conn, telemetry)
            rows.write_points(conn, points)

        written = False
        try:
            await self.store.write(work)
            written = True
        finally:  # a reader that is cancelled meanwhile, too: a flush twice does no harm
            if not written:
                self._dirty.update((job.state.job_id, None) for job in jobs)

    async def flush_if_possible(self) -> None:
        """The same before a read: a disk that takes nothing must not keep people from seeing what is known."""
        with contextlib.suppress(StoreError):
            await self.flush()

    async def flush_all(self) -> None:
        """What is in memory alone at a stop, history and all, as far as the disk takes it."""
        for job in self.jobs():
            if job.points and not job.state.is_final:
                job.pointed_at = -math.inf
                self._dirty[job.state.job_id] = None
        with contextlib.suppress(StoreError):
            while self._dirty:
                await self.flush(AT_A_STOP, AT_A_STOP)

    def _points_due(self, jobs: Iterable[Job], most: int) -> list[Job]:
        """Whose history is written now: few at a time, for the history of a thousand jobs is 50 MB."""
        now = self.monotonic()
        due = [job for job in jobs if now - job.pointed_at >= POINTS_EVERY_S]
        due = heapq.nsmallest(most, due, key=lambda job: job.pointed_at)
        for job in due:
            job.pointed_at = now
        return due


def points_of(job: Job) -> dict[str, Points]:
    """The history of a job's numbers as it stands now."""
    return {name: points.copied() for name, points in job.points.items()}


def shorten(job: Job) -> None:
    """Of a job that is over, memory keeps what its JSON shows; the rest was written with its end."""
    if job.state.is_final:
        job.points = {name: points.shortened() for name, points in job.points.items()}


def _whole_job(conn: Connection, state: State) -> Job:
    job = as_job(state, queries.load_points(conn, state.job_id))
    shorten(job)
    job.pace.remember(queries.load_pauses(conn, state.job_id))
    return job


def as_job(state: State, points: dict[str, Points]) -> Job:
    """A job in memory from what is stored of it."""
    job = Job(state, points=points)
    job.clock.offset = state.clock_offset
    job.paths = {record.path: record.saved_at for record in state.document.checkpoints}
    return job
