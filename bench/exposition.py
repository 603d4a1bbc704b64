"""Rendering /metrics: ours against prometheus_client, in one run. `python bench/exposition.py [--jobs 200]`

200 jobs x 30 families as a desk publishes them: statuses, progress, counters, times, byte counts. Values change
before every render; series stay, as they do between two scrapes. Each figure is the best of several renders,
taken in turns, so that the machine's load falls on both alike.
"""

from __future__ import annotations

import argparse
import platform
import random
import time
from collections.abc import Callable, Iterable

from prometheus_client import Metric
from prometheus_client.exposition import generate_latest as text_reference
from prometheus_client.openmetrics.exposition import generate_latest as openmetrics_reference

from mixdesk_exporter.exposition import OPENMETRICS, TEXT, compressed, render_as
from mixdesk_exporter.exposition.lines import Lines
from mixdesk_exporter.exposition.text import render as render_text

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


def best_of(renderers: dict[str, Callable[[list[Metric]], bytes]], snapshots: list[list[Metric]]) -> dict[str, float]:
    """The best time of each renderer in seconds, over all snapshots, in turns."""
    best = dict.fromkeys(renderers, float("inf"))
    for families in snapshots:
        for name, render in renderers.items():
            began = time.perf_counter()
            render(families)
            best[name] = min(best[name], time.perf_counter() - began)
    return best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=200)
    parser.add_argument("--families", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    rng = random.Random(chosen.seed)
    snapshots = [desk(chosen.jobs, chosen.families, rng) for _ in range(chosen.rounds)]
    for families in snapshots[:2]:
        assert render_as(families, TEXT) == text_reference(Registry(families))
        assert render_as(families, OPENMETRICS) == openmetrics_reference(Registry(families))
    samples = sum(len(family.samples) for family in snapshots[0])
    print(f"{chosen.jobs} jobs x {chosen.families} families = {samples} samples, seed {chosen.seed}, ", end="")
    print(f"Python {platform.python_version()}, {platform.machine()}\n")
    table(best_of(RENDERERS, snapshots), samples)


RENDERERS: dict[str, Callable[[list[Metric]], bytes]] = {
    "text 0.0.4, prometheus_client": lambda families: text_reference(Registry(families)),
    "text 0.0.4, mixdesk": lambda families: render_as(families, TEXT),
    "text 0.0.4, mixdesk, nothing remembered": lambda families: render_text(families, Lines()),
    "text 0.0.4, mixdesk, and gzip": lambda families: compressed(render_as(families, TEXT)),
    "OpenMetrics 1.0, prometheus_client": lambda families: openmetrics_reference(Registry(families)),
    "OpenMetrics 1.0, mixdesk": lambda families: render_as(families, OPENMETRICS),
}


def table(best: dict[str, float], samples: int) -> None:
    """Print what each took, and how many times faster than prometheus_client it is."""
    print(f"| {'renderer':<39} |     ms | µs a sample | times faster |")
    print(f"|{'-' * 41}|-------:|------------:|-------------:|")
    for name, seconds in best.items():
        reference = best[f"{name.partition(',')[0]}, prometheus_client"]
        figures = f"{seconds * 1e3:6.2f} | {seconds / samples * 1e6:11.2f} | {reference / seconds:12.1f}"
        print(f"| {name:<39} | {figures} |")


if __name__ == "__main__":
    main()
