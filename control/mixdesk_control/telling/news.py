"""What is told of a job: of a change, and of how it stands. Pure.

By its key each thing is told once, whoever notices it: what is stored tells the same as the change that stored it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from mixdesk import wire
from mixdesk_control import settings_notify as names
from mixdesk_control.jobs.clock import corrected, moment
from mixdesk_control.jobs.document import current_phase
from mixdesk_control.jobs.rows import Change
from mixdesk_control.jobs.state import State
from mixdesk_control.notify.disk import needed
from mixdesk_control.notify.event import About, Event, Saved, Space, key_of

FAILED = "failed"
MOST_KIND = 2000
REFUSED_KEY = f"{names.DISK_LOW}:desk"
_ASIDE = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|\"[^\"]*\"|(?<!\w)'[^']*'|`[^`]*`")
_PARTICULAR = re.compile(r"\S*\d\S*(?:\s+[kKMGTP]?i?[Bb](?:ytes?)?\b)?|\S*[/\\]\S*")
CONTINUED = "continued as "  # a lost run that goes on as another job has not failed


def told_of(change: Change, now: float) -> Iterator[Event]:
    """What a committed change tells."""
    before, after = change.before, change.after
    if after.is_final and (before is None or (before.status, before.desk_final) != (after.status, after.desk_final)):
        yield from ended(after, now)
    if after.lost and not (before is not None and before.lost):
        yield lost(after, now)
    yield from (saved(after, record, now) for record in change.records)
    if fails_to_save(after) and not (before is not None and _same_failure(before, after)):
        yield not_saved(after, now)


def standing(state: State, now: float) -> Iterator[Event]:
    """What a stored job tells, whoever has told it already."""
    if state.is_final:
        yield from ended(state, now)
    if state.lost:
        yield lost(state, now)
    yield from (saved(state, record, now) for record in state.document.checkpoints)
    if fails_to_save(state) and not state.is_final:
        yield not_saved(state, now)


def ended(state: State, now: float) -> Iterator[Event]:
    """How a job ended; nothing where it goes on as another one."""
    if state.desk_final and (state.error or "").startswith(CONTINUED):
        return
    event = {wire.SUCCEEDED: names.SUCCEEDED, wire.FAILED: names.FAILED}.get(state.status)
    if event is None:
        event = names.CANCELED if _was_asked_to_leave(state) else names.INTERRUPTED
    key = key_of(event, state.job_id, state.ended_at, state.desk_final)
    error = state.error if event in (names.FAILED, names.INTERRUPTED) else None
    yield Event(key=key, event=event, at=_ended_at(state, now), job=about(state, now), error=error)


def lost(state: State, now: float) -> Event:
    """A job that does not report any more; one loss is known by the last report before it."""
    key = key_of(names.LOST, state.job_id, state.last_report_at)
    silent = None if state.last_report_at is None else max(now - state.last_report_at, 0.0)
    return Event(key=key, event=names.LOST, at=now, job=about(state, now), since=silent)


def saved(state: State, record: wire.CheckpointRecord, now: float) -> Event:
    """A checkpoint that was saved and verified."""
    key = key_of(names.SAVED, state.job_id, record.path, record.saved_at)
    at = corrected(moment(record.saved_at), state.clock_offset)
    return Event(
        key=key, event=names.SAVED, at=now if at is None else at, job=about(state, now), checkpoint=_saved(record)
    )


def not_saved(state: State, now: float) -> Event:
    """A save that failed; another of its kind, with no save between, is no news."""
    last = [(record.path, record.saved_at) for record in state.document.checkpoints[-1:]]
    key = key_of(names.NOT_SAVED, state.job_id, *failure(state), last)
    return Event(key=key, event=names.NOT_SAVED, at=now, job=about(state, now), error=state.report.checkpoint.error)


def fails_to_save(state: State) -> bool:
    """Whether its last save failed."""
    return state.report.checkpoint.status == FAILED


def failure(state: State) -> tuple[int, str]:
    """Which request failed, and in which way: what is the same at each retry of it."""
    failed = state.report.checkpoint
    return failed.generation, kind_of(failed.error or "")


def kind_of(error: str) -> str:
    """The words of an error: without what is quoted or in brackets, and without numbers, units, files and folders.

    A retry a minute later has another number of bytes free and another temporary file, and is no news.
    """
    words = _ASIDE.sub(" ", error[:MOST_KIND])
    return " ".join(_PARTICULAR.sub(" ", words).lower().split())


def _same_failure(before: State, after: State) -> bool:
    return fails_to_save(before) and failure(before) == failure(after)


def _was_asked_to_leave(state: State) -> bool:
    desired = state.intent.desired
    asked = desired.checkpoint
    return desired.run.state == wire.CANCELED or (asked is not None and asked.then == "cancel")


def _ended_at(state: State, now: float) -> float:
    at = corrected(moment(state.report.completed_at), state.clock_offset)
    return min(at, now) if at is not None else (state.ended_at or now)


def _saved(record: wire.CheckpointRecord) -> Saved:
    return Saved(path=record.path, epoch=record.epoch, step=record.step, size=record.size, reason=record.reason)


def about(state: State, now: float) -> About:
    """A job as messages know it."""
    report, began = state.report, state.document.started_at
    index = current_phase(report)
    until = _ended_at(state, now) if state.is_final else now
    return About(
        job_id=state.job_id,
        job_type=state.job_type,
        status=state.seen_status,
        name=state.name,
        owner=state.owner,
        host=state.host,
        attempt=report.attempt,
        progress=state.document.percent,
        phase=None if index is None else report.phases[index].key,
        epoch=report.epoch,
        epochs=report.epochs,
        step=report.step,
        steps=report.steps,
        ran_s=None if began is None else max(until - began, 0.0),
    )


def position(state: State) -> object | None:
    """Where a running job is; None where it is not meant to move, or nobody knows whether it does."""
    report = state.report
    if state.status != wire.RUNNING or state.lost or report.resuming or state.checkpoint_status == "saving":
        return None
    phases = [(phase.key, phase.state, phase.done) for phase in report.phases if phase.state != "pending"]
    return state.document.percent, report.attempt, report.epoch, report.step, report.run_step, phases


def stalled(state: State, place: object, stood: float, now: float) -> Event:
    """A job that has been at this place for `stood` seconds."""
    key = key_of(names.STALLED, state.job_id, place)
    return Event(key=key, event=names.STALLED, at=now, job=about(state, now), since=stood)


def refused(why: str, now: float) -> Event:
    """The desk's own database takes no write."""
    return Event(key=REFUSED_KEY, event=names.DISK_LOW, at=now, error=why)


def low_key(job_id: str) -> str:
    """The key of a full disk: the same each time, so it is to be set free once there is room again."""
    return key_of(names.DISK_LOW, job_id)


def low(state: State, record: wire.CheckpointRecord, free: int, now: float) -> Event:
    """Too little room beside the last checkpoint for another one."""
    space = Space(folder=record.path.rpartition("/")[0] or "/", free=free, needed=needed(record.size))
    return Event(
        key=low_key(state.job_id),
        event=names.DISK_LOW,
        at=now,
        job=about(state, now),
        checkpoint=_saved(record),
        space=space,
    )
