"""When a message is tried again, and when no more. Pure, but for the dice."""

from __future__ import annotations

import random

FIRST_S = 2.0
MOST_S = 900.0
MOST_ASKED_S = 3600.0
GIVEN_UP_S = 86_400.0
PROBE_S = 60.0
DOUBT_S = (15.0, 45.0, 180.0, 360.0)
SPREAD = 0.2


def again_in(tries: int, asked_s: float | None = None, dice: random.Random | None = None) -> float:
    """Seconds after the `tries`-th try: twice as long each time, or what the receiver asks for, a second at least."""
    if asked_s is not None:
        return min(max(asked_s, 1.0), MOST_ASKED_S)
    wait = min(FIRST_S * 2.0 ** min(tries - 1, 30), MOST_S)
    return wait * (dice or random.Random()).uniform(1 - SPREAD, 1 + SPREAD)


def probed(wait_s: float) -> float:
    """The same for what is critical: whether the receiver is back is tried at each minute."""
    return min(wait_s, PROBE_S)


def doubted(refusals: int) -> float | None:
    """Seconds until a message that was refused so often, maybe by mistake, is tried again; None for no more."""
    return DOUBT_S[refusals - 1] if refusals <= len(DOUBT_S) else None


def is_stale(at: float, now: float) -> bool:
    """Whether what happened then is told no more."""
    return now - at > GIVEN_UP_S
