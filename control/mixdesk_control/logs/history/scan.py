"""Hits in blocks of lines: around each place that may be one, as many lines as a record can take. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from mixdesk_control.logs.history.blocks import Block
from mixdesk_control.logs.history.matching import Matching
from mixdesk_control.logs.history.times import time_of
from mixdesk_control.logs.text.levels import level_of
from mixdesk_control.logs.text.records import CONTINUES, MOST_BYTES

NEAR = 16  # lines; in each block, so that a log without times is searched as fast
HARMLESS = ("trace", "debug", "info", "notice")


@dataclass(frozen=True, slots=True)
class Found:
    """A record that is asked for; its time is its own or that of the line before it."""

    time: float | None
    level: str | None
    text: bytes


@dataclass(frozen=True, slots=True)
class Scanner:
    """Looks through the blocks of one file.

    near      about when its lines were written
    offset_s  how far times without a zone are ahead of UTC
    """

    matching: Matching
    near: float | None
    offset_s: float = 0.0

    def time(self, line: bytes) -> float | None:
        """Of a line, seconds since the epoch."""
        return time_of(line, near=self.near, offset_s=self.offset_s)

    def begins(self, line: bytes) -> bool:
        """Whether a line is surely none that continues another: it has a time, or a level that no exception has."""
        if CONTINUES.match(line):
            return False
        return self.time(line) is not None or level_of(line) in HARMLESS

    def first_beginning(self, lines: bytes) -> int:
        """Where the first line is that surely begins a record, best one with a time; 0 where that is not near."""
        at = found = 0
        for line in lines.split(b"\n", NEAR)[:NEAR]:
            if self.begins(line):
                if self.time(line) is not None:
                    return at
                found = found or at
            at += len(line) + 1
        return found

    def last_beginning(self, lines: bytes) -> int:
        """The same of the last one."""
        walked = _walk_back(lines, len(lines), self.begins)
        return walked.offset if walked.found else 0

    def first_time(self, block: Block) -> float | None:
        """When its first line was written, as far as that says."""
        return self.time(block.ends[0] if block.ends else _line(block.lines, 0))

    def last_time(self, block: Block) -> float | None:
        """When its last record was written, as far as that says."""
        if block.ends:
            return self.time(block.ends[1])
        return self.time(_line(block.lines, _walk_back(block.lines, len(block.lines), self.begins).offset))

    def newest_first(self, block: Block) -> Iterator[Found]:
        """What is asked for in a block."""
        lines = self.matching.readied(block.lines)
        if not lines:
            return
        clock = _Clock(self, block)
        if self.matching.all_lines:
            yield from reversed(self._stretch(lines, 0, len(lines), clock))
            return
        end = len(lines)
        for place in reversed(self.matching.places(lines)):
            if place < end:
                begin, stop = self._around(lines, place)
                yield from reversed(self._stretch(lines, begin, min(stop, end), clock))
                end = begin

    def _around(self, lines: bytes, place: int) -> tuple[int, int]:
        """From the beginning of a record before a place to that of one after it, as far as records reach."""
        after = lines.find(b"\n", place) + 1 or len(lines)
        begin = _walk_back(lines, after, self.begins)
        return begin.offset, _walk(lines, after, self.begins).offset

    def _stretch(self, lines: bytes, begin: int, end: int, clock: _Clock) -> list[Found]:
        """What is asked for in some of the lines, in their order."""
        records = list(self.matching.records(lines[begin:end]))
        if not records:
            return []
        first = lines.count(b"\n", 0, begin)
        return [Found(clock.time(first + record.line), record.level, record.text) for record in records]


class _Clock:
    """The times of the lines of one block, by their numbers; the lines that are searched may be less than they were."""

    def __init__(self, scanner: Scanner, block: Block) -> None:
        self._scanner, self._block = scanner, block
        self._known: dict[int, float | None] = {}

    @cached_property
    def _saying(self) -> Sequence[bytes]:
        """For each line what tells its time: the engine, or it itself."""
        return self._block.lines.split(b"\n") if self._block.times is None else self._block.times

    def time(self, number: int) -> float | None:
        """That of a line, or of the last one before it that has one."""
        first = min(number, len(self._saying) - 1)
        time = None
        while first >= 0:
            time = self._known[first] if first in self._known else self._scanner.time(self._saying[first])
            if time is not None or first in self._known:
                break
            first -= 1
        self._known.update(dict.fromkeys(range(max(first, 0), number + 1), time))
        return time


def _line(lines: bytes, at: int) -> bytes:
    return lines[at : lines.find(b"\n", at) + 1 or None]


@dataclass(frozen=True, slots=True)
class _Stop:
    """Where a walk through lines ended, and whether at what was looked for."""

    offset: int
    found: bool


def _walk(lines: bytes, at: int, wanted: Callable[[bytes], bool]) -> _Stop:
    """To the first line at or after an offset that is wanted, as far as a record can reach."""
    stop = min(len(lines), at + MOST_BYTES)
    while at < stop:
        end = lines.find(b"\n", at) + 1 or len(lines)
        if wanted(lines[at:end]):
            return _Stop(at, found=True)
        at = end
    return _Stop(at, found=False)


def _walk_back(lines: bytes, at: int, wanted: Callable[[bytes], bool]) -> _Stop:
    """To the last line before an offset that is wanted."""
    stop = max(0, at - MOST_BYTES)
    while at > stop:
        at = lines.rfind(b"\n", 0, at - 1) + 1
        if wanted(_line(lines, at)):
            return _Stop(at, found=True)
    return _Stop(at, found=False)
