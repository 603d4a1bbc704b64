"""The HTTP and WebSocket of logs: validate, call one function of the service, answer."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, WebSocket
from starlette.responses import Response, StreamingResponse

from mixdesk_control.auth.guard import needs
from mixdesk_control.auth.principal import VIEWER, Principal
from mixdesk_control.logs import asking, schema
from mixdesk_control.logs.history.asked import MOST_HITS, Asked
from mixdesk_control.logs.schema import answers
from mixdesk_control.logs.service import LogService
from mixdesk_control.logs.view import LINES, MOST_LINES
from mixdesk_control.web.answers import as_json
from mixdesk_control.web.origin import client_address
from mixdesk_control.web.paging import Cursor, Limit, decode_cursor
from mixdesk_control.web.streams import pump

Viewer = Annotated[Principal, Depends(needs(VIEWER))]
Word = Annotated[str | None, Query(max_length=1000)]
Level = Annotated[str | None, Query(max_length=20, description="records of this level and of worse ones")]
Literal = Annotated[str | None, Query(max_length=1000, description="a text, whatever its case")]
Pattern = Annotated[str | None, Query(max_length=1000, description="a regular expression (RE2)")]
Time = Annotated[str | None, Query(max_length=64, description="RFC 3339, seconds since the epoch, or 15m, 2h, 7d ago")]
Services = Annotated[list[str] | None, Query(max_length=100)]
Lines = Annotated[int, Query(ge=0, le=MOST_LINES, description="lines of what is there already")]


_SAFE = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
_FILE = {"content": {"text/plain": {"schema": {"type": "string"}}}, "description": "lines in UTF-8"}
_HITS = {
    "content": {"application/x-ndjson": {"schema": {"type": "string"}}},
    "description": "`{service, source, file, time, level, text}` a line; last `{cut: why}` where there is more",
}


def router(service: LogService) -> APIRouter:
    """The routes over one service."""
    routes = APIRouter(prefix="/admin/logs", tags=["logs"])
    _finding_routes(routes, service)
    _reading_routes(routes, service)
    return routes


def _finding_routes(routes: APIRouter, service: LogService) -> None:
    @routes.get("/services", responses=answers((200, schema.LogServiceList)))
    async def get_services(principal: Viewer) -> Response:
        """Whatever writes logs."""
        return as_json({"items": await service.services(principal), "next": None})

    @routes.get("/sources/{name}", responses=answers((200, schema.LogSourceList)))
    async def get_sources(name: str, principal: Viewer, limit: Limit = 100, cursor: Cursor = None) -> Response:
        """The logs of a service, best first."""
        after = 0 if cursor is None else max(decode_cursor(cursor, tuple[int])[0], 0)
        return as_json(await service.sources(principal, name, limit, after))


def _reading_routes(routes: APIRouter, service: LogService) -> None:
    @routes.websocket("/stream/{name}/{source_id}")
    async def stream(
        websocket: WebSocket,
        name: str,
        source_id: str,
        principal: Viewer,
        lines: Lines = LINES,
        q: Literal = None,
        regex: Pattern = None,
        level: Level = None,
        ansi: Word = None,
    ) -> None:
        view = service.view(q, regex, level, ansi)
        source = await service.find(principal, name, source_id)
        await pump(websocket, service.frames(source, view, lines), principal=principal)

    @routes.get("/download/{name}/{source_id}", response_class=Response, responses={200: _FILE})
    async def download(
        request: Request,
        name: str,
        source_id: str,
        principal: Viewer,
        lines: Annotated[int | None, Query(ge=1, le=10_000_000, description="the last so many; all without it")] = None,
        gzip: Annotated[bool, Query(description="as a .gz file")] = False,
    ) -> Response:
        """The last lines of a log, or all of them with its rotated files."""
        source = await service.readable(principal, name, source_id)
        encoded = not gzip and _takes_gzip(request)
        name_of_file = f"{source.service}-{source.id}.log" + (".gz" if gzip else "")
        headers = {"Content-Disposition": f'attachment; filename="{name_of_file}"', **_SAFE}
        headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"} if encoded else {}
        origin = client_address(request)
        chunks = await service.download(principal, source, lines, gzipped=gzip or encoded, origin=origin)
        kind = "application/gzip" if gzip else "text/plain; charset=utf-8"
        return StreamingResponse(chunks, headers=headers, media_type=kind)

    @routes.get("/search", response_class=Response, responses={200: _HITS})
    async def search(
        principal: Viewer,
        q: Literal = None,
        regex: Pattern = None,
        service_names: Annotated[Services, Query(alias="service")] = None,
        level: Level = None,
        since: Time = None,
        until: Time = None,
        limit: Annotated[int, Query(ge=1, le=MOST_HITS)] = 1000,
    ) -> Response:
        """Lines of all logs and their rotated files, newest first: one JSON object a line."""
        view = service.view(q, regex, level, None)
        asked = Asked(
            q=view.q,
            regex=view.regex,
            level=view.level,
            since=asking.moment("since", since),
            until=asking.moment("until", until),
            limit=limit,
        )
        hits = await service.search(principal, asked, service_names or ())
        return StreamingResponse(hits, headers=_SAFE, media_type="application/x-ndjson")


def _takes_gzip(request: Request) -> bool:
    """`Accept-Encoding` names gzip and does not refuse it."""
    for part in request.headers.get("accept-encoding", "").split(","):
        coding, _, rest = part.strip().partition(";")
        if coding.strip() == "gzip":
            return rest.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False
