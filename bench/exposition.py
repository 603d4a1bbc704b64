"""Rendering /metrics: ours against prometheus_client, in one run. `python bench/exposition.py [--series 10000]`

Thirty families as a desk publishes them (statuses, progress, counters, times, byte counts), the same series in
columns as the collectors make them, and all of them in one family. Values change before every render; series stay, as
they do between two scrapes. Times are the best of several renders, taken in turns, so that the machine's load falls
on all alike. Gaps are between the ticks of an event loop, 1 ms apart, while a thread beside it renders: the median
and the longest of the rounds; the row `nothing` is what the loop and the machine do by themselves.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import random
import statistics
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from operator import itemgetter

from prometheus_client import Metric
from prometheus_client.exposition import generate_latest as text_reference
from prometheus_client.openmetrics.exposition import generate_latest as openmetrics_reference
from shared import machine

from mixdesk_exporter.exposition import OPENMETRICS, TEXT, compressed, render_as, run_beside
from mixdesk_exporter.exposition.lines import Lines
from mixdesk_exporter.exposition.text import render as render_text
from mixdesk_exporter.family import Descriptor, Family, counter, gauge

KINDS: list[tuple[str, tuple[str, ...], Callable[[random.Random], float]]] = [
    ("gauge", ("job_id",), lambda rng: rng.random()),
    ("gauge", ("job_id", "status"), lambda rng: float(rng.randrange(2))),
    ("gauge", ("job_id", "job_type", "name", "host"), lambda _: 1.0),
    ("gauge", ("job_id", "phase"), lambda rng: round(rng.random(), 3)),
    ("counter", ("job_id",), lambda rng: float(rng.randrange(10**6))),
    ("gauge", ("job_id",), lambda rng: 1.7e9 + rng.random() * 1e6),
    ("gauge", ("job_id",), lambda rng: float(rng.randrange(10**9))),
    ("gauge", ("job_id", "metric"), lambda rng: rng.gauss(0, 1)),
]


class Registry:
    """What prometheus_client renders: something with collect()."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self.families = list(families)

    def collect(self) -> list[Metric]:
        return self.families


def desk(jobs: int, families: int, rng: random.Random) -> list[Metric]:
    """Families of a desk with so many jobs, one sample a job and family."""
    return [_family(number, jobs, rng) for number in range(families)]


def _family(number: int, jobs: int, rng: random.Random) -> Metric:
    kind, names, value = KINDS[number % len(KINDS)]
    family = Metric(f"mixdesk_job_figure_{number}", "A figure of a job.", kind)
    texts = {"status": "running", "job_type": "training_rvc", "name": "anton", "host": "box1", "phase": "training"}
    for job in range(jobs):
        labels = {"job_id": f"0193a8f0-1c2d-7e3f-8a4b-{job:012x}"}
        labels |= {name: texts.get(name, "loss") for name in names[1:]}
        family.add_sample(family.name + ("_total" if kind == "counter" else ""), labels, value(rng))
    return family


class Columns:
    """The same families as collectors make them, and all their rows as one family."""

    def __init__(self) -> None:
        self._known: dict[str, Descriptor] = {}
        self._large = gauge("mixdesk_large", "All series in one family.", "job_id", "n")

    def of(self, families: Iterable[Metric]) -> list[Family]:
        return [self._one(family) for family in families]

    def _one(self, family: Metric) -> Family:
        first = family.samples[0]
        names = sorted(first.labels)
        make = counter if family.type == "counter" else gauge
        kept = self._known.setdefault(first.name, make(first.name, family.documentation, *names))
        pick = itemgetter(*names)  # one text, or a tuple of several: a key of columns
        return kept.of((pick(sample.labels), sample.value) for sample in family.samples)

    def large(self, families: Iterable[Metric]) -> list[Family]:
        samples = [(sample, str(n)) for n, family in enumerate(families) for sample in family.samples]
        return [self._large.of(((sample.labels["job_id"], n), sample.value) for sample, n in samples)]


class Shapes:
    """One snapshot in the three shapes."""

    def __init__(self, families: list[Metric], columns: Columns) -> None:
        self.metrics = families
        self.columns = columns.of(families)
        self.large = columns.large(families)


Render = Callable[[Shapes], object]


def best_of(renderers: dict[str, Render], snapshots: list[Shapes]) -> dict[str, float]:
    """The best time of each renderer in seconds, over all snapshots, in turns."""
    best = dict.fromkeys(renderers, float("inf"))
    for shapes in snapshots:
        for name, render in renderers.items():
            began = time.perf_counter()
            render(shapes)
            best[name] = min(best[name], time.perf_counter() - began)
    return best


