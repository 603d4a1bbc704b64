"""What can be asked of a job on its page: by a real browser, of real trainers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import admin_jobs
import pytest
import requests
from admin_jobs import ByHand, desk_with_lease, detail, press, request_line, word
from live_desk import Desk, wait_until
from playwright.sync_api import expect

LEASE_S = 600
SAVE, CANCEL = "Save a checkpoint?", "Cancel tiny?"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One for all of them: each has a job of its own."""
    own = desk_with_lease(tmp_path_factory.mktemp("actions"), LEASE_S)
    own.start()
    try:
        yield own
    finally:
        own.close()


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    return tmp_path / "runs"


def test_progress_moves_and_a_checkpoint_is_saved(desk: Any, visit: Any, runs: Path) -> None:
    job = admin_jobs.trains(desk, runs)
    visitor = visit(desk)
    visitor.enter("operator")
    page = visitor.open(detail(job["job_id"]))
    position = page.locator("dd").filter(has_text="epoch")
    first = position.inner_text()
    wait_until(lambda: position.inner_text() != first, "a step in the browser")

    press(page, "Save checkpoint")
    expect(page.get_by_role("button", name="Not now")).to_be_focused()
    press(page, "Save checkpoint", within=SAVE)
    line = request_line(page, "You asked to save a checkpoint")
    expect(word(line, "saved")).to_be_visible()
    file = line.locator("code").inner_text()
    assert (runs / file).is_file()
    desk.cli("checkpoints", "verify", str(runs / file))
    expect(page.get_by_role("region", name="Checkpoints").first).to_contain_text(file)
    expect(page.get_by_role("region", name="Checkpoints").first).to_contain_text("verified")

    page.reload()  # what was asked is found again
    expect(request_line(page, "asked to save a checkpoint")).to_contain_text(file)
    assert visitor.complaints == []


def test_save_and_cancel_ends_the_run_with_its_file(desk: Any, visit: Any, runs: Path) -> None:
    job = admin_jobs.trains(desk, runs)
    visitor = visit(desk)
    visitor.enter("operator")
    page = visitor.open(detail(job["job_id"]))
    press(page, "Cancel …")
    expect(page.get_by_role("button", name="Keep running")).to_be_focused()
    expect(page.get_by_role("dialog")).to_contain_text("loses all of its")
    press(page, "Save & cancel", within=CANCEL)
    line = request_line(page, "You asked to save a checkpoint and cancel")
    expect(word(line, "saved")).to_be_visible()
    expect(word(page.locator("main header").first, "canceled")).to_be_visible()
    file = runs / line.locator("code").inner_text()
    desk.cli("checkpoints", "verify", str(file))
    assert desk.trainers[-1].wait(30) == 0
    expect(page.get_by_role("button", name="Delete …")).to_be_visible()
    assert visitor.complaints == []


def test_pause_and_go_on(desk: Any, visit: Any, runs: Path) -> None:
    job = admin_jobs.trains(desk, runs)
    visitor = visit(desk)
    visitor.enter("operator")
    page = visitor.open(detail(job["job_id"]))
    press(page, "Pause")
    expect(page.get_by_role("dialog")).to_contain_text("stays held")
    press(page, "Pause", within="Pause the run?")
    status = page.locator("main header").first
    expect(word(status, "paused")).to_be_visible()
    expect(page.get_by_text("time left: once it goes on")).to_be_visible()
    press(page, "Go on")
    press(page, "Go on", within="Let the run go on?")
    expect(word(status, "running")).to_be_visible()
    expect(request_line(page, "You asked to let it go on")).to_contain_text("running")


def test_a_plain_cancel_of_much_work_must_be_typed(desk: Any, visit: Any) -> None:
    job = ByHand(desk, "long", name="long")
    job.send(started_at="2026-01-01T00:00:00.000000Z", created_at="2026-01-01T00:00:00.000000Z")
    visitor = visit(desk)
    visitor.enter("operator")
    page = visitor.open(detail("long"))
    press(page, "Cancel …")
    lose = page.get_by_role("button", name="Cancel without saving")
    expect(lose).to_be_disabled()
    page.get_by_label("To cancel without saving, type").fill("lose it")
    lose.click()
    expect(request_line(page, "cancel it without saving")).to_contain_text("requested")
    # the run is asked to end: what the desk would refuse now cannot be pressed, and it says why
    expect(page.get_by_role("button", name="Pause", exact=True)).to_be_disabled()
    expect(page.get_by_text("Pause: not now, a cancel is pending.")).to_be_visible()
    press(page, "Take back")
    expect(request_line(page, "cancel it without saving")).to_contain_text("taken back")
    expect(page.get_by_role("button", name="Pause", exact=True)).to_be_enabled()


