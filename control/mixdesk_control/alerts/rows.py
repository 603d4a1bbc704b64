"""Alerts as rows of the database."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, delete, func, select

from mixdesk_control.alerts.alert import Alert
from mixdesk_control.store.tables import alerts, meta
from mixdesk_control.store.upsert import upsert

COLUMNS = alerts.c

HEARD, WATCHDOG_HEARD = "alertmanager.heard_at", "alertmanager.watchdog_at"

_texts = msgspec.json.Decoder(dict[str, str])


def load(conn: Connection, fingerprints: Collection[str]) -> dict[str, Alert]:
    """{fingerprint: alert} of those that are known."""
    found = conn.execute(select(alerts).where(COLUMNS.fingerprint.in_(list(fingerprints))))
    return {row.fingerprint: _alert_of(row) for row in found}


def load_since(conn: Connection, since: float) -> list[Alert]:
    """All that were heard of since a time."""
    return [_alert_of(row) for row in conn.execute(select(alerts).where(COLUMNS.heard_at >= since))]


def save(conn: Connection, items: Iterable[Alert]) -> None:
    """Writes alerts as they are now."""
    upsert(conn, alerts, [_row(item) for item in items])


def prune(conn: Connection, before: float, most: int) -> int:
    """Removes what was not heard of since `before`; then, beyond `most`, what ended, is mild, or was not heard of long.

    Returns how many of the latter there were.
    """
    conn.execute(delete(alerts).where(COLUMNS.heard_at < before))
    count = conn.execute(select(func.count()).select_from(alerts)).scalar_one()
    if count <= most:
        return 0
    kept = sorted((_alert_of(row) for row in conn.execute(select(alerts))), key=_worth)
    beyond = [item.fingerprint for item in kept[most:]]
    conn.execute(delete(alerts).where(COLUMNS.fingerprint.in_(beyond)))
    return len(beyond)


def _worth(item: Alert) -> tuple[bool, int, float, str]:
    """The worst that still fires comes first: a flood of mild ones pushes none of it out."""
    return item.ends_at is not None, item.rank, -item.heard_at, item.fingerprint


def note(conn: Connection, key: str, at: float) -> None:
    """That something was heard at a time."""
    upsert(conn, meta, [{"key": key, "value": repr(at)}])


def noted(conn: Connection) -> dict[str, float]:
    """{key: when} of what was heard."""
    found = conn.execute(select(meta.c.key, meta.c.value).where(meta.c.key.in_((HEARD, WATCHDOG_HEARD))))
    return {row.key: float(row.value) for row in found}


def _row(item: Alert) -> dict[str, Any]:
    row = {name: getattr(item, name) for name in COLUMNS.keys()}  # noqa: SIM118  a column collection is no dict
    for name in ("labels", "annotations"):
        row[name] = msgspec.json.encode(row[name]).decode()
    return row


def _alert_of(row: Row[Any]) -> Alert:
    values = dict(row._mapping)
    for name in ("labels", "annotations"):
        values[name] = _texts.decode(values[name])
    return Alert(**values)
