"""Who writes how much, who writes most, and what the desk reads of it."""

from __future__ import annotations

from grafana_foundation_sdk.models.dashboard import Panel

from mixdesk_dashboards.kit import links, looks, panels, transforms
from mixdesk_dashboards.kit.board import Section
from mixdesk_dashboards.kit.looks import ORANGE, column, steps
from mixdesk_dashboards.kit.targets import loki, prom, prom_table
from mixdesk_dashboards.logs.asked import ERRORS, FAILED, NO_ERRORS, NO_SOURCE, QUIET, STREAMS


def section() -> Section:
    return Section(200, "Where they come from", [*rates(), *sources()])


def rates() -> list[Panel]:
    return [
        panels.timeseries(
            201,
            "Lines a second",
            "How fast each service writes. Metric: lines in Loki. Worry about a service that has gone silent, or that "
            "suddenly writes a hundred times as much.",
            "cps",
            QUIET,
            loki(f"sum by (service) (rate({STREAMS} [$__auto]))", "{{service}}"),
            w=8,
            lowest=0,
        ),
        panels.timeseries(
            202,
            "Bytes a second",
            "The same in bytes, as they came to Loki. Metric: lines in Loki. Worry about what fills the disk.",
            "Bps",
            QUIET,
            loki(f"sum by (service) (bytes_rate({STREAMS} [$__auto]))", "{{service}}"),
            w=8,
            lowest=0,
        ),
        panels.timeseries(
            203,
            "Answers with 5xx",
            "Of access logs: requests that a service failed to answer. Metric: lines in Loki. Worry above a few in a "
            "hundred.",
            "short",
            "no access log, or none with 5xx",
            loki(
                f"sum by (service) (count_over_time({FAILED} [$__auto]))",
                "{{service}}",
            ),
            bars=True,
            w=8,
            lowest=0,
            decimals=0,
        ),
    ]


def sources() -> list[Panel]:
    return [
        panels.bars(
            204,
            "Sources that write most",
            "Lines of the ten loudest sources in the time range. Metric: lines in Loki. Worry about debug output that "
            "somebody forgot.",
            "short",
            QUIET,
            loki(
                f"topk(10, sum by (service, source) (count_over_time({STREAMS} [$__range])))",
                "{{service}} {{source}}",
                instant=True,
            ),
            decimals=0,
        ),
        panels.bars(
            205,
            "Sources with most errors",
            "The same of errors alone. Metric: lines in Loki. Worry about the first one.",
            "short",
            NO_ERRORS,
            loki(
                f"topk(10, sum by (service, source) (count_over_time({ERRORS} [$__range])))",
                "{{service}} {{source}}",
                instant=True,
            ),
            decimals=0,
            limits=steps(ORANGE),
        ),
    ]


def kept() -> Section:
    size = "max by (service, source) (mixdesk_log_source_bytes)"
    growth = "max by (service, source) (delta(mixdesk_log_source_bytes[$__range]))"
    skipped = "max by (service, source) (increase(mixdesk_log_lines_skipped_total[$__range]))"
    return Section(
        300,
        "What the desk reads",
        [
            panels.table(
                301,
                "Sources of the desk",
                "Every log that the desk can show, its size with rotated files, and how it grew in the time range. "
                "Metric: `mixdesk_log_source_bytes`. Worry about one that no rotation ever cuts.",
                "bytes",
                NO_SOURCE,
                prom_table(size),
                prom_table(growth),
                prom_table(skipped),
                w=12,
                sort_by="Size",
                descending=True,
                transforms=[
                    transforms.without_time(),
                    transforms.merge(),
                    transforms.arrange("service", "source", "Value #A", "Value #B", "Value #C"),
                ],
                overrides=[
                    column("service", "Service", links=[links.logs_page()]),
                    column("source", "Source"),
                    column("Value #A", "Size"),
                    column("Value #B", "Growth", nothing="0"),
                    column("Value #C", "Skipped lines", unit="short", decimals=0, nothing="0", cell=looks.TINTED),
                ],
            ),
            panels.timeseries(
                302,
                "Size of the logs",
                "What the ten largest take on disk. Metric: `mixdesk_log_source_bytes`. Worry about a steady climb.",
                "bytes",
                NO_SOURCE,
                prom(f"topk(10, {size})", "{{service}} {{source}}"),
                h=9,
                lowest=0,
            ),
        ],
    )
