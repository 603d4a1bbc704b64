"""Paging, faults and kills for want of memory, from /proc/vmstat: the fields that node_exporter shows by default."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache

from mixdesk_exporter.collectors.collector import Collector
from mixdesk_exporter.errors import Garbled
from mixdesk_exporter.family import Descriptor, Family, unknown
from mixdesk_exporter.host import Host

SHOWN = re.compile(rb"^((?:oom_kill|pgpg|pswp|pg[^ \n]*fault)[^ \n]*) (\S*)$", re.MULTILINE)


def collector(host: Host) -> Collector[Mapping[str, int]]:
    """The collector of this host."""
    return Collector("vmstat", lambda: parse(host.proc("vmstat")), families)


def parse(content: bytes) -> Mapping[str, int]:
    """{field: count since boot}."""
    try:
        return {name.decode(): int(value) for name, value in SHOWN.findall(content)}
    except ValueError as error:
        raise Garbled(f"/proc/vmstat: {error}") from error


@cache
def _descriptor(field: str) -> Descriptor:
    return unknown(f"node_vmstat_{field}", f"{field} of /proc/vmstat.")


def families(reading: Mapping[str, int]) -> Iterable[Family]:
    """One family a field."""
    return [_descriptor(field).one(value) for field, value in reading.items()]
