"""The HTTP and WebSocket of assets: validate, call one function of the service, answer."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Query, Request, WebSocket
from starlette.responses import Response

from mixdesk_control.assets import schema
from mixdesk_control.assets.service import AssetService
from mixdesk_control.auth.errors import forbidden
from mixdesk_control.auth.guard import needs
from mixdesk_control.auth.principal import OPERATOR, VIEWER, Principal
from mixdesk_control.web.answers import answers, as_json, raw, refusals
from mixdesk_control.web.asked import IdempotencyKey, asked_by
from mixdesk_control.web.streams import pump

Viewer = Annotated[Principal, Depends(needs(VIEWER))]
Operator = Annotated[Principal, Depends(needs(OPERATOR))]
DryRun = Annotated[bool, Query(description="answer the plan and do nothing")]
Evict = Annotated[bool, Query(description="stop idle, evictable assets where memory is short")]
Cascade = Annotated[bool, Query(description="take dependents that run along")]
Force = Annotated[bool, Query(description="in spite of holds and jobs")]

_ANSWERS = {
    **answers((202, schema.AskedAnswer), (200, schema.PlanAnswer)),
    **refusals((409, schema.AssetRefusal)),
}


def router(service: AssetService) -> APIRouter:
    """The routes over one service."""
    routes = APIRouter(prefix="/admin/assets", tags=["assets"])
    _reading_routes(routes, service)
    _asking_routes(routes, service)
    _holding_routes(routes, service)
    return routes


# -- reading -------------------------------------------------------------------------------------------


def _reading_routes(routes: APIRouter, service: AssetService) -> None:
    @routes.get("", responses=answers((200, schema.AssetList)))
    async def get_assets(principal: Viewer) -> Response:
        """All assets: what they are, what is asked of them, what they do and hold."""
        _refuse_embeds(principal)
        return as_json({"items": [_seen_by(principal, asset) for asset in service.list()], "next": None})

    @routes.get("/{asset_id}/status", responses=answers((200, schema.AssetInfo)))
    async def get_status(asset_id: str, principal: Viewer) -> Response:
        """One asset."""
        _refuse_embeds(principal)
        return as_json(_seen_by(principal, service.get(asset_id)))

    @routes.websocket("/stream")
    async def stream(websocket: WebSocket, principal: Viewer, after: int | None = None) -> None:
        _refuse_embeds(principal)
        frames = service.frames(after)
        await pump(websocket, frames if principal.owner is None else _bound(principal, frames), principal=principal)


def _refuse_embeds(principal: Principal) -> None:
    if principal.job_id is not None:
        raise forbidden(f"this ticket is for job {principal.job_id} alone, not for assets", principal)


def _seen_by(principal: Principal, asset: dict[str, Any]) -> Mapping[str, Any]:
    """Who is bound to an owner sees no names of jobs, and none of whoever holds an asset."""
    if principal.owner is None:
        return asset
    holds = [{**hold, "actor": "", "reason": None} for hold in asset["holds"]]
    return {**asset, "usage": {**asset["usage"], "jobs": []}, "holds": holds}


async def _bound(principal: Principal, frames: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    async for frame in frames:
        found = msgspec.json.decode(frame)
        if "asset" in found:
            found["asset"] = _seen_by(principal, found["asset"])
        yield msgspec.json.encode(found)


# -- asking --------------------------------------------------------------------------------------------


def _asking_routes(routes: APIRouter, service: AssetService) -> None:
    @routes.post("/reload", responses=answers((200, schema.ReloadAnswer)))
    async def reload(principal: Operator, request: Request) -> Response:
        """Reads the registry anew; where it is wrong, the old one holds."""
        _refuse_bound(principal)
        return as_json(await service.reload(await asked_by(request, principal, None)))

    @routes.post("/{asset_id}/start", status_code=202, responses=_ANSWERS)
    async def start(
        asset_id: str,
        principal: Operator,
        request: Request,
        dry_run: DryRun = False,
        evict: Evict = False,
        key: IdempotencyKey = None,
    ) -> Response:
        """Brings an asset up with all that it needs; 409 with what would help where memory is short."""
        _refuse_bound(principal)
        asked = await asked_by(request, principal, key)
        reply = await service.requests.start(asset_id, asked, dry_run=dry_run, evict=evict)
        return raw(reply.body, reply.status)

    @routes.post("/{asset_id}/stop", status_code=202, responses=_ANSWERS)
    async def stop(
        asset_id: str,
        principal: Operator,
        request: Request,
        cascade: Cascade = False,
        force: Force = False,
        dry_run: DryRun = False,
        key: IdempotencyKey = None,
    ) -> Response:
        """Takes an asset down; 409 that names dependents, jobs and holds that are in the way."""
        _refuse_bound(principal)
        asked = await asked_by(request, principal, key)
        reply = await service.requests.stop(asset_id, asked, cascade=cascade, force=force, dry_run=dry_run)
        return raw(reply.body, reply.status)


def _refuse_bound(principal: Principal) -> None:
    if principal.owner is not None:
        raise forbidden(f"{principal.name} is bound to owner {principal.owner!r}; assets are everybody's", principal)


# -- holds ---------------------------------------------------------------------------------------------


def _holding_routes(routes: APIRouter, service: AssetService) -> None:
    @routes.post("/{asset_id}/holds", status_code=201, responses=answers((201, schema.HoldInfo)))
    async def hold(
        asset_id: str, principal: Operator, request: Request, body: schema.HoldRequest | None = None
    ) -> Response:
        """Uses an asset for a while: nobody stops it meanwhile, but with force."""
        _refuse_bound(principal)
        wanted = body or schema.HoldRequest()
        asked = await asked_by(request, principal, None)
        entry = service.requests.entry(asset_id)
        return as_json(await service.holding.take(entry, asked, wanted.ttl_s, wanted.reason, wanted.id), 201)

    @routes.delete("/{asset_id}/holds/{hold_id}", status_code=204)
    async def release(asset_id: str, hold_id: str, principal: Operator, request: Request) -> Response:
        """Ends a hold before its time."""
        _refuse_bound(principal)
        entry = service.requests.entry(asset_id)
        await service.holding.end(entry, await asked_by(request, principal, None), hold_id)
        return Response(status_code=204)
