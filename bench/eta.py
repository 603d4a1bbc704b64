"""How true the progress is: short runs of the voice example in many sizes, and what a reader is told meanwhile.

Each run is a process of its own with a fresh folder, so that nothing is cached. A real desk learns from one run to the
next; a reader asks it several times a second. `--record` keeps all that was sent and said in a file; `--replay` has the
desk's own code say it anew from such a file, in the times of the recording.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import requests
from shared import desk as desks
from shared import estimates, machine, taps

from mixdesk import wire

LEARNING = 3  # runs that only teach
PATIENCE_S = 15.0  # after the end of a trainer, for the desk to know
CLIPS, EPOCHS = (70, 100, 140, 200), (3, 4, 6, 8)
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # numpy's; torch's are one by default there
Run = dict[str, Any]


def main() -> None:
    """Runs, or replays, and prints the table."""
    asked = parsed()
    print(f"{machine.headline('torch', 'mixdesk')} before", flush=True)
    if asked.replay is not None:
        runs = asyncio.run(taps.replayed(json.loads(asked.replay.read_text())))
    else:
        runs = measured(asked)
        if asked.record is not None:
            asked.record.write_text(json.dumps(runs))
    print(machine.table(estimates.HEADER, estimates.rows(runs, LEARNING)))
    durations = [run["duration"] for run in runs[LEARNING:]]
    print(
        f"\n{len(durations)} runs of {min(durations):.1f} to {max(durations):.1f} s after {LEARNING} that only taught; "
        f"load {machine.load()} after"
    )


def parsed() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--runs", type=int, default=42)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--hertz", type=float, default=8.0, help="how often the reader asks")
    parser.add_argument("--record", type=Path, metavar="FILE")
    parser.add_argument("--replay", type=Path, metavar="FILE")
    asked = parser.parse_args()
    if asked.replay is None and asked.runs <= LEARNING:
        parser.error(f"--runs must be more than {LEARNING}")
    return asked


def measured(asked: argparse.Namespace) -> list[Run]:
    """All runs, one after another, against one desk."""
    chance = random.Random(asked.seed)
    with desks.running() as desk, taps.tapped(desk.port, wanted=asked.record is not None) as tap:
        return [one(desk, tap, number, size, asked.hertz) for number, size in enumerate(sizes(chance, asked.runs))]


def sizes(chance: random.Random, count: int) -> Iterator[tuple[int, int]]:
    """Clips and epochs of each run."""
    for _ in range(count):
        yield chance.choice(CLIPS), chance.choice(EPOCHS)


def one(desk: desks.Desk, tap: taps.Tap, number: int, size: tuple[int, int], hertz: float) -> Run:
    """One run, from the start of its process to its end."""
    name, (clips, epochs) = f"eta-{number}", size
    tap.reports.clear()
    with tempfile.TemporaryDirectory(prefix="mixdesk-eta-") as out:
        command = [sys.executable, "-m", "mixdesk_voice", "--out", out, "--name", name, "--seed", str(number)]
        command += ["--clips", str(clips), "--epochs", str(epochs), "--batch-size", "8"]
        env = desk.env | ONE_THREAD | {"MIXDESK_URL": tap.url, "MIXDESK_TOKEN": desk.tokens["reporter"]}
        trainer = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        said = list(asking(desk, trainer, name, 1.0 / hertz))
        output = trainer.communicate()[0]
    if trainer.returncode or not said or not said[-1][1]["completed_at"]:
        raise RuntimeError(output.decode(errors="replace"))
    last = said[-1][1]
    started, ended = wire.seconds_of(last["started_at"]), wire.seconds_of(last["completed_at"])
    samples = [sample(at, job, started) for at, job in said if started <= at <= ended]
    return {
        "duration": ended - started, "started": started, "clips": clips, "epochs": epochs,
        "samples": samples, "reports": list(tap.reports),
    }  # fmt: skip


def asking(
    desk: desks.Desk, trainer: subprocess.Popen[bytes], name: str, every_s: float
) -> Iterator[tuple[float, dict[str, Any]]]:
    """What a reader sees of the job, again and again, and once after its end."""
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {desk.tokens['viewer']}"
    url, patience = f"http://127.0.0.1:{desk.port}/jobs", int(PATIENCE_S / every_s)
    while patience:
        over = trainer.poll() is not None
        patience -= over
        items = session.get(url, params={"name": name}, timeout=10).json()["items"]
        if items:
            yield time.time(), items[0]
        if over and items and items[0]["status"] in wire.FINAL_STATUSES:
            return
        time.sleep(every_s)


def sample(at: float, job: dict[str, Any], started: float) -> estimates.Sample:
    """What of it is scored: an ETA counts down since it was said."""
    age = max(at - wire.seconds_of(job["last_report_at"]), 0.0)
    left = {name: job[f"eta_{key}seconds"] for name, key in (("eta", ""), ("low", "low_"), ("high", "high_"))}
    training = next(phase for phase in job["phases"] if phase["key"] == estimates.WEIGHED_PHASE)
    counted = {name: None if value is None else max(value - age, 0.0) for name, value in left.items()}
    loop = [training["done"], training["total"]] if training["state"] == "running" else None
    return {"at": at - started, "percent": job["progress_percent"], "loop": loop, **counted}


if __name__ == "__main__":
    main()
