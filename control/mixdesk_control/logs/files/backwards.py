"""A file read from its end: its last lines, and all of them in blocks. Memory is bounded, whatever the file holds."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from mixdesk_control.logs.files import holes
from mixdesk_control.logs.files.encoding import Encoding, Plain, of_file
from mixdesk_control.logs.files.lines import clean, count, whole, without_first
from mixdesk_control.logs.piece import LONGEST

STEP = 64 << 10
MOST = 64 << 20  # bytes that are handed out at once


def last_lines(fd: int, lines: int, end: int | None = None, most: int = MOST) -> bytes:
    """The last lines before `end` (default: the file's), oldest first; fewer where they are more than `most` bytes."""
    return last_of(blocks(fd, end), lines, most)


def last_of(newest_first: Iterable[bytes], lines: int, most: int = MOST) -> bytes:
    """The last lines of blocks that come newest first."""
    found: list[bytes] = []
    for block in newest_first:
        if lines <= 0 or most <= 0:
            break
        spare = count(block) - lines
        found.append(without_first(block, spare) if spare > 0 else block)
        lines, most = -spare, most - len(block)
    return b"".join(reversed(found))


def blocks(fd: int, end: int | None = None) -> Iterator[bytes]:
    """Blocks of whole lines in UTF-8, newest first; lines within a block are oldest first.

    end  offset in the file; default its size now. A last line without an end gets one.
    """
    encoding = of_file(fd)
    for raw, left_out in raw_blocks(fd, encoding, end):
        if left_out:
            yield whole(raw.decode(encoding.name, "replace").encode(), left_out)
        elif encoding.unit == 1 and 3 * len(raw) < LONGEST:  # no line can be too long, even with each byte replaced
            lines = clean(raw)
            yield lines if lines.endswith(b"\n") else lines + b"\n"
        else:
            plain = Plain(encoding)
            yield plain.feed(raw) + plain.end()


def raw_blocks(fd: int, encoding: Encoding, end: int | None = None) -> Iterator[tuple[bytes, int]]:
    """The same as they lie there; of a line that is too long its beginning, and how many bytes are left out."""
    stop = at = _aligned(os.fstat(fd).st_size if end is None else end, encoding)
    first, carry = len(encoding.mark), b""
    longest = LONGEST * encoding.unit
    while at > first:
        begin = max(first, at - STEP)
        block = os.pread(fd, at - begin, begin)
        if len(block) < at - begin:
            return  # it has been cut meanwhile
        if holes.is_empty(block):
            block, begin = b"", max(first, holes.data_before(fd, begin))
        cut = encoding.after_first_line(block)
        if cut and (lines := block[cut:] + carry):
            yield lines, 0
        if cut:
            at, stop, carry = begin, begin + cut, block[:cut]
        else:
            at, carry = begin, block + carry
        if len(carry) > longest + STEP:
            stop -= len(encoding.line_end) if carry.endswith(encoding.line_end) else 0
            begin = line_begin(fd, at, encoding)
            line = _head(fd, begin, min(stop, begin + longest))
            yield line, stop - begin - len(line)
            at = stop = begin
            carry = b""
    if carry:
        yield carry, 0


def line_begin(fd: int, end: int, encoding: Encoding) -> int:
    """Where the line begins that `end` is in; `end` itself right after a line end."""
    first = len(encoding.mark)
    at = max(first, _aligned(end, encoding))
    while at > first:
        begin = max(first, at - STEP)
        block = os.pread(fd, at - begin, begin)
        if holes.is_empty(block):
            begin = max(first, holes.data_before(fd, begin))
        elif cut := encoding.after_last_line(block):
            return begin + cut
        at = begin
    return first


def _head(fd: int, begin: int, stop: int) -> bytes:
    content = os.pread(fd, stop - begin, begin)
    if holes.is_empty(content):
        at = holes.data_from(fd, begin)
        content = os.pread(fd, stop - begin, at)
    return content


def _aligned(offset: int, encoding: Encoding) -> int:
    return offset - offset % encoding.unit
