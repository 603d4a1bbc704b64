"""File systems and when they are full; disks and how long they let one wait."""

from __future__ import annotations

from grafana_foundation_sdk.models.dashboard import Panel

from mixdesk_dashboards.hosts.asked import DISKS, FULL, of, rate
from mixdesk_dashboards.kit import looks, panels, transforms
from mixdesk_dashboards.kit.board import Section
from mixdesk_dashboards.kit.looks import GREEN, ORANGE, RED, column, steps, words
from mixdesk_dashboards.kit.targets import prom, prom_table

SOON = "after two scrapes"
IDLE = "nothing was read or written"
DAY_S = 86400


def section() -> Section:
    return Section(400, "Disks", [file_systems(), used(), *moved(), *waited()])


def file_systems() -> Panel:
    """One row a mount, with the time until it is full."""
    left, size = of("node_filesystem_avail_bytes", DISKS), of("node_filesystem_size_bytes", DISKS)
    files = of("node_filesystem_files", DISKS)
    shrinks = f"-(deriv({of('node_filesystem_avail_bytes', DISKS)}[6h]) < 0)"
    return panels.table(
        401,
        "File systems",
        "What is used of each, and when it will be full if it goes on as in the last six hours. Metric: "
        "`node_filesystem_avail_bytes`. Worry when checkpoints are written to one that is full within a day.",
        "bytes",
        "no file system is read",
        prom_table(f"max by (mountpoint, device, fstype) ({size})"),
        prom_table(f"max by (mountpoint) ({left})"),
        prom_table(f"1 - min by (mountpoint) ({left} / ({size} > 0))"),
        prom_table(f"min by (mountpoint) ({left} / {shrinks}) < {30 * DAY_S} or max by (mountpoint) ({left}) * 0 - 1"),
        prom_table(f"max by (mountpoint) ({of('node_filesystem_readonly', DISKS)})"),
        prom_table(f"1 - min by (mountpoint) ({of('node_filesystem_files_free', DISKS)} / ({files} > 0))"),
        w=24,
        h=7,
        sort_by="Used",
        descending=True,
        transforms=[
            transforms.without_time(),
            transforms.join("mountpoint"),
            transforms.arrange("mountpoint", "device", "fstype", *(f"Value #{letter}" for letter in "ABCDFE")),
        ],
        overrides=[
            column("mountpoint", "Mounted at"),
            column("device", "Device"),
            column("fstype", "Type", width=90),
            column("Value #A", "Size", width=110),
            column("Value #B", "Left", width=110),
            column(
                "Value #C", "Used", unit="percentunit", decimals=0, cell=looks.GAUGE, limits=FULL, lowest=0, highest=1
            ),
            column(
                "Value #D",
                "Full in",
                unit="s",
                decimals=1,
                means=words({"-1": ("not soon", GREEN)}),
                cell=looks.TINTED,
                limits=steps(RED, (DAY_S, ORANGE), (7 * DAY_S, GREEN)),
            ),
            column(
                "Value #F", "Files", unit="percentunit", decimals=0, nothing="no limit", cell=looks.TINTED, limits=FULL
            ),
            column("Value #E", "Writable", width=100, means=words({"0": ("yes", GREEN), "1": ("read-only", ORANGE)})),
        ],
    )


def used() -> Panel:
    left, size = of("node_filesystem_avail_bytes", DISKS), of("node_filesystem_size_bytes", DISKS)
    return panels.timeseries(
        402,
        "Used over time",
        "Used part of each file system. Metric: `node_filesystem_avail_bytes`. Worry about a steady climb.",
        "percentunit",
        "no file system is read",
        prom(f"1 - min by (mountpoint) ({left} / ({size} > 0))", "{{mountpoint}}"),
        w=8,
        lowest=0,
        highest=1,
    )


def moved() -> list[Panel]:
    return [
        panels.timeseries(
            403,
            "Read and written",
            "Bytes a second of each disk. Metric: `node_disk_read_bytes_total`. A checkpoint is a peak of writing.",
            "Bps",
            SOON,
            prom(f"sum by (device) ({rate('node_disk_read_bytes_total')})", "{{device}} read"),
            prom(f"sum by (device) ({rate('node_disk_written_bytes_total')})", "{{device}} written"),
            w=8,
            lowest=0,
        ),
        panels.timeseries(
            404,
            "Operations",
            "Reads and writes a second. Metric: `node_disk_reads_completed_total`. Many small reads are a data set of "
            "many small files.",
            "iops",
            SOON,
            prom(f"sum by (device) ({rate('node_disk_reads_completed_total')})", "{{device}} read"),
            prom(f"sum by (device) ({rate('node_disk_writes_completed_total')})", "{{device}} written"),
            w=8,
            lowest=0,
        ),
    ]


def waited() -> list[Panel]:
    took = "sum by (device) ({time}) / (sum by (device) ({count}) > 0)"
    reads = took.format(time=rate("node_disk_read_time_seconds_total"), count=rate("node_disk_reads_completed_total"))
    writes = took.format(
        time=rate("node_disk_write_time_seconds_total"), count=rate("node_disk_writes_completed_total")
    )
    return [
        panels.timeseries(
            405,
            "Time of one operation",
            "How long a read or write took, waiting included. Metric: `node_disk_read_time_seconds_total`. Worry above "
            "some 10 ms on a solid-state disk.",
            "s",
            IDLE,
            prom(reads, "{{device}} read"),
            prom(writes, "{{device}} written"),
            w=8,
            lowest=0,
        ),
        panels.timeseries(
            406,
            "Disk busy",
            "The part of the time in which a disk had something to do. Metric: `node_disk_io_time_seconds_total`. Near "
            "1 a spinning disk can do no more; a solid-state disk may still.",
            "percentunit",
            SOON,
            prom(f"sum by (device) ({rate('node_disk_io_time_seconds_total')})", "{{device}}"),
            w=8,
            lowest=0,
        ),
        panels.timeseries(
            407,
            "Waiting for disks",
            "The part of the time in which something (waiting) or everything (stalled) waited for a disk. Metric: "
            "`node_pressure_io_waiting_seconds_total`. Worry when a GPU is idle meanwhile: it waits for data.",
            "percentunit",
            "this kernel does not tell (PSI is off)",
            prom(rate("node_pressure_io_waiting_seconds_total"), "waiting"),
            prom(rate("node_pressure_io_stalled_seconds_total"), "stalled"),
            w=8,
            lowest=0,
        ),
    ]
