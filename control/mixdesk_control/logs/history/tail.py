"""Where the last lines of a file begin."""

from __future__ import annotations

import os

from mixdesk_control.logs.files import backwards, holes
from mixdesk_control.logs.files.encoding import UTF8

STEP = 64 << 10  # bytes that are looked at, at once
ENTRY_ENDS = rb'\n","stream":"'  # how an entry of the driver `json-file` goes on that ends a line


def plain(fd: int, lines: int, end: int) -> tuple[int, int]:
    """The offset at which the last lines before `end` begin, and how many they are: fewer where there are no more.

    A last line without an end is one.
    """
    found, at = 0, end - 1  # the end of the last line separates nothing
    while at > 0:
        begin = max(0, at - STEP)
        block = os.pread(fd, at - begin, begin)
        ends = block.count(b"\n")
        if found + ends >= lines:
            return begin + len(block) - len(_after(block, b"\n", found + ends - lines)), lines
        if holes.is_empty(block):
            begin = holes.data_before(fd, begin)
        found, at = found + ends, begin
    return 0, found + (end > 0)


def docker_json(fd: int, lines: int, end: int) -> tuple[int, int]:
    """The same of the driver's own lines, of which several may make one line of the container."""
    found, at, first = 0, end, True
    for block, left_out in backwards.raw_blocks(fd, UTF8, end):
        at -= len(block) + left_out
        last = block.rfind(b"\n", 0, -1) + 1 if first else len(block)  # the last entry's end separates nothing
        ends = block.count(ENTRY_ENDS, 0, last)
        if found + ends >= lines:
            rest = _after(block[:last], ENTRY_ENDS, found + ends - lines)
            return at + last - len(rest) + rest.find(b"\n") + 1, lines
        found, first = found + ends, False
    return 0, found + (end > 0)


def _after(block: bytes, separator: bytes, skipped: int) -> bytes:
    """What stands after so many separators and one."""
    return block.split(separator, skipped + 1)[-1]
