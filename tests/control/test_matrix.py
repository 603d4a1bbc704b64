"""Every route and WebSocket of the desk with every role and with none."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIWebSocketRoute, iter_route_contexts
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from mixdesk_control import settings
from mixdesk_control.app import create_app
from mixdesk_control.auth.guard import check_every_route_has_a_role, guarded, needs, open_to_all, roles_of
from mixdesk_control.auth.principal import ROLES, expand
from mixdesk_control.store import Store

# What the contract says is open; nothing else may be.
OPEN = {
    "/healthz", "/readyz", "/openapi.json", "/docs", "/", "/admin", "/admin/", "/ui", "/ui/", "/ui/{path:path}",
    "/ui/build.json", "/auth/login", "/runbooks/", "/runbooks/{name}",
}  # fmt: skip

# These look at more than the role: whose job it is, which service.
CLOSER = {
    "/auth/verify", "/admin/logs/sources/{service}", "/admin/logs/stream/{service}/{source}",
    "/admin/logs/download/{service}/{source}",
}  # fmt: skip


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    folder = tmp_path_factory.mktemp("matrix")
    store = Store.open(state_dir=folder)
    yield create_app(settings.load(env={"MIXDESK_STATE_DIR": str(folder)}), store)
    store.close()


def routes(app: FastAPI) -> Iterator[tuple[str, str, frozenset[str]]]:
    """(method or WS, path template, declared roles)."""
    for route in iter_route_contexts(app.routes):
        declared = roles_of(route)
        assert declared is not None, route.path
        websocket = isinstance(route.original_route, APIWebSocketRoute)
        for method in ["WS"] if websocket else sorted(route.methods or ()):
            yield method, str(route.path), declared


def test_the_routes_of_the_contract_are_there(app: FastAPI) -> None:
    known = {(method, re.sub(r"{\w+(:\w+)?}", "{}", path)) for method, path, _ in routes(app)}
    for method, path in json.loads((Path(__file__).parent / "contract_routes.json").read_text()):
        assert (method, path) in known, (method, path)


def test_nothing_is_open_that_should_not_be(app: FastAPI) -> None:
    assert {path for _, path, declared in routes(app) if not declared} == OPEN


def test_every_role_at_every_route(app: FastAPI, desk: Any) -> None:
    """The declared roles decide, over real HTTP: 401 for nobody, 403 without the role, anything else with it."""
    wrong = []
    for method, template, declared in routes(app):
        path = re.sub(r"{\w+(:\w+)?}", "nobody", template)
        for role in (None, "nonsense", *ROLES):
            status = websocket_status(desk, path, role) if method == "WS" else http_status(desk, method, path, role)
            if not _right(status, declared, role, template):
                wrong.append((method, template, role, status, sorted(declared)))
    assert not wrong


def _right(status: int, declared: frozenset[str], role: str | None, template: str) -> bool:
    if not declared:
        return status not in (401, 500) and (status != 403 or template == "/auth/login")
    if template == "/metrics" and role != "nonsense":
        return status == 200  # this host needs no token
    if role is None or role == "nonsense":
        return status == 401
    if not declared & expand([role]):
        return status == 403
    return status < 500 and status != 401 and (status != 403 or template in CLOSER)


def http_status(desk: Any, method: str, path: str, role: str | None) -> int:
    headers = {} if role is None else {"Authorization": f"Bearer {desk.tokens.get(role, role)}"}
    if method == "DELETE" and path.startswith("/admin/tokens"):
        path = "/admin/tokens/none-of-them"
    body = None if method in ("GET", "HEAD") else {}
    options = {"json": body, "headers": headers, "allow_redirects": False}
    if path == "/jobs/desired":
        options["params"] = {"wait": 0}
    return int(desk.ask(method, path, None, **options).status_code)


def websocket_status(desk: Any, path: str, role: str | None) -> int:
    headers = {} if role is None else {"Authorization": f"Bearer {desk.tokens.get(role, role)}"}
    try:
        with connect(desk.url.replace("http", "ws", 1) + path, additional_headers=headers, proxy=None, open_timeout=30):
            return 101
    except InvalidStatus as error:
        return error.response.status_code


def test_a_route_without_a_role_fails_the_start() -> None:
    bare, nested = FastAPI(openapi_url=None, docs_url=None, redoc_url=None), APIRouter()

    @nested.get("/inside")
    async def inside() -> None: ...

    @nested.websocket("/socket")
    async def socket() -> None: ...

    @nested.get("/fine")
    @open_to_all
    async def fine() -> None: ...

    bare.include_router(nested, prefix="/deep")
    bare.add_route("/plain", fine)
    with pytest.raises(RuntimeError, match=r"/deep/inside, /deep/socket"):
        check_every_route_has_a_role(bare.routes)


def test_a_role_that_does_not_exist_cannot_be_declared() -> None:
    for declare in (needs, guarded):
        with pytest.raises(ValueError, match="name one or more of"):
            declare("superuser")
        with pytest.raises(ValueError, match="name one or more of"):
            declare()


def test_the_description_says_who_may_call_what(app: FastAPI, desk: Any) -> None:
    document = desk.ask("GET", "/openapi.json", None).json()
    described = 0
    for method, path, declared in routes(app):
        operation = document["paths"].get(path, {}).get(method.lower())
        if operation is not None:
            described += 1
            assert operation["x-mixdesk-roles"] == sorted(declared), path
            assert operation["security"] == ([{"token": []}] if declared else [])
            assert "application/problem+json" in operation["responses"]["default"]["content"]
    assert described > 15
