"""The HTTP and WebSocket of logs: validate, call one function of the service, answer."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, WebSocket
from starlette.responses import Response, StreamingResponse

from mixdesk_control.auth.guard import needs
from mixdesk_control.auth.principal import VIEWER, Principal
from mixdesk_control.logs import asking, schema
from mixdesk_control.logs.history.asked import MOST_HITS, Asked
from mixdesk_control.logs.service import LogService
from mixdesk_control.logs.view import LINES, MOST_LINES
from mixdesk_control.web.answers import answers, as_json
from mixdesk_control.web.origin import client_address
from mixdesk_control.web.paging import Cursor, Limit, decode_cursor
from mixdesk_control.web.streams import pump

Viewer = Annotated[Principal, Depends(needs(VIEWER))]
Word = Annotated[str | None, Query(max_length=1000)]
Level = Annotated[str | None, Query(max_length=20, description="records of this level and of worse ones")]
Literal = Annotated[str | None, Query(max_length=1000, description="a text, whatever its case")]
Pattern = Annotated[str | None, Query(max_length=1000, description="a regular expression (RE2)")]
Time = Annotated[str | None, Query(max_length=64, description="RFC 3339, seconds since the epoch, or 15m, 2h, 7d ago")]
Services = Annotated[list[str] | None, Query(max_length=100, description="all logs of it; repeatable")]
Sources = Annotated[list[str] | None, Query(max_length=100, description="one log as `service/source`; repeatable")]
Lines = Annotated[int, Query(ge=0, le=MOST_LINES, description="lines of what is there already")]


_SAFE = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
_FILE = {"content": {"text/plain": {"schema": {"type": "string"}}}, "description": "lines in UTF-8"}
_HITS = {
    "content": {"application/x-ndjson": {"schema": {"type": "string"}}},
    "description": "`{service, source, file, time, level, text}` a line; last, where not all was searched, "
    "`{searched_bytes, cut, not_searched, not_searched_count}`",
}


def router(logs: LogService) -> APIRouter:
    """The routes over one service."""
    routes = APIRouter(prefix="/admin/logs", tags=["logs"])
    for add in (_finding, _streaming, _downloading, _searching):
        add(routes, logs)
    return routes


def _finding(routes: APIRouter, logs: LogService) -> None:
    @routes.get("/services", responses=answers((200, schema.LogServiceList)))
    async def get_services(principal: Viewer) -> Response:
        """Whatever writes logs."""
        return as_json({"items": await logs.services(principal), "next": None})

    @routes.get("/sources/{service}", responses=answers((200, schema.LogSourceList)))
    async def get_sources(service: str, principal: Viewer, limit: Limit = 100, cursor: Cursor = None) -> Response:
        """The logs of a service, best first."""
        after = 0 if cursor is None else max(decode_cursor(cursor, tuple[int])[0], 0)
        return as_json(await logs.sources(principal, service, limit, after))


def _streaming(routes: APIRouter, logs: LogService) -> None:
    @routes.websocket("/stream/{service}/{source}")
    async def stream(
        websocket: WebSocket,
        service: str,
        source: str,
        principal: Viewer,
        lines: Lines = LINES,
        q: Literal = None,
        regex: Pattern = None,
        level: Level = None,
        ansi: Word = None,
    ) -> None:
        view = logs.view(q, regex, level, ansi)
        found = await logs.find(principal, service, source)
        await pump(websocket, logs.frames(found, view, lines), principal=principal)


def _downloading(routes: APIRouter, logs: LogService) -> None:
    @routes.get("/download/{service}/{source}", response_class=Response, responses={200: _FILE})
    async def download(
        request: Request,
        service: str,
        source: str,
        principal: Viewer,
        lines: Annotated[int | None, Query(ge=1, le=10_000_000, description="the last so many; all without it")] = None,
        gzip: Annotated[bool, Query(description="as a .gz file")] = False,
    ) -> Response:
        """The last lines of a log, or all of them with its rotated files."""
        found = await logs.readable(principal, service, source)
        encoded = not gzip and _takes_gzip(request)
        name_of_file = f"{found.service}-{found.id}.log" + (".gz" if gzip else "")
        headers = {"Content-Disposition": f'attachment; filename="{name_of_file}"', **_SAFE}
        headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"} if encoded else {}
        origin = client_address(request)
        chunks = await logs.download(principal, found, lines, gzipped=gzip or encoded, origin=origin)
        kind = "application/gzip" if gzip else "text/plain; charset=utf-8"
        return StreamingResponse(chunks, headers=headers, media_type=kind)


def _searching(routes: APIRouter, logs: LogService) -> None:
    @routes.get("/search", response_class=Response, responses={200: _HITS})
    async def search(
        principal: Viewer,
        q: Literal = None,
        regex: Pattern = None,
        service: Services = None,
        source: Sources = None,
        level: Level = None,
        since: Time = None,
        until: Time = None,
        limit: Annotated[int, Query(ge=1, le=MOST_HITS)] = 1000,
    ) -> Response:
        """Lines of all logs and their rotated files, newest first: one JSON object a line."""
        view = logs.view(q, regex, level, None)
        asked = Asked(
            q=view.q,
            regex=view.regex,
            level=view.level,
            since=asking.moment("since", since),
            until=asking.moment("until", until),
            limit=limit,
        )
        hits = await logs.search(principal, asked, service or (), source or ())
        return StreamingResponse(hits, headers=_SAFE, media_type="application/x-ndjson")


def _takes_gzip(request: Request) -> bool:
    """`Accept-Encoding` names gzip and does not refuse it."""
    for part in request.headers.get("accept-encoding", "").split(","):
        coding, _, rest = part.strip().partition(";")
        if coding.strip() == "gzip":
            return rest.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False
