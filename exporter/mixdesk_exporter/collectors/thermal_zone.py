"""Temperatures of the thermal zones and states of the cooling devices, from /sys/class/thermal."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mixdesk_exporter.collectors.collector import Collector
from mixdesk_exporter.collectors.words import number_or_none
from mixdesk_exporter.errors import Absent
from mixdesk_exporter.family import Family, gauge
from mixdesk_exporter.host import Host

ZONE = gauge("node_thermal_zone_temp", "Temperature of a zone in degrees Celsius.", "type", "zone")
CURRENT = gauge("node_cooling_device_cur_state", "How hard a device cools now.", "name", "type")
MOST = gauge("node_cooling_device_max_state", "How hard it can.", "name", "type")

Rows = list[tuple[tuple[str, str], float]]


@dataclass(frozen=True, slots=True)
class Thermal:
    """Rows of the three families."""

    zones: Rows
    states: Rows
    limits: Rows


def collector(host: Host) -> Collector[Thermal]:
    """The collector of this host. Sensors behind a bus can be slow."""
    return Collector("thermal_zone", lambda: read(host), families, live=False, may_hang=True)


def read(host: Host) -> Thermal:
    """Raises Absent where there is neither zone nor cooling device."""
    base = host.roots.sysfs / "class/thermal"
    names = sorted(entry.name for entry in base.iterdir()) if base.is_dir() else []
    zones, states, limits = Rows(), Rows(), Rows()
    for name in names:
        place = f"class/thermal/{name}/"
        kind = host.sys(place + "type")
        if name.startswith("thermal_zone"):
            _add(zones, (kind, name.removeprefix("thermal_zone")), host.sys(place + "temp"), 1000)
        elif name.startswith("cooling_device"):
            key = (name.removeprefix("cooling_device"), kind)
            _add(states, key, host.sys(place + "cur_state"))
            _add(limits, key, host.sys(place + "max_state"))
    if not zones and not states:
        raise Absent(f"{base}: there is no zone")
    return Thermal(zones, states, limits)


def _add(rows: Rows, key: tuple[str, str], text: str, scale: int = 1) -> None:
    number = number_or_none(text)
    if number is not None:
        rows.append((key, number / scale))


def families(reading: Thermal) -> Iterable[Family]:
    """By zone and device."""
    return ZONE.of(reading.zones), CURRENT.of(reading.states), MOST.of(reading.limits)
