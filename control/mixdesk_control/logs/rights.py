"""Who may read which log: operators all, viewers those of the jobs that they see."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import replace

from mixdesk_control.auth.errors import forbidden
from mixdesk_control.auth.principal import OPERATOR, Principal
from mixdesk_control.logs.source import JOBS, Service, Source

Owners = Callable[[Collection[str]], Awaitable[Mapping[str, str | None]]]
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
        return job_id is not None and job_id in known and principal.sees(job_id, known[job_id])

    return [source for source in sources if sees(source)]


async def narrowed(principal: Principal, service: Service, owners: Owners) -> Service:
    """The service with those of its sources alone."""
    return replace(service, sources=tuple(await allowed(principal, service.sources, owners)))
