"""A container's output as lines, and the engine's events as records: pure, and with bounded memory."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from mixdesk_control.lines import Lines

HEAD = 8  # bytes: which stream, three of nothing, the length in four


def framed(pieces: Iterable[bytes]) -> Iterator[Sequence[str]]:
    """Lines of both streams of a container without a terminal, each whole, in the order in which they ended."""
    lines: defaultdict[int, Lines] = defaultdict(Lines)
    head, stream, left = b"", 0, 0
    for piece in pieces:
        found: list[str] = []
        at = 0
        while at < len(piece):
            if left:
                part = piece[at : at + left]
                found += lines[stream].feed(part)
                at, left = at + len(part), left - len(part)
                continue
            more = piece[at : at + HEAD - len(head)]
            head, at = head + more, at + len(more)
            if len(head) == HEAD:
                stream, left, head = head[0], int.from_bytes(head[4:], "big"), b""
        yield found
    yield [line for rest in lines.values() for line in rest.end()]


def plain(pieces: Iterable[bytes]) -> Iterator[Sequence[str]]:
    """Lines of a container with a terminal."""
    lines = Lines()
    for piece in pieces:
        yield lines.feed(piece)
    yield lines.end()


def records(pieces: Iterable[bytes]) -> Iterator[Sequence[dict[str, Any]]]:
    """One object a line; what is none is left out."""
    rest = b""
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        yield [record for line in whole if (record := _record(line)) is not None]


def _record(line: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
