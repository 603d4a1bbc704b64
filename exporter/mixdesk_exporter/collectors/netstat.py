"""What the network protocols count, from /proc/net/{netstat,snmp,snmp6}: the fields node_exporter shows by default."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import zip_longest

from mixdesk_exporter.collectors.collector import Collector
from mixdesk_exporter.errors import Absent, Garbled
from mixdesk_exporter.family import Descriptor, Family, unknown
from mixdesk_exporter.host import Host

SHOWN = re.compile(
    r"\w+_In(Errors|Errs)"
    r"|Ip_Forwarding|Ip(6|Ext)_(In|Out)Octets"
    r"|Icmp6?_(In|Out)Msgs"
    r"|Tcp_(ActiveOpens|PassiveOpens|CurrEstab|InSegs|OutSegs|OutRsts|RetransSegs)"
    r"|TcpExt_(Listen\w*|Syncookies\w*|TCPSynRetrans|TCPTimeouts|TCPOFOQueue|TCPRcvQDrop)"
    r"|Udp6?_((In|Out)Datagrams|NoPorts|(Rcv|Snd)bufErrors)"
)
PROTOCOL6 = re.compile(r"(Ip6|Icmp6|UdpLite6|Udp6)(\w+)")

Counts = Mapping[str, int]


def collector(host: Host) -> Collector[Counts]:
    """The collector of this host."""
    return Collector("netstat", lambda: read(host), families, live=False)


def read(host: Host) -> Counts:
    """{`Protocol_Field`: count}; without the last file where the host has no IPv6."""
    counts = {**parse(host.of_init("net/netstat")), **parse(host.of_init("net/snmp"), "snmp")}
    try:
        return {**counts, **parse6(host.of_init("net/snmp6"))}
    except Absent:
        return counts


def parse(content: bytes, file: str = "netstat") -> Counts:
    """Pairs of lines, `Tcp: names ...` and `Tcp: numbers ...`."""
    lines = content.decode("ascii", "replace").splitlines()
    counts = {}
    for names, numbers in zip_longest(lines[::2], lines[1::2], fillvalue=""):
        (protocol, *keys), (again, *values) = names.split() or [""], numbers.split() or [""]
        if protocol != again or len(keys) != len(values):
            raise Garbled(f"/proc/net/{file}: {names[:40]!r} and {numbers[:40]!r} do not belong together")
        for key, value in zip(keys, values, strict=True):
            name = f"{protocol[:-1]}_{key}"
            if _is_shown(name):
                counts[name] = _number(file, name, value)
    return counts


def parse6(content: bytes) -> Counts:
    """Lines `Udp6InErrors 0`."""
    counts = {}
    for line in content.decode("ascii", "replace").splitlines():
        key, _, value = line.partition(" ")
        found = PROTOCOL6.fullmatch(key.strip())
        if found is not None and _is_shown(name := f"{found[1]}_{found[2]}"):
            counts[name] = _number("snmp6", name, value)
    return counts


@cache
def _is_shown(name: str) -> bool:
    return SHOWN.fullmatch(name) is not None


def _number(file: str, name: str, text: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise Garbled(f"/proc/net/{file}: {name} is {text[:40]!r}") from error


@cache
def _descriptor(name: str) -> Descriptor:
    return unknown(f"node_netstat_{name}", f"{name} of /proc/net/{{netstat,snmp,snmp6}}.")


def families(reading: Counts) -> Iterable[Family]:
    """One family a field."""
    return [_descriptor(name).one(value) for name, value in reading.items()]
