"""The HTTP and WebSocket of meters."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, WebSocket
from starlette.responses import Response

from mixdesk_control.auth.guard import needs
from mixdesk_control.auth.principal import VIEWER, Principal
from mixdesk_control.meters.schema import SystemMetrics
from mixdesk_control.meters.service import MetersService
from mixdesk_control.web.answers import raw
from mixdesk_control.web.problems import Problem
from mixdesk_control.web.streams import pump

Viewer = Annotated[Principal, Depends(needs(VIEWER))]
HostName = Annotated[str | None, Query(max_length=255)]


def router(service: MetersService) -> APIRouter:
    """The routes over one service."""
    routes = APIRouter(prefix="/admin/metrics", tags=["meters"])

    @routes.get("", response_model=SystemMetrics)
    async def get_metrics(principal: Viewer, host: HostName = None) -> Response:
        """What a host is doing now: the first source of the settings, unless another one is named."""
        _refuse_embeds(principal)
        return raw(await service.current(host))

    @routes.websocket("/stream")
    async def stream(websocket: WebSocket, principal: Viewer, host: HostName = None) -> None:
        _refuse_embeds(principal)
        await pump(websocket, await service.frames(host), principal=principal)

    return routes


def _refuse_embeds(principal: Principal) -> None:
    if principal.job_id is not None:
        raise Problem(403, f"this ticket is for job {principal.job_id} alone, not for hosts")
