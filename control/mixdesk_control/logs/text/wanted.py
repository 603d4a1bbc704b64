"""What somebody asked to see: a text, a pattern, a level."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import re2

from mixdesk_control.logs.view import LEVELS, View

LONGEST_PATTERN = 1000
"""Characters of a text or pattern that is asked for."""

_RANK: dict[str | None, int] = {level: rank for rank, level in enumerate(LEVELS)}
_RANK[None] = _RANK["info"]


class BadPattern(ValueError):
    """A filter that cannot be; one line for who asked."""


class Wanted:
    """Which records a view keeps; a record that says nothing of its level counts as info.

    A text is found whatever its case, a pattern is RE2's and `^` and `$` stand for the ends of each line. Both are
    looked for in what is shown, after redaction, so that nobody finds out a secret by asking for it.
    Raises BadPattern.
    """

    def __init__(self, view: View) -> None:
        self._patterns = [
            *([_compiled("q", view.q)] if view.q else []),
            *([_compiled("regex", view.regex)] if view.regex else []),
        ]
        self._least = _least(view.level)

    @property
    def everything(self) -> bool:
        """Whether it keeps all records."""
        return not self._patterns and self._least == 0

    def keeps(self, record: bytes, level: str | None) -> bool:
        """Whether this record, redacted and without colours, is one of those."""
        return _RANK[level] >= self._least and all(pattern.search(record) for pattern in self._patterns)

    def choose(self, records: Sequence[bytes], levels: Sequence[str | None]) -> list[int]:
        """The indexes of the records that it keeps."""
        chosen = [index for index, level in enumerate(levels) if _RANK[level] >= self._least]
        for pattern in self._patterns:
            chosen = [index for index in chosen if pattern.search(records[index])]
        return chosen


def check(view: View) -> None:
    """Raises BadPattern where what a view asks for cannot be."""
    Wanted(view)


def _compiled(name: str, text: str) -> Any:
    if len(text) > LONGEST_PATTERN:
        msg = f"{name} is {len(text)} characters long; the most are {LONGEST_PATTERN}"
        raise BadPattern(msg)
    options = re2.Options()
    options.log_errors = False
    try:
        bytes_of = text.encode()
        return re2.compile(b"(?im)" + re2.escape(bytes_of) if name == "q" else b"(?m)" + bytes_of, options)
    except UnicodeEncodeError:
        msg = f"{name} {text!r} is not text that can be looked for"
    except re2.error as error:
        msg = f"{name} {text!r} is no pattern of RE2: {_reason(error)}"
    raise BadPattern(msg)


def _reason(error: Exception) -> str:
    said = error.args[0] if error.args else "it cannot be read"
    return (said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)).replace("(?m)", "", 1)


def _least(level: str | None) -> int:
    if level is None:
        return 0
    if level not in LEVELS:
        msg = f"level {level!r} is unknown: use one of {', '.join(LEVELS)}"
        raise BadPattern(msg)
    return LEVELS.index(level)
