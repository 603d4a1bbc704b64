"""Dashboards: Grafana in frames that are made when they are looked at, and the desk's own charts where it is away."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import admin_grafana
import pytest
from admin_grafana import WithGrafana
from admin_page import PATIENCE_MS
from playwright.sync_api import Locator, Page, expect

expect.set_options(timeout=PATIENCE_MS)

STEP_MS = 50
AWAY = re.compile("^Grafana does not answer: it answers 502")


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WithGrafana]:
    """Below the desk's own address."""
    with admin_grafana.beside(tmp_path_factory.mktemp("behind"), elsewhere=False) as made:
        yield made


def until_asked(page: Page, of: WithGrafana, count: int) -> None:
    """Until so many dashboards were asked for; the browser's requests are handed on meanwhile."""
    waited = 0
    while len(of.frames()) < count:
        assert waited < PATIENCE_MS, of.frames()
        page.wait_for_timeout(STEP_MS)
        waited += STEP_MS


def query_of(frame: Locator) -> dict[str, str]:
    address = frame.get_attribute("src") or ""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def test_a_frame_is_made_when_its_tab_is_opened_and_kept(behind: WithGrafana, visit: Any) -> None:
    visitor = visit(behind.desk, color_scheme="dark")
    admin_grafana.lead(visitor.context, behind)
    visitor.enter()
    behind.grafana.asked.clear()
    page = visitor.open("/ui/dashboards/?range=6h&job_id=a%26b")
    frame = page.get_by_title("Grafana dashboard Jobs")
    expect(frame).to_be_visible()
    until_asked(page, behind, 1)
    assert behind.frames() == ["/grafana/d/mixdesk-jobs"]
    wanted = {"orgId": "1", "from": "now-6h", "to": "now", "refresh": "10s", "theme": "dark", "kiosk": "true"}
    assert query_of(frame) == wanted

    page.get_by_role("tab", name="Job", exact=True).click()
    second = page.get_by_title("Grafana dashboard Job", exact=True)
    expect(second).to_be_visible()
    until_asked(page, behind, 2)
    assert query_of(second)["var-job_id"] == "a&b"
    assert "board=mixdesk-job" in page.url

    page.get_by_role("tab", name="Jobs", exact=True).click()
    expect(frame).to_be_visible()
    assert len(behind.frames()) == 2, "what was opened once stays"
    visitor.close()


def test_frames_follow_the_theme(behind: WithGrafana, visit: Any) -> None:
    visitor = visit(behind.desk, color_scheme="light")
    admin_grafana.lead(visitor.context, behind)
    visitor.enter()
    page = visitor.open("/ui/dashboards/?board=mixdesk-assets")
    frame = page.get_by_title("Grafana dashboard Assets")
    expect(frame).to_have_attribute("src", re.compile("theme=light"))
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    expect(frame).to_have_attribute("src", re.compile("theme=dark"))
    expect(page.get_by_role("link", name="Open in Grafana")).to_have_attribute(
        "href", re.compile(rf"^{re.escape(behind.shown)}/d/mixdesk-assets\?(?!.*kiosk)")
    )
    visitor.close()


def test_an_origin_of_its_own_may_be_framed(tmp_path: Path, visit: Any) -> None:
    with admin_grafana.beside(tmp_path, elsewhere=True) as made:
        visitor = visit(made.desk)
        visitor.forgive("Clear-Site-Data", "favicon")
        visitor.enter("viewer")
        page = visitor.open("/ui/dashboards/")
        until_asked(page, made, 1)
        frame = page.frame_locator("iframe[title='Grafana dashboard Jobs']")
        expect(frame.get_by_text("stand-in")).to_be_visible()
        expect(page.get_by_text("This Grafana is at an address of its own")).to_be_visible()
        assert visitor.complaints == []
        visitor.close()


def test_the_desks_own_charts_where_grafana_is_away(tmp_path: Path, visit: Any) -> None:
    with admin_grafana.beside(tmp_path, elsewhere=False) as made:
        visitor = visit(made.desk)
        visitor.forgive("status of 502")
        visitor.context.route(f"{made.desk.url}/grafana/**", lambda route: route.fulfill(status=502, body="away"))
        visitor.enter()
        page = visitor.open("/ui/dashboards/")
        expect(page.get_by_text(AWAY)).to_be_visible()
        expect(page.get_by_text("ps grafana")).to_be_visible()
        expect(
            page.get_by_role("img", name=re.compile("^Chart of CPU, newest: CPU \\d+ %")).locator("canvas")
        ).to_be_visible()
        expect(page.locator("iframe")).to_have_count(0)
        visitor.context.unroute_all()
        admin_grafana.lead(visitor.context, made)
        expect(page.get_by_title("Grafana dashboard Jobs")).to_be_visible()
        visitor.close()


def test_no_grafana_at_all(empty_desk: Any, visit: Any) -> None:
    visitor = visit(empty_desk)
    visitor.enter()
    page = visitor.open("/ui/dashboards/")
    expect(page.get_by_text("No Grafana is set")).to_be_visible()
    expect(page.get_by_text("browser_url =")).to_be_visible()
    expect(page.get_by_role("img", name=re.compile("^Chart of Memory, newest: Memory \\d"))).to_be_visible()
    assert visitor.complaints == []


def test_grafana_is_closed_to_who_is_bound_to_an_owner(full_desk: Any, visit: Any) -> None:
    visitor = visit(full_desk)
    visitor.enter(token=full_desk.new_token("viewer", owner="nobody-else"))
    page = visitor.open("/ui/dashboards/")
    expect(page.get_by_text("Grafana is closed to you")).to_be_visible()
    expect(page.get_by_role("img", name=re.compile("^Chart of GPU 0, newest"))).to_be_visible()
