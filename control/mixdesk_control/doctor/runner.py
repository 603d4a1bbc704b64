"""The list of checks, and their run: each with a time limit, none in another's way."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

from mixdesk_control.doctor import (
    assets,
    clock,
    database,
    desk,
    folder,
    logs,
    meters,
    notify,
    page,
    port,
    python,
    services,
    tokens,
)
from mixdesk_control.doctor.finding import BROKEN, Check, Context, Finding

# Every part of the desk adds its own here.
CHECKS: tuple[Check, ...] = (
    python.check,
    folder.check,
    database.check,
    tokens.check,
    desk.check,
    port.check,
    page.check,
    clock.check,
    *meters.CHECKS,
    assets.assets,
    *logs.CHECKS,
    *services.CHECKS,
    notify.check,
)

LIMIT_S = 5.0


def run(context: Context, checks: Sequence[Check] = CHECKS, limit_s: float = LIMIT_S) -> list[Finding]:
    """What each check found, in the order of the list; one that hangs is said to hang."""
    found: dict[int, Finding] = {}
    threads = [
        threading.Thread(target=_run_one, args=(number, check, context, found), daemon=True)
        for number, check in enumerate(checks)
    ]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + limit_s
    for thread in threads:
        thread.join(max(deadline - time.monotonic(), 0.0))
    return [found.get(number) or _hung(check, limit_s) for number, check in enumerate(checks)]


def _run_one(number: int, check: Check, context: Context, found: dict[int, Finding]) -> None:
    try:
        found[number] = check(context)
    except Exception as error:  # noqa: BLE001 - the edge of a background task
        found[number] = Finding(
            _name(check), BROKEN, f"the check failed: {type(error).__name__}: {error}", "report this"
        )


def _hung(check: Check, limit_s: float) -> Finding:
    return Finding(_name(check), BROKEN, f"no answer in {limit_s:g} s", "what it asks hangs: see the service it names")


def _name(check: Check) -> str:
    name = getattr(check, "__name__", "check")
    return str(check.__module__).rpartition(".")[2] if name == "check" else str(name)
