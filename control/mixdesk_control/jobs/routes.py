"""The HTTP and WebSocket of jobs: validate, call one function of the service, answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Query, Request, WebSocket
from starlette.responses import Response

from mixdesk_control.auth.guard import needs
from mixdesk_control.auth.principal import Principal
from mixdesk_control.jobs import intents, schema, trainer_routes
from mixdesk_control.jobs.clock import moment
from mixdesk_control.jobs.metrics import SHOWN_STATUSES
from mixdesk_control.jobs.schema import answers
from mixdesk_control.jobs.service import JobService, ListQuery
from mixdesk_control.web.answers import as_json, raw
from mixdesk_control.web.asked import Asked, IdempotencyKey, asked_by
from mixdesk_control.web.origin import client_address
from mixdesk_control.web.paging import Cursor, Limit, decode_cursor, encode_cursor
from mixdesk_control.web.problems import Problem
from mixdesk_control.web.streams import pump

Viewer = Annotated[Principal, Depends(needs("viewer"))]
Operator = Annotated[Principal, Depends(needs("operator"))]
Words = Annotated[list[str] | None, Query(max_length=100)]
Word = Annotated[str | None, Query(max_length=200)]


def router(service: JobService) -> APIRouter:
    """All routes of this room."""
    routes = APIRouter(tags=["jobs"])
    trainer_routes.add_to(routes, service)
    _reading_routes(routes, service)
    _asking_routes(routes, service)
    return routes


# -- reading -------------------------------------------------------------------------------------------


def _reading_routes(routes: APIRouter, service: JobService) -> None:
    @routes.get("/jobs", responses=answers(200, schema.JobList))
    async def get_jobs(
        principal: Viewer,
        limit: Limit = 100,
        cursor: Cursor = None,
        status: Words = None,
        job_type: Words = None,
        name: Word = None,
        owner: Word = None,
        since: Word = None,
    ) -> Response:
        """Jobs, newest first."""
        query = ListQuery(
            statuses=_statuses(status or ()),
            job_types=job_type or (),
            name=name,
            owner=owner,
            since=_since(since),
            limit=limit + 1,
            before=None if cursor is None else decode_cursor(cursor, tuple[float, str]),
        )
        found = await service.page(query, principal)
        last = found[limit - 1].state if len(found) > limit else None
        after = None if last is None else encode_cursor([last.created_at, last.job_id])
        items = b",".join(service.document(job) for job in found[:limit])
        return raw(b'{"items":[%s],"next":%s}' % (items, msgspec.json.encode(after)))

    @routes.get("/jobs/{job_id}", responses=answers(200, schema.JobProgress))
    async def get_job(job_id: str, principal: Viewer) -> Response:
        """One job."""
        return raw(service.document(await service.get(job_id, principal)))

    @routes.get("/jobs/{job_id}/history", responses=answers(200, schema.JobHistory))
    async def get_history(job_id: str, principal: Viewer) -> Response:
        """Transitions, phases with times, all checkpoints, scores, at most 300 points a number."""
        return as_json(await service.history(job_id, principal))

    @routes.websocket("/jobs/stream")
    async def stream(websocket: WebSocket, principal: Viewer, id: str | None = None, after: int | None = None) -> None:
        await pump(websocket, service.frames(principal, job_id=id, after=after), principal=principal)


def _statuses(given: Sequence[str]) -> list[str]:
    wanted = [part for text in given for part in text.split(",") if part]
    for status in wanted:
        if status not in SHOWN_STATUSES:
            raise Problem(422, f"status {status!r} is not known: use one of {', '.join(SHOWN_STATUSES)}")
    return wanted


def _since(text: str | None) -> float | None:
    if text is None:
        return None
    at = moment(text)
    if at is None:
        raise Problem(422, f"since={text!r} must be a time such as 2026-01-31T12:00:00Z")
    return at


# -- asking --------------------------------------------------------------------------------------------


def _asking_routes(routes: APIRouter, service: JobService) -> None:
    @routes.post("/admin/jobs/{job_id}/checkpoint", status_code=202, responses=answers(202, schema.RequestAnswer))
    async def checkpoint(
        job_id: str,
        principal: Operator,
        request: Request,
        body: schema.CheckpointRequest | None = None,
        key: IdempotencyKey = None,
    ) -> Response:
        """Asks for a checkpoint, and for the end of the run after it where `then` is cancel."""
        then = intents.CONTINUE if body is None else body.then
        asked = await asked_by(request, principal, key)
        return _reply(await service.ask(job_id, intents.CHECKPOINT, asked, then=then))

    for action in (intents.PAUSE, intents.RESUME, intents.CANCEL):
        _add_action(routes, service, action)

    @routes.delete("/jobs/{job_id}", status_code=204)
    async def delete(job_id: str, principal: Operator, request: Request) -> Response:
        """A final job leaves the desk; its files stay."""
        await service.delete(job_id, Asked(principal, client_address(request)))
        return Response(status_code=204)


_ABOUT = {
    intents.PAUSE: "Asks the run to wait at its next step boundary.",
    intents.RESUME: "Asks a paused run to go on.",
    intents.CANCEL: "Asks the run to end at its next step boundary, without a checkpoint.",
}


def _add_action(routes: APIRouter, service: JobService, action: str) -> None:
    async def ask(job_id: str, principal: Operator, request: Request, key: IdempotencyKey = None) -> Response:
        return _reply(await service.ask(job_id, action, await asked_by(request, principal, key)))

    routes.add_api_route(
        f"/admin/jobs/{{job_id}}/{action}",
        ask,
        methods=["POST"],
        name=action,
        status_code=202,
        description=_ABOUT[action],
        responses=answers(202, schema.RequestAnswer),
    )


def _reply(reply: Any) -> Response:
    return raw(reply.body, reply.status)
