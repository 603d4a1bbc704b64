"""The desks that benchmarks run beside: none, a real one, and those that are slow, hang, refuse or cannot be reached.

Each is a context manager that yields the `Found` of a desk, or None where there is none. None of them shares a
process with what is measured.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from mixdesk import wire

START_S = 60.0
SLOW_S = 3.0
ANY_TOKEN = "mxd_a_token_that_nobody_looks_at"


@dataclass(frozen=True)
class Found:
    """Where a desk is, and a reporter token for it."""

    url: str
    token: str = ANY_TOKEN


@contextlib.contextmanager
def away() -> Iterator[None]:
    """No desk is known."""
    yield None


@contextlib.contextmanager
def real() -> Iterator[Found]:
    """A real one, in a process and a state folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "mixdesk_control.cli", "up", "--port", "0"]
        env = clean_env() | {"MIXDESK_STATE_DIR": folder}
        desk = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, cwd=folder)
        try:
            yield Found(_url_of(Path(folder), desk), (Path(folder) / "tokens" / "reporter").read_text().strip())
        finally:
            desk.terminate()
            desk.wait(20)


def _url_of(folder: Path, desk: subprocess.Popen[bytes]) -> str:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and desk.poll() is None:
        with contextlib.suppress(OSError, ValueError):
            return str(json.loads((folder / "desk.json").read_text())["url"])
        time.sleep(0.1)
    raise SystemExit("the desk did not start")


@contextlib.contextmanager
def hanging() -> Iterator[Found]:
    """Takes connections and requests, and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        yield Found(_address(server))


@contextlib.contextmanager
def refusing() -> Iterator[Found]:
    """Nobody listens: the connection is refused at once."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        found = Found(_address(server))
    yield found


@contextlib.contextmanager
def unreachable() -> Iterator[Found]:
    """A black hole: the queue of its listener is full, so that the kernel drops what comes and answers nothing."""
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(8):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(server.getsockname())
        yield Found(_address(server))


@contextlib.contextmanager
def cutting() -> Iterator[Found]:
    """Resets every connection as soon as it is made."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        threading.Thread(target=_reset_all, args=(server,), daemon=True).start()
        yield Found(_address(server))


def _reset_all(server: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while True:
            taken, _ = server.accept()
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            taken.close()


@contextlib.contextmanager
def slow(after_s: float = SLOW_S) -> Iterator[Found]:
    """Answers as a desk does, `after_s` seconds later."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _answering(after_s))
    server.daemon_threads, server.block_on_close = True, False
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield Found(_address(server.socket))
    finally:
        server.shutdown()
        server.server_close()


def _answering(after_s: float) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_PUT(self) -> None:
            report = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            time.sleep(after_s)
            self._answer(wire.encode(wire.ReportAnswer(acked_seq=report["seq"])))

        def do_GET(self) -> None:  # a long poll that hears of nothing
            time.sleep(25.0)
            self._answer(b'{"jobs":{}}')

        def _answer(self, body: bytes) -> None:
            with contextlib.suppress(OSError):  # whoever asked has left
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Nobody reads it."""

    return Handler


def _address(server: socket.socket) -> str:
    return f"http://127.0.0.1:{server.getsockname()[1]}"


Desk = Callable[[], contextlib.AbstractContextManager[Found | None]]

NONE = "no desk"
DESKS: Mapping[str, Desk] = {
    NONE: away,
    "a desk": real,
    f"a desk that answers after {SLOW_S:.0f} s": slow,
    "a desk that hangs": hanging,
    "a desk that is gone": refusing,
}
WORSE: Mapping[str, Desk] = {
    "a desk that resets connections": cutting,
    "a desk in a black hole": unreachable,
}


def clean_env() -> dict[str, str]:
    """This environment without anything that names a desk or a collector."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("MIXDESK_", "OTEL_"))}


def env_beside(found: Found | None, state: str | Path) -> dict[str, str]:
    """The environment of a trainer that reports to this desk, with a state folder of its own."""
    env = clean_env() | {"MIXDESK_STATE_DIR": str(state)}
    return env if found is None else env | {"MIXDESK_URL": found.url, "MIXDESK_TOKEN": found.token}
