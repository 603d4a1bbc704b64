"""The first lines of the page of a job: twelve numbers and words. `this` selects the job: `job_id="$job_id"`.

What lasts (a status, a size) is the last value within the time range, so that it is still there when the series of an
ended job have left; what is true now alone (a prediction, the last sign of life) is asked for now.
"""

from __future__ import annotations

from typing import Unpack

from grafana_foundation_sdk.models.dashboard import Panel

from mixdesk_dashboards.kit import of_jobs, panels, states
from mixdesk_dashboards.kit.looks import GREEN, ORANGE, steps
from mixdesk_dashboards.kit.panel import Look
from mixdesk_dashboards.kit.targets import prom, prom_now
from mixdesk_dashboards.tables import CLOCK, TOO_OLD_S

GONE = "no series of this job in this time"


def stats(this: str) -> list[Panel]:
    """Two lines of six."""
    return [*_course(this), _speed(this), *_life(this), *_saving(this), _held(this)]


def _last(number: int, title: str, text: str, unit: str, nothing: str, query: str, **look: Unpack[Look]) -> Panel:
    whole: Look = {"points": 100, "decimals": 0, **look}
    return panels.stat(number, title, text, unit, nothing, prom(query), **whole)


def _now(number: int, title: str, text: str, unit: str, nothing: str, query: str, **look: Unpack[Look]) -> Panel:
    whole: Look = {"decimals": 0, "means": [of_jobs.absent(nothing)], **look}
    return panels.stat(number, title, text, unit, nothing, prom_now(of_jobs.one(query)), **whole)


def _course(this: str) -> list[Panel]:
    status = states.number_of("mixdesk_job_status", "job_id", states.JOB, this)
    eta = f"mixdesk_job_eta_seconds{{{this}}}"
    return [
        _last(
            1,
            "Status",
            "What the job does. Metric: `mixdesk_job_status`. Worry about failed, and lost: killed or cut off.",
            *("none", GONE, status),
            means=[states.as_numbers(states.JOB)],
        ),
        _last(
            2,
            "Progress",
            "Weighted over its phases; 100 % only when it has succeeded. Metric: `mixdesk_job_progress_ratio`. "
            "Worry when it stands still.",
            *("percentunit", GONE, f"max(mixdesk_job_progress_ratio{{{this}}})"),
            decimals=1,
            lowest=0,
            highest=1,
        ),
        _now(
            3,
            "Remaining",
            "Predicted time to the end, while it runs and one can be made. Metric: `mixdesk_job_eta_seconds`.",
            *("s", "unknown", eta),
        ),
        _now(
            4,
            "Done at",
            "The same as a time on the clock. Metric: `mixdesk_job_eta_seconds`. Worry when it moves away.",
            *(CLOCK, "unknown", of_jobs.clock(f"time() + {eta}")),
        ),
        panels.stat(
            5,
            "Epoch",
            "The epoch in progress, from 1, and all of them. Metrics: `mixdesk_job_epoch`, `mixdesk_job_epochs`.",
            "none",
            "no epochs",
            prom(f"max(mixdesk_job_epoch{{{this}}})", "epoch"),
            prom(f"max(mixdesk_job_epochs{{{this}}})", "of"),
            decimals=0,
            names=True,
            points=100,
        ),
    ]


def _speed(this: str) -> Panel:
    return panels.stat(
        6,
        "Steps a second",
        "Optimizer steps. Metric: `mixdesk_job_steps_total`. Worry when it falls, or is 0 while the job runs.",
        "steps/s",
        "not counted",
        prom(f"max(rate(mixdesk_job_steps_total{{{this}}}[$__rate_interval]))"),
        decimals=2,
        graph=True,
        points=100,
    )


def _life(this: str) -> list[Panel]:
    heard = f"mixdesk_job_last_report_timestamp_seconds{{{this}}}"
    return [
        _last(
            7,
            "Running for",
            "From its start to its last report. Metric: `mixdesk_job_started_timestamp_seconds`.",
            *("s", "not started", f"max({heard} - mixdesk_job_started_timestamp_seconds{{{this}}})"),
        ),
        _now(
            8,
            "Heard ago",
            "Time since its last report; it sends one a second. Metric: `mixdesk_job_last_report_timestamp_seconds`. "
            "Worry beyond 30 s; after 10 s without one the desk says it is lost. One that is queued only waits.",
            *("s", "ended", of_jobs.heard(this)),
            limits=of_jobs.SILENT,
            means=[of_jobs.unheard("ended")],
        ),
    ]


def _saving(this: str) -> list[Panel]:
    saving = states.number_of("mixdesk_job_checkpoint_status", "job_id", states.CHECKPOINT, this)
    heard, saved = (f"mixdesk_job_last_{what}_timestamp_seconds{{{this}}}" for what in ("report", "checkpoint"))
    return [
        _last(
            9,
            "Unsaved work",
            "From the last checkpoint to the last report: what a crash costs, or has cost. "
            "Metric: `mixdesk_job_last_checkpoint_timestamp_seconds`. Worry beyond 45 minutes.",
            *("s", "no checkpoint yet", f"max({heard} - {saved})"),
            limits=steps(GREEN, (TOO_OLD_S, ORANGE)),
        ),
        _last(
            10,
            "Checkpoint",
            "How the last request to save stands. Metric: `mixdesk_job_checkpoint_status`. "
            "Worry about failed: the job goes on, and the checkpoints before it are still there.",
            *("none", GONE, saving),
            means=[states.as_numbers(states.CHECKPOINT)],
        ),
        _last(
            11,
            "Checkpoint size",
            "Of the last one. Metric: `mixdesk_job_last_checkpoint_size_bytes`. Worry when the disk has less free.",
            *("bytes", "no checkpoint yet", f"max(mixdesk_job_last_checkpoint_size_bytes{{{this}}})"),
            decimals=1,
        ),
    ]


def _held(this: str) -> Panel:
    held = f"sum(max by (asset, host, UUID) (mixdesk_gpu_attributed_memory_bytes{{{this}}}))"
    return _now(
        12,
        "GPU memory",
        "What its processes hold on all GPUs. Metric: `mixdesk_gpu_attributed_memory_bytes`. "
        "Worry when a training job holds none: it may run on the CPU.",
        *("bytes", "none", held),
        decimals=1,
    )
