"""Waits until a started asset counts as running, and says why where it never does."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time
from collections.abc import Awaitable, Callable

from mixdesk_control.assets.asset import ABSENT, HTTP, STARTING, STOPPED, UNKNOWN, Asset, Observed
from mixdesk_control.assets.ready_checks import Check, NeverReady, Output, check_of

OBSERVE_S = 10.0  # drivers keep to less
FIRST_PAUSE_S, LAST_PAUSE_S = 0.05, 0.5

Observe = Callable[[], Awaitable[Observed]]
"""The asset as it is, by an observation that began after the call."""


class NotReady(Exception):
    """It ended before it was ready, or was not ready in time; one line that says why."""


async def until_ready(
    asset: Asset, driver: Output, observe: Observe, *, clock: Callable[[], float] = time.monotonic
) -> None:
    """Returns once `asset.ready` holds. May be cancelled at any time.

    Raises NotReady at once where it is seen to have ended or has no health check to be ready by, and after
    `ready.timeout_s` with what was wrong last.
    While it cannot be seen (its engine restarts) nothing is concluded.
    """
    deadline, pause = clock() + asset.ready.timeout_s, FIRST_PAUSE_S
    try:
        chosen = check_of(asset, driver)
    except ValueError as error:
        raise NotReady(str(error)) from error
    async with contextlib.aclosing(chosen) as check:
        while (wrong := await _wrong(asset, check, observe)) is not None:
            left = deadline - clock()
            if left <= 0:
                raise NotReady(f"not ready after {asset.ready.timeout_s:g} s: {wrong}")
            await asyncio.sleep(min(pause, left))
            pause = min(pause * 1.5, LAST_PAUSE_S)


async def _wrong(asset: Asset, check: Check, observe: Observe) -> str | None:
    seen = await _living(observe)
    try:
        wrong = _unseen(seen) or _on_its_way(asset, seen) or await check.wrong(seen)
    except NeverReady as error:
        raise NotReady(str(error)) from error
    if wrong is not None or not check.elsewhere:
        return wrong
    # What answers may be another's, while this one fails to bind its port: it must live on.
    after = await _living(observe)
    return _unseen(after) or (None if after.instance == seen.instance else "it was started anew meanwhile")


def _on_its_way(asset: Asset, seen: Observed) -> str | None:
    """A model is not ready because its server answers."""
    if asset.driver != HTTP or seen.doing != STARTING:
        return None
    return seen.reason or "it is still being loaded"


def _unseen(seen: Observed) -> str | None:
    return (seen.reason or "it cannot be seen") if seen.doing == UNKNOWN else None


async def _living(observe: Observe) -> Observed:
    """Raises NotReady for one that does not run any more."""
    try:
        async with asyncio.timeout(OBSERVE_S):
            seen = await observe()
    except TimeoutError:
        return Observed(UNKNOWN, reason=f"it could not be seen within {OBSERVE_S:g} s")
    if seen.doing in (STOPPED, ABSENT):
        raise NotReady(_end_of(seen))
    return seen


def _end_of(seen: Observed) -> str:
    if seen.doing == ABSENT:
        return f"it is gone: {seen.reason}" if seen.reason else "it is gone"
    parts = ["it ended before it was ready" + _how(seen.exit_code)]
    if seen.oom_killed:
        parts.append("killed for want of memory")
    return ": ".join([", ".join(parts), *([seen.reason] if seen.reason else [])])


def _how(code: int | None) -> str:
    if code is None:
        return ""
    if code >= 0:
        return f", with exit code {code}"
    names = {number.value: number.name for number in signal.Signals}
    return f", by {names.get(-code, f'signal {-code}')}"
