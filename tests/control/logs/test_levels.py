"""Levels: what lines of the eight services say of themselves."""

from __future__ import annotations

import log_corpus
import torture
from hypothesis import given
from hypothesis import strategies as st

from mixdesk_control.logs.text.levels import level_of, levels_of
from mixdesk_control.logs.view import LEVELS

CORPUS = log_corpus.labelled()


def test_the_corpus_is_large_and_of_all_services() -> None:
    assert len(CORPUS) >= 400
    assert len({line.service for line in CORPUS}) == 8


def test_levels_of_the_corpus_are_those_that_people_gave() -> None:
    said = levels_of([line.text.encode() for line in CORPUS])
    wrong = [(line, level) for line, level in zip(CORPUS, said, strict=True) if line.level != level]
    assert len(wrong) <= 0.01 * len(CORPUS), wrong
    bad = [line for line in CORPUS if line.level in ("error", "critical")]
    missed = [line for line, level in wrong if line in bad and level not in ("error", "critical")]
    assert len(missed) <= 0.005 * len(bad), missed


def test_the_quick_way_says_what_the_thorough_one_does() -> None:
    for line in CORPUS:
        record = line.text.encode()
        assert levels_of([record]) == [level_of(record)], line


def test_a_line_says_the_same_whatever_stands_around_it() -> None:
    alone = [level_of(line.text.encode()) for line in CORPUS]
    order = list(range(len(CORPUS)))
    torture.chance().shuffle(order)
    mixed = levels_of([CORPUS[index].text.encode() + b" end" for index in order])
    assert sum(alone[index] == level for index, level in zip(order, mixed, strict=True)) > 0.97 * len(order)


def test_what_continues_a_record_has_its_level() -> None:
    assert levels_of([b"ERROR gone", b"  at main()", b"next", b"  indented"]) == ["error", "error", None, None]
    assert levels_of([b"  at main()"], "critical") == ["critical"]


def test_a_traceback_under_a_silent_line_is_an_error() -> None:
    assert level_of(b"job 7\nTraceback (most recent call last):\n  File x\nKeyError: 1") == "error"
    assert level_of(b"WARNING job 7\nTraceback (most recent call last):\n  File x\nKeyError: 1") == "warning"


@given(st.binary(max_size=300))
def test_anything_has_a_level_or_none(record: bytes) -> None:
    assert levels_of([record]) == [level_of(record)]
    assert level_of(record) in (*LEVELS, None)
