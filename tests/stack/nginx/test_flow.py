"""What goes through the proxy as it comes: sockets, long polls, streams, bodies; what it says when nobody answers."""

from __future__ import annotations

import asyncio
import http.client
import json
import socket
import threading
import uuid
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import one_origin
import pytest
from little_dns import NameServer
from live_desk import free_port, wait_until
from standin_grafana import Grafana
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin as OriginHeader

from mixdesk import wire

LINES = 4


def talk(origin: Any, path: str, who: str | None, say: Callable[[ClientConnection], Awaitable[None]]) -> None:
    """Opens a WebSocket through the proxy and does with it what `say` says."""
    asyncio.run(_talk(origin, path, who, say, origin.url))


async def _talk(
    origin: Any, path: str, who: str | None, say: Callable[[ClientConnection], Awaitable[None]], sent: str
) -> None:
    # asyncio's client: that with threads reads and writes one TLS connection at a time, which OpenSSL does not allow
    async with connect(
        f"{'wss' if origin.tls else 'ws'}://{origin.host}{path}",
        sock=socket.create_connection(("127.0.0.1", origin.port), timeout=60),
        ssl=origin.trusted() if origin.tls else None,
        origin=OriginHeader(sent),
        additional_headers=origin.credentials(who),
        open_timeout=60,
        proxy=None,
    ) as opened:
        await say(opened)


def refused(origin: Any, path: str, who: str | None, sent: str | None = None) -> int:
    """The status that a handshake is answered with."""

    async def nothing(_: ClientConnection) -> None:
        return None

    with pytest.raises(InvalidStatus) as failed:
        asyncio.run(_talk(origin, path, who, nothing, sent or origin.url))
    return int(failed.value.response.status_code)


def test_the_stream_of_jobs(origin: Any) -> None:
    job_id = uuid.uuid4().hex

    async def listen(stream: ClientConnection) -> None:
        report = wire.Report(job_id=job_id, job_key="k" * 64, job_type="download_model", seq=1, status="queued")
        sent = origin.ask("PUT", f"/jobs/{job_id}/report", ":reporter", json.loads(wire.encode(report)))
        assert sent.status == 200, sent.text
        heard: set[str] = set()
        while job_id not in heard:
            told = await asyncio.wait_for(stream.recv(), 60)
            heard.add(json.loads(told).get("job", {}).get("job_id", ""))

    talk(origin, "/jobs/stream", "viewer", listen)
    assert refused(origin, "/jobs/stream", None) in (401, 403)
    assert refused(origin, "/jobs/stream", "viewer", "https://evil.example") == 403


def test_grafana_live(origin: Any) -> None:
    async def echo(live: ClientConnection) -> None:
        await live.send("ping")
        assert await asyncio.wait_for(live.recv(), 60) == "ping"

    talk(origin, "/grafana/api/live/ws", "operator", echo)
    told = origin.grafana.last()
    assert (told.method, told.headers["x-webauth-user"], told.headers["x-webauth-role"]) == ("WS", "operator", "Editor")
    assert "cookie" not in told.headers and told.headers["origin"] == origin.url
    before = len(origin.grafana.asked)
    assert refused(origin, "/grafana/api/live/ws", None) == 401
    assert refused(origin, "/grafana/api/live/ws", "anna") == 403
    assert refused(origin, "/grafana/api/live/ws", "operator", "https://evil.example") == 403
    assert len(origin.grafana.asked) == before


@pytest.mark.parametrize("protocol", ["h2c", "TLS/1.0", "websocket, h2c"])
def test_other_protocols_do_not_go_through(origin: Any, protocol: str) -> None:
    answer = origin.ask("GET", "/grafana/api/x", "viewer", Upgrade=protocol, Connection="Upgrade, HTTP2-Settings")
    assert answer.status == 200
    assert "upgrade" not in origin.grafana.last().headers
    assert "upgrade" not in origin.grafana.last().headers.get("connection", "").lower()


