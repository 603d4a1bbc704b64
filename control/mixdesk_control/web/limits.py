"""How large a body may be, and that it is JSON."""

from __future__ import annotations

from starlette.types import Message, Receive, Scope

from mixdesk_control.web.problems import Problem

MAX_BODY = 64 * 1024
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class Headers:
    """The few headers that every request is asked for, read in one pass."""

    __slots__ = ("_found",)

    def __init__(self, scope: Scope) -> None:
        self._found: dict[bytes, bytes] = dict(scope["headers"])

    def get(self, name: bytes) -> str | None:
        """The last header of this name."""
        value = self._found.get(name)
        return None if value is None else value.decode("latin-1")


def too_large(headers: Headers, limit: int = MAX_BODY) -> Problem | None:
    """413 for a body that says it is too large, before a byte of it is read."""
    length = headers.get(b"content-length")
    if length is None or (length.isascii() and length.isdigit() and int(length) <= limit):
        return None
    return _problem(limit)


def has_body(headers: Headers) -> bool:
    """Whether a body comes."""
    return headers.get(b"content-length") not in (None, "0") or headers.get(b"transfer-encoding") is not None


def not_json(headers: Headers) -> Problem | None:
    """415 for a change that is not sent as JSON: forms of foreign pages cannot say they are."""
    kind = (headers.get(b"content-type") or "").partition(";")[0].strip().lower()
    if kind == "application/json":
        return None
    return Problem(415, f"Content-Type is {kind or 'missing'!r}: send application/json")


def counted(receive: Receive, limit: int = MAX_BODY) -> Receive:
    """A `receive` that ends a body without a length at the limit. Raises Problem 413."""
    seen = 0

    async def count() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise _problem(limit)
        return message

    return count


def _problem(limit: int) -> Problem:
    return Problem(413, f"the body is larger than {limit} bytes", headers={"Connection": "close"})
