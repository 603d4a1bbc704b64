"""The guard of every route: who may come in is declared on it, and a route that declares nothing fails the start.

Routes of FastAPI take `principal: Annotated[Principal, Depends(needs("viewer"))]`, HTTP and WebSocket alike; lean
routes are wrapped by `guarded`, open ones are marked by `open_to_all`.
"""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from fastapi.routing import iter_route_contexts
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from mixdesk_control.auth import errors
from mixdesk_control.auth.principal import ROLES, Principal
from mixdesk_control.auth.service import LOOPBACK, AuthService

OPEN: frozenset[str] = frozenset()
_MARK = "mixdesk_roles"

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])
Dependency = Callable[[HTTPConnection], Awaitable[Principal]]


async def principal_of(connection: HTTPConnection, roles: Iterable[str], *, loopback: bool = False) -> Principal:
    """Who asks, holding one of `roles`. Raises AccessRefused (401 or 403), an HTTPException.

    A bearer token is checked in memory (a few microseconds); a WebSocket ticket is spent by this call. With
    `loopback`, a peer on this host needs no credentials, as long as the desk is not behind a proxy.
    """
    auth: AuthService = connection.app.state.auth
    principal = await auth.authenticate(connection, loopback=loopback)
    if principal.may(roles):
        return principal
    if loopback and auth.on_loopback(connection):
        return LOOPBACK
    wanted = " or ".join(sorted(roles))
    held = ", ".join(sorted(principal.roles)) or "none"
    raise errors.forbidden(f"this needs the role {wanted}; {principal.name} holds {held}", principal)


def needs(*roles: str, loopback: bool = False) -> Dependency:
    """A FastAPI dependency: the Principal that asks, holding one of `roles`. Works on HTTP and WebSocket routes."""
    declared = _declared(roles)

    async def guard(connection: HTTPConnection) -> Principal:
        return await principal_of(connection, roles, loopback=loopback)

    setattr(guard, _MARK, declared)
    return guard


def guarded(*roles: str) -> Callable[[Callable[..., Awaitable[Response]]], Callable[[Request], Awaitable[Response]]]:
    """Wraps a lean `handler(request, principal)` into an endpoint that lets only `roles` in."""
    declared = _declared(roles)

    def wrap(handler: Callable[..., Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            return await handler(request, await principal_of(request, roles))

        # Not functools.wraps: FastAPI would follow __wrapped__ and ask for a `principal` query parameter.
        functools.update_wrapper(endpoint, handler, assigned=("__module__", "__name__", "__qualname__", "__doc__"))
        del endpoint.__wrapped__  # type: ignore[attr-defined]
        setattr(endpoint, _MARK, declared)
        return endpoint

    return wrap


def open_to_all(endpoint: Endpoint) -> Endpoint:
    """Marks a route that anybody may call."""
    setattr(endpoint, _MARK, OPEN)
    return endpoint


def _declared(roles: tuple[str, ...]) -> frozenset[str]:
    unknown = [role for role in roles if role not in ROLES]
    if unknown or not roles:
        msg = f"needs{roles!r}: name one or more of {', '.join(ROLES)}"
        raise ValueError(msg)
    return frozenset(roles)


def roles_of(route: Any) -> frozenset[str] | None:
    """The roles a route declares: empty where it is open to all, None where it declares nothing."""
    endpoint = getattr(route, "endpoint", None)
    marks = [getattr(endpoint, _MARK, None), *_dependency_marks(getattr(route, "dependant", None))]
    found = [mark for mark in marks if mark is not None]
    return frozenset().union(*found) if found else None


def _dependency_marks(dependant: Any) -> Iterator[frozenset[str] | None]:
    for dependency in getattr(dependant, "dependencies", ()):
        yield getattr(dependency.call, _MARK, None)
        yield from _dependency_marks(dependency)


def check_every_route_has_a_role(routes: Sequence[BaseRoute]) -> None:
    """Raises RuntimeError naming each route that declares no role: such a desk does not start."""
    bare = [str(route.path) for route in iter_route_contexts(routes) if roles_of(route) is None]
    if bare:
        msg = f"these routes declare no role, add needs(...) or open_to_all: {', '.join(sorted(bare))}"
        raise RuntimeError(msg)
