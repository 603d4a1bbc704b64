"""docs/backends.md: its commands run as they stand, its paths are those of the plan, served with the role it says."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pages
import pytest
from live_desk import Desk, wait_until
from php_site import ROLES
from websockets.sync.client import connect
from websockets.typing import Subprotocol

DOC = pages.page("backends")
PLAN = {
    ("GET", "/admin/logs/services"),
    ("GET", "/admin/logs/sources/{service}"),
    ("WS", "/admin/logs/stream/{service}/{source}"),
    ("GET", "/admin/logs/download/{service}/{source}"),
    ("GET", "/admin/assets"),
    ("POST", "/admin/assets/{asset_id}/start"),
    ("POST", "/admin/assets/{asset_id}/stop"),
    ("GET", "/admin/assets/{asset_id}/status"),
}
"""Sections 2.4 and 4.3 of the implementation plan."""


def shell(live: Desk, code: str, folder: Path, **more: str) -> str:
    files = {f"{role.upper()}_TOKEN_FILE": str(live.state / "tokens" / role) for role in ROLES}
    env = {**live.env, **files, "MIXDESK_URL": live.url, "MIXDESK_STATE_DIR": str(folder / "state"), **more}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", code], env=env, cwd=folder, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_paths_are_the_plans_and_the_desks() -> None:
    rows = pages.table(DOC, "path", "role", "how")
    said = {(*pages.names(row[0])[0].split(), row[1]) for row in rows}
    known = {
        (row[0], pages.names(row[1])[0], row[2]) for row in pages.table(pages.page("api"), "method", "path", "role", "")
    }
    assert said <= known
    assert {(method, path) for method, path, _ in said} >= PLAN


@pytest.mark.parametrize("mark", ["pass", "ticket", "queue", "train"])
def test_the_commands_are_there(mark: str) -> None:
    assert pages.marked(DOC, mark)
    assert shutil.which("curl"), "needs the Debian package curl"


def test_what_is_passed_on(live: Desk, tmp_path: Path) -> None:
    listed, started = map(
        json.loads,
        shell(live, pages.marked(DOC, "pass").replace("sed ", "echo; sed "), tmp_path).split("\n")[1:],
    )
    assert "items" in listed and "operation" in started
    operation = live.post("/admin/assets/rvc/stop?force=true", {})["operation"]
    path = f"/admin/operations/{operation}"
    wait_until(lambda: live.get(path)["state"] in ("succeeded", "failed"), "the stop")


def test_no_command_line_holds_a_token() -> None:
    """Of programs that are started: those of the shell's own printf are none. And what GNU alone knows is not used."""
    for mark in ("pass", "ticket", "queue"):
        assert not re.search(r"Bearer \$|\$\(cat|%3N|sha256sum", pages.marked(DOC, mark)), mark


def test_a_ticket(live: Desk, tmp_path: Path) -> None:
    ticket = json.loads(shell(live, pages.marked(DOC, "ticket"), tmp_path))["ticket"]
    url = live.url.replace("http", "ws") + "/jobs/stream?after=0"
    with connect(url, subprotocols=[Subprotocol("mixdesk.v1"), Subprotocol(f"ticket.{ticket}")], proxy=None) as stream:
        assert stream.subprotocol == "mixdesk.v1"


TRAINER = """
import os, time
import mixdesk, requests

desk, (job_id, job_key) = os.environ["MIXDESK_URL"], os.environ["MIXDESK_JOB"].split(":")
asking = {"headers": {"Authorization": "Bearer " + os.environ["MIXDESK_TOKEN"]}, "timeout": 60}

with mixdesk.job("training_rvc") as job:
    for _ in job.track("preprocessing", range(4)):
        pass
    newest = {}
    while newest.get("status") != "running":
        time.sleep(0.05)
        given = requests.get(f"{desk}/jobs/{job_id}/report", **asking | {
            "headers": asking["headers"] | {"X-Mixdesk-Job-Key": job_key}})
        newest = given.json()
    late = {"v": 1, "job_id": job_id, "job_key": job_key, "job_type": "training_rvc", "seq": 2, "status": "failed"}
    print("late", requests.put(f"{desk}/jobs/{job_id}/report", json=late | {"error": "did not start"}, **asking))
"""


def test_a_job_is_queued_and_taken_up(live: Desk, tmp_path: Path) -> None:
    """And whoever says too late that its trainer did not start does no harm."""
    (tmp_path / "train.py").write_text(TRAINER)
    code = "\n".join([pages.marked(DOC, "queue"), 'echo; echo "$job_id"', pages.marked(DOC, "train")])
    said = shell(live, code, tmp_path, PATH=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    job = live.get(f"/jobs/{said.splitlines()[1]}")
    assert "late <Response [200]>" in said
    assert (job["status"], job["owner"], job["error"]) == ("succeeded", "anna", None)
