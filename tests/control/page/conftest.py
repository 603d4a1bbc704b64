"""Real Chromium, driven by chromedriver over plain W3C WebDriver, and jobs that a test reports by hand."""

from __future__ import annotations

import base64
import json
import re
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests

from mixdesk import wire
from mixdesk.jobtypes import steps_of

ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-component-update",
    "--disable-background-networking", "--disable-sync", "--window-size=1100,1000",
    # One process for all tests: names of the outside are told to be here, as a rebinding attacker would.
    "--host-resolver-rules=MAP evil.example 127.0.0.1",
]  # fmt: skip
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


class Browser:
    """One window. `wait` runs JavaScript until it is true."""

    def __init__(self, driver: str, folder: Path) -> None:
        options = {"binary": shutil.which("chromium"), "args": [*ARGUMENTS, f"--user-data-dir={folder}"]}
        wanted = {"alwaysMatch": {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}}
        made = requests.post(f"{driver}/session", json={"capabilities": wanted}, timeout=90).json()["value"]
        assert "sessionId" in made, made
        self._session = f"{driver}/session/{made['sessionId']}"

    def call(self, method: str, path: str, **body: Any) -> Any:
        answer = requests.request(method, self._session + path, json=body if method == "POST" else None, timeout=90)
        value = answer.json()["value"]
        assert answer.status_code == 200, value
        return value

    def open(self, url: str) -> None:
        self.call("POST", "/url", url=url)

    @property
    def url(self) -> str:
        return str(self.call("GET", "/url"))

    @property
    def title(self) -> str:
        return str(self.call("GET", "/title"))

    def run(self, script: str, *arguments: Any) -> Any:
        return self.call("POST", "/execute/sync", script=script, args=list(arguments))

    def wait_for_promise(self, script: str) -> Any:
        """The value of an async function's body."""
        source = f"const done = arguments[0]; (async () => {{ {script} }})().then(done, e => done('failed: ' + e));"
        return self.call("POST", "/execute/async", script=source, args=[])

    def wait(self, script: str, *arguments: Any, timeout: float = 30.0) -> Any:
        deadline = time.monotonic() + timeout
        while not (value := self.run(script, *arguments)):
            assert time.monotonic() < deadline, f"never true: {script}\n{self.text}"
            time.sleep(0.05)
        return value

    def see(self, text: str, timeout: float = 30.0) -> None:
        self.wait("return document.body.innerText.includes(arguments[0])", text, timeout=timeout)

    @property
    def text(self) -> str:
        return str(self.run("return document.body.innerText"))

    def click(self, css: str) -> None:
        found = self.call("POST", "/element", using="css selector", value=css)
        self.call("POST", f"/element/{found[ELEMENT]}/click")

    def type(self, css: str, text: str) -> None:
        found = self.call("POST", "/element", using="css selector", value=css)
        self.call("POST", f"/element/{found[ELEMENT]}/value", text=text)

    def complaints(self) -> list[str]:
        """What the console holds against the page, but for refused requests that the test provoked."""
        entries = self.call("POST", "/se/log", type="browser")
        return [entry["message"] for entry in entries if entry["level"] in ("SEVERE", "WARNING")]

    def screenshot(self, file: Path) -> None:
        file.write_bytes(base64.b64decode(self.call("GET", "/screenshot")))

    def close(self) -> None:
        requests.delete(self._session, timeout=90)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture
def free_port() -> int:
    return _free_port()


@pytest.fixture(scope="session")
def driver() -> Iterator[str]:
    program = shutil.which("chromedriver")
    if program is None or shutil.which("chromium") is None:
        pytest.skip("needs the Debian packages chromium and chromium-driver")
    port = _free_port()
    process = subprocess.Popen([program, f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        _until_ready(url)
        yield url
    finally:
        process.terminate()
        process.wait(30)


def _until_ready(url: str) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            if requests.get(f"{url}/status", timeout=5).json()["value"]["ready"]:
                return
        except requests.RequestException:
            assert time.monotonic() < deadline, "chromedriver does not answer"
        time.sleep(0.05)


@pytest.fixture
def browser(driver: str, tmp_path: Path) -> Iterator[Browser]:
    found = Browser(driver, tmp_path / "profile")
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
