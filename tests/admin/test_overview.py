"""The overview: live figures with their past, who holds what, what is wrong, and what to do where there is nothing."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import admin_overview_load
import pytest
import standin_gpu
from admin_axe import axe
from admin_page import PATIENCE_MS, PHONE
from playwright.sync_api import Locator, Page, expect

expect.set_options(timeout=PATIENCE_MS)

FIGURE = re.compile(r"\d+ %")


def panel(page: Page, title: str) -> Locator:
    """A part of the page by its heading."""
    return page.get_by_role("region", name=title, exact=True)


def chart(page: Page, title: str) -> Locator:
    return page.get_by_role("img", name=re.compile(rf"^Chart of {title}, newest"))


def test_everything_on_one_page(full_desk: Any, visit: Any) -> None:
    visitor = visit(full_desk)
    visitor.enter("operator")
    page = visitor.open("/ui/")
    jobs = panel(page, "Jobs")
    expect(jobs.get_by_role("link", name=full_desk.told["running"].name)).to_be_visible()
    expect(jobs.get_by_role("listitem").filter(has_text=full_desk.told["lost"].name)).to_contain_text("lost")
    expect(jobs.get_by_text("Ended last")).to_be_visible()
    expect(panel(page, "Alerts").get_by_text("JobLost", exact=True)).to_be_visible()
    expect(panel(page, "Alerts").get_by_role("link", name="what to do about JobLost")).to_have_attribute(
        "href", "/runbooks/JobLost"
    )
    expect(panel(page, "Assets").get_by_text("RVC base model")).to_be_visible()
    for title in ("CPU", "Memory", "Network", "GPU 0", "GPU 0 VRAM", "GPU 1", "GPU 1 VRAM"):
        expect(chart(page, title).locator("canvas")).to_be_visible()
    expect(chart(page, "CPU")).to_have_accessible_name(FIGURE)
    assert (visitor.complaints, visitor.elsewhere) == ([], [])


def test_who_holds_gpu_memory(full_desk: Any, visit: Any) -> None:
    visitor = visit(full_desk)
    visitor.enter()
    page = visitor.open("/ui/")
    first = page.get_by_role("img", name=re.compile("^Memory of GPU 0: "))
    expect(first).to_have_accessible_name(re.compile(r"RVC base model 4\.0 GiB, .*other processes .*free "))
    second = page.get_by_role("img", name=re.compile("^Memory of GPU 1: "))
    told = full_desk.told
    for bar, fate, size in (
        (second, "running", 9),
        (second, "second", 6),
        (first, "paused", 3),
        (first, "converting", 2),
    ):
        expect(bar).to_have_accessible_name(re.compile(rf"{told[fate].name} {size}\.0 GiB"))
    held = panel(page, "Who holds GPU memory")
    row = held.get_by_role("listitem").filter(has_text=told["running"].name)
    expect(row).to_have_count(1)
    expect(row).to_contain_text("9.0 GiB")
    assert axe(page, rule="target-size") == []


def test_gpu_memory_of_jobs_is_drawn_beside_that_of_assets(full_desk: Any, visit: Any) -> None:
    visitor = visit(full_desk)
    visitor.enter()
    page = visitor.open("/ui/assets/")
    told = full_desk.told
    second = page.get_by_role("region", name=re.compile("^GPU 1"))
    expect(second).to_contain_text(f"job {told['running'].name} 9.0 GiB")
    link = second.get_by_role("link", name=told["running"].name)
    expect(link).to_have_attribute("href", f"/ui/jobs/detail/?id={full_desk.job_ids['running']}")
    first = page.get_by_role("region", name=re.compile("^GPU 0"))
    expect(first).to_contain_text(f"job {told['paused'].name} 3.0 GiB")
    expect(first).to_contain_text("rvc-base 4.0 GiB")
    assert axe(page, rule="target-size") == []


def test_an_error_in_a_log_leads_to_its_log(full_desk: Any, visit: Any) -> None:
    visitor = visit(full_desk)
    visitor.enter("operator")
    errors = panel(visitor.open("/ui/"), "Newest errors")
    link = errors.get_by_role("link", name=re.compile("^api.")).first
    expect(link).to_have_attribute("href", re.compile(r"^/ui/logs/\?service=api&source=[\w.-]+&level=error$"))


def test_readings_come_once_a_second_after_those_before(full_desk: Any, visit: Any) -> None:
    visitor = visit(full_desk)
    visitor.enter()
    page = visitor.open("/ui/")
    page.get_by_role("button", name="table of CPU").click()
    rows = page.get_by_role("region", name="Figures of CPU").locator("tbody tr")
    expect(rows.nth(4)).to_be_visible()  # the past comes at once
    newest = rows.first.inner_text()
    expect(rows.first).not_to_have_text(re.compile(re.escape(newest.split("\t")[0])))
    expect(rows.first).to_contain_text(FIGURE)
    page.get_by_role("button", name="table of CPU").click()
    expect(chart(page, "CPU").locator("canvas")).to_be_visible()


def test_the_pointer_reads_the_past(full_desk: Any, visit: Any) -> None:
    visitor = visit(full_desk)
    visitor.enter()
    page = visitor.open("/ui/")
    expect(chart(page, "CPU").locator("canvas")).to_be_visible()
    figure = page.get_by_role("figure").filter(has=chart(page, "CPU"))
    figure.locator(".u-over").hover()
    expect(figure.get_by_text(re.compile(r"^at \d\d:\d\d:\d\d$"))).to_be_visible()
    page.mouse.move(0, 0)
    expect(figure.get_by_text(re.compile(r"^at "))).to_have_count(0)


def test_charts_take_the_colours_of_the_theme(full_desk: Any, visit: Any) -> None:
    visitor = visit(full_desk, color_scheme="dark")
    visitor.enter()
    page = visitor.open("/ui/")
    expect(chart(page, "CPU").locator("canvas")).to_be_visible()
    dark = _inks(page)
    page.evaluate("document.documentElement.dataset.theme = 'light'")
    page.wait_for_function(f"dark => JSON.stringify(({_INKS})()) !== JSON.stringify(dark)", arg=dark)
    expect(chart(page, "CPU").locator("canvas")).to_have_count(1)


# the lightest ink of the axes: near white on dark, and not on light
_INKS = """() => {
  const canvas = document.querySelector('.uplot canvas');
  const { data } = canvas.getContext('2d').getImageData(0, 0, 60, canvas.height);
  let sum = 0, count = 0;
  for (let at = 0; at < data.length; at += 4) if (data[at + 3] > 200) { sum += data[at]; count += 1; }
  return count === 0 ? null : sum / count > 128;
}"""


def _inks(page: Page) -> Any:
    page.wait_for_function(f"({_INKS})() !== null")
    return page.evaluate(_INKS)


def test_an_empty_desk_says_what_to_do_next(empty_desk: Any, visit: Any) -> None:
    visitor = visit(empty_desk)
    visitor.enter()
    page = visitor.open("/ui/")
    for title, words in {
        "Jobs": "with mixdesk.job(",
        "Assets": "mixdesk assets init",
        "Alerts": "No Alertmanager tells this desk anything yet",
        "Newest errors": "No errors in the last hour",
    }.items():
        expect(panel(page, title)).to_contain_text(words)
    expect(panel(page, "Jobs")).to_contain_text("mixdesk demo")
    expect(chart(page, "CPU")).to_have_accessible_name(FIGURE)
    expect(page.get_by_text("No GPU was found on this host.")).to_be_visible()
    expect(page.get_by_role("region", name="Who holds GPU memory")).to_have_count(0)
    assert visitor.complaints == []


def test_a_viewer_sees_all_but_the_logs(full_desk: Any, visit: Any) -> None:
    visitor = visit(full_desk)
    visitor.enter("viewer")
    page = visitor.open("/ui/")
    expect(panel(page, "Jobs").get_by_role("link", name=full_desk.told["running"].name)).to_be_visible()
    expect(chart(page, "GPU 0")).to_be_visible()
    expect(page.get_by_role("region", name="Newest errors")).to_have_count(0)
    assert visitor.complaints == []


@pytest.mark.parametrize("role", ["viewer", "operator"])
def test_who_is_bound_to_an_owner_sees_their_jobs_alone(full_desk: Any, visit: Any, role: str) -> None:
    owners = {job.owner for job in full_desk.told.values()} - {None}
    owner = min(owners)
    own = {job.name for job in full_desk.told.values() if job.owner == owner}
    others = {job.name for job in full_desk.told.values() if job.owner != owner} - own
    visitor = visit(full_desk)
    visitor.enter(token=full_desk.new_token(role, owner=owner))
    page = visitor.open("/ui/")
    jobs = panel(page, "Jobs")
    expect(jobs.get_by_role("link", name=re.compile("|".join(map(re.escape, own)))).first).to_be_visible()
    expect(chart(page, "CPU")).to_have_accessible_name(FIGURE)
    expect(panel(page, "Assets").get_by_text("RVC base model")).to_be_visible()
    expect(page.get_by_role("region", name="Newest errors")).to_have_count(0)
    shown = page.inner_text("main")
    assert [name for name in others if name in shown] == []
    assert visitor.complaints == []


def test_a_phone_shows_alerts_before_the_charts(full_desk: Any, visit: Any) -> None:
    visitor = visit(full_desk, viewport=PHONE)
    visitor.enter()
    page = visitor.open("/ui/")
    expect(chart(page, "CPU").locator("canvas")).to_be_visible()
    alerts, cpu = panel(page, "Alerts").bounding_box(), chart(page, "CPU").bounding_box()
    assert alerts is not None and cpu is not None and alerts["y"] < cpu["y"]
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")


def test_a_desk_without_meters_says_so(tmp_path: Path, visit: Any) -> None:
    from live_desk import Desk, free_port

    desk = Desk(tmp_path / "state", free_port())
    desk.arguments.append("--no-exporter")
    desk.start()
    try:
        visitor = visit(desk)
        visitor.forgive(r"status of (404|503)", "WebSocket")
        visitor.enter()
        page = visitor.open("/ui/")
        expect(page.get_by_text("No figures of this host")).to_be_visible()
        expect(page.get_by_text("mixdesk doctor")).to_be_visible()
        visitor.close()
    finally:
        desk.close()


def test_a_dozen_charts_are_drawn_live(tmp_path: Path, visit: Any) -> None:
    library = tmp_path / "nvml"
    library.mkdir()
    with admin_overview_load.desk_of_many_gpus(tmp_path, standin_gpu.build(library)) as desk:
        visitor = visit(desk)
        visitor.enter()
        page = visitor.open("/ui/")
        expect(page.locator(".uplot canvas")).to_have_count(admin_overview_load.CHARTS)
        costs = admin_overview_load.main_thread_share(page, 3)
        print(costs)
        assert set(costs) == {"task", "script", "layout", "style", "heap"}
        visitor.close()
