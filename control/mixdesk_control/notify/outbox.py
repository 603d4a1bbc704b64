"""What is to be told, as rows of the database: every statement of the room."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, Text, Update, case, cast, delete, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from mixdesk_control.notify.event import Event, text_of
from mixdesk_control.notify.urgency import MILD, RANKS
from mixdesk_control.store import tables

NOTICES = tables.notices.c

SENT, GIVEN_UP = "sent", "given_up"
KEPT_S = 30 * 86_400.0
MOST_ERROR = 500
MOST_CLAIM_S = 300.0
_ranked = case(RANKS, value=NOTICES.event, else_=MILD)


@dataclass(frozen=True, slots=True)
class Notice:
    """One row that this desk has taken upon itself. `tries` counts the one that comes now."""

    id: int
    event: str
    body: str
    created_at: float
    tries: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How the outbox stands: what was last done and when, how many wait, and why the last try of one failed."""

    outcome: str | None = None
    at: float | None = None
    error: str | None = None
    waiting: int = 0
    trouble: str | None = None


def add(conn: Connection, events: Iterable[Event], now: float) -> None:
    """Puts in what is not there yet, by its key."""
    rows = [
        {"key": event.key, "event": event.event, "body": text_of(event), "created_at": now, "next_at": now}
        for event in events
    ]
    if rows:
        made = sqlite.insert if conn.dialect.name == "sqlite" else postgresql.insert
        conn.execute(made(tables.notices).on_conflict_do_nothing(index_elements=["key"]), rows)


def reopen(conn: Connection, key: str) -> None:
    """What was told under this key is over: the next time counts anew."""
    renamed = NOTICES.key + ":" + cast(NOTICES.id, Text)
    conn.execute(update(tables.notices).where(NOTICES.key == key).values(key=renamed))


def add_ended(conn: Connection, event: Event, now: float, outcome: str, error: str | None) -> None:
    """Puts in what was sent before it could be noted; where another desk has noted it, it waits no more."""
    values = {"ended_at": now, "outcome": outcome, "error": None if error is None else error[:MOST_ERROR]}
    row = {"key": event.key, "event": event.event, "body": text_of(event), "created_at": now, "tries": 1}
    made = sqlite.insert if conn.dialect.name == "sqlite" else postgresql.insert
    told = made(tables.notices).values(row | values)
    conn.execute(
        told.on_conflict_do_update(
            index_elements=["key"],
            set_=values | {"next_at": None, "claimed_until": None},
            where=NOTICES.ended_at.is_(None),
        )
    )


def holds(conn: Connection, event: Event) -> bool:
    """Whether it is noted, by its key."""
    return conn.execute(select(NOTICES.id).where(NOTICES.key == event.key)).first() is not None


def claim(conn: Connection, now: float, until: float, least: int = MILD) -> Notice | None:
    """The worst one that is due and of this rank at least, for this desk alone until then."""
    free = or_(NOTICES.claimed_until.is_(None), NOTICES.claimed_until < now)
    due = (NOTICES.ended_at.is_(None), NOTICES.next_at <= now, free, _ranked <= least)
    columns = (NOTICES.id, NOTICES.event, NOTICES.body, NOTICES.created_at, NOTICES.tries)
    row = conn.execute(select(*columns).where(*due).order_by(_ranked, NOTICES.next_at, NOTICES.id).limit(1)).first()
    if row is None:
        return None
    taken = update(tables.notices).where(NOTICES.id == row.id, *due)
    if conn.execute(taken.values(claimed_until=until, tries=NOTICES.tries + 1)).rowcount != 1:
        return None  # another desk was quicker
    return Notice(row.id, row.event, row.body, row.created_at, row.tries + 1)


def next_due(conn: Connection, least: int = MILD) -> float | None:
    """When the next one of this rank at least may be taken; None where none waits."""
    when = func.min(func.coalesce(NOTICES.claimed_until, NOTICES.next_at))
    found: float | None = conn.execute(select(when).where(NOTICES.ended_at.is_(None), _ranked <= least)).scalar()
    return found


def release(conn: Connection, notice: Notice) -> None:
    """A try that was broken off: whoever is next may have it at once."""
    conn.execute(_row(notice).values(claimed_until=None, tries=NOTICES.tries - 1))


def release_all(conn: Connection) -> None:
    """The same of all: of the only desk on this database, which was killed at it."""
    conn.execute(update(tables.notices).where(NOTICES.ended_at.is_(None)).values(claimed_until=None))


def postpone(conn: Connection, notice: Notice, next_at: float, error: str) -> None:
    """A try that failed, and when the next one is."""
    conn.execute(_row(notice).values(claimed_until=None, next_at=next_at, error=error[:MOST_ERROR]))


def end(conn: Connection, notice: Notice, now: float, outcome: str, error: str | None = None) -> None:
    """It is told, or never will be."""
    values = {"ended_at": now, "outcome": outcome, "error": None if error is None else error[:MOST_ERROR]}
    conn.execute(_row(notice).values(claimed_until=None, next_at=None, **values))


def set_right(conn: Connection, now: float, latest: float) -> None:
    """After the clock went back: what waits for a time after `latest` is due now, and what is said of later is not."""
    for column, most, right in (
        (NOTICES.created_at, now, now),
        (NOTICES.next_at, latest, now),
        (NOTICES.claimed_until, now + MOST_CLAIM_S, None),
    ):
        waiting = update(tables.notices).where(NOTICES.ended_at.is_(None), column > most)
        conn.execute(waiting.values({column.name: right}))


def note_test(conn: Connection, event: Event, now: float, error: str | None) -> None:
    """A test, with how it went."""
    outcome = SENT if error is None else GIVEN_UP
    conn.execute(
        insert(tables.notices).values(
            key=event.key,
            event=event.event,
            body=text_of(event),
            created_at=now,
            tries=1,
            ended_at=now,
            outcome=outcome,
            error=None if error is None else error[:MOST_ERROR],
        )
    )


def prune(conn: Connection, now: float) -> None:
    """What was told long ago leaves."""
    conn.execute(delete(tables.notices).where(NOTICES.ended_at < now - KEPT_S))


def standing(conn: Connection) -> Standing:
    """How the outbox stands."""
    ended = select(NOTICES.outcome, NOTICES.ended_at, NOTICES.error).where(NOTICES.ended_at.is_not(None))
    last = conn.execute(ended.order_by(NOTICES.ended_at.desc(), NOTICES.id.desc()).limit(1)).first()
    opened = NOTICES.ended_at.is_(None)
    waiting = conn.execute(select(func.count()).where(opened)).scalar() or 0
    failed = select(NOTICES.error).where(opened, NOTICES.error.is_not(None)).order_by(NOTICES.id.desc()).limit(1)
    trouble = conn.execute(failed).scalar()
    if last is None:
        return Standing(waiting=waiting, trouble=trouble)
    return Standing(last.outcome, last.ended_at, last.error, waiting, trouble)


def _row(notice: Notice) -> Update:
    return update(tables.notices).where(NOTICES.id == notice.id, NOTICES.ended_at.is_(None))
