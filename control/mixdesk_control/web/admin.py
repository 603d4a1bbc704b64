"""The built admin under `/ui/`: files from one folder, each page with the policy of its own inline scripts."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, Response

BUILT = Path(__file__).parent.parent / "ui"
PAGES = "pages.json"


class BuiltAdmin:
    """The export of `admin/`; it may come, or be built anew, while the desk runs."""

    def __init__(
        self, folder: Path = BUILT, *, frame_ancestors: Iterable[str] = (), frames: Iterable[str] = ()
    ) -> None:
        self._folder = folder
        self._ancestors = " ".join(frame_ancestors) or "'none'"
        self._frames = " ".join(frames) or "'none'"

    @property
    def is_there(self) -> bool:
        """Whether there is a whole build."""
        return (self._folder / PAGES).is_file()

    def answer(self, path: str) -> Response:
        """The file of a path below `/ui/`. Raises HTTPException 404."""
        name = f"{path}index.html" if path == "" or path.endswith("/") else path
        file = (self._folder / name).resolve()
        if not file.is_relative_to(self._folder.resolve()) or not file.is_file():
            raise HTTPException(404, f"there is no page /ui/{path}")
        return FileResponse(file, headers=self._headers(name))

    def _headers(self, name: str) -> dict[str, str]:
        if name.startswith("_next/static/"):
            return {"Cache-Control": "public, max-age=31536000, immutable"}
        headers = {"Cache-Control": "no-cache"}
        if name.endswith(".html"):
            headers["Content-Security-Policy"] = self._policy(name)
        return headers

    def _policy(self, name: str) -> str:
        pages = self._folder / PAGES
        hashes = _hashes(pages, pages.stat().st_mtime_ns).get(name, ())
        ancestors = self._ancestors if name.startswith("embed/") else "'none'"
        return "; ".join(
            (
                "default-src 'none'",
                " ".join(("script-src 'self'", *(f"'{text}'" for text in hashes))),
                "style-src 'self'",
                "connect-src 'self'",
                "img-src 'self' data:",
                "font-src 'self'",
                f"frame-src {self._frames}",
                "base-uri 'none'",
                "form-action 'none'",
                f"frame-ancestors {ancestors}",
            )
        )


@lru_cache(maxsize=2)
def _hashes(pages: Path, _changed: int) -> dict[str, list[str]]:
    return dict(json.loads(pages.read_text(encoding="utf-8")))
