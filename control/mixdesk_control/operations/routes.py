"""The HTTP of operations."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, WebSocket
from starlette.responses import Response

from mixdesk_control.auth.guard import needs
from mixdesk_control.auth.principal import Principal
from mixdesk_control.operations.operation import STATES, shown
from mixdesk_control.operations.schema import OperationInfo, OperationList
from mixdesk_control.operations.service import OperationService
from mixdesk_control.web.answers import as_json
from mixdesk_control.web.origin import client_address
from mixdesk_control.web.paging import Cursor, Limit, decode_cursor, encode_cursor
from mixdesk_control.web.problems import Problem
from mixdesk_control.web.streams import pump

Viewer = Annotated[Principal, Depends(needs("viewer"))]
Operator = Annotated[Principal, Depends(needs("operator"))]
Word = Annotated[str | None, Query(max_length=200)]


def router(service: OperationService) -> APIRouter:
    """The routes over one service."""
    routes = APIRouter(prefix="/admin/operations", tags=["operations"])

    @routes.get("", summary="Operations, newest first", responses={200: {"model": OperationList}})
    async def page(
        principal: Viewer,
        limit: Limit = 100,
        cursor: Cursor = None,
        state: Word = None,
        action: Word = None,
        kind: Word = None,
        target: Word = None,
    ) -> Response:
        if state is not None and state not in STATES:
            raise Problem(422, f"state {state!r} is not known: use one of {', '.join(STATES)}")
        given = {"state": state, "action": action, "kind": kind, "target": target}
        filters = {name: value for name, value in given.items() if value is not None}
        before = None if cursor is None else decode_cursor(cursor, tuple[float, str])
        found = await service.page(principal, filters, limit + 1, before)
        last = found[limit - 1] if len(found) > limit else None
        after = None if last is None else encode_cursor([last.created_at, last.id])
        return as_json({"items": [shown(item) for item in found[:limit]], "next": after})

    @routes.get("/{operation_id}", summary="One operation", responses={200: {"model": OperationInfo}})
    async def one(operation_id: str, principal: Viewer) -> Response:
        return as_json(shown(await service.get(operation_id, principal)))

    @routes.post(
        "/{operation_id}/cancel",
        status_code=202,
        summary="Take an operation back before it is taken up",
        responses={202: {"model": OperationInfo}},
    )
    async def cancel(operation_id: str, principal: Operator, request: Request) -> Response:
        return as_json(shown(await service.cancel(operation_id, principal, client_address(request))), 202)

    @routes.websocket("/stream")
    async def stream(websocket: WebSocket, principal: Viewer, after: int | None = None) -> None:
        await pump(websocket, service.frames(principal, after), principal=principal)

    return routes
