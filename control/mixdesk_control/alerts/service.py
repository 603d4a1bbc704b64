"""The inbox of Alertmanager: what it tells is on the disk before it is answered, what people ask is read from there."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from mixdesk.wire import now_text
from mixdesk_control.alerts import inbox, rows
from mixdesk_control.alerts.alert import FIRING, RESOLVED, WATCHDOG, Alert, merged, place, shown
from mixdesk_control.alerts.inbox import Delivery
from mixdesk_control.alerts.rights import Owners, allowed, is_bound
from mixdesk_control.alerts.runbooks import Runbooks
from mixdesk_control.auth.errors import forbidden
from mixdesk_control.auth.principal import Principal
from mixdesk_control.store import Store
from mixdesk_control.web.paging import encode_cursor

MOST = 1000
KEEP_S = 24 * 3600.0
SILENT_S = 5 * 60.0

ALL = "all"
Place = tuple[int, int, float, str]

log = logging.getLogger("mixdesk.alerts")


@dataclass(frozen=True, slots=True)
class Query:
    """Which alerts; `state` None: all that have not ended."""

    state: str | None = None
    severity: str | None = None
    component: str | None = None
    name: str | None = None

    def takes(self, alert: Alert, now: float) -> bool:
        """Whether it is one of them."""
        state = alert.state(now)
        if self.state != ALL and (state == RESOLVED if self.state is None else state != self.state):
            return False
        found = alert.labels.get("severity"), alert.labels.get("component"), alert.name
        wanted = self.severity, self.component, self.name
        return all(one in (None, other) for one, other in zip(wanted, found, strict=True))


@dataclass(slots=True)
class _Outcome:
    """What became of a delivery: alerts that came too late to be news, alerts that had to make room."""

    late: int = 0
    dropped: int = 0


class AlertService:
    """Alerts over one store, which several desks may share.

    owners    whose jobs these are, for people who see an owner's alone
    runbooks  the pages that say what to do
    """

    def __init__(
        self,
        store: Store,
        *,
        owners: Owners,
        runbooks: Runbooks | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._owners = owners
        self.runbooks = Runbooks() if runbooks is None else runbooks
        self._clock = clock

    async def take(self, body: bytes, principal: Principal) -> dict[str, Any]:
        """Takes one webhook; on the disk when it returns. Raises Problem 400 and 422, AccessRefused."""
        if is_bound(principal):
            raise forbidden(f"{principal.name} is bound to owner {principal.owner!r}; alerts are of all", principal)
        now = self._clock()
        delivery = inbox.read(body, now)
        outcome = await self._store.write(lambda conn: _write(conn, delivery, now))
        _say(delivery, outcome.dropped)
        return {
            "taken": len(delivery.alerts),
            "late": outcome.late,
            "dropped": outcome.dropped,
            "truncated": delivery.truncated,
            "refused": list(delivery.refused),
        }

    async def page(self, principal: Principal, query: Query, limit: int, after: Place | None) -> dict[str, Any]:
        """Up to `limit` alerts that the principal may know of; what fires first, the worst first, then the newest."""
        now = self._clock()
        known, heard = await self._store.read(lambda conn: (rows.load_since(conn, now - KEEP_S), rows.noted(conn)))
        seen = await allowed(principal, known, self._owners)
        wanted = sorted(
            (alert for alert in seen if query.takes(alert, now) and (after is None or place(alert, now) > after)),
            key=lambda alert: place(alert, now),
        )
        return {
            "items": [shown(alert, now, self.runbooks.address(alert.name)) for alert in wanted[:limit]],
            "next": encode_cursor(place(wanted[limit - 1], now)) if len(wanted) > limit else None,
            "firing": sum(alert.state(now) == FIRING for alert in seen),
            "alertmanager": _alertmanager(heard, now),
        }


def _write(conn: Connection, delivery: Delivery, now: float) -> _Outcome:
    # First, because desks that share a database then wait for one another here and not over each alert.
    rows.note(conn, rows.HEARD, now)
    if any(alert.name == WATCHDOG and alert.ends_at is None for alert in delivery.alerts):
        rows.note(conn, rows.WATCHDOG_HEARD, now)
    outcome = _Outcome()
    news = _news(conn, [alert for alert in delivery.alerts if alert.name != WATCHDOG], outcome)
    rows.save(conn, news)
    outcome.dropped = rows.prune(conn, now - KEEP_S, MOST)
    return outcome


def _news(conn: Connection, told: Iterable[Alert], outcome: _Outcome) -> list[Alert]:
    told = list(told)
    known = rows.load(conn, {alert.fingerprint for alert in told})
    changed: dict[str, Alert] = {}
    for alert in told:
        before = known.get(alert.fingerprint)
        after = merged(before, alert)
        if after is None:
            outcome.late += 1
        elif after is not before:
            known[alert.fingerprint] = changed[alert.fingerprint] = after
    return list(changed.values())


def _say(delivery: Delivery, dropped: int) -> None:
    if delivery.refused:
        log.warning("%d alerts could not be read, the first: %s", len(delivery.refused), delivery.refused[0])
    if delivery.truncated:
        log.warning("Alertmanager left %d alerts out: raise max_alerts of its webhook", delivery.truncated)
    if dropped:
        log.warning("%d alerts had to make room for newer ones: %d are kept", dropped, MOST)


def _alertmanager(heard: dict[str, float], now: float) -> dict[str, Any] | None:
    """What is known of Alertmanager itself; None while nothing ever came."""
    if rows.HEARD not in heard:
        return None
    watchdog = heard.get(rows.WATCHDOG_HEARD)
    return {
        "last_heard_at": now_text(heard[rows.HEARD]),
        "watchdog_at": None if watchdog is None else now_text(watchdog),
        "silent": watchdog is not None and now - watchdog > SILENT_S,
    }
