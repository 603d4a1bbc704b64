"""One run of a training or generation job: its phases, values, artifacts and end."""

from __future__ import annotations

import atexit
import os
import time
import weakref
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

from . import loops, spans, wire
from .checkpoints import Checkpoint
from .errors import Canceled
from .facts import JobFacts, PhaseFacts
from .guard import guarded, log
from .phases import Phase
from .position import Position
from .relay import Relay
from .reporter import Channel
from .saving import Every, Policy, Restored, Saver
from .signals import TermHandler
from .steering import Boundary, Steering

if TYPE_CHECKING:
    from .loops import Epoch

T = TypeVar("T")

EXIT_WAIT_S = 1.0
LEAVE_NEAR_S = 1.0
SPOOLED_ENTRIES = 100  # of one phase: a phase entered each epoch must not fill the disk
_open_jobs: weakref.WeakSet[Job] = weakref.WeakSet()


class Job:
    """A job under way; made by `mixdesk.job`, used as a `with` block.

    Nothing here raises because of the desk, and nothing in the loop waits for it.
    """

    def __init__(self, facts: JobFacts, policy: Policy, *, relay: Relay, on_sigterm: str | None = "exit") -> None:
        self._facts = facts
        self._relay = relay
        self._on_sigterm = on_sigterm
        self._saver = Saver(facts, policy, lambda: self._position, self._changed)
        self._steering = Steering(facts, self._saver, self._changed)
        self._spans = spans.Spans(facts)
        self._channel = Channel(facts, self._steering, self._each_second)
        self._channel.on_spans = self._settle_spans
        self._epoch: Epoch[Any] | None = None
        self._left_open: dict[str, float] = {}
        self._ticked: int | None = None
        self._boundary_error: Exception | None = None
        self._inert = False
        self._ended = False
        self._signal = TermHandler(lambda: self._steering.ask_leave("SIGTERM", save=True))

    # -- what a trainer reads --------------------------------------------------------------------------

    @property
    def id(self) -> str:
        """The job_id: the key between reports, metrics, logs and spans."""
        return self._facts.job_id

    @property
    def name(self) -> str | None:
        """The name given to the job."""
        return self._facts.name

    @property
    def status(self) -> str:
        """queued, starting, running, paused, finalizing, succeeded, failed or canceled."""
        return self._facts.status

    @property
    def extra(self) -> dict[str, Any]:
        """Plain values that are kept in each checkpoint and come back on resume."""
        return self._saver.extra

    @property
    def log_stream(self) -> str:
        """The name of the job's own log."""
        return self._facts.log_stream or f"jobs/{self.id}"

    def environ(self) -> dict[str, str]:
        """What a child process needs in its environment to go on with this job: `{"MIXDESK_JOB": ...}`.

        Until that process hands the job back, this one does not report it.
        """
        self._relay.lend(self._facts)
        return {"MIXDESK_JOB": f"{self._facts.job_id}:{self._facts.job_key}"}

    # -- phases and loops ------------------------------------------------------------------------------

    def track(
        self, key: str, items: Iterable[T], *, total: float | None = None, label: str | None = None, unit: str = "items"
    ) -> Iterator[T]:
        """Yield `items` as the weighted phase `key`; the total comes from len() or `total`.

        Each item is a boundary: pause and cancel are obeyed there, and checkpoints outside an epoch.
        """
        known = loops.length(items)
        return loops.track(
            self, self.phase(key, total=total if known is None else known, label=label, unit=unit), items
        )

    def phase(self, key: str, *, total: float | None = None, label: str | None = None, unit: str = "items") -> Phase:
        """The weighted phase `key`, by hand: `with job.phase("packaging", total=3) as phase: phase.advance()`."""
        facts = self._facts.phases.get(key)
        if facts is None:
            facts = self._facts.phases[key] = PhaseFacts(key, key.replace("_", " ").capitalize(), 0.0)
        if label is not None:
            facts.label = label
        facts.total, facts.unit = total, unit
        return Phase(self, facts)

    def register(self, **objects: Any) -> None:
        """What a checkpoint holds: anything with state_dict() and load_state_dict()."""
        self._saver.register(objects)

    def epochs(self, key: str, epochs: int) -> Iterator[Epoch[Any]]:
        """Yield `epochs` epochs as the weighted phase `key`.

        Goes on by itself where a verified checkpoint of this name and version is; saves after the last one.
        Raises CheckpointError where that checkpoint does not fit what is registered.
        """
        if epochs < 0:
            msg = f"job.epochs({key!r}, {epochs}): must be 0 or more"
            raise ValueError(msg)
        facts = self.phase(key)._facts
        return loops.EpochLoop(self, facts, key, epochs).run()

    def tick(self, *, epoch: int | None = None, step: int | None = None) -> None:
        """A step boundary for loops that are not written with `steps`; the same requests are obeyed.

        epoch  completed epochs, and step completed optimizer steps (default: one more), since the run began:
               what `restore` gives back.
        """
        switch = self._facts.switch
        switch.step = switch.step + 1 if step is None else step
        if epoch is not None:
            self._ticked = epoch
            self._facts.epoch = epoch + 1
        current = self._facts.current_phase()
        if current is not None and current.total:
            current.done = min(float(switch.step), current.total)
        if switch.up:
            self._boundary(Boundary.TRAINING)

    def restore(self) -> Restored | None:
        """Load the newest verified checkpoint into what is registered; where it stands, or None where there is none."""
        return self._saver.restore_once()

    def save_checkpoint(self) -> Checkpoint:
        """Save now. Raises CheckpointError with the reason."""
        return self._saver.manual()

    # -- values ------------------------------------------------------------------------------------------

    def log(self, **numbers: Any) -> None:
        """Keep the newest value of each number (float, int or a tensor of one element); sampled once a second."""
        self._facts.log(numbers)

    def artifact(self, type: str, path: object, url: str | None = None) -> None:
        """An output of this job: it appears in `output_artifacts`."""
        self._facts.artifacts.append(wire.Artifact(type=type, path=str(path), url=url))
        self._changed()

    # -- beginning and end ---------------------------------------------------------------------------------

    def start(self) -> Job:
        """Begin, for notebooks: a `with` block without the block. End it by `close()`."""
        facts = self._facts
        self._relay.begin(facts)
        if facts.status == wire.QUEUED or facts.started_at is None:
            facts.status, facts.started_at = wire.STARTING, facts.clock()
        facts.log_stream = self.log_stream
        self._spans.enter(facts.span_id)
        if self._on_sigterm is not None:
            self._signal.install()
        self._edge()
        if self._relay.canceled:
            self._steering.ask_leave("canceled", save=False)
        self._relay.link.add(self._channel)
        _open_jobs.add(self)
        return self

    def close(self, status: str = wire.SUCCEEDED, error: str | None = None) -> None:
        """End what `start` began."""
        self._end(wire.CANCELED if self._steering.left is not None and status == wire.SUCCEEDED else status, error)

    def finish(self, status: str = wire.SUCCEEDED, error: str | None = None) -> None:
        """End now, for scripts that leave by os._exit: waits for the desk one second at most."""
        self.close(status, error)

    def leave(self, save: bool = True) -> None:
        """Ask this run to end at its next boundary, with a checkpoint if it can. Safe from any thread."""
        self._steering.ask_leave("asked by the program", save=save)

    def __enter__(self) -> Job:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> bool:
        if self._inert or self._ended:
            return False
        status, message = self._outcome(error)
        if status == wire.SUCCEEDED:
            self._save_left_open()
        self._end(status, message)
        if self._steering.left == "SIGTERM" and self._on_sigterm == "exit":
            raise SystemExit(143)
        return isinstance(error, Canceled)

    def _outcome(self, error: BaseException | None) -> tuple[str, str | None]:
        if isinstance(error, (Canceled, KeyboardInterrupt)):
            return wire.CANCELED, None
        if error is None or (isinstance(error, SystemExit) and error.code in (0, None)):
            return (wire.SUCCEEDED, None) if self._steering.left is None else (wire.CANCELED, None)
        if isinstance(error, SystemExit):
            return wire.FAILED, f"SystemExit: {error.code}"
        return wire.FAILED, f"{type(error).__name__}: {error}"[:2000]

    def _end(self, status: str, message: str | None) -> None:
        if self._inert or self._ended:
            return
        self._ended = True
        self._signal.restore()
        facts = self._facts
        self._settle_open_phases({wire.SUCCEEDED: "done", wire.CANCELED: "canceled"}.get(status, "failed"))
        self._spans.leave(facts.span_id)
        if self._relay.ends:
            facts.status, facts.error, facts.completed_at = status, message, facts.clock()
        deadline = time.monotonic() + EXIT_WAIT_S
        self._relay.end(facts, status, lambda: self._relay.link.finish(self._channel, deadline - time.monotonic()))
        if self._relay.ends:
            self._spans.emit(over=True)
            self._spans.shut_down()
        _open_jobs.discard(self)
        facts.status = status

    def __reduce__(self) -> tuple[Any, ...]:
        """In another process (a loader's spawned worker) a job is inert."""
        return (_inert_job, ())

    # -- for the loops -------------------------------------------------------------------------------------

    @property
    def _position(self) -> Position:
        if self._epoch is not None:
            return self._epoch.position
        step = self._facts.switch.step
        return Position(loops=dict(self._saver.loops), step=step, ticked=self._ticked)

    def _boundary(self, kind: Boundary | None = None) -> None:
        if self._inert:
            self._facts.switch.up = False
            return
        if kind is None:
            kind = Boundary.OUTSIDE if self._epoch is None else Boundary.INSIDE
        try:
            if kind is Boundary.TRAINING:
                self._saver.check_once()
            self._steering.boundary(kind)
        except Exception as error:
            self._boundary_error = error
            raise

    def _failed_at_boundary(self, error: Exception) -> bool:
        """True for an error of ours, not of the loader that was asked for a batch."""
        return error is self._boundary_error

    def _leave_is_near(self) -> bool:
        """True where a wish to leave is pending, or arrives in the next moment."""
        deadline = time.monotonic() + LEAVE_NEAR_S
        while not self._steering.leave_pending:
            if time.monotonic() >= deadline or self._on_sigterm is None:
                return False
            time.sleep(0.01)
        return True

    def _start_phase(self, phase: PhaseFacts) -> None:
        self._settle_open_phases("done")
        self._relay.take_back(self._facts)
        now = self._facts.clock()
        phase.entered += 1
        if phase.state != "running":
            phase.state, phase.ended_at = "running", None
            phase.started_at = phase.started_at or now
            if phase.unit != "epochs":
                phase.done = 0.0
        if self._facts.status == wire.STARTING:
            self._facts.status = wire.RUNNING
        self._spans.enter(phase.span_id)
        self._edge(phase)

    def _end_phase(self, phase: PhaseFacts, state: str) -> None:
        self._left_open.pop(phase.key, None)
        self._spans.leave(phase.span_id)
        if phase.state == "running":
            phase.state = state
        phase.ended_at = self._facts.clock()
        if self._facts.is_last(phase) and self._facts.status == wire.RUNNING:
            self._facts.status = wire.FINALIZING
        self._edge(phase)

    def _leave_phase_open(self, phase: PhaseFacts) -> None:
        self._left_open[phase.key] = self._facts.clock()

    def _settle_open_phases(self, state: str) -> None:
        """Loops that were left by `break`, or by an error that ended the job: only what comes next tells which."""
        for key, moment in list(self._left_open.items()):
            phase = self._facts.phases[key]
            if state == "done":
                self._save_left_open()
            self._end_phase(phase, state)
            phase.ended_at = moment

    def _save_left_open(self) -> None:
        if self._left_open and self._facts.epochs_phase is not None and self._saver.unsaved_steps():
            self._saver.final()

    # -- reporting -----------------------------------------------------------------------------------------

    def _changed(self) -> None:
        if not self._inert and not self._ended:
            self._relay.link.reporter.poke(self._channel)

    @guarded
    def _edge(self, phase: PhaseFacts | None = None) -> None:
        if self._inert:
            return
        if phase is None or phase.entered <= SPOOLED_ENTRIES:
            self._relay.write(self._facts)
        self._changed()

    def _each_second(self, channel: Channel) -> None:
        channel.silent = self._relay.is_away(self._facts)
        if self._relay.canceled and self._steering.left is None and self._steering.leave is None:
            self._steering.ask_leave("canceled", save=False)
        if self._saver.due():
            self._steering.ask_autosave()
        self._spans.emit()

    def _settle_spans(self, by_desk: bool) -> None:
        self._spans.by_desk = by_desk

    def _say(self, message: str) -> None:
        log.warning("%s", message)

    def _become_inert(self) -> None:
        self._inert = True
        self._relay.forget(forked=True)


def _inert_job() -> Job:
    job = Job(JobFacts("", None, "", {}), Policy(None, Every(), 1), relay=Relay.none())
    job._inert = True
    return job


def _make_inert_in_child() -> None:
    for job in list(_open_jobs):
        job._become_inert()
    _open_jobs.clear()


@guarded
def _end_what_was_left_open() -> None:
    for job in list(_open_jobs):
        job._end(wire.FAILED, "the process ended without job.close()")


atexit.register(_end_what_was_left_open)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_make_inert_in_child)
