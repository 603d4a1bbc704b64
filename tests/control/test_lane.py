"""The short way to the routes of trainers: what it answers is what the long way would."""

from __future__ import annotations

import asyncio
import logging
from typing import Any
from urllib.parse import unquote

import pytest
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from mixdesk_control.store.errors import StoreError
from mixdesk_control.web import problems
from mixdesk_control.web.answers import as_json
from mixdesk_control.web.lane import Lane, LeanRoute, body_of
from mixdesk_control.web.problems import Problem

ERRORS: dict[str, Exception] = {
    "problem": Problem(429, "too many", headers={"Retry-After": "2"}),
    "store": StoreError("the disk is full"),
    "crash": ZeroDivisionError("on purpose"),
}


def desk(*, lane: bool) -> FastAPI:
    app = FastAPI()
    problems.install(app)

    async def endpoint(request: Request) -> Response:
        body = await body_of(request)
        name = request.path_params["name"]
        if name in ERRORS:
            raise ERRORS[name]
        return as_json({"name": name, "size": len(body), "route": request.scope["route"].path})

    app.router.add_api_route("/jobs/{name}/report", endpoint, methods=["PUT"], route_class_override=LeanRoute)
    if lane:
        app.add_middleware(Lane, routes=app.router.routes)
    return app


async def talk(app: FastAPI, method: str, path: str, *messages: dict[str, Any]) -> list[Any]:
    """One request over ASGI; what was sent."""
    waiting, sent = list(messages), []

    async def receive() -> Any:
        return waiting.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": method, "path": unquote(path), "headers": [], "query_string": b""}
    await app(scope, receive, send)
    return sent


def answer(app: FastAPI, method: str, path: str) -> tuple[int, dict[bytes, bytes], bytes]:
    """Status, headers and body; a crash is raised again once it has been answered."""
    halves = [{"type": "http.request", "body": b"x" * 1000, "more_body": more} for more in (True, False)]
    start, *rest = asyncio.run(talk(app, method, path, *halves))
    return start["status"], dict(start["headers"]), b"".join(part["body"] for part in rest)


@pytest.mark.parametrize("method", ["PUT", "GET", "POST"])
@pytest.mark.parametrize("path", ["/jobs/a/report", "/jobs/a%20b/report", "/jobs/a/b/report", "/jobs//report", "/jobs"])
def test_both_ways_answer_alike(method: str, path: str) -> None:
    short, long = (answer(desk(lane=lane), method, path) for lane in (True, False))
    assert short == long
    assert (short[0] == 200) == (method == "PUT" and path in ("/jobs/a/report", "/jobs/a%20b/report"))


@pytest.mark.parametrize("name", ["problem", "store"])
def test_errors_are_the_same_problems(name: str) -> None:
    short, long = (answer(desk(lane=lane), "PUT", f"/jobs/{name}/report") for lane in (True, False))
    assert short == long
    assert short[0] == {"problem": 429, "store": 503}[name]
    assert short[1][b"content-type"] == b"application/problem+json" and b"retry-after" in short[1]


def test_a_crash_is_the_servers_to_answer() -> None:
    for lane in (True, False):
        with pytest.raises(ZeroDivisionError, match="on purpose"):
            answer(desk(lane=lane), "PUT", "/jobs/crash/report")


def test_a_trainer_that_dies_in_the_middle_of_its_report_is_no_crash(caplog: pytest.LogCaptureFixture) -> None:
    begun, gone = {"type": "http.request", "body": b"half", "more_body": True}, {"type": "http.disconnect"}
    with caplog.at_level(logging.INFO):
        assert asyncio.run(talk(desk(lane=True), "PUT", "/jobs/a/report", begun, gone)) == []
    assert caplog.records == []
