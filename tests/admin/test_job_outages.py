"""Jobs while somebody is away: the trainer, or the desk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import admin_jobs
import pytest
from admin_jobs import desk_with_lease, detail, frozen, press, request_line, word
from live_desk import Desk
from playwright.sync_api import expect

LEASE_S = 3


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """One that calls a trainer lost after 3 s."""
    own = desk_with_lease(tmp_path, LEASE_S)
    own.start()
    try:
        yield own
    finally:
        own.close()


def test_a_lost_job_says_what_it_means_and_obeys_when_it_is_back(desk: Any, visit: Any, tmp_path: Path) -> None:
    job = admin_jobs.trains(desk, tmp_path / "runs")
    visitor = visit(desk)
    visitor.enter("operator")
    page = visitor.open(detail(job["job_id"]))
    status = page.locator("main header").first
    expect(word(status, "running")).to_be_visible()
    with frozen(desk.trainers[0]):
        expect(word(status, "lost")).to_be_visible()
        expect(page.get_by_text("otherwise the desk takes it as failed")).to_be_visible()
        press(page, "Save checkpoint")
        expect(page.get_by_role("dialog")).to_contain_text("obeyed when it reports again")
        press(page, "Save checkpoint", within="Save a checkpoint?")
        expect(request_line(page, "You asked to save")).to_contain_text("kept until its trainer is heard again")
    expect(word(status, "running")).to_be_visible()
    line = request_line(page, "You asked to save")
    expect(word(line, "saved")).to_be_visible()
    assert (tmp_path / "runs" / line.locator("code").inner_text()).is_file()


def test_a_restart_of_the_desk_amid_a_save(desk: Any, visit: Any, tmp_path: Path) -> None:
    job = admin_jobs.trains(desk, tmp_path / "runs")
    visitor = visit(desk)
    visitor.enter("operator")
    visitor.forgive("ERR_CONNECTION_REFUSED", "WebSocket", "ERR_CONNECTION_RESET", "ERR_EMPTY_RESPONSE")
    page = visitor.open(detail(job["job_id"]))
    page.evaluate("window.stays = true")
    with frozen(desk.trainers[0]):
        press(page, "Save checkpoint")
        press(page, "Save checkpoint", within="Save a checkpoint?")
        expect(request_line(page, "You asked to save")).to_contain_text("requested")
        desk.end()
        expect(page.locator("main").get_by_text("stale for").first).to_be_visible()
        expect(request_line(page, "asked to save")).to_be_visible()
        desk.start()
    line = request_line(page, "You asked to save")
    expect(word(line, "saved")).to_be_visible()
    assert (tmp_path / "runs" / line.locator("code").inner_text()).is_file()
    expect(page.locator("main p:not(section p)", has_text="stale for")).to_have_count(0)
    assert page.evaluate("window.stays"), "the page was loaded anew"
    assert visitor.complaints == []