def test_escape_closes_a_dialog_and_gives_the_focus_back(desk: Any, visit: Any) -> None:
    ByHand(desk, "esc", name="esc").send()
    visitor = visit(desk)
    visitor.enter("operator")
    page = visitor.open(detail("esc"))
    button = page.get_by_role("button", name="Save checkpoint")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(button).to_be_focused()
    assert desk.get("/admin/operations?target=esc")["items"] == []


def test_a_save_that_fails_says_why_and_the_run_goes_on(desk: Any, visit: Any, runs: Path) -> None:
    desk.trainer(runs, script=str(admin_jobs.UNREGISTERED))
    job = wait_until(lambda: next((one for one in desk.jobs() if one["name"] == "bare"), None), "the job")
    visitor = visit(desk)
    visitor.enter("operator")
    page = visitor.open(detail(job["job_id"]))
    press(page, "Save checkpoint")
    press(page, "Save checkpoint", within=SAVE)
    line = request_line(page, "You asked to save a checkpoint")
    expect(line).to_contain_text("failed")
    error = desk.get(f"/admin/operations?target={job['job_id']}")["items"][0]["error"]
    assert error
    expect(line).to_contain_text(error)
    expect(word(page.locator("main header").first, "running")).to_be_visible()


def test_what_the_desk_refuses_is_said_in_its_words(desk: Any, visit: Any) -> None:
    job = ByHand(desk, "ended", name="ended")
    job.send()
    visitor = visit(desk)
    visitor.enter("operator")
    visitor.forgive("409")
    deaf = []

    def between(page_side: Any) -> None:
        desk_side = page_side.connect_to_server()
        desk_side.on_message(lambda text: None if deaf else page_side.send(text))

    visitor.page.route_web_socket("**/jobs/stream*", between)
    page = visitor.open(detail("ended"))
    press(page, "Pause")
    deaf.append(True)  # the page does not hear in time that the job has ended
    job.send(status="succeeded")
    press(page, "Pause", within="Pause the run?")
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("the job has ended (succeeded)")


def test_a_viewer_sees_no_action_and_cannot_act(desk: Any, visit: Any) -> None:
    ByHand(desk, "one", name="one").send()
    desk.post("/admin/jobs/one/checkpoint", {})
    visitor = visit(desk)
    visitor.enter("viewer")
    page = visitor.open(detail("one"))
    expect(request_line(page, "asked to save a checkpoint")).to_contain_text("requested")
    for name in ("Save checkpoint", "Pause", "Cancel …", "Take back"):
        expect(page.get_by_role("button", name=name, exact=True)).to_have_count(0)
    answer = visitor.context.request.post(
        f"{desk.url}/admin/jobs/one/cancel", headers={"Origin": desk.url, "Content-Type": "application/json"}
    )
    assert answer.status == 403
    assert visitor.complaints == []


def test_two_people_see_each_others_requests(desk: Any, visit: Any) -> None:
    ByHand(desk, "both", name="both").send()
    pages = []
    for role in ("operator", "admin"):
        visitor = visit(desk)
        visitor.enter(role)
        pages.append(visitor.open(detail("both")))
    press(pages[0], "Save checkpoint")
    press(pages[0], "Save checkpoint", within=SAVE)
    expect(request_line(pages[0], "You asked to save a checkpoint")).to_be_visible()
    expect(request_line(pages[1], "operator asked to save a checkpoint")).to_be_visible()


def test_a_job_that_has_ended_can_be_deleted(desk: Any, visit: Any) -> None:
    ByHand(desk, "over", name="over").send(status="failed", error="out of memory")
    visitor = visit(desk)
    visitor.enter("operator")
    page = visitor.open(detail("over"))
    press(page, "Delete …")
    expect(page.get_by_role("dialog")).to_contain_text("stay where they are")
    press(page, "Delete", within="Delete over?")
    page.wait_for_url("**/ui/jobs/")
    headers = {"Authorization": f"Bearer {desk.token('viewer')}"}
    assert requests.get(f"{desk.url}/jobs/over", headers=headers, timeout=30).status_code == 404


def test_a_queued_job_is_canceled_at_once(desk: Any, visit: Any) -> None:
    ByHand(desk, "waits", name="waits").send(status="queued", started_at=None)
    visitor = visit(desk)
    visitor.enter("operator")
    page = visitor.open(detail("waits"))
    expect(page.get_by_text("MIXDESK_JOB=waits:KEY python train.py")).to_be_visible()
    expect(page.get_by_role("button", name="Pause", exact=True)).to_be_disabled()
    press(page, "Cancel …")
    press(page, "Cancel it", within="Cancel waits?")
    expect(word(page.locator("main header").first, "canceled")).to_be_visible()
