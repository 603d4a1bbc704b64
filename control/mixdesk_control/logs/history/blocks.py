"""Whole lines of a source, a block at a time, with the times at which the engine took them where it says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from mixdesk_control.logs.files import backwards, docker_json
from mixdesk_control.logs.files.encoding import UTF8, Plain, of_file
from mixdesk_control.logs.files.lines import whole
from mixdesk_control.logs.history.parts import Part

SMALL = 4096  # bytes; a block that small is a file's first line, which the next ones may take their time from
MOST_HELD = 1 << 20  # bytes of entries without the end of a line
ENDS_LINE = rb'\n","stream":"'  # in an entry of the driver `json-file`: it ends a line
TIME_OF_LINE = re.compile(rb'\\n","stream":"\w*"[^\n]*?"time":"([0-9TZ:.+-]{20,40})"\}')


Times = list[bytes]


@dataclass(frozen=True)
class Block:
    """Lines in their order, each with its end.

    size   bytes that were read for it
    taken  when the engine took each line; asked only once it is of interest. Without it lines speak for themselves
    ends   of that the first and the last one
    """

    lines: bytes
    size: int = 0
    taken: Callable[[], Times] | None = field(default=None, compare=False)
    ends: tuple[bytes, bytes] | None = None

    @cached_property
    def times(self) -> Times | None:
        """What `taken` says."""
        return None if self.taken is None else self.taken()

    def after(self, offset: int) -> Block:
        """Without the lines before an offset, at which one begins."""
        if not offset:
            return self
        return Block(self.lines[offset:], self.size, self._part(offset, from_there=True), self.ends)

    def before(self, offset: int) -> Block:
        """These lines alone; they have cost nothing."""
        if not offset:
            return NOTHING
        return Block(self.lines[:offset], 0, self._part(offset, from_there=False), self.ends)

    def and_then(self, newer: Block) -> Block:
        """Both as one."""
        if not newer.lines:
            return self
        if not self.lines:
            return Block(newer.lines, self.size + newer.size, newer.taken, self.ends or newer.ends)
        both = None if self.taken is None else lambda: [*(self.times or ()), *(newer.times or ())]
        ends = None if self.ends is None or newer.ends is None else (self.ends[0], newer.ends[1])
        return Block(self.lines + newer.lines, self.size + newer.size, both, ends)

    def _part(self, offset: int, *, from_there: bool) -> Callable[[], Times] | None:
        if self.taken is None:
            return None
        at = self.lines.count(b"\n", 0, offset)
        return lambda: (self.times or [])[at:] if from_there else (self.times or [])[:at]


NOTHING = Block(b"")


def newest_first(part: Part) -> Iterator[Block]:
    """Of a file that holds lines as they are, from its end."""
    encoding = of_file(part.fd)
    if encoding.unit > 1:
        yield from (Block(lines, 2 * len(lines)) for lines in backwards.blocks(part.fd, part.size))
        return
    held = NOTHING
    for raw, left_out in backwards.raw_blocks(part.fd, encoding, part.size):
        lines = whole(raw, left_out) if left_out else raw
        block = Block(lines if lines.endswith(b"\n") else lines + b"\n", len(raw) + left_out)
        if held.lines and (len(lines) > SMALL or len(held.lines) > MOST_HELD):
            yield held
            held = NOTHING
        held = block.and_then(held)
    yield held


def in_order(pieces: Iterable[bytes]) -> Iterator[Block]:
    """Of lines as they are, from their beginning."""
    decoder = Plain()
    for piece in pieces:
        yield Block(decoder.feed(piece), len(piece))
    yield Block(decoder.end())


def docker_newest_first(part: Part, may_skip: Callable[[bytes], bool]) -> Iterator[Block]:
    """Of a file of the driver `json-file`, from its end.

    may_skip  whether nothing of interest can be in entries: then they are not even read as JSON
    """
    carry = b""
    for raw, left_out in backwards.raw_blocks(part.fd, UTF8, part.size):
        entries = raw + carry
        cut = entries.find(b"\n", entries.find(ENDS_LINE)) + 1 if ENDS_LINE in entries else len(entries)
        if left_out or cut > MOST_HELD:  # no engine wrote this
            cut = 0
        carry, entries = entries[:cut], entries[cut:]  # what comes first may end a line of older entries
        yield _docker(entries, len(raw) + left_out, may_skip)
    yield _docker(carry, 0, may_skip)


def docker_in_order(pieces: Iterable[bytes], may_skip: Callable[[bytes], bool]) -> Iterator[Block]:
    """The same from its beginning, for one that is compressed."""
    rest = b""
    for piece in pieces:
        entries = rest + piece
        cut = entries.find(b"\n", entries.rfind(ENDS_LINE)) + 1 if ENDS_LINE in entries else 0
        if not cut and len(entries) > MOST_HELD:
            cut = entries.rfind(b"\n") + 1 or len(entries)
        entries, rest = entries[:cut], entries[cut:]
        yield _docker(entries, len(piece), may_skip)
    yield _docker(rest, 0, may_skip)


def _docker(entries: bytes, size: int, may_skip: Callable[[bytes], bool]) -> Block:
    first, last = TIME_OF_LINE.search(entries), TIME_OF_LINE.search(entries, entries.rfind(b"\n", 0, -1) + 1)
    ends = None if first is None or last is None else (first[1], last[1])
    one_a_line = entries.count(ENDS_LINE) == entries.count(b"\n")  # else a text may begin in one and end in another
    if not entries or (one_a_line and may_skip(entries)):
        return Block(b"", size, ends=ends)
    return Block(docker_json.text(entries), size, lambda: TIME_OF_LINE.findall(entries), ends)
