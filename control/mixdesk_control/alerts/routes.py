"""The HTTP of alerts and of the pages that say what to do about them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import HTMLResponse, Response

from mixdesk_control.alerts import schema, service
from mixdesk_control.alerts.alert import STATES
from mixdesk_control.alerts.runbooks import PREFIX
from mixdesk_control.alerts.service import AlertService
from mixdesk_control.auth.guard import needs, open_to_all
from mixdesk_control.auth.principal import REPORTER, VIEWER, Principal
from mixdesk_control.web.answers import answers, as_json
from mixdesk_control.web.pages import policy
from mixdesk_control.web.paging import Cursor, Limit, decode_cursor
from mixdesk_control.web.problems import Problem

WEBHOOK = "/admin/alerts/webhook"
MOST_BODY = 1024 * 1024  # a storm of alerts comes as one body

Viewer = Annotated[Principal, Depends(needs(VIEWER))]
Reporter = Annotated[Principal, Depends(needs(REPORTER))]
Word = Annotated[str | None, Query(max_length=200)]
State = Annotated[str | None, Query(max_length=20, description="firing, stale, resolved or all; else what is not over")]


def router(alerts: AlertService) -> APIRouter:
    """The routes over one service."""
    routes = APIRouter()
    _alerts(routes, alerts)
    _runbooks(routes, alerts)
    return routes


def _alerts(routes: APIRouter, alerts: AlertService) -> None:
    @routes.post(WEBHOOK, tags=["alerts"], responses=answers((200, schema.WebhookAnswer)), openapi_extra=schema.WEBHOOK)
    async def post_webhook(principal: Reporter, request: Request) -> Response:
        """What Alertmanager tells: its webhook, version 4; answered once it is on the disk."""
        return as_json(await alerts.take(await request.body(), principal))

    @routes.get("/admin/alerts", tags=["alerts"], responses=answers((200, schema.AlertList)))
    async def get_alerts(
        principal: Viewer,
        limit: Limit = 100,
        cursor: Cursor = None,
        state: State = None,
        severity: Word = None,
        component: Word = None,
        name: Word = None,
    ) -> Response:
        """Alerts: what fires first, the worst of it first, then the newest."""
        query = service.Query(_state(state), severity, component, name)
        after = None if cursor is None else decode_cursor(cursor, tuple[int, int, float, str])
        return as_json(await alerts.page(principal, query, limit, after))


def _state(given: str | None) -> str | None:
    if given is not None and given not in (*STATES, service.ALL):
        raise Problem(422, f"state {given!r} is not known: use one of {', '.join((*STATES, service.ALL))}")
    return given


def _runbooks(routes: APIRouter, alerts: AlertService) -> None:
    both = ["GET", "HEAD"]

    @routes.api_route(PREFIX, methods=both, include_in_schema=False)
    @open_to_all
    def get_runbooks() -> Response:
        return _page(alerts.runbooks.index())

    @routes.api_route(f"{PREFIX}{{name}}", methods=both, include_in_schema=False)
    @open_to_all
    def get_runbook(name: str) -> Response:
        if (found := alerts.runbooks.page(name)) is None:
            raise Problem(404, f"there is no runbook {name[:64]!r}; all are listed at {PREFIX}")
        return _page(found)


def _page(html: str) -> Response:
    return HTMLResponse(html, headers={"Content-Security-Policy": policy(html), "Cache-Control": "no-cache"})
