"""What is known of a job, in plain memory: written by the loop's thread, read by the reporter's."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from . import wire
from .guard import say_once
from .identity import Process, new_job_id, new_key, new_span_id, new_trace_id, this_process
from .jobtypes import MAX_PHASES
from .outbox import OLDEST, Outbox
from .phasefacts import PhaseFacts, finite, seconds, time_text
from .runclock import RunClock

MAX_METRICS = 64
_MAX_ERROR = 2000


class Switch:
    """The only thing the hot loop touches: `step` is written each step, `up` is read.

    step  completed optimizer steps since the run began, over all attempts
    up    True while something may have to be done at a boundary
    """

    __slots__ = ("step", "up")

    def __init__(self) -> None:
        self.step = 0
        self.up = False


@dataclass
class JobFacts:
    """All that a report of the job says. `epoch` is 1-based and in progress.

    epoch_start, attempt_start  `switch.step` when the epoch, and this attempt, began
    epoch_steps                 steps in the epoch, where that is known
    steps_before, parts_before  steps and `steps()` calls of the epoch before, 0 where there was none
    """

    job_type: str
    name: str | None
    version: str
    phases: dict[str, PhaseFacts]
    switch: Switch = field(default_factory=Switch)
    clock: Callable[[], float] = field(default_factory=RunClock)
    owner: str | None = None
    job_id: str = field(default_factory=new_job_id)
    job_key: str = field(default_factory=new_key)
    trace_id: str = field(default_factory=new_trace_id)
    span_id: str = field(default_factory=new_span_id)
    process: Process = field(default_factory=this_process)
    parent_id: str | None = None
    attempt: int = 1
    status: str = wire.STARTING
    error: str | None = None
    created_at: float | None = None
    started_at: float | None = None
    completed_at: float | None = None
    epoch: int | None = None
    epochs: int | None = None
    epoch_start: int = 0
    epoch_steps: int | None = None
    steps_before: int = 0
    parts_before: int = 0
    attempt_start: int = 0
    epochs_phase: PhaseFacts | None = None
    ticked_phase: PhaseFacts | None = None
    metrics: dict[str, Any] = field(default_factory=dict)
    log_stream: str | None = None
    input_file: str | None = None
    checkpoint: wire.CheckpointState = field(default_factory=wire.CheckpointState)
    checkpoints: Outbox[wire.CheckpointRecord] = field(default_factory=lambda: Outbox(lambda record: record.path))
    artifacts: Outbox[wire.Artifact] = field(default_factory=lambda: Outbox(lambda artifact: artifact.path))
    observed: wire.Observed = field(default_factory=wire.Observed)
    resuming: bool = False
    own_spans: bool = False
    seq: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _seen_step: int = 0
    _last_step_at: float | None = None

    # -- what the loop's thread writes ---------------------------------------------------------------

    def log(self, numbers: dict[str, Any]) -> None:
        """Keep the newest values; tensors are detached here and read by the reporter."""
        for name, value in numbers.items():
            if name not in self.metrics and len(self.metrics) >= MAX_METRICS:
                say_once("metrics", "more than %d logged numbers: %r and later ones are left out", MAX_METRICS, name)
                continue
            detach = getattr(value, "detach", None)
            self.metrics[name] = value if detach is None else detach()

    def phase(self, key: str) -> PhaseFacts:
        """The phase `key`; one that the job type does not have is added, with weight 0 and a warning."""
        known = self.phases.get(key)
        if known is not None:
            return known
        added = PhaseFacts(key, key.replace("_", " ").capitalize(), 0.0)
        if len(self.phases) >= MAX_PHASES:
            say_once("phases", "more than %d phases: %r and later ones are not reported", MAX_PHASES, key)
            return added
        steps = ", ".join(phase.key for phase in self.phases.values() if phase.weight)
        if steps:
            say_once(
                f"phase:{key}", "%s has no phase %r: it counts nothing (its phases: %s)", self.job_type, key, steps
            )
        self.phases[key] = added
        return added

    def planned_steps(self) -> int | None:
        """All steps of the run, where the length of an epoch and the number of epochs are known."""
        if self.epoch is None or self.epochs is None or not self.epoch_steps:
            return None
        return self.epoch_start + self.epoch_steps * (self.epochs - self.epoch + 1)

    def current_phase(self) -> PhaseFacts | None:
        """The phase that was started last and runs."""
        running = [phase for phase in self.phases.values() if phase.state == "running"]
        return max(running, key=lambda phase: phase.started_at or 0.0, default=None)

    def is_last(self, phase: PhaseFacts) -> bool:
        """True for the last phase of the type."""
        return next((known for known in reversed(self.phases.values()) if known.weight), None) is phase

    def ended_spans(self) -> set[str]:
        """Ids of the spans of phases and checkpoints that are over."""
        ended = {phase.span_id for phase in self.phases.values() if phase.ended_at is not None}
        return ended | {record.span_id for record in self.checkpoints if record.span_id is not None}

    # -- what the reporter's thread reads ------------------------------------------------------------

    def report(self, most: int = OLDEST) -> wire.Report:
        """The whole state as one report with a new sequence number; `most`: see Outbox.shown."""
        now = self.clock()
        step = self.switch.step
        self.sample(step, now)
        # milliseconds, so that a process that takes the job over without the spool is still newer
        with self._lock:
            self.seq = seq = max(self.seq + 1, int(now * 1000))
        in_epochs = self.epoch is not None
        return wire.Report(
            job_id=self.job_id,
            job_key=self.job_key,
            job_type=self.job_type,
            name=self.name,
            version=self.version,
            owner=self.owner,
            parent_id=self.parent_id,
            attempt=self.attempt,
            seq=seq,
            sent_at=time_text(now),
            host=self.process.host,
            boot_id=self.process.boot_id,
            pid=self.process.pid,
            pid_start=self.process.pid_start,
            status=self.status,
            error=None if self.error is None else self.error[:_MAX_ERROR],
            created_at=time_text(self.created_at),
            started_at=time_text(self.started_at),
            completed_at=time_text(self.completed_at),
            phases=[phase.report() for phase in list(self.phases.values())],
            trace_id=self.trace_id,
            span_id=self.span_id,
            epoch=self.epoch,
            epochs=self.epochs,
            step=step - self.epoch_start if in_epochs else None,
            steps=self.epoch_steps,
            run_step=step,
            attempt_steps=step - self.attempt_start,
            planned_steps=self.planned_steps(),
            last_step_at=time_text(self._last_step_at),
            metrics=self._numbers(),
            log_stream=self.log_stream,
            input_file=self.input_file,
            checkpoint=self.checkpoint,
            checkpoints=self.checkpoints.shown(most),
            artifacts=self.artifacts.shown(most),
            observed=self.observed,
            resuming=self.resuming,
            own_spans=self.own_spans,
        )

    @property
    def untold(self) -> bool:
        """True where a list still holds what no desk has acknowledged."""
        return self.checkpoints.waiting or self.artifacts.waiting

    def acknowledged(self, report: wire.Report) -> None:
        """A desk has stored this report."""
        self.checkpoints.acknowledge(report.checkpoints)
        self.artifacts.acknowledge(report.artifacts)

    def sample(self, step: int, now: float) -> None:
        """Bring what is counted in steps up to date."""
        if step != self._seen_step:
            self._seen_step, self._last_step_at = step, now
        phase = self.epochs_phase
        if phase is not None and phase.state == "running" and self.epoch is not None:
            part = (step - self.epoch_start) / self.epoch_steps if self.epoch_steps else 0.0
            phase.done = max(phase.done, self.epoch - 1 + min(max(part, 0.0), 1.0))
            if self.epoch_steps and self.epochs:
                phase.work = float(self.epoch_steps * self.epochs)
        ticked = self.ticked_phase
        if ticked is not None and ticked.state == "running":
            ticked.done = min(float(step), finite(ticked.total, ticked.key) or float(step))
            ticked.began = min(float(self.attempt_start), ticked.done)

    def _numbers(self) -> dict[str, wire.Number]:
        numbers: dict[str, wire.Number] = {}
        for name, value in list(self.metrics.items()):
            try:
                numbers[name] = wire.number(value)
            except (TypeError, ValueError, ArithmeticError, RuntimeError, AttributeError) as error:
                say_once(f"metric:{name}", "job.log(%s=...) is no number and is left out: %s", name, error)
        return numbers

    # -- the hand-over between processes -------------------------------------------------------------

    def adopt(self, report: wire.Report) -> None:
        """Go on from the state that another process of the same job left."""
        self.job_type, self.name, self.version = report.job_type, report.name, report.version or self.version
        self.owner, self.parent_id, self.attempt = report.owner, report.parent_id, report.attempt
        self.seq = max(self.seq, report.seq)
        self.trace_id = report.trace_id or self.trace_id
        self.span_id = report.span_id or self.span_id
        self.created_at, self.started_at = seconds(report.created_at), seconds(report.started_at)
        self.status, self.error = report.status, report.error
        self._adopt_phases(report.phases)
        self.epoch, self.epochs, self.epoch_steps = report.epoch, report.epochs, report.steps
        self.switch.step = report.run_step or 0
        self.attempt_start = self.switch.step - (report.attempt_steps or 0)
        self.epoch_start = self.switch.step - (report.step or 0)
        self._seen_step, self._last_step_at = self.switch.step, seconds(report.last_step_at)
        self.metrics = dict(report.metrics)
        self.input_file = report.input_file or self.input_file
        self.checkpoint, self.observed = report.checkpoint, report.observed
        self.checkpoints.merge(report.checkpoints)
        self.artifacts.merge(report.artifacts)
        self.own_spans = self.own_spans or report.own_spans

    def _adopt_phases(self, reports: list[wire.PhaseReport]) -> None:
        """The job's phases are those that it was begun with, in that order, whatever type this process names."""
        phases: dict[str, PhaseFacts] = {}
        for report in reports:
            known = self.phases.get(report.key) or PhaseFacts(report.key, report.label, report.weight)
            known.adopt(report)
            phases[report.key] = known
        for phase in self.phases.values():
            if phase.entered:
                phases.setdefault(phase.key, phase)
        self.phases = phases
