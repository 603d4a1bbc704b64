"""Lines into records: what continues a line stays with it."""

from __future__ import annotations

import re
from typing import Any

import re2

MOST_LINES, MOST_BYTES = 500, 64 << 10
"""Of one record; what is beyond becomes further ones."""

_LEADS = (
    rb"[ \t\n})\]]",  # indented, empty, closing
    rb"#\d+ ",  # a frame of PHP
    rb"\[stacktrace\]|\[previous exception\]|\"\}",
    rb"Caused by: |Suppressed: |\.\.\. \d+ more",
    rb"During handling of the above exception|The above exception was the direct cause",
    rb"goroutine \d+ \[|created by \S+ in |\[signal SIG",
)
_LEAD = rb"(?:" + b"|".join(_LEADS) + rb")"
CONTINUES = re.compile(_LEAD)
"""How a line begins that belongs to the one before it."""

_SPLIT = re.compile(rb"\n(?!" + _LEAD + rb"|\Z)")


def _fast(pattern: bytes) -> Any:
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1  # bytes as they are
    return re2.compile(pattern, options)


_GOES_ON = _fast(rb"\n(?:" + _LEAD + rb"|\z)")
"""Where `_SPLIT` leaves a line at the one before it, found ten times as fast: most texts have no such place."""

_TRACE = b"Traceback (most recent call last):"
_FAILURE = re.compile(rb"Traceback \(most recent call last\):|(?:[\w$]+\.)*[A-Z]\w*(?:Error|Exception)(?::|$|\n)")
_LAST = re.compile(rb"[\w$.]+(?::|$|\n)")
_GRAVE = re.compile(rb"[^\n]{0,120}?(?:ERROR|CRITICAL|FATAL|WARN|error\b|critical\b|Exception\b|exception\b|failed\b)")
_OPEN_ENDS = (b"{", b"[", b"(", b",", b"\\")


class Records:
    """Of one stream of lines; the last record stays open until a line comes that does not belong to it."""

    def __init__(self) -> None:
        self._open: bytes | None = None

    @property
    def open(self) -> bool:
        """Whether there is one that may go on."""
        return self._open is not None

    @property
    def unfinished(self) -> bool:
        """Whether the open one looks as if it will: it has gone on already, or its last line asks for more."""
        if self._open is None:
            return False
        if b"\n" in self._open or self._open.endswith(_OPEN_ENDS):
            return True
        return self._open.startswith(_TRACE)

    def feed(self, lines: bytes) -> list[bytes]:
        """The records that these whole lines complete, without their last newline."""
        if not lines:
            return []
        text = lines[:-1] if self._open is None else self._open + b"\n" + lines[:-1]
        lines_of_text = text.split(b"\n")
        parts = _SPLIT.split(text) if _GOES_ON.search(text) else lines_of_text
        if len(parts) > 1 and (b"Error" in text or b"Exception" in text or _TRACE in text):
            parts = _joined(parts)
        further = len(lines_of_text) - len(parts)  # lines that are not the first of their record
        if further and (further >= MOST_LINES or len(text) > MOST_BYTES):
            parts = [cut for part in parts for cut in _cut(part)]
        self._open = parts.pop()
        return parts

    def flush(self) -> list[bytes]:
        """The open record, if there is one: nothing is waited for."""
        last, self._open = self._open, None
        return [] if last is None else [last]


def split(lines: bytes) -> list[bytes]:
    """The records of text that is there as a whole."""
    records = Records()
    return [*records.feed(lines), *records.flush()]


def _joined(parts: list[bytes]) -> list[bytes]:
    """With tracebacks at the line that reports them, and their last line at them."""
    joined = [parts[0]]
    for part in parts[1:]:
        if _belongs(joined[-1], part):
            joined[-1] += b"\n" + part
        else:
            joined.append(part)
    return joined


def _belongs(record: bytes, part: bytes) -> bool:
    if _awaits_its_exception(record):
        return _LAST.match(part) is not None
    return _FAILURE.match(part) is not None and _reports(record, part)


def _awaits_its_exception(record: bytes) -> bool:
    """Whether it ends within the frames of a traceback."""
    start = record.rfind(_TRACE)
    if start < 0:
        return False
    last = record.rfind(b"\n")
    return last > start and record[last + 1 : last + 2] in (b" ", b"\t")


def _reports(record: bytes, part: bytes) -> bool:
    """Whether a record says that something went wrong, and this exception is what."""
    if record.endswith(b"\n") or _FAILURE.match(record):
        return record.rstrip(b"\n").endswith(_CHAINS)
    if _TRACE in record or (b"\n" in record and not part.startswith(_TRACE)):
        return False
    return _GRAVE.match(record) is not None


_CHAINS = (
    b"During handling of the above exception, another exception occurred:",
    b"The above exception was the direct cause of the following exception:",
)


def _cut(record: bytes) -> list[bytes]:
    """In pieces within the bounds, at ends of lines."""
    pieces: list[bytes] = []
    lines: list[bytes] = []
    size = 0
    for line in record.split(b"\n"):
        if lines and (len(lines) == MOST_LINES or size + len(line) >= MOST_BYTES):
            pieces.append(b"\n".join(lines))
            lines, size = [], 0
        lines.append(line)
        size += len(line) + 1
    return [*pieces, b"\n".join(lines)]
