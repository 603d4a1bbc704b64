"""What is there already when somebody comes: the last lines before the live ones, through their own view. Blocks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from mixdesk_control.logs.live.frames import Frame, of_records
from mixdesk_control.logs.live.refining import Refining, Shown
from mixdesk_control.logs.piece import Mark
from mixdesk_control.logs.view import MOST_LINES

Older = Callable[[int], bytes]
"""The last lines of the rotated files."""

MOST_BYTES = 64 << 20
"""Of what is looked through for a view that leaves records out."""

MARKS, WIDER = 4, 16
STEP = 64 << 10


def marks_for(refining: Refining, lines: int) -> int:
    """How many marks `read` takes for a view: each looks through more than the one before."""
    return 0 if lines < 1 else 1 if refining.everything else MARKS


def read(marks: list[Mark], lines: int, refining: Callable[[], Refining], older: Older) -> list[Frame]:
    """Frames of the last lines before the mark, or of the last matching records where the view leaves some out.

    marks  all at the same place, one for each time that more has to be looked through; all are closed
    """
    try:
        shown = _filtered(marks, lines, refining, older) if len(marks) > 1 else _all(marks, lines, refining, older)
    finally:
        for mark in marks:
            mark.close()
    return list(of_records(shown.records, shown.levels))


def _all(marks: list[Mark], lines: int, refining: Callable[[], Refining], older: Older) -> Shown:
    text = marks.pop().last(lines)
    missing = lines - text.count(b"\n")
    return _refined([older(missing), text] if missing > 0 else [text], refining())


def _filtered(marks: list[Mark], lines: int, refining: Callable[[], Refining], older: Older) -> Shown:
    asked, text, shown = lines, b"", Shown([], [])
    while marks:
        text = marks.pop().last(asked)
        shown = _refined([text], refining())
        if len(shown.records) >= lines or len(text) >= MOST_BYTES:
            return _last(shown, lines)
        if text.count(b"\n") < asked:
            return _last(_refined([older(_more(asked, text)), text], refining()), lines)
        asked = _more(asked, text)
    return _last(shown, lines)


def _more(asked: int, text: bytes) -> int:
    """How many lines to look through next: more of them, but not more bytes than may be."""
    a_line = len(text) // max(text.count(b"\n"), 1) + 1
    return max(min(asked * WIDER, MOST_BYTES // a_line, MOST_LINES * WIDER), 1)


def _last(shown: Shown, lines: int) -> Shown:
    return Shown(shown.records[-lines:], shown.levels[-lines:])


def _refined(texts: Iterable[bytes], refining: Refining) -> Shown:
    records: list[bytes] = []
    levels: list[str | None] = []
    for shown in _parts(texts, refining):
        records += shown.records
        levels += shown.levels
    return Shown(records, levels)


def _parts(texts: Iterable[bytes], refining: Refining) -> Iterator[Shown]:
    for text in texts:
        for lines in in_steps(text):
            yield refining.feed(lines)
    yield refining.flush()


def in_steps(lines: bytes, step: int = STEP) -> Iterator[bytes]:
    """Whole lines in pieces of about this size: a long one would keep the event loop from running."""
    start = 0
    while len(lines) - start > step:
        end = lines.find(b"\n", start + step) + 1
        if end in (0, len(lines)):
            break
        yield lines[start:end]
        start = end
    if start < len(lines):
        yield lines[start:]
