"""The jobs of a desk: everything that other rooms and the routes call."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mixdesk import wire
from mixdesk.spool import folder_in
from mixdesk_control.auth.principal import Principal
from mixdesk_control.jobs import document, intents, queries
from mixdesk_control.jobs.board import Board, as_job
from mixdesk_control.jobs.history import history
from mixdesk_control.jobs.leases import Leases, Terms
from mixdesk_control.jobs.otlp import SpanEmitter
from mixdesk_control.jobs.overload import LoadMeter
from mixdesk_control.jobs.reporting import Manners, Reporting
from mixdesk_control.jobs.requests import Asked, Requests, seen
from mixdesk_control.jobs.retention import DAY_S, Ages, Retention
from mixdesk_control.jobs.spool import SpoolDelivery
from mixdesk_control.jobs.state import Job
from mixdesk_control.jobs.stream import JobStream
from mixdesk_control.jobs.tallies import Tallies
from mixdesk_control.operations import OperationService
from mixdesk_control.settings import JobsSettings, MetricsSettings
from mixdesk_control.store import Store
from mixdesk_control.web.idempotency import Reply

FLUSH_S = 0.25
AGAIN_S = 5.0
MAX_WAIT_S = 60.0

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


class JobService:
    """Wires the parts of this room together and runs what runs in the background.

    endpoint   the collector that gets the spans; None: trainers emit theirs themselves
    state_dir  whose spool is delivered; None: none is
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
    ) -> None:
        self.settings = settings or JobsSettings()
        self.metrics_settings = metrics_settings or MetricsSettings()
        self.operations = operations
        self.board = Board(store, operations, clock=clock, monotonic=monotonic)
        self.tallies = Tallies(clock)
        self.load = LoadMeter(live=self._live, backlog=lambda: store.backlog, monotonic=monotonic)
        manners = Manners(self.settings.lease_s, endpoint is not None)
        self.reporting = Reporting(self.board, self.load, self.settings.weights, manners)
        self.requests = Requests(self.board)
        self.leases = Leases(self.board, self.load, Terms(self.settings.lease_s, self.settings.lost_fail_s))
        ages = Ages(self.settings.keep_days * DAY_S, self.metrics_settings.retention_s)
        self.retention = Retention(self.board, ages)
        self.emitter = None if endpoint is None else SpanEmitter(self.board, endpoint)
        self.spool = None if state_dir is None else SpoolDelivery(self.reporting, folder_in(state_dir))
        self.reporting.on_new_child = self.leases.adopted
        self.board.on_change.append(self.tallies.changed)
        if self.emitter is not None:
            self.board.on_change.append(self.emitter.changed)
        self._tasks: list[asyncio.Task[None]] = []

    def _live(self) -> int:
        return sum(not job.state.is_final for job in self.board.jobs())

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
            points = await self.board.store.read(lambda conn, state=state: queries.load_points(conn, state.job_id))  # type: ignore[misc]
            job = as_job(state, points)
            self.board.seat(job)
            if not state.is_final:
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
        await self.board.flush_if_possible()

    async def _flush_often(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_S)
            with self.load.flushing():
                await self.board.flush()

    # -- trainers ------------------------------------------------------------------------------------

    async def report(self, job_id: str, body: bytes, principal: Principal) -> bytes:
        """`PUT /jobs/{id}/report`: the answer as JSON."""
        return await self.reporting.take(job_id, body, principal)

    async def current_report(self, job_id: str, job_key: str, principal: Principal) -> wire.Report:
        """`GET /jobs/{id}/report`: for a process that takes the job over."""
        return await self.reporting.current(job_id, job_key, principal)

    async def wait_desired(self, known: dict[str, int], wait_s: float, principal: Principal) -> dict[str, wire.Desired]:
        """`GET /jobs/desired`: the desired states, once one is newer than in `known`, or after a while."""
        for job_id, generation in known.items():
            self._hear(job_id, generation, principal)
        waiters, wait = self.board.waiters, min(max(wait_s, 0.0), MAX_WAIT_S)
        with waiters.waiting(known) as changed, contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait):
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

    def _hear(self, job_id: str, generation: int, principal: Principal) -> None:
        """A trainer that knows a generation this desk never gave: the next one is beyond it."""
        job = self._own(job_id, principal)
        if job is not None:
            intent = intents.heard(job.state.intent, generation)
            if intent is not job.state.intent:
                job.state = job.state.changed(intent=intent)

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

    async def page(self, query: ListQuery, principal: Principal) -> Sequence[Job]:
        """Up to `limit` jobs, newest first."""
        await self.board.flush_if_possible()
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
        states = await self.board.store.read(lambda conn: queries.load_page(conn, wanted, query.limit, query.before))
        return [self.board.find(state.job_id) or as_job(state, {}) for state in states]

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
        return document.encoded(job)


async def _forever(run: Callable[[], Awaitable[None]]) -> None:
    """Keeps a background task going: what goes wrong is one log line, and another attempt."""
    while True:
        try:
            await run()
        except Exception:
            log.exception("a background task of the jobs failed; it goes on in %g s", AGAIN_S)
        await asyncio.sleep(AGAIN_S)
