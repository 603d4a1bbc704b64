"""Answers of JSON that is rendered here and not by FastAPI: several times as fast, and NaN never slips in."""

from __future__ import annotations

from typing import Any

import msgspec
from pydantic import BaseModel
from starlette.responses import Response

# Marks an answer that is a problem; the description gives it the media type of problems.
REFUSAL = "x-mixdesk-refusal"


def raw(body: bytes, status: int = 200) -> Response:
    """An answer whose JSON is made already."""
    return Response(body, status, media_type="application/json")


def as_json(content: Any, status: int = 200) -> Response:
    """A value as an answer."""
    return raw(msgspec.json.encode(content), status)


def answers(*models: tuple[int, type[BaseModel]]) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route that makes its own bytes, for the description of the API."""
    return {status: {"model": model} for status, model in models}


def refusals(*models: tuple[int, type[BaseModel]]) -> dict[int | str, dict[str, Any]]:
    """The same for problems that name more than their detail."""
    return {status: {"model": model, REFUSAL: True} for status, model in models}
