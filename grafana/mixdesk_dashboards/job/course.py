"""What one job did when, and how far it is. `this` selects the job: `job_id="$job_id"`."""

from __future__ import annotations

from grafana_foundation_sdk.models.dashboard import Panel

from mixdesk_dashboards.kit import of_jobs, panels
from mixdesk_dashboards.kit.looks import BLUE, GREEN, GREY, words
from mixdesk_dashboards.kit.targets import prom, prom_now
from mixdesk_dashboards.tables import CLOCK

COURSE = {"0": ("waits", GREY), "1": ("works", BLUE), "2": ("done", GREEN)}


def phases(this: str) -> list[Panel]:
    """What it did when, and how far it is."""
    done = f"max by (phase) (mixdesk_job_phase_progress_ratio{{{this}}})"
    spent = f"max(time() - mixdesk_job_started_timestamp_seconds{{{this}}})"
    eta = f"max(mixdesk_job_eta_seconds{{{this}}})"
    return [
        panels.states(
            101,
            "Phases over time",
            "When each phase waited, worked and was done: of its completed part, so a phase that has just begun still "
            "waits. Metric: `mixdesk_job_phase_progress_ratio`. Worry when none works.",
            "no phase yet",
            prom(f"({done} > bool 0) + ({done} == bool 1)", "{{phase}}"),
            means=[words(COURSE)],
            w=14,
        ),
        panels.bars(
            102,
            "Phases now",
            "The completed part of each phase, done ones first. Metric: `mixdesk_job_phase_progress_ratio`.",
            "percentunit",
            "no phase yet",
            prom_now(f"sort_desc({done})", "{{phase}}"),
            lowest=0,
            highest=1,
            w=10,
        ),
        panels.timeseries(
            103,
            "Progress and time",
            "The weighted progress, and the part of its time that is over by the prediction: the closer the "
            "two, the better. Metrics: `mixdesk_job_progress_ratio`, `mixdesk_job_eta_seconds`. "
            "Worry when both are flat.",
            "percentunit",
            "no progress in this time",
            prom(f"max(mixdesk_job_progress_ratio{{{this}}})", "progress"),
            prom(f"{spent} / ({spent} + {eta})", "by time"),
            lowest=0,
            highest=1,
            legend=("lastNotNull",),
        ),
        panels.timeseries(
            104,
            "Predicted end",
            "The time on the clock at which it will be done, as it was said at each moment: a flat line is one "
            "that holds. Metric: `mixdesk_job_eta_seconds`. Worry when it climbs as fast as time goes by.",
            CLOCK,
            "no prediction in this time",
            prom(of_jobs.clock(f"time() + {eta}"), "done at"),
            legend=("lastNotNull",),
        ),
    ]
