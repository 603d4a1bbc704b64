"""The family of notifications."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from prometheus_client.metrics_core import CounterMetricFamily, Metric

SENT, FAILED, GIVEN_UP = "sent", "failed", "given_up"
OUTCOMES = (SENT, FAILED, GIVEN_UP)


def families(events: Collection[str], outcomes: Mapping[tuple[str, str], int]) -> list[Metric]:
    """`mixdesk_notifications_total{event,outcome}`: since the desk started, 0 for each of `events` to begin with."""
    family = CounterMetricFamily(
        "mixdesk_notifications", "Messages about jobs by what became of them.", labels=("event", "outcome")
    )
    for event in sorted({*events, *(event for event, _ in outcomes)}):
        for outcome in OUTCOMES:
            family.add_metric([event, outcome], float(outcomes.get((event, outcome), 0)))
    return [family]
