"""Signing in over HTTP, and what a browser's ambient authority may do: Host, Origin, cookies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

FOREIGN = ["http://evil.example", "null", "http://localhost:1", "https://localhost"]


def code_of(desk: Any) -> str:
    return desk.ask("POST", "/auth/login-code").json()["code"]


def sign_in(desk: Any, url: str | None = None, **body: str) -> requests.Response:
    """As a page of the desk does it."""
    base = url or desk.url
    payload = body or {"code": code_of(desk)}
    return requests.post(f"{base}/auth/login", json=payload, headers={"Origin": base}, timeout=30)


@pytest.fixture
def cookie(desk: Any) -> str:
    found = sign_in(desk).cookies
    return "; ".join(f"{name}={value}" for name, value in found.items())


def test_a_login_link_opens_a_session(desk: Any) -> None:
    answer = desk.ask("POST", "/auth/login-code")
    assert answer.status_code == 201
    url, code = answer.json()["url"], answer.json()["code"]
    assert url == f"{desk.url}/ui/login/#{code}"
    signed = sign_in(desk, code=code)
    assert signed.status_code == 200
    assert signed.json()["roles"] == ["admin", "operator", "viewer"]
    header = signed.headers["Set-Cookie"].lower()
    assert header.startswith("mixdesk_") and "httponly" in header and "samesite=strict" in header
    assert "path=/" in header and "domain" not in header and "; secure" not in header
    again = sign_in(desk, code=code)
    assert again.status_code == 401 and "mixdesk login" in again.json()["detail"]
    assert again.headers["Content-Type"] == "application/problem+json"


def test_a_token_that_is_typed_in_opens_a_session_of_its_own_rights(desk: Any) -> None:
    signed = sign_in(desk, token=desk.tokens["viewer"])
    assert signed.json()["roles"] == ["viewer"] and signed.json()["via"] == "session"
    assert sign_in(desk, token="x" * 40).status_code == 401
    assert sign_in(desk, nothing="x").status_code == 422


def test_reading_with_the_cookie(desk: Any, cookie: str) -> None:
    answer = requests.get(f"{desk.url}/auth/me", headers={"Cookie": cookie}, timeout=30)
    assert (answer.status_code, answer.json()["via"]) == (200, "session")
    assert answer.headers["Cache-Control"] == "no-store"


def test_signing_out(desk: Any, cookie: str) -> None:
    headers = {"Cookie": cookie, "Origin": desk.url, "Content-Type": "application/json"}
    answer = requests.post(f"{desk.url}/auth/logout", headers=headers, timeout=30)
    assert answer.status_code == 204 and "max-age=0" in answer.headers["Set-Cookie"].lower()
    assert requests.get(f"{desk.url}/auth/me", headers={"Cookie": cookie}, timeout=30).status_code == 401


@pytest.mark.parametrize("origin", [None, *FOREIGN])
def test_a_cookie_write_needs_the_desks_own_origin(desk: Any, cookie: str, origin: str | None) -> None:
    headers = {"Cookie": cookie, "Content-Type": "application/json"} | ({"Origin": origin} if origin else {})
    for method, path in (("POST", "/auth/ws-ticket"), ("DELETE", "/admin/tokens/x"), ("PUT", "/anything")):
        answer = requests.request(method, desk.url + path, headers=headers, data='{"path": "/x"}', timeout=30)
        assert answer.status_code == 403, (method, path)
        assert "Origin" in answer.json()["detail"] or "no Origin" in answer.json()["detail"]


@pytest.mark.parametrize("origin", FOREIGN)
def test_a_foreign_page_cannot_read_with_the_cookie(desk: Any, cookie: str, origin: str) -> None:
    answer = requests.get(f"{desk.url}/auth/me", headers={"Cookie": cookie, "Origin": origin}, timeout=30)
    assert answer.status_code == 403
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]


@pytest.mark.parametrize("origin", [None, *FOREIGN])
def test_a_foreign_page_cannot_sign_in(desk: Any, origin: str | None) -> None:
    code = code_of(desk)
    headers = {"Origin": origin} if origin else {}
    answer = requests.post(f"{desk.url}/auth/login", json={"code": code}, headers=headers, timeout=30)
    assert answer.status_code == 403 and "Set-Cookie" not in answer.headers
    assert sign_in(desk, code=code).status_code == 200, "the code must not have been spent"


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", None])
def test_a_form_cannot_change_anything(desk: Any, cookie: str, kind: str | None) -> None:
    headers = {"Cookie": cookie, "Origin": desk.url} | ({"Content-Type": kind} if kind else {})
    answer = requests.post(f"{desk.url}/auth/ws-ticket", headers=headers, data=b'{"path": "/x"}', timeout=30)
    assert answer.status_code == 415
    assert requests.post(f"{desk.url}/auth/logout", headers=headers, timeout=30).status_code == 415


@pytest.mark.parametrize("host", ["evil.example", "evil.example:9770", "127.0.0.1.evil.example"])
def test_dns_rebinding(desk: Any, cookie: str, host: str) -> None:
    """A name of somebody else that points at this machine: same-origin to the browser, so Origin equals Host."""
    rebound = {"Host": host, "Origin": f"http://{host}"}
    for method, path, headers in (
        ("GET", "/auth/me", {"Cookie": cookie}),
        ("POST", "/auth/ws-ticket", {"Cookie": cookie, "Content-Type": "application/json"}),
        ("POST", "/auth/login", {"Content-Type": "application/json"}),
        ("GET", "/metrics", {}),
    ):
        answer = requests.request(method, desk.url + path, headers=headers | rebound, data=b"{}", timeout=30)
        assert answer.status_code == 403 and "allowed_hosts" in answer.json()["detail"], path


def test_what_needs_neither_host_nor_origin(desk: Any) -> None:
    odd = {"Host": "10.1.2.3:9770", "Origin": "http://evil.example"}
    for path in ("/healthz", "/readyz"):
        assert requests.get(desk.url + path, headers=odd, timeout=30).status_code == 200
    for method, path in (("GET", "/auth/me"), ("POST", "/auth/login-code"), ("GET", "/admin/audit")):
        assert desk.ask(method, path, headers=odd).status_code < 300
    assert desk.ask("GET", "/metrics", "scraper", headers=odd).status_code == 200


def test_an_ssh_tunnel_on_another_port_works(desk: Any) -> None:
    """The browser says localhost:5555; the tunnel brings it to the desk's own port unchanged."""
    tunnel = {"Host": "localhost:5555", "Origin": "http://localhost:5555"}
    signed = requests.post(f"{desk.url}/auth/login", json={"code": code_of(desk)}, headers=tunnel, timeout=30)
    assert signed.status_code == 200
    cookie = signed.headers["Set-Cookie"].partition(";")[0]
    headers = tunnel | {"Cookie": cookie, "Content-Type": "application/json"}
    assert requests.post(f"{desk.url}/auth/logout", headers=headers, timeout=30).status_code == 204


