"""Open files of the whole host, from /proc/sys/fs/file-nr."""

from __future__ import annotations

from collections.abc import Iterable

from mixdesk_exporter.collectors.collector import Collector
from mixdesk_exporter.errors import Garbled
from mixdesk_exporter.family import Family, gauge
from mixdesk_exporter.host import Host

ALLOCATED = gauge("node_filefd_allocated", "Open files.")
MAXIMUM = gauge("node_filefd_maximum", "Files that may be open.")


def collector(host: Host) -> Collector[tuple[int, int]]:
    """The collector of this host."""
    return Collector("filefd", lambda: parse(host.proc("sys/fs/file-nr")), families, live=False)


def parse(content: bytes) -> tuple[int, int]:
    """Allocated, (unused, always 0,) most."""
    try:
        allocated, _, most = (int(word) for word in content.split())
    except ValueError as error:
        raise Garbled(f"/proc/sys/fs/file-nr: {content[:60]!r}") from error
    return allocated, most


def families(reading: tuple[int, int]) -> Iterable[Family]:
    """One sample each."""
    return ALLOCATED.one(reading[0]), MAXIMUM.one(reading[1])
