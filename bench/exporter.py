"""The exporter beside node_exporter and nvitop-exporter, in one run. `python bench/exporter.py [--scrapes 1000]`

Every server answers the same client in turns: gzip, keep-alive, whole answers. Then all are scraped once a second,
which also counts what they do between scrapes. node_exporter is taken from --node-exporter or the PATH, nvitop-exporter
from the PATH; what is not there has no row. GPUs are those of the tests' stand-in for NVML, so that figures of the GPU
rows are of the exporters alone, without a driver's own time.
"""

from __future__ import annotations

import argparse
import gzip
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from shared import machine

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "fixtures"))
import standin_gpu

FIVE = ("cpu", "loadavg", "meminfo", "filesystem", "netdev")
TICK_S = 1.0 / os.sysconf("SC_CLK_TCK")
GPUS = 8


@dataclass
class Server:
    """One exporter under test."""

    name: str
    process: subprocess.Popen[bytes]
    port: int
    latencies: list[float] = field(default_factory=list)
    cpu_per_1k: list[float] = field(default_factory=list)
    steady: float = 0.0
    series: int = 0
    memory: tuple[float, float] = (0.0, 0.0)

    def cpu_s(self) -> float:
        """CPU seconds since it began, all threads."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) * TICK_S

    def rss_mb(self) -> float:
        """Resident memory."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024


class Client:
    """A scraper: one connection, one request at a time."""

    def __init__(self, port: int) -> None:
        self._wire = socket.create_connection(("127.0.0.1", port), timeout=60)
        self._wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._request = (
            f"GET /metrics HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: text/plain;version=0.0.4\r\n"
            "Accept-Encoding: gzip\r\n\r\n"
        ).encode()

    def scrape(self) -> bytes:
        """The body as it was sent."""
        self._wire.sendall(self._request)
        head, _, body = self._until(b"\r\n\r\n").partition(b"\r\n\r\n")
        lines = head.decode("latin-1").lower().splitlines()
        length = next((int(line.split(":")[1]) for line in lines if line.startswith("content-length")), None)
        if length is not None:
            while len(body) < length:
                body += self._wire.recv(1 << 20)
            return body
        while not body.endswith(b"\r\n0\r\n\r\n"):
            body += self._wire.recv(1 << 20)
        return unchunked(body)

    def _until(self, mark: bytes) -> bytes:
        found = b""
        while mark not in found:
            part = self._wire.recv(1 << 20)
            if not part:
                raise ConnectionError("the server closed the connection")
            found += part
        return found

    def close(self) -> None:
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
    process = subprocess.Popen(command(port), env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
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


def servers(stack: ExitStack, node: str | None, gpu_env: dict[str, str]) -> list[Server]:
    """All that are there, started."""
    plain = {key: value for key, value in os.environ.items() if not key.startswith("MIXDESK")}
    mixdesk = [sys.executable, "-m", "mixdesk_exporter"]
    nvitop = shutil.which("nvitop-exporter") or shutil.which("nvitop-exporter", path=str(Path(sys.executable).parent))
    found: list[tuple[str, Callable[[int], Sequence[str]], dict[str, str]]] = [
        ("Mixdesk, five collectors", lambda p: [*mixdesk, "--port", str(p), "--collectors", ",".join(FIVE)], plain),
        ("Mixdesk, all", lambda p: [*mixdesk, "--port", str(p)], plain),
        (f"Mixdesk, {GPUS} GPUs alone", lambda p: [*mixdesk, "--port", str(p), "--collectors", "gpu"], gpu_env),
    ]
    if node:
        only = ["--collector.disable-defaults", *(f"--collector.{name}" for name in FIVE)]
        found += [
            ("node_exporter, five collectors", lambda p: [node, f"--web.listen-address=127.0.0.1:{p}", *only], plain),
            ("node_exporter, default", lambda p: [node, f"--web.listen-address=127.0.0.1:{p}"], plain),
        ]
    if nvitop:
        found.append((f"nvitop-exporter, {GPUS} GPUs", lambda p: [nvitop, "--port", str(p)], gpu_env))
    return [stack.enter_context(running(*item)) for item in found]


def in_turns(all_servers: Sequence[Server], scrapes: int, rounds: int) -> None:
    """Back to back, one server after another, several rounds."""
    for _ in range(rounds):
        for server in all_servers:
            client = Client(server.port)
            client.scrape()
            before = server.cpu_s()
            for _ in range(scrapes):
                began = time.perf_counter()
                client.scrape()
                server.latencies.append(time.perf_counter() - began)
            server.cpu_per_1k.append((server.cpu_s() - before) / scrapes * 1000)
            client.close()


def once_a_second(all_servers: Sequence[Server], seconds: int) -> None:
    """Everything a server does in a second with one scrape in it, as CPU seconds a second."""
    clients = [Client(server.port) for server in all_servers]
    before = [server.cpu_s() for server in all_servers]
    began = time.monotonic()
    for second in range(seconds):
        for client in clients:
            client.scrape()
        time.sleep(max(began + second + 1 - time.monotonic(), 0.0))
    passed = time.monotonic() - began
    for server, client, cpu in zip(all_servers, clients, before, strict=True):
        server.steady = (server.cpu_s() - cpu) / passed
        client.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scrapes", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--soak", type=int, default=10_000, help="scrapes before memory is looked at again")
    parser.add_argument(
        "--node-exporter", default=shutil.which("node_exporter") or shutil.which("prometheus-node-exporter")
    )
    given = parser.parse_args()
    print(machine.headline("prometheus-client"))
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        stand_in = standin_gpu.StandIn(Path(folder) / "gpus", standin_gpu.build(Path(folder)))
        stand_in.set("gpus", GPUS)
        started = servers(stack, given.node_exporter, stand_in.env)
        in_turns(started, given.scrapes, given.rounds)
        once_a_second(started, given.seconds)
        soak(started, given.soak)
        print(machine.table(HEADER, rows(started)))
    print(f"load {machine.load()} at the end")


def soak(all_servers: Sequence[Server], scrapes: int) -> None:
    """Memory before and after many scrapes; series of one."""
    for server in all_servers:
        client, before = Client(server.port), server.rss_mb()
        for _ in range(scrapes):
            body = client.scrape()
        server.memory = before, server.rss_mb()
        text = gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body
        server.series = sum(1 for line in text.splitlines() if line and not line.startswith(b"#"))
        client.close()


HEADER = ("server", "series", "p50 ms", "p99 ms", "CPU s / 1,000", "CPU ms/s at 1 Hz", "RSS MB", "after the soak")


def rows(all_servers: Sequence[Server]) -> Iterator[Sequence[object]]:
    for server in all_servers:
        cuts = statistics.quantiles(server.latencies, n=100)
        yield (
            server.name,
            server.series or "",
            f"{cuts[49] * 1e3:.3f}",
            f"{cuts[98] * 1e3:.3f}",
            f"{statistics.median(server.cpu_per_1k):.3f}",
            f"{server.steady * 1e3:.2f}",
            f"{server.memory[0]:.1f}",
            f"{server.memory[1]:.1f}",
        )


if __name__ == "__main__":
    main()
