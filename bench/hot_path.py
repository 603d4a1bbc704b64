"""What a step costs: epoch.steps() beside a bare `for` and tqdm. `python bench/hot_path.py [--steps 1000000]`

The loops take turns, so that the machine's load falls on all alike; nothing is done in a step. `loop` is the CPU
time of the loop's own thread in the best round, `all` that of the whole process over all rounds, with the threads
that talk to the desk. Each desk is another process: none, a real one, one that takes connections and never
answers, and a port where nobody listens.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

BARE, TQDM = "bare for", "tqdm"
START_S = 60.0

Clock = dict[str, list[float]]  # for each loop: CPU seconds of its thread and of the process, a pair a round


@contextlib.contextmanager
def desk_away() -> Iterator[str | None]:
    yield None


@contextlib.contextmanager
def desk_hanging() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


@contextlib.contextmanager
def desk_refusing() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    yield f"http://127.0.0.1:{port}"


@contextlib.contextmanager
def desk_real() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "mixdesk_control.cli", "up", "--port", "0"]
        env = clean_env() | {"MIXDESK_STATE_DIR": folder}
        desk = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, cwd=folder)
        try:
            yield f"{url_of(Path(folder), desk)} {(Path(folder) / 'tokens' / 'reporter').read_text().strip()}"
        finally:
            desk.terminate()
            desk.wait(20)


def url_of(folder: Path, desk: subprocess.Popen[bytes]) -> str:
    """Where the desk of this state folder answers, once it does."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and desk.poll() is None:
        with contextlib.suppress(OSError, ValueError):
            return str(json.loads((folder / "desk.json").read_text())["url"])
        time.sleep(0.1)
    raise SystemExit("the desk did not start")


DESKS: dict[str, Callable[[], contextlib.AbstractContextManager[str | None]]] = {
    "no desk": desk_away,
    "a desk": desk_real,
    "a desk that hangs": desk_hanging,
    "a desk that is gone": desk_refusing,
}


def clean_env() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("MIXDESK_", "OTEL_"))}


def measured(found: str | None, steps: int, rounds: int) -> Clock:
    """The figures of one desk, from a process of its own; `found` is its address and perhaps a token."""
    url, _, token = (found or "").partition(" ")
    with tempfile.TemporaryDirectory() as folder:
        env = clean_env() | {"MIXDESK_STATE_DIR": folder}
        if url:
            env |= {"MIXDESK_URL": url, "MIXDESK_TOKEN": token or "mxd_a_token_that_nobody_looks_at"}
        command = [sys.executable, __file__, "--child", "--steps", str(steps), "--rounds", str(rounds)]
        done = subprocess.run(command, env=env, check=True, capture_output=True, text=True)
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


def table(results: dict[str, Clock], steps: int) -> None:
    """Print nanoseconds a step over the bare loop, and how many times cheaper than tqdm."""
    print(f"| {'loop':<34} | loop ns | all ns | over bare, loop | of tqdm |")
    print(f"|{'-' * 36}|--------:|-------:|----------------:|--------:|")
    first = next(iter(results.values()))
    row(BARE, first, BARE, steps)
    for desk, clock in results.items():
        row(f"epoch.steps(), {desk}", clock, "steps", steps)
    if TQDM in first:
        row(TQDM, first, TQDM, steps)


def row(title: str, clock: Clock, name: str, steps: int) -> None:
    best = {key: min(seconds) / steps * 1e9 for key, seconds in clock.items()}
    everything = sum(clock[f"{name} all"]) / len(clock[name]) / steps * 1e9
    over = best[name] - best[BARE]
    share = f"{over / (best[TQDM] - best[BARE]):7.2f}" if TQDM in best and name != BARE else f"{'-':>7}"
    print(f"| {title:<34} | {best[name]:7.1f} | {everything:6.1f} | {over:15.1f} | {share} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=1_000_000, help="of each loop and round")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.child:
        print(json.dumps(child(chosen.steps, chosen.rounds)))
        return
    print(f"{chosen.rounds} rounds of {chosen.steps:,} steps, Python {platform.python_version()}, ", end="")
    print(f"{platform.machine()}, {os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}\n", flush=True)
    results = {}
    for name, desk in DESKS.items():
        with desk() as found:
            results[name] = measured(found, chosen.steps, chosen.rounds)
    table(results, chosen.steps)


if __name__ == "__main__":
    main()
