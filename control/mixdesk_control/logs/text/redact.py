"""Secrets are blacked out: what remains shows that there was one, and of what name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Literal

import re2

from mixdesk_control.logs.text.private_keys import REDACTED, PrivateKeys
from mixdesk_control.logs.text.secret_shapes import SHAPES, Found, Shape
from mixdesk_control.logs.text.wanted import BadPattern

_GROUP = re.compile(rb"\(\?P<\w+>")
_TRAILING = b".,:)]}\\"


class Redactor:
    """Takes secrets out of lines.

    extra  further patterns (RE2); what they match goes, or their first group where they have one. False: nothing does
    Raises BadPattern.
    """

    def __init__(self, extra: Sequence[str] | Literal[False] = ()) -> None:
        self._active = extra is not False
        self._extra = [_compiled(pattern) for pattern in extra or ()]

    @property
    def redacts(self) -> bool:
        """Whether anything is blacked out."""
        return self._active

    def redact(self, lines: bytes) -> bytes:
        """Any number of whole lines; as many come back. One that goes on in the next lines needs a `stream`."""
        return self.stream().feed(lines) if self._active else lines

    def stream(self) -> Redacting:
        """For lines that come in pieces: a private key may begin in one and end in another."""
        return Redacting(self._one_by_one if self._active else None)

    def _one_by_one(self, lines: bytes) -> bytes:
        lines = _replaced(_ALL, lines, _secret_in)
        for pattern in self._extra:
            lines = _replaced(pattern, lines, None)
        return lines


class Redacting:
    """One stream of lines, in pieces that end at ends of lines."""

    def __init__(self, one_by_one: Any | None) -> None:
        self._one_by_one = one_by_one
        self._keys = PrivateKeys()

    def feed(self, lines: bytes) -> bytes:
        """The next lines without their secrets."""
        if self._one_by_one is None:
            return lines
        redacted: bytes = self._one_by_one(self._keys.feed(lines))
        return redacted


def _options() -> Any:
    options = re2.Options()
    options.log_errors = False
    options.encoding = re2.Options.Encoding.LATIN1  # bytes as they are: secrets need not be UTF-8
    return options


def _compiled(pattern: str) -> Any:
    options = re2.Options()
    options.log_errors = False
    options.never_nl = True
    try:
        return re2.compile(pattern.encode(), options)
    except (re2.error, UnicodeEncodeError) as error:
        reason = error.args[0].decode("utf-8", "replace") if isinstance(error.args[0], bytes) else str(error)
        msg = f"[logs] redact: {pattern!r} is no pattern of RE2: {reason}"
        raise BadPattern(msg) from None


def _replaced(pattern: Any, lines: bytes, secret_in: Any | None) -> bytes:
    kept: list[bytes] = []
    done = 0
    for match in pattern.finditer(lines):
        start, end = secret_in(lines, match) if secret_in else _of_group(match)
        if start < end:
            kept += (lines[done:start], REDACTED)
            done = end
    return b"".join((*kept, lines[done:])) if kept else lines


def _of_group(match: Any) -> tuple[int, int]:
    start, end = match.span(1) if match.re.groups else match.span()
    return int(start), int(end)


def _secret_in(lines: bytes, match: Any) -> tuple[int, int]:
    """Where in the lines the secret of a match is; (0, 0) where there is none."""
    begin, end = match.span()
    for compiled, shape in _EACH:
        found = compiled.match(lines, begin, end)
        if found is not None:
            return _bounds(found, shape)
    return 0, 0


def _bounds(match: re.Match[bytes], shape: Shape) -> tuple[int, int]:
    group = match.lastgroup or "secret"
    start, end = match.span(group)
    lines, begin = match.string, match.start()
    secret = lines[start:end]
    if shape.harmless and shape.harmless(Found(lines[begin:start], secret, lines[max(begin - 1, 0) : begin])):
        return 0, 0
    return start, start + len(secret.rstrip(_TRAILING) if group.startswith("loose") else secret)


_EACH = [(re.compile(b"(?i:" + shape.pattern + b")"), shape) for shape in SHAPES]
_ALL = re2.compile(
    b"(?i)" + b"|".join(b"(?:" + _GROUP.sub(b"(?:", shape.pattern) + b")" for shape in SHAPES), _options()
)
