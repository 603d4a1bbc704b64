"""`npm run dev`: the pages from their source on a port of their own, against a desk that runs."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import requests
from admin_page import ROOT
from admin_shell import HandJob, expect_connection
from live_desk import Desk, free_port, wait_until
from playwright.sync_api import expect

ADMIN = ROOT / "admin"
START_S = 120.0


@pytest.fixture
def dev(tmp_path: Path) -> Iterator[Any]:
    """A desk, and Next's development server before it."""
    if shutil.which("npm") is None or not (ADMIN / "node_modules" / "next").is_dir():
        (pytest.fail if os.environ.get("CI") else pytest.skip)("needs Node and admin/node_modules: npm ci in admin/")
    port = free_port()
    config = tmp_path / "mixdesk.toml"
    config.write_text(f'[server]\nallowed_origins = ["http://localhost:{port}"]\n')
    desk = Desk(tmp_path / "state", free_port(), config=config)
    desk.start()
    log = (tmp_path / "dev.log").open("wb")
    server = subprocess.Popen(
        ["npx", "next", "dev", "--port", str(port)], cwd=ADMIN, stdout=log, stderr=log, start_new_session=True,
        env={**os.environ, "MIXDESK_DESK": desk.url, "NEXT_TELEMETRY_DISABLED": "1"},
    )  # fmt: skip
    url = f"http://localhost:{port}"
    try:
        wait_until(lambda: _answers(url), "the development server's answer", START_S)
        yield SimpleNamespace(url=url, desk=desk)
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(30)
        log.close()
        desk.close()


def _answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/ui/login/", timeout=60).status_code == 200
    except requests.RequestException:
        return False


def test_it_signs_in_and_shows_what_its_desk_does(dev: Any, visit: Any) -> None:
    visitor = visit(dev)
    page = visitor.open("/ui/login/")
    page.get_by_label("Login link or token").fill(dev.desk.token("admin"))
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{dev.url}/ui/", timeout=90_000)
    expect_connection(page, "live")  # a WebSocket, handed on
    job = HandJob(dev.desk, "anton")
    job.reach(40)
    expect(page).to_have_title("(40 %) anton · Overview · Mixdesk")
    page.get_by_role("button", name="Signed in as admin").click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_text("You are signed out.")).to_be_visible()
