"""Who reaches what through the proxy, and as whom Grafana hears of them."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import one_origin
import pytest
from live_desk import free_port

ALL = (None, "viewer", "operator", "admin", "anna", ":reporter", ":scraper")
ROLES = {"viewer": "Viewer", "operator": "Editor", "admin": "Editor"}
"""Whom Grafana is shown, and as what."""
PAGE = {"Sec_Fetch_Dest": "document", "Sec_Fetch_Mode": "navigate", "Accept": "text/html,*/*"}
FRAME = PAGE | {"Sec_Fetch_Dest": "iframe"}


@pytest.mark.parametrize("who", ALL)
@pytest.mark.parametrize("path", ["/grafana/", "/grafana/api/dashboards/home", "/grafana/public/build/app.js"])
def test_grafana_is_shown_to_who_sees_everything_at_the_desk(origin: Any, who: str | None, path: str) -> None:
    before = len(origin.grafana.asked)
    answer = origin.ask("GET", path, who)
    if who in ROLES:
        assert answer.status == 200, answer.text
        told = origin.grafana.last()
        assert (told.path, told.headers["x-webauth-user"], told.headers["x-webauth-role"]) == (path, who, ROLES[who])
        return
    assert answer.status == (401 if who is None else 403)
    assert answer.json["status"] == answer.status and answer.json["detail"]
    assert len(origin.grafana.asked) == before, "Grafana heard of it"


def test_what_proves_who_asks_never_reaches_grafana(origin: Any) -> None:
    origin.ask("POST", "/grafana/api/ds/query", "operator", {"queries": []})
    by_cookie = origin.grafana.last()
    origin.ask("GET", "/grafana/api/search?query=x", ":viewer")
    by_token = origin.grafana.last()
    for told in (by_cookie, by_token):
        assert not {"cookie", "authorization"} & set(told.headers)
        assert not [value for value in told.headers.values() if origin.cookies["operator"] in value]
    assert (by_cookie.method, by_cookie.body) == ("POST", b'{"queries": []}')
    assert by_token.headers["x-webauth-user"] == "viewer"


def test_nobody_says_who_he_is_by_himself(origin: Any) -> None:
    spoofed = {"X_WEBAUTH_USER": "admin@grafana", "X_WEBAUTH_ROLE": "Admin", "X_Forwarded_For": "203.0.113.9"}
    spoofed |= {"Forwarded": "for=203.0.113.9", "X_Real_IP": "203.0.113.9", "X_Forwarded_Host": "evil.example"}
    assert origin.ask("GET", "/grafana/", None, **spoofed).status == 401
    assert origin.ask("GET", "/grafana/", "anna", **spoofed).status == 403
    assert origin.ask("GET", "/grafana/", "viewer", **spoofed).status == 200
    told = origin.grafana.last().headers
    assert (told["x-webauth-user"], told["x-webauth-role"]) == ("viewer", "Viewer")
    assert (told["x-forwarded-for"], told["x-real-ip"]) == ("127.0.0.1", "127.0.0.1")
    assert (told["x-forwarded-host"], told["host"]) == (origin.host, origin.host)
    assert "forwarded" not in told
    denied = origin.desk.get("/admin/audit?outcome=denied&limit=5")["items"]
    assert {line["origin"] for line in denied} == {"127.0.0.1"}


def test_health_is_open_and_names_nobody(origin: Any) -> None:
    assert origin.ask("GET", "/grafana/api/health", None, X_WEBAUTH_USER="admin").status == 200
    told = origin.grafana.last()
    assert told.path == "/grafana/api/health"
    assert not [name for name in told.headers if name.startswith("x-webauth")]
    before = len(origin.grafana.asked)
    assert origin.ask("POST", "/grafana/api/health", "admin", {}).status == 403
    assert len(origin.grafana.asked) == before


@pytest.mark.parametrize("more", [0, 1, 3, 4, 40])
def test_the_way_back_is_one_parameter(origin: Any, more: int) -> None:
    query = "&".join(["from=now-1h", *(f"var-x={number}" for number in range(more))])
    page = origin.ask("GET", f"/grafana/d/mixdesk-jobs?{query}", None, **PAGE)
    (back,) = parse_qs(urlsplit(page.headers["Location"]).query)["next"]
    assert back == "/grafana/d/mixdesk-jobs" + (f"?{query}" if more < 4 else "")


def test_names_are_sent_percent_encoded(plain: Any) -> None:
    """So no name of the desk is that of Grafana's own admin, which has an @."""
    made = plain.ask("POST", "/admin/tokens", ":admin", {"roles": ["viewer"], "name": "admin@grafana"}).json
    plain.tokens["evil"] = made["token"]
    assert plain.ask("GET", "/grafana/", ":evil").status == 200
    assert plain.grafana.last().headers["x-webauth-user"] == "admin%40grafana"


