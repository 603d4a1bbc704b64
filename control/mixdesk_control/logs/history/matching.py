"""Which records of a block of lines are asked for: found by running through the block, not through its lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import re2

from mixdesk_control.logs.history import literals
from mixdesk_control.logs.history.asked import Asked
from mixdesk_control.logs.text import ansi, progress, wanted
from mixdesk_control.logs.text.levels import levels_of
from mixdesk_control.logs.text.records import split
from mixdesk_control.logs.text.redact import Redactor
from mixdesk_control.logs.view import LEVELS, View

SUSPECTS = (b"\x1b", b"\r", b"\0", b"\b")
"""What takes texts apart, so that they are found only once it is gone."""


@dataclass(frozen=True, slots=True)
class Record:
    """text  redacted; line  the number of its first line among those that it was found in"""

    text: bytes
    level: str | None
    line: int


class Matching:
    """What is asked for, made ready. Raises BadPattern.

    A pattern is matched by a line, never by several together. All is found in redacted text alone: where a pattern may
    be matched by what stands in the place of a secret the whole block is redacted first, so that nobody finds out a
    secret by what is found and what is not.
    """

    def __init__(self, asked: Asked, redactor: Redactor) -> None:
        wanted.check(View(q=asked.q, regex=asked.regex, level=asked.level))
        self._redactor = redactor
        self._patterns = [
            *([compiled("(?im)" + re2.escape(asked.q))] if asked.q else []),
            *([compiled("(?m)" + asked.regex)] if asked.regex else []),
        ]
        self._gates = list(_gates(asked))
        self._plain = bool(asked.q) and literals.survives(asked.q or "")
        self._ends_only = asked.regex is not None and any(end in asked.regex for end in ("\\A", "\\z", "(?-"))
        self._least = 0 if asked.level is None else LEVELS.index(asked.level)

    @property
    def all_lines(self) -> bool:
        """Whether each record must be looked at."""
        return not self._patterns or (self._ends_only and not self._plain)

    def readied(self, lines: bytes) -> bytes:
        """The lines in which `places` and `records` look; none where nothing can be found."""
        if any(suspect in lines for suspect in SUSPECTS):
            lines = ansi.clean(progress.collapse(lines))
        if any(gate.search(lines) is None for gate in self._gates):
            return b""
        return lines if self._plain else self._redacted(lines)

    def may_skip_json(self, entries: bytes) -> bool:
        """Whether nothing can be found in entries of JSON, of which only the plainest texts can be told."""
        return any(gate.plain and gate.search(entries) is None for gate in self._gates)

    def places(self, lines: bytes) -> list[int]:
        """Where lines begin or go on that may be asked for, in their order."""
        pattern, at, found = self._patterns[0], 0, []
        while at < len(lines) and (match := pattern.search(lines, at)) is not None:
            found.append(match.start())
            at = lines.find(b"\n", match.start()) + 1 or len(lines)
        return found

    def records(self, lines: bytes) -> Iterator[Record]:
        """Those of some whole lines of `readied` that are asked for, in their order."""
        texts = split(self._redacted(lines) if self._plain else lines)
        line = 0
        for text, level in zip(texts, levels_of(texts), strict=True):
            if self._keeps(text, level):
                yield Record(text, level, line)
            line += text.count(b"\n") + 1

    def _redacted(self, lines: bytes) -> bytes:
        return self._redactor.redact(ansi.clean(lines))

    def _keeps(self, text: bytes, level: str | None) -> bool:
        rank = LEVELS.index(level or "info")
        return rank >= self._least and all(pattern.search(text) is not None for pattern in self._patterns)


@dataclass(frozen=True, slots=True)
class _Gate:
    """A text, or one of several, without which nothing can be found; `plain` ones stand in JSON as they are."""

    pattern: Any
    plain: bool

    def search(self, lines: bytes) -> Any:
        return self.pattern.search(lines)


def compiled(pattern: str) -> Any:
    """For runs through many lines: a match never goes on in the next one, and groups are not told."""
    options = re2.Options()
    options.never_nl = options.never_capture = True
    options.log_errors = False
    return re2.compile(pattern.encode(), options)


def _gates(asked: Asked) -> Iterator[_Gate]:
    regex = asked.regex and literals.needed(asked.regex)
    for texts in ({asked.q} if asked.q else None, regex):
        if texts and all(literals.survives(text) for text in texts):
            yield _gate(sorted(texts))


def _gate(texts: Sequence[str]) -> _Gate:
    plain = all(text.isascii() and text.isprintable() and not set(text) & set('"\\<>&') for text in texts)
    return _Gate(compiled("(?i)" + "|".join(re2.escape(text) for text in texts)), plain)
