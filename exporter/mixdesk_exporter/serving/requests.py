"""A request's head as bytes -> what it asks. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote

import httptools

MOST_HEAD = 16 * 1024
REMEMBERED = 64


class BadRequest(Exception):
    """What came is no request that is understood here; `status` says how."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


@dataclass(frozen=True, slots=True)
class Request:
    """One request without a body. Names of headers are in lower case; of a repeated one the last value counts."""

    method: str
    path: str
    query: Mapping[str, list[str]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    keeps_alive: bool = True

    def header(self, name: str) -> str | None:
        """The value of a header, None where there is none."""
        return self.headers.get(name)


class Heads:
    """Heads are parsed once: a scraper sends the same bytes each time."""

    def __init__(self) -> None:
        self._known: dict[bytes, Request] = {}

    def request(self, head: bytes) -> Request:
        """The request whose head this is, its empty line included. Raises BadRequest."""
        known = self._known.get(head)
        if known is None:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            known = self._known[head] = parse(head)
        return known


def parse(head: bytes) -> Request:
    """See `Heads.request`."""
    seen = _Seen()
    parser = httptools.HttpRequestParser(seen)
    try:
        parser.feed_data(head)
    except httptools.HttpParserUpgrade as error:
        raise BadRequest(400, "nothing here can be upgraded to") from error
    except httptools.HttpParserError as error:
        raise BadRequest(400, "this is no HTTP request") from error
    if seen.headers.get("content-length", "0") != "0" or "transfer-encoding" in seen.headers:
        raise BadRequest(413, "no request with a body is taken here")
    return _request(seen, parser)


def _request(seen: _Seen, parser: httptools.HttpRequestParser) -> Request:
    try:
        url = httptools.parse_url(seen.url)
    except httptools.HttpParserInvalidURLError as error:
        raise BadRequest(400, "the address cannot be read") from error
    return Request(
        method=parser.get_method().decode("ascii"),
        path=unquote((url.path or b"/").decode("latin-1")),
        query=parse_qs((url.query or b"").decode("latin-1"), max_num_fields=100) if url.query else {},
        headers=seen.headers,
        keeps_alive=_keeps_alive(parser.get_http_version(), seen.headers.get("connection", "")),
    )


def _keeps_alive(version: str, connection: str) -> bool:
    """RFC 9112, 9.3; the parser itself has forgotten it by the end of a head."""
    options = {option.strip().lower() for option in connection.split(",")}
    return "close" not in options and (version == "1.1" or "keep-alive" in options)


class _Seen:
    """What the parser tells."""

    def __init__(self) -> None:
        self.url = b""
        self.headers: dict[str, str] = {}

    def on_url(self, url: bytes) -> None:
        self.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers[name.decode("latin-1").lower()] = value.decode("latin-1")
