"""All hosts in one table; the numbers of the chosen one stand beside this file."""

from __future__ import annotations

from grafana_foundation_sdk.models.dashboard import Panel

from mixdesk_dashboards.hosts.asked import CPU_BUSY, DISK_LEFT, FULL, HOSTS, JOBS, MEMORY_LEFT, WARM
from mixdesk_dashboards.hosts.numbers import numbers
from mixdesk_dashboards.kit import links, looks, panels, transforms
from mixdesk_dashboards.kit.board import Section
from mixdesk_dashboards.kit.looks import GREEN, ORANGE, column, steps
from mixdesk_dashboards.kit.targets import Target, prom_table

NONE_YET = "no exporter is scraped yet: `mixdesk up`, or `mixdesk exporter`"
SHARE = {"unit": "percentunit", "decimals": 0, "cell": looks.GAUGE, "lowest": 0, "highest": 1}


def section() -> Section:
    return Section(0, "", [hosts(), *numbers()])


def hosts() -> Panel:
    """One row a host; its name leads to the rest of this page."""
    here = links.to_dashboard("Show", "mixdesk-hosts", host=links.field("nodename"), instance=links.field("instance"))
    return panels.table(
        1,
        "Hosts",
        "Every host that an exporter tells of; a click on a name shows it below. Metric: `node_uname_info` and others; "
        "CPU, memory and disk are what `prometheus/rules/recording.yml` records. "
        "Worry when a gauge is red.",
        "none",
        NONE_YET,
        *_queries(),
        sort_by="Host",
        h=7,
        transforms=[
            transforms.without_time(),
            transforms.join("instance"),
            transforms.arrange("nodename", "instance", "release", *(f"Value #{letter}" for letter in "CDEFGHIB")),
        ],
        overrides=[
            column("nodename", "Host", links=[here], width=180),
            column("instance", "Scraped as", width=180),
            column("release", "Kernel"),
            column("Value #A", hidden=True),
            column("Value #B", "Up for", unit="s", decimals=1, nothing="?"),
            column("Value #C", "Cores", width=70, nothing="?"),
            column(
                "Value #D",
                "Load a core",
                decimals=2,
                nothing="?",
                limits=steps(GREEN, (1.5, ORANGE)),
                cell=looks.TINTED,
            ),
            column("Value #E", "CPU", limits=FULL, nothing="soon", **SHARE),  # type: ignore[arg-type]
            column("Value #F", "Memory", limits=FULL, nothing="soon", **SHARE),  # type: ignore[arg-type]
            column("Value #G", "Fullest disk", limits=FULL, nothing="soon", **SHARE),  # type: ignore[arg-type]
            column("Value #H", "GPUs", width=70, nothing="0"),
            column("Value #I", "Hottest GPU", unit="celsius", nothing="no GPU", limits=WARM, cell=looks.TINTED),
        ],
    )


def _queries() -> list[Target]:
    cores = f'count by (instance) (node_cpu_seconds_total{{{JOBS}, mode="idle"}})'
    return [
        prom_table(f"max by (instance, nodename, release) ({HOSTS})"),
        prom_table(f"time() - max by (instance) (node_boot_time_seconds{{{JOBS}}})"),
        prom_table(cores),
        prom_table(f"max by (instance) (node_load1{{{JOBS}}}) / on(instance) {cores}"),
        prom_table(f"max by (instance) ({CPU_BUSY}{{{JOBS}}})"),
        prom_table(f"1 - min by (instance) ({MEMORY_LEFT}{{{JOBS}}})"),
        prom_table(f"1 - min by (instance) ({DISK_LEFT}{{{JOBS}}})"),
        prom_table(f"count by (instance) (mixdesk_gpu_memory_total_bytes{{{JOBS}}})"),
        prom_table(f"max by (instance) (mixdesk_gpu_temperature_celsius{{{JOBS}}})"),
    ]
