"""Metric families as bytes: the formats that scrapers read, and the choice among them."""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from typing import TYPE_CHECKING

from mixdesk_exporter.exposition import openmetrics, text
from mixdesk_exporter.exposition.dropped import SERIES_DROPPED
from mixdesk_exporter.exposition.giving_way import run_beside
from mixdesk_exporter.exposition.lines import Lines
from mixdesk_exporter.exposition.negotiate import OPENMETRICS, TEXT, accepts_gzip, choose
from mixdesk_exporter.family import Family

if TYPE_CHECKING:
    from prometheus_client import Metric

__all__ = [
    "CONTENT_TYPES",
    "OPENMETRICS",
    "SERIES_DROPPED",
    "TEXT",
    "accepts_gzip",
    "choose",
    "compressed",
    "render",
    "render_as",
    "run_beside",
]

CONTENT_TYPES = {TEXT: text.CONTENT_TYPE, OPENMETRICS: openmetrics.CONTENT_TYPE}

_RENDERERS = {TEXT: text.render, OPENMETRICS: openmetrics.render}
_LINES = Lines()


def render(families: Iterable[Metric | Family], accept: str | None) -> tuple[bytes, str]:
    """Body and Content-Type for a scraper with this Accept header; see `render_as`."""
    form = choose(accept)
    return render_as(families, form), CONTENT_TYPES[form]


def render_as(families: Iterable[Metric | Family], form: str) -> bytes:
    """The body in one format, TEXT or OPENMETRICS: for callers that keep a body per format and snapshot.

    A family that cannot be written is left out, said once in the log, and counted in `mixdesk_series_dropped_total`;
    so each answer may carry that family, and where the families hold one of that name its rows stand in it, too.
    """
    return _RENDERERS[form](families, _LINES)


def compressed(body: bytes) -> bytes:
    """The body as gzip; the same bytes for the same body.

    Level 3 takes the time of level 1 for a sixth less; level 6 takes 2.5 times as long for another eighth.
    """
    return gzip.compress(body, compresslevel=3, mtime=0)
