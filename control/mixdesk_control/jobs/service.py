"""The jobs of a desk: everything that other rooms and the routes call."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from mixdesk import wire
from mixdesk.spool import folder_in
from mixdesk_control.auth.principal import Principal
from mixdesk_control.jobs import intents, queries
from mixdesk_control.jobs.board import Board, as_job
from mixdesk_control.jobs.gpu import GpuUseOf, unknown
from mixdesk_control.jobs.history import history
from mixdesk_control.jobs.leases import Leases, Terms
from mixdesk_control.jobs.otlp import SpanEmitter
from mixdesk_control.jobs.overload import LoadMeter
from mixdesk_control.jobs.recall import Recall
from mixdesk_control.jobs.reporting import Manners, Reporting
from mixdesk_control.jobs.requests import Requests, seen
from mixdesk_control.jobs.retention import DAY_S, Ages, Retention
from mixdesk_control.jobs.spool import SpoolDelivery
from mixdesk_control.jobs.state import Job, State
from mixdesk_control.jobs.stream import JobStream
from mixdesk_control.jobs.tallies import Tallies
from mixdesk_control.operations import OperationService
from mixdesk_control.settings import JobsSettings, MetricsSettings
from mixdesk_control.store import Store
from mixdesk_control.web.asked import Asked
from mixdesk_control.web.idempotency import Reply
from mixdesk_control.web.seats import Seats

# Small and often: a click waits behind a flush. Of a thousand jobs, each is on disk within two seconds.
FLUSH_S = 0.08
MOST_FLUSHED = 40
AGAIN_S = 5.0
MAX_WAIT_S = 60.0
MOST_POLLS = 4096
MOST_AT_ONCE = 500  # job ids in one statement
MOST_WAITING = 16_384  # job ids that are waited for: a poll may name 256, whether there are such jobs or not

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ListQuery:
    """The filters of `GET /jobs`; `before` is (created_at, job_id) of the last row of the page before."""

    statuses: Sequence[str] = ()
    job_types: Sequence[str] = ()
    name: str | None = None
    owner: str | None = None
    since: float | None = None
    limit: int = 100
    before: tuple[float, str] | None = None

    def matches(self, state: State) -> bool:
        """Whether it still is as asked, in what may change of a job."""
        if self.statuses and state.seen_status not in self.statuses:
            return False
        return self.name is None or state.name == self.name


class JobService:
    """Wires the parts of this room together and runs what runs in the background.

    endpoint   the collector that gets the spans; None: trainers emit theirs themselves
    state_dir  whose spool is delivered; None: none is
    gpu_use    what a job uses of GPUs, by who reads the meters
    host_of    what the host of a boot id is called there; None where it is not read
    """

    def __init__(
        self,
        store: Store,
        operations: OperationService,
        *,
        settings: JobsSettings | None = None,
        metrics_settings: MetricsSettings | None = None,
        endpoint: str | None = None,
        state_dir: Path | None = None,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        gpu_use: GpuUseOf = unknown,
        host_of: Callable[[str | None], str | None] = lambda _: None,
    ) -> None:
        self.settings = settings or JobsSettings()
        self.metrics_settings = metrics_settings or MetricsSettings()
        self.operations = operations
        self.host_of = host_of
        self.board = Board(store, operations, clock=clock, monotonic=monotonic, gpu_use=gpu_use)
        self.tallies = Tallies(clock)
        self.load = LoadMeter(live=self._census, backlog=lambda: store.backlog, monotonic=monotonic)
        manners = Manners(self.settings.lease_s, endpoint is not None)
        self.recall = Recall(store, monotonic)
        self.reporting = Reporting(self.board, self.load, self.settings.weights, manners, self.recall)
        self.requests = Requests(self.board)
        self.polls = Seats("long polls", MOST_POLLS)
        self.waited_for = Seats("jobs in long polls", MOST_WAITING)
        self.leases = Leases(self.board, self.load, Terms(self.settings.lease_s, self.settings.lost_fail_s))
        ages = Ages(self.settings.keep_days * DAY_S, self.metrics_settings.retention_s)
        self.retention = Retention(self.board, ages)
        self.emitter = None if endpoint is None else SpanEmitter(self.board, endpoint)
        self.spool = None if state_dir is None else SpoolDelivery(self.reporting, folder_in(state_dir))
        self.reporting.on_new_child = self.leases.adopted
        self.board.on_change += [self.tallies.changed, self.recall.changed]
        if self.emitter is not None:
            self.board.on_change.append(self.emitter.changed)
        self._tasks: list[asyncio.Task[None]] = []

    def _census(self) -> int:
        """How many jobs have not ended; on the way, how many histories they have in memory."""
        live = [job for job in self.board.jobs() if not job.state.is_final]
        self.reporting.series = sum(len(job.points) for job in live)
        return len(live)

    # -- start and stop ------------------------------------------------------------------------------

    async def start(self) -> None:
        """Loads the jobs that matter and starts the background."""
        await self.load_current()
        work = [self._flush_often, self.load.run, self.leases.run, self.retention.run]
        if self.spool is not None:
            work.append(self.spool.run)
        if self.emitter is not None:
            work.append(self.emitter.run)
        self._tasks = [asyncio.create_task(_forever(run)) for run in work]

    async def load_current(self) -> None:
        """Takes the jobs that have not ended, or ended a short while ago, into memory."""
        after = self.board.clock() - self.metrics_settings.retention_s
        for state in await self.board.store.read(lambda conn: queries.load_current(conn, after)):
            job = await self.board.loaded(state)
            self.board.seat(job)
            if not state.is_final:
                await self.recall.load(state.job_type)
                # A crash may have taken telemetry that readers have seen: what is left of it is news to them.
                revision, intent = self.board.next_revision(), intents.with_gap(state.intent, self.board.clock())
                self.board.apply(job, state.changed(revision=revision, intent=intent))
            self.tallies.see_type(state.job_type)
            if self.emitter is not None:
                self.emitter.see(job)
        for job in list(self.board.jobs()):
            if not job.state.is_final:
                await self.leases.adopted(job.state)

    async def stop(self) -> None:
        """Ends the background and writes what is only in memory; the store stays open."""
        self.board.waiters.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        if self.emitter is not None:
            await self.emitter.stop()
        await self.board.flush_all()

    async def _flush_often(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_S)
            with self.load.flushing():
                await self.board.flush(MOST_FLUSHED)

    # -- trainers ------------------------------------------------------------------------------------

    async def report(self, job_id: str, body: bytes, principal: Principal) -> bytes:
        """`PUT /jobs/{id}/report`: the answer as JSON."""
        return await self.reporting.take(job_id, body, principal)

    async def current_report(self, job_id: str, job_key: str, principal: Principal) -> wire.Report:
        """`GET /jobs/{id}/report`: for a process that takes the job over."""
        return await self.reporting.current(job_id, job_key, principal)

    async def wait_desired(self, known: dict[str, int], wait_s: float, principal: Principal) -> dict[str, wire.Desired]:
        """`GET /jobs/desired`: the desired states, once one is newer than in `known`, or after a while."""
        waiters, wait = self.board.waiters, min(max(wait_s, 0.0), MAX_WAIT_S)
        with contextlib.ExitStack() as held:
            held.enter_context(self.polls.one(principal))
            held.enter_context(self.waited_for.one(principal, len(known)))
            changed = held.enter_context(waiters.waiting(known))
            held.enter_context(contextlib.suppress(TimeoutError))
            async with asyncio.timeout(wait):
                await self._hear(known, principal)
                while not self._newer(known, principal) and not waiters.closed:
                    changed.clear()
                    await changed.wait()
        return {job_id: job.state.intent.desired for job_id in known if (job := self._own(job_id, principal))}

    def _own(self, job_id: str, principal: Principal) -> Job | None:
        job = self.board.find(job_id)
        return job if job is not None and principal.owner in (None, job.state.owner) else None

    def _newer(self, known: dict[str, int], principal: Principal) -> bool:
        jobs = ((self._own(job_id, principal), generation) for job_id, generation in known.items())
        return any(job is not None and job.state.intent.desired.generation > generation for job, generation in jobs)

    async def _hear(self, known: dict[str, int], principal: Principal) -> None:
        """A trainer that knows a generation this desk never gave: the next one is beyond it."""
        for job_id, generation in known.items():
            job = self._own(job_id, principal)
            if job is None or intents.heard(job.state.intent, generation) is job.state.intent:
                continue
            # Held: a report that is being written would put the intent back that it was begun with.
            async with self.board.held(job_id) as slot:
                if slot.job is not None:
                    state = slot.job.state
                    slot.job.state = state.changed(intent=intents.heard(state.intent, generation))

    # -- people --------------------------------------------------------------------------------------

    async def ask(self, job_id: str, action: str, asked: Asked, *, then: str = intents.CONTINUE) -> Reply:
        """`POST /admin/jobs/{id}/{action}`: 202 with generation and operation."""
        return await self.requests.ask(job_id, action, asked, then=then)

    async def delete(self, job_id: str, asked: Asked) -> None:
        """`DELETE /jobs/{id}`."""
        await self.requests.delete(job_id, asked)

    async def get(self, job_id: str, principal: Principal) -> Job:
        """One job that the principal may see. Raises Problem 404."""
        return seen(await self.board.get(job_id), job_id, principal)

    async def owners(self, job_ids: Collection[str]) -> dict[str, queries.Owned]:
        """{job: its owner} of those that the desk knows."""
        wanted, found = list(job_ids), dict[str, queries.Owned]()
        for first in range(0, len(wanted), MOST_AT_ONCE):
            some = wanted[first : first + MOST_AT_ONCE]
            found |= await self.board.store.read(partial(queries.owners_of, job_ids=some))
        held = (job.state for job_id in wanted if (job := self.board.find(job_id)))
        return found | {state.job_id: queries.Owned(state.owner, state.document.first_at) for state in held}

    async def page(self, query: ListQuery, principal: Principal) -> Sequence[Job]:
        """Up to `limit` jobs, newest first."""
        wanted = queries.filters(
            statuses=query.statuses,
            job_types=query.job_types,
            name=query.name,
            owner=query.owner if principal.owner is None else principal.owner,
            job_id=principal.job_id,
            since=query.since,
        )
        if principal.owner is not None and query.owner not in (None, principal.owner):
            return []
        found: list[Job] = []
        before = query.before
        while len(found) < query.limit:
            limit = query.limit - len(found)
            rows = await self.board.store.read(partial(queries.page_ids, wanted=wanted, limit=limit, before=before))
            # What is asked for may have changed since the row was read: what is shown decides.
            found += [job for job in await self._jobs_of(rows) if query.matches(job.state)]
            if len(rows) < limit:
                break
            before = rows[-1].created_at, rows[-1].job_id
        return found

    async def _jobs_of(self, rows: Sequence[queries.Listed]) -> list[Job]:
        """Listed jobs, from memory where that is as new as their row: an intent is on disk before it is in memory."""
        known = {row.job_id: self.board.find(row.job_id) for row in rows}
        found = {row.job_id: job for row in rows if (job := known[row.job_id]) and job.state.revision >= row.revision}
        missing = [row.job_id for row in rows if row.job_id not in found]
        if missing:
            states = await self.board.store.read(lambda conn: queries.load_many(conn, missing))
            for job_id, state in states.items():
                job = known[job_id]
                found[job_id] = as_job(state, {} if job is None else job.points)
        return [found[row.job_id] for row in rows if row.job_id in found]

    async def history(self, job_id: str, principal: Principal) -> dict[str, Any]:
        """`GET /jobs/{id}/history`."""
        job = await self.get(job_id, principal)
        return history(job, await self.board.store.read(lambda conn: queries.load_history(conn, job_id)))

    def frames(
        self, principal: Principal, *, job_id: str | None = None, after: int | None = None
    ) -> AsyncIterator[bytes]:
        """`WS /jobs/stream`."""
        return JobStream(self.board, principal, job_id=job_id, after=after).frames()

    def document(self, job: Job) -> bytes:
        """The JSON of a job."""
        return self.board.encoded(job)


async def _forever(run: Callable[[], Awaitable[None]]) -> None:
    """Keeps a background task going: what goes wrong is one log line, and another attempt."""
    while True:
        try:
            await run()
        except Exception:
            log.exception("a background task of the jobs failed; it goes on in %g s", AGAIN_S)
        await asyncio.sleep(AGAIN_S)
