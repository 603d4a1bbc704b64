"""Speed, what the trainer logs, and its checkpoints. `this` selects the job: `job_id="$job_id"`."""

from __future__ import annotations

from grafana_foundation_sdk.models.dashboard import Panel

from mixdesk_dashboards.kit import of_jobs, panels, states
from mixdesk_dashboards.kit.targets import prom

LOSS, NO_LOSS = 'metric=~"(?i).*loss.*"', 'metric!~"(?i).*loss.*"'


def training(this: str) -> list[Panel]:
    """Speed, epoch and what the trainer logs."""
    return [
        panels.timeseries(
            201,
            "Speed",
            "Optimizer steps. Metric: `mixdesk_job_steps_total`. Worry when it falls, or is 0 while the job runs.",
            "steps/s",
            "no step in this time",
            prom(f"max(rate(mixdesk_job_steps_total{{{this}}}[$__rate_interval]))", "steps a second"),
            lowest=0,
            legend=("lastNotNull", "mean"),
            w=8,
        ),
        panels.timeseries(
            202,
            "Steps of this attempt",
            "Done since this process began, and those planned for the whole run. "
            "Metrics: `mixdesk_job_steps_total`, `mixdesk_job_steps_planned`.",
            "none",
            "no step in this time",
            prom(f"max(mixdesk_job_steps_total{{{this}}})", "done"),
            prom(f"max(mixdesk_job_steps_planned{{{this}}})", "planned"),
            decimals=0,
            lowest=0,
            legend=("lastNotNull",),
            w=8,
        ),
        panels.timeseries(
            203,
            "Epochs",
            "The epoch in progress, from 1, and all of them. Metrics: `mixdesk_job_epoch`, `mixdesk_job_epochs`.",
            "none",
            "no epoch in this time",
            prom(f"max(mixdesk_job_epoch{{{this}}})", "epoch"),
            prom(f"max(mixdesk_job_epochs{{{this}}})", "of"),
            decimals=0,
            lowest=0,
            legend=("lastNotNull",),
            w=8,
        ),
        _logged(204, "Loss", LOSS, "a gap is a value that is no number (NaN): then worry", this),
        _logged(205, "Other numbers that it logs", NO_LOSS, "what `job.log` was given beside the loss", this),
    ]


def _logged(number: int, title: str, names: str, text: str, this: str) -> Panel:
    return panels.timeseries(
        number,
        title,
        f"Last value a second of each logged number; {text}. Metric: `mixdesk_job_metric`.",
        "short",
        "nothing of the kind was logged",
        prom(f"max by (metric) (mixdesk_job_metric{{{names}, {this}}})", "{{metric}}"),
        fill=0,
        legend=("lastNotNull", "min"),
    )


def checkpoints(this: str) -> list[Panel]:
    """How saving went."""
    saving = states.number_of("mixdesk_job_checkpoint_status", "job_id", states.CHECKPOINT, this)
    age = of_jobs.age(f"mixdesk_job_last_checkpoint_timestamp_seconds{{{this}}}")
    return [
        panels.states(
            301,
            "Saving",
            "How requests to save stood. Metric: `mixdesk_job_checkpoint_status`. Worry when requested stays: the loop "
            "reaches no step boundary.",
            "no series of this job in this time",
            prom(saving, "checkpoint"),
            means=[states.as_numbers(states.CHECKPOINT)],
            w=8,
        ),
        panels.timeseries(
            302,
            "Age of the last checkpoint",
            "What a crash would cost. Metric: `mixdesk_job_last_checkpoint_timestamp_seconds`. "
            "Worry when it climbs beyond its saw teeth.",
            "s",
            "no checkpoint in this time",
            prom(age, "age"),
            lowest=0,
            legend=("lastNotNull", "max"),
            w=8,
        ),
        panels.timeseries(
            303,
            "Size of the last checkpoint",
            "On disk. Metric: `mixdesk_job_last_checkpoint_size_bytes`. Worry when it grows from one to the next.",
            "bytes",
            "no checkpoint in this time",
            prom(f"max(mixdesk_job_last_checkpoint_size_bytes{{{this}}})", "size"),
            lowest=0,
            legend=("lastNotNull",),
            w=8,
        ),
    ]
