"""Whether a whole run is slower or faster than the last ones were: a machine that is busy today, or throttled. Pure.

Phases of one run may be late together. How much they were in the last runs says how far the phases that are over
foretell those to come: much on a machine whose load comes and goes, hardly on one that is always quiet. The estimate is
the posterior mean of a normal effect that all phases share (a random-effects model, fitted by moments).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import fmean

from mixdesk_control.jobs.learned import ENOUGH_RUNS, Guess, lateness

LEAST_OWN = 0.03**2
MOST_SHARED = 1.0


@dataclass(slots=True)
class Late:
    """How late a run is so far: the sum of the logarithms of its phases, and how many of them (a part counts less)."""

    total: float = 0.0
    phases: float = 0.0

    def and_one(self, spent: float, found: Guess | None) -> Late:
        """One more phase, that has taken `spent` seconds."""
        return self if found is None else Late(self.total + lateness(spent, found.seconds), self.phases + 1.0)

    def and_part(self, trust: float, rate: float | None, found: Guess | None) -> Late:
        """A phase that goes at `rate` a second, which is trusted by `trust`."""
        if found is None or rate is None or not trust:
            return self
        return Late(self.total + trust * lateness(1.0, rate * found.seconds), self.phases + trust)


@dataclass(frozen=True, slots=True)
class Shared:
    """Variances of the logarithm: what all phases of a run share, and what each has for itself."""

    shared: float = 0.0
    own: float = LEAST_OWN

    def factor(self, late: Late) -> float:
        """How many times as long the phases to come will take."""
        if not self.shared or not late.phases:
            return 1.0
        return math.exp(self.shared * late.total / (self.shared * late.phases + self.own))


NONE_SHARED = Shared()


def shared(phases: Sequence[Mapping[int, float]]) -> Shared:
    """How far phases are late together, from how late each of them was in each of the last runs."""
    runs = max((len(phase) for phase in phases), default=0)
    products = [one[run] * other[run] for one, other in combinations(phases, 2) for run in one.keys() & other.keys()]
    if runs < ENOUGH_RUNS or not products:
        return NONE_SHARED
    unbiased = runs / (runs - 1)
    together = min(max(fmean(products) * unbiased, 0.0), MOST_SHARED)
    squares = fmean(value * value for phase in phases for value in phase.values())
    return Shared(together, max(squares * unbiased - together, LEAST_OWN))
