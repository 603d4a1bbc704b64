"""Jobs read from the database: one, many, what changed, and how they went."""

from __future__ import annotations

import logging
import math
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, or_, select

from mixdesk.wire import FINAL_STATUSES, OPEN_STATUSES, PAUSED
from mixdesk_control.jobs.lifecycle import LOST
from mixdesk_control.jobs.points import Point, Points
from mixdesk_control.jobs.rows import JOBS, PhaseTime, Transition
from mixdesk_control.jobs.state import State, document_from, intent_from
from mixdesk_control.store import StoreError, tables

log = logging.getLogger(__name__)


def state_of(row: Row[Any]) -> State:
    """One row as a state. Raises StoreError where it does not decode."""
    values = dict(row._mapping)
    try:
        return _decoded(values)
    except msgspec.MsgspecError as error:
        msg = f"the stored job {values['job_id']} cannot be read: {error}"
        raise StoreError(msg) from error


def _decoded(values: dict[str, Any]) -> State:
    values["document"] = document_from(values["document"])
    values["intent"] = intent_from(values["intent"])
    return State(**values)


def readable(rows: Iterable[Row[Any]]) -> Iterator[State]:
    """Rows as states; one that does not decode is left out and named in the log, and keeps none of the others away."""
    for row in rows:
        try:
            yield state_of(row)
        except StoreError as error:
            log.error("%s; it is left out", error)


_ONE = select(tables.jobs).where(JOBS.job_id == bindparam("job_id"))


def load(conn: Connection, job_id: str) -> State | None:
    """One job."""
    row = conn.execute(_ONE, {"job_id": job_id}).first()
    return None if row is None else state_of(row)


class Owned(NamedTuple):
    """Whose a job is, and when the desk first heard of it (seconds since the epoch)."""

    owner: str | None
    first_at: float


class _First(msgspec.Struct):
    first_at: float


_first = msgspec.json.Decoder(_First)


def owners_of(conn: Connection, job_ids: Collection[str]) -> dict[str, Owned]:
    """{job: its owner} of those that there are."""
    rows = conn.execute(select(JOBS.job_id, JOBS.owner, JOBS.document).where(JOBS.job_id.in_(job_ids)))
    return {row.job_id: Owned(row.owner, _first_at(row.document)) for row in rows}


def _first_at(document: str) -> float:
    """Never, where that cannot be read: then no log counts as its own."""
    try:
        return _first.decode(document).first_at
    except msgspec.MsgspecError:
        return math.inf


def load_current(conn: Connection, ended_after: float) -> list[State]:
    """The jobs that have not ended, and those that ended after a time."""
    wanted = or_(JOBS.status.in_(OPEN_STATUSES), JOBS.ended_at > ended_after)
    return list(readable(conn.execute(select(tables.jobs).where(wanted))))


def load_points(conn: Connection, job_id: str) -> dict[str, Points]:
    """The history of a job's numbers."""
    rows = conn.execute(select(tables.series.c.name, tables.series.c.points).where(tables.series.c.job_id == job_id))
    return {row.name: Points(_points_from(row.points)) for row in rows}


def _points_from(text: str) -> list[Point]:
    decoded = msgspec.json.decode(text, type=list[tuple[float, float, float | str]])
    return [(at, step, float(value)) for at, step, value in decoded]


def load_pauses(conn: Connection, job_id: str) -> list[tuple[float, float | None]]:
    """When a job was paused, in the desk's time; the last one may have no end.

    Lost contact, or an end that the desk made of it, ends none.
    """
    moves = tables.transitions.c
    rows = conn.execute(select(moves.at, moves.after).where(moves.job_id == job_id).order_by(moves.id))
    found: list[tuple[float, float | None]] = []
    for at, after in rows:
        is_open = bool(found) and found[-1][1] is None
        if after == PAUSED and not is_open:
            found.append((at, None))
        elif after in OPEN_STATUSES and after != PAUSED and is_open:
            found[-1] = (found[-1][0], at)
    return found


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


class Listed(NamedTuple):
    """One row of a list."""

    job_id: str
    revision: int
    created_at: float


