"""The desk goes away under open pages and comes back: they say so meanwhile, and go on without being loaded anew."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from admin_day_jobs import Told
from admin_page import AWAY, Visitor
from asset_world import AssetDesk, program
from live_desk import free_port
from playwright.sync_api import expect

Visit = Callable[..., Visitor]
PAGES = (
    "",
    "jobs/",
    "jobs/detail/?id=day-1-anton",
    "assets/",
    "logs/",
    "alerts/",
    "dashboards/",
    "audit/",
    "settings/",
)
AWAY_WORDS = re.compile(r"stale for|\bstale \d|reconnecting|does not answer|no answer", re.IGNORECASE)


@pytest.fixture
def busy_desk(tmp_path: Path) -> Iterator[AssetDesk]:
    """A desk with a job, an asset and a log."""
    (tmp_path / "app.log").write_text("2026-12-01 12:00:00 INFO it began\n")
    logs = f'[jobs]\nlease_s = 60\n[logs]\ncompose = []\n[logs.services]\napp = ["{tmp_path}/app.log"]\n'
    own = AssetDesk(tmp_path, free_port(), [program("bark", "exec sleep 1000", detach=True)], settings=logs)
    own.start()
    yield own
    own.close()


@pytest.fixture
def job(busy_desk: AssetDesk, tmp_path: Path) -> Iterator[Told]:
    made = Told("anton", "training_rvc", share=0.3, pace=2.0)
    made.begin(tmp_path / "checkpoints", 1)
    made.beat(busy_desk.url, busy_desk.token("reporter"), 0.0)
    yield made
    made.end()


def test_every_open_page_outlives_a_restart(busy_desk: AssetDesk, job: Told, tmp_path: Path, visit: Visit) -> None:
    visitor = visit(busy_desk)
    visitor.enter()
    visitor.forgive(*AWAY)
    visitor.page.close()
    pages = {}
    for path in PAGES:
        page = visitor.new_page()
        page.goto(f"{busy_desk.url}/ui/{path}")
        page.locator("h1").wait_for()
        page.evaluate("window.same = true")
        pages[path] = page
    expect(pages["jobs/detail/?id=day-1-anton"].get_by_text("anton").first).to_be_visible()

    busy_desk.end(signal.SIGKILL)
    for path, page in pages.items():
        page.bring_to_front()
        expect(page.get_by_text(AWAY_WORDS).first, f"/ui/{path} says that the desk is away").to_be_visible()
        assert page.locator("h1").is_visible(), path  # what was known stays

    busy_desk.start()
    job.beat(busy_desk.url, busy_desk.token("reporter"), 30.0)
    busy_desk.done("bark", "start")
    with (tmp_path / "app.log").open("a") as log:
        log.write("2026-12-01 12:10:00 INFO it goes on\n")
    for path, page in pages.items():
        page.bring_to_front()
        expect(page.get_by_text(AWAY_WORDS), f"/ui/{path} is live again").to_have_count(0)
        assert page.evaluate("window.same"), f"/ui/{path} was loaded anew"
    expect(pages["jobs/detail/?id=day-1-anton"].get_by_text("121").first).to_be_visible()  # of 200 epochs
    expect(pages["assets/"].get_by_role("cell", name="running").first).to_be_visible()
    expect(pages["logs/"].get_by_text("it goes on").first).to_be_visible()
    assert visitor.complaints == []
