"""Since when each kind of event is told: what happened before is nobody's news."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Mapping

from sqlalchemy import Connection, select

from mixdesk_control.notify.event import Event
from mixdesk_control.store import tables
from mixdesk_control.store.upsert import upsert

_SINCE = "notify.since"


def since(conn: Connection, events: Collection[str], now: float, began: float | None = None) -> Mapping[str, float]:
    """{event: when it was first switched on}; `began` (now) for those that are new, and where the clock was ahead."""
    known, first = _switched_on(conn), now if began is None else began
    fresh = {event: first for event in {*events, *known} if known.get(event, math.inf) > now}
    if fresh:
        upsert(conn, tables.meta, [{"key": _SINCE, "value": json.dumps(known | fresh)}])
    return known | fresh


def is_news(conn: Connection, event: Event, now: float, began: float) -> bool:
    """Whether its kind was switched on when it happened; nothing is written."""
    at = _switched_on(conn).get(event.event, math.inf)
    return event.at >= (began if at > now else at)


def _switched_on(conn: Connection) -> dict[str, float]:
    meta = tables.meta.c
    stored = conn.execute(select(meta.value).where(meta.key == _SINCE)).scalar()
    return {} if stored is None else dict(json.loads(stored))
