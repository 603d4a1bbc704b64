"""What a durable, verified checkpoint costs beside torch.save. `python bench/checkpoint.py [--mb 200] [--folder DIR]`

The ways take turns on the same state, each time under a new name in a new folder; the files are removed outside of
what is measured. torch.save alone is in no way durable and is there for the scale. Wall time is what a loop waits,
CPU time what it takes from it. Lightning's writes to its default temporary folder (TMPDIR), then moves.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch
from lightning.fabric.utilities.cloud_io import _atomic_save  # what its own save_checkpoint ends in
from shared import machine

from mixdesk.checkpoints import save_checkpoint

State = dict[str, torch.Tensor]
Taken = dict[str, list[tuple[float, float]]]  # for each way: wall and CPU seconds, a pair a round

TENSORS = 50


def plain(folder: Path, state: State) -> None:
    torch.save({"net": state}, folder / "anton.pth")


def durable(folder: Path, state: State) -> None:
    plain(folder, state)
    sync(folder / "anton.pth")
    sync(folder)


def verified(folder: Path, state: State) -> None:
    save_checkpoint(folder, {"net": state}, name="anton", version="0.5", epoch=1, step=100)


def lightning(folder: Path, state: State) -> None:
    _atomic_save({"net": state}, folder / "anton.pth")


def sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


DURABLE, ATOMIC = "`torch.save`, fsync of file and folder", "Lightning's atomic save, not durable"
WAYS: dict[str, Callable[[Path, State], None]] = {
    DURABLE: durable,
    "Mixdesk: durable, hashed, read back": verified,
    ATOMIC: lightning,
    "`torch.save`, not durable": plain,
}


def measure(state: State, rounds: int, folder: Path) -> Taken:
    """Every way in turns; the first round warms up and does not count."""
    taken: Taken = {name: [] for name in WAYS}
    for number in range(rounds + 1):
        for name, way in WAYS.items():
            with tempfile.TemporaryDirectory(prefix=".bench-", dir=folder) as here:
                wall, cpu = time.perf_counter(), time.process_time()
                way(Path(here), state)
                seconds = time.perf_counter() - wall, time.process_time() - cpu
            if number:
                taken[name].append(seconds)
    return taken


def rows_of(taken: Taken) -> list[list[str]]:
    """Seconds, and ratios to the durable save and to Lightning's: of medians, of the best rounds, of CPU time."""
    known = {name: figures(seconds) for name, seconds in taken.items()}
    rows = []
    for name, own in known.items():
        ratios = [own[0] / known[DURABLE][0], own[1] / known[DURABLE][1], own[2] / known[DURABLE][2]]
        ratios.append(own[0] / known[ATOMIC][0])
        rows.append([name, *(f"{value:.3f}" for value in own), *(f"{ratio:.2f}" for ratio in ratios)])
    return rows


def figures(seconds: list[tuple[float, float]]) -> tuple[float, float, float]:
    walls, cpus = zip(*seconds, strict=True)
    return statistics.median(walls), min(walls), statistics.median(cpus)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mb", type=int, default=200, help="size of the state in MiB")
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--folder", type=Path, default=Path.cwd(), help="where to write, on the disk to measure")
    chosen = parser.parse_args()
    torch.manual_seed(1)
    numbers = chosen.mb * 2**20 // 4 // TENSORS
    state = {f"layer{number}.weight": torch.randn(numbers) for number in range(TENSORS)}
    print(f"{chosen.mb} MiB in {TENSORS} tensors, {chosen.rounds} rounds", end=". ")
    print(f"{machine.headline('torch', 'lightning')}\n", flush=True)
    header = ["way", "median s", "best s", "CPU s", "median, of durable", "best", "CPU", "median, of Lightning"]
    print(machine.table(header, rows_of(measure(state, chosen.rounds, chosen.folder))))
    print(f"\nRead back: the whole file, hashed, from the page cache. Load after: {machine.load()}")


if __name__ == "__main__":
    main()
