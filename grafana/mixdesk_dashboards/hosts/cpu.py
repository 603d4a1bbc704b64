"""Cores: what they do, each of them, and who waits for one."""

from __future__ import annotations

from grafana_foundation_sdk.models.dashboard import Panel

from mixdesk_dashboards.hosts.asked import FULL, of, rate
from mixdesk_dashboards.kit import panels
from mixdesk_dashboards.kit.board import Section
from mixdesk_dashboards.kit.targets import prom, prom_now

SOON = "after two scrapes"
IDLE, NOT_IDLE = 'mode="idle"', 'mode!="idle"'
BUSY = 'mode!~"idle|iowait"'


def section() -> Section:
    return Section(200, "Cores", [*together(), *each(), waiting()])


def together() -> list[Panel]:
    cores = f"count({of('node_cpu_seconds_total', IDLE)})"
    return [
        panels.timeseries(
            201,
            "Time of all cores",
            "What the cores did, as a part of all of them. Metric: `node_cpu_seconds_total`. Worry about `iowait` "
            "(disks are too slow) and `steal` (a neighbour of this virtual machine takes the cores).",
            "percentunit",
            SOON,
            prom(
                f"sum by (mode) ({rate('node_cpu_seconds_total', NOT_IDLE)}) / on() group_left() {cores}",
                "{{mode}}",
            ),
            stacked=True,
            lowest=0,
            highest=1,
        ),
        panels.timeseries(
            202,
            "Load",
            "Tasks that run or wait, over 1, 5 and 15 minutes, beside the number of cores. Metric: `node_load1`. "
            "Worry while it is far above the cores.",
            "short",
            "not read",
            prom(of("node_load1"), "1 minute"),
            prom(of("node_load5"), "5 minutes"),
            prom(of("node_load15"), "15 minutes"),
            prom(cores, "cores"),
            lowest=0,
        ),
    ]


def each() -> list[Panel]:
    return [
        panels.timeseries(
            203,
            "Each core",
            "How busy each core is. Metric: `node_cpu_seconds_total`. One core at 100 % beside idle ones is a "
            "program with one thread: a data loader without workers, for instance.",
            "percentunit",
            SOON,
            prom(f"sum by (cpu) ({rate('node_cpu_seconds_total', BUSY)})", "core {{cpu}}"),
            legend_right=True,
            fill=0,
            lowest=0,
            highest=1,
        ),
        panels.bars(
            204,
            "Each core now",
            "The same now, a bar a core. Metric: `node_cpu_seconds_total`. Worry when few do all the work.",
            "percentunit",
            SOON,
            prom_now(f"sum by (cpu) ({rate('node_cpu_seconds_total', BUSY)})", "core {{cpu}}"),
            lowest=0,
            highest=1,
            decimals=0,
            w=6,
            limits=FULL,
        ),
    ]


def waiting() -> Panel:
    return panels.timeseries(
        205,
        "Waiting for a core",
        "The part of the time in which something that could run had to wait. Metric: "
        "`node_pressure_cpu_waiting_seconds_total`. Worry above a quarter while a job runs.",
        "percentunit",
        "this kernel does not tell (PSI is off)",
        prom(rate("node_pressure_cpu_waiting_seconds_total"), "waiting"),
        w=6,
        lowest=0,
    )
