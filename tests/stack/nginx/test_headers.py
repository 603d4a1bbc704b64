"""What answers carry, where browsers are sent, and what is written down."""

from __future__ import annotations

import http.client
import re
from pathlib import Path
from typing import Any

import one_origin
import pytest
from live_desk import free_port, wait_until

SECRET = "not-for-the-log"
LINE = re.compile(
    r'time=\S+ from=127\.0\.0\.1 method="GET" path="([^"]*)" status=(\d+) bytes=\d+ seconds=[\d.]+ '
    r'at="[^"]*" user="(\w*)"'
)
PAGE = {"Sec_Fetch_Dest": "document", "Sec_Fetch_Mode": "navigate", "Accept": "text/html"}


def test_grafanas_answers(origin: Any) -> None:
    headers = origin.ask("GET", "/grafana/d/kiosk", "viewer").headers
    assert headers.get_all("Content-Security-Policy")[-1] == "frame-ancestors 'self'"
    assert headers.get_all("X-Content-Type-Options") == ["nosniff"]
    assert headers.get_all("Referrer-Policy") == ["same-origin"]
    for name in ("Set-Cookie", "Clear-Site-Data", "Service-Worker-Allowed"):
        assert headers[name] is None, "Grafana may not reach for the desk's cookies"


def test_the_desks_answers_are_its_own(origin: Any) -> None:
    direct = http.client.HTTPConnection("127.0.0.1", origin.desk.port, timeout=60)
    direct.request("GET", "/ui/", headers={"Host": origin.host})
    own = direct.getresponse()
    own.read()
    direct.close()
    through = origin.ask("GET", "/ui/").headers
    for name in (
        "Content-Security-Policy",
        "X-Content-Type-Options",
        "Referrer-Policy",
        "Cache-Control",
        "Content-Type",
    ):
        assert through.get_all(name) == own.headers.get_all(name), name


@pytest.mark.parametrize("status", [304, 400, 401, 403, 404, 413, 418, 500, 502, 504])
def test_what_grafana_refuses_is_said_in_its_own_words(plain: Any, status: int) -> None:
    answer = plain.ask("GET", f"/grafana/api/x?status={status}", "viewer")
    assert answer.status == status
    assert status == 304 or answer.json == {"stand-in": "/grafana/api/x"}


def test_the_proxys_own_answers(origin: Any) -> None:
    for path, status in (("/grafana/x", 401), ("/proxy/x", 404), ("/proxy/healthz", 200)):
        answer = origin.ask("GET", path)
        assert answer.status == status and answer.headers["Server"] == "nginx", "without a version"
    moved = origin.ask("GET", "/grafana", "viewer")
    assert (moved.status, moved.headers["Location"]) == (308, "/grafana/")


@pytest.mark.parametrize(
    ("path", "where"),
    [
        ("/grafana/ui/jobs/detail/?id=a%20b&x=1", "/ui/jobs/detail/?id=a%20b&x=1"),
        ("/grafana/runbooks/JobStalled", "/runbooks/JobStalled"),
        ("/grafana/ui/%0d%0aSet-Cookie:x", "/ui/%0d%0aSet-Cookie:x"),
        ("/grafana/ui//evil.example", "/ui//evil.example"),
        ("/grafana/%75i/x", "/ui/"),
    ],
)
def test_links_of_panels_lead_to_the_desks_pages(origin: Any, path: str, where: str) -> None:
    """Grafana opens a link to /ui/ as one to /grafana/ui/."""
    answer = origin.ask("GET", path, None)
    assert (answer.status, answer.headers["Location"], answer.headers["Set-Cookie"]) == (302, where, None)


def test_hsts_is_said_over_tls_alone(plain: Any, secure: Any) -> None:
    paths = ("/ui/", "/grafana/", "/grafana/ui/", "/grafana", "/auth/me", "/proxy/healthz", "/nothing")
    for path, who in ((path, who) for path in paths for who in (None, "viewer")):
        assert secure.ask("GET", path, who).headers.get_all("Strict-Transport-Security") == ["max-age=31536000"], path
        assert plain.ask("GET", path, who).headers["Strict-Transport-Security"] is None


