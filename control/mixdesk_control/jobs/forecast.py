"""When a job will be over, from the last runs of its type and what is seen of this one. Pure.

A phase to come takes what the last runs teach (`learned`), and longer where this run is late (`drift`). In the running
one what they teach gives way to the speed seen: by c / (c + 0.05) once the part c of it was gained. Between two reports
of a coarse phase its time goes on. Where there are no runs to learn from, `eta.predict` says what speed and weights
alone allow.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from mixdesk.wire import PhaseReport
from mixdesk_control.jobs import eta, work
from mixdesk_control.jobs.eta import UNKNOWN, Eta
from mixdesk_control.jobs.learned import ENOUGH_RUNS, Guess
from mixdesk_control.jobs.outlook import NOTHING, Left, Outlook, left, scatter_of, summed
from mixdesk_control.jobs.pace import Pace

TRUSTED_AFTER = 0.05  # the part of a phase after which what is seen counts as much as what was learned
OVERDUE = 0.02  # of what a place has taken beyond its time, so much is still expected
SPEED_SCATTER = 0.05  # of what is left of a running phase, by the speed seen; at least
SPEED_CHANGES = 0.8  # a part of the scatter from run to run is there within a run too
TOGETHER = 0.7  # how far phases are late together (a busy machine) rather than each for itself
WIDEST = 3.0  # of the band, as a logarithm
# 90 % quantiles of Student's t for 2, 3 and 4 degrees of freedom: an 80 % band from as few runs as these.
T90 = {3: 1.886, 4: 1.638, 5: 1.533}


def forecast(
    phases: Sequence[PhaseReport], completions: Mapping[str, float], pace: Pace, outlook: Outlook | None
) -> Eta:
    """The ETA of a job that goes on. `completions` are 0 to 1 by phase key."""
    if outlook is None or not outlook.look(phases):
        return eta.predict(phases, completions, pace)
    place, running = work.place_of(phases)
    next_gap, later = outlook.ahead(phases[work.last_begun(phases) + 1 :])
    late, so_far = outlook.late(place, phases, pace)
    if running is None:
        waiting = _waited(outlook.of_gap(place), pace.spent.get(place, 0.0))
        return _shown([waiting, later.times(so_far)])
    found = outlook.of_phase(phases[running])
    completion = completions[place]
    now = _of_running(place, completion, pace, found and found.times(so_far))
    if now is None:
        return UNKNOWN
    factor = outlook.factor(late.and_part(_trust(place, completion, pace), pace.rate(), found), phases)
    return _shown([now, next_gap.times(factor), later.times(factor)])


def _trust(key: str, completion: float, pace: Pace) -> float:
    """How far the speed seen counts, 0 to 1."""
    gained = completion - pace.began.get(key, 0.0)
    return gained / (gained + TRUSTED_AFTER) if gained > 0 else 0.0


def _waited(found: Guess | None, spent: float) -> Left:
    """What only time tells: the rest of its time, and a little where that is over."""
    if found is None:
        return NOTHING
    return left(max(found.seconds - spent, OVERDUE * spent), scatter_of(found), found.runs)


def _of_running(key: str, completion: float, pace: Pace, found: Guess | None) -> Left | None:
    trust, rate = _trust(key, completion, pace), pace.rate()
    if completion >= 1.0:
        return NOTHING
    if not trust or rate is None:
        part = 1.0 - pace.began.get(key, 0.0)
        return None if found is None else _waited(found.times(part), pace.spent.get(key, 0.0))
    if found is None:
        return left(_rest(1.0 / rate, completion, pace), SPEED_SCATTER, 0)
    rest = _rest(trust / rate + (1.0 - trust) * found.seconds, completion, pace)
    scatter = trust * max(SPEED_SCATTER, SPEED_CHANGES * found.scatter) + (1.0 - trust) * scatter_of(found)
    return left(rest, scatter, found.runs)


def _rest(whole: float, completion: float, pace: Pace) -> float:
    """Seconds left of a phase that takes `whole` in all; its time goes on until a next gain is due."""
    onward = min(pace.waited / whole, pace.grain)
    return max(whole * (1.0 - completion - onward), OVERDUE * pace.waited)


def _shown(parts: Sequence[Left]) -> Eta:
    whole = summed(parts)
    if not math.isfinite(whole.seconds):
        return UNKNOWN
    if whole.runs < ENOUGH_RUNS or whole.seconds <= 0:
        return Eta(round(whole.seconds, 3))
    deviation = math.sqrt(TOGETHER * whole.deviation * whole.deviation + (1.0 - TOGETHER) * whole.squares)
    factor = math.exp(min(T90.get(whole.runs, T90[5]) * deviation / whole.seconds, WIDEST))
    return Eta(round(whole.seconds, 3), round(whole.seconds / factor, 3), round(whole.seconds * factor, 3))
