"""Bytes cut into lines of valid UTF-8, none longer than LONGEST. Pure, and with bounded memory."""

from __future__ import annotations

from mixdesk_control.logs.piece import LONGEST

AT_ONCE = 64 << 10  # bytes; short enough that a line within it cannot be too long, even with each byte replaced
KEPT = LONGEST - 64  # bytes of a line that is too long; the note of what is left out follows


def clean(content: bytes) -> bytes:
    """Valid UTF-8 without NUL bytes: what is no character becomes U+FFFD; the NULs of a hole say nothing."""
    if b"\0" in content:
        content = content.translate(None, b"\0")
    if content.isascii():
        return content
    return content.decode("utf-8", "replace").encode()


def count(lines: bytes) -> int:
    """How many line ends there are; several times as fast as `bytes.count`, which looks at each byte by itself."""
    return len(lines) - len(lines.replace(b"\n", b""))


def without_first(lines: bytes, left_out: int) -> bytes:
    """Less so many lines at its beginning, of which there are enough."""
    begin, end = 0, len(lines)
    while left_out > 8:
        middle = (begin + end) // 2
        found = count(lines[begin:middle])
        if found < left_out:
            begin, left_out = middle, left_out - found
        else:
            end = middle
    for _ in range(left_out):
        begin = lines.index(b"\n", begin) + 1
    return lines[begin:]


def whole(line: bytes, left_out: int = 0) -> bytes:
    """A line with its end: cleaned, and cut where it is too long.

    left_out  bytes of it that come after these
    """
    line = clean(line)
    if not left_out and len(line) < LONGEST:
        return line + b"\n"
    kept = line[:KEPT].decode("utf-8", "ignore").encode()
    return kept + f" … [{left_out + len(line) - len(kept)} bytes left out]\n".encode()


class Cutter:
    """Of one stream of bytes in UTF-8."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._left_out = 0

    def feed(self, content: bytes) -> bytes:
        """The lines that these bytes complete."""
        if len(content) <= AT_ONCE:
            return self._feed(content)
        steps = range(0, len(content), AT_ONCE)
        return b"".join([self._feed(content[at : at + AT_ONCE]) for at in steps])

    def end(self) -> bytes:
        """The last line, where it has no end of its own; nothing else is in here after it."""
        return self._take() if self._rest or self._left_out else b""

    @property
    def rest(self) -> bytes:
        """What stands after the last whole line; of a progress bar its last two states."""
        return clean(bytes(self._rest[_state(self._rest) :]))

    def _feed(self, content: bytes) -> bytes:
        end = content.rfind(b"\n") + 1
        if not end:
            self._keep(content)
            return b""
        first = b""
        begin = 0
        if self._rest or self._left_out:
            begin = content.index(b"\n") + 1
            self._keep(content[: begin - 1])
            first = self._take()
        lines = first + clean(content[begin:end])
        self._keep(content[end:])
        return lines

    def _take(self) -> bytes:
        line = whole(bytes(self._rest), self._left_out)
        self._rest.clear()
        self._left_out = 0
        return line

    def _keep(self, more: bytes) -> None:
        if b"\0" in more:
            more = more.translate(None, b"\0")
        room = LONGEST - len(self._rest)
        if len(more) > room and b"\r" in more:
            # a progress bar that has run for hours: the states before the last are of no use
            self._rest += more
            del self._rest[: _state(self._rest)]
            self._left_out, more, room = 0, b"", LONGEST
        self._rest += more[:room]
        self._left_out += max(0, len(more) - room)


def _state(line: bytes | bytearray) -> int:
    """Where the state before the last carriage return begins."""
    last = line.rfind(b"\r")
    return line.rfind(b"\r", 0, last) + 1 if last > 0 else 0
