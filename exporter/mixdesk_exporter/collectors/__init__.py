"""One file a source of figures, each with how it is read and the metric families it makes. `HOST` is the list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mixdesk_exporter.collectors import (
    arp,
    conntrack,
    cpu,
    diskstats,
    entropy,
    filefd,
    filesystem,
    hwmon,
    loadavg,
    meminfo,
    netclass,
    netdev,
    netstat,
    pressure,
    schedstat,
    sockstat,
    softnet,
    stat,
    thermal_zone,
    time,
    timex,
    uname,
    vmstat,
)
from mixdesk_exporter.collectors.collector import Collector
from mixdesk_exporter.host import Host

HOST: tuple[Callable[[Host], Collector[Any]], ...] = (
    cpu.collector,
    diskstats.collector,
    filesystem.collector,
    loadavg.collector,
    meminfo.collector,
    netdev.collector,
    pressure.collector,
    stat.collector,
    time.collector,
    uname.collector,
    vmstat.collector,
    # read only when scraped
    arp.collector,
    conntrack.collector,
    entropy.collector,
    filefd.collector,
    hwmon.collector,
    netclass.collector,
    netstat.collector,
    schedstat.collector,
    sockstat.collector,
    softnet.collector,
    thermal_zone.collector,
    timex.collector,
)
