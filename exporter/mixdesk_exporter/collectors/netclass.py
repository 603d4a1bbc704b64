"""Properties of the network interfaces, from /sys/class/net."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from mixdesk_exporter.collectors.collector import Collector
from mixdesk_exporter.collectors.words import number_or_none
from mixdesk_exporter.errors import Absent
from mixdesk_exporter.family import Family, counter, gauge
from mixdesk_exporter.host import Host

# {file: descriptor}; a file that is empty or cannot be read, as the speed of what is down, has no sample.
NUMBERS = {
    "addr_assign_type": gauge("node_network_address_assign_type", "How the address was given.", "device"),
    "carrier": gauge("node_network_carrier", "1 where there is a link.", "device"),
    "carrier_changes": counter("node_network_carrier_changes_total", "Times the link came or went.", "device"),
    "carrier_down_count": counter("node_network_carrier_down_changes_total", "Times the link went.", "device"),
    "carrier_up_count": counter("node_network_carrier_up_changes_total", "Times the link came.", "device"),
    "dev_id": gauge("node_network_device_id", "The device's id among those that share an address.", "device"),
    "dormant": gauge("node_network_dormant", "1 where it waits for something else than a link.", "device"),
    "flags": gauge("node_network_flags", "Flags as of netdevice(7).", "device"),
    "ifindex": gauge("node_network_iface_id", "The interface's number.", "device"),
    "iflink": gauge("node_network_iface_link", "The number of the interface below it.", "device"),
    "link_mode": gauge("node_network_iface_link_mode", "0 default, 1 dormant.", "device"),
    "mtu": gauge("node_network_mtu_bytes", "Largest packet.", "device"),
    "name_assign_type": gauge("node_network_name_assign_type", "How the name was given.", "device"),
    "netdev_group": gauge("node_network_net_dev_group", "The group it is in.", "device"),
    "type": gauge("node_network_protocol_type", "Type of hardware as of if_arp.h.", "device"),
    "tx_queue_len": gauge("node_network_transmit_queue_length", "Packets that may wait to be sent.", "device"),
}
SPEED = gauge("node_network_speed_bytes", "Speed in bytes a second; below 0 where it is not known.", "device")
UP = gauge("node_network_up", "1 where the interface is operational.", "device")
INFO = gauge(
    "node_network_info",
    "What the interface is; always 1.",
    *("address", "adminstate", "broadcast", "device", "duplex", "ifalias", "operstate"),
)
TEXTS = ("address", "broadcast", "duplex", "ifalias", "operstate", "speed")
IFF_UP = 1
MEGABITS = 1_000_000 // 8

Interfaces = Mapping[str, Mapping[str, str]]


def collector(host: Host) -> Collector[Interfaces]:
    """The collector of this host."""
    return Collector("netclass", lambda: read(host), families, live=False)


def read(host: Host) -> Interfaces:
    """{interface: {file: its content}}. Raises Absent where sysfs is not mounted."""
    folder = host.roots.sysfs / "class/net"
    if not folder.is_dir():
        raise Absent(f"{folder}: there is none")
    names = sorted(entry.name for entry in folder.iterdir() if entry.is_dir())  # a file there: bonding_masters
    return {name: {file: host.sys(f"class/net/{name}/{file}") for file in (*NUMBERS, *TEXTS)} for name in names}


def families(reading: Interfaces) -> Iterable[Family]:
    """One family a property, of the interfaces that have it."""
    found = {device: {file: number_or_none(text) for file, text in files.items()} for device, files in reading.items()}
    numbers = [
        descriptor.of((device, value) for device, files in found.items() if (value := files[file]) is not None)
        for file, descriptor in NUMBERS.items()
    ]
    speeds = ((device, files["speed"]) for device, files in found.items())
    return [
        *(family for family in numbers if family.keys),
        SPEED.of((device, speed * MEGABITS) for device, speed in speeds if speed is not None),
        UP.of((device, int(files["operstate"] == "up")) for device, files in reading.items()),
        INFO.of((_info(device, files), 1) for device, files in reading.items()),
    ]


def _info(device: str, files: Mapping[str, str]) -> tuple[str, ...]:
    admin = "up" if (number_or_none(files["flags"]) or 0) & IFF_UP else "down"
    return (
        files["address"],
        admin,
        files["broadcast"],
        device,
        files["duplex"],
        files["ifalias"],
        files["operstate"],
    )
