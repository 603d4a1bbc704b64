"""What auth says and hears over HTTP."""

from __future__ import annotations

import time
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from mixdesk import wire
from mixdesk_control.auth.principal import ROLES, Principal
from mixdesk_control.auth.tokens import Token

Text = Annotated[str, Field(min_length=1, max_length=200)]
Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]


class LoginBody(BaseModel):
    """One of the three: the code of a login link, a token that was typed in, or an embed's ticket."""

    code: Text | None = None
    token: Text | None = None
    ticket: Text | None = None


class Me(BaseModel):
    """Who one is. `job_id` and `owner` bind what is seen; `token` is there only for an embed's ticket.

    `now` is the desk's clock as it answers: ages are shown against it, whatever the browser's clock says.
    """

    name: str
    roles: list[str]
    now: str
    owner: str | None = None
    via: str
    job_id: str | None = None
    expires_at: str | None = None
    token: str | None = None


class WsTicketBody(BaseModel):
    """The path of the WebSocket to open, such as /jobs/stream."""

    path: Annotated[str, Field(pattern=r"^/[^?#]*$", max_length=300)]


class EmbedTicketBody(BaseModel):
    """One job or one owner's jobs; `ttl` is how many seconds the ticket may be traded."""

    job: Annotated[str | None, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")] = None
    owner: Name | None = None
    ttl: Annotated[float, Field(gt=0, le=3600)] = 60.0


class Ticket(BaseModel):
    """A secret that is spent at its first use."""

    ticket: str
    expires_at: str


class LoginCode(BaseModel):
    """A login link and its code; single use, ten minutes."""

    url: str
    code: str
    expires_at: str


class TokenBody(BaseModel):
    """A token to make: its roles, perhaps bound to an owner, perhaps for some days only."""

    model_config = ConfigDict(extra="forbid")

    roles: Annotated[list[str], Field(min_length=1, max_length=len(ROLES))]
    name: Name | None = None
    owner: Name | None = None
    days: Annotated[float | None, Field(gt=0, le=36500)] = None


class TokenInfo(BaseModel):
    """What is known of a token. `token` is its secret, given once, when it is made."""

    id: str
    name: str
    roles: list[str]
    owner: str | None
    source: str
    created_at: str
    last_used_at: str | None
    expires_at: str | None
    revoked_at: str | None
    token: str | None = None


class TokenList(BaseModel):
    """Every token, newest first."""

    items: list[TokenInfo]
    next: None = None


def me(principal: Principal, token: str | None = None) -> Me:
    """A principal as JSON."""
    return Me(
        name=principal.name,
        roles=sorted(principal.roles),
        now=wire.now_text(time.time()),
        owner=principal.owner,
        via=principal.via,
        job_id=principal.job_id,
        expires_at=_text(principal.expires_at),
        token=token,
    )


def info(token: Token, secret: str | None = None) -> TokenInfo:
    """A token as JSON."""
    values: dict[str, Any] = {
        name: _text(getattr(token, name)) for name in ("created_at", "last_used_at", "expires_at", "revoked_at")
    }
    return TokenInfo(
        id=token.id,
        name=token.name,
        roles=list(token.roles),
        owner=token.owner,
        source=token.source,
        token=secret,
        **values,
    )


def _text(seconds: float | None) -> str | None:
    return None if seconds is None else wire.now_text(seconds)
