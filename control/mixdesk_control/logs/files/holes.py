"""Holes of sparse files: gigabytes of nothing that are stepped over, not read."""

from __future__ import annotations

import os

PAGE = 4096


def is_empty(content: bytes) -> bool:
    """Whether there are NUL bytes alone: then it may be a hole."""
    return content[:1] == b"\0" and not content.strip(b"\0")


def data_from(fd: int, offset: int) -> int:
    """Where data begins, at `offset` or after it; the file's end where there is none."""
    try:
        return os.lseek(fd, offset, os.SEEK_DATA)
    except OSError:
        return max(offset, os.fstat(fd).st_size)


def data_before(fd: int, offset: int) -> int:
    """Where the hole begins that ends at `offset`; `offset` where there is none."""
    begin, step = offset, PAGE
    while begin > 0 and data_from(fd, max(0, begin - step)) >= offset:
        begin, step = max(0, begin - step), step * 2
    low = max(0, begin - step)
    while begin - low > PAGE:
        middle = (begin + low) // 2 // PAGE * PAGE
        if middle in (low, begin):
            break
        low, begin = (low, middle) if data_from(fd, middle) >= offset else (middle, begin)
    return begin
