"""What single steps feel of a desk: 100,000 steps of 100 µs beside a bare loop. `python bench/steps.py [--rounds 4]`

A step is pure Python that never lets go of the interpreter: the worst case for whatever another thread does. The
loops take turns in one process (bare, job, job, bare, ...): in the turn of the bare loop no job is open and no thread
of this library runs. A round of a job is one job, with its first connection, its time-outs and its new attempts.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from array import array
from collections.abc import Iterable
from itertools import pairwise

from shared import desks, machine

STEP_S = 100e-6
QUANTILES = {"p50": 0.5, "p99": 0.99, "p99.9": 0.999, "p99.99": 0.9999, "max": 1.0}
BESIDE = {name: desk for name, desk in desks.DESKS.items() if name in ("a desk", "a desk that hangs")}

Figures = dict[str, dict[str, float]]  # for each loop: microseconds at each quantile


def busy(turns: int) -> int:
    """Pure Python that never lets go of the interpreter."""
    total = 0
    for number in range(turns):
        total += number & 3
    return total


def calibrated(turns: int = 1000, tries: int = 2000) -> int:
    """How many turns take STEP_S, of the quickest of many tries: what else runs meanwhile counts for nothing."""
    best = STEP_S
    for _ in range(tries):
        began = time.perf_counter()
        busy(turns)
        best = min(best, time.perf_counter() - began)
    return int(turns * STEP_S / best)


def run(steps: Iterable[int], turns: int, count: int) -> array[float]:
    """Seconds of each step, with what the iterator takes between two."""
    marks = array("d", bytes(8 * (count + 1)))
    marks[0] = time.perf_counter()
    for number in steps:
        busy(turns)
        marks[number + 1] = time.perf_counter()
    return array("d", (after - before for before, after in pairwise(marks)))


def with_job(turns: int, count: int) -> array[float]:
    import mixdesk

    with mixdesk.job("bench", name="steps", weights={"training": 100}, resume="never") as job:
        job.log(loss=0.5, lr=1e-4)
        for epoch in job.epochs("training", 1):
            taken = run(epoch.steps(range(count)), turns, count)
    return taken


def child(count: int, rounds: int) -> Figures:
    """Runs both loops in turns; the order changes from round to round."""
    turns = calibrated()
    run(range(count // 10), turns, count // 10)
    taken = {"bare": array("d"), "job": array("d")}
    for number in range(rounds):
        for name in ("bare", "job") if number % 2 == 0 else ("job", "bare"):
            taken[name] += run(range(count), turns, count) if name == "bare" else with_job(turns, count)
    return {name: quantiles(seconds) for name, seconds in taken.items()}


def quantiles(seconds: array[float]) -> dict[str, float]:
    """Microseconds at each quantile."""
    ordered = sorted(seconds)
    return {name: ordered[min(int(share * len(ordered)), len(ordered) - 1)] * 1e6 for name, share in QUANTILES.items()}


def measured(found: desks.Found | None, count: int, rounds: int) -> Figures:
    """The figures beside one desk, from a process of its own."""
    command = [sys.executable, __file__, "--child", "--steps", str(count), "--rounds", str(rounds)]
    with tempfile.TemporaryDirectory() as folder:
        env = desks.env_beside(found, folder)
        done = subprocess.run(command, env=env, check=True, stdout=subprocess.PIPE, text=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def rows_of(name: str, figures: Figures) -> list[list[str]]:
    bare, job = figures["bare"], figures["job"]
    ratio = [f"{job[quantile] / bare[quantile]:.3f}" for quantile in QUANTILES]
    return [
        ["bare loop", *(f"{value:.1f}" for value in bare.values())],
        [f"`epoch.steps()`, {name}", *(f"{value:.1f}" for value in job.values())],
        ["ratio", *ratio],
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=100_000, help="of each loop and round")
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.child:
        print(json.dumps(child(chosen.steps, chosen.rounds)))
        return
    print(
        f"{chosen.rounds} rounds of {chosen.steps:,} steps of {STEP_S * 1e6:.0f} µs. {machine.headline()}\n", flush=True
    )
    rows: list[list[str]] = []
    for name, desk in BESIDE.items():
        with desk() as found:
            rows += rows_of(name, measured(found, chosen.steps, chosen.rounds))
    print(machine.table(["microseconds a step", *QUANTILES], rows))
    print(f"\nload after: {machine.load()}")


if __name__ == "__main__":
    main()
