"""The audit in the browser: filters, older lines, links, and what is shown as a file."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from admin_page import PATIENCE_MS, PHONE
from live_desk import Desk, free_port
from playwright.sync_api import Page, expect

expect.set_options(timeout=PATIENCE_MS)

PAGE = 50
RELOADS = PAGE + 5


@pytest.fixture(scope="module")
def busy_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk of which more was asked than one page holds."""
    made = Desk(tmp_path_factory.mktemp("audit") / "state", free_port())
    made.start()
    try:
        for _ in range(RELOADS):
            made.post("/admin/assets/reload", {})
        yield made
    finally:
        made.close()


@pytest.fixture
def visitor(busy_desk: Desk, visit: Any) -> Any:
    made = visit(busy_desk)
    made.enter("operator")
    return made


@pytest.fixture
def page(visitor: Any) -> Page:
    opened: Page = visitor.open("/ui/audit/")
    opened.get_by_role("table").wait_for()
    return opened


def test_lines_are_found_by_what_they_are_about(visitor: Any, page: Page) -> None:
    lines = page.get_by_role("row")
    expect(lines.nth(1)).to_contain_text("auth.login")  # the newest: this visit
    page.get_by_label("What").fill("asset.reload")
    page.get_by_label("What").press("Enter")
    expect(lines.nth(1)).to_contain_text("nothing changed")
    assert "action=asset.reload" in page.url
    page.reload()
    expect(page.get_by_label("What")).to_have_value("asset.reload")
    expect(lines.nth(1)).to_contain_text("127.0.0.1")
    page.get_by_label("How it ended").select_option("failed")
    expect(page.get_by_text("No line is like that")).to_be_visible()
    page.get_by_role("button", name="Clear").click()
    expect(lines.nth(1)).to_contain_text("auth.login")
    assert visitor.complaints == []


def test_older_lines_come_on_demand_each_once(page: Page) -> None:
    expect(page.get_by_role("row")).to_have_count(PAGE + 1)
    page.get_by_role("button", name="Older lines").click()
    expect(page.get_by_role("button", name="Older lines")).to_have_count(0)
    assert page.get_by_role("row").count() > RELOADS


def test_what_is_shown_is_kept_as_a_file(visitor: Any, tmp_path: Path) -> None:
    page = visitor.open("/ui/audit/?action=asset.reload")
    page.get_by_role("table").wait_for()
    with page.expect_download() as kept:
        page.get_by_role("button", name="Save as CSV").click()
    kept.value.save_as(tmp_path / "audit.csv")
    with (tmp_path / "audit.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == PAGE and {row["action"] for row in rows} == {"asset.reload"}
    assert {row["outcome"] for row in rows} == {"succeeded"}
    with page.expect_download() as kept:
        page.get_by_role("button", name="Save as JSON").click()
    kept.value.save_as(tmp_path / "audit.json")
    assert [str(line["id"]) for line in json.loads((tmp_path / "audit.json").read_text())] == [
        row["id"] for row in rows
    ]
    assert visitor.complaints == []


def test_a_viewer_is_told_whose_it_is(busy_desk: Desk, visit: Any) -> None:
    visitor = visit(busy_desk)
    visitor.enter("viewer")
    page = visitor.open("/ui/audit/")
    expect(page.get_by_text("The audit is an operator's")).to_be_visible()
    assert visitor.complaints == []


def test_on_a_phone_it_is_cards(busy_desk: Desk, visit: Any) -> None:
    visitor = visit(busy_desk, viewport=PHONE)
    visitor.enter("operator")
    page = visitor.open("/ui/audit/")
    expect(page.get_by_role("list", name="Audit, newest first").get_by_role("listitem")).to_have_count(PAGE)
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
