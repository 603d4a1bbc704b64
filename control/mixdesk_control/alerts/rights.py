"""Who may know of which alert: who is bound to an owner or a job, of its jobs and of the machines they run on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Protocol

from mixdesk_control.alerts.alert import Alert
from mixdesk_control.auth.principal import Principal

JOB_ID = "job_id"

SHARED = frozenset({"exporter", "host", "gpu", "asset"})
"""Components whose alerts are everybody's, as metrics and assets are, as long as they name no job."""

EARLY_S = 60.0
"""So long before the desk hears of a job an alert of it may have begun."""

_NAMES = frozenset({JOB_ID, "job_name", "job_type", "owner"})


class Owned(Protocol):
    """A job that the desk knows."""

    @property
    def owner(self) -> str | None:
        """Whose it is; None where nobody said."""

    @property
    def first_at(self) -> float:
        """When the desk first heard of it, seconds since the epoch."""


Owners = Callable[[Collection[str]], Awaitable[Mapping[str, Owned]]]
"""Whose jobs these are, by their ids; one that the desk does not know is left out."""


def is_bound(principal: Principal) -> bool:
    """Whether it sees an owner's jobs alone, or one job."""
    return principal.owner is not None or principal.job_id is not None


async def allowed(principal: Principal, alerts: Sequence[Alert], owners: Owners) -> list[Alert]:
    """Those that the principal may know of, in their order."""
    if not is_bound(principal):
        return list(alerts)
    known = await owners({alert.labels[JOB_ID] for alert in alerts if JOB_ID in alert.labels})
    return [alert for alert in alerts if _sees(principal, alert, known)]


def _sees(principal: Principal, alert: Alert, known: Mapping[str, Owned]) -> bool:
    job_id = alert.labels.get(JOB_ID)
    if job_id is None:
        return principal.job_id is None and _is_shared(alert)
    job = known.get(job_id)
    # One that began before its job is of another, whose id somebody has claimed since.
    return job is not None and principal.sees(job_id, job.owner) and alert.starts_at >= job.first_at - EARLY_S


def _is_shared(alert: Alert) -> bool:
    return alert.labels.get("component") in SHARED and _NAMES.isdisjoint(alert.labels)
