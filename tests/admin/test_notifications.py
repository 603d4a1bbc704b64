"""What is told of jobs while a page is open: the bell, the browser's notifications, the tab's title."""

from __future__ import annotations

import re
from typing import Any

import admin_page
import pytest
from admin_shell import HandJob, expect_connection
from live_desk import wait_until
from playwright.sync_api import Page, expect

from mixdesk import wire

# the browser's own class, which also notes what it is made with
NOTES = """
window.notes = [];
window.Notification = class extends Notification {
  constructor(title, options) { super(title, options); window.notes.push([title, options?.body ?? ""]); }
};
"""


def notes(*pages: Page) -> list[list[str]]:
    """What these pages showed by the browser, all together."""
    return [note for page in pages for note in page.evaluate("window.notes")]


def wait_for_notes(page: Page, number: int) -> Any:
    return wait_until(lambda: (shown := notes(page)) and len(shown) >= number and shown, f"{number} notifications")


def watching(desk: Any, visit: Any, *, role: str = "admin", allowed: bool = True, **options: Any) -> Any:
    """A visitor whose page watches the jobs."""
    visitor = visit(desk, **options)
    visitor.context.add_init_script(NOTES)
    if allowed:
        visitor.context.grant_permissions(["notifications"])
    visitor.enter(role)
    visitor.open("/ui/settings/")
    expect_connection(visitor.page, "live")
    return visitor


def bell(page: Page) -> Any:
    return page.get_by_role("button", name=re.compile("^Notifications"))


def told(page: Page) -> list[str]:
    """The lines of the bell."""
    bell(page).click()
    panel = page.get_by_role("dialog", name="Notifications")
    expect(panel.get_by_role("heading", name="Notifications")).to_be_visible()
    lines = panel.get_by_role("listitem").all_inner_texts()
    page.keyboard.press("Escape")
    return [" ".join(line.split()) for line in lines]


@pytest.fixture
def old(desk: Any) -> HandJob:
    """A job that ended before anybody looked."""
    job = HandJob(desk, "old")
    job.saves("/runs/old-e1.pth")
    job.ends("failed", "long ago")
    return job


def test_what_becomes_of_a_job_is_told_once(desk: Any, visit: Any, old: HandJob) -> None:
    visitor = watching(desk, visit)
    page = visitor.page
    anton, berta, carla = (HandJob(desk, name) for name in ("anton", "berta", "carla"))
    expect(page).to_have_title(re.compile(r"^\(0 %\) carla \+2 · "))
    anton.saves("/runs/anton-e2-s100.pth")
    wait_for_notes(page, 1)
    anton.ends("succeeded")
    berta.ends("failed", "CUDA out of memory")
    carla.send(checkpoint=wire.CheckpointState(status="failed", error="no space left on device"))
    shown = wait_for_notes(page, 4)
    carla.send()  # says the same once more
    carla.ends("canceled")
    shown = wait_for_notes(page, 5)
    assert sorted(shown) == [
        ["anton saved a checkpoint", "anton-e2-s100.pth"],
        ["anton succeeded", ""],
        ["berta failed", "CUDA out of memory"],
        ["carla could not save a checkpoint", "no space left on device"],
        ["carla was canceled", ""],
    ]
    expect(bell(page)).to_have_accessible_name("Notifications: 5 unread")
    expect(page).to_have_title(re.compile("^● "))
    lines = told(page)
    assert len(lines) == 5
    assert not any("old" in line for line in lines)
    expect(bell(page)).to_have_accessible_name("Notifications")
    expect(page).to_have_title(re.compile("^Settings"))
    page.reload()
    expect_connection(page, "live")
    assert len(told(page)) == 5
    assert notes(page) == []
    assert visitor.complaints == []


def test_a_job_that_is_lost_is_told(desk: Any, visit: Any) -> None:
    visitor = watching(desk, visit)
    HandJob(desk, "anton")
    assert wait_for_notes(visitor.page, 1) == [["anton is lost: it reports no more", ""]]


def test_the_title_says_how_far_the_running_job_is_on_every_page(desk: Any, visit: Any) -> None:
    visitor = watching(desk, visit)
    job = HandJob(desk, "anton")
    job.reach(62.5)
    page = visitor.page
    expect(page).to_have_title("(62 %) anton · Settings · Mixdesk")
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Jobs").click()
    expect(page).to_have_title("(62 %) anton · Jobs · Mixdesk")
    job.ends("succeeded")
    expect(page).to_have_title("● Jobs · Mixdesk")