def test_two_desks_on_one_host_name(desk: Any, new_desk: Callable[..., Any]) -> None:
    """Cookies ignore ports: both desks get both cookies, and each knows its own."""
    other = new_desk().start()
    with requests.Session() as browser:
        for one in (desk, other):
            answer = browser.post(f"{one.url}/auth/login", json={"code": code_of(one)}, headers={"Origin": one.url})
            assert answer.status_code == 200
        assert len({item.name for item in browser.cookies if item.name.startswith("mixdesk_")}) == 2
        for one in (desk, other):
            assert browser.get(f"{one.url}/auth/me").status_code == 200
        # A page of the one is foreign to the other.
        answer = browser.post(f"{other.url}/auth/ws-ticket", json={"path": "/x"}, headers={"Origin": desk.url})
        assert answer.status_code == 403
        browser.post(f"{desk.url}/auth/logout", json={}, headers={"Origin": desk.url})
        assert browser.get(f"{other.url}/auth/me").status_code == 200


def test_behind_a_proxy(new_desk: Callable[..., Any]) -> None:
    """public_url is compared as text; X-Forwarded-* change nothing, and name the client in the audit alone."""
    desk = new_desk(
        config='[server]\npublic_url = "https://desk.example:8443"\nbehind_proxy = ["127.0.0.1"]\n'
        'allowed_hosts = ["upstream"]\nallowed_origins = ["http://tools.example"]'
    ).start()
    made = desk.ask("POST", "/auth/login-code", headers={"X-Forwarded-For": "9.9.9.9, 203.0.113.5"}).json()
    assert made["url"].startswith("https://desk.example:8443/ui/login/#")
    lines = desk.ask("GET", "/admin/audit?action=auth.code").json()["items"]
    assert lines[0]["origin"] == "203.0.113.5"
    for origin in ("https://desk.example", "http://desk.example:8443", desk.url, "http://evil.example"):
        forwarded = {
            "Origin": origin,
            "X-Forwarded-Host": "evil.example",
            "X-Forwarded-Proto": "http",
            "Host": "upstream",
        }
        answer = requests.post(f"{desk.url}/auth/login", json={"code": made["code"]}, headers=forwarded, timeout=30)
        assert answer.status_code == 403
    through = {"Origin": "https://desk.example:8443", "Host": "upstream"}
    signed = requests.post(f"{desk.url}/auth/login", json={"code": made["code"]}, headers=through, timeout=30)
    assert signed.status_code == 200
    header = signed.headers["Set-Cookie"]
    assert header.startswith("__Host-mixdesk_") and "secure" in header.lower()
    # A proxy makes every peer local: no exemption.
    assert requests.get(f"{desk.url}/metrics", headers={"Host": "upstream"}, timeout=30).status_code == 401
    assert desk.ask("GET", "/metrics", "scraper").status_code == 200


