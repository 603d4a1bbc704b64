"""A real desk for benchmarks: `mixdesk up` in a process of its own, SQLite on disk, tokens on, and what it costs."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
ROLES = ("admin", "operator", "viewer", "reporter", "scraper")


class Desk:
    """One desk on a port and a state folder of its own; `options` are further ones of `mixdesk up`."""

    def __init__(self, folder: Path, options: Sequence[str] = ()) -> None:
        self.options = options
        self.state = folder / "state"
        self.log = folder / "desk.log"
        self.port = free_port()
        self.tokens: dict[str, str] = {}
        self.process: subprocess.Popen[bytes] | None = None
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("MIXDESK", "OTEL"))}
        self.env = kept | {"MIXDESK_STATE_DIR": str(self.state), "PYTHONUNBUFFERED": "1"}

    def start(self) -> None:
        """Starts it and waits until it answers."""
        self.launch()
        while not self.answers():
            time.sleep(0.02)
        self.tokens = {role: (self.state / "tokens" / role).read_text().strip() for role in ROLES}

    def launch(self) -> None:
        """Starts it without waiting."""
        mixdesk = str(Path(sys.executable).with_name("mixdesk"))
        with self.log.open("ab") as log:
            command = [mixdesk, "up", "--port", str(self.port), *self.options]
            self.process = subprocess.Popen(command, env=self.env, stdout=log, stderr=log, start_new_session=True)

    def answers(self) -> bool:
        """Whether it is up. Raises RuntimeError where it has ended."""
        if self.process is not None and self.process.poll() is not None:
            raise RuntimeError(self.log.read_text()[-3000:])
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    @property
    def pid(self) -> int:
        """Of the process that runs now."""
        assert self.process is not None
        return self.process.pid

    def cpu_s(self) -> float:
        """CPU seconds of the process so far, user and system."""
        return cpu_of(self.pid)

    def memory_mb(self) -> tuple[float, float]:
        """Resident and proportional set size, in 10^6 bytes."""
        return memory_of(self.pid)

    def peak_mb(self) -> float:
        """The largest resident set so far, in 10^6 bytes."""
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024 / 1e6

    def kill(self) -> None:
        """SIGKILL, waited for."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()

    def stop(self) -> None:
        """An orderly stop."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(30)


class Manager:
    """What a service manager does: brings the desk back as soon as it is gone."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._ends.is_set():
            process = self._desk.process
            if process is not None and process.poll() is not None:
                self._desk.launch()
            self._ends.wait(0.01)

    def end(self) -> None:
        """From here on the desk stays as it is."""
        self._ends.set()
        self._thread.join()


@contextlib.contextmanager
def running() -> Iterator[Desk]:
    """A desk that has started, in a temporary folder on disk."""
    folder = Path(tempfile.mkdtemp(prefix="mixdesk-bench-"))
    desk = Desk(folder)
    try:
        desk.start()
        yield desk
    finally:
        desk.stop()
        shutil.rmtree(folder, ignore_errors=True)


def cpu_of(pid: int) -> float:
    """CPU seconds of a process so far, user and system."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory_of(pid: int) -> tuple[float, float]:
    """Resident and proportional set size of a process, in 10^6 bytes."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    sizes = {line.split(":")[0]: int(line.split()[1]) for line in lines if line.startswith(("Rss:", "Pss:"))}
    return sizes["Rss"] * 1024 / 1e6, sizes["Pss"] * 1024 / 1e6


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def fsync_ms(folder: Path, rounds: int = 50) -> tuple[float, float]:
    """The disk's own fsync of an appended 4 KiB, median and p99, in milliseconds."""
    times = []
    with (folder / "fsync.probe").open("wb") as file:
        for _ in range(rounds):
            file.write(b"x" * 4096)
            file.flush()
            began = time.perf_counter()
            os.fsync(file.fileno())
            times.append((time.perf_counter() - began) * 1e3)
    (folder / "fsync.probe").unlink()
    return quantile(times, 0.5), quantile(times, 0.99)


def quantile(values: list[float], part: float) -> float:
    """The smallest value that `part` of them do not exceed."""
    ordered = sorted(values)
    return ordered[min(int(part * len(ordered)), len(ordered) - 1)] if ordered else float("nan")


def spread(values: list[float]) -> list[str]:
    """Count, median, p99, p99.9 and worst of milliseconds, as cells of a table."""
    parts = [quantile(values, part) for part in (0.5, 0.99, 0.999, 1.0)]
    return [str(len(values)), *(f"{part:.1f}" for part in parts)]


SPREAD = ["count", "p50 ms", "p99 ms", "p99.9 ms", "worst ms"]
