"""Jobs as rows of the database: every statement of the room."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from sqlalchemy import Connection, and_, bindparam, delete, insert, or_, update

from mixdesk import wire
from mixdesk_control.jobs.clock import moment
from mixdesk_control.jobs.points import Point, Points
from mixdesk_control.jobs.state import State, document_text, intent_text
from mixdesk_control.store import tables
from mixdesk_control.store.prepared import Prepared
from mixdesk_control.store.upsert import upsert

JOBS = tables.jobs.c


class Overtaken(Exception):
    """The stored job is not the one that the change was made for: another desk wrote it."""


@dataclass(frozen=True, slots=True)
class Transition:
    """One line of a job's history."""

    at: float
    before: str | None
    after: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class PhaseTime:
    """How long one place of a finished job took (`work`), for how much work: as counted (0: not), and as expected."""

    phase: str
    weight: float
    units: float
    seconds: float
    unit: str | None = None
    expected: float | None = None


@dataclass(slots=True)
class Change:
    """All that one transaction writes of one job. `before` is None for a new one."""

    before: State | None
    after: State
    transitions: list[Transition] = field(default_factory=list)
    records: list[wire.CheckpointRecord] = field(default_factory=list)
    phase_times: list[PhaseTime] = field(default_factory=list)
    points: Mapping[str, Points] = field(default_factory=dict)
    score: Mapping[str, Any] | None = None


_INSERT = Prepared(insert(tables.jobs))
_TRANSITION = Prepared(insert(tables.transitions), ("job_id", *Transition.__slots__))

_NEVER_CHANGE = ("job_id", "key_hash", "job_type", "owner", "created_at")

_UPDATE = Prepared(
    update(tables.jobs)
    .where(JOBS.job_id == bindparam("b_job_id"), JOBS.status == bindparam("b_before"))
    .values({name: bindparam(f"b_{name}") for name in JOBS.keys() if name not in _NEVER_CHANGE})  # noqa: SIM118
)


def write(conn: Connection, change: Change, now: float) -> None:
    """One change, whole. Raises Overtaken where the stored status is not the one it was made for."""
    after = change.after
    if change.before is None:
        _INSERT.run(conn, [_row(after)])
    else:
        row = {f"b_{name}": value for name, value in _row(after).items()}
        if _UPDATE.run(conn, [row | {"b_before": change.before.status}]) != 1:
            raise Overtaken(after.job_id)
    for transition in change.transitions:
        _TRANSITION.run(conn, [{"job_id": after.job_id, **_fields(transition)}])
    upsert(conn, tables.checkpoints, [_record_row(after, record) for record in change.records])
    times = [{"job_id": after.job_id, **_fields(item)} for item in change.phase_times]
    common = {"job_type": after.job_type, "host": after.host, "at": now, "resumed": after.is_resumed}
    upsert(conn, tables.phase_times, [row | common for row in times])
    write_points(conn, {after.job_id: change.points})
    if change.score is not None:
        score = msgspec.json.encode(change.score).decode()
        upsert(conn, tables.scores, [{"job_id": after.job_id, "at": now, "score": score}])


def _fields(item: Any) -> dict[str, Any]:
    return {name: getattr(item, name) for name in item.__slots__}


def _row(state: State) -> dict[str, Any]:
    row = {name: getattr(state, name) for name in State.__slots__ if name not in ("document", "intent")}
    return row | {"document": document_text(state.document), "intent": intent_text(state.intent)}


def _record_row(state: State, record: wire.CheckpointRecord) -> dict[str, Any]:
    row = {name: getattr(record, name) for name in ("path", "epoch", "step", "size", "hash", "verified", "reason")}
    times = {name: moment(getattr(record, name)) for name in ("saved_at", "started_at")}
    return (
        row
        | {name: None if at is None else at + state.clock_offset for name, at in times.items()}
        | {"job_id": state.job_id}
    )


# What else can change of a job is an intent, and written with it.
_TELEMETRY = ("last_report_at", "clock_offset")

# Newest wins: a flush that an intent or another desk has overtaken changes nothing.
_FLUSH = Prepared(
    update(tables.jobs)
    .where(
        JOBS.job_id == bindparam("b_job_id"),
        or_(
            JOBS.seq < bindparam("b_seq"),
            and_(JOBS.seq == bindparam("b_seq"), JOBS.revision < bindparam("b_revision")),
        ),
    )
    .values(
        seq=bindparam("b_seq"),
        revision=bindparam("b_revision"),
        document=bindparam("b_document"),
        **{name: bindparam(f"b_{name}") for name in _TELEMETRY},
    )
)


def flush_row(state: State) -> dict[str, Any]:
    """What a flush writes of one job."""
    row = {f"b_{name}": getattr(state, name) for name in ("job_id", "seq", "revision", *_TELEMETRY)}
    return row | {"b_document": document_text(state.document)}


def flush(conn: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Telemetry of many jobs in one statement."""
    if rows:
        _FLUSH.run(conn, rows)


def write_points(conn: Connection, points: Mapping[str, Mapping[str, Points]]) -> None:
    """History points, {job id: {name: points}}."""
    upsert(
        conn,
        tables.series,
        [
            {"job_id": job_id, "name": name, "points": _points_text(values)}
            for job_id, series in points.items()
            for name, values in series.items()
        ],
    )


def _points_text(points: Iterable[Point]) -> str:
    found: Sequence[tuple[float, float, wire.Number]] = list(points)
    if not math.isfinite(sum(point[2] for point in found)):  # type: ignore[misc]
        found = [(at, step, wire.number(value)) for at, step, value in points]
    return msgspec.json.encode(found).decode()


# What predictions learn from (phase_times) and the audit outlive a job.
_OF_A_JOB = (tables.jobs, tables.transitions, tables.checkpoints, tables.series, tables.scores)


def remove(conn: Connection, job_id: str, owner: str | None, revision: int, now: float) -> None:
    """A job leaves with all that is kept of it; its id stays among the deletions."""
    for table in _OF_A_JOB:
        conn.execute(delete(table).where(table.c.job_id == job_id))
    conn.execute(insert(tables.deletions).values(revision=revision, job_id=job_id, owner=owner, at=now))
