"""The hot path: items, epochs and steps. A step costs one integer written and one flag read."""

from __future__ import annotations

import inspect
import weakref
from collections.abc import Generator, Iterable, Iterator
from types import FrameType
from typing import TYPE_CHECKING, Any, TypeVar

from .facts import JobFacts
from .phasefacts import PhaseFacts
from .phases import Phase
from .position import Position
from .steering import Boundary

if TYPE_CHECKING:
    from .job import Job

T = TypeVar("T")


def length(items: Any) -> int | None:
    """len(items), or None where it has none that is true (generators, iterable data sets)."""
    try:
        return len(items)
    except (TypeError, NotImplementedError, AttributeError, ValueError, OverflowError):
        return None


def track(job: Job, phase: Phase, items: Iterable[T]) -> Iterator[T]:
    """Yield the items of a phase and count them."""
    switch, facts = job._facts.switch, phase._facts
    with phase:
        for item in items:
            yield item
            facts.done += 1
            if switch.up:
                job._boundary()


class EpochLoop:
    """One `job.epochs(key, n)` loop: goes on where the checkpoint stands, saves after the last epoch."""

    def __init__(self, job: Job, facts: PhaseFacts, key: str, epochs: int) -> None:
        self.job = job
        self.key = key
        self.epochs = epochs
        self._phase = Phase(job, facts)
        self._facts = facts

    def run(self) -> Iterator[Epoch]:
        """Yield the epochs that are left, 1-based."""
        job = self.job
        job._saver.restore_once()
        done = job._saver.restorer.enter_loop(self.key, ticking=job._ticking)
        self._begin(job._facts, done)
        with self._phase:
            for number in range(done + 1, self.epochs + 1):
                yield from self._epoch(number)
                self._completed(number)
            if done >= self.epochs:
                self._none_left()
            job._facts.epoch = self.epochs

    def _begin(self, facts: JobFacts, done: int) -> None:
        self._facts.unit, self._facts.total, self._facts.done = "epochs", float(self.epochs), float(done)
        facts.epochs_phase, facts.epochs = self._facts, self.epochs
        facts.epoch_steps, facts.steps_before, facts.parts_before = None, 0, 0

    def _none_left(self) -> None:
        self.job._say(f"{self.key}: all {self.epochs} epochs are done already, none is trained")
        self.job._saver.restorer.leave_loop(self.key)
        self.job._saver.restorer.settle_names()

    def _epoch(self, number: int) -> Iterator[Epoch]:
        job, facts = self.job, self.job._facts
        at = job._saver.restorer.enter_epoch(self.key, number)
        facts.epoch_start = facts.switch.step - (at.step_in_epoch if at else 0)
        facts.epoch = number
        if at is None:
            job._saver.epoch_begins()
        epoch: Epoch = Epoch(job, self.key, number, at)
        job._epoch = epoch
        try:
            yield epoch
        except GeneratorExit:
            if epoch.exhausted and job._steering.left is None:
                job._course.stopped_after(self.key, number)
            raise
        finally:
            job._epoch = None
        epoch.finish()

    def _completed(self, number: int) -> None:
        job = self.job
        if job._steering.left is not None:  # what was raised was swallowed, and the epoch cut short
            job._boundary(Boundary.TRAINING)
        job._course.settle_left_open()
        job._saver.restorer.loops[self.key] = number
        self._facts.done = float(number)
        if number == self.epochs:
            job._saver.final()
        else:
            job._saver.epoch_completed(number)
        if job._facts.switch.up:
            job._boundary(Boundary.TRAINING)