def test_cross_origin_reads_with_a_bearer(new_desk: Callable[..., Any]) -> None:
    desk = new_desk(config='[server]\nallowed_origins = ["http://tools.example"]').start()
    preflight = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"}
    allowed = requests.options(
        f"{desk.url}/auth/me", headers=preflight | {"Origin": "http://tools.example"}, timeout=30
    )
    assert allowed.headers["Access-Control-Allow-Origin"] == "http://tools.example"
    assert "Access-Control-Allow-Credentials" not in allowed.headers
    foreign = requests.options(f"{desk.url}/auth/me", headers=preflight | {"Origin": "http://evil.example"}, timeout=30)
    assert "Access-Control-Allow-Origin" not in foreign.headers
    read = desk.ask("GET", "/auth/me", headers={"Origin": "http://tools.example"})
    assert read.headers["Access-Control-Allow-Origin"] == "http://tools.example"
    assert (
        "Access-Control-Allow-Origin"
        not in desk.ask("GET", "/auth/me", headers={"Origin": "http://evil.example"}).headers
    )


def test_a_grafana_action_may_use_job_and_asset_actions_alone(desk: Any) -> None:
    action = {"X-Grafana-Action": "1"}
    for method, path in (("GET", "/auth/me"), ("POST", "/auth/login-code"), ("DELETE", "/jobs/x"), ("GET", "/jobs")):
        answer = desk.ask(method, path, headers=action)
        assert answer.status_code == 403 and "Grafana" in answer.json()["detail"]
    assert desk.ask("POST", "/admin/jobs/nobody/checkpoint", json={}, headers=action).status_code != 403


def test_verify_for_a_proxy_before_grafana(desk: Any) -> None:
    for role, grafana in (("viewer", "Viewer"), ("operator", "Editor"), ("admin", "Editor")):
        answer = desk.ask("GET", "/auth/verify", role)
        assert (answer.status_code, answer.headers["X-WEBAUTH-ROLE"]) == (200, grafana)
    for role in ("reporter", "scraper"):
        assert desk.ask("GET", "/auth/verify", role).status_code == 403
    made = desk.ask("POST", "/admin/tokens", json={"roles": ["viewer"], "owner": "ann"}).json()
    bound = requests.get(f"{desk.url}/auth/verify", headers={"Authorization": f"Bearer {made['token']}"}, timeout=30)
    assert bound.status_code == 403


def test_who_may_ask_for_a_login_code(desk: Any, cookie: str) -> None:
    headers = {"Cookie": cookie, "Origin": desk.url, "Content-Type": "application/json"}
    assert requests.post(f"{desk.url}/auth/login-code", headers=headers, timeout=30).status_code == 403
    assert desk.ask("POST", "/auth/login-code", "reporter").status_code == 403
    code = desk.ask("POST", "/auth/login-code", "viewer").json()["code"]
    assert sign_in(desk, code=code).json()["roles"] == ["viewer"]


def test_sessions_survive_a_restart_of_the_desk(new_desk: Callable[..., Any]) -> None:
    desk = new_desk().start()
    signed = sign_in(desk)
    desk.kill()
    desk.restart()
    answer = requests.get(f"{desk.url}/auth/me", cookies=signed.cookies, timeout=30)
    assert (answer.status_code, answer.json()["name"]) == (200, "admin")
