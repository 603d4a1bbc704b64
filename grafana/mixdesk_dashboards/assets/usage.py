"""Cores and memory of each asset, and what was asked of it."""

from __future__ import annotations

from grafana_foundation_sdk.models.dashboard import Panel

from mixdesk_dashboards.assets.asked import ACTIONS, CHOSEN, EACH, NAMED, of
from mixdesk_dashboards.kit import panels
from mixdesk_dashboards.kit.board import Section
from mixdesk_dashboards.kit.targets import prom

NO_ASSET = "no asset in the registry: `mixdesk assets init`"
NOT_TOLD = "nothing runs that tells of it"


def section() -> Section:
    return Section(200, "Cores and memory", [memory(), cores()])


def asked() -> Section:
    return Section(300, "What was asked", [operations(), changes()])


def memory() -> Panel:
    return panels.timeseries(
        201,
        "Memory",
        "RAM of each asset, without cache that can be dropped. Metric: `mixdesk_asset_memory_bytes`. Worry about "
        "one that only grows.",
        "bytes",
        NOT_TOLD,
        prom(of("mixdesk_asset_memory_bytes"), NAMED),
        lowest=0,
    )


def cores() -> Panel:
    return panels.timeseries(
        202,
        "Cores",
        "Cores in use of each asset; 1 is one core. Metric: `mixdesk_asset_cpu_ratio`. Worry about one that is "
        "busy while nobody asks it for anything.",
        "short",
        NOT_TOLD,
        prom(of("mixdesk_asset_cpu_ratio"), NAMED),
        lowest=0,
    )


def operations() -> Panel:
    return panels.timeseries(
        301,
        "Starts and stops",
        "Operations on assets by how they ended. Metric: `mixdesk_actions_total`. Worry about failed ones; "
        "`superseded` and `canceled` are what people did.",
        "short",
        "0",
        prom(f"sum by (action, outcome) (increase({ACTIONS}[$__rate_interval]))", "{{action}} {{outcome}}"),
        bars=True,
        stacked=True,
        lowest=0,
        decimals=0,
    )


def changes() -> Panel:
    return panels.timeseries(
        302,
        "Changes and restarts",
        "Changes of the status of each asset, and restarts that its own driver made. Metric: "
        "`mixdesk_asset_transitions_total`, `mixdesk_asset_restarts`. Worry about restarts: it falls over.",
        "short",
        NO_ASSET,
        prom(
            f"max by ({EACH}) (increase(mixdesk_asset_transitions_total{{{CHOSEN}}}[$__rate_interval]))",
            f"{NAMED} changes",
        ),
        prom(of("mixdesk_asset_restarts"), f"{NAMED} restarts so far"),
        lowest=0,
        decimals=0,
    )
