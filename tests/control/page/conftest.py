"""A real browser, and jobs that a test reports by hand."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import browser as chromium
import pytest
from live_desk import free_port

from mixdesk import wire
from mixdesk.jobtypes import steps_of

# One process for all tests: names of the outside are told to be here, as a rebinding attacker would.
REBOUND = "--host-resolver-rules=MAP evil.example 127.0.0.1"


@pytest.fixture(name="free_port")
def port() -> int:
    return free_port()


@pytest.fixture(scope="session")
def driver() -> Iterator[str]:
    with chromium.driver() as url:
        yield url


@pytest.fixture
def browser(driver: str, tmp_path: Path) -> Iterator[chromium.Browser]:
    found = chromium.Browser(driver, tmp_path / "profile", REBOUND)
    try:
        yield found
    finally:
        found.close()


class Trainer:
    """A job whose reports a test sends by hand."""

    def __init__(self, desk: Any, job_id: str, name: str, job_type: str = "training_rvc") -> None:
        self._desk = desk
        phases = [wire.PhaseReport(key=s.key, label=s.label, weight=s.weight) for s in steps_of(job_type)]
        now = wire.now_text(time.time())
        self.report = wire.Report(
            job_id=job_id, job_key="k" * 43, job_type=job_type, seq=0, status="running", name=name, host="box1",
            phases=phases, created_at=now, started_at=now,
        )  # fmt: skip

    def send(self, **changes: Any) -> dict[str, Any]:
        """One report more; the answer of the desk."""
        for name, value in changes.items():
            setattr(self.report, name, value)
        self.report.seq += 1
        self.report.sent_at = wire.now_text(time.time())
        path = f"/jobs/{self.report.job_id}/report"
        headers = {"Content-Type": "application/json"}
        answer = self._desk.ask("PUT", path, "reporter", data=wire.encode(self.report), headers=headers)
        assert answer.status_code == 200, answer.text
        return dict(json.loads(answer.text))

    def phase(self, index: int, state: str, done: float = 0.0, total: float | None = None) -> None:
        phase = self.report.phases[index]
        phase.state, phase.done, phase.total = state, done, total
        phase.started_at = phase.started_at or wire.now_text(time.time())


@pytest.fixture
def trainer(desk: Any, request: pytest.FixtureRequest) -> Callable[..., Trainer]:
    """Makes jobs at the shared desk, named after the test."""
    made: list[Trainer] = []

    def make(at: Any = desk, **options: Any) -> Trainer:
        job_id = re.sub(r"[^A-Za-z0-9_-]", "-", f"{request.node.name[:40]}-{len(made)}")
        made.append(Trainer(at, job_id, **({"name": f"anton{len(made)}"} | options)))
        return made[-1]

    return make


@pytest.fixture
def foreign_page() -> Iterator[str]:
    """The address of a page that is not the desk's: an empty one on a port of its own."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>elsewhere</title>")

        def log_message(self, *_: object) -> None:
            return None

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
