"""Every page on an empty desk and on a full one, in both themes, on a desktop and on a phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from admin_axe import axe
from admin_page import DESKTOP, PHONE, Visitor, screenshot
from admin_places import PLACES, Place, settled
from playwright.sync_api import Page, expect

Visit = Callable[..., Visitor]
SIZES = {"desktop": DESKTOP, "phone": PHONE}
THEMES = {"light": "", "dark": "color-contrast"}
"""The rule of axe that is asked alone in a theme: the second differs from the first in colours."""
DARK = "matchMedia('(prefers-color-scheme: dark)').matches"
FADES_MS = 300
SIDEWAYS = "document.scrollingElement.scrollWidth > innerWidth"
WIDE = """() => [...document.querySelectorAll("body *")]
  .filter((one) => one.getBoundingClientRect().right > innerWidth + 1 && !one.closest("[tabindex='0'], nav"))
  .slice(0, 5).map((one) => one.outerHTML.slice(0, 200))"""


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("kind", ["empty", "full"])
def test_every_page(kind: str, size: str, visit: Visit, request: pytest.FixtureRequest) -> None:
    desk = request.getfixturevalue(f"{kind}_desk")
    visitor = visit(desk, viewport=SIZES[size])
    visitor.enter("admin")
    visitor.forgive(r"status of 404 .*/jobs/none")  # the job that an empty desk has not
    wrong: list[str] = []
    for place in PLACES:
        page = visitor.open(place.address(desk))
        settled(page, place)
        for theme, rule in THEMES.items():
            page.emulate_media(color_scheme=theme)
            assert page.evaluate(DARK) is (theme == "dark")
            page.wait_for_timeout(FADES_MS)
            screenshot(page, f"{place.name}-{kind}-{size}-{theme}")
            wrong += [f"{place.name}, {theme}: {line}" for line in faults(page, place, kind, rule)]
        wrong += [f"{place.name}: console: {line}" for line in visitor.complaints]
        wrong += [f"{place.name}: asked {address}" for address in visitor.elsewhere]
        visitor.complaints.clear()
        visitor.elsewhere.clear()
    assert wrong == [], "\n".join(wrong)


def faults(page: Page, place: Place, kind: str, rule: str) -> list[str]:
    """What is wrong with a page as it stands."""
    found = axe(page, off=place.off, rule=rule)
    if page.evaluate(SIDEWAYS):
        found.append(f"it scrolls sideways: {page.evaluate(WIDE)}")
    text = page.inner_text("body")
    says = place.empty if kind == "empty" else place.full
    found += [f"it does not say {words!r}" for words in says if words not in text]
    found += [f"it says {word!r}" for word in ("undefined", "NaN", "[object", "Infinity", "null") if word in text]
    return found


def test_a_page_that_is_not_there_says_so(empty_desk: Any, visit: Visit) -> None:
    visitor = visit(empty_desk)
    visitor.enter("admin")
    visitor.forgive("status of 404")
    page = visitor.open("/ui/no-such-page/")
    expect(page.get_by_role("link")).not_to_have_count(0)
    assert axe(page) == []
    assert visitor.complaints == []


def test_less_motion_where_it_is_asked_for(full_desk: Any, visit: Visit) -> None:
    visitor = visit(full_desk, reduced_motion="reduce")
    visitor.enter("admin")
    page = visitor.open("/ui/")
    page.get_by_role("heading", level=1).wait_for()
    moving = """() => [...document.querySelectorAll("*")].map((one) => getComputedStyle(one))
      .filter((style) => Math.max(parseFloat(style.transitionDuration), parseFloat(style.animationDuration)) > 0.01)
      .length"""
    assert page.evaluate(moving) == 0
