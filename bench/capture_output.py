"""What `capture_output` costs a loop that prints: `python bench/capture_output.py`. Ratios count, not seconds."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

LINES, ROUNDS = 100_000, 3
CODE = """
import sys, time, mixdesk
job = mixdesk.job("t", weights={{"a": 1}}, capture_output={capture}).start()
began, used = time.perf_counter(), time.process_time()
for i in range({lines}):
    print("epoch 3 step", i, "loss 0.123456 lr 1e-4 grad 0.98765 it/s 12.3", flush={flush})
sys.stdout.flush()
wall, cpu = time.perf_counter() - began, time.process_time() - used
print(wall / {lines} * 1e6, cpu / {lines} * 1e6, file=sys.stderr)
job.close()
"""


def measure(target: str, *, capture: bool, flush: bool) -> tuple[float, float]:
    """Microseconds a line: passed, and of the trainer's own CPU."""
    code = CODE.format(capture=capture, lines=LINES, flush=flush)
    with tempfile.TemporaryDirectory() as folder:
        env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        env["MIXDESK_STATE_DIR"] = folder
        with Path(os.devnull if target == "null" else f"{folder}/out").open("wb") as out:
            reader = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=out) if target == "pipe" else None
            stdout = out if reader is None else reader.stdin
            done = subprocess.run(
                [sys.executable, "-c", code], env=env, stdout=stdout, stderr=subprocess.PIPE, text=True, check=True
            )
            if reader is not None:
                assert reader.stdin is not None
                reader.stdin.close()
                reader.wait()
    wall, cpu = map(float, done.stderr.splitlines()[-1].split())
    return wall, cpu


def main() -> None:
    print(f"{'stdout is':<12}{'flush':<8}{'without µs':>12}{'with µs':>10}{'CPU without':>14}{'CPU with':>10}")
    for target in ("null", "file", "pipe"):
        for flush in (False, True):
            rows = [[measure(target, capture=capture, flush=flush) for capture in (False, True)] for _ in range(ROUNDS)]
            best = [[min(row[which][unit] for row in rows) for unit in (0, 1)] for which in (0, 1)]
            (wall, cpu), (wall_with, cpu_with) = best
            print(f"{target:<12}{flush!s:<8}{wall:>12.2f}{wall_with:>10.2f}{cpu:>14.2f}{cpu_with:>10.2f}")


if __name__ == "__main__":
    main()
