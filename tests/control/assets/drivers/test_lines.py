"""Lines of a program's output, however its bytes come."""

from __future__ import annotations

import pytest
from torture import chance

from mixdesk_control.lines import LONGEST, MOST, Lines


def in_pieces(content: bytes) -> list[str]:
    random, lines, found = chance(), Lines(), []
    while content:
        size = random.choice((1, 2, 7, 5000, 100_000))
        found += lines.feed(content[:size])
        content = content[size:]
    return found


def test_lines_are_the_same_however_the_bytes_come() -> None:
    content = "eins\n\nzwei 猫\r\n".encode() + b"\xff\n" + b"x" * 4096 + b"\n" + b"rest"
    assert in_pieces(content) == ["eins", "", "zwei 猫", "�", "x" * 4096]


@pytest.mark.parametrize("size", [LONGEST + 1, 4 * LONGEST, 4 * LONGEST + 1, 1 << 20])
def test_a_line_that_is_too_long_is_cut_and_the_next_is_whole(size: int) -> None:
    assert in_pieces(b"a\n" + b"x" * size + b"\nnext\n") == ["a", "x" * LONGEST, "next"]


def test_a_line_that_never_ends_is_told_once_and_holds_no_memory() -> None:
    lines = Lines()
    found = [line for _ in range(200) for line in lines.feed(b"x" * 100_000)]
    assert found == ["x" * LONGEST] and len(lines._part) <= MOST


def test_the_last_line_may_have_no_end() -> None:
    lines = Lines()
    assert (lines.feed(b"one\ntw"), lines.feed(b"o\r"), lines.end(), lines.end()) == (["one"], [], ["two"], [])


def test_the_rest_of_a_long_line_is_no_line() -> None:
    lines = Lines()
    assert lines.feed(b"x" * MOST) == ["x" * LONGEST]
    assert lines.feed(b"y" * 9) == lines.end() == []
    assert lines.feed(b"z\nnext\n" + "ä".encode() * 5000 + b"\n") == ["next", "ä" * LONGEST]
