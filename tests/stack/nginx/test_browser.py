"""In a real browser: an action of a panel with the session of whoever looks, frames, and pages of others."""

from __future__ import annotations

import json
import ssl
import threading
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import browser as chromium
import one_origin
import pytest
from live_desk import free_port

from mixdesk import wire

REFUSED = "refused by the browser"

ACT = "return (await act(%s, {})).status"

# What another page would do with the session of whoever opens it.
ATTACK = """
const site = %s, action = %s, out = {};
const tell = async (name, request) => { out[name] = await request().then(a => a.type + " " + a.status, () => "%s"); };
const headers = { "Content-Type": "application/json", "X-Grafana-Action": "1" };
const post = { method: "POST", credentials: "include", body: "{}" };
for (const prefix of ["", "/grafana"]) {
  await tell("action" + prefix, () => fetch(site + prefix + action, { ...post, headers }));
  await tell("form" + prefix, () => fetch(site + prefix + action, { ...post, mode: "no-cors" }));
}
await tell("query", () => fetch(site + "/grafana/api/ds/query", { ...post, headers }));
await tell("write", () => fetch(site + "/grafana/api/dashboards/db", { ...post, mode: "no-cors" }));
const picture = { credentials: "include", mode: "no-cors" };
await tell("stop", () => fetch(site + "/grafana/api/datasources/proxy/uid/loki/ingester/shutdown", picture));
await tell("ask", () => fetch(site + "/grafana/api/datasources/proxy/uid/loki/loki/api/v1/labels", picture));
await tell("read", () => fetch(site + "/grafana/api/search", { credentials: "include" }));
out.live = await new Promise(done => {
  const socket = new WebSocket(site.replace("https", "wss") + "/grafana/api/live/ws");
  socket.onopen = () => done("open"); socket.onclose = () => done("closed");
});
return JSON.stringify(out);
"""


UNHEARD = ("form", "form/grafana", "write", "stop", "ask")
"""Sent without CORS, so that the page is not told what became of it."""


@pytest.fixture(scope="module")
def driver() -> Iterator[str]:
    with chromium.driver() as url:
        yield url


