"""A container's output as the engine sends it with times: cut into its messages. Pure, and with bounded memory.

A message is what the driver took at once: a line, or 16 KiB of a longer one. Each begins with its time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from mixdesk_control.logs.files.lines import Cutter, clean
from mixdesk_control.logs.piece import LONGEST

HEAD = 8  # bytes: which stream, three of nothing, the length in four
MOST = 2 * LONGEST
_TIME = re.compile(rb"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)) ")


class Message(NamedTuple):
    """time: RFC 3339, as the engine says it; stream: 1 or 2, 0 of a terminal; text: with its line end, where it ends"""

    time: str
    stream: int
    text: bytes


class Assembled:
    """Messages to lines: parts of one line come in several, and those of two streams between one another."""

    def __init__(self) -> None:
        self._cutters: dict[int, Cutter] = {}

    def feed(self, messages: Iterable[Message]) -> bytes:
        """The lines that these complete."""
        return b"".join([self._lines(message) for message in messages])

    def end(self) -> bytes:
        """Lines that will not be completed."""
        last = b"".join(cutter.end() for cutter in self._cutters.values())
        self._cutters.clear()
        return last

    @property
    def rest(self) -> bytes:
        """The line that was begun first and has no end yet."""
        return next((cutter.rest for cutter in self._cutters.values()), b"")

    def _lines(self, message: Message) -> bytes:
        text = message.text
        if message.stream not in self._cutters:
            if text.endswith(b"\n") and len(text) <= LONGEST // 4:
                return clean(text)
            self._cutters[message.stream] = Cutter()
        lines = self._cutters[message.stream].feed(text)
        if text.endswith(b"\n"):
            del self._cutters[message.stream]
        return lines


def framed(pieces: Iterable[bytes]) -> Iterator[Sequence[Message]]:
    """Of a container without a terminal."""
    waiting = bytearray()
    stream = left = 0
    for piece in pieces:
        waiting += piece
        found: list[Message] = []
        while len(waiting) >= (left or HEAD):
            if not left:
                stream, left = waiting[0], int.from_bytes(waiting[4:HEAD], "big")
                del waiting[:HEAD]
                continue
            found.append(_message(stream, bytes(waiting[:left])))
            del waiting[:left]
            left = 0
        if left > MOST and len(waiting) > MOST:  # no driver of today sends such: keep what is shown of it
            left -= len(waiting) - MOST
            del waiting[MOST:]
        yield found


def plain(pieces: Iterable[bytes]) -> Iterator[Sequence[Message]]:
    """Of a container with a terminal: only its lines tell where a message begins."""
    cutter = Cutter()
    for piece in pieces:
        lines = cutter.feed(piece).replace(b"\r\n", b"\n")
        yield [_message(0, line + b"\n") for line in lines.split(b"\n")[:-1]]


def _message(stream: int, content: bytes) -> Message:
    found = _TIME.match(content)
    if found is None:
        return Message("", stream, content)
    return Message(found[1].decode(), stream, content[found.end() :])
