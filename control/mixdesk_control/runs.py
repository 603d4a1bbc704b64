"""Jobs as their logs need to know them: when each runs, and in which assets, told once a second."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence

from mixdesk_control.jobs.state import Job
from mixdesk_control.logs.discovery.job_runs import JobRun, JobRuns

EACH_S = 1.0

log = logging.getLogger(__name__)


def as_run(job: Job, boot_id: str | None) -> JobRun:
    """One job; `boot_id` is this host's."""
    state = job.state
    return JobRun(
        job_id=state.job_id,
        job_type=state.job_type,
        started_at=state.document.started_at,
        ended_at=state.ended_at,
        host=state.host,
        is_here=boot_id is not None and state.boot_id == boot_id,
    )


async def tell(
    runs: JobRuns,
    jobs: Callable[[], Iterable[Job]],
    in_assets: Callable[[], Mapping[str, Sequence[str]]],
    *,
    boot_id: str | None,
    each_s: float = EACH_S,
) -> None:
    """Without end; jobs that ended and were told of are left out."""
    while True:
        try:
            new = (as_run(job, boot_id) for job in jobs() if not runs.knows(job.state.job_id, job.state.ended_at))
            runs.note(in_assets(), new)
        except Exception:  # the edge of a background task: what cannot be told now may be in a second
            log.exception("which jobs run where is not told to the logs; again in %g s", each_s)
        await asyncio.sleep(each_s)
