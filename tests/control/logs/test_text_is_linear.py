"""Hostile text costs what its length costs: whatever begins a pattern, repeated, is not looked at again and again."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from mixdesk_control.logs.text import ansi, progress
from mixdesk_control.logs.text.levels import levels_of
from mixdesk_control.logs.text.private_keys import PrivateKeys
from mixdesk_control.logs.text.records import split
from mixdesk_control.logs.text.redact import Redactor

SIZES = (4 << 10, 16 << 10, 64 << 10, 256 << 10)  # bytes
TRIES = 3  # at worst: whatever else runs here may spoil what is measured
LITTLE = 0.1  # seconds

ESCAPES = (
    *("\x9d", "\x9dx", "\x9b", "\x9b0", "\x90", "\u202e", "\u2028"),
    *("\x1b", "\x1b]", "\x1b]\u00a3", "\x1bP", "\x1b[", "\x1b[0", "\x1b ", "\r", "a\r", "\ra\n", "\r\r\n"),
)
SECRETS = (
    *("eyJaaaaaaaa.", "eyJaaaaaaaa-", "eyJaaaaaaaa-hf_aaaaaaaaaaaaaaaaaaaa-", "AKIAAAAAAAAAAAAAAAAA."),
    *("sk-a1aaaaaaaaaaaaaa.", "hf_aaaaaaaaaaaaaaaaaaaa.", "ticket.", "ticket.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa."),
    *("SG.", "SG.aaaaaaaaaaaaaaaa.", "SG.aaaaaaaaaaaaaaaa-AKIAAAAAAAAAAAAAAAAA-", "AGE-SECRET-KEY-1", "aB3/ "),
    *("password", "password=", "password=a;", "pwd=/", "pwd=/;", 'password="', 'password=\\"', "password\\"),
    *("password\\u0022:\\u0022a", "password=a&b<", "token: x ", "x_", "_pass", "authorization: digest "),
    *("--token ", "--token a ", "--a-", "--token to ", "requirepass a ", "identified with ", "identified by 'a"),
    *("cookie:a", "cookie=", "cookie%3dAKIAAAAAAAAAAAAAAAAA.", "cookie: a=b", "bearer aaaaaaaa ", "?sig="),
    *("://", "://a:b", "://a:b@", "://a:b/c", "://a:bAKIAAAAAAAAAAAAAAAAA.", "a://", "a:", "://a:9"),
    *("mysql ", "mysql -u ", "mysql -pa ", "mysql -", "curl ", "curl -u", "curl -u a:b ", "curl -u a "),
)
KEYS = (*("-----BEGIN ", "-----BEGIN PRIVATE KEY-----", "-----BEGIN A PRIVATE KEY", "PRIVATE KEY", '"a', " ", "\t"),)
RECORDS = (
    *('"level":{', '{"level": ', "level=", " .. ", "A.", "a.", "Error", "[2026-", "[", "(", "1", "00:00:00 ", "[a] "),
    *("Traceback (most recent call last):\n ", "ValueError\n", "AError: \n", "\n\t", '"\\', "GET / ", "\n", "\n\n"),
)


def _levels(text: bytes) -> None:
    levels_of(split(text + b"\n"))


def _body(text: bytes) -> None:
    PrivateKeys().feed(b"-----BEGIN PRIVATE KEY-----\n" + text)


def _spent(run: Callable[[bytes], object], text: bytes) -> float:
    """Seconds of the processor, of which other programs take nothing away."""
    before = time.thread_time()
    run(text)
    return time.thread_time() - before


def _is_linear(run: Callable[[bytes], object], lead: str) -> bool:
    one, before = lead.encode(), 0.0
    for size in SIZES:
        spent = _spent(run, one * (size // len(one)) + b"\nend\n")
        # The square of four times as much is 16 times; what takes next to nothing is never measured well.
        if before and spent > 9 * before + LITTLE:
            return False
        before = spent
    return True


@pytest.mark.parametrize(
    ("run", "leads"),
    [
        (ansi.clean, ESCAPES),
        (lambda text: ansi.clean(text, keep_colours=True), ESCAPES),
        (progress.collapse, ESCAPES),
        (progress.state, ESCAPES),
        (Redactor().redact, SECRETS + KEYS),
        (_body, KEYS),
        (_levels, RECORDS),
    ],
    ids=["clean", "colours", "collapse", "state", "redact", "keys", "levels"],
)
def test_four_times_the_text_takes_four_times_the_time(run: Callable[[bytes], object], leads: tuple[str, ...]) -> None:
    assert [lead for lead in leads if not any(_is_linear(run, lead) for _ in range(TRIES))] == []
