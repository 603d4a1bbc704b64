"""A tap on the wire between trainers and desk: what was reported, and when; and a desk that is told it all again."""

from __future__ import annotations

import contextlib
import http.client
import json
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

SAMPLE_S = 0.125


@dataclass
class Tap:
    """Where trainers send to, and what they sent: [seconds since the epoch, body]."""

    url: str
    reports: list[tuple[float, str]] = field(default_factory=list)


@contextlib.contextmanager
def tapped(port: int, *, wanted: bool) -> Iterator[Tap]:
    """A relay in front of the desk at `port` where it is wanted, else the desk itself."""
    if not wanted:
        yield Tap(f"http://127.0.0.1:{port}")
        return
    tap = Tap("")
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(port, tap))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    tap.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield tap
    finally:
        server.shutdown()


def _handler(port: int, tap: Tap) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if self.path.endswith("/report") and self.command == "PUT":
                tap.reports.append((time.time(), body.decode()))
            desk = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            headers = {name: value for name, value in self.headers.items() if name.lower() != "host"}
            desk.request(self.command, self.path, body, {**headers, "Host": f"127.0.0.1:{port}"})
            answer = desk.getresponse()
            content = answer.read()
            with contextlib.suppress(OSError):
                self.send_response(answer.status)
                for name in ("Content-Type", "Retry-After"):
                    if answer.getheader(name):
                        self.send_header(name, str(answer.getheader(name)))
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
            desk.close()

        do_GET = do_PUT = do_POST = _pass_on  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Handler


class _Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def replayed(recorded: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same runs, with what the desk's code of today says of them."""
    from mixdesk_control.auth.principal import Principal, expand
    from mixdesk_control.jobs.service import JobService
    from mixdesk_control.operations import OperationService
    from mixdesk_control.store import Store

    clock = _Clock()
    with tempfile.TemporaryDirectory() as folder, contextlib.closing(Store.open(state_dir=Path(folder))) as store:
        operations = OperationService(store, clock=clock)
        service = JobService(store, operations, clock=clock, monotonic=clock)
        principal = Principal("replay", expand(["reporter", "viewer"]), token_id="replay")
        return [await _again(run, service, clock, principal) for run in recorded]


async def _again(run: dict[str, Any], service: Any, clock: _Clock, principal: Any) -> dict[str, Any]:
    return {**run, "samples": [sample async for sample in _said(run, service, clock, principal)]}


async def _said(run: dict[str, Any], service: Any, clock: _Clock, principal: Any) -> Any:
    import eta

    waiting = [(at, body) for at, body in run["reports"]]
    at, end = run["started"], run["started"] + run["duration"]
    while waiting or at <= end:
        while waiting and (waiting[0][0] <= at or at > end):
            clock.now, body = waiting.pop(0)
            job_id = json.loads(body)["job_id"]
            await service.report(job_id, body.encode(), principal)
        if at <= end and len(waiting) < len(run["reports"]):
            job = json.loads(service.document(await service.get(job_id, principal)))
            yield eta.sample(at, job, run["started"])
        at += SAMPLE_S
