"""When a line was written, by what it says itself."""

from __future__ import annotations

import calendar
import random
import time

import pytest
from torture import chance, times

from mixdesk_control.logs.history.times import time_of

NOON = 1_793_534_400.0  # 2026-11-01 12:00:00 UTC, a Sunday


@pytest.mark.parametrize(
    ("line", "seconds"),
    [
        ("2026-11-01T12:00:00Z started", NOON),
        ("2026-11-01T12:00:00.25+02:00 started", NOON - 7200 + 0.25),
        ("2026-11-01T12:00:00-0530 started", NOON + 19800),
        ("2026-11-01 12:00:00 started", NOON),
        ("2026-11-01 12:00:00 UTC [12] LOG:  ready", NOON),
        ("[2026-11-01 12:00:00] production.ERROR: no connection", NOON),
        ("2026-11-01 12:00:00,123 INFO root: loaded", NOON + 0.123),
        ("2026/11/01 12:00:00 [error] 7#7: *1 upstream", NOON),
        ('10.0.0.1 - - [01/Nov/2026:12:00:00 +0000] "GET / HTTP/1.1" 200', NOON),
        ('2001:db8:10:20:30:40:50:60 - - [01/Nov/2026:14:00:00 +0200] "GET / HTTP/1.1" 200', NOON),
        ('10.0.0.1 - - [01/Nov/2026:12:00:00 +0000] "GET /?from=2020-01-01 00:00:00"', NOON),
        ("Nov  1 12:00:00 box sshd[1]: hello", NOON),
        ("<30>Nov  1 12:00:00 box app: hello", NOON),
        ("<165>1 2026-11-01T12:00:00.003Z box app - - hello", NOON + 0.003),
        ("2026-11-01 12:00:00 0 [Note] InnoDB: ready", NOON),
        ("2026-11-01 12:00:00 139 [ERROR] mysqld: disk full", NOON),
        ("261101 12:00:00 [Note] mysqld: ready", NOON),
        ("261101  9:00:00 [Note] mysqld: ready", NOON - 10800),
        ("1:M 01 Nov 2026 12:00:00.123 * Ready to accept connections", NOON + 0.123),
        ("[01-Nov-2026 12:00:00] NOTICE: fpm is running, pid 1", NOON),
        ("[01-Nov-2026 12:00:00 UTC] PHP Fatal error:  Uncaught", NOON),
        ("[Sun Nov 01 12:00:00.123456 2026] [core:error] [pid 1]", NOON + 0.123456),
        ("I1101 12:00:00.123456   1 main.go:12] up", NOON + 0.123456),
        ('{"level":30,"time":1793534400123,"msg":"up"}', NOON + 0.123),
        ('{"level":"info","ts":1793534400.5,"msg":"up"}', NOON + 0.5),
        ('{"ts": 1793534400, "msg": "up"}', NOON),
        ('{"event": "up since 2020-01-01 00:00:00", "timestamp": "2026-11-01T12:00:00Z"}', NOON),
        ('{"message": "' + "x" * 500 + '", "@timestamp": "2026-11-01T12:00:00.000Z"}', NOON),
        ("level=info ts=2026-11-01T12:00:00Z caller=main.go", NOON),
        ("level=info msg=up and a long way to go until it says when time=1793534400", NOON),
        ("1793534400.5 [0 10.0.0.1:1] PING", NOON + 0.5),
        ("\x1b[32m2026-11-01 12:00:00.5\x1b[0m | INFO", NOON + 0.5),
        ("2026-11-01 12:00:60 a leap second", NOON + 60),
    ],
)
def test_forms(line: str, seconds: float) -> None:
    assert time_of(line.encode(), near=NOON + 5) == pytest.approx(seconds, abs=1e-6)


@pytest.mark.parametrize(
    "line",
    [
        *("", " ", "\n", "Traceback (most recent call last):", "ValueError: 12", "INFO:     127.0.0.1:4 - GET /"),
        *("2026-13-01 12:00:00 no such month", "2026-02-30 12:00:00 no such day", "2026-11-01 25:00:00"),
        *("2026-11-01 12:61:00", "12:00:00 up 3 days", "Nov 31 12:00:00 box", "hits=1793534400", "I1301 12:00:00.1 x"),
        *("x" * 200 + "2026-11-01 12:00:00", '{"times": 3, "msg": "x"}', "17935344001 bytes", "1793534400abc"),
    ],
)
def test_none(line: str) -> None:
    assert time_of(line.encode(), near=NOON) is None


def test_without_a_year_it_is_the_last_such_day() -> None:
    in_june = NOON + 212 * 86400
    assert time_of(b"Nov  1 12:00:00 box x", near=in_june) == NOON
    assert time_of(b"Nov  1 12:00:00 box x", near=NOON - 3600) == NOON, "zones differ"
    assert time_of(b"Feb 29 12:00:00 box x", near=NOON) == calendar.timegm((2024, 2, 29, 12, 0, 0))
    assert time_of(b"Nov  1 12:00:00 box x") is None


def test_the_zone_of_times_that_name_none() -> None:
    assert time_of(b"2026-11-01 13:00:00 x", offset_s=3600) == NOON
    assert time_of(b"2026-11-01T12:00:00Z x", offset_s=3600) == NOON


FORMS = (
    ("%Y-%m-%dT%H:%M:%SZ", 1.0),
    ("[%Y-%m-%d %H:%M:%S] production.INFO: x", 1.0),
    ("%Y/%m/%d %H:%M:%S [warn] 1#1", 1.0),
    ("10.0.0.1 - - [%d/%b/%Y:%H:%M:%S +0000]", 1.0),
    ("7:C %d %b %Y %H:%M:%S.{ms} * x", 1e-3),
    ("%Y-%m-%d %H:%M:%S,{ms} INFO x", 1e-3),
    ("%b %d %H:%M:%S box x", 1.0),
    ("I%m%d %H:%M:%S.{ms}000 1 x.go:1] x", 1e-3),
)


@pytest.mark.parametrize(("form", "precision"), FORMS)
def test_what_is_written_is_read_and_the_order_stays(form: str, precision: float) -> None:
    random = chance()
    written = sorted(NOON - random.uniform(0, 300 * 86400) for _ in range(times(5000, 300)))
    read = [time_of(_line(form, at), near=NOON) for at in written]
    assert all(
        at is not None and 0 <= told - at + 1e-6 < precision + 2e-6 for at, told in zip(read, written, strict=True)
    )
    assert read == sorted(at for at in read if at is not None)


def _line(form: str, at: float) -> bytes:
    ms = int(at * 1000) % 1000
    return time.strftime(form, time.gmtime(at)).replace("{ms}", f"{ms:03d}").encode()


def test_any_bytes() -> None:
    random_bytes = chance()
    for _ in range(times(100_000, 2000)):
        _any(random_bytes)


def _any(random_bytes: random.Random) -> None:
    parts = (b"2026-11-01", b"12:00:00", b"Nov", b"[", b"{", b'"ts":', b"9" * 40, b"+99:99", b",", b".", b" ", b"\xff")
    line = b"".join(random_bytes.choice(parts) for _ in range(random_bytes.randrange(12)))
    found = time_of(line, near=NOON)
    assert found is None or abs(found) < 1e20
