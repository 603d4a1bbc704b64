"""What the kernel's random number generator has in its pool."""

from __future__ import annotations

from collections.abc import Iterable

from mixdesk_exporter.collectors.collector import Collector
from mixdesk_exporter.collectors.words import whole
from mixdesk_exporter.family import Family, gauge
from mixdesk_exporter.host import Host

AVAILABLE = gauge("node_entropy_available_bits", "Bits of entropy available.")
POOL = gauge("node_entropy_pool_size_bits", "Bits that the pool can hold.")
FILES = ("sys/kernel/random/entropy_avail", "sys/kernel/random/poolsize")


def collector(host: Host) -> Collector[tuple[int, int]]:
    """The collector of this host."""
    return Collector("entropy", lambda: read(host), families, live=False)


def read(host: Host) -> tuple[int, int]:
    """Bits available, bits at most."""
    available, pool = (whole(name, host.proc(name)) for name in FILES)
    return available, pool


def families(reading: tuple[int, int]) -> Iterable[Family]:
    """One sample each."""
    return AVAILABLE.one(reading[0]), POOL.one(reading[1])
