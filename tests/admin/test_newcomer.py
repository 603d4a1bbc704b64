"""The first ten minutes: `mixdesk up`, the link, `mixdesk demo`; the job moves, is saved and ends in the browser."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from admin_axe import axe
from admin_page import Visitor, screenshot
from live_desk import MIXDESK, Desk, wait_until
from playwright.sync_api import expect

pytest.importorskip("mixdesk_voice")

Visit = Callable[..., Visitor]
MOVED = r"""first => Number((/([\d.]+)\s%/.exec(document.querySelector("main").innerText) ?? [0, 0])[1]) > first"""
FEW = 6  # recordings: the demo itself makes hundreds


@pytest.fixture
def demo(desk: Desk, tmp_path: Path) -> Iterator[Callable[[], subprocess.Popen[str]]]:
    """`mixdesk demo` beside the desk, on few recordings."""
    from mixdesk_voice import synth

    recordings = synth.write_voice(tmp_path / "recordings", FEW)
    started: list[subprocess.Popen[str]] = []

    def run() -> subprocess.Popen[str]:
        command = [MIXDESK, "demo", "--data", str(recordings), "--out", str(tmp_path / "demo")]
        started.append(
            subprocess.Popen(command, env=desk.env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        )
        return started[-1]

    yield run
    for one in started:
        one.kill()
        one.communicate()


def test_the_first_run(desk: Desk, demo: Callable[[], subprocess.Popen[str]], visit: Visit, tmp_path: Path) -> None:
    visitor = visit(desk)
    visitor.forgive("/admin/logs/stream/jobs/")  # 404 until the run has written its first line
    page = visitor.page
    link = re.search(r"http://\S+/ui/login/#\S+", desk.cli("login").stdout)
    assert link is not None
    page.goto(link[0])
    expect(page.get_by_text("mixdesk demo").first).to_be_visible()
    screenshot(page, "newcomer-1-nothing-yet")

    running = demo()
    name = page.get_by_role("link", name=re.compile("voice-1")).first
    expect(name).to_be_visible(timeout=90_000)
    wait_until(lambda: desk.get("/jobs")["items"][0]["current_step"]["key"] == "training", "the training")
    name.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("voice-1")
    first = shown_percent(page.inner_text("main"))
    page.wait_for_function(MOVED, arg=first, timeout=60_000)
    screenshot(page, "newcomer-2-it-moves")

    page.get_by_role("button", name="Cancel").first.click()
    page.get_by_role("dialog").get_by_role("button", name="Save & cancel").click()
    wait_until(lambda: desk.get("/jobs")["items"][0]["status"] == "canceled", "the end of the run")
    expect(page.get_by_text("canceled").first).to_be_visible()
    # the file may be one that was there: a position that is saved already is not saved twice
    saved = desk.get("/jobs")["items"][0]["details"]["last_checkpoint_path"]
    expect(page.get_by_text(Path(saved).name).first).to_be_visible()
    assert axe(page) == []
    screenshot(page, "newcomer-3-saved-and-canceled")
    assert Path(saved).is_file()
    assert running.wait(60) == 0
    assert desk.cli("checkpoints", "verify", saved).returncode == 0
    assert visitor.complaints == visitor.elsewhere == []


def shown_percent(text: str) -> float:
    found = re.search(r"([\d.]+)\s%", text)
    return float(found[1]) if found else 0.0
