"""However many jobs come, `/metrics` stays as small as the settings say, and counts what it leaves out."""

from __future__ import annotations

import asyncio

from golden_desk import Desk, Run
from prometheus_client import Metric
from quick_store import quick_folder
from torture import times

from mixdesk import wire
from mixdesk_control.jobs import metrics
from mixdesk_control.jobs.left_out import LeftOut
from mixdesk_control.settings import MetricsSettings
from mixdesk_exporter.exposition.lines import Lines
from mixdesk_exporter.exposition.text import render

MINUTES, A_MINUTE = times(60, 30), 120  # two short jobs a second, for half an hour or a whole one
MOST_JOBS = 50
A_JOB = 29  # series of one, without logged numbers; see docs/metrics.md


def dropped(found: list[Metric]) -> dict[str, float]:
    family = next(family for family in found if family.name == "mixdesk_series_dropped")
    return {sample.labels["family"]: sample.value for sample in family.samples}


async def of_each_minute(desk: Desk) -> list[int]:
    """How many series there are after each minute. Every tenth job fails, so that its series would stay."""
    sizes, number = [], 0
    for _ in range(MINUTES):
        for _ in range(A_MINUTE):
            number += 1
            desk.clock.now += 0.5
            run = Run(desk, number, "voice_convert", f"short-{number}")
            began = desk.at()
            await run.end(wire.FAILED if number % 10 == 0 else wire.SUCCEEDED, created_at=began, started_at=began)
        desk.service.retention.evict()
        found = metrics.families(desk.service, desk.clock.now)
        sizes.append(sum(len(family.samples) for family in found))
        render(found, LINES)
    return sizes


LINES = Lines()


def test_short_jobs_without_end_do_not_add_up() -> None:
    with quick_folder() as folder:
        desk = Desk(folder)
        desk.service.metrics_settings = MetricsSettings(max_jobs=MOST_JOBS)
        try:
            sizes = asyncio.run(of_each_minute(desk))
            found = metrics.families(desk.service, desk.clock.now)
        finally:
            desk.store.close()
    together = sum(len(family.samples) for family in found if not family.name.startswith("mixdesk_job_"))
    print(f"series after each minute: {sizes[0]} to {max(sizes)}, {together} of all jobs together")
    assert max(sizes) <= MOST_JOBS * A_JOB + together
    assert sizes[-1] == sizes[-20], "no growth"
    shown = {sample.labels["job_id"] for family in found for sample in family.samples if "job_id" in sample.labels}
    assert len(shown) == MOST_JOBS
    remembered = sum(map(len, LINES._shapes.values()))
    assert remembered <= 2 * max(sizes) + 100 * len(LINES._shapes), "shapes of jobs that are gone are forgotten"
    failed = MINUTES * A_MINUTE // 10
    assert dropped(found)["mixdesk_job_info"] == failed - MOST_JOBS, "each job that had no place, once"


def test_each_is_counted_once() -> None:
    left_out = LeftOut()
    for jobs, numbers in ((["a", "b"], {"c": 3}), (["b", "d"], {"c": 5}), ([], {}), (["b"], {"c": 2})):
        left_out.jobs(jobs)
        left_out.numbers(numbers)
    counts = dropped([left_out.family()])
    assert counts["mixdesk_job_info"] == 4, "one that comes back is counted again: it was seen in between"
    assert counts["mixdesk_job_metric"] == 7
    assert counts["mixdesk_jobs"] == 0
