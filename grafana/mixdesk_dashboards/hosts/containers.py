"""Which containers take most of the host."""

from __future__ import annotations

from grafana_foundation_sdk.models.dashboard import Panel

from mixdesk_dashboards.hosts.asked import of, rate
from mixdesk_dashboards.kit import looks, panels, transforms
from mixdesk_dashboards.kit.board import Section
from mixdesk_dashboards.kit.looks import GREEN, ORANGE, RED, column, steps
from mixdesk_dashboards.kit.targets import prom, prom_table

NONE = "no container here, or the engine may not be asked"
NAMED = 'name!=""'


def section() -> Section:
    return Section(700, "Containers", [every_one(), *most()])


def every_one() -> Panel:
    memory, limit = (of(f"container_{name}_bytes", NAMED) for name in ("memory_working_set", "spec_memory_limit"))
    return panels.table(
        701,
        "Containers",
        "What each container takes now. Metric: `container_cpu_usage_seconds_total` and others. Worry about one that "
        "is near its memory limit or starts again and again.",
        "none",
        NONE,
        prom_table(f"max by (name, image) ({of('container_start_time_seconds', NAMED)}) * 1000"),
        prom_table(f"sum by (name) ({rate('container_cpu_usage_seconds_total', NAMED)})"),
        prom_table(f"sum by (name) ({memory})"),
        prom_table(f"sum by (name) ({memory}) / on(name) (sum by (name) ({limit}) > 0)"),
        prom_table(f"sum by (name) ({of('mixdesk_container_restarts_total', NAMED)})"),
        prom_table(f"sum by (name) (increase({of('container_oom_events_total', NAMED)}[$__range]))"),
        h=8,
        sort_by="Memory",
        descending=True,
        transforms=[
            transforms.without_time(),
            transforms.join("name"),
            transforms.arrange("name", "image", *(f"Value #{letter}" for letter in "BCDEFA")),
        ],
        overrides=[
            column("name", "Container"),
            column("image", "Image"),
            column("Value #A", "Started", unit="dateTimeFromNow", nothing="does not run"),
            column("Value #B", "Cores", decimals=2, nothing="0"),
            column("Value #C", "Memory", unit="bytes", nothing="0"),
            column(
                "Value #D",
                "Of its limit",
                unit="percentunit",
                decimals=0,
                nothing="no limit",
                cell=looks.GAUGE,
                lowest=0,
                highest=1,
                limits=steps(GREEN, (0.8, ORANGE), (0.95, RED)),
            ),
            column("Value #E", "Restarts", nothing="0"),
            column(
                "Value #F", "Out of memory", decimals=0, nothing="0", cell=looks.TINTED, limits=steps(GREEN, (1, RED))
            ),
        ],
    )


def most() -> list[Panel]:
    received = rate("container_network_receive_bytes_total", NAMED)
    sent = rate("container_network_transmit_bytes_total", NAMED)
    return [
        panels.timeseries(
            702,
            "Most CPU",
            "The ten containers with the most cores. Metric: `container_cpu_usage_seconds_total`; 1 is one core. Worry "
            "about one that should be idle.",
            "short",
            NONE,
            prom(f"topk(10, sum by (name) ({rate('container_cpu_usage_seconds_total', NAMED)}))", "{{name}}"),
            w=8,
            lowest=0,
        ),
        panels.timeseries(
            703,
            "Most memory",
            "The ten with the most, without cache that can be dropped. Metric: `container_memory_working_set_bytes`. "
            "Worry about one that only grows.",
            "bytes",
            NONE,
            prom(f"topk(10, sum by (name) ({of('container_memory_working_set_bytes', NAMED)}))", "{{name}}"),
            w=8,
            lowest=0,
        ),
        panels.timeseries(
            704,
            "Most network",
            "The ten that send and receive most. Metric: `container_network_receive_bytes_total`. Worry about traffic "
            "that nobody asked for.",
            "Bps",
            NONE,
            prom(f"topk(10, sum by (name) ({received}) + on(name) sum by (name) ({sent}))", "{{name}}"),
            w=8,
            lowest=0,
        ),
    ]
