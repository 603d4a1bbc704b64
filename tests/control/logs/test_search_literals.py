"""What texts a pattern cannot do without: never one that a match lacks."""

from __future__ import annotations

import random
import warnings

import pytest
import re2
from torture import chance, times

from mixdesk_control.logs.history.literals import needed, survives


@pytest.mark.parametrize(
    ("regex", "texts"),
    [
        (r"asked for \S+ and nothing in \d+", {" and nothing in "}),
        ("timeout|refused|exception", {"timeout", "refused", "exception"}),
        ("foo(?:bar|baz)+ and more", {" and more"}),
        ("^ERROR", {"ERROR"}),
        ("(?i)error.*(foo|)", {"error"}),
        ("ab{2,}cde", {"cde"}),
        ("(?:abc)?def", {"def"}),
        *(
            (regex, None)
            for regex in ("a*", "", "x?y", r"\d{4}", "abcd|ab", "[[:alpha:]]xyz", r"\Qabc\E", r"\pLxyz", "(")
        ),
    ],
)
def test_needed(regex: str, texts: set[str] | None) -> None:
    assert needed(regex) == texts


@pytest.mark.parametrize(
    "regex", ["[[a]bcd", "[^[a]bcd", "[a--b]cdef", "[a-c--d]efgh", "[a&&b]cdef", "[a~~b]cdef", "[a||b]cdef"]
)
def test_what_python_warns_of_is_left_alone(regex: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is warned, and nobody's filters are touched meanwhile: they are those of all threads."""
    monkeypatch.delattr(warnings, "catch_warnings")
    assert needed(regex) is None
    assert needed("abcd") == {"abcd"}


def test_what_is_matched_has_one_of_them() -> None:
    random = chance()
    found = 0
    for _ in range(times(100_000, 3000)):
        regex = _regex(random, 3)
        texts = needed(regex)
        line = "".join(random.choice("abc") for _ in range(random.randrange(20)))
        if texts is not None and re2.search(regex, line):
            found += 1
            assert any(text in line for text in texts), (regex, line)
    assert found


def _regex(random: random.Random, depth: int) -> str:
    """Any pattern over three letters."""
    if not depth or random.random() < 0.4:
        return "".join(random.choice("abc") for _ in range(random.randrange(1, 5)))
    inner = [_regex(random, depth - 1) for _ in range(random.randrange(1, 4))]
    joined = random.choice(("", "", "|")).join(inner)
    return random.choice(("{}", "({})", "(?:{})*", "(?:{})?", "(?:{})+", "(?:{}){{2}}", "{}.*", "[ab]{}")).format(
        joined
    )


@pytest.mark.parametrize(
    ("text", "does"),
    [
        *((text, True) for text in ("error", "password=", "[x", "redacted!", "x d", "] [x"[2:])),
        *(
            (text, False)
            for text in ("redacted", "ACT", "[", "foo[", "x[red", "]", "d] x", "[redacted] x", "a [Redacted]")
        ),
    ],
)
def test_survives(text: str, does: bool) -> None:
    assert survives(text) is does
