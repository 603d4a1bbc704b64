"""`${NAME:-default}` in texts of a compose file. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

MOST_NESTED = 8

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OPERATOR = re.compile(r":?[-?+]")


def resolved(text: str, env: Mapping[str, str]) -> str:
    """The text with its variables replaced; one that is neither set nor has a default stays as it is written.

    Known are `$NAME`, `${NAME}`, `:-` and `-` (default), `:+` and `+` (other value), `:?` and `?` (must be set), `$$`.
    """
    return _resolved(text, env, MOST_NESTED)


def is_open(text: str) -> bool:
    """Whether a variable is left in it."""
    return re.search(r"\$\{?[A-Za-z_]", text) is not None


def _resolved(text: str, env: Mapping[str, str], nested: int) -> str:
    parts, at = [], 0
    while (sign := text.find("$", at)) >= 0 and nested > 0:
        parts.append(text[at:sign])
        value, at = _one(text, sign, env, nested)
        parts.append(value)
    return "".join((*parts, text[at:]))


def _one(text: str, sign: int, env: Mapping[str, str], nested: int) -> tuple[str, int]:
    """What the variable that begins at `sign` stands for, and where it ends."""
    if text.startswith("$$", sign):
        return "$", sign + 2
    braced = text.startswith("${", sign)
    name = _NAME.match(text, sign + 1 + braced)
    if name is None:
        return "$", sign + 1
    if not braced:
        return env.get(name[0], text[sign : name.end()]), name.end()
    end = _end(text, sign + 2)
    if end < 0:
        return text[sign:], len(text)
    value = _braced(name[0], text[name.end() : end], env, nested)
    return text[sign : end + 1] if value is None else value, end + 1


def _braced(name: str, rest: str, env: Mapping[str, str], nested: int) -> str | None:
    """The value of `${name rest}`; None where it is not known."""
    operator = _OPERATOR.match(rest)
    if operator is None:
        return None if rest else env.get(name)
    word = rest[operator.end() :]
    value = env.get(name)
    is_given = bool(value) if operator[0].startswith(":") else value is not None
    if operator[0].endswith("+"):
        return _resolved(word, env, nested - 1) if is_given else ""
    if is_given:
        return value
    return _resolved(word, env, nested - 1) if operator[0].endswith("-") else None


def _end(text: str, at: int) -> int:
    """Where the brace closes that is open at `at`; -1 where it never does."""
    depth = 1
    for place in range(at, len(text)):
        depth += (text[place] == "{" and text[place - 1] == "$") - (text[place] == "}")
        if depth == 0:
            return place
    return -1