def gaps_of(renderers: dict[str, Render], snapshots: list[Shapes]) -> dict[str, list[float]]:
    """The longest gap of each round in seconds, by renderer, in turns."""
    gaps: dict[str, list[float]] = {name: [] for name in renderers}
    with ThreadPoolExecutor(1) as pool:
        for shapes in snapshots:
            for name, render in renderers.items():
                gaps[name].append(asyncio.run(_gap(pool, render, shapes, gives_way="prometheus_client" not in name)))
    return gaps


async def _gap(pool: ThreadPoolExecutor, render: Render, shapes: Shapes, *, gives_way: bool) -> float:
    def work() -> object:
        return render(shapes)

    last, longest = time.perf_counter(), 0.0
    made = run_beside(pool, work) if gives_way else asyncio.get_running_loop().run_in_executor(pool, work)
    while not made.done():
        await asyncio.sleep(0.001)
        now = time.perf_counter()
        longest, last = max(longest, now - last), now
    return longest


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--series", type=int, default=10_000)
    parser.add_argument("--families", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    rng, columns = random.Random(chosen.seed), Columns()
    jobs = max(chosen.series // chosen.families, 1)
    snapshots = [Shapes(desk(jobs, chosen.families, rng), columns) for _ in range(chosen.rounds)]
    for shapes in snapshots[:2]:
        assert render_as(shapes.metrics, TEXT) == text_reference(Registry(shapes.metrics))
        assert render_as(shapes.metrics, OPENMETRICS) == openmetrics_reference(Registry(shapes.metrics))
    print(machine.headline("prometheus_client"))
    print(f"{jobs * chosen.families} series in {chosen.families} families, seed {chosen.seed}\n")
    gc.collect()
    gc.freeze()  # as the exporter does: what stands is not looked through again
    print(table(best_of(RENDERERS, snapshots), gaps_of(STALLS, snapshots), jobs * chosen.families))
    print(f"\nload at the end {machine.load()}")


RENDERERS: dict[str, Render] = {
    "text 0.0.4, prometheus_client": lambda shapes: text_reference(Registry(shapes.metrics)),
    "text 0.0.4, mixdesk": lambda shapes: render_as(shapes.metrics, TEXT),
    "text 0.0.4, mixdesk, nothing remembered": lambda shapes: render_text(shapes.metrics, Lines()),
    "text 0.0.4, mixdesk, and gzip": lambda shapes: compressed(render_as(shapes.metrics, TEXT)),
    "text 0.0.4, mixdesk, columns": lambda shapes: render_as(shapes.columns, TEXT),
    "text 0.0.4, mixdesk, one family, and gzip": lambda shapes: compressed(render_as(shapes.large, TEXT)),
    "OpenMetrics 1.0, prometheus_client": lambda shapes: openmetrics_reference(Registry(shapes.metrics)),
    "OpenMetrics 1.0, mixdesk": lambda shapes: render_as(shapes.metrics, OPENMETRICS),
    "OpenMetrics 1.0, mixdesk, and gzip": lambda shapes: compressed(render_as(shapes.metrics, OPENMETRICS)),
    "OpenMetrics 1.0, mixdesk, columns": lambda shapes: render_as(shapes.columns, OPENMETRICS),
    "OpenMetrics 1.0, mixdesk, one family, and gzip": lambda shapes: compressed(render_as(shapes.large, OPENMETRICS)),
}

STALLS: dict[str, Render] = {"nothing": lambda _: time.sleep(0.02), **RENDERERS}


def table(best: dict[str, float], gaps: dict[str, list[float]], series: int) -> str:
    """What each took, how many times faster than prometheus_client it is, and how long an event loop waited."""
    header = ["renderer", "ms", "µs a series", "times faster", "gap, median ms", "gap, longest ms"]
    rows = []
    for name, found in gaps.items():
        figures = ["", "", ""]
        if name in best:
            reference = best[f"{name.partition(',')[0]}, prometheus_client"]
            seconds = best[name]
            figures = [f"{seconds * 1e3:.2f}", f"{seconds / series * 1e6:.2f}", f"{reference / seconds:.1f}"]
        rows.append([name, *figures, f"{statistics.median(found) * 1e3:.1f}", f"{max(found) * 1e3:.1f}"])
    return machine.table(header, rows)


if __name__ == "__main__":
    main()
