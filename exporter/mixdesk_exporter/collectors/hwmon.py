"""Sensors of the hardware, from /sys/class/hwmon: temperatures, fans, voltages, currents, power."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from mixdesk_exporter.collectors.collector import Collector
from mixdesk_exporter.collectors.words import number_or_none
from mixdesk_exporter.errors import Absent
from mixdesk_exporter.family import Descriptor, Family, Key, Number, counter, gauge
from mixdesk_exporter.host import Host

FILE = re.compile(r"(temp|in|curr|power|energy|fan|humidity|freq|pwm)(\d+)(?:_(\w+))?")
SHOWN = frozenset(("input", "average", "min", "max", "crit", "crit_hyst", "max_hyst", "lcrit", "emergency"))
NAMES = gauge("node_hwmon_chip_names", "What a chip calls itself; always 1.", "chip", "chip_name")
LABELS = gauge("node_hwmon_sensor_label", "What a sensor measures; always 1.", "chip", "label", "sensor")

# {kind: (unit in the name, parts of it in a file's number)}, by the kernel's hwmon/sysfs-interface.
UNITS = {
    "temp": ("celsius", 1e3),
    "in": ("volts", 1e3),
    "curr": ("amps", 1e3),
    "power": ("watt", 1e6),
    "energy": ("joule_total", 1e6),
    "fan": ("rpm", 1),
    "humidity": ("percent", 1e3),
    "freq": ("freq_mhz", 1e6),
    "pwm": ("", 1),
}


@dataclass(slots=True)
class Sensors:
    """Rows by family."""

    names: list[tuple[Key, Number]] = field(default_factory=list)
    labels: list[tuple[Key, Number]] = field(default_factory=list)
    values: dict[Descriptor, list[tuple[Key, Number]]] = field(default_factory=dict)


def collector(host: Host) -> Collector[Sensors]:
    """The collector of this host. A sensor behind a slow bus can take long."""
    return Collector("hwmon", lambda: read(host), families, live=False, may_hang=True)


def read(host: Host) -> Sensors:
    """Raises Absent where there is no chip."""
    base, sensors = host.roots.sysfs / "class/hwmon", Sensors()
    chips = sorted(base.glob("hwmon*")) if base.is_dir() else []
    if not chips:
        raise Absent(f"{base}: there is no chip")
    for folder in chips:
        _chip(host, folder, sensors)
    return sensors


def _chip(host: Host, folder: Path, sensors: Sensors) -> None:
    name, place = host.sys(f"class/hwmon/{folder.name}/name"), f"class/hwmon/{folder.name}/"
    chip = chip_of(folder, name)
    if name:
        sensors.names.append(((chip, _clean(name)), 1))
    for entry in sorted(folder.iterdir()):
        found = FILE.fullmatch(entry.name)
        if found is None:
            continue
        kind, sensor, what = found[1], found[1] + found[2], found[3] or "input"
        if what == "label":
            sensors.labels.append(((chip, host.sys(place + entry.name), sensor), 1))
        elif what in SHOWN:
            number = number_or_none(host.sys(place + entry.name))
            if number is not None:
                rows = sensors.values.setdefault(_descriptor(kind, what), [])
                rows.append(((chip, sensor), number / UNITS[kind][1] if UNITS[kind][1] != 1 else number))


def chip_of(folder: Path, name: str) -> str:
    """Of the device where there is one, for numbers of chips change from boot to boot: `platform_coretemp_0`."""
    device = folder / "device"
    if device.exists():
        real = device.resolve()
        return f"{_clean(real.parent.name)}_{_clean(real.name)}"
    return _clean(name) if name else folder.name


def _clean(text: str) -> str:
    return re.sub(r"[^a-z0-9:]+", "_", text.lower()).strip("_")


@cache
def _descriptor(kind: str, what: str) -> Descriptor:
    unit = UNITS[kind][0]
    middle = "" if what == "input" else f"_{what}"
    name = f"node_hwmon_{kind}{middle}{'_' + unit if unit else ''}"
    text = f"{kind} of a sensor ({what})."
    return (counter if name.endswith("_total") else gauge)(name, text, "chip", "sensor")


def families(reading: Sensors) -> Iterable[Family]:
    """By chip and sensor."""
    values = [descriptor.of(rows) for descriptor, rows in reading.values.items()]
    return [NAMES.of(reading.names), LABELS.of(reading.labels), *values]
