"""The short way to the routes that a thousand trainers use: past everything that they have no use for.

Such a route is declared like every other (role, schema, place in the list), and its endpoint takes the request itself.
The Gate stands before it, problems come out of it; dependencies, exit stacks and the search for a route do not.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from typing import Any, TypeVar

from fastapi.routing import APIRoute
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

Value = TypeVar("Value")


class LeanRoute(APIRoute):
    """A route whose endpoint takes the request itself: a thousand reports a second pay for nothing they do not use."""

    def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:  # type: ignore[override]
        """The endpoint, as it is."""
        return self.endpoint


class Lane:
    """Answers what a lean route takes, and hands everything else on."""

    def __init__(self, app: ASGIApp, *, routes: Iterable[BaseRoute]) -> None:
        self._app = app
        lean = [route for route in routes if isinstance(route, LeanRoute)]
        self._routes = [(method, route.path_regex.match, route) for route in lean for method in route.methods or ()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request or WebSocket."""
        if scope["type"] == "http":
            method, path = scope["method"], scope["path"]
            for wanted, match, route in self._routes:
                if wanted == method and (found := match(path)) is not None:
                    scope["route"], scope["path_params"] = route, found.groupdict()
                    await _answer(route, Request(scope, receive, send))
                    return
        await self._app(scope, receive, send)


async def _answer(route: LeanRoute, request: Request) -> None:
    try:
        response: Response = await route.endpoint(request)
    except ClientDisconnect:
        return  # nobody is left to hear an answer
    except Exception as error:
        handler = _handler(request.app.exception_handlers, type(error))
        if handler is None:
            raise
        response = await handler(request, error)
    await response(request.scope, request.receive, request._send)


def _handler(handlers: dict[Any, Any], kind: type[Exception]) -> Any:
    """The handler of the nearest kind; what has none of its own is a crash, and that is the server's to say."""
    return next((handlers[base] for base in kind.__mro__ if base in handlers and base is not Exception), None)


async def body_of(request: Request) -> bytes:
    """The whole body. Raises ClientDisconnect."""
    parts: list[bytes] = []
    while True:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return parts[0] if len(parts) == 1 else b"".join(parts)


async def while_connected(request: Request, work: Coroutine[Any, Any, Value]) -> Value:
    """What `work` returns; it ends at once where the client goes meanwhile. Raises ClientDisconnect."""
    working, leaving = asyncio.ensure_future(work), asyncio.ensure_future(_gone(request))
    try:
        await asyncio.wait((working, leaving), return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        raise ClientDisconnect
    finally:
        working.cancel()
        leaving.cancel()
        await asyncio.gather(working, leaving, return_exceptions=True)


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
