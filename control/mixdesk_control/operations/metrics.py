"""The families of operations."""

from __future__ import annotations

from prometheus_client.metrics_core import CounterMetricFamily, Metric

from mixdesk_control.operations.operation import ENDED
from mixdesk_control.operations.service import OperationService

KNOWN = ("checkpoint", "pause", "resume", "cancel", "start", "stop")


def families(service: OperationService) -> list[Metric]:
    """`mixdesk_actions_total{action,outcome}`: how operations ended since the desk started."""
    family = CounterMetricFamily("mixdesk_actions", "Operations by how they ended.", labels=("action", "outcome"))
    for action in sorted({*KNOWN, *(action for action, _ in service.outcomes)}):
        for outcome in ENDED:
            family.add_metric([action, outcome], float(service.outcomes[action, outcome]))
    return [family]
