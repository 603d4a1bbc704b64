"""Lists: `{"items", "next"}`, newest first, `limit` 100 (at most 1000), an opaque `cursor`."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from fastapi import Query
from pydantic import BaseModel

from mixdesk_control.web.problems import Problem

DEFAULT_LIMIT, MAX_LIMIT = 100, 1000

Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="how many items at most")]
Cursor = Annotated[str | None, Query(max_length=500, description="`next` of the page before")]

Item = TypeVar("Item")
Key = Sequence[str | int | float | None]


class Page(BaseModel, Generic[Item]):
    """One page of a list; `next` is the cursor of the one after, null at the end."""

    items: list[Item]
    next: str | None = None


def encode_cursor(key: Key) -> str:
    """The place after a row, from the values its list is ordered by."""
    return base64.urlsafe_b64encode(msgspec.json.encode(list(key))).rstrip(b"=").decode()


def decode_cursor(cursor: str, shape: type[Any]) -> Any:
    """The values of a cursor; `shape` is their type, such as `tuple[float, str]`. Raises Problem 422."""
    try:
        padded = cursor.encode() + b"=" * (-len(cursor) % 4)
        return msgspec.json.decode(base64.b64decode(padded, altchars=b"-_", validate=True), type=shape)
    except (binascii.Error, ValueError) as error:
        raise Problem(422, f"cursor {cursor!r} is not one this desk gave: leave it out to start over") from error


def page_of(rows: Sequence[Mapping[str, Any]], limit: int, key: Sequence[str]) -> dict[str, Any]:
    """A page from up to `limit` + 1 rows; `key` names the fields its list is ordered by."""
    items = list(rows[:limit])
    after = encode_cursor([items[-1][name] for name in key]) if len(rows) > limit else None
    return {"items": items, "next": after}
