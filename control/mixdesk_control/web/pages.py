"""Pages: the hand-written fallback and the list of the API. Their scripts and styles are allowed by hash alone."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from mixdesk_control.auth.guard import open_to_all
from mixdesk_control.web import policies
from mixdesk_control.web.admin import BuiltAdmin
from mixdesk_control.web.building import BUILT, Build, not_built

FALLBACK = Path(__file__).parent.parent / "fallback.html"
API_LIST = Path(__file__).parent / "docs.html"

# The addresses of the built admin that the fallback answers too, so that links keep working without it.
ROOMS = ("jobs", "jobs/detail", "assets", "logs", "alerts", "dashboards", "audit", "settings")
ADDRESSES = frozenset(("", "login/", *(f"{room}/" for room in ROOMS)))

_INLINE = re.compile(r"<(script|style)>(.*?)</\1>", re.DOTALL)


def policy(html: str, frame_ancestors: Iterable[str] = ()) -> str:
    """The Content-Security-Policy of a page in one file."""
    hashes: dict[str, list[str]] = {"script": [], "style": []}
    for kind, text in _INLINE.findall(html):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        hashes[kind].append(f"sha256-{digest}")
    return policies.of_inline(hashes["script"], hashes["style"], frame_ancestors)


@cache
def _page(file: Path) -> tuple[str, str]:
    html = file.read_text(encoding="utf-8")
    return html, policy(html)


def _answer(file: Path) -> Response:
    html, csp = _page(file)
    return HTMLResponse(html, headers={"Content-Security-Policy": csp, "Cache-Control": "no-cache"})


def router(built: BuiltAdmin) -> APIRouter:
    """`/`, `/admin/`, `/docs` and the fallback under `/ui/`: open, because all data needs a session or a token."""
    routes = APIRouter(include_in_schema=False)
    both = ["GET", "HEAD"]

    @routes.api_route("/", methods=both)
    @routes.api_route("/admin/", methods=both)
    @routes.api_route("/admin", methods=both)
    @routes.api_route("/ui", methods=both)
    @open_to_all
    async def to_ui() -> Response:
        return RedirectResponse("/ui/")

    @routes.api_route("/docs", methods=both)
    @open_to_all
    async def docs() -> Response:
        return _answer(API_LIST)

    @routes.get("/ui/build.json", response_model=Build)
    @open_to_all
    async def build() -> Build:
        return BUILT if await built.current() else not_built(built.folder)

    @routes.api_route("/ui/", methods=both)
    @routes.api_route("/ui/{path:path}", methods=both)
    @open_to_all
    async def page(request: Request, path: str = "") -> Response:
        export = await built.current()
        if export is not None:
            return built.answer(export, path, request)
        if path in ADDRESSES:
            return _answer(FALLBACK)
        if f"{path}/" in ADDRESSES:
            query = request.url.query
            return RedirectResponse(f"/ui/{path}/{'?' if query else ''}{query}")
        raise HTTPException(404, f"there is no page /ui/{path} without the built admin")

    return routes
