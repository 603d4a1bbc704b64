"""A whole answer from its families: what cannot be written costs its own family alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from mixdesk_exporter.exposition.dropped import is_dropped
from mixdesk_exporter.exposition.lines import Lines, Tail
from mixdesk_exporter.family import Family

if TYPE_CHECKING:
    from prometheus_client import Metric

Head = Callable[["Metric | Family"], str]


def parts(families: Iterable[Metric | Family], lines: Lines, head: Head, tail: Tail) -> list[str]:
    """Head and lines of each family; last comes what was left out, if anything was.

    A family of what was left out that stands among the families goes into that one.
    """
    out: list[str] = []
    counted: list[Metric | Family] = []
    for family in families:
        try:
            if is_dropped(family):
                counted.append(family)
            else:
                out += _written(family, lines, head, tail)
        except Exception as error:  # noqa: BLE001 - one family must never take another along
            lines.dropped.note(family, error)
    return out + _dropped(counted, lines, head, tail)


def _written(family: Metric | Family, lines: Lines, head: Head, tail: Tail) -> tuple[str, str]:
    return head(family), lines.of(family, tail)


def _dropped(counted: Sequence[Metric | Family], lines: Lines, head: Head, tail: Tail) -> list[str]:
    try:
        family = lines.dropped.family(counted)
    except (AttributeError, TypeError, ValueError) as error:
        lines.dropped.note(counted[0], error)
        family = lines.dropped.family(())
    return [] if family is None else [*_written(family, lines, head, tail)]
