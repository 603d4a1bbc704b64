"""The same host at the same moment as node_exporter sees it: names, types, labels and values agree."""

from __future__ import annotations

import re
import socket
import subprocess
import time
import urllib.request
from collections.abc import Collection, Iterator
from fnmatch import fnmatchcase

import newer
import pages
import pytest
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families as parse

from mixdesk_exporter.collectors import HOST
from mixdesk_exporter.collectors.filesystem import NO_FILES
from mixdesk_exporter.exposition import TEXT, render_as
from mixdesk_exporter.host import Host
from mixdesk_exporter.sampler import Sampler

# What node_exporter has and Mixdesk has not: the page names each, with the reason.
PAGE = pages.page("metrics")
NOT_HERE = [pattern for row in pages.table(PAGE, "not here", "why") for pattern in pages.names(row[0])]
# Names that both have, each for itself.
OWN = ("node_exporter_build_info", "node_scrape_collector_success", "node_scrape_collector_duration_seconds")
# Figures that are other by the time that the second one looks; their series must be there all the same.
MOVING = re.compile(
    r"node_(time|disk_io_now|load|timex|procs|filefd|sockstat|entropy|memory|netstat|arp|softnet|filesystem_(free|avail|files)).*"
)

# Debian's package leaves out more mounts and interfaces than the project itself.
UPSTREAM = (
    "--collector.netdev.device-exclude=^$",
    "--collector.filesystem.mount-points-exclude=^/(dev|proc|sys|run/credentials/.+|var/lib/docker/.+)($|/)",
    f"--collector.filesystem.fs-types-exclude=^({'|'.join(sorted(NO_FILES))})$",
)
NOT_SHOWN = re.compile(r"zram\d+")  # of disks, since node_exporter 1.6


@pytest.fixture(scope="module")
def theirs() -> Iterator[str]:
    program = newer.program("prometheus-node-exporter")
    print("node_exporter", newer.version(program))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    command = [program, f"--web.listen-address={address}", *UPSTREAM]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(address)
        yield f"http://{address}/metrics"
    finally:
        process.kill()
        process.wait()


def _wait(address: str) -> None:
    for _ in range(300):
        try:
            urllib.request.urlopen(f"http://{address}/", timeout=5).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("node_exporter does not answer")


def both(url: str) -> tuple[dict[str, Metric], dict[str, Metric], dict[str, Metric]]:
    """Ours before, theirs, ours after."""
    host = Host()
    sampler = Sampler([make(host) for make in HOST], new_round=host.new_round)

    def ours() -> dict[str, Metric]:
        return by_name(render_as(sampler.snapshot(0.0, whole=True).families(), TEXT).decode())

    before = ours()
    body = urllib.request.urlopen(url, timeout=60).read().decode()
    return before, by_name(body), ours()


def by_name(text: str) -> dict[str, Metric]:
    return {family.name: family for family in parse(text)}


def series(
    family: Metric, labels: Collection[str] | None = None
) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    shown = (sample for sample in family.samples if not NOT_SHOWN.fullmatch(sample.labels.get("device", "")))
    return {(sample.name, _chosen(sample.labels, labels)): sample.value for sample in shown}


def _chosen(pairs: dict[str, str], labels: Collection[str] | None) -> tuple[tuple[str, str], ...]:
    """Those that the other has too: older versions of node_exporter have no `device_error`."""
    return tuple(sorted(pair for pair in pairs.items() if labels is None or pair[0] in labels))


def is_left_out(name: str) -> bool:
    """Whether docs/metrics.md says that it is not here."""
    return any(fnmatchcase(name, pattern) for pattern in NOT_HERE)


def test_the_families_agree(theirs: str) -> None:
    before, other, after = both(theirs)
    # the parser names a counter without its end
    full = {name: f"{name}_total" if family.type == "counter" else name for name, family in other.items()}
    missing = [name for name in other if name not in before and not is_left_out(full[name])]
    assert missing == []
    shared = [name for name in other if name in before and name not in OWN]
    assert [name for name in shared if is_left_out(full[name])] == [], "docs/metrics.md says that these are not here"
    assert len(shared) > 150, "there was something to compare"
    for name in shared:
        assert before[name].type == other[name].type, name
        seen = series(other[name])
        labels = {label for _, pairs in seen for label, _ in pairs}
        first, last = series(before[name], labels), series(after[name], labels)
        assert first.keys() == seen.keys(), name
        if MOVING.fullmatch(name):
            continue
        for key, value in seen.items():
            # Counters lie between our two readings; a core's idle time is kept by the kernel per reader's tick.
            assert first[key] - 1 <= value <= last[key] + 1, key
