"""Who sees what: a viewer has no buttons that act, who is bound to an owner sees nothing of others."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from admin_axe import axe
from admin_page import Visitor
from admin_places import PLACES, settled
from playwright.sync_api import expect

Visit = Callable[..., Visitor]
WORDS = "save|pause|resume|cancel|delete|start|stop|hold|release|reload the registry|revoke|new token|take back"
ACTS = re.compile(rf"^({WORDS})\b", re.IGNORECASE)
ADMINS = {"settings", "doctor", "tokens"}
OTHERS = ("anton-tenor", "night-run", "choir-16k", "mezzo-44k", "first-try", "chorus-to-mira", "harmonies")


def test_a_viewer_looks_and_cannot_act(full_desk: Any, visit: Visit) -> None:
    visitor = visit(full_desk)
    visitor.enter("viewer")
    for place in PLACES:
        if place.name in ADMINS | {"audit"}:
            continue
        page = visitor.open(place.address(full_desk))
        settled(page, place)
        buttons = [text.strip() for text in page.get_by_role("button").all_inner_texts()]
        assert [text for text in buttons if ACTS.match(text)] == [], place.name
        assert axe(page) == [], place.name
    expect(page.get_by_role("navigation").first.get_by_role("link", name="Audit")).to_have_count(0)
    assert visitor.complaints == []


def test_who_is_bound_to_an_owner_sees_only_theirs(full_desk: Any, visit: Visit) -> None:
    visitor = visit(full_desk)
    visitor.enter(token=full_desk.new_token("viewer", owner="anna"))
    page = visitor.open("/ui/jobs/")
    expect(page.get_by_text("mira-48k").first).to_be_visible()
    for place in PLACES:
        if place.name in ADMINS | {"audit", "job"}:
            continue
        page = visitor.open(place.address(full_desk))
        settled(page, place)
        text = page.inner_text("body")
        assert [name for name in OTHERS if name in text] == [], place.name
    assert visitor.complaints == []


def test_a_job_of_another_owner_is_not_there(full_desk: Any, visit: Visit) -> None:
    visitor = visit(full_desk)
    visitor.enter(token=full_desk.new_token("viewer", owner="anna"))
    visitor.forgive("status of 404")
    page = visitor.open(f"/ui/jobs/detail/?id={full_desk.job_ids['running']}")
    expect(
        page.get_by_text(re.compile("no job|not there|not found|cannot be shown", re.IGNORECASE)).first
    ).to_be_visible()
    text = page.inner_text("main")
    assert [word for word in ("epoch", "Training", "running") if word in text] == []
