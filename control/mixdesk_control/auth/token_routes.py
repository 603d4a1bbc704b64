"""Tokens over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.exceptions import HTTPException
from starlette.requests import Request

from mixdesk_control.auth import tokens
from mixdesk_control.auth.bodies import TokenBody, TokenInfo, TokenList, info
from mixdesk_control.auth.guard import needs
from mixdesk_control.auth.principal import ADMIN, Principal
from mixdesk_control.auth.recorder import Recorder
from mixdesk_control.auth.service import AuthService

Admin = Annotated[Principal, Depends(needs(ADMIN))]


def router(auth: AuthService, record: Recorder, clock: Callable[[], float]) -> APIRouter:
    """`/admin/tokens`."""
    routes = APIRouter(prefix="/admin/tokens", tags=["tokens"])

    @routes.get("", response_model=TokenList)
    async def list_tokens(_principal: Admin) -> TokenList:
        """Every token, newest first; never its secret."""
        return TokenList(items=[info(token) for token in await auth.tokens.all()])

    @routes.post("", response_model=TokenInfo, status_code=201)
    async def create_token(body: TokenBody, principal: Admin, request: Request) -> TokenInfo:
        """Makes a token; its secret is in this answer and nowhere else."""
        now = clock()
        expires_at = None if body.days is None else now + body.days * 86400.0
        name = body.name or "-".join(sorted(body.roles))
        try:
            token, secret = tokens.new_token(name, body.roles, now=now, owner=body.owner, expires_at=expires_at)
        except ValueError as error:
            raise HTTPException(422, str(error)) from error
        await auth.tokens.create(
            token, lambda conn: record(conn, request, principal, action="token.create", target=token.id)
        )
        return info(token, secret)

    @routes.delete("/{token_id}", response_model=TokenInfo)
    async def revoke_token(token_id: str, principal: Admin, request: Request) -> TokenInfo:
        """Ends a token with all that came of it; of the state folder's own ones a new one takes its place."""
        found = [token for token in await auth.tokens.all() if token.id == token_id]
        if not found:
            raise HTTPException(404, f"there is no token {token_id!r}: see `mixdesk token list`")
        if (path := auth.tokens.file_of(found[0])) is not None:
            raise HTTPException(
                409,
                f"token {found[0].name!r} comes from {path} ([auth] token_files): put a new one into that file, or "
                "take it out of the settings, and restart the desk; the old one ends at that start",
            )
        await auth.tokens.revoke(
            found[0], lambda conn: record(conn, request, principal, action="token.revoke", target=token_id)
        )
        return info(next(token for token in await auth.tokens.all() if token.id == token_id))

    return routes
