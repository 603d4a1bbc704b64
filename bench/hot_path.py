"""What a step costs: epoch.steps() beside a bare `for` and tqdm. `python bench/hot_path.py [--steps 1000000]`

The loops take turns, so that the machine's load falls on all alike; nothing is done in a step. `loop` is the CPU
time of the loop's own thread in the best round, `all` that of the whole process over all rounds, with the threads
that talk to the desk. Each desk is in another process: see desks.py.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from shared import desks, machine

BARE, TQDM = "bare for", "tqdm"

Clock = dict[str, list[float]]  # for each loop: CPU seconds of its thread and of the process, a pair a round


def measured(found: desks.Found | None, steps: int, rounds: int) -> Clock:
    """The figures beside one desk, from a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        env = desks.env_beside(found, folder)
        command = [sys.executable, __file__, "--child", "--steps", str(steps), "--rounds", str(rounds)]
        done = subprocess.run(command, env=env, check=True, stdout=subprocess.PIPE, text=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def child(steps: int, rounds: int) -> Clock:
    """Runs the loops in turns within one job."""
    import mixdesk

    clock: Clock = {}
    with mixdesk.job("bench", name="hot path", weights={"training": 100}, resume="never") as job:
        for epoch in job.epochs("training", rounds):
            take(clock, BARE, range(steps))
            take(clock, "steps", epoch.steps(range(steps)))
            with contextlib.suppress(ImportError):
                from tqdm import tqdm

                with Path(os.devnull).open("w") as nowhere:
                    take(clock, TQDM, tqdm(range(steps), file=nowhere))
    return clock


def take(clock: Clock, name: str, loop: Any) -> None:
    """One round of a loop with nothing in it."""
    thread, process = time.thread_time(), time.process_time()
    for _ in loop:
        pass
    clock.setdefault(name, []).append(time.thread_time() - thread)
    clock.setdefault(f"{name} all", []).append(time.process_time() - process)


def rows_of(results: dict[str, Clock], steps: int) -> list[list[str]]:
    """Nanoseconds a step, those over the bare loop, and their share of tqdm's."""
    first = next(iter(results.values()))
    rows = [row(BARE, first, BARE, steps)]
    rows += [row(f"`epoch.steps()`, {desk}", clock, "steps", steps) for desk, clock in results.items()]
    return [*rows, row(TQDM, first, TQDM, steps)] if TQDM in first else rows


def row(title: str, clock: Clock, name: str, steps: int) -> list[str]:
    best = {key: min(seconds) / steps * 1e9 for key, seconds in clock.items()}
    everything = sum(clock[f"{name} all"]) / len(clock[name]) / steps * 1e9
    over = best[name] - best[BARE]
    share = f"{over / (best[TQDM] - best[BARE]):.2f}" if TQDM in best and name != BARE else ""
    return [title, f"{best[name]:.1f}", f"{everything:.1f}", f"{over:.1f}", share]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=1_000_000, help="of each loop and round")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.child:
        print(json.dumps(child(chosen.steps, chosen.rounds)))
        return
    print(f"{chosen.rounds} rounds of {chosen.steps:,} steps. {machine.headline('tqdm')}\n", flush=True)
    results = {}
    for name, desk in desks.DESKS.items():
        with desk() as found:
            results[name] = measured(found, chosen.steps, chosen.rounds)
    header = ["CPU of a step", "loop ns", "all ns", "over bare, loop", "of tqdm"]
    print(machine.table(header, rows_of(results, chosen.steps)))
    print(f"\nload after: {machine.load()}")


if __name__ == "__main__":
    main()
