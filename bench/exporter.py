"""The exporter beside node_exporter and nvitop-exporter, in one run. `python bench/exporter.py [--scrapes 1000]`

Every server answers the same client in turns: gzip, keep-alive, whole answers. Then all are scraped once a second,
which also counts what they do between scrapes. node_exporter is taken from --node-exporter, from .tools or the PATH,
nvitop-exporter from the PATH; what is not there has no row. GPUs are those of the tests' stand-in for NVML, so that
figures of the GPU rows are of the exporters alone, without a driver's own time. Each has a process; NVLinks are shown
by nvitop-exporter alone. Servers and client have a processor
each where there are two.

Mixdesk answers scrapes within half a second from one reading; node_exporter reads anew for each.
"""

from __future__ import annotations

import argparse
import gzip
import os
import random
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from prometheus_client import CollectorRegistry, Gauge
from prometheus_client.exposition import generate_latest
from prometheus_client.openmetrics.exposition import generate_latest as generate_openmetrics
from shared import machine
from shared.scraping import Client, Server, alone, pin, running

from mixdesk_exporter.exposition import OPENMETRICS, TEXT, render_as
from mixdesk_exporter.family import Family, gauge

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "fixtures"))
import standin_gpu

ROOT = Path(__file__).parents[1]

FIVE = ("cpu", "loadavg", "meminfo", "filesystem", "netdev")
GPUS, NVLINKS = 8, 18  # as on a board of H100
OURS_FIVE, OURS_ALL, OURS_GPUS = "Mixdesk, five collectors", "Mixdesk, default", f"Mixdesk, {GPUS} GPUs and the host"
THEIRS_FIVE, THEIRS_ALL = "node_exporter, five collectors", "node_exporter, default"
NVITOP = f"nvitop-exporter, {GPUS} GPUs and the host"

Command = Callable[[int], Sequence[str]]


