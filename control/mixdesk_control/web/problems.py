"""Errors as application/problem+json (RFC 9457), whatever raised them."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError, WebSocketRequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.responses import Response

from mixdesk_control.store.errors import StoreError

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 2

log = logging.getLogger("mixdesk.problems")


class Problem(HTTPException):
    """A refusal with its reason: `raise Problem(409, "job j1 is final (succeeded)", job_id="j1")`.

    `detail` says what was wrong, which value, what to do; `extra` becomes further members of the answer.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        title: str | None = None,
        headers: Mapping[str, str] | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(status, detail, headers)
        self.title = title
        self.extra = extra


def response(
    status: int,
    detail: str,
    *,
    title: str | None = None,
    headers: Mapping[str, str] | None = None,
    extra: Mapping[str, Any] | None = None,
) -> Response:
    """One problem as an answer."""
    body = {"type": "about:blank", "title": title or phrase(status), "status": status, "detail": detail}
    content = msgspec.json.encode({**(extra or {}), **body})
    return Response(content, status, headers=dict(headers or {}), media_type=MEDIA_TYPE)


def phrase(status: int) -> str:
    """The standard words for a status."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"


async def on_http_exception(connection: HTTPConnection, error: Exception) -> Response:
    """Problem, AccessRefused and whatever Starlette raises (404, 405)."""
    assert isinstance(error, HTTPException)
    detail = error.detail
    if detail == phrase(error.status_code):
        detail = _said(connection, error.status_code)
    title, extra = getattr(error, "title", None), getattr(error, "extra", None)
    return response(error.status_code, detail, title=title, headers=error.headers, extra=extra)


def _said(connection: HTTPConnection, status: int) -> str:
    path = connection.url.path
    if status == 404:
        return f"nothing is at {path}; the paths are listed at /docs"
    if status == 405:
        return f"{path} does not take {connection.scope.get('method', 'this method')}"
    return phrase(status)


async def on_validation_error(_connection: HTTPConnection, error: Exception) -> Response:
    """422 that names each wrong field; the input itself is not echoed."""
    assert isinstance(error, RequestValidationError | WebSocketRequestValidationError)
    errors = [
        {"field": ".".join(str(part) for part in item["loc"]), "message": str(item["msg"])} for item in error.errors()
    ]
    first = errors[0] if errors else {"field": "request", "message": "is not valid"}
    return response(422, f"{first['field']}: {first['message']}", extra={"errors": errors})


async def on_store_error(connection: HTTPConnection, error: Exception) -> Response:
    """503: the database takes or gives nothing just now; asking again is right."""
    log.error("%s: %s", connection.url.path, error)
    return response(503, f"{error}: ask again", headers={"Retry-After": str(RETRY_AFTER_S)})


async def on_crash(_connection: HTTPConnection, _error: Exception) -> Response:
    """500 without the inside of the desk; the traceback is in its log."""
    return response(500, "the desk failed at this request; its log has the reason")


def install(app: FastAPI) -> None:
    """Makes every error of `app` a problem."""
    app.add_exception_handler(HTTPException, on_http_exception)
    app.add_exception_handler(RequestValidationError, on_validation_error)
    app.add_exception_handler(WebSocketRequestValidationError, on_validation_error)
    app.add_exception_handler(StoreError, on_store_error)
    app.add_exception_handler(Exception, on_crash)
