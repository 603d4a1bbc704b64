"""Which job a person means."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from mixdesk_control.cli.client import Client, Job, job_path
from mixdesk_control.cli.errors import CliError

if TYPE_CHECKING:
    from collections.abc import Iterable

ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
AT_WORK = "starting,running,paused,finalizing"


def find_job(client: Client, ref: str | None) -> Job:
    """The job with this id, the newest of this name, or the one whose id begins so; without `ref` the one that runs.

    A name comes before the beginning of an id: who types a name means it.
    """
    if ref is None:
        return _the_one_at_work(client)
    job = _with_id(client, ref) or next(client.items("/jobs", 1, name=ref), None)
    return job or _beginning_with(client, ref)


def _with_id(client: Client, ref: str) -> Job | None:
    if not ID.fullmatch(ref):
        return None
    try:
        return client.get(job_path(ref))  # type: ignore[no-any-return]
    except CliError as error:
        if error.status != 404:
            raise
        return None


def _beginning_with(client: Client, ref: str) -> Job:
    found = list(islice((job for job in client.items("/jobs") if str(job["job_id"]).startswith(ref)), 5))
    if not found:
        raise CliError(f"there is no job {ref!r}: `mixdesk jobs list` shows those there are")
    if len(found) > 1:
        raise CliError(f"{ref!r} is the beginning of several ids: give more of it ({_listed(found)})")
    return found[0]


def _the_one_at_work(client: Client) -> Job:
    # A job that fell silent does not stand in the way of the one that works.
    candidates = list(client.items("/jobs", status=AT_WORK)) or list(client.items("/jobs", status="lost"))
    if not candidates:
        raise CliError("no job runs: name one (`mixdesk jobs list` shows them)")
    if len(candidates) > 1:
        raise CliError(f"{len(candidates)} jobs run: name one of them ({_listed(candidates[:5])})")
    return candidates[0]


def _listed(jobs: Iterable[Job]) -> str:
    return ", ".join(f"{job['job_id']} {job.get('name') or ''}".strip() for job in jobs)
