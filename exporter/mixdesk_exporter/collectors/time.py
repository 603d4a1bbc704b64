"""The host's clock."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from mixdesk_exporter.collectors.collector import Collector
from mixdesk_exporter.family import Family, gauge
from mixdesk_exporter.host import Host

NOW = gauge("node_time_seconds", "The host's clock, in seconds since the epoch.")
ZONE = gauge("node_time_zone_offset_seconds", "How far the local time is ahead of UTC.", "time_zone")
AVAILABLE = gauge("node_time_clocksource_available_info", "A clock source that can be used.", "clocksource", "device")
CURRENT = gauge("node_time_clocksource_current_info", "The clock source in use.", "clocksource", "device")


@dataclass(frozen=True, slots=True)
class Clock:
    """Seconds since the epoch, the zone and its offset in seconds, and {device: (source in use, those available)}."""

    now: float
    zone: str
    offset: int
    sources: dict[str, tuple[str, tuple[str, ...]]]


def collector(
    host: Host,
    clock: Callable[[], float] = time.time,
    localtime: Callable[[float], time.struct_time] = time.localtime,
) -> Collector[Clock]:
    """The collector of this host."""
    sources = clock_sources(host)
    return Collector("time", lambda: read(clock(), sources, localtime), families)


def read(
    now: float,
    sources: dict[str, tuple[str, tuple[str, ...]]],
    localtime: Callable[[float], time.struct_time] = time.localtime,
) -> Clock:
    """The clock as it stands."""
    local = localtime(now)
    return Clock(now, local.tm_zone, local.tm_gmtoff, sources)


def clock_sources(host: Host) -> dict[str, tuple[str, tuple[str, ...]]]:
    """{device: (current, available)} from sysfs; they change only when somebody writes there."""
    base = host.roots.sysfs / "devices/system/clocksource"
    found = {}
    for folder in sorted(base.glob("clocksource*")):
        place = f"devices/system/clocksource/{folder.name}/"
        available = tuple(host.sys(place + "available_clocksource").split())
        found[folder.name.removeprefix("clocksource")] = host.sys(place + "current_clocksource"), available
    return found


def families(reading: Clock) -> Iterable[Family]:
    """Clock, zone and clock sources."""
    sources = reading.sources.items()
    return (
        NOW.one(reading.now),
        ZONE.of([(reading.zone, reading.offset)]),
        AVAILABLE.of(((name, device), 1) for device, (_, available) in sources for name in available),
        CURRENT.of(((current, device), 1) for device, (current, _) in sources if current),
    )
