"""Errors, limits, paging, idempotency, the audit: what all routes share."""

from __future__ import annotations

import asyncio
import gzip as gzip_module
import http.client
import json
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import Metric
from sqlalchemy import select

from mixdesk_control import audit
from mixdesk_control.auth.principal import Principal
from mixdesk_control.store import Store, tables
from mixdesk_control.web import exposition, idempotency
from mixdesk_control.web.limits import MAX_BODY
from mixdesk_control.web.paging import decode_cursor, encode_cursor, page_of
from mixdesk_control.web.problems import Problem

ANN = Principal("ann", frozenset({"operator"}), token_id="t1")
BOB = Principal("bob", frozenset({"operator"}), token_id="t2")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    found = Store.open(state_dir=tmp_path)
    yield found
    found.close()


def problem(answer: Any, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == status and body["title"] and body["detail"] and body["type"] == "about:blank"
    return dict(body)


def test_every_error_is_a_problem(desk: Any) -> None:
    assert "/nowhere" in problem(desk.ask("GET", "/nowhere", None), 404)["detail"]
    assert "PATCH" in problem(desk.ask("PATCH", "/auth/me"), 405)["detail"]
    assert "WWW-Authenticate" in desk.ask("GET", "/auth/me", None).headers
    problem(desk.ask("GET", "/auth/me", None), 401)
    problem(desk.ask("GET", "/admin/tokens", "operator"), 403)
    wrong = problem(desk.ask("POST", "/admin/tokens", json={"roles": "admin"}), 422)
    assert wrong["errors"][0]["field"] == "body.roles"
    broken = desk.ask("POST", "/admin/tokens", data=b"{", headers={"Content-Type": "application/json"})
    problem(broken, 422)
    unknown = problem(desk.ask("POST", "/admin/tokens", json={"roles": ["root"]}), 422)
    assert "'root' is not known" in unknown["detail"]
    problem(desk.ask("GET", "/admin/audit?limit=1001"), 422)
    assert "cursor" in problem(desk.ask("GET", "/admin/audit?cursor=nonsense"), 422)["detail"]


def test_an_error_does_not_echo_what_was_sent(desk: Any) -> None:
    answer = desk.ask("POST", "/auth/ws-ticket", json={"path": "my-secret-value"})
    problem(answer, 422)
    assert "my-secret-value" not in answer.text


def test_a_large_body_is_refused_before_it_is_read(desk: Any) -> None:
    conn = http.client.HTTPConnection("127.0.0.1", desk.port, timeout=30)
    conn.putrequest("POST", "/admin/tokens")
    conn.putheader("Authorization", f"Bearer {desk.tokens['admin']}")
    conn.putheader("Content-Type", "application/json")
    conn.putheader("Content-Length", str(10 * 1024 * 1024))
    conn.endheaders()
    answer = conn.getresponse()  # not one byte of the body was sent
    assert answer.status == 413
    assert json.loads(answer.read())["detail"] == f"the body is larger than {MAX_BODY} bytes"
    conn.close()


def test_a_large_body_without_a_length_is_cut_off(desk: Any) -> None:
    def chunks() -> Iterator[bytes]:
        yield b'{"roles": ["'
        for _ in range(20):
            yield b"x" * 8192
        yield b'"]}'

    answer = desk.ask("POST", "/admin/tokens", data=chunks(), headers={"Content-Type": "application/json"})
    problem(answer, 413)


def test_a_body_just_inside_the_limit_is_read(desk: Any) -> None:
    body = json.dumps({"roles": ["viewer"], "name": "n" * 200}).ljust(MAX_BODY)
    assert len(body) == MAX_BODY
    answer = desk.ask("POST", "/admin/tokens", data=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 201


def test_other_content_types_are_refused(desk: Any) -> None:
    answer = desk.ask("POST", "/admin/tokens", data="roles=admin", headers={"Content-Type": "text/plain"})
    assert "application/json" in problem(answer, 415)["detail"]


def test_security_headers_are_everywhere(desk: Any) -> None:
    for path in ("/healthz", "/nowhere", "/ui/", "/docs", "/auth/me"):
        headers = desk.ask("GET", path, None).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert "server" not in headers


def test_roots_lead_to_the_page(desk: Any) -> None:
    for path in ("/", "/admin/", "/admin", "/ui"):
        answer = desk.ask("GET", path, None, allow_redirects=False)
        assert (answer.status_code, answer.headers["Location"]) == (307, "/ui/")
    for path in ("/ui/", "/ui/login/", "/ui/jobs/detail/?id=x"):
        answer = desk.ask("GET", path, None)
        assert answer.status_code == 200 and "<title>Mixdesk</title>" in answer.text
        assert desk.ask("HEAD", path, None).status_code == 200


def test_requests_are_counted_by_template(desk: Any) -> None:
    for name in ("one", "two"):
        desk.ask("GET", f"/admin/operations/{name}")
        desk.ask("GET", f"/no/such/{name}")
    time.sleep(0.6)  # a snapshot may be half a second old
    lines = desk.ask("GET", "/metrics", "scraper").text.splitlines()
    counts = [line for line in lines if line.startswith("mixdesk_http_requests_total{")]
    assert any('route="/admin/operations/{operation_id}"' in line and 'code="404"' in line for line in counts)
    assert any('route="other"' in line for line in counts)
    assert not any("/no/such" in line or "one" in line for line in counts)
    assert any(line.startswith("mixdesk_build_info{version=") for line in lines)


def test_metrics_negotiate(desk: Any) -> None:
    plain = desk.ask("GET", "/metrics", "scraper")
    assert plain.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    accept = {"Accept": "application/openmetrics-text;version=1.0.0"}
    om = desk.ask("GET", "/metrics", "scraper", headers=accept)
    assert om.headers["Content-Type"].startswith("application/openmetrics-text; version=1.0.0")
    assert om.text.endswith("# EOF\n") and om.headers["Content-Encoding"] == "gzip"


def test_cursors() -> None:
    assert decode_cursor(encode_cursor([1.5, "a"]), tuple[float, str]) == (1.5, "a")
    for bad in ("", "nonsense", encode_cursor(["a"]), encode_cursor([1, 2, 3]), "a" * 300):
        with pytest.raises(Problem) as caught:
            decode_cursor(bad, tuple[float, str])
        assert caught.value.status_code == 422


def test_pages() -> None:
    rows = [{"id": number} for number in range(5)]
    page = page_of(rows[:4], 3, ["id"])
    assert [item["id"] for item in page["items"]] == [0, 1, 2]
    assert decode_cursor(page["next"], tuple[int]) == (2,)
    assert page_of(rows[:3], 3, ["id"])["next"] is None


def test_idempotency(store: Store) -> None:
    def keep(conn: Any) -> None:
        idempotency.keep(conn, ANN, "/p", "k", b"{}", status=202, response=b'{"a":1}')

    def find(principal: Principal, path: str, key: str | None, body: bytes, now: float | None = None) -> Any:
        return store.write_blocking(lambda conn: idempotency.find(conn, principal, path, key, body, now=now))

    assert find(ANN, "/p", "k", b"{}") is None
    store.write_blocking(keep)
    assert find(ANN, "/p", "k", b"{}") == idempotency.Reply(202, b'{"a":1}')
    assert find(BOB, "/p", "k", b"{}") is None and find(ANN, "/q", "k", b"{}") is None
    assert find(ANN, "/p", None, b"{}") is None
    with pytest.raises(Problem, match="another body"):
        find(ANN, "/p", "k", b'{"x":1}')
    for key in ("", "k" * 201):
        with pytest.raises(Problem, match="1 to 200 characters"):
            find(ANN, "/p", key, b"{}")
    later = time.time() + 86_401
    assert find(ANN, "/p", "k", b"{}", later) is None
    store.write_blocking(lambda conn: idempotency.prune(conn, later))
    assert store.read_blocking(lambda conn: conn.execute(select(tables.idempotency)).all()) == []


def test_the_audit_is_written_with_the_change_and_settled_later(store: Store) -> None:
    def change(conn: Any) -> None:
        audit.record(conn, ANN, action="job.cancel", target="j1", origin="10.0.0.1", operation="o1")

    def change_and_fail(conn: Any) -> None:
        change(conn)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        store.write_blocking(change_and_fail)
    store.write_blocking(change)
    store.write_blocking(lambda conn: audit.settle(conn, "o1", "succeeded", "saved first"))
    (line,) = store.read_blocking(lambda conn: audit.lines(conn, audit.Filters(), 10, None))
    assert (line["actor"], line["action"], line["target"], line["outcome"]) == ("ann", "job.cancel", "j1", "succeeded")
    assert line["at"].endswith("Z") and line["detail"] == "saved first"


def test_the_audit_over_http(desk: Any) -> None:
    made = [desk.ask("POST", "/admin/tokens", json={"roles": ["viewer"], "name": f"n{n}"}).json() for n in range(3)]
    for token in made:
        desk.ask("DELETE", f"/admin/tokens/{token['id']}")
    first = desk.ask("GET", "/admin/audit?action=token.revoke&limit=2", "operator").json()
    assert [item["target"] for item in first["items"]] == [made[2]["id"], made[1]["id"]]
    rest = desk.ask("GET", f"/admin/audit?action=token.revoke&limit=2&cursor={first['next']}").json()
    assert rest["items"][0]["target"] == made[0]["id"]
    line = first["items"][0]
    assert (line["actor"], line["via"], line["origin"], line["outcome"]) == ("admin", "token", "127.0.0.1", "succeeded")


def test_denied_attempts_are_in_the_audit(new_desk: Any, eventually: Any) -> None:
    desk = new_desk().start()
    desk.ask("POST", "/admin/operations/x/cancel", "viewer")
    desk.ask("GET", "/admin/tokens", None)

    def seen() -> bool:
        lines = desk.ask("GET", "/admin/audit?outcome=denied").json()["items"]
        found = {(line["actor"], line["action"], line["target"]) for line in lines}
        return {
            ("viewer", "http.post", "/admin/operations/x/cancel"),
            ("unknown", "http.get", "/admin/tokens"),
        } <= found

    eventually(seen)


def test_a_flood_of_denials_is_cut(store: Store) -> None:
    from types import SimpleNamespace

    from starlette.requests import HTTPConnection

    from mixdesk_control.auth.errors import unauthenticated
    from mixdesk_control.web.origin import Site

    now = [1000.0]
    log = audit.DenialLog(store, clock=lambda: now[0])
    app = SimpleNamespace(state=SimpleNamespace(site=Site()))
    scope = {"type": "http", "method": "GET", "path": "/x", "headers": [], "client": ("1.2.3.4", 5), "app": app}
    for _ in range(500):
        log.note(HTTPConnection(scope), unauthenticated("who?"))
    now[0] += 61
    log.note(HTTPConnection(scope), unauthenticated("who?"))
    lines = store.write_blocking(lambda conn: audit.lines(conn, audit.Filters(), 1000, None))
    assert len(lines) == audit.DENIALS_A_MINUTE + 1
    assert "440 more" in lines[0]["detail"]


def test_tokens_over_http(desk: Any) -> None:
    made = desk.ask("POST", "/admin/tokens", json={"roles": ["reporter", "viewer"], "owner": "ann", "days": 1}).json()
    assert made["token"].startswith("mxd_") and made["roles"] == ["viewer", "reporter"] and made["source"] == "created"
    listed = desk.ask("GET", "/admin/tokens").json()["items"]
    mine = next(item for item in listed if item["id"] == made["id"])
    assert mine["token"] is None and made["token"] not in json.dumps(listed)
    assert mine["owner"] == "ann" and mine["expires_at"] is not None
    assert desk.ask("DELETE", f"/admin/tokens/{made['id']}").json()["revoked_at"] is not None
    problem(desk.ask("DELETE", "/admin/tokens/nobody"), 404)
    problem(desk.ask("POST", "/admin/tokens", json={"roles": ["viewer"], "name": "two\r\nlines"}), 422)


def test_a_token_may_have_a_name_in_any_script(desk: Any) -> None:
    made = desk.ask("POST", "/admin/tokens", json={"roles": ["viewer"], "name": "Zoë 声"}).json()
    answer = desk.ask("GET", "/auth/verify", None, headers={"Authorization": f"Bearer {made['token']}"})
    assert (answer.status_code, answer.headers["X-WEBAUTH-USER"]) == (200, "Zo%C3%AB%20%E5%A3%B0")


def test_settings_over_http_hold_no_password(new_desk: Any) -> None:
    desk = new_desk(config='[prometheus]\nurl = "http://prom:9090"', MIXDESK_METRICS__MAX_JOBS="7")
    desk.start()
    shown = desk.ask("GET", "/admin/settings").json()
    assert shown["settings"]["metrics"]["max_jobs"] == 7
    assert shown["settings"]["prometheus"]["url"] == "http://prom:9090"
    assert shown["state_dir"] == str(desk.state_dir)


def test_a_database_password_is_masked() -> None:
    from mixdesk_control.web.about import _masked

    assert _masked({"a": ["postgresql+psycopg://me:secret@db/x"]}) == {"a": ["postgresql+psycopg://me:***@db/x"]}


def test_what_assets_are_given_is_masked(new_desk: Any) -> None:
    config = """
[[assets]]
id = "bark"
name = "Bark"
type = "model"
resource_type = "cpu"
driver = "process"
[assets.process]
argv = ["sleep", "600"]
env = {API_KEY = "of-an-asset"}

[[assets]]
id = "llm"
name = "LLM"
type = "model"
resource_type = "cpu"
driver = "http"
[assets.http]
url = "http://127.0.0.1:9"
headers = {Authorization = "file:/run/key", X-Key = "of-a-server"}
load = {path = "/load", json = {model = "x", key = "of-a-request"}}
unload = {path = "/unload"}
check = {path = "/models"}
"""
    answer = new_desk(config=config).start().ask("GET", "/admin/settings")
    bark, llm = answer.json()["settings"]["assets"]
    assert bark["process"]["env"] == {"API_KEY": "***"}
    assert llm["http"]["headers"] == {"Authorization": "file:/run/key", "X-Key": "***"}
    assert llm["http"]["load"]["json"] == {"model": "***", "key": "***"}
    assert "of-a" not in answer.text


def test_doctor_over_http(desk: Any) -> None:
    items = {item["check"]: item for item in desk.ask("GET", "/admin/doctor").json()["items"]}
    assert items["desk"]["verdict"] == "ok" and items["database"]["verdict"] == "ok"
    assert items["prometheus"] == {
        "check": "prometheus", "verdict": "absent", "found": "not configured", "todo": "set [prometheus] url to use it",
    }  # fmt: skip


def test_a_database_that_cannot_be_read_is_503(new_desk: Any) -> None:
    """A fault of the disk is for asking again, not a crash of the desk."""
    desk = new_desk().start()
    with closing(sqlite3.connect(desk.state_dir / "mixdesk.db", timeout=30)) as conn:
        conn.execute("ALTER TABLE operations RENAME TO away")
        answer = desk.ask("GET", "/admin/operations")
        assert "cannot be read" in problem(answer, 503)["detail"]
        assert int(answer.headers["Retry-After"]) > 0
        conn.execute("ALTER TABLE away RENAME TO operations")
    assert desk.ask("GET", "/admin/operations").status_code == 200


def test_who_is_bound_to_an_owner_gets_neither_the_audit_nor_admin(desk: Any) -> None:
    made = desk.ask("POST", "/admin/tokens", json={"roles": ["operator"], "owner": "ann"}).json()
    answer = desk.ask("GET", "/admin/audit", None, headers={"Authorization": f"Bearer {made['token']}"})
    assert "ann" in problem(answer, 403)["detail"]
    answer = desk.ask("POST", "/admin/tokens", json={"roles": ["viewer", "admin"], "owner": "ann"})
    assert "cannot be bound" in problem(answer, 422)["detail"]


class Scraped:
    """A source of one family; on which thread it was made, and how often."""

    def __init__(self) -> None:
        self.now, self.broken, self.threads = 0.0, False, []

    def collect(self) -> Callable[[], list[Metric]]:
        def make() -> list[Metric]:
            self.threads.append(threading.current_thread())
            if self.broken:
                raise ValueError("a source is broken")
            one = Metric("one", "One.", "gauge")
            one.add_sample("one", {}, 1.0)
            return [one]

        return make


def test_a_scrape_that_failed_is_not_served_again() -> None:
    async def scenario() -> None:
        source = Scraped()
        rendered = exposition.Rendered(source.collect, lambda: source.now)
        assert b"one 1.0" in await rendered.body("text", gzip=False)
        source.broken, source.now = True, 10.0
        for _ in range(2):
            with pytest.raises(ValueError, match="broken"):
                await rendered.body("text", gzip=False)
        source.broken = False
        assert b"one 1.0" in await rendered.body("text", gzip=False), "and is not in the way of the next one"

    asyncio.run(scenario())


def test_simultaneous_scrapes_share_one_rendering_beside_the_event_loop() -> None:
    async def scenario() -> None:
        source = Scraped()
        rendered = exposition.Rendered(source.collect, lambda: source.now)
        asked = [rendered.body(form, gzip=gzip) for form in ("text", "openmetrics") for gzip in (True, False)] * 5
        gives_up = asyncio.ensure_future(rendered.body("text", gzip=True))
        await asyncio.sleep(0)
        gives_up.cancel()
        bodies = await asyncio.gather(*asked)
        assert len(source.threads) == 1 and source.threads[0] is not threading.current_thread()
        assert len({id(body) for body in bodies}) == 4, "one body a format and encoding"
        assert gzip_module.decompress(bodies[0]) == bodies[1]
        source.now = 0.4
        await rendered.body("text", gzip=False)
        assert len(source.threads) == 1
        source.now = 0.6
        await rendered.body("text", gzip=False)
        assert len(source.threads) == 2, "no body is older than half a second"

    asyncio.run(scenario())
