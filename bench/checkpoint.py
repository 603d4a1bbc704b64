"""What a durable, verified checkpoint costs beside torch.save. `python bench/checkpoint.py [--mb 200] [--folder DIR]`

The ways take turns on the same state, each time under a new name in a new folder; the files are removed outside of
what is measured. torch.save alone is in no way durable and is there for the scale. Wall time is what a loop waits,
CPU time what it takes from it.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch

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


def sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


DURABLE = "torch.save, fsync of file and folder"
WAYS: dict[str, Callable[[Path, State], None]] = {
    DURABLE: durable,
    "mixdesk: durable, hashed, read back": verified,
    "torch.save, not durable": plain,
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


def table(taken: Taken) -> None:
    """Print seconds and ratios to the durable save, of the medians and of the best rounds."""
    print(f"| {'way':<36} | median s | best s | CPU s | median ratio | best ratio | CPU ratio |")
    print(f"|{'-' * 38}|---------:|-------:|------:|-------------:|-----------:|----------:|")
    reference = figures(taken[DURABLE])
    for name, seconds in taken.items():
        median, best, cpu = figures(seconds)
        ratios = [own / other for own, other in zip((median, best, cpu), reference, strict=True)]
        print(f"| {name:<36} | {median:8.3f} | {best:6.3f} | {cpu:5.3f} ", end="")
        print(f"| {ratios[0]:12.2f} | {ratios[1]:10.2f} | {ratios[2]:9.2f} |")


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
    print(f"{chosen.mb} MiB in {TENSORS} tensors, {chosen.rounds} rounds, torch {torch.__version__}, ", end="")
    print(f"Python {platform.python_version()}, {os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}\n", flush=True)
    table(measure(state, chosen.rounds, chosen.folder))


if __name__ == "__main__":
    main()
