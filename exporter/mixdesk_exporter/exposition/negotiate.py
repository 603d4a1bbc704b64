"""Which format a scraper gets, by its Accept header and the quality values in it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

TEXT, OPENMETRICS = "text", "openmetrics"

Range = tuple[str, dict[str, str], float]


@lru_cache(maxsize=64)
def choose(accept: str | None) -> str:
    """OPENMETRICS for those who name it and do not prefer the text format, TEXT for everybody else.

    A wildcard never brings OpenMetrics: browsers and curl send one, and read text. Other versions of a format
    than the one served do not match it. What cannot be satisfied is answered in text, never refused.
    """
    ranges = list(_ranges(accept or ""))
    named = [q for kind, extra, q in ranges if kind == "application/openmetrics-text" and _version(extra, "1.0.0")]
    wanted = max(named, default=0.0)
    return OPENMETRICS if wanted > 0 and wanted >= _quality_of_text(ranges) else TEXT


@lru_cache(maxsize=64)
def accepts_gzip(accept_encoding: str | None) -> bool:
    """Whether a gzip body may be sent, by the Accept-Encoding header."""
    coded = {kind: quality for kind, _, quality in _ranges(accept_encoding or "")}
    return coded.get("gzip", coded.get("x-gzip", coded.get("*", 0.0))) > 0


def _quality_of_text(ranges: list[Range]) -> float:
    """The quality of the most specific range that covers text 0.0.4."""
    for kind in ("text/plain", "text/*", "*/*"):
        qualities = [q for name, extra, q in ranges if name == kind and _version(extra, "0.0.4")]
        if qualities:
            return max(qualities)
    return 0.0


def _version(extra: dict[str, str], served: str) -> bool:
    return extra.get("version", served) == served


def _ranges(header: str) -> Iterator[Range]:
    """Media ranges or codings with their parameters and quality; an entry whose quality is no number is left out."""
    for entry in header.split(","):
        kind, *parameters = (part.strip() for part in entry.split(";"))
        extra = {key.strip().lower(): value.strip(' "') for key, _, value in (p.partition("=") for p in parameters)}
        quality = _quality(extra.pop("q", "1"))
        if kind and quality is not None:
            yield kind.lower(), extra, quality


def _quality(text: str) -> float | None:
    try:
        quality = float(text)
    except ValueError:
        return None
    return quality if 0.0 <= quality <= 1.0 else None
