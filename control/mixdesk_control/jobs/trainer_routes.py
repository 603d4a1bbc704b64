"""The HTTP that trainers use: reports, the long poll, the hand-over between processes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request
from starlette.datastructures import QueryParams
from starlette.responses import Response

from mixdesk_control.auth.guard import guarded, needs
from mixdesk_control.auth.principal import Principal
from mixdesk_control.jobs import ingest, schema
from mixdesk_control.jobs.schema import answers
from mixdesk_control.jobs.service import MAX_WAIT_S, JobService
from mixdesk_control.web.answers import as_json, raw
from mixdesk_control.web.lane import LeanRoute, body_of, while_connected
from mixdesk_control.web.problems import Problem

Reporter = Annotated[Principal, Depends(needs("reporter"))]
JobKey = Annotated[str, Header(alias="X-Mixdesk-Job-Key", max_length=200)]

MAX_POLLED = 256
WAIT_S = 25.0
MAX_GENERATION = ingest.MAX_INT


def add_to(routes: APIRouter, service: JobService) -> None:
    """Adds the routes of trainers."""

    @guarded("reporter")
    async def put_report(request: Request, principal: Principal) -> Response:
        """The whole state of a job, from its trainer; the answer says what is desired of it."""
        body = await body_of(request)
        return raw(await service.report(request.path_params["job_id"], body, principal))

    routes.add_api_route(
        "/jobs/{job_id}/report",
        put_report,
        methods=["PUT"],
        route_class_override=LeanRoute,
        summary="Report on a job",
        openapi_extra=_REPORT,
    )

    @guarded("reporter")
    async def get_desired(request: Request, principal: Principal) -> Response:
        """A long poll for all jobs of a process, each as ID:GENERATION; answered once one is newer."""
        asked = QueryParams(request.scope["query_string"])
        known, wait = _generations(asked.getlist("job")), _wait(asked.get("wait"))
        found = await while_connected(request, service.wait_desired(known, wait, principal))
        return as_json({"jobs": found})

    routes.add_api_route(
        "/jobs/desired",
        get_desired,
        methods=["GET"],
        route_class_override=LeanRoute,
        responses=answers(200, schema.DesiredAnswer),
        openapi_extra=_DESIRED,
    )

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


_DESIRED: dict[str, Any] = {
    "parameters": [
        {
            "name": "job",
            "in": "query",
            "required": True,
            "schema": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": MAX_POLLED},
        },
        {
            "name": "wait",
            "in": "query",
            "required": False,
            "schema": {"type": "number", "minimum": 0, "maximum": MAX_WAIT_S, "default": WAIT_S},
        },
    ]
}


def _wait(text: str | None) -> float:
    """Seconds to wait. Raises Problem 422."""
    try:
        wait = WAIT_S if text is None else float(text)
    except ValueError:
        wait = math.nan
    if not 0 <= wait <= MAX_WAIT_S:
        raise Problem(422, f"wait={text!r} must be a number of seconds from 0 to {MAX_WAIT_S:g}")
    return wait


def _generations(asked: Sequence[str]) -> dict[str, int]:
    """ID:GENERATION, many of them. Raises Problem 422."""
    if not 1 <= len(asked) <= MAX_POLLED:
        raise Problem(422, f"job=ID:GENERATION must stand there 1 to {MAX_POLLED} times, not {len(asked)}")
    known: dict[str, int] = {}
    for text in asked:
        job_id, _, generation = text.rpartition(":")
        if not generation.isascii() or not generation.isdigit() or int(generation) > MAX_GENERATION:
            raise Problem(422, f"job={text[:100]!r} must be ID:GENERATION")
        ingest.check_job_id(job_id)
        known[job_id] = int(generation)
    return known
