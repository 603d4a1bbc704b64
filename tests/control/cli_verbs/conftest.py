"""A small desk for the command line's tests: a real HTTP and WebSocket server that speaks the contract, and no more."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from announcing import announce
from starlette.applications import Starlette
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket
from typer.testing import CliRunner, Result

Job = dict[str, Any]
TOKEN = "mdk_operator_of_the_tests"


def a_training(job_id: str, **changes: Any) -> Job:
    """A job as the API shows one, in the middle of its training."""
    details = {
        "exp_name": "anton", "phase": "training", "current_epoch": 4, "total_epochs": 10,
        "current_step": 12, "total_steps": 80, "checkpoint_status": "idle",
    }  # fmt: skip
    details |= changes.pop("details", {})
    return {
        "job_id": job_id, "job_type": "training_rvc", "name": "anton", "status": "running", "progress_percent": 56.5,
        "current_step": {
            "key": "training", "label": "Training", "step_index": 3, "step_count": 6, "step_progress_percent": 33.0,
        },
        "details": details, "created_at": "2026-11-24T12:00:00.000000Z", "started_at": "2026-11-24T12:00:01.000000Z",
        "completed_at": None, "error": None, "owner": None, "host": "box1", "pid": 4242, "attempt": 1,
        "parent_id": None, "trace_id": None, "metrics": {}, "eta_seconds": 900.0, "eta_low_seconds": 840.0,
        "eta_high_seconds": 1140.0, "steps_per_second": 34.2, "last_report_at": "2026-11-24T12:10:00.000000Z",
        "lost": False, "checkpoints": [], "log_stream": None,
    } | changes  # fmt: skip


class SmallDesk:
    """Jobs in memory. `put` is a change that every stream sees; `on_action` is what a trainer would do."""

    def __init__(self, port: int) -> None:
        self.port, self.url = port, f"http://127.0.0.1:{port}"
        self.jobs: dict[str, Job] = {}
        self.history: dict[str, Any] = {}
        self.operations: dict[str, Job] = {}
        self.asked: list[tuple[str, str, Any]] = []
        self.streams_opened: list[dict[str, str]] = []
        self.on_action: Callable[[str, str, str], None] = lambda job_id, action, operation: None
        self._changes: list[Job] = []
        self._sockets: set[WebSocket] = set()
        self._lock = threading.Lock()
        self._server: uvicorn.Server | None = None

    # -- what tests do

    def put(self, job: Job) -> None:
        with self._lock:
            self.jobs[job["job_id"]] = job
            self._changes.append({"revision": len(self._changes) + 1, "job": job})

    def change(self, job_id: str, **changes: Any) -> None:
        details = self.jobs[job_id]["details"] | changes.pop("details", {})
        self.put(self.jobs[job_id] | changes | {"details": details})

    def forget(self, job_id: str) -> None:
        with self._lock:
            del self.jobs[job_id]
            self._changes.append({"revision": len(self._changes) + 1, "deleted": job_id})

    def reset(self) -> None:
        """What a desk says that was restored from a backup and does not know the job yet."""
        with self._lock:
            self._changes.append({"revision": len(self._changes) + 1, "reset": True})

    def start(self) -> None:
        config = uvicorn.Config(
            self._app(), port=self.port, log_level="error", timeout_graceful_shutdown=1, ws="websockets-sansio"
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run)
        self._thread.start()
        wait_until(lambda: self._server is not None and self._server.started)

    def stop(self) -> None:
        if self._server is not None:
            self._server.should_exit = True
            self._thread.join(30)
            self._server = None

    # -- what clients ask

    def _app(self) -> Starlette:
        routes = [
            Route("/jobs", self._list),
            WebSocketRoute("/jobs/stream", self._stream),
            Route("/jobs/{job_id}", self._one),
            Route("/jobs/{job_id}", self._delete, methods=["DELETE"]),
            Route("/jobs/{job_id}/history", self._history),
            Route("/admin/jobs/{job_id}/{action}", self._act, methods=["POST"]),
            Route("/admin/operations/{operation}", self._operation),
        ]
        return Starlette(routes=routes)

    def _refused(self, connection: HTTPConnection) -> Response | None:
        if connection.headers.get("authorization") == f"Bearer {TOKEN}":
            return None
        return problem(401, "this token is not known here")

    async def _list(self, request: Request) -> Response:
        if refusal := self._refused(request):
            return refusal
        query = dict(request.query_params)
        limit, start = int(query.pop("limit", 100)), int(query.pop("cursor", 0))
        statuses = query.pop("status", "").split(",")
        jobs = [job for job in reversed(self.jobs.values()) if all(str(job.get(k)) == v for k, v in query.items())]
        jobs = [job for job in jobs if statuses == [""] or ("lost" if job["lost"] else job["status"]) in statuses]
        following = str(start + limit) if start + limit < len(jobs) else None
        return JSONResponse({"items": jobs[start : start + limit], "next": following})

    async def _one(self, request: Request) -> Response:
        if refusal := self._refused(request):
            return refusal
        job = self.jobs.get(request.path_params["job_id"])
        return problem(404, "no such job") if job is None else JSONResponse(job)

    async def _history(self, request: Request) -> Response:
        empty = {"transitions": [], "phases": [], "checkpoints": [], "scores": {}, "points": {}}
        return JSONResponse(self.history.get(request.path_params["job_id"], empty))

    async def _delete(self, request: Request) -> Response:
        job = self.jobs[request.path_params["job_id"]]
        if job["status"] not in ("succeeded", "failed", "canceled"):
            return problem(409, f"the job is {job['status']}: only a job that has ended can be deleted")
        self.forget(job["job_id"])
        return Response(status_code=204)

    async def _act(self, request: Request) -> Response:
        if refusal := self._refused(request):
            return refusal
        job_id, action = request.path_params["job_id"], request.path_params["action"]
        if self.jobs[job_id]["status"] in ("succeeded", "failed", "canceled"):
            return problem(409, f"the job has ended ({self.jobs[job_id]['status']})")
        self.asked.append((job_id, action, await request.json()))
        operation = f"op{len(self.operations) + 1}"
        self.operations[operation] = {"id": operation, "action": action, "state": "pending", "error": None}
        if action == "checkpoint":
            self.change(job_id, details={"checkpoint_status": "requested"})
        threading.Thread(target=self.on_action, args=(job_id, action, operation), daemon=True).start()
        return JSONResponse({"generation": len(self.operations), "operation": operation}, 202)

    async def _operation(self, request: Request) -> Response:
        return JSONResponse(self.operations[request.path_params["operation"]])

    async def _stream(self, websocket: WebSocket) -> None:
        if refusal := self._refused(websocket):
            await websocket.send_denial_response(refusal)
            return
        await websocket.accept(subprotocol="mixdesk.v1")
        self.streams_opened.append(dict(websocket.query_params))
        self._sockets.add(websocket)
        job_id, sent = websocket.query_params["id"], int(websocket.query_params.get("after", -1))
        gone = asyncio.ensure_future(websocket.receive())
        if sent < 0:
            sent = len(self._changes)
            if job_id in self.jobs:
                await websocket.send_text(json.dumps({"revision": sent, "job": self.jobs[job_id]}))
        while not gone.done():
            for frame in self._changes[sent:]:
                if "reset" in frame or job_id in (frame.get("deleted"), frame.get("job", {}).get("job_id")):
                    await websocket.send_text(json.dumps(frame))
                sent = frame["revision"]
            await asyncio.sleep(0.02)


def problem(status: int, detail: str) -> Response:
    """An error as the desk words one."""
    body = {"type": "about:blank", "title": "Refused", "status": status, "detail": detail}
    return JSONResponse(body, status, media_type="application/problem+json")


def wait_until(condition: Callable[[], Any], seconds: float = 30.0) -> None:
    """Until the condition holds; fails where it never does."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