def test_without_tls_one_is_sent_to_it(secure: Any) -> None:
    link = http.client.HTTPConnection("127.0.0.1", secure.plain_port, timeout=60)
    try:
        link.request("GET", "/grafana/d/mixdesk-jobs?from=now-1h", headers={"Host": "evil.example"})
        answer = link.getresponse()
        answer.read()
        assert (answer.status, answer.headers["Location"]) == (308, f"{secure.url}/grafana/d/mixdesk-jobs?from=now-1h")
        link.request("GET", "/proxy/healthz")
        assert link.getresponse().read() == b"ok\n"
    finally:
        link.close()
    cookie = secure.cookies["admin"]
    assert cookie.startswith("__Host-mixdesk_"), "a cookie that no other host name and no plain page can set"


@pytest.mark.parametrize("name", ["127.0.0.1", "[::1]"])
def test_another_loopback_name_leads_home(origin: Any, name: str) -> None:
    """Under it one could neither sign in nor use an action; only pages are moved, and only from this port."""
    other = origin.host.replace("localhost", name)
    moved = origin.ask("GET", "/grafana/d/x?a=b", None, Host=other, **PAGE)
    assert (moved.status, moved.headers["Location"]) == (307, f"{origin.url}/grafana/d/x?a=b")
    assert origin.ask("GET", "/healthz", None, Host=other).status == 200
    for host in (name, f"{name}:1", "evil.example"):
        assert origin.ask("GET", "/ui/", None, Host=host, **PAGE).status == 200, host
    assert origin.ask("GET", "/ui/", None, **PAGE).status == 200


@pytest.mark.parametrize(
    ("public", "host", "home"),
    [
        ("http://localhost:80", "127.0.0.1", "http://localhost"),
        ("http://localhost:80/", "[::1]", "http://localhost"),
        ("https://localhost:443", "127.0.0.1", "https://localhost"),
        ("https://127.0.0.1:9770/", "localhost:9770", "https://127.0.0.1:9770"),
        ("http://localhost:80", "localhost", None),
        ("http://localhost:443", "127.0.0.1", None),
        ("http://localhost:9770//", "localhost:9770", None),
    ],
)
def test_home_is_written_as_browsers_write_it(tmp_path: Path, public: str, host: str, home: str | None) -> None:
    port = free_port()
    config = one_origin.render(tmp_path, MIXDESK_PUBLIC_URL=public, MIXDESK_PROXY_DESK=f"127.0.0.1:{free_port()}")
    one_origin.move(tmp_path, plain=port)
    with one_origin.running(config, port):
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        link.request("GET", "/ui/?a=b", headers={"Host": host, "Accept": "text/html"})
        answer = link.getresponse()
        link.close()
    expected = (502, None) if home is None else (307, f"{home}/ui/?a=b")
    assert (answer.status, answer.headers["Location"]) == expected


def test_a_slash_that_is_missing_loses_no_query(plain: Any) -> None:
    assert plain.ask("GET", "/grafana?x=1&y=%2F", "viewer").headers["Location"] == "/grafana/?x=1&y=%2F"
    assert plain.ask("GET", "/grafana", "viewer").headers["Location"] == "/grafana/"


def test_pages_are_compressed_for_who_can_read_that(origin: Any) -> None:
    answer = origin.ask("GET", "/openapi.json", None, Accept_Encoding="gzip")
    assert answer.headers["Content-Encoding"] == "gzip" and answer.body[:2] == b"\x1f\x8b"
    assert origin.ask("GET", "/openapi.json").headers["Content-Encoding"] is None


def test_the_log_says_who_and_where_and_nothing_secret(origin: Any) -> None:
    log = origin.folder / "access.log"
    before = len(log.read_text())
    asked = {"Referer": f"http://x/?{SECRET}", "User_Agent": SECRET}
    origin.ask("GET", f"/grafana/api/search?ticket={SECRET}", "operator", **asked)
    origin.ask("GET", f"/jobs?cursor={SECRET}", ":viewer", **asked)
    origin.ask("GET", "/x%0astatus=200%22", None)
    origin.ask("GET", "/proxy/healthz")
    wait_until(lambda: "/x%0astatus" in log.read_text()[before:], "the last line")
    written = log.read_text()[before:]
    assert SECRET not in written
    assert not [secret for secret in (*origin.tokens.values(), *origin.cookies.values()) if secret in written]
    lines = written.splitlines()
    assert len(lines) == 3, "no line for the question to the desk and for the health check"
    found = [LINE.fullmatch(line) for line in lines]
    assert [match and match.groups() for match in found] == [
        ("/grafana/api/search", "200", "operator"), ("/jobs", "422", ""), ("/x%0astatus=200%22", "404", "")
    ]  # fmt: skip