def servers(stack: ExitStack, node: str | None, gpu_env: dict[str, str]) -> dict[str, Server]:
    """All that are there, started, by name."""
    plain = {key: value for key, value in os.environ.items() if not key.startswith("MIXDESK")}
    mixdesk = [sys.executable, "-m", "mixdesk_exporter"]
    found: list[tuple[str, Command, dict[str, str]]] = [
        (OURS_FIVE, lambda port: [*mixdesk, "--port", str(port), "--collectors", ",".join(FIVE)], plain),
        (OURS_ALL, lambda port: [*mixdesk, "--port", str(port)], plain),
        (OURS_GPUS, lambda port: [*mixdesk, "--port", str(port)], gpu_env),
    ]
    if node:
        only = ["--collector.disable-defaults", *(f"--collector.{name}" for name in FIVE)]
        found += [
            (THEIRS_FIVE, lambda port: [node, f"--web.listen-address=127.0.0.1:{port}", *only], plain),
            (THEIRS_ALL, lambda port: [node, f"--web.listen-address=127.0.0.1:{port}"], plain),
        ]
    nvitop = shutil.which("nvitop-exporter", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    if nvitop:
        found.append((NVITOP, lambda port: [nvitop, "--port", str(port)], gpu_env))
    return {item[0]: stack.enter_context(running(*item)) for item in found}


# -- measuring -------------------------------------------------------------------------------------------


def in_turns(all_servers: Sequence[Server], scrapes: int, rounds: int) -> None:
    """Back to back, one server after another, several rounds."""
    for _ in range(rounds):
        for server in all_servers:
            with alone(server, all_servers):
                one_round(server, scrapes)
    for server in all_servers:
        server.memory.append(server.rss_mb())


def one_round(server: Server, scrapes: int) -> None:
    """Latency and CPU time of so many."""
    client, latencies = Client(server.port), []
    client.scrape()
    if not server.memory:
        server.memory.append(server.rss_mb())
    before = server.cpu_s()
    for _ in range(scrapes):
        began = time.perf_counter()
        client.scrape()
        latencies.append(time.perf_counter() - began)
    server.latencies.append(latencies)
    server.cpu_per_1k.append((server.cpu_s() - before) / scrapes * 1000)
    client.close()


def once_a_second(all_servers: Sequence[Server], seconds: int) -> None:
    """Everything a server does in a second with one scrape in it, as CPU seconds a second."""
    clients = [Client(server.port) for server in all_servers]
    before = [server.cpu_s() for server in all_servers]
    began = time.monotonic()
    for second in range(seconds):
        for client in clients:
            client.scrape()
        time.sleep(max(began + second + 1 - time.monotonic(), 0.0))
    passed = time.monotonic() - began
    for server, client, cpu in zip(all_servers, clients, before, strict=True):
        server.steady.append((server.cpu_s() - cpu) / passed)
        client.close()


def soak(all_servers: Sequence[Server], scrapes: int) -> None:
    """Memory before and after many scrapes; how many series the last one has."""
    for server in all_servers:
        client = Client(server.port)
        for _ in range(scrapes):
            body = client.scrape()
        server.memory.append(server.rss_mb())
        text = gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body
        server.series = sum(1 for line in text.splitlines() if line and not line.startswith(b"#"))
        client.close()


# -- rendering -------------------------------------------------------------------------------------------


def rendering(series: int, rounds: int, seed: int) -> Iterator[Sequence[object]]:
    """The best of several full renders of so many series, in turns: all values are new each time."""
    rng, families, registry = random.Random(seed), 100, CollectorRegistry()
    names = [f"figure_{number}" for number in range(families)]
    keys = [(f"disk{number}", f"/mnt/data{number}") for number in range(series // families)]
    peers = [Gauge(name, "A figure.", ("device", "mountpoint"), registry=registry) for name in names]
    descriptors = [gauge(name, "A figure.", "device", "mountpoint") for name in names]
    best = dict.fromkeys(("text", "OpenMetrics", "their text", "their OpenMetrics"), float("inf"))
    for _ in range(rounds):
        values = [[_value(rng, number) for _ in keys] for number in range(families)]
        for peer, row in zip(peers, values, strict=True):
            for key, value in zip(keys, row, strict=True):
                peer.labels(*key).set(value)
        made = [Family(one, list(keys), list(row)) for one, row in zip(descriptors, values, strict=True)]  # type: ignore[arg-type]
        _time(best, "text", lambda made=made: render_as(made, TEXT))
        _time(best, "their text", lambda: generate_latest(registry))
        _time(best, "OpenMetrics", lambda made=made: render_as(made, OPENMETRICS))
        _time(best, "their OpenMetrics", lambda: generate_openmetrics(registry))
    for form in ("text", "OpenMetrics"):
        ours, theirs = best[form], best[f"their {form}"]
        yield f"render of {series:,} series, {form} / generate_latest", "1/15", ratio(ours, theirs)


def _value(rng: random.Random, number: int) -> float:
    """Of a host's series most are whole numbers: bytes, packets, counts; the others are seconds and shares."""
    return rng.randrange(10**9) if number % 3 else round(rng.random() * 1e5, 2)


def _time(best: dict[str, float], name: str, render: Callable[[], bytes]) -> None:
    began = time.perf_counter()
    render()
    best[name] = min(best[name], time.perf_counter() - began)


# -- telling ---------------------------------------------------------------------------------------------

HEADER = ("server", "series", "p50 ms", "p99 ms", "CPU s / 1,000", "CPU ms/s at 1 Hz", "RSS MB: first, turns, soak")


def rows(all_servers: Sequence[Server]) -> Iterator[Sequence[object]]:
    """The figures of each server."""
    for server in all_servers:
        yield (
            server.name,
            server.series or "",
            f"{percentile(server, 50) * 1e3:.3f}",
            f"{percentile(server, 99) * 1e3:.3f}",
            f"{median(server.cpu_per_1k):.3f}",
            f"{median(server.steady) * 1e3:.2f}",
            " / ".join(f"{memory:.1f}" for memory in server.memory),
        )


def percentile(server: Server, percent: int) -> float:
    """Of its latencies in seconds: the median of the rounds'."""
    return median(statistics.quantiles(round_, n=100)[percent - 1] for round_ in server.latencies)


def ratio(ours: float, theirs: float) -> str:
    """`1/20.5`."""
    return f"1/{theirs / ours:.1f}"


def verdicts(by_name: dict[str, Server]) -> Iterator[Sequence[object]]:
    """What is compared, what is wished, what it is."""
    five, all_ours, gpus = (by_name[name] for name in (OURS_FIVE, OURS_ALL, OURS_GPUS))
    if THEIRS_FIVE in by_name:
        peer, default = by_name[THEIRS_FIVE], by_name[THEIRS_ALL]
        yield "CPU at 1 Hz, five collectors / the same five", "1/3", ratio(median(five.steady), median(peer.steady))
        yield "CPU at 1 Hz, five collectors / default", "1/10", ratio(median(five.steady), median(default.steady))
        yield "CPU at 1 Hz, default / default", "", ratio(median(all_ours.steady), median(default.steady))
        yield "scrape p50, five / five", "1/10", ratio(percentile(five, 50), percentile(peer, 50))
        yield "scrape p99, five / five", "1/8", ratio(percentile(five, 99), percentile(peer, 99))
        cpu = ratio(median(five.cpu_per_1k), median(peer.cpu_per_1k))
        yield "CPU of 1,000 scrapes, five / five", "1/20", cpu
        yield "RSS after all scrapes, default - default, MB", "12", f"{all_ours.memory[-1] - default.memory[-1]:.1f}"
    if NVITOP in by_name:
        yield f"CPU at 1 Hz, {GPUS} GPUs / nvitop", "1/10", ratio(median(gpus.steady), median(by_name[NVITOP].steady))
    yield "growth of RSS in the soak, MB", "1", f"{all_ours.memory[-1] - all_ours.memory[1]:.2f}"
    yield "growth of RSS since the first scrape, MB", "", f"{all_ours.memory[-1] - all_ours.memory[0]:.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scrapes", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=30, help="of each round at one scrape a second")
    parser.add_argument("--soak", type=int, default=10_000, help="scrapes before memory is looked at again")
    parser.add_argument("--series", type=int, default=10_000, help="of the full render")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--node-exporter", default=node_exporter())
    given = parser.parse_args()
    print(machine.headline("prometheus-client"), f"seed {given.seed}", sep="; ")
    pin()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        stand_in = standin_gpu.StandIn(Path(folder) / "gpus", standin_gpu.build(Path(folder)))
        stand_in.set("gpus", GPUS)
        stand_in.set("nvlinks", NVLINKS)
        for gpu in range(GPUS):
            stand_in.add("process", gpu, os.getpid(), 1 << 30)
        started = servers(stack, given.node_exporter, stand_in.env)
        in_turns(list(started.values()), given.scrapes, given.rounds)
        for _ in range(given.rounds):
            once_a_second(list(started.values()), given.seconds)
        soak(list(started.values()), given.soak)
        print(machine.table(HEADER, rows(list(started.values()))), end="\n\n")
    ratios = [*verdicts(started), *rendering(given.series, 15, given.seed)]
    print(machine.table(("Mixdesk / peer", "at most", "is"), ratios))
    print(f"load {machine.load()} at the end")


def node_exporter() -> str | None:
    """The newest there is."""
    unpacked = sorted(ROOT.glob(".tools/*/usr/bin/prometheus-node-exporter"))
    return str(unpacked[-1]) if unpacked else shutil.which("node_exporter") or shutil.which("prometheus-node-exporter")


if __name__ == "__main__":
    main()
