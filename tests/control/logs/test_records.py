"""Records: what belongs to a line stays with it, and no line is lost."""

from __future__ import annotations

import torture
from hypothesis import given
from hypothesis import strategies as st

from mixdesk_control.logs.text.records import CONTINUES, MOST_BYTES, MOST_LINES, Records, split

RECORDS = [
    b"2026-11-30 12:00:00 INFO ready",
    (
        b"2026-11-30 12:00:01 ERROR failed\nTraceback (most recent call last):\n"
        b'  File "a.py", line 1, in <module>\n    run()\nValueError: bad'
    ),
    (
        b"Traceback (most recent call last):\n  File x\nKeyError: 'a'\n\n"
        b"During handling of the above exception, another exception occurred:\n\n"
        b"Traceback (most recent call last):\n  File y\nRuntimeError: b"
    ),
    (
        b'[2026-11-30 12:00:02] production.ERROR: gone {"exception":"[object] (Exception(code: 0)\n'
        b'[stacktrace]\n#0 /app/a.php(1): f()\n#1 {main}\n"} '
    ),
    b"java.lang.IllegalStateException: x\n\tat a.b.C.d(C.java:1)\nCaused by: y\n\t... 3 more",
    b"TypeError: x is undefined\n    at f (/app/a.js:1:2)\n    at g (/app/b.js:3:4)",
    b'answer: {\n  "a": [\n    1\n  ]\n}',
    b'{\n  "level": "info"\n}',
    b"the last one, with an empty line\n",
]


def test_records_are_kept_together() -> None:
    assert split(b"\n".join(RECORDS) + b"\n") == RECORDS


def test_pieces_of_any_size_make_the_same_records() -> None:
    lines = [line + b"\n" for record in RECORDS for line in record.split(b"\n")]
    chance = torture.chance()
    for _ in range(torture.times(2000, 100)):
        records, found, left = Records(), [], list(lines)
        while left:
            size = chance.randrange(1, 6)
            found += records.feed(b"".join(left[:size]))
            del left[:size]
        assert [*found, *records.flush()] == RECORDS


def test_an_exception_under_a_calm_line_is_a_record_of_its_own() -> None:
    text = b"INFO started\nTraceback (most recent call last):\n  File x\nOSError: y\nINFO after\n"
    assert split(text) == [b"INFO started", b"Traceback (most recent call last):\n  File x\nOSError: y", b"INFO after"]


def test_one_that_has_gone_on_or_asks_for_more_is_unfinished() -> None:
    for text, expected in {
        b"INFO x\n": False,
        b"answer: {\n": True,
        b"INFO x\n  more\n": True,
        b"Traceback (most recent call last):\n": True,
    }.items():
        records = Records()
        assert records.feed(text) == []
        assert records.open
        assert records.unfinished is expected, text


def test_a_record_without_end_is_cut_and_loses_nothing() -> None:
    lines = [b"ERROR x", *(b"  frame %d" % number for number in range(3 * MOST_LINES))]
    found = split(b"".join(line + b"\n" for line in lines))
    assert max(record.count(b"\n") + 1 for record in found) <= MOST_LINES
    assert b"\n".join(found).split(b"\n") == lines
    wide = split(b"x\n" + (b" " + b"y" * 1000 + b"\n") * 200)
    assert max(map(len, wide)) <= MOST_BYTES


def test_a_record_without_end_is_cut_in_pieces_too() -> None:
    records, held = Records(), 0
    found = records.feed(b"ERROR x\n")
    for _ in range(300):
        found += records.feed(b"  frame\n" * 10)
        held = max(held, sum(map(len, found[-1:])))
    found += records.flush()
    assert b"\n".join(found).count(b"\n") == 3000
    assert held <= MOST_BYTES


@given(st.lists(st.sampled_from([*b"\n".join(RECORDS).split(b"\n"), b"", b"}", b"\x00"]), max_size=40), st.data())
def test_no_line_is_lost_doubled_or_moved(lines: list[bytes], data: st.DataObject) -> None:
    records, found, left = Records(), [], list(lines)
    while left:
        size = data.draw(st.integers(1, 5))
        found += records.feed(b"".join(line + b"\n" for line in left[:size]))
        del left[:size]
        if data.draw(st.booleans()):
            found += records.flush()
    found += records.flush()
    assert (b"\n".join(found).split(b"\n") if found else []) == lines


STARTS = (
    *(b"INFO a", b"#1 f()", b"# a", b"[stacktrace]", b"[2026", b"[previous exception]", b"[signal SIGINT"),
    *(b"Caused by: a", b"Caused", b"Suppressed: a", b"... 3 more", b"... a", b"goroutine 7 [a"),
    *(b"created by a.b in c", b"created by a\x0b\xff in c", b" a", b"\ta", b"", b")", b"]", b"}", b'"}', b'"a'),
    *(b"\x0ba", b"\xa0a", b"\0"),
)


@given(st.lists(st.sampled_from(STARTS), min_size=1))
def test_lines_go_on_where_they_begin_like_it_and_nowhere_else(lines: list[bytes]) -> None:
    expected = lines[:1]
    for line in lines[1:]:
        if not line or CONTINUES.match(line):
            expected[-1] += b"\n" + line
        else:
            expected.append(line)
    assert split(b"\n".join(lines) + b"\n") == expected
