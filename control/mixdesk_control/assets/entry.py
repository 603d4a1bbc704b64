"""One asset of the board: what it is, what is asked of it, what is seen of it, and what follows from the three. Pure.

Asked and seen are kept apart: `desired` does not follow what happens, nor `status` what somebody asks. Only where an
operation ends early, what is desired of that which it never came to becomes what is seen.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from mixdesk_control.assets.asset import ABSENT, RUNNING, STARTING, STOPPED, UNHEALTHY, UNKNOWN, Asset, Observed, Usage
from mixdesk_control.assets.rows import WANT_RUNNING, WANT_STOPPED, Wish

IS_RUNNING, IS_STOPPED, IS_LOADING, IS_ERROR = "running", "stopped", "loading", "error"
STATUSES = (IS_RUNNING, IS_STOPPED, IS_LOADING, IS_ERROR)

CRASHED, STOPPED_ELSEWHERE, STARTED_ELSEWHERE = "crashed", "stopped elsewhere", "started elsewhere"

TOLD_TO_END = (143, 137, -15)
"""Exit codes of a container after SIGTERM and SIGKILL: how it ends where somebody stops it."""

NOT_SEEN = Observed(UNKNOWN, reason="it was not looked at yet")


@dataclass(slots=True)
class Entry:
    """What the board has of one asset. Changed on the event loop alone.

    course    the operation that is to start or stop it, or does so now; None where none is on its way
    awaited   whether that operation is to bring it up, and has not come to its end
    loading   whether it was started and is waited for until it is ready
    failed    why the newest start did not succeed, while that holds
    held      {uuid of a card: MiB that its processes hold}
    reserved  {uuid: MiB that are promised to it}; `leaked` the part that did not come back from an earlier run
    jobs      ids of the jobs that run in it
    acting    held by whoever starts or stops it: one at a time
    look      the number of the look that `observed` is of: looks may come back in another order
    """

    asset: Asset
    wish: Wish = field(default_factory=Wish)
    observed: Observed = NOT_SEEN
    usage: Usage = field(default_factory=Usage)
    course: str | None = None
    awaited: bool = False
    loading: bool = False
    failed: str | None = None
    held: Mapping[str, float] = field(default_factory=dict)
    reserved: Mapping[str, float] = field(default_factory=dict)
    leaked: Mapping[str, float] = field(default_factory=dict)
    jobs: tuple[str, ...] = ()
    acting: asyncio.Lock = field(default_factory=asyncio.Lock)
    look: int = 0
    transitions: int = 0
    status: str = IS_STOPPED
    revision: int = 0

    @property
    def is_over(self) -> bool:
        """Whether it is certain that nothing of it runs."""
        return self.observed.doing in (STOPPED, ABSENT)

    @property
    def is_busy(self) -> bool:
        """Whether an operation that concerns it is on its way."""
        return self.course is not None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is said of an asset: its status, why, and how it differs from what was asked."""

    status: str
    error: str | None = None
    drift: str | None = None


def verdict(entry: Entry) -> Verdict:
    """The plan's four words for what is seen, with the reason where it is not well."""
    seen = entry.observed
    drift = None if entry.is_busy else drift_of(entry.wish, seen)
    if seen.doing == UNKNOWN:
        return Verdict(IS_ERROR, seen.reason or "it cannot be seen just now")
    if seen.is_alive:
        return _of_living(entry, drift)
    if entry.loading or (entry.awaited and entry.failed is None):
        return Verdict(IS_LOADING)
    if entry.failed is not None:
        return Verdict(IS_ERROR, entry.failed, drift)
    if drift is not None:
        return Verdict(IS_ERROR, end_of(seen), drift)
    return Verdict(IS_STOPPED, None)


def _of_living(entry: Entry, drift: str | None) -> Verdict:
    seen = entry.observed
    if entry.loading or (seen.doing == STARTING and entry.failed is None):
        return Verdict(IS_LOADING, seen.reason, drift)
    if seen.doing == UNHEALTHY:
        return Verdict(IS_ERROR, seen.reason or "its health check fails", drift)
    if entry.failed is not None:
        return Verdict(IS_ERROR, entry.failed, drift)
    return Verdict(IS_RUNNING, seen.reason, drift)


def drift_of(wish: Wish, seen: Observed) -> str | None:
    """How what is seen differs from what was asked; None where it does not, or nobody has asked."""
    if wish.desired == WANT_RUNNING and seen.doing in (STOPPED, ABSENT):
        failed = seen.exit_code and seen.exit_code not in TOLD_TO_END
        return CRASHED if failed or seen.oom_killed else STOPPED_ELSEWHERE
    if wish.desired == WANT_STOPPED and seen.is_alive:
        return STARTED_ELSEWHERE
    return None


def end_of(seen: Observed) -> str:
    """How the last run ended, in a line."""
    if seen.oom_killed:
        why = "it was killed for want of memory"
    elif seen.doing == ABSENT:
        why = "it is not there"
    elif seen.exit_code is None:
        why = "it has ended, nobody knows how"
    elif seen.exit_code < 0:
        why = f"it was ended by signal {-seen.exit_code}"
    else:
        why = f"it ended with exit code {seen.exit_code}"
    return why if not seen.reason else f"{why}: {seen.reason}"


def is_up(entry: Entry) -> bool:
    """Whether it runs and is well, as far as is known."""
    return entry.observed.doing == RUNNING and entry.failed is None
