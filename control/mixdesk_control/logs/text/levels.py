"""The level of records, from what they say themselves."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mixdesk_control.logs.text import level_forms as forms
from mixdesk_control.logs.text.level_words import QUICK
from mixdesk_control.logs.text.records import CONTINUES

HEAD = 2048
"""Bytes of a record that are looked at."""

_BRACE = ord("{")
_STRUCTURED = b"[{"
_KEYS = (b"level=", b"lvl=", b"severity=")


def levels_of(records: Sequence[bytes], before: str | None = None) -> list[str | None]:
    """One of view.LEVELS for each record, None for one that says nothing of it.

    What continues the record before it has the level of that one; `before` is the level before the first.
    """
    levels: list[str | None] = []
    for record in records:
        quick = forms.QUICK.get(record[0]) if record else None
        match = quick(record) if quick else None
        level = None if match is None else QUICK.get(match[match.lastindex or 1])
        if level is None or (level == "info" and match and match.lastindex == 1 and _may_be_access(record)):
            level = level_of(record)
        if level is None and CONTINUES.match(record):
            level = before
        levels.append(level)
        before = level
    return levels


def level_of(record: bytes) -> str | None:
    """The level of one record: what its first line says, or error for a traceback."""
    head = record[:HEAD].lstrip()
    if not head:
        return None
    form = forms.BY_FIRST[head[0]]
    level = _said(forms.JSON.search(head) if head[0] == _BRACE else form.match(head))
    if level is None:
        return _elsewhere(head)
    return _served(head) if level == "info" and _may_be_access(head) else level


def _said(match: re.Match[bytes] | None) -> str | None:
    return None if match is None else forms.meaning(match)


def _may_be_access(record: bytes) -> bool:
    # One character first: looking for more costs ten times as much.
    return record[0] not in _STRUCTURED and b'"' in record and b'HTTP/1.1" ' in record


def _served(head: bytes) -> str | None:
    """An access line of a program that gives all of them one level."""
    return _said(forms.SERVED.search(head.partition(b"\n")[0])) or "info"


def _elsewhere(head: bytes) -> str | None:
    level = None
    if b'"' in head and head[0] not in _STRUCTURED:
        level = _said(forms.ACCESS.match(head))
    if level is None and b"=" in head and any(key in head for key in _KEYS):
        level = _said(forms.PAIRS.search(head.partition(b"\n")[0]))
    if level is None and b" .." in head:
        level = _said(forms.QUEUE.match(head))
    if level is None and b"\n" in head and b"\nTraceback (most recent" in head:
        return "error"
    return level