@pytest.fixture
def training() -> Callable[..., Job]:
    return a_training


@pytest.fixture
def small_desk() -> Iterator[SmallDesk]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    desk = SmallDesk(port)
    desk.start()
    yield desk
    desk.stop()


@pytest.fixture
def cli_env(small_desk: SmallDesk, tmp_path: Path) -> Iterator[dict[str, str]]:
    """An environment in which the command line finds the small desk; MIXDESK_TOKEN is there and must not be used."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("MIXDESK_")}
    state = tmp_path / "state"
    (state / "tokens").mkdir(parents=True)
    (state / "tokens" / "operator").write_text(TOKEN + "\n")
    with announce(state, small_desk.url, started_at=0.0, port=small_desk.port):
        env |= {"MIXDESK_STATE_DIR": str(state), "MIXDESK_TOKEN": "the_trainers", "COLUMNS": "120", "NO_COLOR": "1"}
        yield env


@pytest.fixture
def call(cli_env: dict[str, str]) -> Callable[..., Result]:
    """`call("jobs", "list", "--json")` in this process."""
    from importlib import import_module

    def run(noun: str, *args: str, **env: str) -> Result:
        app = import_module(f"mixdesk_control.cli.{noun}").app
        cleared = {key: None for key in os.environ if key.startswith("MIXDESK_")}
        return CliRunner().invoke(app, args, env={**cleared, **cli_env, **env}, prog_name=f"mixdesk {noun}")

    return run


class Terminal:
    """A command in a process of its own, on a pseudo terminal or on pipes."""

    def __init__(self, env: dict[str, str], noun: str, *args: str, tty: bool) -> None:
        code = f"from mixdesk_control.cli.{noun} import app; app(prog_name='mixdesk {noun}')"
        command = [sys.executable, "-c", code, *args]
        self.errors = ""
        self._text: list[str] = []
        if tty:
            self._master, slave = pty.openpty()
            env = env | {"TERM": "xterm-256color", "COLUMNS": "120", "LINES": "40"}
            command = ["setsid", "--ctty", *command]  # so that Ctrl-C there is for it and its children
            self.process = subprocess.Popen(command, env=env, stdin=slave, stdout=slave, stderr=slave)
            os.close(slave)
        else:
            self.process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            assert self.process.stdout is not None
            self._master = os.dup(self.process.stdout.fileno())
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self._master, 65536)
            except OSError:  # a terminal whose other end is gone
                return
            if not data:
                return
            self._text.append(data.decode(errors="replace"))

    @property
    def text(self) -> str:
        return "".join(self._text)

    def expect(self, words: str) -> None:
        wait_until(lambda: words in self.text or self.process.poll() is not None)
        assert words in self.text, self.text

    def interrupt(self) -> None:
        self.process.send_signal(signal.SIGINT)

    def type_ctrl_c(self) -> None:
        """As the keyboard does it: to every process of the terminal."""
        os.write(self._master, b"\x03")

    def end(self) -> int:
        status = self.process.wait(60)
        if self.process.stderr is not None:
            self.errors = self.process.stderr.read().decode()
            self.process.stderr.close()
        self._reader.join(30)
        return status

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(60)
        self._reader.join(30)
        os.close(self._master)
        for stream in (self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()


@pytest.fixture
def terminal(cli_env: dict[str, str]) -> Iterator[Callable[..., Terminal]]:
    opened: list[Terminal] = []

    def open_one(noun: str, *args: str, tty: bool = False, **env: str) -> Terminal:
        opened.append(Terminal(cli_env | env, noun, *args, tty=tty))
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()
