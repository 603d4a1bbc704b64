"""Who sees which logs, what stands there where there is none, and what everybody must be able to use."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from admin_axe import axe
from admin_logs import TRACEBACK, LogDesk, log_desk, now_line, rows
from admin_logs_load import measure_tail
from live_desk import Desk, free_port, wait_until
from playwright.sync_api import expect

MOST_BUSY = 0.30


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LogDesk]:
    with log_desk(tmp_path_factory.mktemp("logs"), services=16) as made:
        yield made


def test_an_empty_desk_says_what_to_do(desk: Any, visit: Any) -> None:
    visitor = visit(desk)
    visitor.enter("operator")
    page = visitor.open("/ui/logs/")
    expect(page.get_by_text("compose = [")).to_be_visible()
    expect(page.get_by_text("capture_output=True").first).to_be_visible()
    assert axe(page) == []
    assert visitor.complaints == []


def test_a_viewer_sees_the_logs_of_jobs_alone(shared: LogDesk, visit: Any) -> None:
    own = shared.take()
    own.log().lines(0, 3)
    own.wait_for("engine")
    trainer = shared.desk.trainer("--capture", script="loud.py")
    job = wait_until(lambda: next((one for one in shared.desk.jobs() if one["log_stream"]), None), "a job with a log")
    visitor = visit(shared.desk)
    visitor.enter("viewer")
    page = visitor.open("/ui/logs/")
    expect(page.get_by_role("navigation", name="Services").get_by_role("link", name="jobs")).to_be_visible()
    expect(page.get_by_role("navigation", name="Services").get_by_role("listitem")).to_have_count(1)
    expect(page.get_by_role("link", name="its job")).to_have_attribute("href", f"/ui/jobs/detail/?id={job['job_id']}")
    expect(rows(page).first).to_be_visible()
    trainer.wait(60)
    page = visitor.open(f"/ui/logs/?service={own.service}")
    expect(page.get_by_text(f"No service {own.service} writes logs here")).to_be_visible()
    assert visitor.complaints == []


def test_many_services_overflow_into_a_list_with_a_search(shared: LogDesk, visit: Any) -> None:
    logs = [shared.take() for _ in range(9)]
    for one in logs:
        one.log().lines(0, 2)
    logs[-1].wait_for("engine")
    visitor = visit(shared.desk)
    visitor.enter("operator")
    page = visitor.open("/ui/logs/")
    page.get_by_role("button", name="All 17").click()
    page.get_by_label("Find a service").fill(logs[-1].service)
    page.get_by_role("dialog", name="All services").get_by_role("link", name=logs[-1].service).click()
    expect(page.get_by_role("heading", name=f"{logs[-1].service}/engine")).to_be_visible()
    assert visitor.complaints == []


def test_an_unreadable_log_says_why_and_what_helps(tmp_path: Path, visit: Any) -> None:
    config = tmp_path / "mixdesk.toml"
    secret = tmp_path / "logs" / "my-secret-app.log"
    secret.parent.mkdir()
    secret.write_text("INFO hidden\n")
    config.write_text(f'[logs]\ncompose = []\n[logs.services]\nvault = ["{secret.parent}/*.log"]\n')
    desk = Desk(tmp_path / "state", free_port(), config=config)
    desk.start()
    try:
        visitor = visit(desk)
        visitor.enter("operator")
        page = visitor.open("/ui/logs/?service=vault")
        expect(
            page.get_by_role("navigation", name="Logs of vault").get_by_text("unreadable", exact=True)
        ).to_be_visible()
        expect(page.get_by_role("alert").filter(has_text="cannot be read")).to_be_visible()
        assert axe(page) == []
    finally:
        desk.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_has_nothing_against_it(shared: LogDesk, visit: Any, scheme: str) -> None:
    own = shared.take()
    colours = "".join(f"\x1b[{code}mcolour {code}\x1b[0m " for code in (*range(30, 38), *range(90, 98), 41, 7, 2))
    own.log().write(now_line("WARNING", "w") + TRACEBACK + f"INFO {colours}\nCRITICAL end\n")
    own.wait_for("engine")
    visitor = visit(shared.desk, color_scheme=scheme)
    visitor.enter("operator")
    page = visitor.open(f"/ui/logs/?service={own.service}&find=colour")
    expect(page.get_by_text("● live")).to_be_visible()
    page.get_by_role("button", name="Unfold", exact=True).click()
    assert axe(page) == []
    page.locator('[role="log"]').focus()
    page.keyboard.press("k")
    expect(page.get_by_text("1 line selected")).to_be_visible()
    assert axe(page) == []
    page.goto(f"{shared.desk.url}/ui/logs/?view=search&q=colour&service={own.service}")
    expect(page.get_by_role("region", name="What was found").get_by_role("listitem")).to_have_count(1)
    assert axe(page) == []


def test_what_unfolds_a_record_is_large_enough_and_called_as_it_looks(shared: LogDesk, visit: Any) -> None:
    own = shared.take()
    own.log().write('{"level":"info","event":"a"}\n' * 4 + now_line("INFO", "between") + TRACEBACK * 3 + "INFO end\n")
    own.wait_for("engine")
    visitor = visit(shared.desk)
    visitor.enter("operator")
    page = visitor.open(f"/ui/logs/?service={own.service}")
    expect(rows(page).filter(has_text="INFO end")).to_be_visible()
    for rule in ("target-size", "label-content-name-mismatch"):
        assert axe(page, rule=rule) == []
    # rows of two heights lie one under the other
    boxes = page.locator('[role="log"] [data-index]').evaluate_all(
        "all => all.map((one) => one.getBoundingClientRect())"
    )
    ends = sorted((box["top"], box["bottom"]) for box in boxes)
    assert len(ends) == 9
    assert all(abs(one[1] - other[0]) < 1 for one, other in pairwise(ends)), ends


def test_two_thousand_lines_a_second_leave_the_browser_free(shared: LogDesk, visit: Any) -> None:
    own = shared.take()
    own.log().lines(0, 10)
    own.wait_for("engine")
    visitor = visit(shared.desk)
    visitor.enter("operator")
    page = visitor.open(f"/ui/logs/?service={own.service}")
    expect(page.get_by_text("● live")).to_be_visible()
    cost = measure_tail(page, own.log(), seconds=12)
    print(cost)
    expect(page.get_by_text("older ones were let go")).to_be_visible()
    assert cost.busy < MOST_BUSY, cost
    assert cost.heaps[-1] < cost.heaps[0] * 1.5, cost
    assert visitor.complaints == []
