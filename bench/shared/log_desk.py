"""A real desk whose logs are looked at by viewers in another process, and written by this one."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from shared.desk import Desk
from shared.log_clients import line
from shared.scraping import CPUCLOCK_SCHED

CLIENTS = Path(__file__).with_name("log_clients.py")
SETTLE_S = 8.0
LATER_S = 60.0  # for what is still on its way when the last line is written


def desk_with(folder: Path, services: Mapping[str, Sequence[Path]]) -> Desk:
    """One that is not started yet, without meters, with these files as sources."""
    folder.mkdir(parents=True)
    config = folder / "mixdesk.toml"
    files = "".join(f"{name} = {json.dumps([str(path) for path in paths])}\n" for name, paths in services.items())
    config.write_text(f'[logs]\ncompose = []\ndocker = "/nonexistent.sock"\n[logs.services]\n{files}')
    return Desk(folder, ["--config", str(config), "--no-exporter"])


def cpu_s(desk: Desk) -> float:
    """CPU seconds of all its threads so far, to the nanosecond."""
    return time.clock_gettime((~desk.pid << 3) | CPUCLOCK_SCHED)


class Clients:
    """Viewers in a process of their own, until each has got so many lines or has been told of them."""

    def __init__(self, desk: Desk, paths: Sequence[str], lines: int, most_s: float, tail: Path | None = None) -> None:
        asked = {
            "port": desk.port,
            "token": desk.tokens["operator"],
            "paths": [f"/admin/logs/stream/{path}?lines=0" for path in paths],
            "lines": lines,
            "most_s": most_s,
            "timed": tail is not None,
            "tail": str(tail) if tail else None,
        }
        command = [sys.executable, str(CLIENTS), json.dumps(asked)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        if self._said() != "ready":
            raise RuntimeError("the viewers did not come to see anything")

    def result(self) -> dict[str, Any]:
        """What came of it; waits for the end."""
        found: dict[str, Any] = json.loads(self._said())
        self._process.wait()
        return found

    def end(self) -> None:
        """However far they are."""
        self._process.kill()
        self._process.communicate()

    def _said(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


@dataclass(frozen=True)
class Flooded:
    """written is lines of the source; delivered, skipped and astray (frames out of their place) are over all viewers.

    cpu_us of the desk for each delivered line; rate of the lines written a second; memory resident, in 10^6 bytes
    """

    viewers: int
    written: int
    delivered: int
    skipped: int
    astray: int
    frames: int
    cpu_us: float
    cores: float
    rate: float
    memory: float

    @property
    def missing(self) -> int:
        """Lines that nobody delivered or told of; less than none where some came twice."""
        return self.written * self.viewers - self.delivered - self.skipped


def flooded(desk: Desk, source: str, path: Path, viewers: int, rate: int, seconds: float) -> Flooded:
    """So many look at one source that is written at so many lines a second."""
    lines = int(rate * seconds)
    path.write_bytes(b"")
    clients = Clients(desk, [source] * viewers, lines, seconds + LATER_S)
    began, cpu = time.monotonic(), cpu_s(desk)
    with path.open("ab", buffering=0) as log:
        _write(log, rate, lines)
    wrote = time.monotonic() - began
    memory = desk.memory_mb()[0]
    found = clients.result()
    cpu, passed = cpu_s(desk) - cpu, time.monotonic() - began
    delivered, skipped, astray, frames = (sum(found[name]) for name in ("lines", "skipped", "astray", "frames"))
    per_line = cpu / max(delivered, 1) * 1e6
    return Flooded(viewers, lines, delivered, skipped, astray, frames, per_line, cpu / passed, lines / wrote, memory)


def _write(log: BinaryIO, rate: int, total: int) -> None:
    began, sent = time.monotonic(), 0
    while sent < total:
        due = min(int((time.monotonic() - began) * rate), total)
        if due > sent:
            log.write(b"".join([line(number) for number in range(sent, due)]))
            sent = due
        time.sleep(0.001)


def latencies(
    desk: Desk, source: str, path: Path, lines: int, every_s: float = 0.01
) -> tuple[list[float], list[float]]:
    """Milliseconds from each append until one viewer has the line, and until a reader of `tail -F` has it."""
    path.write_bytes(b"")
    clients = Clients(desk, [source], lines, lines * every_s + LATER_S, tail=path)
    with path.open("ab", buffering=0) as log:
        for number in range(lines):
            log.write(line(number))
            time.sleep(every_s)
    found = clients.result()
    return found["times"][0], found["tail"]


def new_file_s(service: str, path: Path, ask: Callable[[str], Any]) -> float:
    """Seconds until a file is listed that is written right after the desk has looked."""

    def listed() -> list[str]:
        return [source["id"] for source in ask(f"/admin/logs/sources/{service}")["items"]]

    time.sleep(1.1)  # its last look is too old now
    listed()
    began = time.monotonic()
    path.write_bytes(b"a line\n")
    while path.stem not in listed():
        time.sleep(0.02)
    return time.monotonic() - began


@contextmanager
def looked_at(desk: Desk, sources: Sequence[str]) -> Iterator[None]:
    """A viewer of each source meanwhile."""
    clients = Clients(desk, sources, 1, 3600.0)
    try:
        yield
    finally:
        clients.end()


@dataclass(frozen=True)
class Idle:
    """percent of a core, and proportional memory in 10^6 bytes."""

    percent: float
    memory: float


def idle(desks: Mapping[str, Desk], watched: str, sources: Sequence[str], seconds: float) -> dict[str, Idle]:
    """What each of the desks does in the same seconds, the one that is watched with a viewer of each source."""
    with ExitStack() as stack:
        stack.enter_context(looked_at(desks[watched], sources))
        time.sleep(SETTLE_S)
        began, before = time.monotonic(), {name: cpu_s(desk) for name, desk in desks.items()}
        time.sleep(seconds)
        passed = time.monotonic() - began
        return {
            name: Idle((cpu_s(desk) - before[name]) / passed * 100, desk.memory_mb()[1]) for name, desk in desks.items()
        }
