"""The exporter's HTTP: whole requests, broken ones, slow readers, many who hold connections."""

from __future__ import annotations

import gzip
import http.client
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

from mixdesk_exporter.serving import requests
from mixdesk_exporter.serving.protocol import MOST_CONNECTIONS
from mixdesk_exporter.serving.requests import MOST_HEAD, BadRequest


class Exporter:
    """A real one in a process of its own."""

    def __init__(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "mixdesk_exporter", "--port", str(self.port)], stderr=subprocess.PIPE, text=True
        )
        assert self.process.stderr is not None
        assert "/metrics" in self.process.stderr.readline()

    def raw(self, content: bytes) -> bytes:
        """What comes back on one connection that is then half closed."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as wire:
            wire.sendall(content)
            wire.shutdown(socket.SHUT_WR)
            return self.rest(wire)

    def rest(self, wire: socket.socket) -> bytes:
        found = b""
        while part := wire.recv(65536):
            found += part
        return found

    def get(self, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        link.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        answer = link.getresponse()
        found = answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        link.close()
        return found


@pytest.fixture(scope="module")
def exporter() -> Iterator[Exporter]:
    started = Exporter()
    yield started
    started.process.terminate()
    assert started.process.communicate(timeout=60)[1] == ""
    assert started.process.returncode == 0


def test_formats_and_encodings(exporter: Exporter) -> None:
    status, headers, body = exporter.get("/metrics")
    assert (status, headers["content-type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
    assert "node_cpu_seconds" in {family.name for family in parse_text(body.decode())}
    accept = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5"
    status, headers, body = exporter.get("/metrics", Accept=accept, Accept_Encoding="gzip")
    assert headers["content-type"] == "application/openmetrics-text; version=1.0.0; charset=utf-8"
    assert headers["content-encoding"] == "gzip"
    assert "node_cpu_seconds" in {family.name for family in parse_openmetrics(gzip.decompress(body).decode())}


def test_some_collectors(exporter: Exporter) -> None:
    _, _, body = exporter.get("/metrics?collect[]=loadavg&collect%5B%5D=uname")
    names = {family.name for family in parse_text(body.decode()) if family.name.startswith("node_")}
    assert {"node_load1", "node_uname_info"} <= names
    assert "node_memory_MemTotal_bytes" not in names
    _, _, body = exporter.get("/metrics?exclude[]=loadavg")
    names = {family.name for family in parse_text(body.decode())}
    assert "node_memory_MemTotal_bytes" in names
    assert "node_load1" not in names
    status, _, body = exporter.get("/metrics?collect[]=nonsense")
    assert status == 400
    assert b"'nonsense'" in body and b"loadavg" in body


def test_the_other_pages(exporter: Exporter) -> None:
    assert b"/metrics" in exporter.get("/")[2]
    assert exporter.get("/-/healthy")[0] == 200
    assert exporter.get("/-/ready")[0] == 200
    assert exporter.get("/nothing")[0] == 404


def test_a_connection_serves_many_requests_also_sent_at_once(exporter: Exporter) -> None:
    one = b"GET /-/healthy HTTP/1.1\r\nHost: x\r\n\r\n"
    last = b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    answer = exporter.raw(one * 5 + b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n" + one + last)
    assert answer.count(b"HTTP/1.1 200 OK") == 8
    assert answer.count(b"the exporter is up") == 6


def test_who_sends_no_more_is_answered_and_let_go(exporter: Exporter) -> None:
    assert exporter.raw(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n" * 2).count(b"200 OK") == 2
    assert exporter.raw(b"GET /metr") == b""
    assert exporter.raw(b"") == b""


def test_head_and_old_clients(exporter: Exporter) -> None:
    head = exporter.raw(b"HEAD /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert b"Content-Length: " in head and head.endswith(b"Connection: close\r\n\r\n")
    old = exporter.raw(b"GET /-/healthy HTTP/1.0\r\n\r\n")
    assert b"Connection: close" in old and old.endswith(b"is up\n")


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 tls \r\n\r\n", b"400"),
        (b"GET /metrics SPDY/9\r\n\r\n", b"400"),
        (b"GET\r\n\r\n", b"400"),
        (b"POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc", b"413"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"413"),
        (b"DELETE / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", b"405"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"y" * MOST_HEAD + b"\r\n\r\n", b"431"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 3 * MOST_HEAD, b"431"),
        (b"GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: upgrade\r\nHost: x\r\n\r\n", b"400"),
    ],
)
def test_what_is_refused(exporter: Exporter, content: bytes, status: bytes) -> None:
    answer = exporter.raw(content)
    assert answer.startswith(b"HTTP/1.1 " + status), answer[:200]
    assert exporter.get("/-/healthy")[0] == 200


def test_a_request_in_small_pieces(exporter: Exporter) -> None:
    with socket.create_connection(("127.0.0.1", exporter.port), timeout=60) as wire:
        for byte in b"GET /-/healthy HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n":
            wire.sendall(bytes([byte]))
        assert exporter.rest(wire).endswith(b"is up\n")


def test_readers_that_take_nothing_shut_nobody_out(exporter: Exporter) -> None:
    wires = []
    for _ in range(200):
        wire = socket.socket()
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        wire.settimeout(60)
        wire.connect(("127.0.0.1", exporter.port))
        wire.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n" * 3)
        wires.append(wire)
    for _ in range(10):
        assert exporter.get("/metrics")[0] == 200
    for wire in wires:
        wire.close()


def test_more_connections_than_there_may_be_shut_nobody_out(exporter: Exporter) -> None:
    wires = [socket.create_connection(("127.0.0.1", exporter.port), timeout=60) for _ in range(MOST_CONNECTIONS + 20)]
    assert exporter.get("/-/healthy")[0] == 200
    for wire in wires:
        wire.close()


def test_scrapers_that_come_together_get_the_same_reading(exporter: Exporter) -> None:
    time.sleep(0.6)
    wires = [socket.create_connection(("127.0.0.1", exporter.port), timeout=60) for _ in range(30)]
    for wire in wires:
        wire.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    bodies = {exporter.rest(wire).partition(b"\r\n\r\n")[2] for wire in wires}
    for wire in wires:
        wire.close()
    assert len(bodies) <= 2, "a slow machine may need a second snapshot"


def test_a_taken_port_is_one_line(exporter: Exporter) -> None:
    second = subprocess.run(
        [sys.executable, "-m", "mixdesk_exporter", "--port", str(exporter.port)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert second.returncode == 1
    assert second.stderr.count("\n") == 1 and str(exporter.port) in second.stderr


def test_a_collector_that_does_not_exist_is_one_line() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "mixdesk_exporter", "--collectors", "cpu,nonsense"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert run.returncode == 2
    assert "'nonsense'" in run.stderr and "loadavg" in run.stderr


def test_heads_are_parsed_once() -> None:
    heads = requests.Heads()
    head = b"GET /metrics?a=1&a=2 HTTP/1.1\r\nHost: x\r\nAccept: */*\r\n\r\n"
    first = heads.request(head)
    assert heads.request(head) is first
    assert (first.method, first.path, first.query, first.header("accept")) == (
        "GET",
        "/metrics",
        {"a": ["1", "2"]},
        "*/*",
    )
    for number in range(1000):
        heads.request(b"GET /%d HTTP/1.1\r\nHost: x\r\n\r\n" % number)
    assert len(heads._known) <= requests.REMEMBERED
    with pytest.raises(BadRequest):
        heads.request(b"nonsense\r\n\r\n")


def test_the_command(exporter: Exporter) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "mixdesk_control.cli", "exporter", "--port", str(exporter.port)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (run.returncode, run.stderr.count("\n")) == (1, 1)
    assert str(exporter.port) in run.stderr
