"""What is counted of all jobs since the desk started: ends, checkpoints, durations, how true the progress was."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

from mixdesk import wire
from mixdesk.jobtypes import JOB_TYPES
from mixdesk_control.jobs import ending
from mixdesk_control.jobs.clock import moment
from mixdesk_control.jobs.histogram import Histogram, label
from mixdesk_control.jobs.left_out import PHASES, TYPES, LeftOut
from mixdesk_control.jobs.rows import Change
from mixdesk_control.jobs.scores import AT_PERCENT
from mixdesk_control.jobs.state import Job, State

SAVED, FAILED = "saved", "failed"
SECONDS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0)
LONG_SECONDS = (1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0, 14_400.0, 43_200.0, 86_400.0)
RATIOS = (0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 1.0)
MOST_TYPES = 200


class Tallies:
    """Counters and histograms. Told of every change that is committed."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.types: set[str] = set(JOB_TYPES)
        self.finished: Counter[tuple[str, str]] = Counter()
        self.checkpoints: Counter[tuple[str, str]] = Counter()
        self.saving = Histogram("mixdesk_checkpoint_duration_seconds", "Time to save and verify.", (), SECONDS)
        phases = ("job_type", "phase")
        self.phases = Histogram("mixdesk_phase_duration_seconds", "Time a phase took.", phases, LONG_SECONDS)
        self.progress_error = Histogram(
            "mixdesk_progress_error_ratio", "Mean error of the progress shown, per finished job.", ("job_type",), RATIOS
        )
        self.eta_error = Histogram(
            "mixdesk_eta_error_ratio", "Error of the ETA at a part of the run.", ("job_type", "at"), RATIOS
        )
        self.saving.expect()
        self.left_out = LeftOut()

    def see_type(self, job_type: str) -> str:
        """The label of a job type; from now on its counters are shown, at 0 to begin with."""
        name = label(job_type)
        if name not in self.types and len(self.types) >= MOST_TYPES:
            return "other"
        self.types.add(name)
        return name

    def changed(self, change: Change, _job: Job) -> None:
        """One committed change."""
        before, after = change.before, change.after
        job_type, trace_id = self.see_type(after.job_type), after.report.trace_id
        if before is None and job_type != label(after.job_type):
            self.left_out.count(TYPES)
        if after.is_final and (before is None or not before.is_final):
            self.finished[job_type, after.status] += 1
        self._count_saves(change, job_type)
        for phase in newly_done(before, after):
            seconds = ending.duration(phase)
            if seconds is not None:
                counted = self.phases.observe(seconds, job_type, phase.key, at=self._clock(), trace_id=trace_id)
                self.left_out.count(PHASES, int(not counted))
        for name, error in (change.score or {}).items():
            self._count_error(name, error, job_type, trace_id)

    def _count_saves(self, change: Change, job_type: str) -> None:
        trace_id = change.after.report.trace_id
        for record in change.records:
            self.checkpoints[job_type, SAVED] += 1
            started, saved = moment(record.started_at), moment(record.saved_at)
            if started is not None and saved is not None:
                self.saving.observe(max(saved - started, 0.0), at=self._clock(), trace_id=trace_id)
        if _newly_failed(change.before, change.after):
            self.checkpoints[job_type, FAILED] += 1

    def _count_error(self, name: str, error: float, job_type: str, trace_id: str | None) -> None:
        if name == "progress_error":
            self.progress_error.observe(error, job_type, at=self._clock(), trace_id=trace_id)
        for percent in AT_PERCENT:
            if name == f"eta_error_{percent}":
                self.eta_error.observe(error, job_type, f"{percent / 100:g}", at=self._clock(), trace_id=trace_id)


def _newly_failed(before: State | None, after: State) -> bool:
    now = after.report.checkpoint
    was = None if before is None else before.report.checkpoint
    if now.status != FAILED:
        return False
    return was is None or was.status != FAILED or (was.generation, was.error) != (now.generation, now.error)


def newly_done(before: State | None, after: State) -> Iterator[wire.PhaseReport]:
    """The phases that this change has ended."""
    was = {} if before is None else {phase.key: phase.state for phase in before.report.phases}
    return (phase for phase in after.report.phases if phase.state == "done" and was.get(phase.key) != "done")
