"""A request that changes something, as rooms take it: who asks, from where, under which Idempotency-Key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Header, Request

from mixdesk_control.auth.principal import Principal
from mixdesk_control.web.origin import client_address

IdempotencyKey = Annotated[str | None, Header(alias="Idempotency-Key")]


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks; `origin` is an address, `path` and `body` are what the key stands for."""

    principal: Principal
    origin: str = ""
    path: str = ""
    key: str | None = None
    body: bytes = b""


async def asked_by(request: Request, principal: Principal, key: str | None) -> Asked:
    """The request as a room takes it. The query counts as a part of the path: with another one it is another wish."""
    path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return Asked(principal, client_address(request), path, key, await request.body())
