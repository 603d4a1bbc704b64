"""A desk and the exporters that it reads: in its own process, elsewhere, away, and in the way."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
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

from mixdesk_control.meters import schema, snapshots
from mixdesk_control.meters.snapshots import SnapshotError, decode, metrics_json, of_report
from mixdesk_control.meters.sources import OwnExporter, RemoteSource, SourceError, ThisHost, beside
from mixdesk_exporter.host import Roots
from mixdesk_exporter.options import Options, host_sampler

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
    assert answer.json()["host"] == NODE


def test_an_embed_of_one_job_sees_no_host(desk: Any) -> None:
    ticket = desk.ask("POST", "/auth/embed-ticket", "viewer", json={"job": "job-of-an-embed"}).json()["ticket"]
    login = requests.post(f"{desk.url}/auth/login", json={"ticket": ticket}, headers={"Origin": desk.url}, timeout=30)
    bearer = {"Authorization": f"Bearer {login.json()['token']}"}
    answer = requests.get(f"{desk.url}/admin/metrics", headers=bearer, timeout=30)
    assert answer.status_code == 403
    assert "job-of-an-embed" in answer.json()["detail"]


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
        ('[meters]\nsources = ["http://me:secret@box2:9771"]', "no password"),
        ('[meters]\nsources = ["http://box2:99999"]', "99999"),
        ('[exporter]\nprocfs = "/nowhere"', "/nowhere/stat"),
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


METRICS = {
    "cpu": {"usage_percent": 1.0, "load_avg": [0, 0, 0], "cores": []},
    "memory": {"used_bytes": 1, "total_bytes": 2, "swap_used_bytes": 0, "swap_total_bytes": 0},
    "disk": [],
    "network": {"rx_bytes_per_sec": 0, "tx_bytes_per_sec": 0},
    "gpus": [],
    "timestamp": "2026-01-31T12:00:00Z",
}
HOST = {"v": 1, "host": "h", "boot_id": "b", "at": 1, "metrics": METRICS}


def said(**more: object) -> bytes:
    return json.dumps(HOST | more).encode()


class Odd(BaseHTTPRequestHandler):
    """Answers what the test says, and notes who bore which token."""

    body, status, drips = b"{}", 200, False
    seen: list[str | None] = []

    def do_GET(self) -> None:
        self.seen.append(self.headers.get("Authorization"))
        self.send_response(self.status)
        if self.status == 302:
            self.send_header("Location", "http://127.0.0.1:1/elsewhere")
        self.end_headers()
        try:
            for byte in self.body if self.drips else ():
                self.wfile.write(bytes([byte]))
                time.sleep(0.1)
            self.wfile.write(self.body)
        except OSError:
            pass  # nobody waits any more

    def log_message(self, *_: object) -> None:
        return None


@pytest.fixture
def odd() -> Iterator[tuple[type[Odd], str]]:
    handler = type("Handler", (Odd,), {"seen": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield handler, f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


GPU = {"index": 0, "uuid": "GPU-0", "processes": [{"pid": 1, "memory": 10**400}]}


@pytest.mark.parametrize(
    ("status", "body", "why"),
    [
        (200, b"<html>", "no snapshot"),
        (200, b"[" * 5000, "no snapshot"),
        (200, b'{"v": 1}', "no snapshot"),
        (200, said(v=9), "format 9"),
        (200, said(metrics=7), "no snapshot"),
        (200, said(metrics={}), "no snapshot"),
        (200, said(host="\udcff".encode(errors="surrogatepass").decode("latin-1") * 300), "no snapshot"),
        (200, said(host="h").replace(b'"h"', b'"\xff"'), "no snapshot"),
        (200, said(gpus=[GPU]), "no snapshot"),
        (200, said(gpus=[{"index": 0, "uuid": "", "processes": [{"pid": 1}] * 2000}]), "no snapshot"),
        (401, b"", "token_file"),
        (404, b"", "is it a Mixdesk exporter"),
        (302, b"", "302"),
        (200, b" " * (17 << 20), "bytes"),
    ],
    ids=range(14),
)
def test_answers_that_are_none(odd: tuple[type[Odd], str], status: int, body: bytes, why: str) -> None:
    odd[0].status, odd[0].body = status, body
    source = RemoteSource(odd[1], "the-token")
    with pytest.raises(SourceError, match=why) as caught:
        source.read(1.0)
    assert odd[1] in str(caught.value)
    assert "the-token" not in str(caught.value)
    assert odd[0].seen == ["Bearer the-token"]


def test_metrics_that_are_too_much_to_keep() -> None:
    disks = [{"mount": "/" + "m" * 3000, "used_bytes": 1, "total_bytes": 2}] * 200
    with pytest.raises(SnapshotError, match="are the most"):
        metrics_json(decode(said(metrics=METRICS | {"disk": disks})))


def test_what_else_an_answer_says_goes_nowhere() -> None:
    found = metrics_json(decode(said(metrics=METRICS | {"host": "evil", "hosts": ["evil"]})))
    assert json.loads(found) == METRICS | {"cpu": METRICS["cpu"] | {"load_avg": [0.0, 0.0, 0.0]}}


def test_an_answer_that_drips_ends_at_its_time(odd: tuple[type[Odd], str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mixdesk_control.meters.sources.TIMEOUT_S", 0.5)
    odd[0].body, odd[0].drips = said(), True
    with pytest.raises(SourceError, match="timed out"):
        RemoteSource(odd[1]).read(1.0)


def test_one_that_drips_in_the_exporters_place_holds_nothing_up(new_desk: Make, odd: tuple[type[Odd], str]) -> None:
    odd[0].body, odd[0].drips = b" " * 100_000, True
    desk = new_desk(config=sources(odd[1], "local")).start()
    assert desk.ask("GET", f"/admin/metrics?host={NODE}", "viewer").ok
    assert desk.ask("GET", "/admin/metrics", "viewer").status_code == 503
    assert desk.stop() == 0


def test_the_exporter_of_this_host_is_found(exporter: Make, odd: tuple[type[Odd], str]) -> None:
    there = exporter()
    found = beside(Path("/proc"), there.url)
    assert found is not None
    assert found.read(1.0).host == NODE
    odd[0].body = said(boot_id="another")
    assert beside(Path("/proc"), odd[1]) is None
    assert odd[0].seen == [None], "nobody is told a token before the settings name him"
    assert beside(Path("/proc"), f"http://127.0.0.1:{free_port()}") is None


def test_a_stranger_in_the_exporters_place_is_not_asked(odd: tuple[type[Odd], str], tmp_path: Path) -> None:
    """The boot id is no secret: any local user may answer with it."""
    port = int(odd[1].rpartition(":")[2])
    table = tmp_path / "self/net/tcp"
    table.parent.mkdir(parents=True)
    for user, asked in ((1001, 0), (0, 1), (998, 2), (65534, 3)):
        table.write_text(
            "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
            f"   0: 0100007F:{port:04X} 00000000:0000 0A 00000000:00000000 00:00000000 00000000 {user:5d}   0 1 1\n"
        )
        beside(tmp_path, odd[1])
        assert len(odd[0].seen) == asked, user


def test_a_stranger_who_takes_the_port_later_is_not_read(odd: tuple[type[Odd], str], tmp_path: Path) -> None:
    port = int(odd[1].rpartition(":")[2])
    row = f"   0: 0100007F:{port:04X} 00000000:0000 0A 00000000:00000000 00:00000000 00000000 %5d   0 1 1\n"
    for name, content in (("self/net/tcp", row % 0), ("sys/kernel/random/boot_id", "b\n")):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    odd[0].body = said()
    found = beside(tmp_path, odd[1])
    assert found is not None
    assert found.read(1.0).host == "h"
    (tmp_path / "self/net/tcp").write_text(row % 1001)
    with pytest.raises(SourceError, match="does not answer"):
        found.read(1.0)


def test_a_host_that_is_too_much_to_show_costs_its_own_figures_alone() -> None:
    report = HOST | {"metrics": METRICS | {"disk": [{"mount": "/", "used_bytes": 1, "total_bytes": 2}] * 2049}}
    with pytest.raises(SnapshotError, match="more than a desk can show"):
        of_report(report)


def test_the_description_of_the_api_has_the_fields_that_are_sent() -> None:
    for described, sent in (
        (schema.SystemMetrics, snapshots.Metrics),
        (schema.CpuUsage, snapshots.CpuUsage),
        (schema.CoreUsage, snapshots.CoreUsage),
        (schema.MemoryUsage, snapshots.MemoryUsage),
        (schema.DiskUsage, snapshots.DiskUsage),
        (schema.NetworkUsage, snapshots.NetworkUsage),
        (schema.GpuUsage, snapshots.GpuUsage),
    ):
        assert set(described.model_fields) - {"host", "hosts"} == set(sent.__struct_fields__)


def test_where_the_exporter_beside_the_desk_goes_the_desk_takes_over(exporter: Make) -> None:
    there = exporter()
    roots = Roots()
    own = OwnExporter(host_sampler(Options(roots, ("cpu", "uname"))), roots.procfs)
    source = ThisHost(own, roots.procfs, there.url)
    assert source.read(1.0).gpus, "those of the demonstration: it is the one beside"
    assert source.own is None
    there.end()
    for _ in range(2):
        with pytest.raises(SourceError):
            source.read(1.0)
    assert source.read(1.0).gpus == ()
    assert source.own is not None
    source.close()


def test_a_host_that_is_read_twice_has_a_name_for_each_source(new_desk: Make, exporter: Make, eventually: Make) -> None:
    there = exporter()
    desk = new_desk(config=sources("local", there.url)).start()
    hosts = lambda: desk.ask("GET", f"/admin/metrics?host={there.url}", "viewer").json()["hosts"]  # noqa: E731
    eventually(lambda: hosts() == [NODE, there.url])


def test_a_slow_reader_keeps_no_exporter_awake(exporter: Make) -> None:
    there = exporter()
    ask = lambda age: requests.get(f"{there.url}/snapshot", params={"max_age": age}, timeout=30)  # noqa: E731
    first, second = ask(60).json()["at"], ask(60).json()["at"]
    assert first == second
    time.sleep(0.6)
    assert ask(0).json()["at"] > second
    assert ask("soon").status_code == ask("nan").status_code == 400
    assert ask(-1).ok
