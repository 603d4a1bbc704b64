"""What is there already when somebody comes: the last lines before the live ones, through their own view. Blocks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from mixdesk_control.logs.live.frames import Frame, of_records, told
from mixdesk_control.logs.live.refining import Refining, Shown
from mixdesk_control.logs.piece import Mark
from mixdesk_control.logs.view import MOST_LINES

Older = Callable[[int], bytes]
"""The last lines of the rotated files."""

Read = tuple[Shown, Refining]
"""And through what it went: the line after it is shown by the same."""

MOST_BYTES = 64 << 20
"""Of what is looked through for a view that leaves records out."""

MOST_SHOWN = 8 << 20
"""Of what one viewer is shown: it may take it slowly."""

MARKS, WIDER = 4, 16
STEP = 64 << 10


def marks_for(refining: Refining, lines: int) -> int:
    """How many marks `read` takes for a view: each looks through more than the one before."""
    return 0 if lines < 1 else 1 if refining.everything else MARKS


def read(marks: list[Mark], lines: int, refining: Callable[[], Refining], older: Older) -> Iterator[Frame]:
    """Frames of the last lines before the mark, or of the last matching records where the view leaves some out; then of
    the line that has no end yet. What is more than MOST_SHOWN is skipped, the oldest first.

    marks  all at the same place, one for each time that more has to be looked through; all are closed
    """
    try:
        rest = marks[-1].rest()
        look = _filtered if len(marks) > 1 else _all
        shown, used = look(marks, lines, refining, older)
    finally:
        for mark in marks:
            mark.close()
    return _framed(*_newest(shown), used.partial(rest) if rest else None)


def _newest(shown: Shown) -> tuple[Shown, int]:
    """The last of them, and how many lines are left out."""
    first, size = len(shown.records), 0
    while first and (size := size + len(shown.records[first - 1])) <= MOST_SHOWN:
        first -= 1
    skipped = sum(record.count(b"\n") + 1 for record in shown.records[:first])
    return Shown(shown.records[first:], shown.levels[first:]), skipped


def _framed(shown: Shown, skipped: int, partial: str | None) -> Iterator[Frame]:
    """Each is made when it is taken."""
    if skipped:
        yield told(skipped=skipped)
    yield from of_records(shown.records, shown.levels)
    if partial:
        yield told(partial=partial)


def _all(marks: list[Mark], lines: int, refining: Callable[[], Refining], older: Older) -> Read:
    text = marks.pop().last(lines)
    missing = lines - text.count(b"\n")
    return _refined([older(missing), text] if missing > 0 else [text], refining())


def _filtered(marks: list[Mark], lines: int, refining: Callable[[], Refining], older: Older) -> Read:
    asked = lines
    while True:
        text = marks.pop().last(asked)
        shown, used = _refined([text], refining())
        is_short = text.count(b"\n") < asked
        if is_short and len(shown.records) < lines and len(text) < MOST_BYTES:
            shown, used = _refined([older(_more(asked, text)), text], refining())
        if is_short or not marks or len(shown.records) >= lines or len(text) >= MOST_BYTES:
            return _last(shown, lines), used
        asked = _more(asked, text)


def _more(asked: int, text: bytes) -> int:
    """How many lines to look through next: more of them, but not more bytes than may be."""
    a_line = len(text) // max(text.count(b"\n"), 1) + 1
    return max(min(asked * WIDER, MOST_BYTES // a_line, MOST_LINES * WIDER), 1)


def _last(shown: Shown, lines: int) -> Shown:
    return Shown(shown.records[-lines:], shown.levels[-lines:])


def _refined(texts: Iterable[bytes], refining: Refining) -> Read:
    records: list[bytes] = []
    levels: list[str | None] = []
    for shown in _parts(texts, refining):
        records += shown.records
        levels += shown.levels
    return Shown(records, levels), refining


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