def page_ids(
    conn: Connection, wanted: ColumnElement[bool], limit: int, before: tuple[float, str] | None
) -> list[Listed]:
    """The newest `limit` older than `before` (created_at, job_id)."""
    query = select(JOBS.job_id, JOBS.revision, JOBS.created_at).where(wanted)
    if before is not None:
        at, job_id = before
        query = query.where(or_(JOBS.created_at < at, and_(JOBS.created_at == at, JOBS.job_id < job_id)))
    rows = conn.execute(query.order_by(JOBS.created_at.desc(), JOBS.job_id.desc()).limit(limit))
    return [Listed(*row) for row in rows]


def load_many(conn: Connection, job_ids: Sequence[str]) -> dict[str, State]:
    """Some jobs by id."""
    found = conn.execute(select(tables.jobs).where(JOBS.job_id.in_(job_ids)))
    return {state.job_id: state for state in readable(found)}


@dataclass(frozen=True, slots=True)
class Deleted:
    """A job that left."""

    revision: int
    job_id: str
    owner: str | None


def load_after(conn: Connection, revision: int, limit: int) -> tuple[list[State], list[Deleted]]:
    """The first `limit` jobs and deletions after a revision, each by revision."""
    gone = tables.deletions.c
    deleted = select(gone.revision, gone.job_id, gone.owner).where(gone.revision > revision)
    return (
        _states_after(conn, revision, limit),
        [Deleted(*row) for row in conn.execute(deleted.order_by(gone.revision).limit(limit))],
    )


def _states_after(conn: Connection, revision: int, limit: int) -> list[State]:
    """As many as there are up to `limit`, whatever cannot be read among them: fewer says that these are all."""
    found: list[State] = []
    while (wanted := limit - len(found)) > 0:
        query = select(tables.jobs).where(JOBS.revision > revision).order_by(JOBS.revision).limit(wanted)
        chunk = conn.execute(query).all()
        found += readable(chunk)
        if len(chunk) < wanted:
            break
        revision = chunk[-1].revision
    return found


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
    """Transitions and checkpoints of a job, oldest first, how long its phases took, and its score."""
    moves, saves = tables.transitions.c, tables.checkpoints.c
    transitions = select(moves.at, moves.before, moves.after, moves.reason).where(moves.job_id == job_id)
    checkpoints = select(tables.checkpoints).where(saves.job_id == job_id).order_by(saves.saved_at, saves.path)
    score = select(tables.scores.c.score).where(tables.scores.c.job_id == job_id)
    times = select(tables.phase_times.c.phase, tables.phase_times.c.seconds).where(
        tables.phase_times.c.job_id == job_id
    )
    return {
        "transitions": [Transition(*row) for row in conn.execute(transitions.order_by(moves.id))],
        "checkpoints": [dict(row._mapping) for row in conn.execute(checkpoints)],
        "scores": [msgspec.json.decode(text) for text in conn.execute(score).scalars()],
        "times": [tuple(row) for row in conn.execute(times)],
        "points": list(load_points(conn, job_id).items()),
    }


@dataclass(frozen=True, slots=True)
class PastRun:
    """Where the time of one finished job went."""

    job_id: str
    host: str | None
    resumed: bool
    times: list[PhaseTime]


MOST_TIMES = 2000  # of one type: a hundred runs or more


def load_past_runs(conn: Connection, job_type: str) -> list[PastRun]:
    """The newest finished runs of a type, oldest first."""
    times = tables.phase_times.c
    newest = select(tables.phase_times).where(times.job_type == job_type).order_by(times.at.desc()).limit(MOST_TIMES)
    runs: dict[str, PastRun] = {}
    for row in conn.execute(newest):
        run = runs.setdefault(row.job_id, PastRun(row.job_id, row.host, row.resumed, []))
        run.times.append(PhaseTime(row.phase, row.weight, row.units, row.seconds, row.unit, row.expected))
    return list(reversed(runs.values()))


def expired(conn: Connection, before: float, limit: int) -> list[str]:
    """Jobs that ended before a time."""
    query = select(JOBS.job_id).where(JOBS.status.in_(FINAL_STATUSES), JOBS.ended_at < before).limit(limit)
    return list(conn.execute(query).scalars())
