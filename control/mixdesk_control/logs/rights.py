"""Who may read which log: operators all, viewers those of the jobs that they see."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from mixdesk_control.auth.errors import forbidden
from mixdesk_control.auth.principal import OPERATOR, Principal
from mixdesk_control.logs.source import JOBS, InFiles, Service, Source

EARLY_S = 60.0
"""So long before the desk hears of a job its log may begin."""


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


def reads_all(principal: Principal) -> bool:
    """Whether every log is theirs: who is bound to an owner or a job sees its jobs alone, whatever the role."""
    return principal.may((OPERATOR,)) and principal.owner is None and principal.job_id is None


def check_service(principal: Principal, service: str) -> None:
    """Raises AccessRefused (403), whether there is such a service or not."""
    if service != JOBS and not reads_all(principal):
        raise forbidden(
            f"{principal.name} may read the logs of jobs alone (service {JOBS}), not of {service!r}", principal
        )


async def allowed(principal: Principal, sources: Sequence[Source], owners: Owners) -> list[Source]:
    """Those that the principal may read, in their order."""
    if reads_all(principal):
        return list(sources)
    known = await owners({source.job_id for source in sources if source.job_id is not None})

    def sees(source: Source) -> bool:
        job_id = source.job_id if source.service == JOBS else None
        job = None if job_id is None else known.get(job_id)
        if job_id is None or job is None or not principal.sees(job_id, job.owner):
            return False
        return not _is_bound(principal) or _is_its(source, job)

    return [source for source in sources if sees(source)]


def _is_bound(principal: Principal) -> bool:
    return principal.owner is not None or principal.job_id is not None


def _is_its(source: Source, job: Owned) -> bool:
    """A log that is older than its job may be that of another, whose id somebody has claimed."""
    if not isinstance(source.origin, InFiles):
        return True
    return source.began is not None and source.began >= job.first_at - EARLY_S


async def narrowed(principal: Principal, service: Service, owners: Owners) -> Service:
    """The service with those of its sources alone; its notes may tell of others, and are for who reads all."""
    if reads_all(principal):
        return service
    return replace(service, sources=tuple(await allowed(principal, service.sources, owners)), notes=())