@pytest.fixture(scope="module")
def window(driver: str, secure: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[chromium.Browser]:
    """Signed in as an operator, through the proxy and over TLS."""
    found = chromium.Browser(driver, tmp_path_factory.mktemp("profile"))
    try:
        found.open(f"{secure.url}/ui/")
        body = json.dumps({"token": secure.tokens["operator"]})
        script = f"""return (await fetch("/auth/login", {{ method: "POST", body: {body!r},
            headers: {{ "Content-Type": "application/json" }} }})).status"""
        assert found.wait_for_promise(script) == 200
        yield found
    finally:
        found.close()


@pytest.fixture
def job(secure: Any) -> str:
    job_id = uuid.uuid4().hex
    report = wire.Report(job_id=job_id, job_key="k" * 64, job_type="download_model", seq=1, status="running")
    answer = secure.ask("PUT", f"/jobs/{job_id}/report", ":reporter", json.loads(wire.encode(report)))
    assert answer.status == 200, answer.text
    return job_id


def desired(origin: Any, job_id: str) -> dict[str, Any]:
    return dict(origin.ask("GET", f"/jobs/{job_id}", "viewer").json["desired"])


@pytest.fixture
def policy(secure: Any) -> Iterator[None]:
    """Grafana's policy as its settings have it, filled in as it does."""
    text = (one_origin.ROOT / "grafana" / "grafana.ini").read_text()
    template = text.partition('content_security_policy_template = """')[2].partition('"""')[0]
    values = {
        "$NONCE": "'nonce-n'",
        "$ROOT_PATH": f"{secure.host}/grafana/",
        "$__env{MIXDESK_FRAME_ANCESTORS}": "'self'",
    }
    for name, value in values.items():
        template = template.replace(name, value)
    secure.grafana.policy = template
    yield
    secure.grafana.policy = ""


def test_a_panels_action_works_with_the_session(window: Any, secure: Any, job: str, policy: None) -> None:
    window.open(f"{secure.url}/grafana/d/panel?kiosk")
    window.see("a panel")
    assert window.wait_for_promise(ACT % json.dumps(f"/admin/jobs/{job}/checkpoint")) == 202
    assert desired(secure, job)["checkpoint"]["generation"] == 1
    assert window.wait_for_promise(ACT % json.dumps(f"/admin/jobs/{job}/pause")) == 202
    assert desired(secure, job)["run"]["state"] == "paused"
    # The same function with another path gets nowhere.
    for path in ("/admin/tokens", "/auth/login-code", f"/jobs/{job}/report", "/admin/assets/reload", "/api/ds/query"):
        assert window.wait_for_promise(ACT % json.dumps(path)) in (403, 404, 405), path


@pytest.fixture(params=["localhost", "127.0.0.1"])
def elsewhere(request: pytest.FixtureRequest, secure: Any) -> Iterator[str]:
    """A page of another origin with TLS: on the same host name, where the cookie comes along, and on another."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<p>elsewhere")

        def log_message(self, *_: object) -> None:
            return None

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    folder: Path = secure.folder / "tls"
    context.load_cert_chain(folder / "fullchain.pem", folder / "privkey.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"https://{request.param}:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_page_of_another_origin_does_nothing(window: Any, secure: Any, job: str, elsewhere: str) -> None:
    before = len(secure.grafana.asked)
    window.open(elsewhere)
    window.see("elsewhere")
    action = f"/admin/jobs/{job}/cancel"
    found = json.loads(window.wait_for_promise(ATTACK % (json.dumps(secure.url), json.dumps(action), REFUSED)))
    assert {found.pop(name) for name in UNHEARD} == {"opaque 0"}, "sent, and not heard"
    assert found.pop("live") == "closed"
    assert set(found.values()) == {REFUSED}, found
    assert desired(secure, job)["generation"] == 0
    heard = [told for told in secure.grafana.asked[before:] if told.path != "/grafana/d/kiosk"]
    assert [(told.method, told.path) for told in heard] == [], "Grafana heard of it"


FRAME = "const f = document.createElement('iframe'); f.src = arguments[0]; document.body.append(f)"
LOADED = """try { return frames[0].location.href !== "about:blank" } catch { return true }"""


def enter_a_frame(window: Any, page: str, framed: str) -> None:
    window.open(page)
    window.see("elsewhere")
    window.run(FRAME, framed)
    window.wait(LOADED)
    window.enter_frame()
    window.wait("return document.readyState === 'complete'")


def test_frames(window: Any, secure: Any, elsewhere: str) -> None:
    window.open(f"{secure.url}/grafana/host")
    window.enter_frame()
    window.see("a dashboard in a frame")
    window.leave_frames()
    enter_a_frame(window, elsewhere, f"{secure.url}/grafana/d/kiosk?kiosk")
    assert window.run("return location.href") == "chrome-error://chromewebdata/"
    assert "a dashboard in a frame" not in window.text
    window.leave_frames()


def test_a_page_that_is_named_may_frame_it(window: Any, secure: Any, elsewhere: str, tmp_path: Path) -> None:
    """The same desk and session through a proxy that names the page; the cookie comes along on the same site alone."""
    port, ancestors = free_port(), f"'self' {elsewhere}"
    config = one_origin.render(
        tmp_path, MIXDESK_PROXY_SITE="tls", MIXDESK_FRAME_ANCESTORS=ancestors, MIXDESK_PUBLIC_URL=secure.url,
        MIXDESK_PROXY_DESK=f"127.0.0.1:{secure.desk.port}", MIXDESK_PROXY_GRAFANA=secure.grafana.address,
    )  # fmt: skip
    one_origin.move(tmp_path, plain=free_port(), tls=port, certificate=secure.folder / "tls")
    with one_origin.running(config, port):
        enter_a_frame(window, elsewhere, f"https://localhost:{port}/grafana/d/kiosk?kiosk")
        window.see("a dashboard in a frame" if "localhost" in elsewhere else "Sign in at the desk")
        window.leave_frames()


def test_who_is_not_signed_in_sees_where_to(driver: str, secure: Any, tmp_path: Path) -> None:
    window = chromium.Browser(driver, tmp_path)
    try:
        window.open(f"{secure.url}/grafana/d/mixdesk-jobs?kiosk")
        assert window.url == f"{secure.url}/ui/login/?next=/grafana/d/mixdesk-jobs?kiosk"
        window.see("Sign in")
        window.open(f"{secure.url}/grafana/api/health")  # a page of this origin, to frame a dashboard in
        window.run("const f = document.createElement('iframe'); f.src = '/grafana/d/x?kiosk'; document.body.append(f)")
        window.wait("return frames[0].document.readyState === 'complete' && frames[0].location.href !== 'about:blank'")
        window.enter_frame()
        window.see("Sign in at the desk")
    finally:
        window.close()
