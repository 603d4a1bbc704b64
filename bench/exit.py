"""How much later a process ends for its desk and its collector. `python bench/exit.py [--rounds 5]`

A process runs one job for a while, so that a report and a long poll are under way, then ends: by the end of the block,
or by job.finish() and os._exit. What is measured is from there until the parent sees it gone; the seconds beyond the
median without any desk are printed, the worst of all rounds. Each desk is tried alone and with an OTLP endpoint that
takes connections and never answers. As a peer: OpenTelemetry's own BatchSpanProcessor at the same endpoint.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable

from shared import desks, machine

ALL = {**desks.DESKS, **desks.WORSE}
BLOCK, FINISH, PEER = "end of the block", "`finish`, `os._exit`", "peer"
UNDER_WAY_S = 1.5


def child(way: str) -> None:
    """The process that is measured: prints when it begins to end (monotonic seconds, shared by all processes)."""
    if way == PEER:
        peer()
        return
    import mixdesk

    with mixdesk.job("bench", name="exit", weights={"training": 100}) as job:
        for _ in job.track("training", range(int(UNDER_WAY_S / 0.01))):
            time.sleep(0.01)
        print(time.monotonic(), flush=True)
        if way == FINISH:
            job.finish("succeeded")
            os._exit(0)


def peer() -> None:
    """One span through the SDK as its documentation sets it up."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    with provider.get_tracer("bench").start_as_current_span("training"):
        time.sleep(UNDER_WAY_S)
    print(time.monotonic(), flush=True)


def seconds_of(way: str, found: desks.Found | None, collector: str | None) -> float:
    """From the beginning of the end until the process is gone."""
    with tempfile.TemporaryDirectory() as folder:
        env = desks.env_beside(found, folder)
        if collector is not None:
            env["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector
        command = [sys.executable, __file__, "--child", way]
        with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as done:
            assert done.stdout is not None
            began = float(done.stdout.readline())
            done.wait()
            return time.monotonic() - began


def added(name: str, desk: desks.Desk, collector: str, rounds: int, base: dict[str, float]) -> list[str]:
    """The worst seconds beyond those without a desk: both ways, then both with a collector that hangs."""
    cells = []
    with desk() as found:
        for endpoint in (None, collector):
            for way in (BLOCK, FINISH):
                taken = [seconds_of(way, found, endpoint) for _ in range(rounds)]
                cells.append(f"{max(taken) - base[way]:.2f}")
    return [name, *cells]


def table(names: Iterable[str], rounds: int) -> str:
    base = {way: statistics.median(seconds_of(way, None, None) for _ in range(rounds)) for way in (BLOCK, FINISH)}
    header = ["seconds later, worst", BLOCK, FINISH, f"{BLOCK}, collector hangs", f"{FINISH}, collector hangs"]
    with desks.hanging() as collector:
        rows = [added(name, ALL[name], collector.url, rounds, base) for name in names]
        peers = max(seconds_of(PEER, None, collector.url) for _ in range(min(rounds, 2)))
        rows.append(["BatchSpanProcessor of opentelemetry-sdk", "", "", f"{peers - base[BLOCK]:.2f}", ""])
    return machine.table(header, rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--desks", nargs="*", default=list(ALL), choices=list(ALL), help="only these")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.child:
        child(chosen.child)
        return
    print(f"{chosen.rounds} rounds. {machine.headline('opentelemetry-sdk')}\n", flush=True)
    print(table(chosen.desks, chosen.rounds))
    print(f"\nload after: {machine.load()}")


if __name__ == "__main__":
    main()