def test_who_is_not_signed_in_is_led_to_the_sign_in(origin: Any) -> None:
    page = origin.ask("GET", "/grafana/d/mixdesk-jobs?from=now-1h", None, **PAGE)
    assert (page.status, page.headers["Location"]) == (303, "/ui/login/?next=/grafana/d/mixdesk-jobs?from=now-1h")
    old = origin.ask("GET", "/grafana/", None, Accept="text/html,application/xhtml+xml")
    assert old.status == 303
    frame = origin.ask("GET", "/grafana/d/mixdesk-jobs?kiosk", None, **FRAME)
    assert frame.status == 401 and 'href="/ui/login/" target="_top"' in frame.text
    assert frame.headers["Content-Type"] == "text/html; charset=utf-8"
    script = origin.ask("GET", "/grafana/api/search", None, Sec_Fetch_Dest="empty", Accept="text/html")
    assert script.status == 401 and script.headers["Content-Type"] == "application/problem+json"
    assert script.headers["WWW-Authenticate"] == 'Bearer realm="mixdesk"'
    posted = origin.ask("POST", "/grafana/api/ds/query", None, {}, **PAGE)
    assert posted.status == 401


def test_a_session_that_ends_ends_at_grafana_too(plain: Any) -> None:
    answer = plain.ask("POST", "/auth/login", body={"token": plain.tokens["viewer"]})
    cookie = str(answer.headers["Set-Cookie"]).partition(";")[0]
    assert plain.ask("GET", "/grafana/", None, Cookie=cookie).status == 200
    assert plain.ask("POST", "/auth/logout", None, {}, Cookie=cookie).status == 204
    assert plain.ask("GET", "/grafana/", None, Cookie=cookie).status == 401


@pytest.mark.parametrize("foreign", ["https://evil.example", "null", "http://localhost:1"])
def test_a_foreign_page_uses_no_session_at_grafana(origin: Any, foreign: str) -> None:
    """Grafana itself does not look at Origin where there is no cookie of its own."""
    before = len(origin.grafana.asked)
    for method, path in (
        ("POST", "/grafana/api/ds/query"),
        ("DELETE", "/grafana/api/dashboards/uid/x"),
        ("GET", "/grafana/"),
    ):
        assert origin.ask(method, path, "admin", {}, Origin=foreign).status == 403
    assert origin.ask("GET", "/grafana/", "admin", Host="rebound.example").status == 403
    assert len(origin.grafana.asked) == before


@pytest.fixture
def confused_desk() -> Iterator[str]:
    """Its address; it answers everything with 429, which is none of the three words about who asks."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(429)
            self.send_header("Content-Length", "0")
            self.end_headers()

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_desk_that_does_not_say_who_asks_is_not_called_away(tmp_path: Path, confused_desk: str) -> None:
    port = free_port()
    config = one_origin.render(tmp_path, MIXDESK_PROXY_DESK=confused_desk)
    one_origin.move(tmp_path, plain=port)
    with one_origin.running(config, port):
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        link.request("GET", "/grafana/")
        answer = link.getresponse()
        said = answer.read().decode()
        link.close()
    assert answer.status == 502 and "did not say who asks" in said and "429" in said, said
