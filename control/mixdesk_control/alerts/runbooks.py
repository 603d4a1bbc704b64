"""The pages that say what to do about an alert: Markdown of a folder, shown as HTML at `/runbooks/NAME`."""

from __future__ import annotations

import functools
import html
import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

PREFIX = "/runbooks/"
INDEX = "README"

_PAGE = Path(__file__).parent / "runbook.html"
_NAME = re.compile(r"[A-Za-z0-9]{1,64}")
_FILE = re.compile(r"(?:\./)?([A-Za-z0-9]{1,64})\.md(#.*)?")
_ELSEWHERE = re.compile(r"https?://|/(?!/)|#")


def folder_of(package: Path = Path(__file__).parent) -> Path | None:
    """Where the pages lie: in the package once it is installed, in `docs/` of a checkout."""
    if (inside := package / "runbooks").is_dir():
        return inside
    for parent in package.parents:
        if (parent / "pyproject.toml").is_file() and (parent / "docs" / "runbooks").is_dir():
            return parent / "docs" / "runbooks"
    return None


class Runbooks:
    """The pages of one folder, as they are when they are first asked for."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder_of() if folder is None else folder
        self._made: dict[str, str] = {}

    @functools.cached_property
    def names(self) -> frozenset[str]:
        """Of all pages but the index."""
        files = () if self._folder is None else self._folder.glob("*.md")
        return frozenset(file.stem for file in files if _NAME.fullmatch(file.stem) and file.stem != INDEX)

    def address(self, name: str) -> str | None:
        """Where the page of an alert is, as a path; None where there is none."""
        return PREFIX + name if name in self.names else None

    def page(self, name: str) -> str | None:
        """The page of an alert as a whole HTML document; None where there is none."""
        return self._made_once(name, lambda: self._read(name)) if name in self.names else None

    def index(self) -> str:
        """The page that leads to all others."""
        return self._made_once(INDEX, lambda: self._read(INDEX) or self._list())

    def _made_once(self, name: str, text: Callable[[], str | None]) -> str:
        if name not in self._made:
            self._made[name] = _document(name, text() or "", self.address)
        return self._made[name]

    def _read(self, name: str) -> str | None:
        file = None if self._folder is None else self._folder / f"{name}.md"
        return file.read_text(encoding="utf-8") if file is not None and file.is_file() else None

    def _list(self) -> str:
        items = "".join(f"- [{name}]({name}.md)\n" for name in sorted(self.names))
        return f"# Runbooks\n\n{items or 'This desk has none.'}\n"


def _document(name: str, text: str, address: Callable[[str], str | None]) -> str:
    renderer = _renderer()
    tokens = renderer.parse(text)
    for before, token in pairwise(tokens):
        if token.type == "inline":
            token.children = _led(token.children or [], address)
        if before.type == "heading_open":
            before.attrSet("id", _anchor(token.content))
    title = "Runbooks" if name == INDEX else name
    body = renderer.renderer.render(tokens, renderer.options, {})
    return Template(_PAGE.read_text(encoding="utf-8")).substitute(title=html.escape(title), body=body)


@functools.cache
def _renderer() -> MarkdownIt:
    # Imported when a page is first asked for: a desk that nobody asks has no use for it.
    from markdown_it import MarkdownIt

    # Neither HTML of a page's own nor pictures from elsewhere.
    return MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")


def _anchor(heading: str) -> str:
    """What links to a heading name, as GitHub makes it of its words."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")


def _led(tokens: list[Token], address: Callable[[str], str | None]) -> list[Token]:
    """Links to other runbooks lead to their pages here; those to files that the desk does not show become text."""
    kept: list[Token] = []
    nowhere = False
    for token in tokens:
        if token.type == "link_open":
            target = _target(str(token.attrGet("href") or ""), address)
            nowhere = target is None
            token.attrSet("href", target or "")
        if not (nowhere and token.type in ("link_open", "link_close")):
            kept.append(token)
    return kept


def _target(href: str, address: Callable[[str], str | None]) -> str | None:
    if _ELSEWHERE.match(href):
        return href
    found = _FILE.fullmatch(href)
    if found is None:
        return None
    page = PREFIX if found[1] == INDEX else address(found[1])
    return None if page is None else page + (found[2] or "")
