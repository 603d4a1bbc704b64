"""The built admin under `/ui/`: it may come, or be built anew, while the desk runs, and is always shown whole."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from mixdesk_control.web import export, policies
from mixdesk_control.web.export import FOREVER, Export, File, NotWhole
from mixdesk_control.web.origin import Site

BUILT = Path(__file__).parent.parent / "ui"
FOLDER = "MIXDESK_UI_DIR"
AGAIN_S = 1.0

IMMUTABLE = "public, max-age=31536000, immutable"
LOST = "404.html"
EMBED = "embed/"

log = logging.getLogger("mixdesk.admin")


def folder_of(env: Mapping[str, str] = os.environ) -> Path:
    """Where the built admin lies: beside this package, unless whoever packages it says otherwise."""
    return Path(env[FOLDER]) if env.get(FOLDER) else BUILT


class BuiltAdmin:
    """The export of `admin/` in a folder, held in memory once it is asked for.

    frame_ancestors  who may show the pages below `embed/` in a frame
    frames           origins that the other pages show in frames
    """

    def __init__(
        self, folder: Path = BUILT, *, site: Site, frame_ancestors: Iterable[str] = (), frames: Iterable[str] = ()
    ) -> None:
        self.folder = folder
        self._site = site
        self._ancestors = tuple(frame_ancestors)
        self._frames = tuple(frames)
        self._export: Export | None = None
        self._older: dict[str, File] = {}
        self._again_at = 0.0
        self._loading = asyncio.Lock()

    async def current(self) -> Export | None:
        """The newest whole build; the one before while another is being put in its place; None before the first."""
        mark = export.mark_of(self.folder)
        if mark is None or (self._export is not None and self._export.mark == mark):
            return self._export
        async with self._loading:
            if (self._export is None or self._export.mark != mark) and time.monotonic() >= self._again_at:
                await self._load()
        return self._export

    async def _load(self) -> None:
        before = self._export
        try:
            self._export = await asyncio.to_thread(export.load, self.folder)
        except NotWhole as error:
            self._again_at = time.monotonic() + AGAIN_S
            log.warning("the built page cannot be shown: %s", error)
            return
        if before is not None:
            self._older = before.lasting()

    def answer(self, built: Export, path: str, request: Request) -> Response:
        """What lies at a path below `/ui/`. Raises HTTPException 404."""
        name = f"{path}index.html" if path == "" or path.endswith("/") else path
        file = built.files.get(name) or self._older.get(name)
        if file is not None:
            return self._found(name, file, request)
        if f"{path}/index.html" in built.files:
            query = request.url.query
            return RedirectResponse(f"/ui/{quote(path)}/{'?' if query else ''}{query}")
        lost = built.files.get(LOST)
        if lost is None or path.startswith("_next/") or "text/html" not in request.headers.get("accept", ""):
            raise HTTPException(404, f"there is no page /ui/{path}")
        headers = {"Content-Security-Policy": self._policy(LOST, lost, request), "Cache-Control": "no-store"}
        return Response(lost.body, 404, headers, lost.kind)

    def _found(self, name: str, file: File, request: Request) -> Response:
        zipped = file.zipped is not None and _takes_gzip(request.headers.get("accept-encoding", ""))
        headers = {
            "Cache-Control": IMMUTABLE if name.startswith(FOREVER) else "no-cache",
            "ETag": f'"{file.tag}{"-gz" if zipped else ""}"',
        }
        if file.zipped is not None:
            headers["Vary"] = "Accept-Encoding"
        if name.endswith(".html"):
            headers["Content-Security-Policy"] = self._policy(name, file, request)
            if not name.startswith(EMBED):
                # no page elsewhere that opened this one keeps a hold on its window
                headers["Cross-Origin-Opener-Policy"] = "same-origin"
        if _known(request.headers.get("if-none-match", ""), headers["ETag"]):
            return Response(None, 304, headers)
        if zipped:
            headers["Content-Encoding"] = "gzip"
        return Response(file.zipped if zipped else file.body, 200, headers, file.kind)

    def _policy(self, name: str, file: File, request: Request) -> str:
        embed = name.startswith(EMBED)
        return policies.of_built(
            file.scripts,
            sockets=policies.sockets(self._site, request.headers.get("host")),
            frames=() if embed else self._frames,
            ancestors=self._ancestors if embed else (),
        )


def _takes_gzip(accepted: str) -> bool:
    for part in accepted.lower().split(","):
        coding, _, weight = part.partition(";")
        if coding.strip() in ("gzip", "*"):
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def _known(sent: str, tag: str) -> bool:
    return any(part.strip().removeprefix("W/") in (tag, "*") for part in sent.split(",")) if sent else False
