"""Filters: a text, a pattern in linear time, a level."""

from __future__ import annotations

import pytest

from mixdesk_control.logs.text.wanted import LONGEST_PATTERN, BadPattern, Wanted
from mixdesk_control.logs.view import View

RECORDS = [b"INFO Ready (1)", b"ERROR bad\n  at main", "ÜBER alles".encode(), b"DEBUG x"]
LEVELS = ["info", "error", None, "debug"]


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        (View(), [0, 1, 2, 3]),
        (View(q="ready (1)"), [0]),
        (View(q="über"), [2]),
        (View(regex=r"^\s+at "), [1]),
        (View(regex=r"bad$"), [1]),
        (View(regex="(?i)error|debug"), [1, 3]),
        (View(level="info"), [0, 1, 2]),
        (View(level="warning"), [1]),
        (View(level="trace"), [0, 1, 2, 3]),
        (View(level="info", q="a", regex="A|R"), [0, 1, 2]),
    ],
)
def test_what_is_asked_for_is_kept(view: View, expected: list[int]) -> None:
    wanted = Wanted(view)
    assert wanted.choose(RECORDS, LEVELS) == expected
    assert [index for index, record in enumerate(RECORDS) if wanted.keeps(record, LEVELS[index])] == expected


def test_a_view_without_a_filter_keeps_everything() -> None:
    assert Wanted(View(ansi=True)).everything
    assert not Wanted(View(q="x")).everything
    assert not Wanted(View(level="error")).everything


@pytest.mark.parametrize(
    ("view", "message"),
    [
        (View(regex="(a"), r"regex '\(a' is no pattern of RE2: missing \)"),
        (View(regex="(?=a)"), "regex .* is no pattern of RE2: invalid perl operator"),
        (View(regex="a" * (LONGEST_PATTERN + 1)), "regex is 1001 characters long; the most are 1000"),
        (View(q="a" * (LONGEST_PATTERN + 1)), "q is 1001 characters long"),
        (View(q="\ud800"), "q .* is not text"),
        (View(level="loud"), "level 'loud' is unknown: use one of trace, debug"),
        (View(regex="((a{100}){100}){100}"), "is no pattern of RE2"),
    ],
)
def test_a_filter_that_cannot_be_is_refused_with_the_reason(view: View, message: str) -> None:
    with pytest.raises(BadPattern, match=message):
        Wanted(view)


def test_the_reason_shows_the_pattern_as_it_was_written() -> None:
    with pytest.raises(BadPattern, match=r"missing \): \($"):
        Wanted(View(regex="("))


def test_a_pattern_that_would_take_for_ever_elsewhere_does_not() -> None:
    wanted = Wanted(View(regex=r"^(a+)+$"))
    assert not wanted.keeps(b"a" * 100_000 + b"!", None)
    assert wanted.keeps(b"a" * 100_000, None)
