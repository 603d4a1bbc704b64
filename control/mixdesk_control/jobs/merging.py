"""A report and the state before it -> the state after it. Pure.

`merged` makes the next state, `noted` tells what of the difference must be on disk before it is answered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mixdesk import jobtypes, wire
from mixdesk.progress import percent, shown
from mixdesk.wire import PhaseReport
from mixdesk_control.jobs import intents, lifecycle, observing
from mixdesk_control.jobs.clock import corrected, moment
from mixdesk_control.jobs.ingest import MAX_ARTIFACTS
from mixdesk_control.jobs.intents import Settled
from mixdesk_control.jobs.rows import Change, Transition
from mixdesk_control.jobs.state import SHOWN_CHECKPOINTS, Document, State, copied, key_hash

NEW_S = 10.0
LEAST_WEIGHT = 1e-9  # of 100: what is less is no share of anything, and divides badly

Weights = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Seen:
    """When and how a report came: desk's seconds, the offset of its clock, the number of the state it makes."""

    now: float
    offset: float
    revision: int


def weighted(report: wire.Report, weights: Weights) -> None:
    """Sets the phases' weights: those of the settings, else the report's own, scaled to sum to 100."""
    if not report.phases and report.job_type in jobtypes.JOB_TYPES:
        steps = jobtypes.JOB_TYPES[report.job_type]
        report.phases = [PhaseReport(key=step.key, label=step.label, weight=step.weight) for step in steps]
    given = weights.get(report.job_type)
    if given:
        for phase in report.phases:
            phase.weight = given.get(phase.key, 0.0)
    _scale(report.phases)


def _scale(phases: Sequence[PhaseReport]) -> None:
    total = 0.0
    for phase in phases:
        if not phase.weight >= LEAST_WEIGHT:
            phase.weight = 0.0
        total += phase.weight
    if total > 0 and abs(total - 100.0) > 1e-6:
        for phase in phases:
            share = phase.weight / total * 100.0
            phase.weight = share if LEAST_WEIGHT <= share <= 100.0 else 0.0


def first(report: wire.Report, owner: str | None, seen: Seen, *, spans: bool) -> State:
    """The state of a job the desk did not know; what the report says it obeys becomes what is desired."""
    hashed, report.job_key = key_hash(report.job_key), ""  # the report itself is what is stored
    created = moment(report.created_at)
    state = State(
        job_id=report.job_id,
        key_hash=hashed,
        job_type=report.job_type,
        owner=owner,
        parent_id=report.parent_id,
        status=report.status,
        created_at=seen.now if created is None else created + seen.offset,
        seq=report.seq,
        revision=seen.revision,
        document=Document(report=report, first_at=seen.now, spans=spans and not report.own_spans),
        intent=intents.fresh(),
    )
    facts = intents.Facts(report.status, report.observed, report.checkpoint, report.error)
    after = _updated(state, report, report.status, seen)
    after.intent = intents.adopted(facts, seen.now, is_new=_is_new(report))
    return after


def _is_new(report: wire.Report) -> bool:
    """Whether its trainer can hardly have heard of a request, at a desk whose memory of it is gone."""
    created, sent = moment(report.created_at), moment(report.sent_at)
    return report.status == wire.QUEUED or created is None or sent is None or sent - created < NEW_S


def merged(state: State, report: wire.Report, seen: Seen) -> tuple[State, tuple[Settled, ...]]:
    """The next state of a known job, and what became of its operations."""
    report.job_key = ""
    status = _status(state, report)
    facts = intents.Facts(status, report.observed, report.checkpoint, report.error, tuple(_records(report)))
    intent, settled = observing.observe(state.intent, facts)
    after = _updated(state, report, status, seen)
    after.intent = intent
    return after, settled


def _status(state: State, report: wire.Report) -> str:
    # What a spool brings of a run that went on is no sign of life: the desk's own verdict stands.
    if state.desk_final and report.delivered and not lifecycle.is_final(report.status):
        return state.status
    return report.status


