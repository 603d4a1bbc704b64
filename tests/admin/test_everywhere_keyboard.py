"""With the keyboard alone: Tab comes to everything that can be used, and one sees where it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from admin_page import DESKTOP, PHONE, Visitor
from admin_places import PLACES, Place, settled
from playwright.sync_api import Page

Visit = Callable[..., Visitor]
MOST = 400
# What is one of a group whose arrow keys walk has tabindex -1, as the pattern asks; radios go by their group.
MARK = """() => {
  const usable = "a[href], button:not(:disabled), input:not(:disabled), select, textarea, summary, [tabindex='0']";
  const all = [...document.querySelectorAll(usable)].filter((one) => one.tabIndex >= 0 && one.checkVisibility(
    { visibilityProperty: true, contentVisibilityAuto: true }) && one.type !== "radio" && !one.closest("[inert]"));
  all.forEach((one, number) => { one.dataset.stop = number; });
  return all.map((one) => `${one.tagName} ${(one.getAttribute("aria-label") || one.textContent || one.name).trim()}`);
}"""
WHERE = """() => {
  const one = document.activeElement;
  if (one === null || one === document.body) return null;
  const style = getComputedStyle(one);
  const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1;
  return { stop: one.dataset.stop ?? null, seen: outlined || style.boxShadow !== "none",
           html: one.outerHTML.slice(0, 160) };
}"""


def walked(page: Page) -> tuple[set[int], list[str]]:
    """The marked elements that Tab comes to, and those of which one does not see that they have the focus."""
    reached: set[int] = set()
    unseen: list[str] = []
    for _ in range(MOST):
        page.keyboard.press("Tab")
        here = page.evaluate(WHERE)
        if here is None:
            break
        if here["stop"] is not None:
            if int(here["stop"]) in reached:
                break
            reached.add(int(here["stop"]))
        if not here["seen"]:
            unseen.append(here["html"])
    return reached, unseen


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
def test_tab_comes_to_everything(place: Place, viewport: dict[str, int], full_desk: Any, visit: Visit) -> None:
    visitor = visit(full_desk, viewport=viewport)
    visitor.enter()
    page = visitor.open(place.address(full_desk))
    settled(page, place)
    stops = page.evaluate(MARK)
    reached, unseen = walked(page)
    there = set(page.evaluate("() => [...document.querySelectorAll('[data-stop]')].map((one) => +one.dataset.stop)"))
    missed = [stops[number] for number in sorted(there - reached)]
    assert missed == []
    assert unseen == []
