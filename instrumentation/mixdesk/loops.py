"""The hot path: items, epochs and steps. A step costs one integer written and one flag read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from .facts import JobFacts, PhaseFacts
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
    except (TypeError, NotImplementedError):
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

    def run(self) -> Iterator[Epoch[Any]]:
        """Yield the epochs that are left, 1-based."""
        job = self.job
        job._saver.restore_once()
        done = job._saver.loops.setdefault(self.key, 0)
        self._begin(job._facts, done)
        with self._phase:
            if done >= self.epochs:
                job._say(f"{self.key}: all {self.epochs} epochs are done already, none is trained")
            for number in range(done + 1, self.epochs + 1):
                yield from self._epoch(number)
                self._completed(number)
            job._facts.epoch = self.epochs

    def _begin(self, facts: JobFacts, done: int) -> None:
        self._facts.unit, self._facts.total, self._facts.done = "epochs", float(self.epochs), float(done)
        facts.epochs_phase, facts.epochs = self._facts, self.epochs

    def _epoch(self, number: int) -> Iterator[Epoch[Any]]:
        job, resume = self.job, self.job._saver.take_resume(self.key, number)
        facts = job._facts
        facts.epoch_start = facts.switch.step - (resume.step_in_epoch if resume else 0)
        facts.epoch = number
        epoch: Epoch[Any] = Epoch(job, self.key, number, resume)
        job._epoch = epoch
        try:
            yield epoch
        finally:
            job._epoch = None
        epoch.finish()

    def _completed(self, number: int) -> None:
        job = self.job
        job._saver.loops[self.key] = number
        self._facts.done = float(number)
        if number == self.epochs:
            job._saver.final()
        else:
            job._saver.epoch_completed(number)
        if job._facts.switch.up:
            job._boundary(Boundary.TRAINING)


class Epoch(Generic[T]):
    """One epoch: `for batch in epoch.steps(loader): ...`.

    number  1-based
    """

    def __init__(self, job: Job, loop: str, number: int, resume: Position | None = None) -> None:
        self._job = job
        self._loop = loop
        self._switch = job._facts.switch
        self._resume = resume
        self._part = -1
        self._part_start = self._switch.step
        self._batches = 0
        self.number = number

    def __repr__(self) -> str:
        return f"<Epoch {self.number} of {self._loop}>"

    @property
    def position(self) -> Position:
        """The boundary where this epoch stands."""
        step = self._switch.step
        return Position(
            loops=dict(self._job._saver.loops),
            loop=self._loop,
            epoch=self.number,
            step=step,
            step_in_epoch=step - self._job._facts.epoch_start,
            part=max(self._part, 0),
            part_steps=step - self._part_start,
            batches=self._batches,
        )

    def steps(self, loader: Iterable[T], every: int = 1) -> Iterator[T]:
        """Yield the batches of `loader`; a step boundary follows each `every` of them (one optimizer step).

        A short last group counts as a step. Where the run was resumed in this epoch, the batches that are done are
        drawn and dropped, so that order and random state are those of the unbroken run. Raises Canceled where the
        run is to leave.
        """
        if every < 1:
            msg = f"epoch.steps(every={every!r}): must be 1 or more"
            raise ValueError(msg)
        self._part += 1
        resume = self._resume
        if resume is not None and self._part < resume.part:
            return iter(())  # this call was complete when the checkpoint was taken
        self._resume = None
        return self._run(loader, every, resume)

    def finish(self) -> None:
        """The epoch's body is over."""
        facts = self._job._facts
        if facts.epoch_steps is None:
            facts.epoch_steps = (facts.switch.step - facts.epoch_start) or None  # a loader that has no len()

    def _run(self, loader: Iterable[T], every: int, resume: Position | None) -> Iterator[T]:
        self._part_start = self._switch.step - (resume.part_steps if resume else 0)
        self._batches = resume.batches if resume else 0
        self._plan(loader, every)
        batches = self._job._saver.iterator(loader, resume)
        self._switch.up = True  # the first boundary looks at what is registered
        return self._each(batches) if every == 1 else self._grouped(batches, every)

    def _plan(self, loader: Iterable[T], every: int) -> None:
        batches = length(loader)
        if batches is not None:
            facts = self._job._facts
            facts.epoch_steps = self._part_start - facts.epoch_start + -(-batches // every)

    def _each(self, batches: Iterator[T]) -> Iterator[T]:
        switch = self._switch
        done = switch.step
        try:
            for batch in batches:
                yield batch
                done += 1
                switch.step = done
                if switch.up:
                    self._batches = done - self._part_start
                    self._job._boundary(Boundary.TRAINING)
        except Exception as error:  # noqa: BLE001 - re-raised unless a leave explains it
            self._batches = done - self._part_start
            self._fetch_failed(error)
        self._batches = done - self._part_start

    def _grouped(self, batches: Iterator[T], every: int) -> Iterator[T]:
        taken = 0
        try:
            for batch in batches:
                yield batch
                taken += 1
                if taken == every:
                    self._step(taken)
                    taken = 0
        except Exception as error:  # noqa: BLE001 - re-raised unless a leave explains it
            self._fetch_failed(error)
        if taken:
            self._step(taken)

    def _step(self, batches: int) -> None:
        self._batches += batches
        self._switch.step += 1
        if self._switch.up:
            self._job._boundary(Boundary.TRAINING)

    def _fetch_failed(self, error: Exception) -> None:
        """Workers of a loader die first when a process group is told to end: save the last boundary and leave."""
        job = self._job
        if job._failed_at_boundary(error) or not job._leave_is_near():
            raise error
        job._boundary(Boundary.TRAINING)
        raise error
