"""Signing in and out, who one is, and tickets over HTTP."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Response
from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.requests import Request

from mixdesk import wire
from mixdesk_control.auth import errors, tickets, token_routes
from mixdesk_control.auth.bodies import EmbedTicketBody, LoginBody, LoginCode, Me, Ticket, WsTicketBody, me
from mixdesk_control.auth.guard import needs, open_to_all
from mixdesk_control.auth.principal import OPERATOR, ROLES, VIEWER, Principal
from mixdesk_control.auth.recorder import Recorder
from mixdesk_control.auth.service import AuthService
from mixdesk_control.auth.sessions import CODE_S, SESSION_S

AnyOne = Annotated[Principal, Depends(needs(*ROLES))]
Viewer = Annotated[Principal, Depends(needs(VIEWER))]


def router(
    auth: AuthService, record: Recorder, *, browser_url: str = "", clock: Callable[[], float] = time.time
) -> APIRouter:
    """Every route of this room; `browser_url` begins login links."""
    routes = APIRouter()
    routes.include_router(_sessions(auth, record))
    routes.include_router(_codes(auth, record, browser_url, clock))
    routes.include_router(_whoami())
    routes.include_router(_tickets(auth, record, clock))
    routes.include_router(token_routes.router(auth, record, clock))
    return routes


def _sessions(auth: AuthService, record: Recorder) -> APIRouter:
    routes = APIRouter(prefix="/auth", tags=["auth"])

    @routes.post("/login", response_model=Me)
    @open_to_all
    async def login(body: LoginBody, request: Request, response: Response) -> Me:
        """Signs in: a login code or a token opens a session (cookie), an embed's ticket becomes a bearer token."""

        def note(conn: Connection, principal: Principal) -> None:
            record(conn, request, principal, action="auth.login", target=principal.token_id or "")

        if body.ticket is not None:
            principal, secret = await auth.sign_in.trade_embed(body.ticket)
            return me(principal, token=secret)
        if body.code is not None:
            principal, secret = await auth.sign_in.by_code(body.code, note)
        elif body.token is not None:
            principal, secret = await auth.sign_in.by_token(body.token, note)
        else:
            raise HTTPException(422, "send one of code, token, ticket")
        response.set_cookie(
            auth.cookie_name,
            secret,
            max_age=int(SESSION_S),
            path="/",
            secure=auth.secure,
            httponly=True,
            samesite="strict",
        )
        return me(principal)

    @routes.post("/logout", status_code=204)
    async def logout(principal: AnyOne, request: Request) -> Response:
        """Ends this session and the streams it opened; a token stays valid."""
        await auth.sign_in.sign_out(
            principal, lambda conn: record(conn, request, principal, action="auth.logout", target=principal.name)
        )
        response = Response(status_code=204)
        response.delete_cookie(auth.cookie_name, path="/", secure=auth.secure, httponly=True, samesite="strict")
        return response

    return routes


def _whoami() -> APIRouter:
    routes = APIRouter(prefix="/auth", tags=["auth"])

    @routes.get("/me", response_model=Me)
    async def get_me(principal: AnyOne) -> Me:
        """Name, roles and owner of whoever asks."""
        return me(principal)

    @routes.get("/verify", response_class=Response)
    async def verify(principal: AnyOne) -> Response:
        """For a reverse proxy in front of Grafana: who asks, as headers. Refuses what is bound to an owner."""
        if principal.owner is not None or principal.job_id is not None or not principal.may((VIEWER,)):
            raise errors.forbidden(f"{principal.name} may not see everything, which this answers for", principal)
        role = "Editor" if principal.may((OPERATOR,)) else "Viewer"
        return Response(status_code=200, headers={"X-WEBAUTH-USER": quote(principal.name), "X-WEBAUTH-ROLE": role})

    return routes


def _codes(auth: AuthService, record: Recorder, browser_url: str, clock: Callable[[], float]) -> APIRouter:
    routes = APIRouter(prefix="/auth", tags=["auth"])

    @routes.post("/login-code", response_model=LoginCode, status_code=201)
    async def login_code(principal: Viewer, request: Request) -> LoginCode:
        """A code for a login link that opens a session of the token that asks; a session cannot ask for one."""
        if principal.via != "token":
            raise errors.forbidden("only a token may ask for a login code", principal)
        code = await auth.sign_in.new_code(
            principal, lambda conn: record(conn, request, principal, action="auth.code", target=principal.name)
        )
        return LoginCode(url=login_link(browser_url, code), code=code, expires_at=wire.now_text(clock() + CODE_S))

    return routes


def _tickets(auth: AuthService, record: Recorder, clock: Callable[[], float]) -> APIRouter:
    routes = APIRouter(prefix="/auth", tags=["auth"])

    @routes.post("/ws-ticket", response_model=Ticket, status_code=201)
    async def ws_ticket(body: WsTicketBody, principal: AnyOne) -> Ticket:
        """A ticket for one WebSocket: 30 s, single use; sent as `Sec-WebSocket-Protocol: mixdesk.v1, ticket.T`."""
        secret = await auth.sign_in.ws_ticket(principal, body.path)
        return Ticket(ticket=secret, expires_at=wire.now_text(clock() + tickets.WS_S))

    @routes.post("/embed-ticket", response_model=Ticket, status_code=201)
    async def embed_ticket(body: EmbedTicketBody, principal: Viewer, request: Request) -> Ticket:
        """A ticket for a page elsewhere that shows one job or one owner's jobs; reading only."""
        if principal.via not in ("token", "session"):
            raise errors.forbidden("only a token or a session may hand out embeds", principal)
        if body.job is None and body.owner is None:
            raise HTTPException(422, "name a job or an owner")
        secret = await auth.sign_in.embed_ticket(
            principal,
            ttl=body.ttl,
            job_id=body.job,
            owner=body.owner,
            note=lambda conn: record(conn, request, principal, action="auth.embed", target=body.job or str(body.owner)),
        )
        return Ticket(ticket=secret, expires_at=wire.now_text(clock() + body.ttl))

    return routes


def login_link(browser_url: str, code: str) -> str:
    """The code stands after the #, which browsers send nowhere: no preview and no log can spend it."""
    return f"{browser_url}/ui/login/#{code}"