class Epoch:
    """One epoch: `for batch in epoch.steps(loader): ...`.

    number     1-based
    exhausted  True once the batches of the last `steps()` are all done
    """

    def __init__(self, job: Job, loop: str, number: int, resume: Position | None = None) -> None:
        self._job = job
        self._loop = loop
        self._switch = job._facts.switch
        self._resume = resume
        self._part = -1
        self._part_start = self._switch.step
        self._first = self._switch.step  # this `steps()` began to count here, with so many batches taken before
        self._batches = 0
        self._every = 1
        self._taken = 0
        self._length: int | None = None
        self._unplanned = False
        self._body: weakref.ref[Generator[Any, None, None]] | None = None
        self.number = number
        self.exhausted = False

    def __repr__(self) -> str:
        return f"<Epoch {self.number} of {self._loop}>"

    @property
    def position(self) -> Position:
        """The boundary where this epoch stands; asked within a step, the one that follows it."""
        ahead = 1 if self._in_step() else 0
        step = self._switch.step + ahead
        return Position(
            loops=dict(self._job._saver.restorer.loops),
            loop=self._loop,
            epoch=self.number,
            step=step,
            step_in_epoch=step - self._job._facts.epoch_start,
            part=max(self._part, 0),
            part_steps=step - self._part_start,
            batches=self._batches + (step - self._first if self._every == 1 else ahead * self._every),
            length=self._length,
            over=self.exhausted,
        )

    def steps(self, loader: Iterable[T], every: int = 1) -> Iterator[T]:
        """Yield the batches of `loader`; a step boundary follows each `every` of them (one optimizer step).

        A short last group counts as a step. Where the run was resumed in this epoch, the batches that are done are
        drawn and dropped, so that order and random state are those of the unbroken run. Raises Canceled where the
        run is to leave, and CheckpointError where the loader is not the one that the checkpoint was taken with.
        """
        if every < 1:
            msg = f"epoch.steps(every={every!r}): must be 1 or more"
            raise ValueError(msg)
        self._part += 1
        resume = self._resume
        if resume is not None and self._part < resume.part:
            return self._over(self._part)
        self._resume = None
        return self._run(loader, every, resume)

    def finish(self) -> None:
        """The epoch's body is over."""
        facts = self._job._facts
        facts.steps_before, facts.parts_before = facts.switch.step - facts.epoch_start, self._part + 1
        if self._unplanned:
            facts.epoch_steps = facts.steps_before or None  # a loader without len(): as many as this time

    def _run(self, loader: Iterable[T], every: int, resume: Position | None) -> Iterator[T]:
        self._first = self._switch.step
        self._part_start = self._first - (resume.part_steps if resume else 0)
        self._batches, self._every, self._taken = (resume.batches if resume else 0), every, 0
        self._length, self.exhausted = length(loader), False
        self._plan(every)
        if resume is not None:
            self._began_within()
        batches = self._job._saver.iterator(f"{self._loop}/{self._part}", loader, self._length, resume)
        self._job._signal.expect_deaths()
        self._switch.up = True  # the first boundary looks at what is registered
        body = self._each(batches) if every == 1 else self._grouped(batches, every)
        self._body = weakref.ref(body)  # no more than that: a `break` is to end the loader at once
        return body

    def _plan(self, every: int) -> None:
        if self._length is None:
            self._unplanned = True
            return
        facts = self._job._facts
        steps = self._part_start - facts.epoch_start + -(-self._length // every)
        # of an epoch with several `steps()` only the one before tells how many steps it has in all
        facts.epoch_steps = max(steps, facts.steps_before) if self._part + 1 < facts.parts_before else steps

    def _began_within(self) -> None:
        """This attempt goes on in the middle of an epoch: what was done of it is not its own work."""
        facts = self._job._facts
        if facts.epochs_phase is not None and facts.epoch_steps:
            part = (self._first - facts.epoch_start) / facts.epoch_steps
            facts.epochs_phase.began = self.number - 1 + min(max(part, 0.0), 1.0)

    def _in_step(self) -> bool:
        body = self._body() if self._body is not None else None
        if body is None or inspect.getgeneratorstate(body) != inspect.GEN_SUSPENDED:
            return False
        return self._every == 1 or self._taken == self._every

    def _each(self, batches: Iterator[T]) -> Generator[T, None, None]:
        switch = self._switch
        done = switch.step
        try:
            for batch in batches:
                yield batch
                done += 1
                switch.step = done
                if switch.up:
                    self._job._boundary(Boundary.TRAINING)
        except Exception as error:  # noqa: BLE001 - re-raised unless a leave explains it
            self._fetch_failed(error)
        self._exhaust()

    def _grouped(self, batches: Iterator[T], every: int) -> Generator[T, None, None]:
        try:
            for batch in batches:
                self._taken += 1
                yield batch
                if self._taken == every:
                    self._step()
        except Exception as error:  # noqa: BLE001 - re-raised unless a leave explains it
            self._fetch_failed(error)
        if self._taken:
            self._step()
        self._exhaust()

    def _over(self, part: int) -> Iterator[T]:
        """For a `steps()` that was complete when the checkpoint was taken."""
        self._job._saver.restorer.skip_steps(part)
        yield from ()

    def _exhaust(self) -> None:
        self.exhausted = True
        self._job._saver.part_ends(self._part)

    def _step(self) -> None:
        self._batches += self._taken
        self._taken = 0
        self._switch.step += 1
        if self._switch.up:
            self._job._boundary(Boundary.TRAINING)

    def _fetch_failed(self, error: Exception) -> None:
        """Workers of a loader die first when a process group is told to end: save the last boundary and leave."""
        job = self._job
        if job._failed_at_boundary(error) or not job._leave_is_near(error):
            raise error
        job._boundary(Boundary.TRAINING)
        raise error


_WAITING = frozenset({Epoch._each.__code__, Epoch._grouped.__code__})
_GENERATORS = _WAITING | {track.__code__}


def is_fetching(frame: FrameType | None) -> bool:
    """Whether the interrupted code is that of a loader which `steps()` waits for, and no boundary's."""
    own = frame
    while frame is not None:
        if frame.f_code in _WAITING:
            return frame is not own
        if frame.f_code.co_name == "_boundary":
            return False
        frame = frame.f_back
    return False


def is_users(frame: FrameType | None) -> bool:
    """Whether the interrupted code is the user's own, or a loader's, and not in the midst of something of ours."""
    while frame is not None:
        if frame.f_code in _GENERATORS:
            return True
        if str(frame.f_globals.get("__name__")).partition(".")[0] == "mixdesk":
            return False
        frame = frame.f_back
    return True
