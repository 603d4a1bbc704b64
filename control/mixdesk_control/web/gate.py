"""The one middleware of the desk: everything that is checked before a route is looked for, and headers after it.

One layer of plain ASGI, because a thousand reports a second pass through it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from types import MappingProxyType

from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mixdesk_control.auth.credentials import presented
from mixdesk_control.web import limits, origin, problems
from mixdesk_control.web.origin import Site
from mixdesk_control.web.problems import Problem

PROBES = frozenset({"/healthz", "/readyz"})
SIGN_IN = "/auth/login"
METRICS = "/metrics"

# What a Grafana panel may do with the session of whoever looks at it, and nothing else.
_GRAFANA = re.compile(r"/admin/jobs/[^/]+/(checkpoint|pause|resume|cancel)|/admin/assets/[^/]+/(start|stop)")

# What an answer carries, unless its route said otherwise.
_SECURITY = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)

_NAMES = frozenset(name for name, _ in _SECURITY)

OnRefused = Callable[[HTTPConnection, HTTPException], None]


class Gate:
    """Peer, size, Host, Origin, content type; then the route; then security headers and the count of answers.

    bodies  how many bytes a body may have at paths that take larger ones than others
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        site: Site,
        cookie_name: str,
        on_refused: OnRefused,
        bodies: Mapping[str, int] = MappingProxyType({}),
    ) -> None:
        self._app = app
        self._site = site
        self._cookie_name = cookie_name
        self._on_refused = on_refused
        self._bodies = bodies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request or WebSocket."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        headers = limits.Headers(scope)
        answer = _Answer(scope, send)
        limit = self._bodies.get(scope["path"], limits.MAX_BODY)
        problem = self._refusal(scope, headers, limit)
        if problem is not None:
            await self._refuse(problem, scope, receive, answer)
            return
        if headers.get(b"content-length") is None and scope["type"] == "http":
            receive = limits.counted(receive, limit)
        await self._app(scope, receive, answer)

    def _refusal(self, scope: Scope, headers: limits.Headers, limit: int) -> Problem | None:
        client = scope.get("client")
        if (detail := origin.peer_refusal(self._site, client[0] if client else None)) is not None:
            return Problem(403, detail)
        if scope["path"] in PROBES:
            return None
        if (problem := limits.too_large(headers, limit)) is not None:
            return problem
        if headers.get(b"x-grafana-action") is not None and _GRAFANA.fullmatch(scope["path"]) is None:
            return Problem(403, f"a Grafana action may not use {scope['path']}: only job and asset actions")
        return self._ambient_refusal(scope, headers) or _type_refusal(scope, headers)

    def _ambient_refusal(self, scope: Scope, headers: limits.Headers) -> Problem | None:
        """Host and Origin, where a browser may have brought the authority by itself."""
        sign_in = scope["path"] == SIGN_IN
        if not sign_in and scope["path"] != METRICS and headers.get(b"cookie") is None:
            return None
        given = presented(HTTPConnection(scope), self._cookie_name)
        if not sign_in and not (given.ambient and (given.cookie is not None or scope["path"] == METRICS)):
            return None
        host, sent = headers.get(b"host"), headers.get(b"origin")
        if (detail := origin.host_refusal(self._site, host)) is not None:
            return Problem(403, detail)
        changes = sign_in or scope["type"] == "websocket" or scope["method"] not in limits.SAFE
        if (detail := origin.origin_refusal(self._site, sent, host, required=changes)) is not None:
            return Problem(403, detail)
        if changes and scope["type"] == "http" and scope["method"] != "DELETE":
            return limits.not_json(headers)
        return None

    async def _refuse(self, problem: Problem, scope: Scope, receive: Receive, send: Send) -> None:
        connection = HTTPConnection(scope)
        self._on_refused(connection, problem)
        response = problems.response(problem.status_code, problem.detail, headers=problem.headers)
        if scope["type"] == "websocket" and "websocket.http.response" not in scope.get("extensions", {}):
            await send({"type": "websocket.close", "code": 1008})
            return
        await response(scope, receive, send)


def _type_refusal(scope: Scope, headers: limits.Headers) -> Problem | None:
    if scope["type"] == "http" and scope["method"] not in limits.SAFE and limits.has_body(headers):
        return limits.not_json(headers)
    return None


class _Answer:
    """A `send` that adds the security headers and counts the answer by route template and status."""

    __slots__ = ("_scope", "_send")

    def __init__(self, scope: Scope, send: Send) -> None:
        self._scope = scope
        self._send = send

    async def __call__(self, message: Message) -> None:
        kind = message["type"]
        if kind in ("http.response.start", "websocket.http.response.start"):
            _secure(message)
            _count(self._scope, message["status"])
        elif kind == "websocket.accept":
            _count(self._scope, 101)
        await self._send(message)


def _secure(message: Message) -> None:
    headers = message["headers"] = list(message.get("headers", ()))
    there = {name for name, _ in headers}
    headers.extend(_SECURITY if there.isdisjoint(_NAMES) else [item for item in _SECURITY if item[0] not in there])


def _count(scope: Scope, status: int) -> None:
    requests: Counter[tuple[str, str]] = scope["app"].state.requests
    requests[template(scope), str(status)] += 1


def template(scope: Scope) -> str:
    """The route of a request as it was declared; bounded, whatever people ask for."""
    context = scope.get("fastapi", {}).get("effective_route_context")
    path = getattr(context, "path_format", None) or getattr(scope.get("route"), "path", None)
    return str(path) if path else "other"
