"""How jobs and checkpoints ended.

`increase` reaches beyond its samples, never short of them: of two samples it makes 1.5 out of 1. So counts are cut, not
rounded.
"""

from __future__ import annotations

from grafana_foundation_sdk.models.dashboard import Panel

from mixdesk_dashboards.jobs.chosen import TYPE
from mixdesk_dashboards.kit import looks, of_jobs, panels
from mixdesk_dashboards.kit.looks import GREEN, GREY, RED
from mixdesk_dashboards.kit.targets import prom, prom_now


def finished() -> Panel:
    grown = f"increase(mixdesk_jobs_finished_total{{{TYPE}}}[$__range])"
    return panels.bars(
        202,
        "Finished in this time, by outcome",
        "Jobs that ended in the time range above, by how. Metric: `mixdesk_jobs_finished_total`. "
        "Worry when failed ones grow.",
        "none",
        "0",
        prom_now(f"sum by (outcome) (floor(max by (job_type, outcome) ({grown})))", "{{outcome}}"),
        decimals=0,
        lowest=0,
        w=8,
        overrides=[
            looks.by_name("succeeded", color=looks.fixed(GREEN)),
            looks.by_name("failed", color=looks.fixed(RED)),
            looks.by_name("canceled", color=looks.fixed(GREY)),
        ],
    )


def hourly() -> Panel:
    grown = f"increase(mixdesk_jobs_finished_total{{{TYPE}}}[1h])"
    return panels.timeseries(
        203,
        "Finished in the hour before, by type and outcome",
        "A moving count, so that one job is seen for an hour. Metric: `mixdesk_jobs_finished_total`. "
        "Worry when one type fails again and again.",
        "none",
        "nothing ended in this time",
        prom(f"floor(max by (job_type, outcome) ({grown})) > 0", "{{job_type}} {{outcome}}"),
        decimals=0,
        lowest=0,
        w=16,
        legend=("max",),
    )


def checkpoints() -> list[Panel]:
    grown = f"increase(mixdesk_checkpoints_total{{{TYPE}}}[$__range])"
    age = of_jobs.age("mixdesk_job_last_checkpoint_timestamp_seconds")
    return [
        panels.bars(
            301,
            "Checkpoints in this time",
            "Saved and verified, or failed, in the time range above. Metric: `mixdesk_checkpoints_total`. "
            "Worry at one failure: the disk may be full; the old checkpoints are still there.",
            "none",
            "0",
            prom_now(f"sum by (outcome) (floor(max by (job_type, outcome) ({grown})))", "{{outcome}}"),
            decimals=0,
            lowest=0,
            w=8,
            overrides=[
                looks.by_name("saved", color=looks.fixed(GREEN)),
                looks.by_name("failed", color=looks.fixed(RED)),
            ],
        ),
        panels.timeseries(
            302,
            "Time to save and verify",
            "Of the checkpoints of the hour before, over all jobs; the dots lead to their traces. "
            "Metric: `mixdesk_checkpoint_duration_seconds`. Worry when it grows: a slower or fuller disk.",
            "s",
            "nothing was saved in this time",
            *(prom(_saving(part), name, exemplar=True) for part, name in ((0.5, "median"), (0.95, "95 %"))),
            lowest=0,
            w=8,
        ),
        panels.timeseries(
            303,
            "Age of the last checkpoint",
            "What a crash would cost each running job. Metric: `mixdesk_job_last_checkpoint_timestamp_seconds`. "
            "Worry when a line climbs beyond its saw teeth.",
            "s",
            "no running job has a checkpoint yet",
            prom(of_jobs.shown(f"({age}) and on (job_id) {of_jobs.within('running', TYPE)}", TYPE), "{{title}}"),
            lowest=0,
            w=8,
            legend=("lastNotNull",),
        ),
    ]


def _saving(part: float) -> str:
    buckets = "sum by (le) (increase(mixdesk_checkpoint_duration_seconds_bucket[1h]))"
    # of nothing it is NaN, which would be an empty graph in place of the text: compared, it is gone
    return f"histogram_quantile({part}, {buckets}) >= 0"