def _updated(state: State, report: wire.Report, status: str, seen: Seen) -> State:
    corrects = state.desk_final and (lifecycle.is_final(report.status) or not report.delivered)
    stays_desk_final = state.desk_final and not corrects
    ended = lifecycle.is_final(status)
    document = _document(state.document, report, status, seen, keep_error=stays_desk_final)
    if corrects:
        # What the desk closed was not over: those spans go out again with their true end.
        closed = {phase.span_id for phase in state.report.phases if phase.state != "done"} | {state.report.span_id}
        document.spans_sent = [span_id for span_id in document.spans_sent if span_id not in closed]
    return state.changed(
        status=status,
        seq=report.seq,
        revision=seen.revision,
        document=document,
        name=report.name if report.name is not None else state.name,
        host=report.host or state.host,
        boot_id=report.boot_id or state.boot_id,
        parent_id=state.parent_id or report.parent_id,
        clock_offset=seen.offset,
        lost=state.lost and report.delivered and not ended,
        desk_final=stays_desk_final,
        ended_at=(state.ended_at or seen.now) if ended else None,
        last_report_at=_last_report_at(state, report, seen),
    )


def _last_report_at(state: State, report: wire.Report, seen: Seen) -> float | None:
    """A spool tells when its trainer was alive; that is a fact, and no sign of life."""
    if not report.delivered:
        return seen.now
    sent_at = corrected(moment(report.sent_at), seen.offset)
    known = [at for at in (state.last_report_at, sent_at) if at is not None]
    return min(max(known), seen.now) if known else None


def _document(before: Document, report: wire.Report, status: str, seen: Seen, *, keep_error: bool) -> Document:
    new = copied(before)
    new.report = report
    new.percent = shown(percent(report.phases), before.percent, status)
    new.error = before.error if keep_error else None
    if status != wire.QUEUED and before.started_at is None:
        new.started_at = seen.now if report.started_at is None else _desk_time(report.started_at, seen)
    if report.last_step_at is not None:
        new.step_at = _desk_time(report.last_step_at, seen)
    if report.artifacts:
        by_path = {item.path: item for item in (*before.artifacts, *report.artifacts)}
        new.artifacts = list(by_path.values())[-MAX_ARTIFACTS:]
    fresh = _records(report)
    if fresh:
        new.checkpoints = _newest([*before.checkpoints, *fresh])
        new.saved_at = _desk_time(new.checkpoints[-1].saved_at, seen)
    return new


def _desk_time(text: str | None, seen: Seen) -> float:
    at = moment(text)
    return seen.now if at is None else min(at + seen.offset, seen.now)


def _records(report: wire.Report) -> list[wire.CheckpointRecord]:
    last = report.checkpoint.last
    listed = report.checkpoints
    return listed if last is None or any(record.path == last.path for record in listed) else [*listed, last]


def _newest(records: list[wire.CheckpointRecord]) -> list[wire.CheckpointRecord]:
    by_path = {record.path: record for record in records}
    return sorted(by_path.values(), key=lambda record: moment(record.saved_at) or 0.0)[-SHOWN_CHECKPOINTS:]


def noted(
    before: State | None, after: State, paths: Mapping[str, str | None], now: float, reason: str | None = None
) -> Change:
    """What must be on disk: a transition, a job found again, checkpoints not yet known (`paths` are)."""
    change = Change(before, after)
    was = None if before is None else before.seen_status
    if was != after.seen_status:
        change.transitions.append(Transition(now, was, after.seen_status, reason))
    unknown = object()
    change.records = [item for item in _records(after.report) if paths.get(item.path, unknown) != item.saved_at]
    return change


def must_be_durable(change: Change, settled: tuple[Settled, ...]) -> bool:
    """Whether the change is an intent, an edge of a phase or of a save, or about a job that is over; else telemetry."""
    before, after = change.before, change.after
    if before is None or after.is_final or change.transitions or change.records or settled:
        return True
    return (
        before.intent is not after.intent
        or (before.name, before.host, before.boot_id) != (after.name, after.host, after.boot_id)
        or before.desk_final != after.desk_final
        or before.report.checkpoint.status != after.report.checkpoint.status
        or [phase.state for phase in before.report.phases] != [phase.state for phase in after.report.phases]
    )
