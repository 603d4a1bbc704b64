"""How much a page makes a browser load before it works."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from admin_page import UI, Visitor
from admin_places import PLACES, Place, settled

Visit = Callable[..., Visitor]
MOST_JS, MOST_CSS = 220_000, 15_000
EMBEDS = tuple(Place(f"embed-{name}", f"/ui/embed/{name}/", (), ()) for name in ("job", "assets", "metrics"))
PAGES = {place.name: place for place in (*PLACES, *EMBEDS)}
LISTED = """() => ({
  scripts: [...document.querySelectorAll("script[src]:not([nomodule])")].map((one) => one.src),
  styles: [...document.querySelectorAll("link[rel=stylesheet]")].map((one) => one.href),
})"""


@cache
def packed(path: str) -> int:
    """Bytes of a file as it goes over the wire."""
    return len(gzip.compress((UI / path).read_bytes(), 9, mtime=0))


def total(addresses: set[str]) -> int:
    return sum(packed(re.sub(r"^.*/ui/", "", address).partition("?")[0]) for address in addresses)


@pytest.mark.parametrize("name", PAGES)
def test_what_a_page_loads_first(name: str, empty_desk: Any, visit: Visit, record_property: Any) -> None:
    visitor = visit(empty_desk)
    visitor.enter()
    fetched: set[str] = set()
    visitor.context.on("requestfinished", lambda request: fetched.add(request.url))
    page = visitor.page
    page.goto(f"{empty_desk.url}{PAGES[name].address(empty_desk)}", wait_until="commit")
    page.wait_for_load_state("load")
    listed = page.evaluate(LISTED)
    if not name.startswith("embed"):
        settled(page, PAGES[name])
    first, styles = set(listed["scripts"]) & fetched, set(listed["styles"]) & fetched
    later = {address for address in fetched if address.endswith(".js")} - first
    record_property("first_js", total(first))
    print(f"{name}: {total(first) / 1000:.1f} kB of scripts, {total(later) / 1000:.1f} kB later, "
          f"{total(styles) / 1000:.1f} kB of styles")  # fmt: skip
    assert first
    assert total(first) <= MOST_JS
    assert 0 < total(styles) <= MOST_CSS
