"""Search over everything, on the page of the logs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from admin_logs import TRACEBACK, LogDesk, log_desk, now_line, rows
from playwright.sync_api import Page, expect


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LogDesk]:
    with log_desk(tmp_path_factory.mktemp("logs"), services=3) as made:
        first, second, third = made.take(), made.take(), made.take()
        first.log("error").write(now_line("ERROR", "needle in the first"))
        second.log("engine").write(TRACEBACK + now_line("INFO", "needle <b>in</b> the second"))
        second.log("old").write("".join(now_line("INFO", f"needles {number}") for number in range(1500)))
        third.log("engine").write(now_line("WARNING", "needle in what was rotated"))
        third.log("engine").rename()
        third.log("engine").write(now_line("INFO", "nothing"))
        first.wait_for("error")
        second.wait_for("old")
        third.wait_for("engine")
        yield made


def searched(visit: Any, shared: LogDesk, query: str = "") -> tuple[Any, Page]:
    visitor = visit(shared.desk)
    visitor.enter("operator")
    return visitor, visitor.open(f"/ui/logs/?view=search{query}")


def hits(page: Page) -> Any:
    return page.get_by_role("region", name="What was found").get_by_role("listitem")


def test_finds_in_all_services_and_rotated_files_and_opens_the_place(shared: LogDesk, visit: Any) -> None:
    visitor, page = searched(visit, shared)
    expect(page.get_by_text("Search in everything that is logged here")).to_be_visible()
    page.get_by_label("Lines with").fill("NEEDLE IN")
    page.keyboard.press("Enter")
    expect(hits(page)).to_have_count(2)
    expect(hits(page).filter(has_text="engine.log.1")).to_contain_text("needle in what was rotated")
    assert "q=NEEDLE+IN" in page.url
    hits(page).filter(has_text="first").get_by_role("link").click()
    expect(page.get_by_text("1 line selected")).to_be_visible()
    expect(rows(page)).to_contain_text("needle in the first")
    page.go_back()
    expect(hits(page)).to_have_count(2)
    hits(page).filter(has_text="rotated").get_by_role("link").click()
    expect(
        page.get_by_text("This is it, further back in the log:").or_(page.get_by_text("1 line selected"))
    ).to_be_visible()
    assert visitor.complaints == []


def test_narrows_by_level_service_and_pattern_and_says_wrong_ones_in_the_words_of_the_desk(
    shared: LogDesk, visit: Any
) -> None:
    visitor, page = searched(visit, shared, "&q=needle&service=s2")
    expect(hits(page)).to_have_count(1)
    page.get_by_label("Service", exact=True).select_option("all services")
    page.get_by_label("Level").select_option("warning")
    page.get_by_role("button", name="Search").click()
    expect(hits(page)).to_have_count(2)
    page.get_by_label("regular expression").check()
    visitor.forgive("422")
    page.get_by_label("Lines that match").fill("needle (")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("alert").filter(has_text="missing )")).to_be_visible()
    page.get_by_label("Lines that match").fill("no such .*voice$")
    page.get_by_role("button", name="Search").click()
    expect(hits(page)).to_have_count(1)
    expect(hits(page)).to_contain_text("ValueError: no such voice")
    assert visitor.complaints == []


def test_says_where_there_may_be_more_and_asks_for_it(shared: LogDesk, visit: Any) -> None:
    _, page = searched(visit, shared, "&q=needles&limit=100")
    expect(page.get_by_text("There may be more")).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="100 records")).to_be_visible()
    page.get_by_role("button", name="Ask for up to").click()
    expect(page.get_by_role("status").filter(has_text="1\u202f500 records")).to_be_visible()
    page.get_by_role("button", name="Show 200 more").click()
    expect(hits(page)).to_have_count(400)


def test_nothing_found_says_so_and_offers_older_lines(shared: LogDesk, visit: Any) -> None:
    _, page = searched(visit, shared, "&q=nowhere")
    expect(page.get_by_text("Nothing found")).to_be_visible()
    page.get_by_role("button", name="Search in older lines too").click()
    expect(page.get_by_text("Nothing found")).to_be_visible()
    assert "since=" in page.url


def test_markup_in_hits_is_text(shared: LogDesk, visit: Any) -> None:
    _, page = searched(visit, shared, "&q=the+second")
    expect(hits(page)).to_contain_text("needle <b>in</b> the second")
    assert hits(page).locator("b").count() == 0
