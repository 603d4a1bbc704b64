"""Files such as `.env`, by compose's rules: quotes, escapes, comments, variables. Pure.

`'single'` is as it is, `"double"` has escapes and variables, a bare value ends at ` #`; a name alone takes the value
that the environment has.
"""

from __future__ import annotations

import re
from collections import ChainMap
from collections.abc import Mapping, MutableMapping
from typing import cast

from mixdesk_control.compose import variables
from mixdesk_control.compose.errors import ComposeError

MOST_VALUES = 10_000
SPACES = "\t\v\f\r \x85\xa0"  # all but the end of the line

_EXPORT = re.compile(r"export\s+")
_NAME = re.compile(rf"[\w.\-\[\]{SPACES}]*")
_ESCAPE = re.compile(r'\\(?:[abfnrtv$"\\]|0[0-3][0-7]{2})')
_ESCAPED = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "$": "$$"}


def parse(text: str, env: Mapping[str, str]) -> dict[str, str]:
    """The values of the file; variables in them are those of `env`, then those of the lines above.

    Raises ComposeError, which names the line.
    """
    return _Parser(text, env).values()


class _Parser:
    """One text, from its beginning to its end."""

    def __init__(self, text: str, env: Mapping[str, str]) -> None:
        self._text = text
        self._at = 0
        self._values: dict[str, str] = {}
        self._env = env
        self._known = ChainMap(cast("MutableMapping[str, str]", env), self._values)  # it is read only

    def values(self) -> dict[str, str]:
        while self._to_statement():
            name, has_value = self._name()
            value = self._value() if has_value else self._env.get(name)
            if name and value is not None:
                self._values[name] = value
            if len(self._values) > MOST_VALUES:
                raise ComposeError(f"it has more than {MOST_VALUES} values")
        return self._values

    def _to_statement(self) -> bool:
        """Past empty lines and comments; whether there is more."""
        while True:
            self._skip("\n" + SPACES)
            if not self._text.startswith("#", self._at):
                return self._at < len(self._text)
            self._at = self._line_end()

    def _name(self) -> tuple[str, bool]:
        """The name, and whether a value follows."""
        if found := _EXPORT.match(self._text, self._at):
            self._at = found.end()
        found = _NAME.match(self._text, self._at)
        end = self._at if found is None else found.end()
        name, sign = self._text[self._at : end].rstrip(), self._text[end : end + 1]
        if sign not in ("=", ":", "\n", "") or " " in name:
            raise ComposeError(
                f"line {self._line()}: {self._text[self._at : self._line_end()][:80]!r} sets no variable"
            )
        self._at = end + 1
        return name, sign in ("=", ":")

    def _value(self) -> str:
        self._skip(SPACES)
        quote = self._text[self._at : self._at + 1]
        if quote not in ("'", '"') or not quote:
            return self._bare()
        inner = self._quoted(quote)
        return inner if quote == "'" else self._resolved(_ESCAPE.sub(_unescaped, inner))

    def _bare(self) -> str:
        line = self._text[self._at : self._line_end()]
        self._at += len(line) + 1
        return self._resolved(line.partition(" #")[0].rstrip())

    def _quoted(self, quote: str) -> str:
        """What is between the quotes, over several lines if need be; only quotes lose their backslash."""
        found = re.compile(rf"{quote}((?:\\.|[^\\{quote}])*){quote}", re.DOTALL).match(self._text, self._at)
        if found is None:
            raise ComposeError(f"line {self._line()}: a quote that does not end")
        self._at = found.end()
        return found[1].replace("\\" + quote, quote)

    def _resolved(self, value: str) -> str:
        return variables.resolved(value, self._known, lambda _name, _written: "")

    def _skip(self, letters: str) -> None:
        while self._at < len(self._text) and self._text[self._at] in letters:
            self._at += 1

    def _line_end(self) -> int:
        end = self._text.find("\n", self._at)
        return len(self._text) if end < 0 else end

    def _line(self) -> int:
        return self._text.count("\n", 0, self._at) + 1


def _unescaped(found: re.Match[str]) -> str:
    letter = found[0][1]
    if letter == "0":
        return chr(int(found[0][1:].replace("0", "0o", 1), 0))
    return _ESCAPED.get(letter, letter)
