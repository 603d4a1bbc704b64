"""The alerts: what fires first, what is over on demand, whom to believe, and no link of somebody else's making."""

from __future__ import annotations

import re
import time
from typing import Any

import requests
from admin_page import AWAY, PATIENCE_MS
from alert_inbox import told, webhook
from playwright.sync_api import Locator, Page, expect

expect.set_options(timeout=PATIENCE_MS)


def tell(desk: Any, *alerts: Any) -> None:
    """As Alertmanager does."""
    headers = {"Authorization": f"Bearer {desk.token('reporter')}"}
    address = f"{desk.url}/admin/alerts/webhook"
    requests.post(address, json=webhook(*alerts), headers=headers, timeout=30).raise_for_status()


def card(page: Page, name: str) -> Locator:
    return page.get_by_role("article", name=re.compile(f"^{name}, "))


def test_the_worst_comes_first_with_what_to_do(full_desk: Any, visit: Any) -> None:
    visitor = visit(full_desk)
    visitor.enter("viewer")
    page = visitor.open("/ui/alerts/")
    expect(page.get_by_role("heading", name="2 alerts fire")).to_be_visible()
    first = page.get_by_role("article").first
    expect(first).to_contain_text("critical")
    expect(first).to_contain_text("night-run does not report any more")
    expect(first.get_by_role("link", name="What to do")).to_have_attribute("href", "/runbooks/JobLost")
    expect(first.get_by_role("link", name="The job")).to_have_attribute(
        "href", f"/ui/jobs/detail/?id={full_desk.told['lost'].report.job_id}"
    )
    expect(card(page, "AssetInError").get_by_role("link", name="Asset whisper-large")).to_be_visible()
    assert visitor.complaints == []


def test_filters_stand_in_the_address(full_desk: Any, visit: Any) -> None:
    visitor = visit(full_desk)
    visitor.enter()
    page = visitor.open("/ui/alerts/")
    expect(card(page, "CheckpointTooOld")).to_have_count(0)
    page.get_by_label("State").select_option("all")
    expect(card(page, "CheckpointTooOld")).to_contain_text("resolved")
    page.get_by_label("About").select_option("asset")
    expect(page.get_by_role("article")).to_have_count(1)
    assert page.url.endswith("/ui/alerts/?state=all&component=asset")
    page.reload()
    expect(page.get_by_role("article")).to_have_count(1)
    page.get_by_label("Name").fill("Nothing")
    expect(page.get_by_text("No alert is like that")).to_be_visible()
    page.get_by_role("button", name="Show all").click()
    expect(page.get_by_role("article")).to_have_count(2)
    assert page.url.endswith("/ui/alerts/")


def test_a_desk_that_was_never_told_says_how(empty_desk: Any, visit: Any) -> None:
    visitor = visit(empty_desk)
    visitor.enter()
    page = visitor.open("/ui/alerts/")
    expect(page.get_by_text("No Alertmanager has told this desk anything yet")).to_be_visible()
    expect(page.get_by_text("docker compose -f docker-compose.observability.yml up -d")).to_be_visible()
    assert visitor.complaints == []


def test_texts_of_an_alert_are_texts(desk: Any, visit: Any) -> None:
    nasty = '<img src=x onerror="document.title=1">'
    tell(desk, {
        **told(1, starts=time.time() - 60, alertname="Nasty", asset="a&b=c"),
        "annotations": {"summary": nasty, "description": "x" * 3000, "runbook_url": "javascript:alert(1)"},
        "generatorURL": "javascript:alert(1)",
    })  # fmt: skip
    visitor = visit(desk, viewport={"width": 390, "height": 800})
    visitor.enter()
    page = visitor.open("/ui/alerts/")
    found = card(page, "Nasty")
    expect(found).to_contain_text(nasty)
    expect(found.locator("img")).to_have_count(0)
    addresses = found.get_by_role("link").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    assert addresses == ["/ui/assets/?asset=a%26b%3Dc"]
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    assert visitor.complaints == []


def test_new_ones_come_by_themselves_and_stay_while_the_desk_is_away(desk: Any, visit: Any) -> None:
    tell(desk, told(1, starts=time.time() - 60, alertname="First"))
    visitor = visit(desk)
    visitor.forgive(*AWAY)
    visitor.enter()
    page = visitor.open("/ui/alerts/")
    expect(card(page, "First")).to_be_visible()
    tell(desk, told(2, starts=time.time(), alertname="Second"))
    expect(card(page, "Second")).to_be_visible()
    desk.end()
    expect(page.get_by_text(re.compile("^Stale: .*This is from"))).to_be_visible()
    expect(card(page, "Second")).to_be_visible()
    desk.start()
    expect(page.get_by_text(re.compile("^Stale: "))).to_have_count(0)
    expect(card(page, "First")).to_be_visible()