def test_a_long_poll_is_waited_for(origin: Any) -> None:
    answer = origin.ask("GET", "/jobs/desired?job=nobody:0&wait=1", ":reporter")
    assert (answer.status, answer.json) == (200, {"jobs": {}})
    text = (one_origin.NGINX / "templates" / "to_desk.conf.template").read_text()
    assert "proxy_read_timeout 75s" in text, "the desk holds a poll for 60 s at most"


class Slow:
    """A server of one request: it sends a line whenever it is told to."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._goes_on = threading.Semaphore(0)
        self._server = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._server.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def go_on(self) -> None:
        self._goes_on.release()

    def _serve(self) -> None:
        with self._server, self._server.accept()[0] as client:
            client.recv(65536)
            head = f"HTTP/1.1 200 OK\r\nContent-Type: {self._kind}\r\nTransfer-Encoding: chunked\r\n\r\n"
            client.sendall(head.encode())
            for number in range(LINES):
                assert self._goes_on.acquire(timeout=60)
                client.sendall(f"7\r\nline {number}\n\r\n".encode())
            client.sendall(b"0\r\n\r\n")


@pytest.mark.parametrize("kind", ["application/x-ndjson", "text/plain; charset=utf-8"])
def test_streams_arrive_as_they_are_made(tmp_path: Path, kind: str) -> None:
    slow, port = Slow(kind), free_port()
    config = one_origin.render(tmp_path, MIXDESK_PROXY_DESK=slow.address)
    one_origin.move(tmp_path, plain=port)
    with one_origin.running(config, port):
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        link.request("GET", "/admin/logs/search?q=x", headers={"Accept-Encoding": "gzip"})
        answer = link.getresponse()
        for number in range(LINES):
            slow.go_on()
            assert answer.readline() == f"line {number}\n".encode(), "before the next is there"
        assert answer.read() == b""
        link.close()


@pytest.fixture
def names() -> Iterator[NameServer]:
    found = NameServer()
    yield found
    found.close()


def test_it_starts_before_the_others_and_finds_them_later(tmp_path: Path, names: NameServer, plain: Any) -> None:
    port, grafana = free_port(), Grafana().start()
    config = one_origin.render(
        tmp_path, MIXDESK_PROXY_RESOLVER=names.address, MIXDESK_PROXY_DESK=f"desk:{plain.desk.port}",
        MIXDESK_PROXY_GRAFANA=f"grafana:{grafana.port}", MIXDESK_PUBLIC_URL=plain.url,
    )  # fmt: skip
    one_origin.move(tmp_path, plain=port)

    def ask(path: str, method: str = "GET") -> tuple[int, str]:
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        link.request(method, path, headers={"Host": plain.host} | plain.credentials("viewer"))
        try:
            answer = link.getresponse()
            return answer.status, answer.read().decode()
        finally:
            link.close()

    try:
        with one_origin.running(config, port):
            assert ask("/proxy/healthz") == (200, "ok\n")
            action = ("/grafana/admin/jobs/x/pause", "POST")
            for asked in (("/ui/",), ("/grafana/",), ("/auth/me",), action):
                status, said = ask(*asked)
                assert status == 502 and "the desk does not answer" in said, (asked, status, said)
            names.known["desk"] = "127.0.0.1"
            wait_until(lambda: ask("/auth/me")[0] == 200, "the desk behind its name")
            status, said = ask("/grafana/d/mixdesk-jobs")
            assert status == 502 and "Grafana does not answer" in said and "/ui/" in said
            assert ask("/grafana/api/health")[0] == 502
            names.known["grafana"] = "127.0.0.1"
            wait_until(lambda: ask("/grafana/")[0] == 200, "Grafana behind its name")
            grafana.stop()
            wait_until(lambda: ask("/grafana/")[0] == 502, "Grafana's end")
            assert ask("/auth/me")[0] == 200, "the desk goes on"
    finally:
        grafana.stop()
