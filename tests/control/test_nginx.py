"""The nginx configuration of docs/desk.md, run as it stands: real nginx, real TLS, a desk on loopback behind it."""

from __future__ import annotations

import http.client
import json
import shutil
import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nginx
import pages
import pytest
from websockets.sync.client import connect
from websockets.typing import Origin

from mixdesk import wire

NAME = "desk.example"
CLIENT = "127.0.0.2"  # not the proxy's own address, so that the audit shows which of the two it noted

pytestmark = pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed")


class Proxied:
    """A desk as browsers see it."""

    def __init__(self, desk: Any, folder: Path, port: int) -> None:
        self.desk, self.port = desk, port
        self.origin = f"https://{NAME}:{port}"
        self.context = ssl.create_default_context(cafile=str(folder / "cert.pem"))
        self.context.check_hostname = False  # the name is in Host; the socket goes to 127.0.0.1

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any, http.client.HTTPMessage]:
        """Status, decoded body and headers of one request through nginx."""
        link = http.client.HTTPSConnection(
            "127.0.0.1", self.port, context=self.context, timeout=30, source_address=(CLIENT, 0)
        )
        sent = None if body is None else json.dumps(body)
        more = {"Host": f"{NAME}:{self.port}"} | ({} if body is None else {"Content-Type": "application/json"})
        try:
            link.request(method, path, sent, more | headers)
            answer = link.getresponse()
            text = answer.read()
            is_json = "json" in answer.headers.get("Content-Type", "")
            return answer.status, json.loads(text) if is_json else text, answer.headers
        finally:
            link.close()

    def bearer(self, role: str) -> str:
        return f"Bearer {self.desk.tokens[role]}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for the name."""
    found = tmp_path_factory.mktemp("nginx")
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "2",
    ]
    subject = ["-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}"]
    files = ["-keyout", str(found / "key.pem"), "-out", str(found / "cert.pem")]
    subprocess.run([*command, *subject, *files], check=True, capture_output=True, timeout=60)
    return found


@pytest.fixture
def proxied(new_desk: Callable[..., Any], folder: Path, eventually: Callable[..., object]) -> Iterator[Proxied]:
    port = new_desk().port  # a free one; that desk is never started
    desk = new_desk(config=settings_of(port)).start()
    found = Proxied(desk, folder, port)
    with nginx.running(folder, site_of(desk.port, port, folder)) as server:
        eventually(lambda: answers(found, server))
        yield found


def settings_of(port: int) -> str:
    """The second block of settings on the page, for a port that a test may have."""
    (shown,) = (code for code in pages.blocks(pages.page("desk"), "toml") if "behind_proxy" in code)
    assert f"https://{NAME}" in shown
    return shown.replace(f"https://{NAME}", f"https://{NAME}:{port}")


def site_of(desk_port: int, port: int, folder: Path) -> str:
    (shown,) = pages.blocks(pages.page("desk"), "nginx")
    for here, there in (
        ("127.0.0.1:9770", f"127.0.0.1:{desk_port}"),
        ("listen 443", f"listen 127.0.0.1:{port}"),
        (f"/etc/ssl/certs/{NAME}.pem", str(folder / "cert.pem")),
        (f"/etc/ssl/private/{NAME}.key", str(folder / "key.pem")),
    ):
        assert here in shown
        shown = shown.replace(here, there)
    return shown


def answers(found: Proxied, server: subprocess.Popen[bytes]) -> bool:
    assert server.poll() is None, server.communicate()[1].decode()
    try:
        return found.ask("GET", "/healthz")[0] == 200
    except OSError:
        return False


def test_a_browser_signs_in_and_reads_the_stream(proxied: Proxied, eventually: Callable[..., object]) -> None:
    body = {"token": proxied.desk.tokens["operator"]}
    status, problem, _ = proxied.ask("POST", "/auth/login", body, Origin="https://evil.example")
    assert status == 403 and "Origin" in problem["detail"]
    status, _, headers = proxied.ask("POST", "/auth/login", body, Origin=proxied.origin)
    cookie = headers["Set-Cookie"]
    assert status == 200 and cookie.startswith("__Host-mixdesk_") and "Secure" in cookie
    session = cookie.partition(";")[0]
    assert proxied.ask("GET", "/auth/me", Cookie=session)[1]["name"] == "operator"

    with connect(
        f"wss://{NAME}:{proxied.port}/jobs/stream",
        sock=socket.create_connection(("127.0.0.1", proxied.port), timeout=30),
        ssl=proxied.context,
        origin=Origin(proxied.origin),
        additional_headers={"Cookie": session},
        open_timeout=30,
        proxy=None,
    ) as stream:
        report = wire.Report(job_id="behind-nginx", job_key="k" * 64, job_type="download_model", seq=1, status="queued")
        sent = json.loads(wire.encode(report))
        path, who = "/jobs/behind-nginx/report", proxied.bearer("reporter")
        eventually(lambda: proxied.ask("PUT", path, sent, Authorization=who)[0] == 200)
        assert json.loads(stream.recv(timeout=30))["job"]["job_id"] == "behind-nginx"


def test_nothing_is_open_because_of_the_proxy(proxied: Proxied, eventually: Callable[..., object]) -> None:
    assert proxied.ask("GET", "/metrics")[0] == 401
    assert proxied.desk.ask("GET", "/metrics", None).status_code == 401, "this host is everybody behind a proxy"
    assert proxied.ask("GET", "/metrics", Authorization=proxied.bearer("scraper"))[0] == 200
    assert proxied.ask("GET", "/jobs", **{"X-Forwarded-For": "203.0.113.9"})[0] == 401

    def denied() -> list[str]:
        lines = proxied.desk.ask("GET", "/admin/audit", "operator", params={"outcome": "denied"}).json()["items"]
        return [line["origin"] for line in lines if line["target"] == "/jobs"]

    assert eventually(denied) == [CLIENT], "the address that nginx saw, not the one that somebody claims"
    path = "/jobs/desired?job=nobody:0&wait=1"
    assert proxied.ask("GET", path, Authorization=proxied.bearer("reporter"))[:2] == (200, {"jobs": {}})
