"""Secrets are blacked out: what remains shows that there was one, and of what name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from copy import copy
from typing import Any, Literal

import re2

from mixdesk_control.logs.text.harmless import Found
from mixdesk_control.logs.text.private_keys import REDACTED, PrivateKeys
from mixdesk_control.logs.text.secret_shapes import APART, SHAPES, Shape
from mixdesk_control.logs.text.wanted import BadPattern

_GROUP = re.compile(rb"\(\?P<\w+>")
_TRAILING = b".,:)]}\\"
_OF_NAMES = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-"
_LONGEST_NAME = 64  # bytes of it that are looked at
_GOES_ON = re.compile(rb"(?:[&;<>](?![\w.-]{1,40}=)[^\s\"'&;<>]{1,64}){1,8}")
"""Of a secret without quotes: after `&` another name may follow, and its value."""


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
        if _SUSPECT.search(lines) is not None:
            lines = _without_known(lines)
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

    def peek(self, line: bytes) -> bytes:
        """The same of a line that has no end yet, and will be fed."""
        ahead = Redacting(self._one_by_one)
        ahead._keys = copy(self._keys)
        return ahead.feed(line)


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
        if max(start, done) < end:
            kept += (lines[done:start], REDACTED)
            done = end
    return b"".join((*kept, lines[done:])) if kept else lines


def _of_group(match: Any) -> tuple[int, int]:
    start, end = match.span(1) if match.re.groups else match.span()
    return int(start), int(end)


def _without_known(lines: bytes) -> bytes:
    for run in _RUNS:
        if not run.parts or any(part in lines for part in run.parts):
            lines = _replaced(run.pattern, lines, run.secret_in)
    return lines


def _any_of(patterns: Iterable[bytes]) -> Any:
    bare = (_GROUP.sub(b"(?:", pattern) for pattern in patterns)
    return re2.compile(b"|".join(b"(?i:" + one + b")" for one in bare), _options())


class _Run:
    """Shapes that are looked for together; what RE2 finds of any of them `re` takes apart.

    parts  texts of which one is in every match; none where that cannot be told
    """

    def __init__(self, shapes: Sequence[Shape], parts: tuple[bytes, ...] = ()) -> None:
        self.pattern = _any_of(shape.pattern for shape in shapes)
        self.parts = parts
        self._each = [(re.compile(b"(?i:" + shape.pattern + b")"), shape) for shape in shapes]

    def secret_in(self, lines: bytes, match: Any) -> tuple[int, int]:
        """Where in the lines the secret of a match is; (0, 0) where there is none."""
        begin, end = match.span()
        for compiled, shape in self._each:
            found = compiled.match(lines, begin, end)
            if found is not None:
                return _bounds(lines, found, shape)
        return 0, 0


def _bounds(lines: bytes, match: re.Match[bytes], shape: Shape) -> tuple[int, int]:
    group = match.lastgroup or "secret"
    start, end = match.span(group)
    if shape.harmless is not None:
        begin = _named_from(lines, match.start())
        if shape.harmless(Found(lines[begin:start], lines[start:end], lines[max(begin - 1, 0) : begin])):
            return 0, 0
    if group == "open" and (more := _GOES_ON.match(lines, end)) is not None:
        end = more.end()
    return start, end if group.startswith("secret") else start + len(lines[start:end].rstrip(_TRAILING))


def _named_from(lines: bytes, at: int) -> int:
    """Where the name begins that goes on here, with the blank before it: the patterns begin with its last word."""
    least = max(at - _LONGEST_NAME, 0)
    begin = least + len(lines[least:at].rstrip(_OF_NAMES))
    return begin - (lines[begin - 1 : begin] in (b" ", b"\t"))


_RUNS = (_Run(SHAPES), *(_Run((shape,), shape.parts) for shape in APART))
_SUSPECT = _any_of(
    (*(shape.pattern for shape in SHAPES), *(re.escape(part) for shape in APART for part in shape.parts))
)
"""What lines without a secret mostly lack, so that one run is enough for them."""
