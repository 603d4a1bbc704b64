"""The chosen host in eight numbers."""

from __future__ import annotations

from grafana_foundation_sdk.models.dashboard import Panel

from mixdesk_dashboards.hosts.asked import DISKS, FULL, HOT, NO_GPU, WARM, of, rate
from mixdesk_dashboards.kit import panels
from mixdesk_dashboards.kit.looks import GREEN, ORANGE, RED, steps
from mixdesk_dashboards.kit.targets import prom_now

IDLE, BUSY = 'mode="idle"', 'mode!~"idle|iowait"'


def numbers() -> list[Panel]:
    """Of the chosen host."""
    return [*_cores(), *_memory(), _disk(), *_gpus(), _boot()]


def _cores() -> list[Panel]:
    cores = f"count({of('node_cpu_seconds_total', IDLE)})"
    return [
        panels.stat(
            2,
            "Load a core",
            "Runnable and waiting tasks, divided by the cores. Metric: `node_load1`. Worry when it stays above 1.5.",
            "short",
            "not read",
            prom_now(f"sum({of('node_load1')}) / {cores}"),
            w=3,
            decimals=2,
            limits=steps(GREEN, (1.5, ORANGE), (4, RED)),
        ),
        panels.stat(
            3,
            "CPU busy",
            "All cores, without idle and waiting for disks. Metric: `node_cpu_seconds_total`. Fine while jobs run.",
            "percentunit",
            "after two scrapes",
            prom_now(f"sum({rate('node_cpu_seconds_total', BUSY)}) / {cores}"),
            w=3,
            decimals=0,
        ),
    ]


def _memory() -> list[Panel]:
    swap = f"sum({of('node_memory_SwapTotal_bytes')}) - sum({of('node_memory_SwapFree_bytes')})"
    return [
        panels.stat(
            4,
            "Memory available",
            "What programs can get without swapping. Metric: `node_memory_MemAvailable_bytes`. Worry below a tenth.",
            "percentunit",
            "not read",
            prom_now(f"sum({of('node_memory_MemAvailable_bytes')}) / sum({of('node_memory_MemTotal_bytes')})"),
            w=3,
            decimals=0,
            limits=steps(RED, (0.05, ORANGE), (0.1, GREEN)),
        ),
        panels.stat(
            5,
            "Swap in use",
            "Memory that was moved to disk. Metric: `node_memory_SwapFree_bytes`. Worry when it grows while jobs run.",
            "bytes",
            "not read",
            prom_now(swap),
            w=3,
        ),
    ]


def _disk() -> Panel:
    left = f"{of('node_filesystem_avail_bytes', DISKS)} / ({of('node_filesystem_size_bytes', DISKS)} > 0)"
    return panels.stat(
        6,
        "Fullest disk",
        "Used part of the fullest file system. Metric: `node_filesystem_avail_bytes`. Worry above 95 %: the next "
        "checkpoint may not fit.",
        "percentunit",
        "not read",
        prom_now(f"1 - min({left})"),
        w=3,
        decimals=0,
        limits=FULL,
    )


def _gpus() -> list[Panel]:
    return [
        panels.stat(
            7,
            "Hottest GPU",
            f"Metric: `mixdesk_gpu_temperature_celsius`. Worry above {HOT} °C for minutes: clocks are slowed.",
            "celsius",
            NO_GPU,
            prom_now(f"max({of('mixdesk_gpu_temperature_celsius')})"),
            w=3,
            limits=WARM,
        ),
        panels.stat(
            8,
            "GPU memory free",
            "Of all GPUs together. Metric: `mixdesk_gpu_memory_used_bytes`. Who holds the rest is shown below.",
            "bytes",
            NO_GPU,
            prom_now(f"sum({of('mixdesk_gpu_memory_total_bytes')}) - sum({of('mixdesk_gpu_memory_used_bytes')})"),
            w=3,
        ),
    ]


def _boot() -> Panel:
    return panels.stat(
        9,
        "Up for",
        "Since the host booted. Metric: `node_boot_time_seconds`. A small number that nobody expects is a crash.",
        "s",
        "not read",
        prom_now(f"time() - max({of('node_boot_time_seconds')})"),
        w=3,
        decimals=1,
    )
