"""How soon things are there: the desk, its memory at rest, the import of `mixdesk`, help. `python bench/startup.py`

Every start is a fresh process. The desk's is `mixdesk up` in a new state folder until /healthz answers; its memory the
proportional set size (PSS, smaps_rollup) half a minute later. The import is measured beside processes that import what
stands under it, in turns: `opentelemetry.trace`, which it loads itself, alone and with `requests`, which it does not.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from shared import desks, machine

MIXDESK = str(Path(sys.executable).with_name("mixdesk"))
UNDERS = ("import opentelemetry.trace", "import requests, opentelemetry.trace")
HEAVY = ("torch", "numpy", "fastapi", "requests", "sqlalchemy")
HELPS = ("--help", "jobs --help", "jobs checkpoint --help", "up --help")
DEADLINE_S = 60.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_healthy(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    with contextlib.closing(connection), contextlib.suppress(OSError):
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    return False


def desk_once(idle_s: float) -> tuple[float, float]:
    """Seconds until a new desk answers, and its PSS in MB after `idle_s` seconds."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        env = desks.clean_env() | {"MIXDESK_STATE_DIR": folder}
        began = time.monotonic()
        desk = subprocess.Popen([MIXDESK, "up", "--port", str(port)], env=env, cwd=folder, stdout=subprocess.DEVNULL)
        try:
            while not is_healthy(port):
                if desk.poll() is not None or time.monotonic() - began > DEADLINE_S:
                    raise SystemExit("the desk did not start")
                time.sleep(0.005)
            seconds = time.monotonic() - began
            time.sleep(idle_s)
            return seconds, pss_of(desk.pid)
        finally:
            desk.terminate()
            desk.wait(20)


def pss_of(pid: int) -> float:
    """Proportional set size in MB (1e6 bytes)."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) * 1024 / 1e6


def run(command: list[str]) -> tuple[float, float]:
    """Wall and CPU milliseconds of one process."""
    before, began = os.times(), time.perf_counter()
    subprocess.run(command, env=desks.clean_env(), check=True, stdout=subprocess.DEVNULL)
    wall, after = time.perf_counter() - began, os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return wall * 1e3, cpu * 1e3


def imports(rounds: int) -> list[list[str]]:
    """Wall and CPU of an import of what stands under `mixdesk`, of that and `mixdesk`, and the difference."""
    codes = [code for under in UNDERS for code in (under, f"{under}; import mixdesk")]
    taken: dict[str, list[tuple[float, float]]] = {code: [] for code in codes}
    for _ in range(rounds):
        for code in codes:
            taken[code].append(run([sys.executable, "-c", code]))
    rows = []
    for under in UNDERS:
        alone, whole = taken[under], taken[f"{under}; import mixdesk"]
        beyond = [(b[0] - a[0], b[1] - a[1]) for a, b in zip(alone, whole, strict=True)]
        rows += [[f"`{under}`", *_medians(alone)], ["with `import mixdesk`", *_medians(whole)]]
        rows.append(["`import mixdesk` beyond that", *_medians(beyond)])
    return rows


def _medians(pairs: list[tuple[float, float]]) -> list[str]:
    walls, cpus = zip(*pairs, strict=True)
    return [f"{statistics.median(walls):.0f}", f"{max(walls):.0f}", f"{statistics.median(cpus):.0f}"]


def loaded() -> str:
    """Which of the heavy packages `import mixdesk` brings along."""
    code = f"import sys, mixdesk; print(*[name for name in {HEAVY!r} if name in sys.modules])"
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.strip()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="starts of a desk; imports and helps four times as many")
    parser.add_argument("--idle-s", type=float, default=30.0, help="rest before the desk's memory is read")
    chosen = parser.parse_args()
    print(f"{chosen.rounds} starts. {machine.headline()}\n", flush=True)
    desk_once(0.0)  # what is measured is a warm installation
    starts, memory = zip(
        *(desk_once(chosen.idle_s if number == 0 else 0.0) for number in range(chosen.rounds)), strict=True
    )
    rows = [["seconds from `mixdesk up` to /healthz", f"{statistics.median(starts):.2f}", f"{max(starts):.2f}"]]
    print(machine.table(["desk", "median", "worst"], rows))
    print(f"\nPSS after {chosen.idle_s:.0f} s of rest: {memory[0]:.0f} MB\n", flush=True)
    rows = imports(4 * chosen.rounds)
    helps = {text: [run([MIXDESK, *text.split()]) for _ in range(2 * chosen.rounds)] for text in HELPS}
    rows += [[f"`mixdesk {text}`", *_medians(pairs)] for text, pairs in helps.items()]
    print(machine.table(["process", "median ms", "worst ms", "CPU ms"], rows))
    print(f"\nOf {', '.join(HEAVY)}, `import mixdesk` loads: {loaded() or 'none'}. Load after: {machine.load()}")


if __name__ == "__main__":
    main()
