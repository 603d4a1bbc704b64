"""When a line was written, by what it says itself. Pure.

Containers run in UTC unless somebody sets them otherwise, so a time without a zone is taken for UTC; a log that is
written in another zone needs `offset_s`. Forms: ISO 8601 and what is like it (Laravel, Python, MariaDB, nginx), the
Common Log Format, the dates of RFC 5424 and RFC 3164, Redis, PHP, glog, and seconds or milliseconds in JSON and logfmt.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import lru_cache

HEAD = 64  # bytes of a line in which its time begins, if it has one
CLOCK = rb"([012]?\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?"
ZONE = rb"(?: ?(Z|UTC|GMT|[+-]\d\d:?\d\d)(?![\w:]))?"
MONTH = rb"(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
MONTHS = {name: 1 + at for at, name in enumerate(b"Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split())}

NUMERIC = re.compile(rb"(?<!\d)(\d{4})[-/](\d\d)[-/](\d\d)[T _]" + CLOCK + ZONE)
WORDED = re.compile(rb"(?<!\d)(\d{1,2})[ /-]" + MONTH + rb"[ /-](\d{4})[ :]" + CLOCK + ZONE)
SYSLOG = re.compile(rb"(?:^|[^\w])" + MONTH + rb" {1,2}(\d{1,2}) " + CLOCK + rb"(?: (\d{4})(?!\d))?")
GLOG = re.compile(rb"[IWEF](\d\d)(\d\d) " + CLOCK)
SHORT = re.compile(rb"(\d\d)(\d\d)(\d\d) {1,2}" + CLOCK)
EPOCH = re.compile(rb"(\d{13}|\d{10}(?:\.\d{1,9})?)(?![\w.])")
KEYED = re.compile(rb'(?<![A-Za-z_])(?:ts|time|timestamp|asctime|datetime)"?\s*[:=]\s*"?(?=\d)')
NUMBER = re.compile(rb"(\d{9,10}(?:\.\d{1,9})?|\d{13}|\d{16}|\d{19})(?![\w.:-])")

HINT = re.compile(rb"\d:\d\d:\d\d")  # found first, for most lines without a time have none
BEFORE, AFTER = 22, 48  # bytes before it that a date may take, and after HEAD that the rest of a time may
MOST_KEYS = 4096  # bytes in which the key of a time is looked for in a line of JSON
DAY_S = 86_400.0


def time_of(line: bytes, *, near: float | None = None, offset_s: float = 0.0) -> float | None:
    """Seconds since the epoch; None where the line does not say.

    near      about when it was written, such as when its file was changed last: gives years to times without one
    offset_s  how far the clock of a time without a zone is ahead of UTC
    """
    if line.startswith(b"{") and (keyed := _keyed(line[:MOST_KEYS], offset_s)) is not None:
        return keyed
    head = line[: HEAD + AFTER]
    for clock in HINT.finditer(head):
        for pattern, read in _FORMS:
            found = pattern.search(head, max(clock.start() - BEFORE, 0))
            if found is not None and found.start() < min(clock.start(), HEAD):
                return read(found, near, offset_s)
    return _at_start(head, near, offset_s) or _keyed(line[:MOST_KEYS], offset_s)


def _numeric(found: re.Match[bytes], _near: float | None, offset_s: float) -> float | None:
    year, month, day, *clock, zone = found.groups()
    return _moment(int(year), int(month), int(day), clock, zone, offset_s)


def _worded(found: re.Match[bytes], _near: float | None, offset_s: float) -> float | None:
    day, month, year, *clock, zone = found.groups()
    return _moment(int(year), MONTHS[month], int(day), clock, zone, offset_s)


def _syslog(found: re.Match[bytes], near: float | None, offset_s: float) -> float | None:
    month, day, *clock, year = found.groups()
    if year is not None:
        return _moment(int(year), MONTHS[month], int(day), clock, None, offset_s)
    return _without_year(MONTHS[month], int(day), clock, near, offset_s)


_Read = Callable[[re.Match[bytes], float | None, float], float | None]
_FORMS: tuple[tuple[re.Pattern[bytes], _Read], ...] = ((NUMERIC, _numeric), (WORDED, _worded), (SYSLOG, _syslog))


def _at_start(head: bytes, near: float | None, offset_s: float) -> float | None:
    """Of the forms that are none unless they begin the line: glog, old MySQL, bare seconds."""
    if found := GLOG.match(head):
        month, day, *clock = found.groups()
        return _without_year(int(month), int(day), clock, near, offset_s)
    if found := SHORT.match(head):
        year, month, day, *clock = found.groups()
        return _moment(2000 + int(year), int(month), int(day), clock, None, offset_s)
    return _seconds(found[1]) if (found := EPOCH.match(head)) else None


def _keyed(line: bytes, offset_s: float) -> float | None:
    """By a key of JSON or logfmt, wherever it stands."""
    if not line.startswith(b"{") and b"ts=" not in line and b"time" not in line:
        return None
    for key in KEYED.finditer(line):
        if found := NUMERIC.match(line, key.end()):
            return _numeric(found, None, offset_s)
        if found := NUMBER.match(line, key.end()):
            return _seconds(found[1])
    return None


def _seconds(number: bytes) -> float:
    """Of seconds, or of milli-, micro- or nanoseconds by how many digits there are."""
    return float(number) / {13: 1e3, 16: 1e6, 19: 1e9}.get(len(number) if number.isdigit() else 0, 1.0)


def _without_year(month: int, day: int, clock: list[bytes | None], near: float | None, offset_s: float) -> float | None:
    """The last such day before `near`, which may be a day off: zones differ."""
    if near is None:
        return None
    year = datetime.fromtimestamp(near, UTC).year
    tried = (_moment(each, month, day, clock, None, offset_s) for each in range(year + 1, year - 5, -1))
    return next((moment for moment in tried if moment is not None and moment <= near + DAY_S), None)


def _moment(
    year: int, month: int, day: int, clock: list[bytes | None], zone: bytes | None, offset_s: float
) -> float | None:
    midnight = _midnight(year, month, day)
    hour, minute, second = (int(part or b"0") for part in clock[:3])
    if midnight is None or hour > 23 or minute > 59 or second > 60:
        return None
    fraction = clock[3]
    part = 0.0 if fraction is None else int(fraction) / 10 ** len(fraction)
    return midnight + hour * 3600 + minute * 60 + second + part - (offset_s if zone is None else _ahead(zone))


@lru_cache(maxsize=1024)
def _midnight(year: int, month: int, day: int) -> float | None:
    try:
        return (date(year, month, day) - date(1970, 1, 1)).days * DAY_S
    except ValueError:  # there is no such day
        return None


def _ahead(zone: bytes) -> float:
    """Seconds that the clocks of a zone are ahead of UTC."""
    if zone in (b"Z", b"UTC", b"GMT"):
        return 0.0
    seconds = int(zone[1:3]) * 3600 + int(zone[-2:]) * 60
    return float(-seconds if zone[:1] == b"-" else seconds)
