"""The exporter as a program: what it reads, what it answers, and until when."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import json
import logging
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from mixdesk_exporter.access import may_read
from mixdesk_exporter.collectors import HOST, containers, gpu
from mixdesk_exporter.collectors.collector import Collector
from mixdesk_exporter.demo import DemoNvml
from mixdesk_exporter.host import Host, Roots
from mixdesk_exporter.own import version
from mixdesk_exporter.pacer import Pacer
from mixdesk_exporter.peaks import Peaks
from mixdesk_exporter.readings import Gpus
from mixdesk_exporter.report import read_boot_id, report
from mixdesk_exporter.sampler import Sampler
from mixdesk_exporter.scrape import MAX_AGE_S, Scrape
from mixdesk_exporter.serving.protocol import Site
from mixdesk_exporter.serving.requests import Request
from mixdesk_exporter.serving.responses import HTML, JSON, Response, said

log = logging.getLogger(__name__)

PORT = 9771
LANDING = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Mixdesk exporter</title>
<h1>Mixdesk exporter {version}</h1><p>The meters of this host.</p>
<ul><li><a href="/metrics">/metrics</a> for Prometheus</li>
<li><a href="/-/healthy">/-/healthy</a>, <a href="/-/ready">/-/ready</a></li></ul></html>
"""


def host_sampler(roots: Roots, listed: Sequence[str] = (), *, demo_gpus: int = 0) -> Sampler:
    """The sampler of a host; with `demo_gpus` its GPUs are simulated ones.

    Raises ValueError for a name in `listed` that is no collector's.
    """
    host = Host(roots)
    collectors = [*(make(host) for make in HOST), _gpus(roots, demo_gpus), containers.collector(roots)]
    unknown = set(listed) - {collector.name for collector in collectors}
    if unknown:
        names = ", ".join(collector.name for collector in collectors)
        raise ValueError(f"there is no collector {min(unknown)!r}; there are {names}")
    if listed:
        collectors = [collector for collector in collectors if collector.name in listed]
    return Sampler(collectors, listed=listed, new_round=host.new_round, follow=Peaks().see)


def _gpus(roots: Roots, demo: int) -> Collector[Gpus]:
    if demo:
        return gpu.collector(lambda: DemoNvml(demo), procfs=roots.procfs)
    return gpu.collector(procfs=roots.procfs)


class App:
    """What is answered where."""

    def __init__(self, sampler: Sampler, *, boot_id: str = "", token: str | None = None) -> None:
        self.sampler = sampler
        self.pacer = Pacer(sampler)
        self.scrape = Scrape(sampler, self.pacer)
        self._boot_id, self._token = boot_id, token
        self._landing = Response(LANDING.format(version=version()).encode(), HTML)
        self._routes: dict[str, Callable[[Request, str], Response | Awaitable[Response]]] = {
            "/metrics": lambda request, _: self.scrape.answer(request),
            "/snapshot": self._snapshot,
            "/-/healthy": lambda *_: said(200, "the exporter is up"),
            "/-/ready": lambda *_: self._ready(),
            "/": lambda *_: self._landing,
        }

    def answer(self, request: Request, peer: str) -> Response | Awaitable[Response]:
        """The answer to one request."""
        route = self._routes.get(request.path)
        if route is None:
            return said(404, f"there is nothing at {request.path[:200]}; see /")
        if request.method not in ("GET", "HEAD"):
            return said(405, "only GET is answered here", b"Allow: GET, HEAD\r\n")
        return route(request, peer)

    def _snapshot(self, request: Request, peer: str) -> Response | Awaitable[Response]:
        if not may_read(request, peer, self._token):
            return said(
                401, "only this host and the bearer of the token may read this", b"WWW-Authenticate: Bearer\r\n"
            )
        try:
            max_age_s = float(request.query.get("max_age", [str(MAX_AGE_S)])[-1])
        except ValueError:
            return said(400, "max_age is a number of seconds")
        return self._reported(max_age_s)

    async def _reported(self, max_age_s: float) -> Response:
        before, after = await asyncio.to_thread(self.sampler.pair, max_age_s)
        self.pacer.move()
        return Response(json.dumps(report(before, after, self._boot_id)).encode(), JSON)

    def _ready(self) -> Response:
        if not self.sampler.has_figures:
            return said(503, "the first snapshot is being taken", b"Retry-After: 1\r\n")
        return said(200, "the exporter has figures")

    def close(self) -> None:
        """Ends sampling and scrapes."""
        self.scrape.close()
        self.sampler.close()


