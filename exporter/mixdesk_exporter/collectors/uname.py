"""What the host is called and what it runs."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable

from mixdesk_exporter.collectors.collector import Collector
from mixdesk_exporter.errors import Absent
from mixdesk_exporter.family import Family, gauge
from mixdesk_exporter.host import Host

LABELS = ("domainname", "machine", "nodename", "release", "sysname", "version")
INFO = gauge("node_uname_info", "What uname says; always 1.", *LABELS)

Uname = tuple[str, ...]


def collector(host: Host, ask: Callable[[], os.uname_result] = os.uname) -> Collector[Uname]:
    """The collector of this host."""
    return Collector("uname", lambda: read(host, ask), families)


def read(host: Host, ask: Callable[[], os.uname_result] = os.uname) -> Uname:
    """The values of LABELS. The names are those of the UTS namespace this process is in."""
    found = ask()
    try:
        domain = host.proc("sys/kernel/domainname").decode("utf-8", "replace").strip()
    except (Absent, OSError):
        domain = "(none)"
    return domain, found.machine, found.nodename, found.release, found.sysname, found.version


def families(reading: Uname) -> Iterable[Family]:
    """One sample, always 1."""
    return (INFO.of([(reading, 1)]),)
