"""The job families of `/metrics`: fresh ones at every scrape."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from heapq import nsmallest
from typing import TYPE_CHECKING, NamedTuple

from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric

from mixdesk import wire
from mixdesk_control.jobs import lifecycle
from mixdesk_control.jobs.clock import moment
from mixdesk_control.jobs.eta import Eta
from mixdesk_control.jobs.histogram import label
from mixdesk_control.jobs.left_out import LeftOut
from mixdesk_control.jobs.state import Job, State
from mixdesk_control.jobs.tallies import FAILED, SAVED, Tallies

if TYPE_CHECKING:
    from mixdesk_control.jobs.service import JobService

SHORT_S = 30.0
MOST_METRICS = 20
SHOWN_STATUSES = (*wire.STATUSES, lifecycle.LOST)

Values = Callable[["Shown"], float | None]


class Shown(NamedTuple):
    """One job at one moment, on a host as its exporter calls it: it may be read while the job itself goes on."""

    state: State
    eta: Eta
    host: str


def families(service: JobService, now: float) -> list[Metric]:
    """All job families as they stand; `now` is the desk's time in seconds since the epoch."""
    return collect(service, now)()


def collect(service: JobService, now: float) -> Callable[[], list[Metric]]:
    """The same in two steps: this one on the event loop, where jobs stand still; what it returns on any thread."""
    jobs, settings = list(service.board.jobs()), service.metrics_settings
    wanted = [job for job in jobs if _has_series(job.state, now, settings.retention_s)]
    shown = [
        Shown(job.state, job.eta, service.host_of(job.state.boot_id) or job.state.host or "")
        for job in chosen(wanted, settings.max_jobs)
    ]
    _count_left_out(service.tallies.left_out, wanted, shown)
    together = aggregates(jobs, service.tallies)
    return lambda: [*per_job(shown), *together]


def chosen(wanted: Iterable[Job], most: int) -> list[Job]:
    """The jobs that have series of their own: those that run first, then the newest."""
    return nsmallest(most, wanted, key=lambda job: (job.state.is_final, -job.state.created_at, job.state.job_id))


def _count_left_out(left_out: LeftOut, wanted: Sequence[Job], shown: Sequence[Shown]) -> None:
    ids = {job.state.job_id for job in shown}
    left_out.jobs([job.state.job_id for job in wanted if job.state.job_id not in ids] if len(ids) < len(wanted) else ())
    more = ((job.state.job_id, len(job.state.report.metrics) - MOST_METRICS) for job in shown)
    left_out.numbers({job_id: many for job_id, many in more if many > 0})


def _has_series(state: State, now: float, retention_s: float) -> bool:
    """Short jobs have series after their end only if they failed."""
    if not state.is_final:
        return True
    if now - (state.ended_at or now) > retention_s:
        return False
    return state.status == wire.FAILED or duration(state) >= SHORT_S


def duration(state: State) -> float:
    """Seconds a final job took, as its trainer says, else as the desk saw it."""
    report = state.report
    started, ended = moment(report.started_at), moment(report.completed_at)
    if started is not None and ended is not None:
        return ended - started
    return (state.ended_at or 0.0) - (state.document.started_at or state.created_at)


# -- per job -------------------------------------------------------------------------------------------


def per_job(jobs: Sequence[Shown]) -> list[Metric]:
    """The series of single jobs."""
    return [
        _info(jobs),
        _states("mixdesk_job_status", "Status of a job.", jobs, SHOWN_STATUSES, lambda job: job.state.seen_status),
        _gauge(
            "mixdesk_job_progress_ratio",
            "Weighted progress of a job.",
            jobs,
            lambda job: job.state.document.percent / 100.0,
            lambda job: {"job_type": label(job.state.job_type)},
        ),
        _phases(jobs),
        *(_gauge(name, text, jobs, value) for name, text, value in _GAUGES),
        _steps(jobs),
        _states(
            "mixdesk_job_checkpoint_status",
            "How saving stands.",
            jobs,
            wire.CHECKPOINT_STATUSES,
            lambda job: job.state.checkpoint_status,
        ),
        _metric_values(jobs),
    ]


def _info(jobs: Iterable[Shown]) -> Metric:
    family = GaugeMetricFamily("mixdesk_job_info", "A job.", labels=("job_id", "job_type", "name", "host"))
    for job in jobs:
        state = job.state
        texts = (state.job_id, state.job_type, state.name or "", job.host)
        family.add_metric([label(text) for text in texts], 1.0)
    return family


def _states(
    name: str, text: str, jobs: Iterable[Shown], states: Sequence[str], current: Callable[[Shown], str]
) -> Metric:
    """A state set: one series a state, 1 for the one that holds."""
    family = GaugeMetricFamily(name, text, labels=("job_id", "status"))
    for job in jobs:
        now = current(job)
        for state in states:
            family.add_metric([job.state.job_id, state], float(state == now))
    return family


