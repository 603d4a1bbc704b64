"""What people ask of logs, as texts of a query made into values. Pure."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from mixdesk import wire
from mixdesk_control.logs.text import wanted
from mixdesk_control.logs.view import LEVELS, View
from mixdesk_control.web.problems import Problem

AGO = re.compile(r"([0-9]{1,9})(s|m|h|d)")
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
OTHER_WORDS = {"warn": "warning", "err": "error", "fatal": "critical"}


def moment(name: str, text: str | None, now: Callable[[], float] = time.time) -> float | None:
    """Seconds since the epoch of a time: ISO 8601, seconds since the epoch, or `15m` ago. Raises Problem 422."""
    if text is None:
        return None
    if ago := AGO.fullmatch(text):
        return now() - int(ago[1]) * UNITS[ago[2]]
    try:
        return float(text) if text.replace(".", "", 1).isdigit() else wire.seconds_of(text)
    except (ValueError, OverflowError) as error:
        raise Problem(422, f"{name} {text!r} is no time: use 2026-11-01T12:00:00Z, or 15m, 2h, 7d for ago") from error


def level_of(text: str | None) -> str | None:
    """A level by its word. Raises Problem 422."""
    if text is None:
        return None
    level = OTHER_WORDS.get(text.casefold(), text.casefold())
    if level not in LEVELS:
        raise Problem(422, f"level {text!r} is not known: use one of {', '.join(LEVELS)}")
    return level


def view_of(q: str | None, regex: str | None, level: str | None, ansi: str | None, *, redact: bool) -> View:
    """What is to be shown. Raises Problem 422."""
    if ansi not in (None, "keep", "strip"):
        raise Problem(422, f"ansi {ansi!r} is not known: use keep or strip")
    view = View(q=q or None, regex=regex or None, level=level_of(level), ansi=ansi == "keep", redact=redact)
    try:
        wanted.check(view)
    except wanted.BadPattern as error:
        raise Problem(422, str(error)) from error
    return view


def key_of(text: str) -> tuple[str, str]:
    """The service and the log of `service/source`. Raises Problem 422."""
    service, _, source = text.partition("/")
    if not service or not source:
        raise Problem(422, f"source {text[:64]!r} names no log: use service/source, as /admin/logs/sources lists them")
    return service, source
