"""What somebody searches for, and what they get."""

from __future__ import annotations

from dataclasses import dataclass

LONGEST_TEXT = 16 << 10
"""Bytes of a hit's text; of a longer record the beginning is shown, and how much is left out."""

MOST_HITS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which records, and how many.

    q             a text that a line of them contains, whatever its case
    regex         a pattern that a line of them matches (RE2)
    level         this one or a worse one; a record that says nothing of it counts as info
    since, until  seconds since the epoch; a record whose time nobody knows counts as written when its file was changed
    limit         the newest so many, at most MOST_HITS
    budget_s      after so long what has been found is all
    offset_s      how far times without a zone are ahead of UTC
    """

    q: str | None = None
    regex: str | None = None
    level: str | None = None
    since: float | None = None
    until: float | None = None
    limit: int = 1000
    budget_s: float = 30.0
    offset_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Hit:
    """A record: the line that was asked for with the lines that belong to it, redacted, without colours.

    file  the name of the file it is in; None where the engine has it
    time  seconds since the epoch, its own or that of the record before it; None where no line nearby has one
    """

    service: str
    source: str
    file: str | None
    time: float | None
    level: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Cut:
    """The last thing that is handed out, where not all was searched.

    reason              why there may be more: the limit, the time, how much is read of one log; None where none of them
    searched_bytes      of files as they lie there, and of what the engine sent
    not_searched        the first few files and outputs that were listed as readable and are not, and why
    not_searched_count  how many there are
    """

    reason: str | None
    searched_bytes: int
    not_searched: tuple[str, ...] = ()
    not_searched_count: int = 0
