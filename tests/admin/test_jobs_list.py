"""The list of jobs: empty, full, filtered, of one owner, and with very many in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import admin_page
import pytest
import requests
from admin_jobs import ByHand, desk_with_lease
from live_desk import Desk
from playwright.sync_api import Locator, Page, expect

MANY = 300
LEASE_S = 600
SIDEWAYS = "document.scrollingElement.scrollWidth > innerWidth"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One with jobs of several fates, and one owner's among them."""
    own = desk_with_lease(tmp_path_factory.mktemp("list"), LEASE_S)
    own.start()
    try:
        _fill(own)
        yield own
    finally:
        own.close()


def _fill(desk: Desk) -> None:
    for number in range(MANY):
        old = {"created_at": f"2026-01-01T00:{number // 60:02}:{number % 60:02}.000000Z"}
        ByHand(desk, f"old-{number:03}", name=f"old{number}").send(status="succeeded", **old)
    ByHand(desk, "bad", name="bad", job_type="tts_generate").send(status="failed", error="no such voice\nat line 3")
    ByHand(desk, "runs", name="runs", version="0.5").send(epoch=3, epochs=20, step=14, steps=50)
    ByHand(desk, "goes-on", name="runs", parent_id="old-000", attempt=2).send(status="paused")
    ByHand(desk, "annas", token=token(desk, "reporter"), name="annas").send()


def token(desk: Desk, role: str) -> str:
    """A token that is bound to anna."""
    body = {"roles": [role], "name": f"anna {role}", "owner": "anna"}
    headers = {"Authorization": f"Bearer {desk.token('admin')}"}
    answer = requests.post(f"{desk.url}/admin/tokens", json=body, headers=headers, timeout=30)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["token"])


def rows(page: Page) -> Locator:
    return page.get_by_role("list", name="Jobs").get_by_role("listitem")


def test_an_empty_desk_says_how_to_see_a_job(empty_desk: Any, visit: Any) -> None:
    visitor = visit(empty_desk)
    visitor.enter("viewer")
    page = visitor.open("/ui/jobs/")
    expect(page.get_by_text("mixdesk demo", exact=True)).to_be_visible()
    code = page.locator("pre").filter(has_text="import mixdesk")
    assert len(code.inner_text().strip().splitlines()) == 11
    compile(code.inner_text(), "trainer.py", "exec")
    assert visitor.complaints == []


def test_what_runs_comes_first_and_the_rest_by_pages(desk: Any, visit: Any) -> None:
    visitor = visit(desk)
    visitor.enter("viewer")
    page = visitor.open("/ui/jobs/")
    expect(rows(page)).to_have_count(50)
    for name in ("annas", "runs"):
        expect(rows(page).nth(0).or_(rows(page).nth(1)).filter(has_text=name)).to_be_visible()
    expect(rows(page).nth(2)).to_contain_text("paused")
    page.get_by_role("button", name="Show 50 older").click()
    expect(rows(page)).to_have_count(100)
    expect(page.get_by_text(f"100 of {MANY + 4} are shown")).to_be_visible()
    running = rows(page).filter(has=page.get_by_role("link", name="runs", exact=True)).filter(has_text="running")
    expect(running).to_contain_text("epoch 3 of 20, step 14 of 50")
    expect(running).to_contain_text("time left: after the first steps")
    assert visitor.complaints == []


def test_the_address_holds_the_filters(desk: Any, visit: Any) -> None:
    visitor = visit(desk)
    visitor.enter("viewer")
    page = visitor.open("/ui/jobs/?x=1&status=failed")  # as the dashboards link to it
    expect(rows(page)).to_have_count(1)
    expect(rows(page)).to_contain_text("no such voice")
    page.get_by_role("button", name="paused 1").click()
    expect(rows(page)).to_have_count(2)
    assert page.url.endswith("?x=1&status=failed,paused")
    page.get_by_label("Name or id").fill("BAD")
    expect(rows(page)).to_have_count(1)
    page.reload()
    expect(page.get_by_label("Name or id")).to_have_value("BAD")
    expect(rows(page)).to_have_count(1)
    page.get_by_label("Type").select_option("training_rvc")
    expect(page.get_by_text("No job is like that")).to_be_visible()
    page.get_by_role("button", name="Clear filters").first.click()
    expect(rows(page)).to_have_count(50)
    assert page.url.endswith("/ui/jobs/?x=1")
    page.get_by_label("Owner").select_option("anna")
    expect(rows(page)).to_have_count(1)
    page.goto(desk.url + "/ui/jobs/?since=24h")
    expect(rows(page)).to_have_count(4)