def _gauge(
    name: str,
    text: str,
    jobs: Iterable[Shown],
    value: Values,
    more: Callable[[Shown], dict[str, str]] = lambda job: {},
) -> Metric:
    family = Metric(name, text, "gauge")
    for job in jobs:
        number = value(job)
        if number is not None:
            family.add_sample(name, {"job_id": job.state.job_id, **more(job)}, float(number))
    return family


def _phases(jobs: Iterable[Shown]) -> Metric:
    name = "mixdesk_job_phase_progress_ratio"
    family = GaugeMetricFamily(name, "Completed part of a phase.", labels=("job_id", "phase"))
    for job in jobs:
        # By label, for two keys may be cut to the same one, and a series may stand there once only.
        for key, completed in {label(key): part for key, part in job.state.completions().items()}.items():
            family.add_metric([job.state.job_id, key], completed)
    return family


def _steps(jobs: Iterable[Shown]) -> Metric:
    text = "Optimizer steps of this attempt, from 0."
    family = CounterMetricFamily("mixdesk_job_steps", text, labels=("job_id",))
    for job in jobs:
        steps = job.state.report.attempt_steps
        if steps is not None:
            family.add_metric([job.state.job_id], float(steps))
    return family


def _metric_values(jobs: Iterable[Shown]) -> Metric:
    family = GaugeMetricFamily("mixdesk_job_metric", "Last value of a logged number.", labels=("job_id", "metric"))
    for job in jobs:
        named = {label(name): value for name, value in job.state.report.metrics.items()}
        for name, value in list(named.items())[:MOST_METRICS]:
            family.add_metric([job.state.job_id, name], float(value))
    return family


def _asked_at(job: Shown) -> float | None:
    if job.state.checkpoint_status not in ("requested", "saving"):
        return None
    return next((item.asked_at for item in job.state.intent.pending if item.action == "checkpoint"), None)


def _saved_size(job: Shown) -> float | None:
    saved = job.state.document.checkpoints
    return float(saved[-1].size) if saved else None


_GAUGES: tuple[tuple[str, str, Values], ...] = (
    ("mixdesk_job_epoch", "Epoch in progress, from 1.", lambda job: job.state.report.epoch),
    ("mixdesk_job_epochs", "Epochs in all.", lambda job: job.state.report.epochs),
    ("mixdesk_job_steps_planned", "Optimizer steps of the whole run.", lambda job: job.state.report.planned_steps),
    (
        "mixdesk_job_eta_seconds",
        "Predicted time to the end.",
        lambda job: job.eta.seconds if job.state.seen_status == wire.RUNNING else None,
    ),
    ("mixdesk_job_started_timestamp_seconds", "Start of a job.", lambda job: job.state.document.started_at),
    (
        "mixdesk_job_last_report_timestamp_seconds",
        "When the trainer was last heard.",
        lambda job: job.state.last_report_at,
    ),
    ("mixdesk_job_last_step_timestamp_seconds", "Last step boundary.", lambda job: job.state.document.step_at),
    (
        "mixdesk_job_checkpoint_requested_timestamp_seconds",
        "When the pending checkpoint was asked for.",
        _asked_at,
    ),
    ("mixdesk_job_last_checkpoint_timestamp_seconds", "Last checkpoint.", lambda job: job.state.document.saved_at),
    ("mixdesk_job_last_checkpoint_size_bytes", "Size of the last checkpoint.", _saved_size),
)


# -- all jobs ------------------------------------------------------------------------------------------


def aggregates(jobs: Iterable[Job], tallies: Tallies) -> list[Metric]:
    """The series of all jobs together."""
    now = Counter((tallies.see_type(job.state.job_type), job.state.seen_status) for job in jobs)
    types = sorted(tallies.types)
    current = GaugeMetricFamily("mixdesk_jobs", "Jobs by type and status.", labels=("job_type", "status"))
    for job_type in types:
        for status in SHOWN_STATUSES:
            current.add_metric([job_type, status], float(now[job_type, status]))
    return [
        current,
        _counter("mixdesk_jobs_finished", "Jobs that ended.", types, wire.FINAL_STATUSES, tallies.finished),
        _counter("mixdesk_checkpoints", "Checkpoints by outcome.", types, (SAVED, FAILED), tallies.checkpoints),
        tallies.saving.family(),
        tallies.phases.family(),
        tallies.progress_error.family(),
        tallies.eta_error.family(),
        tallies.left_out.family(),
    ]


def _counter(
    name: str, text: str, types: Iterable[str], outcomes: Iterable[str], counts: Counter[tuple[str, str]]
) -> Metric:
    family = CounterMetricFamily(name, text, labels=("job_type", "outcome"))
    for job_type in types:
        for outcome in outcomes:
            family.add_metric([job_type, outcome], float(counts[job_type, outcome]))
    return family
