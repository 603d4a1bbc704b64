"""What several logs hold already, in the order of its times. Pure."""

from __future__ import annotations

import heapq
import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from mixdesk_control.cli.log_find import Source
from mixdesk_control.logs.history.times import time_of

if TYPE_CHECKING:
    from mixdesk_control.cli.follow import Frame


class Record(NamedTuple):
    """One record of a log, and when it was written; -inf where neither it nor one before it says so."""

    at: float
    number: int  # of its log
    text: str
    level: str | None


def records(number: int, texts: Iterable[tuple[str, str | None]], near: float | None = None) -> Iterator[Record]:
    """The records of one log. One without a time, or out of order, keeps with the one before it.

    near  about when they were written, seconds since the epoch; now without it
    """
    at, near = float("-inf"), time.time() if near is None else near
    for text, level in texts:
        at = max(at, time_of(text.encode(errors="replace"), near=near) or at)
        yield Record(at, number, text, level)


def merged(logs: Sequence[Iterable[Record]]) -> Iterator[tuple[int, list[Record]]]:
    """All of them by time, the earlier log first where times are equal: stretches of one log each, by its number."""
    ordered = heapq.merge(*logs, key=lambda record: record.at)
    for number, stretch in groupby(ordered, key=lambda record: record.number):
        yield number, list(stretch)


def frames(
    sources: Sequence[Source], held: Sequence[Sequence[tuple[str, str | None]]]
) -> Iterator[tuple[Source, Frame]]:
    """The same as frames of lines."""
    for number, stretch in merged([records(number, texts) for number, texts in enumerate(held)]):
        yield sources[number], {"lines": [one.text for one in stretch], "levels": [one.level for one in stretch]}