def test_new_jobs_and_changes_come_by_themselves(desk: Any, visit: Any) -> None:
    visitor = visit(desk)
    visitor.enter("viewer")
    page = visitor.open("/ui/jobs/?name=newcomer")
    expect(page.get_by_text("No job is like that")).to_be_visible()
    job = ByHand(desk, "newcomer", name="newcomer")
    job.send()
    expect(rows(page)).to_contain_text("running")
    job.send(status="failed", error="out of memory")
    expect(rows(page)).to_contain_text("out of memory")
    requests.delete(
        f"{desk.url}/jobs/newcomer", headers={"Authorization": f"Bearer {desk.token('operator')}"}, timeout=30
    ).raise_for_status()
    expect(rows(page)).to_have_count(0)


def test_a_row_leads_to_its_job_and_to_the_one_before(desk: Any, visit: Any) -> None:
    visitor = visit(desk)
    visitor.enter("viewer")
    page = visitor.open("/ui/jobs/?status=paused")
    page.get_by_role("link", name="runs", exact=True).click()
    page.wait_for_url("**/ui/jobs/detail/?id=goes-on")
    page.get_by_role("link", name="old-000").click()
    page.wait_for_url("**/ui/jobs/detail/?id=old-000")
    expect(page.get_by_role("heading", level=1)).to_have_text("old0")


def test_who_is_bound_to_an_owner_sees_that_owners_jobs_alone(desk: Any, visit: Any) -> None:
    visitor = visit(desk)
    visitor.enter(token=token(desk, "viewer"))
    visitor.forgive("404", "403")
    page = visitor.open("/ui/jobs/")
    expect(rows(page)).to_have_count(1)
    expect(rows(page)).to_contain_text("annas")
    page.get_by_role("link", name="annas").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("annas")
    expect(page.get_by_role("button", name="Pause")).to_have_count(0)
    visitor.open("/ui/jobs/detail/?id=runs")
    expect(page.get_by_role("alert").filter(has_text="cannot be shown")).to_contain_text("runs")
    assert visitor.complaints == []


def test_an_address_without_a_job_or_of_none_says_so(desk: Any, visit: Any) -> None:
    visitor = visit(desk)
    visitor.enter("viewer")
    visitor.forgive("404")
    page = visitor.open("/ui/jobs/detail/?id=nope")
    expect(page.get_by_role("alert").filter(has_text="cannot be shown")).to_contain_text("there is no job nope")
    page.get_by_role("link", name="All jobs").click()
    page.wait_for_url("**/ui/jobs/")
    visitor.open("/ui/jobs/detail/")
    expect(page.get_by_text("The address names no job")).to_be_visible()


def test_a_failed_job_shows_its_error_in_full(desk: Any, visit: Any) -> None:
    visitor = visit(desk, viewport=admin_page.PHONE)
    visitor.enter("viewer")
    page = visitor.open("/ui/jobs/detail/?id=bad")
    expect(page.locator("pre").filter(has_text="at line 3")).to_be_visible()
    assert not page.evaluate(SIDEWAYS)
    page = visitor.open("/ui/jobs/")
    expect(rows(page)).to_have_count(50)
    assert not page.evaluate(SIDEWAYS)


def test_texts_of_trainers_are_shown_as_text(desk: Any, visit: Any) -> None:
    evil = "<img src=x onerror=alert(1)>"
    ByHand(desk, "evil", name=evil, owner=evil).send(
        status="failed",
        error=f"{evil}\njavascript:alert(1)",
        metrics={evil: 1.0},
        artifacts=[{"type": evil, "path": evil, "url": "javascript:alert(1)"}],
    )
    visitor = visit(desk)
    visitor.enter("viewer")
    page = visitor.open("/ui/jobs/detail/?id=evil")
    expect(page.get_by_role("heading", level=1)).to_have_text(evil)
    expect(page.get_by_role("region", name="Log", exact=True)).to_be_visible()
    assert page.locator("main img, main a[href^=javascript]").count() == 0
    assert visitor.complaints == []
