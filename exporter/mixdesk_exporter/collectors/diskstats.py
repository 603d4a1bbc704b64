"""What block devices read and wrote, from /proc/diskstats."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from mixdesk_exporter.collectors.collector import Collector
from mixdesk_exporter.errors import Garbled
from mixdesk_exporter.family import Family, counter, gauge
from mixdesk_exporter.host import Host
from mixdesk_exporter.readings import Disk

SECTOR = 512  # the unit of this file, whatever the device's own
MS = 1e-3

# RAM, loop and floppy devices, and partitions: what node_exporter leaves out by default, too.
LEFT_OUT = re.compile(r"(z?ram|loop|fd|(h|s|v|xv)d[a-z]|nvme\d+n\d+p)\d+")


# In the order of the file: its column's descriptor, and what makes base units of it (kernel's iostats.rst).
COLUMNS = (
    (counter("node_disk_reads_completed_total", "Reads completed.", "device"), 1),
    (counter("node_disk_reads_merged_total", "Reads merged with others.", "device"), 1),
    (counter("node_disk_read_bytes_total", "Bytes read.", "device"), SECTOR),
    (counter("node_disk_read_time_seconds_total", "Seconds spent by all reads.", "device"), MS),
    (counter("node_disk_writes_completed_total", "Writes completed.", "device"), 1),
    (counter("node_disk_writes_merged_total", "Writes merged with others.", "device"), 1),
    (counter("node_disk_written_bytes_total", "Bytes written.", "device"), SECTOR),
    (counter("node_disk_write_time_seconds_total", "Seconds spent by all writes.", "device"), MS),
    (gauge("node_disk_io_now", "Requests under way.", "device"), 1),
    (counter("node_disk_io_time_seconds_total", "Seconds in which a request was under way.", "device"), MS),
    (counter("node_disk_io_time_weighted_seconds_total", "The same, times requests under way.", "device"), MS),
    (counter("node_disk_discards_completed_total", "Discards completed.", "device"), 1),
    (counter("node_disk_discards_merged_total", "Discards merged with others.", "device"), 1),
    (counter("node_disk_discarded_sectors_total", "Sectors discarded.", "device"), 1),
    (counter("node_disk_discard_time_seconds_total", "Seconds spent by all discards.", "device"), MS),
    (counter("node_disk_flush_requests_total", "Flushes completed.", "device"), 1),
    (counter("node_disk_flush_requests_time_seconds_total", "Seconds spent by all flushes.", "device"), MS),
)


def collector(host: Host) -> Collector[Sequence[Disk]]:
    """The collector of this host."""
    return Collector("diskstats", lambda: parse(host.proc("diskstats")), families)


def parse(content: bytes) -> Sequence[Disk]:
    """One line a device: major, minor, name, and 11, 15 or 17 numbers by the age of the kernel."""
    found = {}
    for line in content.splitlines():
        words = line.split()
        if len(words) < 14:
            raise Garbled(f"/proc/diskstats: {line[:80]!r}")
        name = words[2].decode("utf-8", "replace")
        if not LEFT_OUT.fullmatch(name):
            found[name] = _disk(name, words)
    return list(found.values())


def _disk(name: str, words: Sequence[bytes]) -> Disk:
    try:
        numbers = [int(word) for word in words[3:20]]
        figures = tuple(_scaled(value, unit) for value, (_, unit) in zip(numbers, COLUMNS, strict=False))
        return Disk(name, words[0].decode("ascii"), words[1].decode("ascii"), figures)
    except (ValueError, OverflowError) as error:
        raise Garbled(f"/proc/diskstats: {name}: {error}") from error


def _scaled(value: int, unit: float) -> float:
    return value / 1000 if unit == MS else value * unit  # a division keeps three decimals


def families(reading: Sequence[Disk]) -> Iterable[Family]:
    """One family a column, of the devices that have it."""
    found = []
    for place, (descriptor, _) in enumerate(COLUMNS):
        rows = [(disk.name, disk.figures[place]) for disk in reading if place < len(disk.figures)]
        if rows:
            found.append(descriptor.of(rows))
    return found
