"""GPUs: what each does now; who holds them and how they fare stands beside this file."""

from __future__ import annotations

from grafana_foundation_sdk.models.dashboard import Panel

from mixdesk_dashboards.hosts.asked import FULL, GPU_MEMORY_USED, NO_GPU, SLOWING, WARM, WHOLE, gpu, of
from mixdesk_dashboards.hosts.gpu_course import course, errors, slowed
from mixdesk_dashboards.hosts.gpu_holders import held, holders
from mixdesk_dashboards.kit import looks, panels, transforms
from mixdesk_dashboards.kit.board import Section
from mixdesk_dashboards.kit.looks import GREEN, ORANGE, RED, column, steps, words
from mixdesk_dashboards.kit.targets import prom_table


def section() -> Section:
    return Section(100, "GPUs", [each(), holders(), held(), *course(), *slowed(), *errors()])


def each() -> Panel:
    """One row a GPU."""
    used, total = gpu("mixdesk_gpu_memory_used_bytes"), gpu("mixdesk_gpu_memory_total_bytes")
    return panels.table(
        101,
        "Each GPU",
        "Every GPU of this host as it is now. Metric: `mixdesk_gpu_utilization_ratio` and others. Worry about one that "
        "is slowed down, hot, or at 0 % while a job holds it.",
        "none",
        NO_GPU,
        prom_table(f"max by (gpu, UUID) ({of('mixdesk_gpu_utilization_ratio')})"),
        prom_table(f"max by (UUID, modelName) ({of('DCGM_FI_DEV_FB_TOTAL', WHOLE)})"),
        prom_table(f"max by (UUID) ({of(GPU_MEMORY_USED)})"),
        prom_table(f"max by (UUID) ({total} - {used})"),
        prom_table(f"max by (UUID) ({gpu('mixdesk_gpu_temperature_celsius')})"),
        prom_table(f"max by (UUID) ({gpu('mixdesk_gpu_power_watts')})"),
        prom_table(f"max by (UUID) ({of('DCGM_FI_DEV_POWER_MGMT_LIMIT', WHOLE)})"),
        prom_table(f"sum by (UUID) ({of('mixdesk_gpu_throttle', SLOWING)})"),
        prom_table(f"sum by (UUID) ({of('mixdesk_gpu_xid_errors_total')})"),
        h=6,
        sort_by="GPU",
        transforms=[
            transforms.without_time(),
            transforms.join("UUID"),
            transforms.arrange("gpu", "modelName", *(f"Value #{letter}" for letter in "ACDEFGHIB"), "UUID"),
        ],
        overrides=[
            column("gpu", "GPU", width=60),
            column("modelName", "Model"),
            column("Value #A", "Busy", unit="percentunit", decimals=0, cell=looks.GAUGE, lowest=0, highest=1),
            column("Value #B", hidden=True),
            column(
                "Value #C", "Memory", unit="percentunit", decimals=0, cell=looks.GAUGE, lowest=0, highest=1, limits=FULL
            ),
            column("Value #D", "Free", unit="bytes", nothing="?"),
            column("Value #E", "Temperature", unit="celsius", cell=looks.TINTED, limits=WARM, nothing="?"),
            column("Value #F", "Power", unit="watt", decimals=0, nothing="?"),
            column("Value #G", "Power limit", unit="watt", decimals=0, nothing="?"),
            column(
                "Value #H",
                "Slowed down",
                cell=looks.TINTED,
                nothing="?",
                means=words({"0": ("no", GREEN)}),
                limits=steps(RED),
            ),
            column(
                "Value #I",
                "XID errors",
                decimals=0,
                nothing="none",
                cell=looks.TINTED,
                limits=steps(GREEN, (1, ORANGE)),
            ),
            column("UUID", "UUID", width=160),
        ],
    )
