"""Answers of JSON that is rendered here and not by FastAPI: several times as fast, and NaN never slips in."""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.responses import Response


def raw(body: bytes, status: int = 200) -> Response:
    """An answer whose JSON is made already."""
    return Response(body, status, media_type="application/json")


def as_json(content: Any, status: int = 200) -> Response:
    """A value as an answer."""
    return raw(msgspec.json.encode(content), status)
