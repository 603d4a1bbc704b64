"""The description of the API: who may call what, and that every error is a problem."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import iter_route_contexts
from starlette.responses import JSONResponse, Response

from mixdesk_control.auth.guard import open_to_all, roles_of
from mixdesk_control.web.answers import REFUSAL
from mixdesk_control.web.operation_ids import OPERATION_IDS
from mixdesk_control.web.problems import MEDIA_TYPE

PROBLEM: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "what was wrong, which value, what to do"},
    },
}


def describe(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI of `app`, with roles and problems; made once, when it is first asked for."""
    if app.openapi_schema is None:
        schema = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes, tags=app.openapi_tags
        )
        parts = schema.setdefault("components", {})
        parts.setdefault("schemas", {})["Problem"] = PROBLEM
        parts["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        for path, method, roles in _declared(app):
            operation = schema["paths"].get(path, {}).get(method)
            if operation is not None:
                _annotate(operation, roles)
                operation["operationId"] = OPERATION_IDS[method, path]
        app.openapi_schema = schema
    return app.openapi_schema


def _declared(app: FastAPI) -> list[tuple[str, str, frozenset[str]]]:
    return [
        (str(route.path_format), method.lower(), roles_of(route) or frozenset())
        for route in iter_route_contexts(app.routes)
        for method in route.methods or ()
    ]


def _annotate(operation: dict[str, Any], roles: frozenset[str]) -> None:
    operation["security"] = [{"token": []}] if roles else []
    operation["x-mixdesk-roles"] = sorted(roles)
    answers = operation.setdefault("responses", {})
    answers.pop("422", None)
    for answer in answers.values():
        if answer.pop(REFUSAL, False):
            answer["content"] = {MEDIA_TYPE: answer["content"]["application/json"]}
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    answers["default"] = {"description": "A problem, with what to do about it", "content": content}


def router(app: FastAPI) -> APIRouter:
    """`/openapi.json`."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/openapi.json")
    @open_to_all
    async def openapi() -> Response:
        return JSONResponse(describe(app))

    return routes
