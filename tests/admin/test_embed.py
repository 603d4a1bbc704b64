"""Views of the desk in frames of other people's pages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from admin_axe import axe
from admin_embed import Around, Reported, around, framed_in, ticket
from admin_page import Visitor
from live_desk import Desk, free_port, wait_until
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import FrameLocator, expect


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Around]:
    with around() as page:
        yield page


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, elsewhere: Around) -> Iterator[Desk]:
    """Its views may be held by `elsewhere`, which is of another site, and by its other name, which is of the same."""
    folder = tmp_path_factory.mktemp("embedding")
    own = Desk(folder / "state", free_port(), config=framed_in(folder, elsewhere.origin, elsewhere.near))
    own.start()
    try:
        yield own
    finally:
        own.close()


class Room:
    """A browser at the page elsewhere, and a job that has begun."""

    def __init__(self, desk: Desk, elsewhere: Around, visitor: Visitor, job_id: str) -> None:
        self.desk, self.elsewhere, self.visitor, self.job_id = desk, elsewhere, visitor, job_id
        self.job = Reported(desk, job_id)
        self.job.at(3, 14)

    def show(self, view: str, secret: str | None = None, *, width: int = 420, near: bool = False) -> FrameLocator:
        """A view of the desk in a frame of the page elsewhere."""
        fragment = "" if secret is None else f"#ticket={secret}"
        address = self.elsewhere.show(f"{self.desk.url}/ui/embed/{view}{fragment}", width, near=near)
        self.visitor.page.goto(address)
        return self.visitor.page.frame_locator("iframe")

    def show_job(self, **options: Any) -> FrameLocator:
        return self.show(f"job/?id={self.job_id}", ticket(self.desk, job=self.job_id), **options)

    def told(self, kind: str) -> list[Any]:
        """What the frame has told the page, with the origin that it came from."""
        return [told for told in self.visitor.page.evaluate("told") if told[1]["type"] == kind]


@pytest.fixture
def room(desk: Desk, elsewhere: Around, visit: Callable[..., Visitor], request: pytest.FixtureRequest) -> Room:
    job_id = re.sub("[^a-z0-9]+", "-", request.node.name)[-60:].strip("-")
    return Room(desk, elsewhere, visit(desk), job_id)


def test_a_job_moves_in_a_frame_of_another_site(room: Room) -> None:
    secret = ticket(room.desk, job=room.job_id)
    frame = room.show(f"job/?id={room.job_id}&theme=dark", secret)
    expect(frame.get_by_text("epoch 3 of 20, step 14 of 50")).to_be_visible()
    expect(frame.get_by_text("anton")).to_be_visible()
    room.job.at(12, 1)
    expect(frame.get_by_text("epoch 12 of 20, step 1 of 50")).to_be_visible()
    room.job.send(status="succeeded")
    expect(frame.get_by_text("succeeded")).to_be_visible()
    assert frame.locator("html").get_attribute("data-theme") == "dark"
    assert room.visitor.complaints == []


def test_the_ticket_leaves_the_address_at_once_and_nothing_is_stored(room: Room) -> None:
    asked: list[str] = []
    room.visitor.page.on("request", lambda request: asked.append(request.url))
    secret = ticket(room.desk, job=room.job_id)
    frame = room.show(f"job/?id={room.job_id}", secret)
    expect(frame.get_by_text("anton")).to_be_visible()
    address = frame.locator("html").evaluate("() => location.href")
    assert address == f"{room.desk.url}/ui/embed/job/?id={room.job_id}"
    assert room.visitor.context.cookies() == []
    assert not [url for url in asked if secret in url.partition("#")[0]]
    # a frame of another site is given no storage at all, and needs none
    with pytest.raises(PlaywrightError, match="Access is denied"):
        frame.locator("html").evaluate("() => localStorage.length")
    assert room.visitor.complaints == []


def test_the_page_around_is_told_the_height_and_the_end(room: Room) -> None:
    secret = ticket(room.desk, job=room.job_id)
    frame = room.show(f"job/?id={room.job_id}", secret)
    expect(frame.get_by_text("anton")).to_be_visible()
    told = wait_until(lambda: room.told("mixdesk:height"), "the height")
    assert told[-1][0] == room.desk.url
    assert 60 < told[-1][1]["height"] < 400
    # a ticket is for one use: the same page once more has no right any more, and says what to do
    frame = room.show(f"job/?id={room.job_id}", secret)
    expect(frame.locator("main [role=alert]")).to_contain_text("Reload the page around it")
    assert wait_until(lambda: room.told("mixdesk:expired"), "the end")[0][0] == room.desk.url


def test_a_right_that_ends_is_said_and_what_is_shown_stays(room: Room) -> None:
    admin = {"Authorization": f"Bearer {room.desk.token('admin')}"}
    body = {"roles": ["viewer"], "name": "app"}
    made = requests.post(f"{room.desk.url}/admin/tokens", json=body, headers=admin, timeout=30).json()
    asking = {"headers": {"Authorization": f"Bearer {made['token']}"}, "json": {"job": room.job_id}, "timeout": 30}
    secret = requests.post(f"{room.desk.url}/auth/embed-ticket", **asking).json()["ticket"]
    frame = room.show(f"job/?id={room.job_id}", secret)
    expect(frame.get_by_text("epoch 3 of 20")).to_be_visible()
    requests.delete(f"{room.desk.url}/admin/tokens/{made['id']}", headers=admin, timeout=30).raise_for_status()
    expect(frame.locator("main [role=alert]")).to_contain_text("This view has ended")
    expect(frame.get_by_text("No longer kept up to date")).to_be_visible()
    expect(frame.get_by_text("epoch 3 of 20")).to_be_visible()


def test_a_ticket_shows_its_job_alone(room: Room) -> None:
    other = f"{room.job_id}-2"
    Reported(room.desk, other, name="secret").at(3)
    for view, words in (
        (f"job/?id={other}", f"There is no job {other}"),
        ("assets/", "does not show assets"),
        ("metrics/", "does not show hosts"),
    ):
        frame = room.show(view, ticket(room.desk, job=room.job_id))
        expect(frame.get_by_text(words)).to_be_visible()
        expect(frame.get_by_text("secret")).to_have_count(0)


def test_an_owners_ticket_shows_their_jobs_and_the_host(room: Room) -> None:
    Reported(room.desk, "of-anna", owner="anna", name="berta").at(3)
    frame = room.show("job/", ticket(room.desk, owner="anna"))
    expect(frame.get_by_text("berta")).to_be_visible()
    expect(frame.get_by_role("article")).to_have_count(1)
    frame = room.show("metrics/", ticket(room.desk, owner="anna"))
    expect(frame.get_by_text("CPU")).to_be_visible()
    frame = room.show("assets/", ticket(room.desk, owner="anna"))
    expect(frame.get_by_text("No assets yet")).to_be_visible()
    assert room.visitor.complaints == []


def test_on_the_same_site_the_session_will_do(room: Room) -> None:
    room.visitor.sign_in("viewer")
    frame = room.show(f"job/?id={room.job_id}", near=True)
    expect(frame.get_by_role("link", name="anton")).to_be_visible()
    frame = room.show("metrics/", near=True)
    expect(frame.get_by_text("CPU")).to_be_visible()


def test_without_session_and_ticket_it_says_what_to_do(room: Room) -> None:
    frame = room.show(f"job/?id={room.job_id}")
    expect(frame.get_by_role("link", name="Sign in at the desk")).to_be_visible()


def test_a_page_that_is_not_named_may_not_hold_a_view(room: Room) -> None:
    with around() as stranger:
        room.visitor.page.goto(stranger.show(f"{room.desk.url}/ui/embed/job/?id={room.job_id}"))
        wait_until(lambda: _is_refused(room.visitor), "the refusal")


def test_nor_may_a_named_page_hold_the_admin_itself(room: Room) -> None:
    room.visitor.page.goto(room.elsewhere.show(f"{room.desk.url}/ui/jobs/"))
    wait_until(lambda: _is_refused(room.visitor), "the refusal")


def _is_refused(visitor: Visitor) -> bool:
    visitor.page.wait_for_timeout(50)  # Playwright hears the console while it waits
    return any("frame-ancestors" in one for one in visitor.complaints)


@pytest.mark.parametrize("width", [300, 600, 900])
def test_nothing_is_wider_than_the_frame(room: Room, width: int) -> None:
    room.job.at(3, 14, name="a rather long name of a voice " * 3)
    frame = room.show_job(width=width)
    expect(frame.get_by_role("article")).to_be_visible()
    assert _overhang(frame) <= 0
    for view in ("job/", "metrics/", "assets/"):
        frame = room.show(view, ticket(room.desk, owner="nobody"), width=width)
        expect(frame.locator("[aria-label=Figures], .border-dashed").first).to_be_visible()
        assert _overhang(frame) <= 0, view


def _overhang(frame: FrameLocator) -> int:
    return int(frame.locator("html").evaluate("() => document.scrollingElement.scrollWidth - innerWidth"))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(room: Room, theme: str) -> None:
    room.visitor.sign_in("viewer")
    for view, shown in (
        (f"job/?id={room.job_id}&", "article"),
        ("job/?", "article"),
        ("metrics/?", "[aria-label=Figures]"),
        ("assets/?", ".border-dashed"),
    ):
        page = room.visitor.open(f"/ui/embed/{view}theme={theme}")
        page.locator(shown).first.wait_for()
        assert axe(page) == [], view


def test_it_goes_on_after_a_restart_of_the_desk(room: Room) -> None:
    frame = room.show_job()
    expect(frame.get_by_text("epoch 3 of 20")).to_be_visible()
    room.desk.end()
    expect(frame.get_by_text("Stale: the desk does not answer")).to_be_visible()
    expect(frame.get_by_text("epoch 3 of 20")).to_be_visible()
    room.desk.start()
    room.job.at(4)
    expect(frame.get_by_text("epoch 4 of 20")).to_be_visible()
    expect(frame.get_by_text("Stale")).to_have_count(0)
