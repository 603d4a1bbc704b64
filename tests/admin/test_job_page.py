"""The page of one job: its figures over time, what became of it, and where else it is seen."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import admin_page
import pytest
from admin_jobs import ByHand, desk_with_lease, detail
from live_desk import Desk
from playwright.sync_api import expect

from mixdesk import wire

LEASE_S = 600
STEP_S = 0.7
ELSEWHERE = """
[grafana]
browser_url = "https://grafana.example"
[otel]
trace_url = "https://traces.example/trace/{trace_id}"
"""
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    own = desk_with_lease(tmp_path_factory.mktemp("page"), LEASE_S, ELSEWHERE)
    own.start()
    try:
        yield own
    finally:
        own.close()


def test_logged_numbers_are_drawn_and_said(desk: Any, visit: Any) -> None:
    job = ByHand(desk, "logs", name="logs")
    job.send(metrics={"lr": 0.001, "loss_gen": 20.5})
    visitor = visit(desk)
    visitor.enter("viewer")
    page = visitor.open(detail("logs"))
    numbers = page.get_by_role("region", name="Logged numbers")
    for loss in (19.5, 18.5, 17.5):
        job.send(metrics={"lr": 0.001, "loss_gen": loss})
        expect(numbers).to_contain_text(f"{loss:.2f}")
    expect(numbers.get_by_role("img", name="Chart of loss_gen")).to_be_visible()
    assert numbers.locator("figure").first.inner_text().startswith("loss_gen")  # losses first
    job.send(metrics={"lr": 0.001, "loss_gen": "NaN"})
    expect(numbers.get_by_text("now NaN")).to_be_visible()
    assert visitor.complaints == []


def test_a_save_of_its_own_that_failed_is_shown(desk: Any, visit: Any) -> None:
    failed = wire.CheckpointState(status="failed", error="no space left on device")
    ByHand(desk, "full", name="full").send(checkpoint=failed)
    visitor = visit(desk)
    visitor.enter("viewer")
    page = visitor.open(detail("full"))
    saves = page.get_by_role("region", name="Checkpoints").first
    expect(saves.get_by_role("alert")).to_contain_text("no space left on device")


def test_phases_say_how_far_each_is(desk: Any, visit: Any) -> None:
    job = ByHand(desk, "walks", name="walks")
    job.phase(0, "done", 568, 568)
    job.phase(1, "running", 12)
    job.send()
    visitor = visit(desk, viewport=admin_page.PHONE)
    visitor.enter("viewer")
    page = visitor.open(detail("walks"))
    phases = page.get_by_role("table", name="Phases")
    expect(phases.get_by_role("row", name="Preprocessing audio")).to_contain_text("done")
    expect(phases.get_by_role("row", name="Extracting pitch")).to_contain_text("running, how much is not known")
    bar = page.get_by_role("img", name="walks: 10 %, phase 2 of 6: Extracting pitch")
    expect(bar).to_be_visible()
    assert "Training (50 % of the job): not begun" in (bar.get_attribute("aria-label") or "")
    job.phase(1, "running", 50, 100)
    job.send()
    expect(phases.get_by_role("row", name="Extracting pitch")).to_contain_text("running, 50 %")


def test_a_job_leads_to_its_trace_its_dashboard_and_the_run_after(desk: Any, visit: Any) -> None:
    ByHand(desk, "first", name="chain", trace_id=TRACE).send(status="failed", error="killed")
    ByHand(desk, "next", name="chain", parent_id="first", attempt=2).send()
    visitor = visit(desk)
    visitor.enter("viewer")
    page = visitor.open(detail("first"))
    trace, board = page.get_by_role("link", name="Trace"), page.get_by_role("link", name="Dashboard (opens")
    expect(trace).to_have_attribute("href", f"https://traces.example/trace/{TRACE}")
    expect(board).to_have_attribute("href", "https://grafana.example/d/mixdesk-job?var-job_id=first")
    page.get_by_role("region", name="Went on as").get_by_role("link").click()
    page.wait_for_url("**/?id=next")
    expect(page.locator("dd").filter(has_text="goes on from")).to_contain_text("first")


def test_one_that_succeeded_says_how_good_its_time_left_was(desk: Any, visit: Any) -> None:
    job = ByHand(desk, "good", name="good", job_type="tts_generate", input_file="/texts/a.txt")
    for index in range(5):
        job.phase(index, "running", 1, 2)
        job.send()
        time.sleep(STEP_S)
        job.phase(index, "done", 2, 2)
    job.send(
        status="succeeded",
        completed_at=wire.now_text(time.time()),
        artifacts=[{"type": "audio", "path": "/out/a.wav", "url": "https://x.example/a.wav"}],
    )
    scores = desk.get("/jobs/good/history")["scores"]
    visitor = visit(desk)
    visitor.enter("viewer")
    page = visitor.open(detail("good"))
    expect(page.get_by_role("region", name="Files")).to_contain_text("/out/a.wav")
    expect(page.get_by_role("link", name="open /out/a.wav")).to_have_attribute("href", "https://x.example/a.wav")
    assert scores is not None
    expect(page.get_by_role("region", name="How good the time left was")).to_contain_text("The percentage was off by")
    expect(page.get_by_role("region", name="What happened")).to_contain_text("succeeded")


def test_a_phone_shows_a_full_page_without_scrolling_sideways(full_desk: Any, visit: Any) -> None:
    visitor = visit(full_desk, viewport=admin_page.PHONE)
    visitor.enter("operator")
    page = visitor.open(detail(full_desk.job_ids["running"]))
    expect(page.get_by_role("table", name="Files of the checkpoints")).to_be_visible()
    expect(page.get_by_role("region", name="GPU of this job")).to_be_visible()
    assert not page.evaluate("document.scrollingElement.scrollWidth > innerWidth")
