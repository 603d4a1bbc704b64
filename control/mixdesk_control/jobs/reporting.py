"""Reports in: the hot path of the desk."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass

import msgspec

from mixdesk import wire
from mixdesk.version import __version__
from mixdesk_control.auth.principal import Principal
from mixdesk_control.jobs import ending, eta, forecast, ingest, lifecycle, merging, queries, work
from mixdesk_control.jobs.board import Board
from mixdesk_control.jobs.clock import ClockWatch, moment
from mixdesk_control.jobs.intents import Settled
from mixdesk_control.jobs.merging import Seen, Weights
from mixdesk_control.jobs.names import ETA, PROGRESS
from mixdesk_control.jobs.overload import LoadMeter
from mixdesk_control.jobs.points import Points
from mixdesk_control.jobs.recall import Recall
from mixdesk_control.jobs.rows import Change
from mixdesk_control.jobs.settling import audit_of, settle
from mixdesk_control.jobs.state import KNOWN_PATHS, Job, Slot, State, is_key
from mixdesk_control.web.problems import Problem
from mixdesk_control.web.seats import Pace

# Numbers of one job that have a history. A name for every step (`loss_17`) would else grow without end.
MOST_HISTORIES = ingest.MAX_METRICS + 2

# What keeps one client from filling the memory: far beyond a thousand trainers with ten numbers each. A history takes
# 7 KB at its longest.
NEW_A_MINUTE, NEW_AT_ONCE = 600, 2000
MOST_LIVE, MOST_SERIES = 10_000, 30_000
RETRY_AFTER_S = 30
LATE_S = 5.0

GOING_ON = frozenset({wire.STARTING, wire.RUNNING, wire.FINALIZING})

_answers = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class Manners:
    """What a trainer is told beside its desired state."""

    lease_s: float
    spans: bool


class Reporting:
    """Takes reports, from trainers and from spools."""

    def __init__(self, board: Board, load: LoadMeter, weights: Weights, manners: Manners, recall: Recall) -> None:
        self._board = board
        self._recall = recall
        self._load = load
        self._weights = weights
        self._manners = manners
        self._new_jobs = Pace("jobs", NEW_A_MINUTE, NEW_AT_ONCE, board.monotonic)
        self._started = board.clock()
        self.series = 0  # histories in memory, counted once a second
        self.on_new_child: Callable[[State], Awaitable[None]] | None = None

    async def take(self, job_id: str, body: bytes, principal: Principal) -> bytes:
        """One report of a trainer -> the answer as JSON. Raises Problem 400, 403, 409, 422, 429 or 503."""
        self._load.refuse_if_overloaded()
        return await self.put(ingest.decode(job_id, body), principal.owner, principal)

    async def put(self, report: wire.Report, owner: str | None, maker: Principal | None = None) -> bytes:
        """One validated report; `owner` is who the reporter is bound to, `maker` whose pace a new job counts against.

        Raises as `take` does.
        """
        async with self._board.held(report.job_id) as slot:
            known = slot.job
            if known is None:
                with self._room(report, maker):
                    state = await self._begin(slot, report, owner)
            else:
                state = await self._go_on(slot, known, report, owner)
        if known is None and state.parent_id is not None and self.on_new_child is not None:
            await self.on_new_child(state)
        return self._answer(state)

    @contextlib.contextmanager
    def _room(self, report: wire.Report, maker: Principal | None) -> Iterator[None]:
        """Around a new job. Raises Problem 429 where a token makes them without end, or the desk is full of them.

        One that was begun before this desk counts against no pace: a lost database brings all of them at once.
        """
        if maker is None:
            yield
            return
        self._check_room()
        created, sent = moment(report.created_at), moment(report.sent_at)
        now = self._board.clock()
        age = 0.0 if created is None else (now if sent is None else sent) - created  # whatever its clock says
        if age > now - self._started:
            yield
            return
        with self._new_jobs.tried(maker):
            yield

    def _check_room(self) -> None:
        if self._load.live >= MOST_LIVE:
            reason = f"this desk holds {self._load.live} jobs that have not ended, and {MOST_LIVE} is its most"
            raise Problem(429, reason, headers={"Retry-After": str(RETRY_AFTER_S)})

    def _answer(self, state: State) -> bytes:
        answer = wire.ReportAnswer(
            version=__version__,
            acked_seq=state.seq,
            desired=state.intent.desired,
            report_in_s=self._load.report_in_s,
            lease_s=self._load.lease(self._manners.lease_s),
            spans=state.document.spans,
        )
        return _answers.encode(answer)

    async def current(self, job_id: str, job_key: str, principal: Principal) -> wire.Report:
        """The newest report of a job, for a process that takes it over. Raises Problem 403 or 404."""
        job = await self._board.get(job_id)
        if job is None:
            raise Problem(404, f"there is no job {job_id}")
        _check_rights(job.state, job_key, principal.owner)
        return job.state.whole_report

    # -- a job the desk does not know ----------------------------------------------------------------

    async def _begin(self, slot: Slot, report: wire.Report, owner: str | None) -> State:
        ended = lifecycle.is_final(report.status)
        if (ended or report.delivered) and await self._was_deleted(report.job_id):
            raise Problem(409, f"job {report.job_id} was deleted at this desk: what is left of it is not taken")
        merging.weighted(report, self._weights)
        now, offset = self._board.clock(), await self._first_offset(report)
        await self._recall.load(report.job_type)
        seen = Seen(now, offset, self._board.next_revision())
        state = merging.first(report, owner or report.owner, seen, spans=self._manners.spans)
        change = merging.noted(None, state, {}, now)
        if ended:
            ending.complete(change, None, now)
        await self._board.commit([(slot, change)])
        assert slot.job is not None
        self._began(slot.job, report, seen)
        return slot.job.state

    def _began(self, job: Job, report: wire.Report, seen: Seen) -> None:
        sent_at = moment(report.sent_at)
        if report.delivered:
            # The spool says when it was alive; its lease has run out since.
            age = 0.0 if sent_at is None else max(seen.now - sent_at - seen.offset, 0.0)
            job.heard = self._board.monotonic() - age
        else:
            job.heard = self._board.monotonic()
            job.clock.see(sent_at, seen.now)
        _remember_paths(job)
        job.pace.unsure = ending.may_have_paused(report)
        self._notice_pause(job, job.state, seen.now)
        self._measure(job, job.state)

    async def _first_offset(self, report: wire.Report) -> float:
        if not report.delivered:
            return ClockWatch().see(moment(report.sent_at), self._board.clock())
        return await self._offset_of_boot(report.boot_id)

    async def _offset_of_boot(self, boot_id: str | None) -> float:
        if boot_id is None:
            return 0.0
        return await self._board.store.read(lambda conn: queries.offset_of_boot(conn, boot_id))

    async def _was_deleted(self, job_id: str) -> bool:
        return await self._board.store.read(lambda conn: queries.was_deleted(conn, job_id))

    # -- a job the desk knows ------------------------------------------------------------------------

    async def _go_on(self, slot: Slot, job: Job, report: wire.Report, owner: str | None) -> State:
        state = job.state
        _check_rights(state, report.job_key, owner)
        if report.seq <= state.seq:
            return state
        reason = lifecycle.refusal(state.status, report.status, desk_final=state.desk_final)
        if reason is not None:
            raise Problem(409, reason, status_stored=state.status, desired=state.intent.desired)
        if state.desk_final:
            await self._board.recall_points(job)
        merging.weighted(report, self._weights)
        now = self._board.clock()
        offset = state.clock_offset if report.delivered else job.clock.see(moment(report.sent_at), now)
        after, settled = merging.merged(state, report, Seen(now, offset, self._board.next_revision()))
        change = merging.noted(state, after, job.paths, now, _reason(state, after, report))
        self._notice_pause(job, after, now)
        self._measure(job, after)
        if merging.must_be_durable(change, settled):
            await self._commit(slot, job, change, settled, now)
        else:
            self._board.apply(job, after)
        if not report.delivered:
            job.heard = self._board.monotonic()
        return job.state

    async def _commit(self, slot: Slot, job: Job, change: Change, settled: tuple[Settled, ...], now: float) -> None:
        before = change.before
        if change.after.is_final and (before is None or before.desk_final or not before.is_final):
            ending.complete(change, job, now)
        operations = settle(self._board, change.after, settled)
        await self._board.commit([(slot, change)], operations, [audit_of(operations)])
        _remember_paths(job)

    # -- what is seen of a running job ---------------------------------------------------------------

    def _measure(self, job: Job, state: State) -> None:
        """Speed, ETA and history points, from a report that counts."""
        report, now = state.report, self._board.clock()
        if report.delivered:
            return
        if state.status in GOING_ON:
            job.eta = self._forecast(job, state)
        else:
            job.pace.rest()
            job.eta = eta.UNKNOWN
        self._point(job, state, now)

    def _notice_pause(self, job: Job, after: State, now: float) -> None:
        """A report tells at once of a pause and of its end; where none came for long, when it was is not known."""
        if after.report.delivered:
            return
        heard = job.state.last_report_at
        late = heard is None or now - heard > max(LATE_S, 2 * self._load.report_in_s)
        if after.status == wire.PAUSED:
            job.pace.pause(now, late=late)
        else:
            job.pace.wake(now, late=late)

    def _forecast(self, job: Job, state: State) -> eta.Eta:
        phases, completions = state.report.phases, state.completions()
        place, index = work.place_of(phases)
        completion = 0.0 if index is None else completions[place]
        job.pace.see(self._board.monotonic(), place, completion, state.report.attempt_steps)
        return forecast.forecast(phases, completions, job.pace, self._recall.outlook(job, state))

    def _point(self, job: Job, state: State, now: float) -> None:
        step = float(state.report.run_step or 0)
        for name, value in state.report.metrics.items():
            if name in job.points or (len(job.points) < MOST_HISTORIES and self.series < MOST_SERIES):
                _points(job, name).add(now, step, float(value))
        _points(job, PROGRESS).add(now, step, state.document.percent)
        if job.eta.seconds is not None:
            _points(job, ETA).add(now, step, job.eta.seconds)
        elif ETA in job.points and state.status == wire.RUNNING:
            job.points[ETA].add(now, step, math.nan)


def _points(job: Job, name: str) -> Points:
    points = job.points.get(name)
    if points is None:
        points = job.points[name] = Points()
    return points


def _check_rights(state: State, job_key: str, owner: str | None) -> None:
    if not is_key(job_key, state.key_hash):
        raise Problem(403, f"this is not the key of job {state.job_id}")
    if owner is not None and state.owner != owner:
        raise Problem(403, f"job {state.job_id} is not one of owner {owner}")


def _reason(before: State, after: State, report: wire.Report) -> str | None:
    if before.lost or (before.desk_final and not after.desk_final):
        return "its last reports were delivered" if report.delivered else "it reported again"
    return after.error if after.status == wire.FAILED else None


def _remember_paths(job: Job) -> None:
    for record in job.state.document.checkpoints:
        job.paths[record.path] = record.saved_at
    for record in job.state.report.checkpoints:
        job.paths[record.path] = record.saved_at
    while len(job.paths) > KNOWN_PATHS:
        del job.paths[next(iter(job.paths))]
