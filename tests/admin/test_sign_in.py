"""Signing in to the admin, and out of it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from admin_shell import expect_connection, login_link, new_token, revoke
from playwright.sync_api import Page, expect

REFUSED = r"status of 401"


def secret_field(page: Page) -> Any:
    return page.get_by_label("Login link or token")


def hand_in(page: Page, text: str) -> None:
    secret_field(page).fill(text)
    page.get_by_role("button", name="Sign in").click()


def test_a_login_link_opens_the_overview_and_leaves_nothing_behind(desk: Any, visit: Any) -> None:
    visitor = visit(desk)
    asked: list[str] = []
    visitor.context.on("request", lambda request: asked.append(f"{request.method} {request.url.split(desk.url)[-1]}"))
    link = login_link(desk)
    visitor.page.goto(link)
    visitor.page.wait_for_url(f"{desk.url}/ui/")
    expect(visitor.page.get_by_role("link", name="Overview").first).to_be_visible()
    expect_connection(visitor.page, "live")
    assert visitor.complaints == []
    # nobody is asked for before the code was handed in: a refusal would stand in the console
    assert asked.index("POST /auth/login") < asked.index("GET /auth/me")
    code = link.partition("#")[2]
    assert code not in visitor.page.evaluate("JSON.stringify([history.state, localStorage, sessionStorage])")
    visitor.page.go_back()
    assert visitor.page.url == "about:blank"


def test_a_link_leads_to_the_page_that_was_wanted(desk: Any, visit: Any) -> None:
    visitor = visit(desk)
    base, _, code = login_link(desk).partition("#")
    visitor.page.goto(f"{base}?next=%2Fui%2Fjobs%2F%3Fstatus%3Dlost#{code}")
    visitor.page.wait_for_url(f"{desk.url}/ui/jobs/?status=lost")
    assert visitor.complaints == []


@pytest.mark.parametrize(
    "wished", ["//evil.example/", "/%5Cevil.example", "https://evil.example/", "javascript:alert(1)"]
)
def test_no_link_leads_elsewhere(empty_desk: Any, visit: Any, wished: str) -> None:
    visitor = visit(empty_desk)
    base, _, code = login_link(empty_desk).partition("#")
    visitor.page.goto(f"{base}?next={wished}#{code}")
    visitor.page.wait_for_url(f"{empty_desk.url}/ui/")
    assert visitor.elsewhere == []


def test_a_deep_link_opens_itself_after_signing_in(empty_desk: Any, visit: Any) -> None:
    visitor = visit(empty_desk)
    page = visitor.open("/ui/assets/?type=model")
    hand_in(page, empty_desk.token("viewer"))
    expect(page.get_by_role("navigation", name="Pages").first).to_be_visible()
    assert page.url == f"{empty_desk.url}/ui/assets/?type=model"
    assert visitor.complaints == []


def test_a_link_can_be_pasted(empty_desk: Any, visit: Any) -> None:
    visitor = visit(empty_desk)
    page = visitor.open("/ui/login/")
    hand_in(page, f"  {login_link(empty_desk, 'operator')}\n")
    page.wait_for_url(f"{empty_desk.url}/ui/")
    expect(page.get_by_role("button", name="Signed in as operator")).to_be_visible()


def test_what_is_refused_is_said_in_words(empty_desk: Any, visit: Any) -> None:
    visitor = visit(empty_desk)
    visitor.forgive(REFUSED)
    page = visitor.open("/ui/login/#no-such-code")
    alert = page.get_by_role("main").get_by_role("alert")
    expect(alert).to_contain_text("used already, is older than 10 minutes, or wrong: get a new one by `mixdesk login`")
    assert page.url == f"{empty_desk.url}/ui/login/"
    hand_in(page, "mdk_nonsense")
    expect(alert).not_to_contain_text("used already")
    expect(alert).to_contain_text(re.compile("token"))
    expect(secret_field(page)).to_be_visible()
    assert visitor.complaints == []


def test_a_link_that_is_opened_again_in_the_same_browser_goes_on(empty_desk: Any, visit: Any) -> None:
    visitor = visit(empty_desk)
    visitor.forgive(REFUSED)
    link = login_link(empty_desk)
    visitor.page.goto(link)
    visitor.page.wait_for_url(f"{empty_desk.url}/ui/")
    visitor.page.goto("about:blank")
    visitor.page.goto(link)
    visitor.page.get_by_role("button", name="Sign in by the link").click()
    visitor.page.wait_for_url(f"{empty_desk.url}/ui/")


def test_nobody_is_put_in_place_of_who_is_signed_in_without_a_question(empty_desk: Any, visit: Any) -> None:
    visitor = visit(empty_desk)
    mine = visitor.sign_in("admin")
    other = visitor.new_page()
    other.goto(login_link(empty_desk, "viewer"))
    expect(other.get_by_text("You are signed in as admin.")).to_be_visible()
    other.get_by_role("button", name="Stay admin").click()
    other.wait_for_url(f"{empty_desk.url}/ui/")
    other.goto("about:blank")
    other.goto(login_link(empty_desk, "viewer"))
    other.get_by_role("button", name="Sign in by the link").click()
    for page in (other, mine):
        expect(page.get_by_role("button", name="Signed in as viewer")).to_be_visible()


def test_what_was_told_leaves_with_who_was_told(empty_desk: Any, visit: Any) -> None:
    page = visit(empty_desk).sign_in("admin")
    page.evaluate("localStorage.setItem('mixdesk-notices admin ', '[]')")
    page.get_by_role("button", name="Signed in as admin").click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_text("You are signed out.")).to_be_visible()
    assert page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('mixdesk-notices'))") == []


def test_signing_out_ends_the_session_in_all_tabs(desk: Any, visit: Any) -> None:
    visitor = visit(desk)
    page = visitor.sign_in("operator")
    other = visitor.new_page()
    other.goto(f"{desk.url}/ui/jobs/")
    expect_connection(other, "live")
    page.get_by_role("button", name="Signed in as operator").click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_text("You are signed out.")).to_be_visible()
    expect(other.get_by_text("Your session has ended")).to_be_visible()
    # one sign-in brings both back, each to its own page
    hand_in(page, desk.token("viewer"))
    expect(page.get_by_role("button", name="Signed in as viewer")).to_be_visible()
    expect(other.get_by_role("button", name="Signed in as viewer")).to_be_visible()
    assert (page.url, other.url) == (f"{desk.url}/ui/", f"{desk.url}/ui/jobs/")
    for one in (page, other):
        expect_connection(one, "live")


def test_a_session_that_ends_under_an_open_page_says_so_and_comes_back_to_it(desk: Any, visit: Any) -> None:
    visitor = visit(desk)
    token = new_token(desk, "operator", name="for an hour")
    visitor.enter(token=token["token"])
    page = visitor.open("/ui/logs/?service=jobs")
    expect_connection(page, "live")
    revoke(desk, token["id"])
    expect(page.get_by_text("Your session has ended")).to_be_visible()
    hand_in(page, desk.token("operator"))
    expect_connection(page, "live")
    assert page.url == f"{desk.url}/ui/logs/?service=jobs"


def test_each_role_sees_its_own_pages(empty_desk: Any, visit: Any) -> None:
    names = {}
    owned = new_token(empty_desk, "viewer", owner="anna", name="annas")
    for who, token in {
        "admin": empty_desk.token("admin"),
        "viewer": empty_desk.token("viewer"),
        "owner": owned["token"],
    }.items():
        visitor = visit(empty_desk)
        visitor.enter(token=token)
        page = visitor.open("/ui/")
        expect(page.get_by_role("button", name="Signed in as")).to_be_visible()
        names[who] = page.get_by_role("navigation", name="Pages").first.get_by_role("link").all_inner_texts()
    assert {"Audit", "Settings", "Jobs"} <= set(names["admin"])
    assert "Audit" not in names["viewer"]
    assert "My jobs" in names["owner"]
    assert "Audit" not in names["owner"]


def test_a_token_that_may_only_report_is_told_so(empty_desk: Any, visit: Any) -> None:
    visitor = visit(empty_desk)
    visitor.enter("reporter")
    page = visitor.open("/ui/")
    expect(page.get_by_text("may not look at the desk")).to_be_visible()
    page.get_by_role("button", name="Signed in as").click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(secret_field(page)).to_be_visible()
    assert visitor.complaints == []
