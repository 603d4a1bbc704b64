"""Whether the figures above are true: what the exporter could not read."""

from __future__ import annotations

from mixdesk_dashboards.hosts.asked import of
from mixdesk_dashboards.kit import panels
from mixdesk_dashboards.kit.board import Section
from mixdesk_dashboards.kit.looks import GREEN, ORANGE, RED, steps, words
from mixdesk_dashboards.kit.targets import prom, prom_now


def section() -> Section:
    return Section(
        800,
        "Exporter",
        [
            panels.stat(
                801,
                "Failing collectors",
                "Sources that were there once and cannot be read now. Metric: `mixdesk_collector_success`. Worry above "
                "0: panels that need them are empty.",
                "none",
                "0",
                prom_now(f"count({of('mixdesk_collector_success')} == 0) or vector(0)"),
                limits=steps(GREEN, (1, RED)),
            ),
            panels.stat(
                802,
                "Age of the reading",
                "How old what was scraped last is. Metric: `mixdesk_snapshot_timestamp_seconds`. Worry above a minute.",
                "s",
                "never scraped",
                prom_now(f"time() - max({of('mixdesk_snapshot_timestamp_seconds')})"),
                decimals=0,
                limits=steps(GREEN, (60, ORANGE), (300, RED)),
            ),
            panels.states(
                803,
                "Collectors",
                "What could be read, over time. Metric: `mixdesk_collector_success`. Worry about red: the log of the "
                "exporter says why.",
                "never scraped",
                prom(f"max by (collector) ({of('mixdesk_collector_success')})", "{{collector}}"),
                means=[words({"0": ("failing", RED), "1": ("read", GREEN)})],
                values=False,
                w=10,
            ),
            panels.timeseries(
                804,
                "Time of a reading",
                "How long each source took. Metric: `mixdesk_collector_duration_seconds`. Worry about one above a "
                "second: a hanging mount, a busy engine.",
                "s",
                "never scraped",
                prom(f"max by (collector) ({of('mixdesk_collector_duration_seconds')})", "{{collector}}"),
                w=6,
                lowest=0,
            ),
        ],
        folded=True,
    )
