"""Every route and WebSocket with every other kind of credential: revoked, run out, bound, embedded, cookie, ticket."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from fastapi import FastAPI
from fastapi.routing import APIWebSocketRoute, iter_route_contexts
from patience import patiently
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from mixdesk import wire
from mixdesk_control import settings
from mixdesk_control.app import create_app
from mixdesk_control.auth.guard import check_every_route_has_a_role, roles_of
from mixdesk_control.auth.principal import ROLES, expand
from mixdesk_control.store import Store

Route = tuple[str, str, frozenset[str]]
STREAMS = ("/jobs/stream", "/admin/operations/stream")


@pytest.fixture(scope="module")
def routes(tmp_path_factory: pytest.TempPathFactory) -> list[Route]:
    """(method or WS, path with `nobody` for its parameters, declared roles) of all that need any."""
    folder = tmp_path_factory.mktemp("routes")
    store = Store.open(state_dir=folder)
    try:
        return list(_routes(create_app(settings.load(env={"MIXDESK_STATE_DIR": str(folder)}), store)))
    finally:
        store.close()


def _routes(app: FastAPI) -> Iterator[Route]:
    for route in iter_route_contexts(app.routes):
        declared = roles_of(route)
        path = re.sub(r"{\w+(:\w+)?}", "nobody", str(route.path))
        is_socket = isinstance(route.original_route, APIWebSocketRoute)
        for method in ["WS"] if is_socket else sorted(route.methods or ()):
            if declared:
                yield method, path, declared


def http_status(desk: Any, method: str, path: str, headers: dict[str, str]) -> int:
    query = "?job=nobody:0&wait=0" if path == "/jobs/desired" else ""
    body = None if method in ("GET", "HEAD") else "{}"
    sent = {"Content-Type": "application/json", **headers}
    return requests.request(
        method, desk.url + path + query, data=body, headers=sent, allow_redirects=False, timeout=30
    ).status_code


def socket_status(desk: Any, path: str, **options: Any) -> int:
    try:
        with opened(desk, path, **options):
            return 101
    except InvalidStatus as error:
        return error.response.status_code


def opened(desk: Any, path: str, **options: Any) -> ClientConnection:
    found: ClientConnection = connect(desk.url.replace("http", "ws", 1) + path, proxy=None, open_timeout=30, **options)
    return found


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def status(desk: Any, route: Route, headers: dict[str, str]) -> int:
    method, path, _ = route
    if method == "WS":
        return socket_status(desk, path, additional_headers=headers)
    return http_status(desk, method, path, headers)


def made(desk: Any, *roles: str, **body: Any) -> dict[str, Any]:
    answer = desk.ask("POST", "/admin/tokens", json={"roles": list(roles), **body})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def signed_in(desk: Any, secret: str) -> dict[str, str]:
    """Cookie and Origin of a session."""
    answer = requests.post(f"{desk.url}/auth/login", json={"token": secret}, headers={"Origin": desk.url}, timeout=30)
    assert answer.status_code == 200, answer.text
    return {"Cookie": answer.headers["Set-Cookie"].partition(";")[0], "Origin": desk.url}


def report(desk: Any, job_id: str, owner: str) -> None:
    token = made(desk, "reporter", owner=owner)["token"]
    body = wire.encode(
        wire.Report(job_id=job_id, job_key="k" * 64, job_type="training_rvc", seq=1, status="running", name=owner)
    )
    headers = {"Content-Type": "application/json", **bearer(token)}
    url = f"{desk.url}/jobs/{job_id}/report"
    answer = patiently(lambda: requests.put(url, data=body, headers=headers, timeout=30))
    assert answer.status_code == 200, answer.text


@pytest.fixture(scope="module")
def owned(desk: Any) -> dict[str, str]:
    """A job each of two owners, and an operation on each: {owner: job id}."""
    jobs = {"ann": f"ann-{time.time_ns()}", "bob": f"bob-{time.time_ns()}"}
    for owner, job_id in jobs.items():
        report(desk, job_id, owner)
        assert desk.ask("POST", f"/admin/jobs/{job_id}/checkpoint", "operator", json={}).status_code == 202
    return jobs


def test_what_has_ended_opens_nothing(desk: Any, routes: list[Route]) -> None:
    """A revoked token, one that has run out, and the session of a revoked one: 401 wherever a role is needed."""
    revoked, short = made(desk, *ROLES, name="revoked"), made(desk, *ROLES, name="short", days=1e-5)
    session = signed_in(desk, revoked["token"])
    assert http_status(desk, "GET", "/jobs", session) == 200
    assert desk.ask("DELETE", f"/admin/tokens/{revoked['id']}").status_code in (200, 204)
    while http_status(desk, "GET", "/auth/me", bearer(short["token"])) != 401:
        time.sleep(0.05)
    open_ones = []
    ended = {"revoked": bearer(revoked["token"]), "short": bearer(short["token"]), "session": session}
    for route in routes:
        for name, headers in ended.items():
            if name == "session" and route[1] == "/metrics":
                continue  # this host needs nothing there, and a cookie is no bearer
            found = status(desk, route, headers)
            if found != 401:
                open_ones.append((name, *route[:2], found))
    assert open_ones == []


@pytest.mark.parametrize("role", ["viewer", "operator", "admin"])
def test_a_session_opens_what_its_role_does(desk: Any, routes: list[Route], role: str) -> None:
    secret = made(desk, role)["token"]
    wrong = []
    for route in routes:
        method, path, declared = route
        if path in ("/metrics", "/auth/verify"):
            continue
        session = signed_in(desk, secret)  # anew, for one of the routes ends it
        found = (
            socket_status(desk, path, additional_headers={"Cookie": session["Cookie"]}, origin=Origin(desk.url))
            if method == "WS"
            else http_status(desk, method, path, session)
        )
        may = bool(declared & expand([role]))
        # What a session alone may not do, /auth/login-code, is refused by more than its role.
        others = path.startswith("/admin/logs/") and path.endswith("/nobody")  # logs of a service are not everybody's
        closer = path == "/auth/login-code" or others
        right = found not in (401, 500) and (found != 403 or closer) if may else found == 403
        if not right:
            wrong.append((*route[:2], found, sorted(declared)))
    assert wrong == []


def test_a_stream_by_cookie_needs_the_desks_own_origin(desk: Any) -> None:
    session = signed_in(desk, made(desk, "viewer")["token"])
    for path in STREAMS:
        for origin in (None, "http://evil.example", f"http://127.0.0.1:{desk.port + 1}", "null"):
            options = {} if origin is None else {"origin": Origin(origin)}
            assert socket_status(desk, path, additional_headers={"Cookie": session["Cookie"]}, **options) == 403, origin


def test_a_ticket_opens_its_path_once(desk: Any) -> None:
    token = made(desk, "viewer")["token"]

    def ticket() -> list[Subprotocol]:
        answer = requests.post(
            f"{desk.url}/auth/ws-ticket", json={"path": "/jobs/stream"}, headers=bearer(token), timeout=30
        )
        return [Subprotocol("mixdesk.v1"), Subprotocol(f"ticket.{answer.json()['ticket']}")]

    first = ticket()
    assert socket_status(desk, "/jobs/stream", subprotocols=first) == 101
    assert socket_status(desk, "/jobs/stream", subprotocols=first) == 401
    assert socket_status(desk, "/admin/operations/stream", subprotocols=ticket()) in (401, 403)
    assert socket_status(desk, "/jobs/stream", subprotocols=[Subprotocol("mixdesk.v1"), Subprotocol("ticket.x")]) == 401


def test_an_embed_reads_its_job_alone(desk: Any, routes: list[Route], owned: dict[str, str]) -> None:
    answer = desk.ask("POST", "/auth/embed-ticket", "viewer", json={"job": owned["ann"]})
    traded = requests.post(
        f"{desk.url}/auth/login",
        json={"ticket": answer.json()["ticket"]},
        headers={"Origin": desk.url},
        timeout=30,
    ).json()
    headers = bearer(traded["token"])
    narrow(desk, headers, owned)
    for method, path, declared in routes:
        if not declared & {"viewer"} and method != "WS":
            assert http_status(desk, method, path, headers) == 403 or path.startswith("/auth") or path == "/metrics"
    again = requests.post(f"{desk.url}/auth/embed-ticket", json={"job": owned["ann"]}, headers=headers, timeout=30)
    assert again.status_code == 403, "an embed hands out no embeds"


@pytest.mark.parametrize("role", ["viewer", "operator"])
def test_who_is_bound_to_an_owner_sees_and_steers_that_ones_jobs_alone(
    desk: Any, owned: dict[str, str], role: str
) -> None:
    headers = bearer(made(desk, role, owner="ann")["token"])
    narrow(desk, headers, owned)
    mine, other = owned["ann"], owned["bob"]
    for action in ("checkpoint", "pause", "resume", "cancel"):
        refused = 403 if role == "viewer" else 404
        assert http_status(desk, "POST", f"/admin/jobs/{other}/{action}", headers) == refused
    if role != "viewer":
        assert http_status(desk, "POST", f"/admin/jobs/{mine}/checkpoint", headers) == 202
    for path in ("/admin/audit", "/admin/tokens", "/admin/settings", "/admin/doctor"):
        assert http_status(desk, "GET", path, headers) == 403, path


def narrow(desk: Any, headers: dict[str, str], owned: dict[str, str]) -> None:
    """Reads ann's job and nothing of bob's, by every route and stream that reads jobs."""
    mine, other = owned["ann"], owned["bob"]
    assert http_status(desk, "GET", f"/jobs/{mine}", headers) == 200
    for path in (f"/jobs/{other}", f"/jobs/{other}/history"):
        assert http_status(desk, "GET", path, headers) == 404, path
    for path in ("/jobs?limit=1000", "/admin/operations?limit=1000", "/jobs?owner=bob&limit=1000"):
        answer = requests.get(desk.url + path, headers=headers, timeout=30)
        assert answer.status_code == 200 and other not in answer.text and "bob" not in answer.text, path
    for operation in desk.ask("GET", "/admin/operations?limit=1000").json()["items"]:
        if operation["target"] == other:
            assert http_status(desk, "GET", f"/admin/operations/{operation['id']}", headers) == 404
    for path in (STREAMS[0], f"{STREAMS[0]}?id={other}", STREAMS[1]):
        assert other not in frames(desk, path, headers), path
    with opened(desk, STREAMS[0], additional_headers=headers) as stream:
        while mine not in str(stream.recv(timeout=60)):
            pass


def frames(desk: Any, path: str, headers: dict[str, str]) -> str:
    """What a stream says at once."""
    seen: list[Any] = []
    with opened(desk, path, additional_headers=headers) as stream:
        while True:
            try:
                seen.append(json.loads(stream.recv(timeout=0.5)))
            except TimeoutError:
                return json.dumps(seen)


def test_a_bound_reporter_reports_its_owners_jobs_alone(desk: Any, owned: dict[str, str]) -> None:
    token = made(desk, "reporter", owner="ann")["token"]
    headers = {"Content-Type": "application/json", **bearer(token)}
    body = wire.encode(
        wire.Report(job_id=owned["bob"], job_key="k" * 64, job_type="training_rvc", seq=9, status="failed")
    )
    url = f"{desk.url}/jobs/{owned['bob']}/report"
    answer = patiently(lambda: requests.put(url, data=body, headers=headers, timeout=30))
    assert answer.status_code == 403
    held = requests.get(f"{desk.url}/jobs/desired?job={owned['bob']}:0&wait=0", headers=headers, timeout=30)
    assert held.json() == {"jobs": {}}
    taken = {**headers, "X-Mixdesk-Job-Key": "k" * 64}
    assert requests.get(f"{desk.url}/jobs/{owned['bob']}/report", headers=taken, timeout=30).status_code == 403


def test_a_socket_without_a_role_fails_the_start(tmp_path: Any) -> None:
    """The desk as it is made, and one more WebSocket that declares nothing."""
    store = Store.open(state_dir=tmp_path)
    try:
        app = create_app(settings.load(env={"MIXDESK_STATE_DIR": str(tmp_path)}), store)
        check_every_route_has_a_role(app.routes)

        @app.websocket("/left/open")
        async def socket() -> None: ...

        with pytest.raises(RuntimeError, match="/left/open"):
            check_every_route_has_a_role(app.routes)
    finally:
        store.close()
