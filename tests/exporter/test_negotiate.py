"""Which format and coding a scraper gets."""

from __future__ import annotations

import pytest

from mixdesk_exporter.exposition import OPENMETRICS, TEXT, accepts_gzip, choose

PROMETHEUS_2 = (
    "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
    "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
)
PROMETHEUS_3 = (
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
    "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"
    "text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
)
PROMETHEUS_3_TEXT_FIRST = "text/plain;version=0.0.4;q=0.4,application/openmetrics-text;version=1.0.0;q=0.3,*/*;q=0.2"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        (None, TEXT),
        ("", TEXT),
        ("*/*", TEXT),
        (BROWSER, TEXT),
        ("text/plain", TEXT),
        ("text/plain; version=0.0.4", TEXT),
        (PROMETHEUS_2, OPENMETRICS),
        (PROMETHEUS_3, OPENMETRICS),
        (PROMETHEUS_3_TEXT_FIRST, TEXT),
        ("application/openmetrics-text", OPENMETRICS),
        ("Application/OpenMetrics-Text; Version=1.0.0 ; Charset=utf-8", OPENMETRICS),
        ('application/openmetrics-text; version="1.0.0"', OPENMETRICS),
        ("application/openmetrics-text;version=0.0.1", TEXT),
        (
            "application/openmetrics-text;version=2.0.0;q=0.9,application/openmetrics-text;version=1.0.0;q=0.8",
            OPENMETRICS,
        ),
        ("application/openmetrics-text;q=0", TEXT),
        ("application/openmetrics-text;q=0.5,text/plain;q=0.7", TEXT),
        ("application/openmetrics-text;q=0.7,text/plain;q=0.5", OPENMETRICS),
        ("application/openmetrics-text,text/plain", OPENMETRICS),
        ("text/plain,application/openmetrics-text", OPENMETRICS),
        ("application/openmetrics-text;q=0.5,text/*;q=0.7", TEXT),
        ("application/openmetrics-text;q=0.5,text/plain;q=0.1,*/*;q=0.9", OPENMETRICS),
        ("application/openmetrics-text;q=0.5,text/plain;version=1.0.0;q=0.9,*/*;q=0.2", OPENMETRICS),
        ("application/openmetrics-text;q=nan", TEXT),
        ("application/openmetrics-text;q=high", TEXT),
        ("application/openmetrics-text;q=7", TEXT),
        ("application/json", TEXT),
        (";;,,=;q", TEXT),
    ],
)
def test_format(accept: str | None, form: str) -> None:
    assert choose(accept) == form


@pytest.mark.parametrize(
    ("header", "gzip"),
    [
        (None, False),
        ("", False),
        ("gzip", True),
        ("GZIP", True),
        ("deflate, gzip;q=0.5, br", True),
        ("x-gzip", True),
        ("identity", False),
        ("gzip;q=0", False),
        ("gzip;q=0, *", False),
        ("*", True),
        ("*;q=0", False),
        ("br", False),
    ],
)
def test_gzip(header: str | None, gzip: bool) -> None:
    assert accepts_gzip(header) is gzip
