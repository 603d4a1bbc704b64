"""Servers that are scraped: started, asked over one connection, and weighed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

CPUCLOCK_SCHED = 2  # linux/posix-timers.h: the CPU clock of a whole process, in nanoseconds, its ended threads too

SERVERS: set[int] = set()  # the processors that servers run on; all where there is only one


def pin() -> None:
    """The client on a processor of its own, where there are two: then neither waits for the other's."""
    there = sorted(os.sched_getaffinity(0))
    if len(there) > 1:
        SERVERS.update(there[:1])
        os.sched_setaffinity(0, there[1:])


@dataclass
class Server:
    """One exporter under test."""

    name: str
    process: subprocess.Popen[bytes]
    port: int
    latencies: list[list[float]] = field(default_factory=list)
    cpu_per_1k: list[float] = field(default_factory=list)
    steady: list[float] = field(default_factory=list)
    series: int = 0
    memory: list[float] = field(default_factory=list)

    def cpu_s(self) -> float:
        """CPU seconds since it began, all threads."""
        return time.clock_gettime((~self.process.pid << 3) | CPUCLOCK_SCHED)

    def rss_mb(self) -> float:
        """Resident memory."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024


@contextmanager
def alone(server: Server, others: Sequence[Server]) -> Iterator[None]:
    """The others stand still meanwhile: what they do by themselves would fall on this one."""
    still = [other.process for other in others if other is not server]
    for process in still:
        process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        for process in still:
            process.send_signal(signal.SIGCONT)


class Client:
    """A scraper: one connection, one request at a time."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._wire = self._connected()
        self._request = (
            f"GET /metrics HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: text/plain;version=0.0.4\r\n"
            "Accept-Encoding: gzip\r\n\r\n"
        ).encode()

    def _connected(self) -> socket.socket:
        wire = socket.create_connection(("127.0.0.1", self._port), timeout=60)
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return wire

    def scrape(self) -> bytes:
        """The body as it was sent; a server that closes after each answer is connected to anew."""
        try:
            self._wire.sendall(self._request)
            found = self._wire.recv(1 << 20)
        except OSError:
            found = b""
        if not found:
            self.close()
            self._wire = self._connected()
            self._wire.sendall(self._request)
        return self._answer(found)

    def _answer(self, found: bytes) -> bytes:
        while b"\r\n\r\n" not in found:
            found += self._more()
        head, _, body = found.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").lower().splitlines()
        length = next((int(line.split(":")[1]) for line in lines if line.startswith("content-length")), None)
        if length is not None:
            while len(body) < length:
                body += self._more()
            return body
        while not body.endswith(b"\r\n0\r\n\r\n"):
            body += self._more()
        return unchunked(body)

    def _more(self) -> bytes:
        part = self._wire.recv(1 << 20)
        if not part:
            raise ConnectionError("the server closed the connection")
        return part

    def close(self) -> None:
        """The connection ends."""
        self._wire.close()


def unchunked(body: bytes) -> bytes:
    """The content of a chunked body (RFC 9112, 7.1)."""
    content = b""
    while True:
        size, _, body = body.partition(b"\r\n")
        length = int(size, 16)
        if not length:
            return content
        content, body = content + body[:length], body[length + 2 :]


@contextmanager
def running(name: str, command: Callable[[int], Sequence[str]], env: dict[str, str]) -> Iterator[Server]:
    """A server that answers, until the end of the block."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    nowhere, place = subprocess.DEVNULL, (lambda: os.sched_setaffinity(0, SERVERS)) if SERVERS else None
    process = subprocess.Popen(command(port), env=env, stdout=nowhere, stderr=nowhere, preexec_fn=place)
    try:
        wait_for(port, process, name)
        yield Server(name, process, port)
    finally:
        process.kill()
        process.wait()


def wait_for(port: int, process: subprocess.Popen[bytes], name: str) -> None:
    for _ in range(600):
        if process.poll() is not None:
            raise SystemExit(f"{name} ended with {process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit(f"{name} does not answer")
