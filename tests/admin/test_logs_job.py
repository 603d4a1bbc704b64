"""The log on the page of a job: where there is none, words; where there is one, its tail."""

from __future__ import annotations

import socket
from typing import Any

from admin_jobs import ByHand
from admin_logs import Writing, rows, until
from playwright.sync_api import expect

SLOWLY_MS = 60_000
"""It is looked for again after half a minute."""


def detail(job_id: str) -> str:
    return f"/ui/jobs/detail/?id={job_id}"


def sources(desk: Any) -> list[dict[str, Any]]:
    services = desk.get("/admin/logs/services")["items"]
    if not any(one["service"] == "jobs" for one in services):
        return []
    return list(desk.get("/admin/logs/sources/jobs")["items"])


def test_a_job_that_writes_no_log_says_why_and_shows_one_that_comes(desk: Any, visit: Any) -> None:
    quiet = ByHand(desk, "quiet", name="quiet", log_stream="jobs/quiet")
    quiet.send(host=socket.gethostname())
    visitor = visit(desk)
    visitor.enter("operator")
    streams: list[str] = []
    visitor.page.on("websocket", lambda opened: streams.append(opened.url))
    page = visitor.open(detail("quiet"))
    expect(page.get_by_text("This job has written no log so far")).to_be_visible()
    expect(page.get_by_text("capture_output=True")).to_be_visible()
    assert not [url for url in streams if "/admin/logs/" in url]
    Writing(desk.state / "logs" / "jobs" / "training_rvc" / "quiet.log").write("INFO hello\n")
    expect(rows(page)).to_contain_text("hello", timeout=SLOWLY_MS)
    # what a browser is refused would stand here
    assert visitor.complaints == []


def test_a_job_of_another_host_says_where_its_log_would_be(desk: Any, visit: Any) -> None:
    ByHand(desk, "far", name="far", log_stream="jobs/far").send()
    visitor = visit(desk)
    visitor.enter("operator")
    until(lambda: any(one["id"] == "far" for one in sources(desk)), "the desk's word on the log")
    page = visitor.open(detail("far"))
    expect(page.get_by_text("The desk says: it runs on box1: if it keeps a log, that is there")).to_be_visible()
    assert rows(page).count() == 0
    assert visitor.complaints == []


def test_a_job_that_is_over_says_that_its_log_is_not_kept(desk: Any, visit: Any) -> None:
    ByHand(desk, "done", name="done", log_stream="jobs/done").send(status="failed")
    ByHand(desk, "nameless", name="nameless").send(status="failed")
    visitor = visit(desk)
    visitor.enter("viewer")
    for job in ("done", "nameless"):
        page = visitor.open(detail(job))
        expect(page.get_by_text("No log of this job is here")).to_be_visible()
    assert visitor.complaints == []
