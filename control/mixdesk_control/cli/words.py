"""Times, sizes and numbers as people read them. Pure."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable
from datetime import datetime
from itertools import pairwise
from typing import Any

UNKNOWN = "—"

_BLOCKS = "▁▂▃▄▅▆▇█"
_CONTROLS = dict.fromkeys((*range(32), *range(127, 160)), "�") | {9: " ", 10: " "}

_UNITS = ((86400.0, "d"), (3600.0, "h"), (60.0, "min"), (1.0, "s"))


def duration(seconds: float | None) -> str:
    """At most two units: `42 s`, `4 min 10 s`, `1 h 20 min`; from ten minutes on the seconds are left out."""
    if seconds is None or not math.isfinite(seconds):
        return UNKNOWN
    seconds = max(seconds, 0.0)
    if seconds >= 600:
        seconds = round(seconds / 60) * 60.0
    left = round(seconds)
    for (size, unit), (smaller, next_unit) in pairwise(_UNITS):
        if left >= size:
            rest = int(left % size // smaller)
            return f"{int(left // size)} {unit}" + (f" {rest} {next_unit}" if rest else "")
    return f"{left} s"


def span(low: float | None, high: float | None) -> str:
    """A range of durations: `14–19 min` where both have one unit, else `50 s – 2 min`."""
    first, second = duration(low), duration(high)
    if first == second:
        return first
    one, other = first.split(" "), second.split(" ")
    if len(one) == len(other) == 2 and one[1] == other[1]:
        return f"{one[0]}–{second}"
    return f"{first} – {second}"


def eta(job: dict[str, Any]) -> str:
    """When the job will be done, as a range where the runs before it scatter; a dash while nobody can know."""
    low, high = job.get("eta_low_seconds"), job.get("eta_high_seconds")
    if low is not None and high is not None:
        return span(low, high)
    return duration(job.get("eta_seconds"))


def moment(text: str | None) -> float | None:
    """Seconds since the epoch of an RFC 3339 time; None where it is none."""
    try:
        return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() if text else None
    except ValueError:
        return None


def ago(text: str | None, now: float) -> str:
    """How long ago an RFC 3339 time was."""
    then = moment(text)
    return UNKNOWN if then is None else f"{duration(now - then)} ago"


def between(start: str | None, end: str | None, now: float) -> str:
    """How long something took, or takes so far."""
    first, last = moment(start), moment(end)
    return UNKNOWN if first is None else duration((now if last is None else last) - first)


def size(count: float) -> str:
    """Bytes: `12.3 MiB`."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if abs(count) < 1024 or unit == "GiB":
            break
        count /= 1024
    return f"{count:.0f} B" if unit == "B" else f"{count:.1f} {unit}"


def number(value: Any) -> str:
    """A logged number; what is not finite travels as a word."""
    return f"{value:.4g}" if isinstance(value, int | float) else str(value)


def count(value: float) -> str:
    """Whole units without a point, others with one decimal."""
    return f"{value:.0f}" if float(value).is_integer() else f"{value:.1f}"


def spark(values: Iterable[Any]) -> str:
    """The course of a number in one line of blocks; what is not finite leaves a gap, fewer than two values nothing."""
    numbers = [value if isinstance(value, int | float) else None for value in values]
    finite = [value for value in numbers if value is not None]
    if len(finite) < 2:
        return ""
    low, height = min(finite), max(finite) - min(finite)
    return "".join(" " if value is None else _BLOCKS[_level(value - low, height)] for value in numbers)


def _level(above: float, height: float) -> int:
    return round(above / height * (len(_BLOCKS) - 1)) if height > 0 else 0


def local(text: str | None) -> str:
    """An RFC 3339 time as the clock on the wall shows it."""
    then = moment(text)
    return UNKNOWN if then is None else time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(then))


def clean(value: Any) -> Any:
    """The same with control characters in texts made visible: names and errors are others' words, not commands."""
    if isinstance(value, str):
        return value.translate(_CONTROLS)
    if isinstance(value, dict):
        return {clean(key): clean(item) for key, item in value.items()}
    return [clean(item) for item in value] if isinstance(value, list) else value


def percent(value: float | None) -> str:
    """`62.3 %`, `100 %`."""
    return UNKNOWN if value is None else f"{value:.0f} %" if value in (0, 100) else f"{value:.1f} %"