async def serve(app: App, hosts: Sequence[str], port: int, ready: Callable[[str, int], None]) -> None:
    """Answers until SIGTERM or SIGINT. Raises OSError where an address is taken."""
    loop, over = asyncio.get_running_loop(), asyncio.Event()
    site = Site(app.answer)
    server = await loop.create_server(site.protocol, list(hosts), port, backlog=256)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, over.set)
    app.pacer.start()
    spare_the_collector()
    async with server:
        ready(hosts[0], server.sockets[0].getsockname()[1])
        await over.wait()
    app.pacer.close()
    for connection in list(site.connections):
        connection.abort()


def spare_the_collector() -> None:
    """What is there now stays: the garbage collector need not look through it again, nor come with every sample."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def main(argv: Sequence[str] | None = None) -> int:
    """`mixdesk exporter`: exit status 0 after a signal, 1 where it cannot start, 2 for wrong usage."""
    given = _parser().parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="mixdesk exporter: %(message)s", stream=sys.stderr)
    try:
        sampler = host_sampler(
            Roots(given.procfs, given.sysfs, given.rootfs), given.collectors, demo_gpus=given.demo_gpu
        )
        app = App(sampler, boot_id=read_boot_id(given.procfs), token=_token(given.token_file))
    except ValueError as error:
        sys.stderr.write(f"mixdesk exporter: {error}\n")
        return 2
    try:
        with contextlib.closing(app):
            asyncio.run(serve(app, given.host or ["127.0.0.1"], given.port, _say_ready))
    except OSError as error:
        sys.stderr.write(
            f"mixdesk exporter: cannot listen on port {given.port}: {error.strerror}; pass another --port\n"
        )
        return 1
    return 0


def _token(path: Path | None) -> str | None:
    if path is None:
        return None
    try:
        token = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ValueError(f"--token-file {path}: {error.strerror}") from error
    if not token:
        raise ValueError(f"--token-file {path}: it is empty")
    return token


def _say_ready(host: str, port: int) -> None:
    shown = f"[{host}]" if ":" in host else host
    sys.stderr.write(f"Mixdesk exporter {version()}: http://{shown}:{port}/metrics. Ctrl-C stops it.\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="mixdesk exporter", description="The meters of this host, for Prometheus.")
    add = parser.add_argument
    add("--host", action="append", metavar="ADDRESS", help="address to listen on (default: 127.0.0.1); may be repeated")
    add("--port", type=int, default=PORT, help="port to listen on (default: %(default)s)")
    add("--procfs", type=Path, default=Path("/proc"), metavar="DIR", help="where the host's /proc is")
    add("--sysfs", type=Path, default=Path("/sys"), metavar="DIR", help="where the host's /sys is")
    add("--rootfs", type=Path, default=Path("/"), metavar="DIR", help="where the host's / is")
    add("--demo-gpu", type=_count, default=0, metavar="N", help="show N GPUs that are not there, to try dashboards")
    add("--token-file", type=Path, metavar="FILE", help="who has this token may read /snapshot from elsewhere")
    add("--collectors", type=_names, default=(), metavar="A,B", help="read these collectors alone")
    return parser


def _count(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 64:
        raise argparse.ArgumentTypeError("1 to 64")
    return number


def _names(text: str) -> tuple[str, ...]:
    return tuple(name for name in text.split(",") if name)
