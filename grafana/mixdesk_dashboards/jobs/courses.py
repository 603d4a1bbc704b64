"""What the jobs did over time, and how good the predictions were."""

from __future__ import annotations

from grafana_foundation_sdk.models.dashboard import Panel

from mixdesk_dashboards.jobs.chosen import TYPE
from mixdesk_dashboards.kit import of_jobs, panels, states
from mixdesk_dashboards.kit.targets import prom, prom_heat, prom_now


def over_time() -> list[Panel]:
    status = states.number_of("mixdesk_job_status", "job_id", states.JOB)
    progress = of_jobs.each(f"mixdesk_job_progress_ratio{{{TYPE}}}")
    speed = of_jobs.each("rate(mixdesk_job_steps_total[$__rate_interval])")
    return [
        panels.states(
            101,
            "Status of each job",
            "What each job was doing. It leaves 15 minutes after its end. Metric: `mixdesk_job_status`. "
            "Worry about orange (lost) and red (failed).",
            "no job in this time",
            prom(of_jobs.shown(status, TYPE), "{{title}}"),
            means=[states.as_numbers(states.JOB)],
        ),
        panels.timeseries(
            102,
            "Progress",
            "Weighted over the phases of the job's type; never goes down. Metric: `mixdesk_job_progress_ratio`. "
            "Worry when a line of a running job is flat.",
            "percentunit",
            "no job in this time",
            prom(of_jobs.shown(progress, TYPE), "{{title}}"),
            lowest=0,
            highest=1,
            legend=("lastNotNull",),
        ),
        panels.timeseries(
            103,
            "Optimizer steps a second",
            "How fast each job trains. Metric: `mixdesk_job_steps_total`. "
            "Worry when it falls while the GPU is busy with something else, or to 0.",
            "steps/s",
            "no job counts steps in this time",
            prom(of_jobs.shown(speed, TYPE), "{{title}}"),
            lowest=0,
            legend=("lastNotNull", "mean"),
        ),
    ]


def predictions() -> list[Panel]:
    clock = of_jobs.clock(f"time() + {of_jobs.each('mixdesk_job_eta_seconds')}")
    phases = _mean("mixdesk_phase_duration_seconds", "job_type, phase")
    return [
        panels.timeseries(
            401,
            "Predicted end",
            "The time at which each running job will be done, as it was said at each moment: a flat line is a "
            "prediction that holds. Metric: `mixdesk_job_eta_seconds`. Worry when it climbs as fast as time goes by.",
            "dateTimeAsLocalNoDateIfToday",
            "no prediction in this time",
            prom(of_jobs.shown(clock, TYPE), "{{title}}"),
            legend=("lastNotNull",),
        ),
        _error(
            402,
            "Mean error of the ETA",
            "mixdesk_eta_error_ratio",
            "at",
            "{{at}} of the run",
            "as a part of the job's duration, when 0.1, 0.5 and 0.9 of it were over",
        ),
        _error(
            403,
            "Mean error of the progress",
            "mixdesk_progress_error_ratio",
            "job_type",
            "{{job_type}}",
            "as the mean distance from the elapsed part of its time; set `[jobs.weights]` where it is large",
        ),
        panels.bars(
            404,
            "Mean time of each phase",
            "Of the phases that are done since the desk started: what predictions are made of. "
            "Metric: `mixdesk_phase_duration_seconds`.",
            "s",
            "no phase is done since the desk started",
            prom_now(f"sort_desc({phases})", "{{job_type}} {{phase}}"),
            lowest=0,
        ),
        panels.heatmap(
            405,
            "Time that phases took",
            "The phases of the hour before, by how long they took; the dots lead to their traces. "
            "Metric: `mixdesk_phase_duration_seconds`. Worry when the same work takes longer.",
            "s",
            "no phase is done in this time",
            prom_heat(f"sum by (le) (increase(mixdesk_phase_duration_seconds_bucket{{{TYPE}}}[1h]))"),
        ),
    ]


def _mean(metric: str, by: str) -> str:
    """Of a histogram, since it began: a rate would not see the first one, which is there from its first sight on."""
    total, count = (f"sum by ({by}) ({metric}_{part}{{{TYPE}}})" for part in ("sum", "count"))
    return f"{total} / ({count} > 0)"


def _error(number: int, title: str, metric: str, by: str, legend: str, text: str) -> Panel:
    return panels.timeseries(
        number,
        title,
        f"Of the jobs that succeeded since the desk started: {text}. Metric: `{metric}`. "
        "Worry beyond a third, once a type has run a few times.",
        "percentunit",
        "no job has succeeded since the desk started",
        prom(_mean(metric, by), legend),
        lowest=0,
        w=6,
        legend=("lastNotNull",),
    )