def test_of_several_tabs_one_shows_it_also_in_the_background(desk: Any, visit: Any) -> None:
    visitor = watching(desk, visit)
    others = [visitor.new_page() for _ in range(2)]
    for other in others:
        other.goto(f"{desk.url}/ui/jobs/")
        expect_connection(other, "live")
    tabs = [visitor.page, *others]
    job = HandJob(desk, "anton")
    for tab in tabs:
        expect(tab).to_have_title(re.compile("anton"))
    job.ends("succeeded")
    for tab in tabs:
        expect(bell(tab)).to_have_accessible_name("Notifications: 1 unread")
    assert notes(*tabs) == [["anton succeeded", ""]]
    # read in one tab, read in all
    told(others[1])
    for tab in tabs:
        expect(bell(tab)).to_have_accessible_name("Notifications")


def test_what_happens_while_the_desk_is_away_is_told_after(desk: Any, visit: Any) -> None:
    visitor = watching(desk, visit)
    visitor.forgive(*admin_page.AWAY)
    job = HandJob(desk, "anton")
    expect(visitor.page).to_have_title(re.compile("anton"))
    desk.end()
    expect_connection(visitor.page, "reconnecting")
    desk.start()
    job.ends("failed", "a fault")
    assert wait_for_notes(visitor.page, 1) == [["anton failed", "a fault"]]


def test_what_is_told_can_be_switched(desk: Any, visit: Any) -> None:
    visitor = watching(desk, visit)
    page = visitor.page
    page.evaluate(
        """localStorage.setItem("mixdesk-notify", JSON.stringify({kinds: {succeeded: false, autosaved: true}}))"""
    )
    anton = HandJob(desk, "anton")
    berta = HandJob(desk, "berta")
    anton.saves("/runs/anton-e1.pth", reason="automatic")
    wait_for_notes(page, 1)
    anton.ends("succeeded")
    berta.ends("failed")
    assert [title for title, _ in wait_for_notes(page, 2)] == ["anton saved a checkpoint by itself", "berta failed"]
    page.evaluate("""localStorage.setItem("mixdesk-notify", JSON.stringify({browser: false}))""")
    HandJob(desk, "carla").ends("failed")
    expect(bell(page)).to_have_accessible_name("Notifications: 3 unread")
    assert len(notes(page)) == 2


def test_a_notification_leads_to_its_job(desk: Any, visit: Any) -> None:
    visitor = watching(desk, visit)
    HandJob(desk, "anton").ends("succeeded")
    wait_for_notes(visitor.page, 1)
    bell(visitor.page).click()
    visitor.page.get_by_role("link", name="anton succeeded").click()
    visitor.page.wait_for_url(f"{desk.url}/ui/jobs/detail/?id=hand-anton")
    expect(visitor.page.get_by_role("dialog", name="Notifications")).to_be_hidden()


def test_the_browser_is_asked_by_a_click_and_can_be_tried(empty_desk: Any, visit: Any) -> None:
    visitor = watching(empty_desk, visit, allowed=False)
    page = visitor.page
    page.evaluate(
        """Notification.requestPermission = async () => { window.asked = true; return Notification.permission; }"""
    )
    bell(page).click()
    page.get_by_role("button", name="Show browser notifications").click()
    assert page.evaluate("window.asked")
    visitor.context.grant_permissions(["notifications"])
    page.evaluate("dispatchEvent(new Event('focus'))")
    page.get_by_role("button", name="Send a test notification").click()
    assert wait_for_notes(page, 1) == [["Mixdesk", "This is how you are told when a job ends."]]
    assert visitor.complaints == []


def test_where_browsers_show_none_the_page_says_why(empty_desk: Any, visit: Any) -> None:
    visitor = visit(empty_desk)
    visitor.context.add_init_script(
        """if (location.search === "?plain") Object.defineProperty(globalThis, "isSecureContext", { value: false });"""
    )
    visitor.context.add_init_script(
        """if (location.search === "?no") Object.defineProperty(Notification, "permission", { get: () => "denied" });"""
    )
    page = visitor.enter()
    for query, words in (
        ("?plain", "Browsers show notifications of https pages and of localhost alone"),
        ("?no", "was told not to"),
    ):
        visitor.open(f"/ui/settings/{query}")
        bell(page).click()
        expect(page.get_by_role("dialog", name="Notifications")).to_contain_text(words)


def test_each_person_has_a_bell_of_their_own(desk: Any, visit: Any) -> None:
    visitor = watching(desk, visit)
    page = visitor.page
    HandJob(desk, "anton").ends("failed")
    expect(bell(page)).to_have_accessible_name("Notifications: 1 unread")
    visitor.enter("viewer")
    page.reload()
    expect_connection(page, "live")
    expect(bell(page)).to_have_accessible_name("Notifications")
    assert told(page) == []
