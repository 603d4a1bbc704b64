"""The frame of the admin's pages: places, themes, keyboard, and how it stands with the desk."""

from __future__ import annotations

import re
from typing import Any

import admin_page
import pytest
from admin_shell import expect_connection
from live_desk import wait_until
from playwright.sync_api import Page, Route, expect


def pages_of(page: Page) -> Any:
    return page.get_by_role("navigation", name="Pages")


def background(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))


LIGHT, DARK = "rgb(245, 246, 249)", "rgb(13, 16, 22)"


def test_the_rail_leads_everywhere_and_marks_where_one_is(empty_desk: Any, visit: Any) -> None:
    visitor = visit(empty_desk)
    page = visitor.enter()
    visitor.open("/ui/jobs/detail/?id=none")
    expect(pages_of(page).locator("[aria-current=page]")).to_have_text("Jobs")
    for name in ("Overview", "Assets", "Logs", "Alerts", "Dashboards", "Audit", "Settings"):
        pages_of(page).get_by_role("link", name=name).click()
        expect(pages_of(page).locator("[aria-current=page]")).to_have_text(name)
        expect(page).to_have_title(re.compile(rf"{name} · Mixdesk$"))


def test_a_phone_has_a_bar_with_the_rest_under_more(empty_desk: Any, visit: Any) -> None:
    visitor = visit(empty_desk, viewport=admin_page.PHONE)
    page = visitor.enter()
    visitor.open("/ui/")
    expect(pages_of(page).get_by_role("link")).to_have_text(["Overview", "Jobs", "Assets", "Logs"])
    pages_of(page).get_by_role("button", name="More").click()
    page.get_by_role("dialog", name="More pages").get_by_role("link", name="Settings").click()
    page.wait_for_url("**/ui/settings/")
    expect(page.get_by_role("dialog", name="More pages")).to_be_hidden()
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")


def test_the_theme_is_the_systems_until_one_is_chosen(empty_desk: Any, visit: Any) -> None:
    visitor = visit(empty_desk, color_scheme="dark")
    page = visitor.enter()
    visitor.open("/ui/")
    assert background(page) == DARK
    page.get_by_role("button", name="Theme").click()
    page.get_by_role("menuitemradio", name="Light").click()
    assert background(page) == LIGHT
    other = visitor.new_page()
    other.goto(f"{empty_desk.url}/ui/jobs/")
    assert background(other) == LIGHT
    other.get_by_role("button", name="Theme").click()
    expect(other.get_by_role("menuitemradio", name="Light")).to_be_checked()
    other.get_by_role("menuitemradio", name="As the system").click()
    assert background(other) == DARK
    wait_until(lambda: background(page) == DARK, "the theme of the other tab")


def test_a_chosen_theme_is_there_at_the_first_paint(empty_desk: Any, visit: Any) -> None:
    visitor = visit(empty_desk, color_scheme="dark", java_script_enabled=True)
    visitor.context.add_init_script("localStorage.setItem('mixdesk-theme', 'light')")
    # the page's own scripts never come: only what stands in its HTML has run
    visitor.context.route("**/_next/**/*.js", lambda route: route.abort())
    visitor.forgive(r"ERR_FAILED")
    page = visitor.open("/ui/login/")
    assert background(page) == LIGHT


def test_a_menu_is_for_the_keyboard_too(empty_desk: Any, visit: Any) -> None:
    visitor = visit(empty_desk)
    page = visitor.enter()
    visitor.open("/ui/")
    theme = page.get_by_role("button", name="Theme")
    theme.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("menuitemradio", name="As the system")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("menuitemradio", name="Light")).to_be_focused()
    page.keyboard.press("End")
    expect(page.get_by_role("menuitemradio", name="Dark")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("menu")).to_be_hidden()
    expect(theme).to_be_focused()
    assert background(page) == LIGHT


def test_the_first_stop_of_the_keyboard_leads_to_the_content(empty_desk: Any, visit: Any) -> None:
    visitor = visit(empty_desk)
    page = visitor.enter()
    visitor.open("/ui/settings/")
    expect(page.get_by_role("button", name="Signed in as")).to_be_visible()
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="To the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()


def test_a_page_outlives_its_desk_and_goes_on_by_itself(desk: Any, visit: Any) -> None:
    visitor = visit(desk)
    visitor.forgive(*admin_page.AWAY)
    page = visitor.sign_in()
    expect_connection(page, "live")
    page.evaluate("window.untouched = true")
    desk.end()
    expect_connection(page, "reconnecting")
    expect(page.get_by_role("banner")).to_contain_text(re.compile(r"stale \d+ s"))
    expect(page.get_by_text("The desk does not answer.", exact=True)).to_be_visible(timeout=30_000)
    expect(pages_of(page).first).to_be_visible()
    desk.start()
    expect(page.locator("[data-connection=live]")).to_be_visible(timeout=30_000)
    expect(page.get_by_text("The desk does not answer.", exact=True)).to_be_hidden()
    assert page.evaluate("window.untouched")
    assert visitor.complaints == []


@pytest.mark.parametrize("offset_ms", [-3_600_000, 3_600_000])
def test_how_stale_it_is_does_not_depend_on_the_browsers_clock(desk: Any, visit: Any, offset_ms: int) -> None:
    visitor = visit(desk)
    visitor.forgive(*admin_page.AWAY)
    visitor.context.add_init_script(f"{{ const now = Date.now; Date.now = () => now() + {offset_ms}; }}")
    page = visitor.sign_in()
    expect_connection(page, "live")
    desk.end()
    expect(page.get_by_role("banner")).to_contain_text(re.compile(r"stale [1-9] s"))


def test_a_part_of_an_older_version_brings_the_new_one_once(empty_desk: Any, visit: Any) -> None:
    visitor = visit(empty_desk)
    visitor.forgive("")
    page = visitor.enter()
    visitor.open("/ui/")
    expect_connection(page, "live")
    documents: list[str] = []
    gone: list[str] = []

    def answer(route: Route) -> None:
        if documents or "/chunks/" not in route.request.url:
            route.continue_()
        else:
            gone.append(route.request.url)
            route.fulfill(status=404, body="gone")

    # as a desk with a new version: parts that are not loaded yet are gone until the page is loaded anew
    page.on("request", lambda request: documents.append(request.url) if request.is_navigation_request() else None)
    visitor.context.route("**/_next/static/**", answer)
    pages_of(page).get_by_role("link", name="Jobs").click()
    expect(page.get_by_role("heading", name="Jobs", level=1)).to_be_visible()
    expect_connection(page, "live")
    assert gone
    assert documents == [f"{empty_desk.url}/ui/jobs/"]


def test_an_address_without_a_page_leads_on(empty_desk: Any, visit: Any) -> None:
    visitor = visit(empty_desk)
    visitor.forgive(r"status of 404")
    page = visitor.open("/ui/nothing/here/")
    expect(page.get_by_role("heading", name="There is no such page")).to_be_visible()
    page.get_by_role("link", name="Overview").click()
    page.wait_for_url("**/ui/")
