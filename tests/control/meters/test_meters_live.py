"""A desk and the exporters that it reads: in its own process, elsewhere, away, and in the way."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

NODE = os.uname().nodename
Make = Callable[..., Any]


class Exporter:
    """A real `mixdesk exporter` with two GPUs for a demonstration."""

    def __init__(self, port: int, *arguments: str) -> None:
        self.url = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "mixdesk_exporter", "--port", str(port), "--demo-gpu", "2", *arguments]
        self.process = subprocess.Popen(command, stderr=subprocess.DEVNULL)

    def answers(self) -> bool:
        try:
            return requests.get(f"{self.url}/-/healthy", timeout=5).ok
        except requests.RequestException:
            return False

    def end(self, number: int = signal.SIGTERM) -> None:
        self.process.send_signal(signal.SIGCONT)
        self.process.send_signal(number)
        self.process.wait(30)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def exporter(eventually: Make) -> Iterator[Callable[..., Exporter]]:
    started: list[Exporter] = []

    def start(*arguments: str, port: int | None = None) -> Exporter:
        started.append(Exporter(port or free_port(), *arguments))
        eventually(started[-1].answers)
        return started[-1]

    yield start
    for one in started:
        one.end(signal.SIGKILL)


def stream(desk: Any, query: str = "", role: str = "viewer") -> AbstractContextManager[ClientConnection]:
    headers = {"Authorization": f"Bearer {desk.tokens[role]}"}
    address = desk.url.replace("http", "ws", 1) + "/admin/metrics/stream" + query
    return connect(address, additional_headers=headers, open_timeout=30, proxy=None)


def frame(opened: ClientConnection) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(opened.recv(timeout=30))
    return found


def sources(*names: str, **exporter: object) -> str:
    lines = "".join(f"{key} = {json.dumps(value)}\n" for key, value in exporter.items())
    return f"[meters]\nsources = {json.dumps(names)}\n[exporter]\n{lines}"


# -- the exporter in the desk ---------------------------------------------------------------------------


def test_the_plans_fields_of_this_host(desk: Any) -> None:
    found = desk.ask("GET", "/admin/metrics", "viewer").json()
    assert found["host"] == NODE
    assert found["hosts"] == [NODE]
    assert found["memory"]["total_bytes"] == os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    assert len(found["cpu"]["cores"]) == os.cpu_count()
    assert len(found["cpu"]["load_avg"]) == 3
    assert {"mount", "used_bytes", "total_bytes"} <= found["disk"][0].keys()
    assert found["network"].keys() == {"rx_bytes_per_sec", "tx_bytes_per_sec"}
    assert "gpu" not in found or found["gpu"] == found["gpus"][0]
    assert datetime.fromisoformat(found["timestamp"]).utcoffset() is not None


def test_once_a_second_with_what_came_before(desk: Any) -> None:
    with stream(desk) as first:
        seen = [frame(first)["timestamp"] for _ in range(4)]
        assert seen == sorted(set(seen))
        with stream(desk) as second:  # who comes later is told what the first has seen
            told = [frame(second)["timestamp"] for _ in range(4)]
            assert set(seen[-3:]) <= set(told)
            now = frame(second)
    assert now["host"] == NODE
    assert 0.0 <= now["cpu"]["usage_percent"] <= 100.0


def test_its_families_stand_in_the_desks_own_answer(desk: Any) -> None:
    body = desk.ask("GET", "/metrics", None).text
    for name in ("node_cpu_seconds_total", "node_uname_info", "mixdesk_collector_success", "mixdesk_jobs"):
        assert f"\n{name}{{" in body
    assert body.count("# TYPE mixdesk_build_info gauge") == 1
    assert len({line for line in body.splitlines() if line.startswith("# TYPE")}) == body.count("# TYPE")


@pytest.mark.parametrize("role", ["reporter", "scraper"])
def test_others_are_refused(desk: Any, role: str) -> None:
    assert desk.ask("GET", "/admin/metrics", role).status_code == 403
    with pytest.raises(InvalidStatus) as caught, stream(desk, role=role):
        pass
    assert caught.value.response.status_code == 403


def test_who_is_bound_to_an_owner_sees_figures_without_jobs(desk: Any) -> None:
    made = desk.ask("POST", "/admin/tokens", json={"name": "anna-meters", "roles": ["viewer"], "owner": "anna"}).json()
    answer = requests.get(f"{desk.url}/admin/metrics", headers={"Authorization": f"Bearer {made['token']}"}, timeout=30)
    assert answer.ok
    assert "job" not in answer.text


def test_a_host_that_is_none(desk: Any) -> None:
    answer = desk.ask("GET", "/admin/metrics?host=box9", "viewer")
    assert answer.status_code == 404
    assert NODE in answer.json()["detail"]
    with pytest.raises(InvalidStatus) as caught, stream(desk, "?host=box9"):
        pass
    assert caught.value.response.status_code == 404


def test_without_an_exporter(new_desk: Make) -> None:
    desk = new_desk(arguments=("--no-exporter",)).start()
    answer = desk.ask("GET", "/admin/metrics", "viewer")
    assert answer.status_code == 404
    assert "--no-exporter" in answer.json()["detail"]
    assert "node_cpu_seconds_total" not in desk.ask("GET", "/metrics", None).text


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ('[exporter]\ncollectors = ["cpux"]', "cpux"),
        ('[meters]\nsources = ["box2:9771"]', "box2:9771"),
        ('[exporter]\ntoken_file = "/nowhere/token"\n[meters]\nsources = ["http://box2:9771"]', "/nowhere/token"),
    ],
)
def test_wrong_settings_stop_the_start_with_one_line(new_desk: Make, config: str, said: str) -> None:
    desk = new_desk(config=config)
    done = desk.run("up", "--port", str(desk.port), "--config", str(desk._config))
    assert done.returncode == 1
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


# -- exporters elsewhere --------------------------------------------------------------------------------


def test_an_exporter_at_an_address(new_desk: Make, exporter: Make, eventually: Make, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("a-token-of-the-exporter\n")
    there = exporter("--token-file", str(token))
    desk = new_desk(config=sources("local", there.url, token_file=str(token))).start()
    found = eventually(lambda: desk.ask("GET", f"/admin/metrics?host={there.url}", "viewer").json())
    assert len(found["gpus"]) == 2
    assert found["gpu"] == found["gpus"][0]
    assert found["gpu"]["vram_total_mb"] == 24576.0
    body = desk.ask("GET", "/metrics", None).text
    assert "demo0000" not in body, "what is read elsewhere is published there"


def test_one_that_goes_and_comes_back(new_desk: Make, exporter: Make, eventually: Make) -> None:
    there = exporter()
    desk = new_desk(config=sources(there.url)).start()
    ask = lambda: desk.ask("GET", "/admin/metrics", "viewer")  # noqa: E731
    eventually(lambda: ask().ok)
    port = int(there.url.rpartition(":")[2])
    with stream(desk) as opened:
        frame(opened)
        there.end(signal.SIGKILL)
        eventually(lambda: ask().status_code == 503)
        assert there.url in ask().json()["detail"]
        exporter(port=port)
        eventually(lambda: ask().ok)
        assert frame(opened)["host"] == NODE
    log = desk.log.read_text()
    assert log.count("are back") == 1


def test_one_that_hangs_holds_nobody_up(new_desk: Make, exporter: Make, eventually: Make) -> None:
    there = exporter()
    desk = new_desk(config=sources("local", there.url)).start()
    eventually(lambda: desk.ask("GET", f"/admin/metrics?host={there.url}", "viewer").ok)
    there.process.send_signal(signal.SIGSTOP)
    eventually(lambda: desk.ask("GET", f"/admin/metrics?host={there.url}", "viewer").status_code == 503)
    assert desk.ask("GET", "/admin/metrics", "viewer").ok
    there.process.send_signal(signal.SIGCONT)
    eventually(lambda: desk.ask("GET", f"/admin/metrics?host={there.url}", "viewer").ok)


class Odd(BaseHTTPRequestHandler):
    """Answers what the test says, and notes who bore which token."""

    body, status = b"{}", 200
    seen: list[str | None] = []

    def do_GET(self) -> None:
        self.seen.append(self.headers.get("Authorization"))
        self.send_response(self.status)
        if self.status == 302:
            self.send_header("Location", "http://127.0.0.1:1/elsewhere")
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_: object) -> None:
        return None


@pytest.fixture
def odd() -> Iterator[tuple[type[Odd], str]]:
    handler = type("Handler", (Odd,), {"seen": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield handler, f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (200, b"<html>", "no snapshot"),
        (200, b"[" * 5000, "no snapshot"),
        (200, b'{"v": 1}', "no snapshot"),
        (200, b'{"v": 9, "host": "h", "boot_id": "b", "at": 1, "metrics": {}}', "format 9"),
        (200, b'{"v": 1, "host": "h", "boot_id": "b", "at": 1, "metrics": 7}', "no system metrics"),
        (401, b"", "token_file"),
        (404, b"", "is it a Mixdesk exporter"),
        (302, b"", "302"),
        (200, b" " * (17 << 20), "16 MiB"),
    ],
)
def test_answers_that_are_none(odd: tuple[type[Odd], str], status: int, body: bytes, said: str) -> None:
    from mixdesk_control.meters.sources import RemoteSource, SourceError

    odd[0].status, odd[0].body = status, body
    source = RemoteSource(odd[1], "the-token")
    with pytest.raises(SourceError, match=said) as caught:
        source.read(1.0)
    assert odd[1] in str(caught.value)
    assert "the-token" not in str(caught.value)
    assert odd[0].seen == ["Bearer the-token"]


def test_the_exporter_of_this_host_is_found(exporter: Make, odd: tuple[type[Odd], str]) -> None:
    from mixdesk_control.meters.sources import of_this_host

    there = exporter()
    found = of_this_host(Path("/proc"), there.url)
    assert found is not None
    assert found.name == "local"
    assert found.read(1.0).host == NODE
    odd[0].body = b'{"v": 1, "host": "h", "boot_id": "another", "at": 1, "metrics": {}}'
    assert of_this_host(Path("/proc"), odd[1]) is None
    assert odd[0].seen == [None], "nobody is told a token before the settings name him"
    assert of_this_host(Path("/proc"), f"http://127.0.0.1:{free_port()}") is None


def test_a_slow_reader_keeps_no_exporter_awake(exporter: Make) -> None:
    there = exporter()
    ask = lambda age: requests.get(f"{there.url}/snapshot", params={"max_age": age}, timeout=30)  # noqa: E731
    first, second = ask(60).json()["at"], ask(60).json()["at"]
    assert first == second
    assert ask(0).json()["at"] > second
    assert ask("soon").status_code == 400
