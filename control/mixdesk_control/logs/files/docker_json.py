"""Files of the engine's driver `json-file`: one JSON object a line, whose text may be a part of a line alone.

The engine cuts lines after 16 KiB; all entries of one line but the last have no line end.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence

import msgspec

from mixdesk_control.logs.files import backwards
from mixdesk_control.logs.files.encoding import UTF8
from mixdesk_control.logs.files.lines import Cutter, clean, whole
from mixdesk_control.logs.piece import LONGEST


class Entry(msgspec.Struct, gc=False):
    """What the driver writes at once; `time` is RFC 3339 with nanoseconds."""

    log: str = ""
    stream: str = ""
    time: str = ""


_DECODER = msgspec.json.Decoder(Entry)


def entries(raw: bytes) -> list[Entry]:
    """Of whole lines of the file; what is no JSON stands as it is."""
    try:
        return _DECODER.decode_lines(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return [_entry(line) for line in raw.split(b"\n") if line]


def _entry(line: bytes) -> Entry:
    try:
        found = json.loads(line)
        return Entry(str(found["log"]), str(found.get("stream", "")), str(found.get("time", "")))
    except (ValueError, KeyError, TypeError, AttributeError):
        return Entry(line.decode("utf-8", "replace") + "\n")


def text(raw: bytes, *, times: bool = False) -> bytes:
    """Whole lines of the file as lines of text; a last one without an end gets one.

    times  each line begins with its time and a space
    """
    decoder = DockerJson(times=times)
    return decoder.feed(raw) + decoder.end()


class DockerJson:
    """A Decoder of such a file.

    times  each line begins with its time and a space
    """

    def __init__(self, *, times: bool = False) -> None:
        self._raw = Cutter()
        self._times = times
        self._parts: dict[str, Cutter] = {}

    def feed(self, raw: bytes) -> bytes:
        """See encoding.Decoder."""
        lines = self._raw.feed(raw)
        return self._text(entries(lines)) if lines else b""

    def end(self) -> bytes:
        """See encoding.Decoder. The half entry that a full disk or a dead engine left is no line of the container."""
        self._raw = Cutter()
        last = b"".join(cutter.end() for cutter in self._parts.values())
        self._parts.clear()
        return last

    @property
    def rest(self) -> bytes:
        """See encoding.Decoder."""
        return next((rest for cutter in self._parts.values() if (rest := cutter.rest)), b"")

    def _text(self, found: Sequence[Entry]) -> bytes:
        if not self._times and not self._parts:
            lines = "".join([entry.log for entry in found])
            if lines.endswith("\n") and lines.count("\n") == len(found):
                return clean(lines.encode("utf-8", "replace"))
        return b"".join([self._one(entry) for entry in found])

    def _one(self, entry: Entry) -> bytes:
        cutter = self._parts.get(entry.stream)
        begins = cutter is None
        if cutter is None:
            cutter = self._parts[entry.stream] = Cutter()
        log = f"{entry.time} {entry.log}" if self._times and begins else entry.log
        lines = cutter.feed(log.encode("utf-8", "replace"))
        if log.endswith("\n"):
            del self._parts[entry.stream]
        return lines


def last_lines(fd: int, lines: int, end: int | None = None, most: int = backwards.MOST) -> bytes:
    """The last whole lines of text before `end`, an offset in the file right after an entry."""
    return backwards.last_of(blocks(fd, end), lines, most)


def blocks(fd: int, end: int | None = None, *, times: bool = False, unfinished: bool = False) -> Iterator[bytes]:
    """As backwards.blocks, of the text.

    unfinished  also a last line whose end has not come yet
    """
    carry: list[Entry] = []
    held = 0
    is_last = True
    for raw, left_out in backwards.raw_blocks(fd, UTF8, end):
        found = entries(clean(raw)) if not left_out else [Entry(whole(raw, left_out).decode())]
        found += carry
        if is_last and not unfinished:
            found = _without(found, lambda entry: not entry.log.endswith("\n"))
        is_last = is_last and not found
        cut = next((at for at, entry in enumerate(found, 1) if entry.log.endswith("\n")), 0)
        held = 0 if cut else held + len(raw)
        if held > 2 * LONGEST:  # a line without end: what is held is given as one
            cut, held = 0, 0
            carry = []
        else:
            cut = cut or len(found)
            carry = found[:cut]
        if text := _joined(found[cut:], times):
            yield text
    if text := _joined(carry, times):
        yield text


def _without(found: list[Entry], unwanted: Callable[[Entry], bool]) -> list[Entry]:
    """Less those at its end that are unwanted."""
    while found and unwanted(found[-1]):
        found.pop()
    return found


def _joined(found: Sequence[Entry], times: bool) -> bytes:
    decoder = DockerJson(times=times)
    return decoder._text(found) + decoder.end() if found else b""


def line_begin(fd: int, end: int) -> int:
    """Where the first entry of the line lies that `end` is in; of a very long one, that of a later part."""
    begin = at = backwards.line_begin(fd, end, UTF8)
    while at > 0 and begin - at <= LONGEST:
        before = backwards.line_begin(fd, at - 1, UTF8)
        if at - before > LONGEST or entries(os.pread(fd, at - before, before))[-1].log.endswith("\n"):
            return at
        at = before
    return at
