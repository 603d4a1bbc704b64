"""Ages and the time left are the desk's, whatever the browser's clock and zone say."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from admin_jobs import ByHand, desk_with_lease
from live_desk import Desk, wait_until
from playwright.sync_api import expect

HOUR_MS = 3_600_000
LEASE_S = 600
CALCUTTA = timedelta(hours=5, minutes=30)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    own = desk_with_lease(tmp_path_factory.mktemp("clocks"), LEASE_S)
    own.start()
    try:
        yield own
    finally:
        own.close()


def shifted(visit: Any, desk: Desk, shift_ms: int) -> Any:
    """Somebody whose clock is wrong by so much, in India."""
    visitor = visit(desk, timezone_id="Asia/Kolkata")
    visitor.context.add_init_script(
        f"""{{ const Real = Date, now = () => Real.now() + {shift_ms};
        globalThis.Date = class extends Real {{
            constructor(...of) {{ of.length ? super(...of) : super(now()); }}
            static now() {{ return now(); }}
        }}; }}"""
    )
    visitor.enter("viewer")
    return visitor


@pytest.mark.parametrize("shift_ms", [HOUR_MS, -HOUR_MS])
def test_ages_and_the_time_left_are_right(desk: Any, visit: Any, shift_ms: int) -> None:
    name = f"by{shift_ms}"
    job = ByHand(desk, name, name=name)
    job.phase(0, "running", 100, 1000)
    job.send()
    for done in (200, 300, 400):
        time.sleep(0.6)
        job.phase(0, "running", done, 1000)
        job.send()
    known = wait_until(lambda: desk.get(f"/jobs/{name}")["eta_seconds"] and desk.get(f"/jobs/{name}"), "an ETA", 20)
    page = shifted(visit, desk, shift_ms).open(f"/ui/jobs/detail/?id={name}")
    left = page.get_by_text(re.compile("^done about")).first
    expect(left).to_be_visible()
    words = left.locator("time").inner_text()
    told = datetime.fromisoformat(known["last_report_at"]) + timedelta(seconds=known["eta_seconds"])
    near = {(told.astimezone(UTC) + CALCUTTA + timedelta(minutes=off)).strftime("%H:%M") for off in (-1, 0, 1)}
    assert words.split()[-1] in near, (words, near, known["eta_seconds"])
    expect(page.locator("dd").filter(has_text=re.compile(r"^(just now|\d+ s ago)$")).first).to_be_visible()
