"""Jobs read from the database: one, many, what changed, and how they went."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, and_, or_, select

from mixdesk.wire import FINAL_STATUSES, OPEN_STATUSES
from mixdesk_control.jobs.lifecycle import LOST
from mixdesk_control.jobs.points import Point, Points
from mixdesk_control.jobs.rows import JOBS, Transition
from mixdesk_control.jobs.state import State, document_from, intent_from
from mixdesk_control.store import tables


def state_of(row: Row[Any]) -> State:
    """One row as a state."""
    values = dict(row._mapping)
    values["document"] = document_from(values["document"])
    values["intent"] = intent_from(values["intent"])
    return State(**values)


def load(conn: Connection, job_id: str) -> State | None:
    """One job."""
    row = conn.execute(select(tables.jobs).where(JOBS.job_id == job_id)).first()
    return None if row is None else state_of(row)


def load_current(conn: Connection, ended_after: float) -> list[State]:
    """The jobs that have not ended, and those that ended after a time."""
    wanted = or_(JOBS.status.in_(OPEN_STATUSES), JOBS.ended_at > ended_after)
    return [state_of(row) for row in conn.execute(select(tables.jobs).where(wanted))]


def load_points(conn: Connection, job_id: str) -> dict[str, Points]:
    """The history of a job's numbers."""
    rows = conn.execute(select(tables.series.c.name, tables.series.c.points).where(tables.series.c.job_id == job_id))
    return {row.name: Points(_points_from(row.points)) for row in rows}


def _points_from(text: str) -> list[Point]:
    decoded = msgspec.json.decode(text, type=list[tuple[float, float, float | str]])
    return [(at, step, float(value)) for at, step, value in decoded]


def filters(
    *,
    statuses: Sequence[str] = (),
    job_types: Sequence[str] = (),
    name: str | None = None,
    owner: str | None = None,
    job_id: str | None = None,
    since: float | None = None,
) -> ColumnElement[bool]:
    """The condition of a list. `lost` is a status here, and a lost job has no other."""
    wanted: list[ColumnElement[bool]] = []
    if statuses:
        reported = and_(JOBS.lost.is_(False), JOBS.status.in_([item for item in statuses if item != LOST]))
        wanted.append(or_(reported, JOBS.lost.is_(True)) if LOST in statuses else reported)
    if job_types:
        wanted.append(JOBS.job_type.in_(list(job_types)))
    for column, value in ((JOBS.name, name), (JOBS.owner, owner), (JOBS.job_id, job_id)):
        if value is not None:
            wanted.append(column == value)
    if since is not None:
        wanted.append(JOBS.created_at >= since)
    return and_(True, *wanted)


def load_page(
    conn: Connection, wanted: ColumnElement[bool], limit: int, before: tuple[float, str] | None
) -> list[State]:
    """The newest `limit` older than `before` (created_at, job_id)."""
    query = select(tables.jobs).where(wanted)
    if before is not None:
        at, job_id = before
        query = query.where(or_(JOBS.created_at < at, and_(JOBS.created_at == at, JOBS.job_id < job_id)))
    query = query.order_by(JOBS.created_at.desc(), JOBS.job_id.desc()).limit(limit)
    return [state_of(row) for row in conn.execute(query)]


@dataclass(frozen=True, slots=True)
class Deleted:
    """A job that left."""

    revision: int
    job_id: str
    owner: str | None


def load_after(conn: Connection, revision: int, limit: int) -> tuple[list[State], list[Deleted]]:
    """The first `limit` jobs and deletions after a revision, each by revision."""
    query = select(tables.jobs).where(JOBS.revision > revision).order_by(JOBS.revision).limit(limit)
    gone = tables.deletions.c
    deleted = select(gone.revision, gone.job_id, gone.owner).where(gone.revision > revision)
    return (
        [state_of(row) for row in conn.execute(query)],
        [Deleted(*row) for row in conn.execute(deleted.order_by(gone.revision).limit(limit))],
    )


def was_deleted(conn: Connection, job_id: str) -> bool:
    """Whether a job of this id has left."""
    return (
        conn.execute(select(tables.deletions.c.revision).where(tables.deletions.c.job_id == job_id)).first() is not None
    )


def offset_of_boot(conn: Connection, boot_id: str) -> float:
    """The clock offset last known for a boot of a host, 0 where none is."""
    query = select(JOBS.clock_offset).where(JOBS.boot_id == boot_id, JOBS.last_report_at.is_not(None))
    return float(conn.execute(query.order_by(JOBS.last_report_at.desc()).limit(1)).scalar() or 0.0)


def load_history(conn: Connection, job_id: str) -> dict[str, list[Any]]:
    """Transitions and checkpoints of a job, oldest first, and its score."""
    moves, saves = tables.transitions.c, tables.checkpoints.c
    transitions = select(moves.at, moves.before, moves.after, moves.reason).where(moves.job_id == job_id)
    checkpoints = select(tables.checkpoints).where(saves.job_id == job_id).order_by(saves.saved_at, saves.path)
    score = select(tables.scores.c.score).where(tables.scores.c.job_id == job_id)
    return {
        "transitions": [Transition(*row) for row in conn.execute(transitions.order_by(moves.id))],
        "checkpoints": [dict(row._mapping) for row in conn.execute(checkpoints)],
        "scores": [msgspec.json.decode(text) for text in conn.execute(score).scalars()],
    }


def expired(conn: Connection, before: float, limit: int) -> list[str]:
    """Jobs that ended before a time."""
    query = select(JOBS.job_id).where(JOBS.status.in_(FINAL_STATUSES), JOBS.ended_at < before).limit(limit)
    return list(conn.execute(query).scalars())
