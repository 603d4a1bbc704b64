"""The exporter as a program: what it reads, what it answers, and until when."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import json
import logging
import math
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from mixdesk_exporter import otlp, otlp_target
from mixdesk_exporter.access import may_read
from mixdesk_exporter.errors import ExporterError
from mixdesk_exporter.host import Roots
from mixdesk_exporter.options import Options, host_sampler
from mixdesk_exporter.own import version
from mixdesk_exporter.pacer import Pacer
from mixdesk_exporter.report import read_boot_id, report
from mixdesk_exporter.sampler import Sampler
from mixdesk_exporter.scrape import MAX_AGE_S, Scrape
from mixdesk_exporter.serving.protocol import Site
from mixdesk_exporter.serving.requests import Request
from mixdesk_exporter.serving.responses import HTML, JSON, Response, said

log = logging.getLogger(__name__)

PORT = 9771
MOST_REPORTS = 40
LANDING = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Mixdesk exporter</title>
<h1>Mixdesk exporter {version}</h1><p>The meters of this host.</p>
<ul><li><a href="/metrics">/metrics</a> for Prometheus</li>
<li><a href="/-/healthy">/-/healthy</a>, <a href="/-/ready">/-/ready</a></li></ul></html>
"""


class App:
    """What is answered where."""

    def __init__(self, sampler: Sampler, *, boot_id: str = "", token: str | None = None) -> None:
        self.sampler = sampler
        self.pacer = Pacer(sampler)
        self.scrape = Scrape(sampler, self.pacer)
        self._boot_id, self._token = boot_id, token
        self._reporting = 0
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
            max_age_s = math.nan
        if not math.isfinite(max_age_s):
            return said(400, "max_age is a number of seconds")
        if self._reporting >= MOST_REPORTS:
            return said(503, f"{self._reporting} readers are waiting already", b"Retry-After: 1\r\n")
        return self._reported(max(max_age_s, MAX_AGE_S))

    async def _reported(self, max_age_s: float) -> Response:
        self._reporting += 1
        try:
            before, after = await asyncio.to_thread(self.sampler.pair, max_age_s)
        finally:
            self._reporting -= 1
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
    gc.set_threshold(5_000, 20, 20)


ReadSettings = Callable[[Path | None], Mapping[str, Any]]


def no_settings(config: Path | None) -> Mapping[str, Any]:
    """The exporter by itself reads no file."""
    if config is not None:
        raise ValueError("--config: start it as `mixdesk exporter`")
    return {}


def main(argv: Sequence[str] | None = None, settings: ReadSettings = no_settings) -> int:
    """`mixdesk exporter`: exit status 0 after a signal, 1 where it cannot start, 2 for wrong usage or settings.

    `settings` gives what takes the place of the flags' defaults, for a file or None; it raises ValueError.
    """
    given = _parser().parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="mixdesk exporter: %(message)s", stream=sys.stderr)
    try:
        given = _parser(settings(given.config)).parse_args(argv)
        options = options_of(given)
        sampler = host_sampler(options)
        app = App(sampler, boot_id=read_boot_id(given.procfs), token=_token(given.token_file))
        pusher = _pusher(sampler, options.roots, given)
    except (ValueError, ExporterError) as error:
        sys.stderr.write(f"mixdesk exporter: {error}\n")
        return 2
    try:
        with contextlib.closing(app), pusher:
            asyncio.run(serve(app, given.host or ["127.0.0.1"], given.port, _say_ready))
    except OSError as error:
        where = f"{', '.join(given.host or ['127.0.0.1'])}, port {given.port}"
        sys.stderr.write(
            f"mixdesk exporter: cannot listen on {where}: {error.strerror}; pass another --host or --port\n"
        )
        return 1
    return 0


def options_of(given: argparse.Namespace) -> Options:
    """The flags as options."""
    return Options(
        roots=Roots(given.procfs, given.sysfs, given.rootfs),
        listed=given.collectors,
        demo_gpus=given.demo_gpu,
        node_names=given.node_names,
        dcgm_names=given.dcgm_names,
        cadvisor_names=given.cadvisor_names,
        shown_labels=given.container_labels,
    )


def _pusher(
    sampler: Sampler, roots: Roots, given: argparse.Namespace
) -> contextlib.AbstractContextManager[otlp.Pusher | None]:
    wanted = otlp_target.wanted(os.environ) if given.otlp is None else given.otlp
    if not wanted:
        return contextlib.nullcontext()
    return contextlib.closing(otlp.start(sampler, roots=roots))


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


def _parser(settings: Mapping[str, Any] | None = None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="mixdesk exporter", description="The meters of this host, for Prometheus.")
    add = parser.add_argument
    add("--host", action="append", metavar="ADDRESS", help="address to listen on (default: 127.0.0.1); may be repeated")
    add("--port", type=_port, default=PORT, help="port to listen on (default: %(default)s)")
    add("--procfs", type=Path, default=Path("/proc"), metavar="DIR", help="where the host's /proc is")
    add("--sysfs", type=Path, default=Path("/sys"), metavar="DIR", help="where the host's /sys is")
    add("--rootfs", type=Path, default=Path("/"), metavar="DIR", help="where the host's / is")
    add("--demo-gpu", type=_count, default=0, metavar="N", help="show N GPUs that are not there, to try dashboards")
    add("--token-file", type=Path, metavar="FILE", help="who has this token may read /snapshot from elsewhere")
    add("--collectors", type=_names, default=(), metavar="A,B", help="read these collectors alone")
    add("--container-labels", type=_names, default=(), metavar="A,B", help="Docker labels to show on series")
    for name, whose in (("node", "node_exporter"), ("dcgm", "the DCGM exporter"), ("cadvisor", "cAdvisor")):
        flag = argparse.BooleanOptionalAction
        add(f"--{name}-names", action=flag, default=True, help=f"publish the names of {whose} (default: yes)")
    add("--otlp", action=argparse.BooleanOptionalAction, help="push metrics by OTLP too (default: see docs/otlp.md)")
    add("--config", type=Path, metavar="FILE", help="settings, in place of ./mixdesk.toml")
    parser.set_defaults(**(settings or {}))
    return parser


def _port(text: str) -> int:
    return _number(text, 0, 65535)


def _count(text: str) -> int:
    return _number(text, 1, 64)


def _number(text: str, least: int, most: int) -> int:
    if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
        raise argparse.ArgumentTypeError(f"{text[:20]!r} is not one of {least} to {most}")
    return int(text)


def _names(text: str) -> tuple[str, ...]:
    names = tuple(name for name in text.split(",") if name)
    if not names:
        raise argparse.ArgumentTypeError("name one at least")
    return names
