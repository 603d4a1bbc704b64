"""Private keys in their armour (PEM, OpenPGP), over as many lines as they take."""

from __future__ import annotations

import re

REDACTED = b"[redacted]"
MOST_LINES = 200
"""Of one key; after so many lines without its end it is taken for over."""

_BEGIN = re.compile(rb"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----")
_END = b"-----END"
_BODY = re.compile(rb"(?:^|(?<=[\s|\"']))[A-Za-z0-9+/=]+(?=[\s\"',\\]*$)")
_WHOLE = re.compile(rb"\s*[A-Za-z0-9+/=]+\s*")
_LONG = 32  # of a body after something else; a line of the body alone may be of any length


class PrivateKeys:
    """Of one stream of lines: takes the bodies out, and knows whether the last one has ended."""

    def __init__(self) -> None:
        self._left = 0

    def feed(self, lines: bytes) -> bytes:
        """The same lines without what makes them keys."""
        if not self._left and b"PRIVATE KEY" not in lines:
            return lines
        return b"\n".join([self._line(line) for line in lines.split(b"\n")])

    def _line(self, line: bytes) -> bytes:
        begin = _BEGIN.search(line)
        if begin is not None:
            return self._beginning(line, begin.end())
        if not self._left or not line:
            return line
        self._left -= 1
        if _END in line:
            self._left = 0
            return line
        return _without_body(line)

    def _beginning(self, line: bytes, at: int) -> bytes:
        end = line.find(_END, at)
        if end >= 0:
            self._left = 0
            return line[:at] + REDACTED + line[end:]
        self._left = MOST_LINES
        return line[:at] + (REDACTED if line[at:].strip() else b"")


def _without_body(line: bytes) -> bytes:
    if _WHOLE.fullmatch(line):
        return REDACTED
    body = _BODY.search(line)
    if body is None or len(body[0]) < _LONG:
        return line
    return line[: body.start()] + REDACTED + line[body.end() :]
