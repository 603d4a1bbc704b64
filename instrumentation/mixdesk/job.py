"""One run of a training or generation job: its phases, values, artifacts and end."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

from . import joblog, locate, loops, openjobs, relay, wire, workers
from .alarm import Alarm
from .capture import Output, captured_by_parent
from .checkpoints import Checkpoint
from .course import Course
from .errors import Canceled, MixdeskError
from .facts import JobFacts
from .guard import guarded, log
from .phasefacts import PhaseFacts
from .phases import Phase
from .policy import Policy, Source
from .position import Position
from .reporter import Channel
from .restoring import Restored
from .saving import Saver
from .signals import TermHandler
from .spans import Spans
from .steering import SIGTERM, Boundary, Steering

if TYPE_CHECKING:
    from .loops import Epoch

T = TypeVar("T")

EXIT_WAIT_S = 0.9  # and what the end itself takes: a second in all
TERMINATED = 143  # 128 + SIGTERM, as shells say it
LEAVE_NEAR_S = 1.0
DESKLESS_S = 5.0  # so long a job without a desk waits for one before it emits its spans itself
SPOOLED_ENTRIES = 100  # of one phase: a phase entered each epoch must not fill the disk


class Job:
    """A job under way; made by `mixdesk.job`, used as a `with` block.

    Nothing here raises because of the desk, and nothing in the loop waits for it.
    """

    def __init__(
        self,
        facts: JobFacts,
        policy: Policy,
        *,
        held: relay.Relay,
        on_sigterm: str | None = "exit",
        output: Output | None = None,
    ) -> None:
        self._facts = facts
        self._relay = held
        self._output = output or Output(None)
        self._on_sigterm = on_sigterm
        self._saver = Saver(facts, policy, lambda: self._position, self._saver_says)
        self._steering = Steering(facts, self._saver, self._changed)
        self._alarm = Alarm(self._saver.due_in, self._autosave_is_due)
        self._spans = Spans(facts, held.foreign_spans)
        self._course = Course(
            facts, self._saver, self._steering, self._spans, before=self._before_phase, edge=self._edge
        )
        self._channel = Channel(
            facts, self._steering, lambda: self._relay.report(facts), self._each_second, self._spans.settle
        )
        self._epoch: Epoch | None = None
        self._ticked: int | None = None
        self._ticking = False
        self._boundary_error: Exception | None = None
        self._inert = False
        self._begun = False
        self._ended = False
        self._signal = TermHandler(self._on_signal, self._may_be_thrown_out)

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
        """What a child process needs in its environment to go on with this job: `MIXDESK_JOB`.

        Until that process hands the job back, this one does not report it. Raises MixdeskError outside the block.
        """
        if not self._inert:
            if not self._begun or self._ended:
                raise MixdeskError("job.environ() works within the block: with mixdesk.job(...) as job: job.environ()")
            self._relay.lend(self._facts)
        return {"MIXDESK_JOB": f"{self._facts.job_id}:{self._facts.job_key}", **self._output.environ()}

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
        facts = self._facts.phase(key)
        if label is not None:
            facts.label = label
        facts.total, facts.unit = total, unit
        return Phase(self, facts)

    def expect(self, **amounts: float) -> None:
        """How much work phases will be, told before they begin: `job.expect(preprocessing=s, training=s * epochs)`.

        In any unit that is the same in every run (seconds of audio, say): a desk learns from finished runs how long
        one takes, and so knows from the start how long this run will. A later call replaces an earlier one; totals are
        not touched. Raises ValueError for a phase that this job does not have.
        """
        if self._inert:
            return
        for key, amount in amounts.items():
            if key not in self._facts.phases:
                phases = ", ".join(self._facts.phases)
                msg = f"job.expect({key}=...): {self._facts.job_type} has no such phase, it has {phases}"
                raise ValueError(msg)
            self._facts.phases[key].expected = amount
        self._changed()

    def register(self, **objects: Any) -> None:
        """What a checkpoint holds: anything with state_dict() and load_state_dict().

        Raises TypeError for what has none, and CheckpointError where it does not fit the checkpoint gone on from.
        """
        self._saver.register(objects)
        self._facts.switch.up = True  # the next training boundary looks at it

    def epochs(self, key: str, epochs: int) -> Iterator[Epoch]:
        """Yield `epochs` epochs as the weighted phase `key`.

        Goes on by itself where a verified checkpoint of this name and version is; saves after the last one.
        Raises CheckpointError where that checkpoint does not fit what is registered.
        """
        if epochs < 0:
            msg = f"job.epochs({key!r}, {epochs}): must be 0 or more"
            raise ValueError(msg)
        return loops.EpochLoop(self, self.phase(key, unit="epochs")._facts, key, int(epochs)).run()

    def tick(self, *, epoch: int | None = None, step: int | None = None) -> None:
        """A step boundary for loops that are not written with `steps`; the same requests are obeyed.

        epoch  completed epochs, and step completed optimizer steps (default: one more), since the run began:
               what `restore` gives back.
        """
        facts = self._facts
        switch, phase = facts.switch, facts.ticked_phase
        switch.step = switch.step + 1 if step is None else int(step)
        if epoch is not None and epoch != self._ticked:
            self._ticked = int(epoch)
            facts.epoch, facts.epoch_start = self._ticked + 1, switch.step
        if phase is None or phase.state != "running":
            facts.ticked_phase = facts.current_phase()
        self._ticking = True
        if switch.up or not self._saver.checked:
            self._boundary(Boundary.TRAINING)

    def restore(self) -> Restored | None:
        """Load the newest verified checkpoint into what is registered; where it stands, or None where there is none.

        For loops that count by `tick`; `epochs` does it by itself. Raises CheckpointError where it does not fit.
        """
        restored = self._saver.restore_once()
        at = self._saver.restorer.position
        if at is not None and at.ticked is not None and self._ticked is None:
            self._ticked, self._facts.epoch = at.ticked, at.ticked + 1
        return restored

    def save_checkpoint(self) -> Checkpoint:
        """Save now. Within a step of `steps` it counts as done. Raises CheckpointError with the reason."""
        return self._saver.manual()

    # -- values ------------------------------------------------------------------------------------------

    def log(self, **numbers: Any) -> None:
        """Keep the newest value of each number (float, int or a tensor of one element); sampled once a second."""
        self._facts.log(numbers)

    def artifact(self, type: str, path: object, url: str | None = None) -> None:
        """An output of this job: it appears in `output_artifacts`."""
        self._facts.artifacts.add(wire.Artifact(type=str(type), path=str(path), url=None if url is None else str(url)))
        self._changed()

    # -- beginning and end ---------------------------------------------------------------------------------

    def start(self) -> Job:
        """Begin, for notebooks: a `with` block without the block. End it by `close()`. Raises Busy."""
        if self._inert:
            return self
        if self._begun:
            raise MixdeskError("this job has begun already: each run is a new mixdesk.job(...)")
        facts = self._facts
        self._relay.begin(facts)
        self._begun = True
        if facts.status == wire.QUEUED or facts.started_at is None:
            facts.status, facts.started_at = wire.STARTING, facts.clock()
        facts.log_stream = self.log_stream
        self._capture()
        self._spans.enter(facts.span_id)
        if self._on_sigterm is not None:
            self._signal.install()
        self._edge()
        self._leave_with_others()
        self._relay.link.add(self._channel)
        if self._saver.by_time:
            self._alarm.start()
        openjobs.add(self)
        return self

    @guarded
    def _capture(self) -> None:
        facts = self._facts
        path = joblog.path_of(locate.state_dir(), facts.job_type, facts.job_id)
        self._output.start(path, captured_by_parent() if self._relay.joined else ())

    def close(self, status: str = wire.SUCCEEDED, error: str | None = None) -> None:
        """End what `start` began; `status` is succeeded, failed or canceled. A second call does nothing.

        Where a SIGTERM has come, the process ends with 143, as at the end of a block.
        """
        if status not in wire.FINAL_STATUSES:
            msg = f"status={status!r}: must be one of {', '.join(wire.FINAL_STATUSES)}"
            raise ValueError(msg)
        if self._inert or self._ended:
            return
        if status == wire.SUCCEEDED:
            status = self._good_end()
        self._end(status, error)
        self._exit_if_terminated()

    def finish(self, status: str = wire.SUCCEEDED, error: str | None = None) -> None:
        """End now, for scripts that leave by os._exit: waits for the desk one second at most. As `close` else."""
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
        self._end(status, message, None if isinstance(error, Canceled) else error)
        ours = isinstance(error, Canceled) or (status == wire.CANCELED and workers.is_death(error))
        if ours or error is None or _is_good_exit(error):
            self._exit_if_terminated()
        return ours

    def _outcome(self, error: BaseException | None) -> tuple[str, str | None]:
        if error is None or _is_good_exit(error):
            return self._good_end(), None
        if isinstance(error, (Canceled, KeyboardInterrupt)) or self._is_exit_of_inner_block(error):
            return wire.CANCELED, None
        if workers.is_death(error) and self._leave_is_near(error):
            if not self._saver.rescue():
                log.warning("left without a checkpoint, for a loader's worker had died of the signal: %s", error)
            return wire.CANCELED, None
        if isinstance(error, SystemExit):
            return wire.FAILED, f"SystemExit: {error.code}"
        return wire.FAILED, f"{type(error).__name__}: {error}"

    def _is_exit_of_inner_block(self, error: BaseException) -> bool:
        return isinstance(error, SystemExit) and error.code == TERMINATED and self._steering.terminated

    def _good_end(self) -> str:
        """The status where nothing went wrong; a child that has left on request makes this one leave too."""
        self._relay.regain(self._facts)
        return wire.SUCCEEDED if self._steering.left is None and not self._relay.canceled else wire.CANCELED

    def _end(self, status: str, message: str | None, raised: BaseException | None = None) -> None:
        if self._inert or self._ended:
            return
        facts = self._facts
        try:
            self._relay.regain(facts)
            self._course.settle_all({wire.SUCCEEDED: "done", wire.CANCELED: "canceled"}.get(status, "failed"))
            self._ended = True
            self._spans.leave(facts.span_id)
            self._finish_report(status, message)
        finally:
            self._ended = True
            self._relay.forget()
            self._signal.restore()
            self._alarm.stop()
            self._saver.let_go()
            openjobs.discard(self)
            self._output.stop(raised)

    def _finish_report(self, status: str, message: str | None) -> None:
        facts, ends = self._facts, self._relay.ends
        if ends:
            facts.status, facts.error, facts.completed_at = status, message, facts.clock()
        elif status == wire.CANCELED:
            facts.status = wire.FINALIZING
        link, deadline = self._relay.link, time.monotonic() + EXIT_WAIT_S
        if self._channel.deskless:
            self._spans.settle(False)  # before the spool is written: a desk that reads it later is to know
        self._spans.emit(over=ends)
        self._spans.flush()  # beside the report, not after it: a dead desk and a dead collector cost one second
        self._relay.end(
            facts, lambda: link.finish(self._channel, deadline - time.monotonic()), left=status == wire.CANCELED
        )
        if self._channel.deskless:
            self._spans.settle(False)
        self._spans.emit(over=ends)
        self._spans.shut_down(deadline)
        if ends or status == wire.CANCELED:
            facts.status = status

    def _exit_if_terminated(self) -> None:
        if self._steering.terminated and self._on_sigterm == "exit":
            raise SystemExit(TERMINATED)

    def _end_at_exit(self) -> None:
        if self._steering.left is not None:
            self._end(wire.CANCELED, None)
        else:
            self._end(wire.FAILED, "the process ended without job.close()")

    def __reduce__(self) -> tuple[Any, ...]:
        """In another process (a loader's spawned worker) a job is inert."""
        return (_inert_job, ())

    # -- for the loops -------------------------------------------------------------------------------------

    @property
    def _position(self) -> Position:
        if self._epoch is not None:
            return self._epoch.position
        facts = self._facts
        step_in_epoch = facts.switch.step - facts.epoch_start if self._ticked is not None else 0
        return Position(
            loops=dict(self._saver.restorer.loops),
            step=facts.switch.step,
            step_in_epoch=step_in_epoch,
            ticked=self._ticked,
        )

    def _boundary(self, kind: Boundary | None = None) -> None:
        if self._inert or self._ended:
            self._facts.switch.up = False
            return
        if kind is None:
            kind = Boundary.OUTSIDE if self._epoch is None else Boundary.INSIDE
        try:
            if kind is Boundary.TRAINING and self._steering.left is None:
                self._saver.check_once()
            self._steering.boundary(kind)
        except Exception as error:
            self._boundary_error = error
            raise

    def _may_be_thrown_out(self, frame: FrameType | None) -> bool:
        """Whether the interrupted code may be told of a worker's death at once: its last boundary can be saved.

        Else it is told when it waits for a batch of that worker, some seconds later.
        """
        return loops.is_fetching(frame) or (loops.is_users(frame) and self._saver.keeps_boundary())

    def _failed_at_boundary(self, error: Exception) -> bool:
        """True for an error of ours, not of the loader that was asked for a batch."""
        return error is self._boundary_error

    def _leave_is_near(self, error: BaseException) -> bool:
        """True where a wish to leave is pending, or explains the error and arrives in the next moment."""
        deadline = time.monotonic() + LEAVE_NEAR_S
        while not self._steering.leave_pending:
            if self._on_sigterm is None or not workers.is_death(error) or time.monotonic() >= deadline:
                return False
            time.sleep(0.01)
        return True

    def _before_phase(self) -> None:
        if self._inert:
            return
        if not self._begun:
            raise MixdeskError("this job has not begun: use `with mixdesk.job(...) as job:`, or job.start()")
        self._relay.take_back(self._facts)
        self._leave_with_others()

    def _leave_with_others(self) -> None:
        """Another process of the job has left on request: this one is to leave too."""
        if self._relay.canceled and self._steering.left is None and not self._steering.leave_pending:
            self._steering.ask_leave("canceled", save=False)

    # -- reporting -----------------------------------------------------------------------------------------

    def _changed(self) -> None:
        if self._begun and not self._inert and not self._ended:
            self._relay.link.reporter.poke(self._channel)

    def _saver_says(self, keep: bool) -> None:
        if keep:
            self._edge()
        else:
            self._changed()

    @guarded
    def _edge(self, phase: PhaseFacts | None = None) -> None:
        if self._inert or not self._begun:
            return
        if phase is None or phase.entered <= SPOOLED_ENTRIES:
            self._relay.write(self._facts)
        self._changed()

    @guarded
    def _each_second(self) -> None:
        self._leave_with_others()
        if self._channel.deskless and self._facts.clock() - (self._facts.started_at or 0.0) > DESKLESS_S:
            self._spans.settle(False)
        self._spans.emit()

    def _autosave_is_due(self) -> None:
        if self._saver.due():
            self._steering.ask_autosave()

    def _on_signal(self) -> None:
        self._steering.ask_leave(SIGTERM, save=True)

    def _say(self, message: str) -> None:
        log.warning("%s", message)

    def _become_inert(self) -> None:
        self._inert = self._saver.inert = True
        self._relay.forget(forked=True)
        self._relay = relay.Relay.none()
        self._output.forget()


def _is_good_exit(error: BaseException) -> bool:
    return isinstance(error, SystemExit) and error.code in (0, None)


def _inert_job() -> Job:
    job = Job(JobFacts("", None, "", {}), Policy(Source(None)), held=relay.Relay.none())
    job._become_inert()
    return job
