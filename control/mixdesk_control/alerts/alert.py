"""One alert: what was told of it, how a newer word changes it, how it is shown. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from mixdesk.wire import now_text

FIRING: Final = "firing"
STALE: Final = "stale"
RESOLVED: Final = "resolved"
STATES = (FIRING, STALE, RESOLVED)

STALE_S = 15 * 60.0
"""A firing alert is repeated every five minutes: after three times without a word nobody knows whether it still is."""

LATE_S = 120.0
"""For so long after the end of an alert a word that it fires is taken for one that came late."""

WATCHDOG = "Watchdog"
"""The alert that always fires: as long as it is heard, all that leads here works."""

_SEVERITIES = {"critical": 0, "warning": 1, "info": 3, "none": 4}
_OTHER = 2  # a severity of somebody's own


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """The newest that is known of one alert.

    fingerprint          of its labels, as Alertmanager makes it
    starts_at, ends_at   seconds since the epoch in Prometheus' clock; no end while it fires
    heard_at             when the desk last heard of it, in the desk's clock
    source               where its expression can be seen, an http(s) address
    """

    fingerprint: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    starts_at: float
    ends_at: float | None
    heard_at: float
    source: str | None = None

    @property
    def name(self) -> str:
        """Of its rule."""
        return self.labels.get("alertname", "unnamed")

    @property
    def rank(self) -> int:
        """Of its severity: the worst is the smallest."""
        return _SEVERITIES.get(self.labels.get("severity", "none"), _OTHER)

    def state(self, now: float) -> str:
        """Firing, stale or resolved."""
        if self.ends_at is not None:
            return RESOLVED
        return STALE if now - self.heard_at > STALE_S else FIRING


def merged(known: Alert | None, told: Alert) -> Alert | None:
    """What is known once `told` is heard; None where that came too late to be news.

    Words carry no time of their own, come twice, from several Alertmanagers, and overtake one another.
    """
    if known is None:
        return told
    if told.ends_at is None:
        return _fires(known, told)
    return _ends(known, told, told.ends_at)


def _fires(known: Alert, told: Alert) -> Alert | None:
    if known.ends_at is None:
        return replace(told, starts_at=max(known.starts_at, told.starts_at))
    same_one = told.starts_at <= known.ends_at
    # An alert that a restart of Prometheus interrupted fires again with the start it had: not at once, though.
    return None if same_one and told.heard_at - known.heard_at < LATE_S else told


def _ends(known: Alert, told: Alert, ends_at: float) -> Alert | None:
    if told.starts_at < known.starts_at and ends_at <= known.starts_at:
        return None
    if known.ends_at is not None and ends_at <= known.ends_at:
        return known
    return told


def place(alert: Alert, now: float) -> tuple[int, int, float, str]:
    """Where it stands in a list: what fires first, the worst of it first, then the newest."""
    return STATES.index(alert.state(now)), alert.rank, -alert.starts_at, alert.fingerprint


def shown(alert: Alert, now: float, runbook: str | None) -> dict[str, Any]:
    """The JSON of an alert; `runbook` is a path at this desk."""
    return {
        "fingerprint": alert.fingerprint,
        "name": alert.name,
        "state": alert.state(now),
        "severity": alert.labels.get("severity"),
        "component": alert.labels.get("component"),
        "summary": alert.annotations.get("summary"),
        "description": alert.annotations.get("description"),
        "runbook": runbook,
        "labels": dict(alert.labels),
        "annotations": dict(alert.annotations),
        "starts_at": now_text(alert.starts_at),
        "ends_at": None if alert.ends_at is None else now_text(alert.ends_at),
        "heard_at": now_text(alert.heard_at),
        "source": alert.source,
    }
