"""One weighted phase of a job, entered by hand or by a loop."""

from __future__ import annotations

import math
from types import TracebackType
from typing import TYPE_CHECKING

from .errors import Canceled
from .phasefacts import PhaseFacts

if TYPE_CHECKING:
    from .job import Job


class Phase:
    """A phase that is under way: `with job.phase("packaging", total=3) as phase: phase.advance()`.

    total  units of work in it, or None while unknown; may be set at any time
    """

    __slots__ = ("_facts", "_job", "_switch")

    def __init__(self, job: Job, facts: PhaseFacts) -> None:
        self._job = job
        self._facts = facts
        self._switch = job._facts.switch

    @property
    def key(self) -> str:
        """The stable key of the phase."""
        return self._facts.key

    @property
    def done(self) -> float:
        """Units of work done."""
        return self._facts.done

    @property
    def total(self) -> float | None:
        """Units of work in all, or None while unknown."""
        return self._facts.total

    @total.setter
    def total(self, value: float | None) -> None:
        self._facts.total = value

    def advance(self, n: float = 1) -> None:
        """`n` more units are done; a boundary: requests are obeyed here. Raises Canceled where the run is to leave."""
        if math.isfinite(n) and n > 0:
            self._facts.done += n
        if self._switch.up:
            self._job._boundary()

    def skip(self) -> None:
        """This phase needs no work: it counts as complete."""
        self._facts.state = "skipped"
        self._job._changed()

    def __enter__(self) -> Phase:
        self._job._course.start(self._facts)
        if self._switch.up:
            self._job._boundary()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        if kind is None:
            self._job._course.end(self._facts, "done")
        elif kind is GeneratorExit:
            self._job._course.leave_open(self._facts)  # a `break`, or an error on its way: the end of the job tells
        else:
            canceled = issubclass(kind, (Canceled, KeyboardInterrupt))
            self._job._course.end(self._facts, "canceled" if canceled else "failed")
