"""The HTTP that trainers use: reports, the long poll, the hand-over between processes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.routing import APIRoute
from starlette.responses import Response

from mixdesk_control.auth.guard import guarded, needs
from mixdesk_control.auth.principal import Principal
from mixdesk_control.jobs import ingest, schema
from mixdesk_control.jobs.schema import answers
from mixdesk_control.jobs.service import JobService
from mixdesk_control.web.answers import as_json, raw
from mixdesk_control.web.problems import Problem

Reporter = Annotated[Principal, Depends(needs("reporter"))]
JobKey = Annotated[str, Header(alias="X-Mixdesk-Job-Key", max_length=200)]

MAX_POLLED = 256
MAX_GENERATION = ingest.MAX_INT


class LeanRoute(APIRoute):
    """A route whose endpoint takes the request itself: a thousand reports a second pay for nothing they do not use."""

    def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:  # type: ignore[override]
        """The endpoint, as it is."""
        return self.endpoint


def add_to(routes: APIRouter, service: JobService) -> None:
    """Adds the routes of trainers."""

    @guarded("reporter")
    async def put_report(request: Request, principal: Principal) -> Response:
        """The whole state of a job, from its trainer; the answer says what is desired of it."""
        body = await request.body()
        return raw(await service.report(request.path_params["job_id"], body, principal))

    routes.add_api_route(
        "/jobs/{job_id}/report",
        put_report,
        methods=["PUT"],
        route_class_override=LeanRoute,
        summary="Report on a job",
        openapi_extra=_REPORT,
    )

    @routes.get("/jobs/desired", responses=answers(200, schema.DesiredAnswer))
    async def get_desired(
        principal: Reporter,
        job: Annotated[list[str], Query(max_length=MAX_POLLED)],
        wait: Annotated[float, Query(ge=0, le=60)] = 25.0,
    ) -> Response:
        """A long poll for all jobs of a process, each as ID:GENERATION; answered once one is newer."""
        found = await service.wait_desired(_generations(job), wait, principal)
        return as_json({"jobs": found})

    @routes.get("/jobs/{job_id}/report", response_class=Response)
    async def get_report(job_id: str, principal: Reporter, job_key: JobKey) -> Response:
        """The newest report of a job, for the process that takes it over."""
        return as_json(await service.current_report(job_id, job_key, principal))


_REPORT: dict[str, Any] = {
    "parameters": [{"name": "job_id", "in": "path", "required": True, "schema": {"type": "string"}}],
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["job_id", "job_key", "job_type", "seq", "status"],
                    "properties": {
                        "job_id": {"type": "string"},
                        "job_key": {"type": "string"},
                        "job_type": {"type": "string"},
                        "seq": {"type": "integer", "minimum": 0},
                        "status": {"type": "string", "enum": list(schema.Status.__args__)},  # type: ignore[attr-defined]
                    },
                }
            }
        },
    },
}


def _generations(asked: Sequence[str]) -> dict[str, int]:
    """ID:GENERATION, many of them. Raises Problem 422."""
    known: dict[str, int] = {}
    for text in asked:
        job_id, _, generation = text.rpartition(":")
        if not generation.isascii() or not generation.isdigit() or int(generation) > MAX_GENERATION:
            raise Problem(422, f"job={text[:100]!r} must be ID:GENERATION")
        ingest.check_job_id(job_id)
        known[job_id] = int(generation)
    return known
