"""WebSockets: who may open one, and when it ends. On the stream of operations, which every desk has."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
import requests
import uvicorn
from fastapi import FastAPI, WebSocket
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from mixdesk_control.auth.principal import Principal
from mixdesk_control.auth.watch import Watches
from mixdesk_control.web.seats import Seats
from mixdesk_control.web.streams import pump

PATH = "/admin/operations/stream"


def opened(
    desk: Any,
    *,
    role: str | None = None,
    ticket: str | None = None,
    origin: str | None = None,
    cookie: str | None = None,
) -> AbstractContextManager[ClientConnection]:
    headers = {}
    if role is not None:
        headers["Authorization"] = f"Bearer {desk.tokens.get(role, role)}"
    if cookie is not None:
        headers["Cookie"] = cookie
    protocols = ["mixdesk.v1"] + ([f"ticket.{ticket}"] if ticket else [])
    return connect(
        desk.url.replace("http", "ws", 1) + PATH,
        additional_headers=headers,
        subprotocols=[Subprotocol(name) for name in protocols],
        origin=Origin(origin) if origin else None,
        open_timeout=30,
        proxy=None,
    )


def refusal(desk: Any, **given: Any) -> tuple[int, dict[str, Any]]:
    with pytest.raises(InvalidStatus) as caught, opened(desk, **given):
        pass
    response = caught.value.response
    return response.status_code, json.loads(response.body or b"{}")


def end_of(stream: ClientConnection) -> int:
    """The close code of a stream that the desk ends."""
    with pytest.raises(ConnectionClosed) as caught:
        while True:
            stream.recv(timeout=20)
    received = caught.value.rcvd
    assert received is not None
    return received.code


def cookie_of(desk: Any, token: str) -> str:
    headers = {"Origin": desk.url}
    answer = requests.post(f"{desk.url}/auth/login", json={"token": token}, headers=headers, timeout=30)
    return str(answer.headers["Set-Cookie"].partition(";")[0])


def test_a_command_line_comes_with_its_token(desk: Any) -> None:
    with opened(desk, role="viewer") as stream:
        assert stream.subprotocol == "mixdesk.v1"


@pytest.mark.parametrize("role", ["reporter", "scraper"])
def test_other_roles_are_refused_with_a_problem(desk: Any, role: str) -> None:
    status, problem = refusal(desk, role=role)
    assert status == 403 and "viewer" in problem["detail"]


def test_nobody_is_refused(desk: Any) -> None:
    assert refusal(desk)[0] == 401
    assert refusal(desk, role="nonsense")[0] == 401
    assert refusal(desk, ticket="nonsense")[0] == 401


def test_a_browser_comes_with_cookie_and_origin(desk: Any) -> None:
    cookie = cookie_of(desk, desk.tokens["viewer"])
    with opened(desk, cookie=cookie, origin=desk.url):
        pass
    for origin in (None, "http://evil.example", "http://localhost:1", "null"):
        status, problem = refusal(desk, cookie=cookie, origin=origin)
        assert status == 403 and "Origin" in problem["detail"]


def test_a_ticket_opens_one_stream_from_anywhere(desk: Any) -> None:
    ticket = desk.ask("POST", "/auth/ws-ticket", "viewer", json={"path": PATH}).json()["ticket"]
    with opened(desk, ticket=ticket, origin="http://tools.example") as stream:
        assert stream.subprotocol == "mixdesk.v1"
    assert refusal(desk, ticket=ticket)[0] == 401
    elsewhere = desk.ask("POST", "/auth/ws-ticket", "viewer", json={"path": "/jobs/stream"}).json()["ticket"]
    assert refusal(desk, ticket=elsewhere)[0] == 403
    weak = desk.ask("POST", "/auth/ws-ticket", "scraper", json={"path": PATH}).json()["ticket"]
    assert refusal(desk, ticket=weak)[0] == 403


def test_revocation_ends_open_streams_of_every_kind(desk: Any) -> None:
    made = desk.ask("POST", "/admin/tokens", json={"roles": ["viewer"]}).json()
    bearer = {"Authorization": f"Bearer {made['token']}"}
    cookie = cookie_of(desk, made["token"])
    asked = requests.post(f"{desk.url}/auth/ws-ticket", json={"path": PATH}, headers=bearer, timeout=30)
    with (
        opened(desk, role=made["token"]) as by_token,
        opened(desk, cookie=cookie, origin=desk.url) as by_cookie,
        opened(desk, ticket=asked.json()["ticket"]) as by_ticket,
        opened(desk, role="viewer") as other,
    ):
        assert desk.ask("DELETE", f"/admin/tokens/{made['id']}").status_code == 200
        assert [end_of(stream) for stream in (by_token, by_cookie, by_ticket)] == [4401, 4401, 4401]
        other.ping().wait(20)
        assert other.close_code is None


def test_signing_out_ends_its_own_streams(desk: Any) -> None:
    cookie = cookie_of(desk, desk.tokens["viewer"])
    with opened(desk, cookie=cookie, origin=desk.url) as mine, opened(desk, role="viewer") as other:
        headers = {"Cookie": cookie, "Origin": desk.url}
        assert requests.post(f"{desk.url}/auth/logout", json={}, headers=headers, timeout=30).status_code == 204
        assert end_of(mine) == 4401
        other.ping().wait(20)


def test_a_desk_that_stops_lets_its_streams_go(new_desk: Callable[..., Any]) -> None:
    desk = new_desk().start()
    with opened(desk, role="viewer") as stream:
        assert desk.stop() == 0
        assert end_of(stream) in (1001, 1012)


def test_a_client_that_takes_nothing_is_dropped() -> None:
    """Over real sockets: the client stops reading, the transport fills up, and the desk lets go of it."""
    principal = Principal("v", frozenset({"viewer"}))
    finished: list[bool] = []

    async def endless() -> AsyncIterator[str]:
        try:
            while True:
                yield "x" * 65536
        finally:
            finished.append(True)

    app = FastAPI()
    watches = Watches(lambda: 0.0)
    app.state.auth, app.state.streams = watches, Seats("streams", 4)

    @app.websocket("/s")
    async def stream(websocket: WebSocket) -> None:
        await pump(websocket, endless(), principal=principal, slow_s=0.5)

    async def run() -> None:
        config = uvicorn.Config(
            app, port=0, ws="websockets-sansio", log_level="error", lifespan="off", timeout_graceful_shutdown=1
        )
        server = uvicorn.Server(config)
        task = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.02)
        port = server.servers[0].sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
        key = "dGhlIHNhbXBsZSBub25jZQ=="
        writer.write(
            f"GET /s HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        while not finished:
            await asyncio.sleep(0.05)
        writer.close()
        server.should_exit = True
        await asyncio.wait_for(task, 30)
        assert reader is not None

    asyncio.run(asyncio.wait_for(run(), 60))
