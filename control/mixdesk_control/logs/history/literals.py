"""What texts a pattern cannot do without. Pure.

RE2 runs through a block two to three times as fast for a plain text as for a pattern. And a text that shares nothing
with `[redacted]` stands in redacted lines only where it stood before, so that lines without it need not be redacted.
"""

from __future__ import annotations

import re
import re._constants as ops  # type: ignore[import-not-found]
import re._parser as parser  # type: ignore[import-not-found]
from collections.abc import Iterable
from typing import Any

from mixdesk_control.logs.text.private_keys import REDACTED

LEAST = 3  # characters; shorter ones stand everywhere
MOST = 16  # alternatives
UNLIKE = ("[:", "\\Q", "\\p", "\\P", "\\C", "\\z", "\\x{", "\\pN")  # read by RE2 in another way than by Python
WARNED_OF = ("[[", "[^[", "--", "&&", "~~", "||", "(?(")
"""What Python warns of. To silence it would change the warnings of all threads; such patterns are rare."""

Texts = frozenset[str]
"""One of these must be there."""


def needed(regex: str) -> Texts | None:
    """Of which texts a match contains one, whatever their case; None where nobody can tell."""
    if any(part in regex for part in (*UNLIKE, *WARNED_OF)):
        return None
    try:
        return _of(parser.parse(regex))
    except (re.error, RecursionError, OverflowError):
        return None


def survives(text: str) -> bool:
    """Whether a text can be in redacted lines only where it was before: it shares no end with what is put there."""
    text, mark = text.casefold(), REDACTED.decode()
    if text in mark or mark in text:
        return False
    return not any(text.startswith(mark[-at:]) or text.endswith(mark[:at]) for at in range(1, len(mark)))


def _of(sequence: Iterable[tuple[Any, Any]]) -> Texts | None:
    """The best of what each part of a sequence needs."""
    found: list[Texts] = []
    run = ""
    for operation, argument in sequence:
        if operation is ops.LITERAL:
            run += chr(argument)
            continue
        found += _run(run)
        run = ""
        if (inner := _inner(operation, argument)) is not None:
            found.append(inner)
    found += _run(run)
    return max(found, key=_worth, default=None)


def _inner(operation: Any, argument: Any) -> Texts | None:
    if operation is ops.SUBPATTERN:
        return _of(argument[3])
    if operation in (ops.MAX_REPEAT, ops.MIN_REPEAT) and argument[0] > 0:
        return _of(argument[2])
    if operation is ops.BRANCH:
        return _either([_of(branch) for branch in argument[1]])
    return None


def _either(branches: list[Texts | None]) -> Texts | None:
    if any(branch is None for branch in branches):
        return None
    texts = frozenset[str]().union(*(branch for branch in branches if branch))
    return texts if len(texts) <= MOST else None


def _run(run: str) -> list[Texts]:
    return [frozenset({run})] if len(run) >= LEAST else []


def _worth(texts: Texts) -> tuple[int, int]:
    return min(len(text) for text in texts), -len(texts)
