"""`${NAME:-default}` in texts of a compose file. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from mixdesk_control.compose.errors import TooMuchError

MOST_NESTED = 8
MOST_TEXT = 64 << 10  # characters that one text may grow to

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OPERATOR = re.compile(r":?[-?+]")

Missing = Callable[[str, str], str]
"""What stands for a variable without a value: from its name, and from how it is written."""


def as_written(_name: str, written: str) -> str:
    """The variable stays as it is."""
    return written


def resolved(text: str, env: Mapping[str, str], missing: Missing = as_written) -> str:
    """The text with its variables replaced. Raises TooMuchError where it grows beyond MOST_TEXT.

    Known are `$NAME`, `${NAME}`, `:-` and `-` (default), `:+` and `+` (other value), `:?` and `?` (must be set), `$$`.
    """
    return _Text(env, missing).resolved(text, MOST_NESTED) if "$" in text else text


class _Text:
    """One text, with what its variables stand for."""

    def __init__(self, env: Mapping[str, str], missing: Missing) -> None:
        self._env = env
        self._missing = missing
        self._left = MOST_TEXT

    def resolved(self, text: str, nested: int) -> str:
        parts, at, last = [], 0, text.rfind("}")
        while (sign := text.find("$", at)) >= 0 and nested > 0:
            parts.append(text[at:sign])
            value, at = self._one(text, sign, last, nested)
            parts.append(value)
        return "".join((*parts, text[at:]))

    def _one(self, text: str, sign: int, last: int, nested: int) -> tuple[str, int]:
        """What the variable that begins at `sign` stands for, and where it ends."""
        if text.startswith("$$", sign):
            return "$", sign + 2
        braced = text.startswith("${", sign)
        name = _NAME.match(text, sign + 1 + braced)
        if name is None or (braced and last < name.end()):
            return "$", sign + 1
        if not braced:
            return self._counted(self._value(name[0], name[0], text[sign : name.end()])), name.end()
        end = _end(text, sign + 1, last)
        written = text[sign : end + 1]
        return self._counted(self._braced(name[0], text[name.end() : end], written, nested)), end + 1

    def _value(self, name: str, key: str, written: str) -> str:
        found = self._env.get(key)
        return self._missing(name, written) if found is None else found

    def _braced(self, name: str, rest: str, written: str, nested: int) -> str:
        """The value of `${name rest}`."""
        operator = _OPERATOR.match(rest)
        if operator is None:
            return written if rest else self._value(name, name, written)
        word, value = rest[operator.end() :], self._env.get(name)
        is_given = bool(value) if operator[0].startswith(":") else value is not None
        if operator[0].endswith("+"):
            return self.resolved(word, nested - 1) if is_given else ""
        if is_given:
            return value or ""
        return self.resolved(word, nested - 1) if operator[0].endswith("-") else self._missing(name, written)

    def _counted(self, value: str) -> str:
        self._left -= len(value)
        if self._left < 0:
            raise TooMuchError(f"its variables stand for more than {MOST_TEXT >> 10} KiB in one text")
        return value


def _end(text: str, at: int, last: int) -> int:
    """Where the brace closes that opens at `at`; the last one of the text where braces do not pair.

    The letter behind an opening brace never closes it: compose reads `${A:-{}}` so.
    """
    depth = 0
    while at <= last:
        if text[at] == "}":
            depth -= 1
            if depth == 0:
                return at
        if text[at] == "{":
            depth += 1
            at += 1
        at += 1
    return last
