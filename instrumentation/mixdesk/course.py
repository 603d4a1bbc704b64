"""The course of a job through its phases: what this process has entered, and how each of them ends."""

from __future__ import annotations

from collections.abc import Callable

from . import wire
from .facts import JobFacts
from .phasefacts import PhaseFacts
from .saving import Saver
from .spans import Spans
from .steering import Steering


class Course:
    """Phases that are begun and ended by the loop's thread.

    before  called before a phase begins; edge: called when one has begun or ended
    """

    def __init__(
        self,
        facts: JobFacts,
        saver: Saver,
        steering: Steering,
        spans: Spans,
        *,
        before: Callable[[], None],
        edge: Callable[[PhaseFacts], object],
    ) -> None:
        self._facts = facts
        self._saver = saver
        self._steering = steering
        self._spans = spans
        self._before = before
        self._edge = edge
        self._entered: set[str] = set()
        self._left_open: dict[str, float] = {}
        self._stopped: dict[str, int] = {}

    def start(self, phase: PhaseFacts) -> None:
        """Enter a phase, for the first time or again."""
        self.settle_left_open()
        self._before()
        self._entered.add(phase.key)
        phase.begin(self._facts.clock())
        if self._facts.status == wire.STARTING:
            self._facts.status = wire.RUNNING
        self._spans.enter(phase.span_id)
        self._edge(phase)

    def end(self, phase: PhaseFacts, state: str, moment: float | None = None) -> None:
        """Leave it; `moment`: when that was, if not now."""
        self._entered.discard(phase.key)
        self._left_open.pop(phase.key, None)
        self._spans.leave(phase.span_id)
        self._facts.sample(self._facts.switch.step, self._facts.clock())
        phase.end(state, self._facts.clock() if moment is None else moment)
        if self._facts.is_last(phase) and self._facts.status == wire.RUNNING:
            self._facts.status = wire.FINALIZING
        self._edge(phase)

    def leave_open(self, phase: PhaseFacts) -> None:
        """Its loop was left by `break`, or by an error on its way: only what comes next tells which."""
        self._left_open[phase.key] = self._facts.clock()

    def stopped_after(self, loop: str, number: int) -> None:
        """A loop of epochs was left so, after all the batches of an epoch."""
        self._stopped[loop] = number

    def settle_left_open(self, state: str = "done") -> None:
        """What comes next is here: loops that were left open are done, unless the run was asked to leave."""
        if self._steering.left is not None and state == "done":
            state = "canceled"
        for key, moment in list(self._left_open.items()):
            if state == "done":
                self._save_what_stopped(key)
            self.end(self._facts.phase(key), state, moment)

    def settle_all(self, state: str) -> None:
        """The job ends: what was left open, and what was never left (a generator that somebody still holds)."""
        self.settle_left_open(state)
        for key in list(self._entered):
            self.end(self._facts.phase(key), state)

    def _save_what_stopped(self, key: str) -> None:
        loops, number = self._saver.restorer.loops, self._stopped.pop(key, None)
        if number is not None:
            loops[key] = number
            self._facts.phase(key).done = float(number)
        if key in loops and (self._facts.switch.step or loops[key]):
            self._saver.final()
