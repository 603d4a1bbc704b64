"""How words about one alert make what is known of it: twice, late, in any order."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from mixdesk_control.alerts.alert import LATE_S, STALE_S, Alert, merged, place

FIRST = Alert(
    fingerprint="ab", labels={"alertname": "A"}, annotations={}, starts_at=1000.0, ends_at=None, heard_at=5000.0
)
FIRST_END = replace(FIRST, ends_at=1100.0)
SECOND = replace(FIRST, starts_at=1200.0)
SECOND_END = replace(SECOND, ends_at=1300.0)


def after(words: list[Alert], every: float = 1.0) -> Alert:
    known = None
    for number, word in enumerate(words):
        known = merged(known, replace(word, heard_at=5000.0 + number * every)) or known
    assert known is not None
    return known


def test_the_newest_word_holds_in_whatever_order_they_come() -> None:
    for words in permutations((FIRST, FIRST_END, SECOND)):
        known = after(list(words))
        assert (known.starts_at, known.ends_at) == (1200.0, None), words
    for words in permutations((FIRST, FIRST_END, SECOND, SECOND_END)):
        assert after(list(words)).ends_at == 1300.0, words


@given(st.lists(st.sampled_from((FIRST, FIRST_END, SECOND, SECOND_END)), min_size=1, max_size=12))
def test_words_that_come_again_change_nothing(words: list[Alert]) -> None:
    known = after(words, every=LATE_S / 13)
    newest = SECOND_END if SECOND_END in words else SECOND if SECOND in words else max(words, key=_end)
    assert known.ends_at == newest.ends_at
    assert known.ends_at is not None or known.starts_at == newest.starts_at


def _end(word: Alert) -> float:
    return word.ends_at or 0.0


def test_an_alert_that_a_restart_interrupted_fires_again_with_the_start_it_had() -> None:
    ended = replace(FIRST_END, heard_at=5000.0)
    assert merged(ended, replace(FIRST, heard_at=5000.0 + LATE_S - 1)) is None
    again = merged(ended, replace(FIRST, heard_at=5000.0 + LATE_S))
    assert again is not None and again.ends_at is None


def test_a_new_start_after_the_end_fires_at_once() -> None:
    assert merged(FIRST_END, replace(SECOND, heard_at=5000.5)) is not None


def test_an_end_that_is_told_again_does_not_prolong_how_long_a_word_is_late() -> None:
    ended = replace(FIRST_END, heard_at=5000.0)
    assert merged(ended, replace(FIRST_END, heard_at=5100.0)) is ended


def test_what_is_not_repeated_is_stale() -> None:
    assert FIRST.state(5000.0 + STALE_S) == "firing"
    assert FIRST.state(5001.0 + STALE_S) == "stale"
    assert FIRST_END.state(5000.0) == FIRST_END.state(9e9) == "resolved"


def test_the_worst_comes_first_then_the_newest() -> None:
    def alert(number: int, severity: str | None, **fields: float) -> Alert:
        labels = {} if severity is None else {"severity": severity}
        return replace(FIRST, fingerprint=str(number), labels=labels, **fields)  # type: ignore[arg-type]

    wanted = [
        alert(1, "critical", starts_at=2000.0),
        alert(2, "critical"),
        alert(3, "warning"),
        alert(4, "page me"),
        alert(5, "info"),
        alert(6, None),
        alert(7, "critical", heard_at=4000.0),
        alert(8, "critical", ends_at=1500.0),
    ]
    for start in range(len(wanted)):
        turned = wanted[start:] + wanted[:start]
        assert sorted(turned, key=lambda one: place(one, 5000.0)) == wanted
