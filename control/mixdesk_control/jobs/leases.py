"""Jobs that have fallen silent: lost when the lease has run out, over when nobody came back.

Time is counted from the later of the last report and the desk's own start plus one lease, on the monotonic clock. A
desk that was stopped or overloaded itself counts as started anew: it was not the trainers who were silent.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace

from mixdesk import wire
from mixdesk_control.jobs import ending, intents, lifecycle, observing
from mixdesk_control.jobs.board import Board
from mixdesk_control.jobs.clock import shown
from mixdesk_control.jobs.eta import UNKNOWN
from mixdesk_control.jobs.overload import LoadMeter
from mixdesk_control.jobs.rows import Change, Transition
from mixdesk_control.jobs.settling import audit_of, settle
from mixdesk_control.jobs.state import Job, Slot, State
from mixdesk_control.web.problems import Problem

LOST_CONTACT = "lost contact"
SWEEP_S = 0.5
ASLEEP_S = 3.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Terms:
    """The lease, and how long a lost job may stay silent, in seconds."""

    lease_s: float
    lost_fail_s: float


def silence(now: float, heard: float | None, started: float, terms: Terms) -> float:
    """Seconds of silence that count. Monotonic times; `started` is the desk's own start."""
    floor = started + terms.lease_s
    return now - (floor if heard is None else max(heard, floor))


def is_lost(silent: float, terms: Terms) -> bool:
    """Whether the lease has run out."""
    return silent > terms.lease_s


class Leases:
    """Watches all jobs that have a lease."""

    def __init__(self, board: Board, load: LoadMeter, terms: Terms) -> None:
        self._board = board
        self._load = load
        self._terms = terms
        self._started = board.monotonic()
        self._swept = self._started
        self._children: dict[str, str] = {}

    async def adopted(self, child: State) -> None:
        """A new job goes on from another one of its owner, which ends at once where it is lost."""
        parent = None if child.parent_id is None else self._board.find(child.parent_id)
        if parent is None or parent.state.is_final or parent.state.owner != child.owner:
            return
        self._children = {key: job_id for key, job_id in self._children.items() if self._is_open(key)}
        self._children[parent.state.job_id] = child.job_id
        if parent.state.lost:
            await self._judge(parent.state.job_id)

    def _is_open(self, job_id: str) -> bool:
        job = self._board.find(job_id)
        return job is not None and not job.state.is_final

    async def run(self) -> None:
        """Sweeps until it is cancelled."""
        while True:
            await asyncio.sleep(min(SWEEP_S, self._terms.lease_s / 5))
            await self.sweep()

    async def sweep(self) -> None:
        """Judges every job once."""
        now = self._board.monotonic()
        if now - self._swept > max(ASLEEP_S, self._terms.lease_s / 2) or self._load.lag_s > ASLEEP_S:
            self._started = now
        if self._load.shed_at is not None:
            self._started, self._load.shed_at = max(self._started, self._load.shed_at), None
        self._swept = now
        due = [job for job in self._board.jobs() if lifecycle.has_lease(job.state.status) and self._verdict(job)]
        # Together: one fsync serves many, and one that cannot be written keeps none of the others waiting.
        done = await asyncio.gather(*(self._judge(job.state.job_id) for job in due), return_exceptions=True)
        failed = [error for error in done if isinstance(error, BaseException)]
        for error in failed:
            if not isinstance(error, Problem):
                raise error
        if failed:
            log.warning(
                "%d of %d jobs that fell silent could not be noted, next time: %s", len(failed), len(due), failed[0]
            )

    @property
    def _now(self) -> Terms:
        """The terms with the lease that trainers are told now."""
        return replace(self._terms, lease_s=self._load.lease(self._terms.lease_s))

    def _verdict(self, job: Job) -> str | None:
        """`lost`, a final status' reason, or None where nothing changes."""
        silent = silence(self._board.monotonic(), job.heard, self._started, self._now)
        if not job.state.lost:
            return lifecycle.LOST if is_lost(silent, self._now) else None
        child = self._children.get(job.state.job_id)
        if child is not None:
            return f"continued as {child}"
        return LOST_CONTACT if silent > self._terms.lost_fail_s else None

    async def _judge(self, job_id: str) -> None:
        async with self._board.held(job_id) as slot:
            job = slot.job
            # A report may have come while the slot was waited for.
            if job is None or not lifecycle.has_lease(job.state.status):
                return
            verdict = self._verdict(job)
            if verdict == lifecycle.LOST:
                await self._lose(slot, job)
            elif verdict is not None:
                await self._end(slot, job, verdict)

    async def _lose(self, slot: Slot, job: Job) -> None:
        after = job.state.changed(lost=True, revision=self._board.next_revision())
        job.pace.rest()
        job.eta = UNKNOWN
        reason = f"no report for {self._now.lease_s:g} s"
        moved = Transition(self._board.clock(), job.state.seen_status, lifecycle.LOST, reason)
        await self._board.commit([(slot, Change(job.state, after, [moved]))])

    async def _end(self, slot: Slot, job: Job, reason: str) -> None:
        now = self._board.clock()
        change, settled = ended(job.state, reason, now, self._board.next_revision())
        ending.complete(change, job, now)
        job.eta = UNKNOWN
        operations = settle(self._board, change.after, settled)
        await self._board.commit([(slot, change)], operations, [audit_of(operations)])
        self._children.pop(job.state.job_id, None)


def ended(state: State, reason: str, now: float, revision: int) -> tuple[Change, tuple[intents.Settled, ...]]:
    """A lost job that the desk itself ends: failed, or canceled where a cancel is pending. Pure."""
    status = wire.CANCELED if state.cancel_pending and reason == LOST_CONTACT else wire.FAILED
    report = replace(state.report, phases=[_closed(state, phase, status, now) for phase in state.report.phases])
    document = replace(state.document, report=report, error=reason if status == wire.FAILED else None)
    facts = replace(state.facts, status=status, error=reason)
    intent, settled = observing.observe(state.intent, facts)
    after = state.changed(
        status=status, lost=False, desk_final=True, ended_at=now, revision=revision, document=document, intent=intent
    )
    return Change(state, after, [Transition(now, lifecycle.LOST, status, reason)]), settled


def _closed(state: State, phase: wire.PhaseReport, status: str, now: float) -> wire.PhaseReport:
    """An open phase ends where the job was last heard of, in the trainer's clock like all its times."""
    if phase.state != "running":
        return phase
    last = now if state.last_report_at is None else state.last_report_at
    return replace(phase, state=status, ended_at=shown(last - state.clock_offset))
