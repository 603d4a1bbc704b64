"""The page of the logs: a real desk, real files, a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from admin_logs import EVIL, TRACEBACK, LogDesk, OwnLogs, all_marks, all_texts, log_desk, now_line, rows, texts, until
from playwright.sync_api import Page, expect


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LogDesk]:
    with log_desk(tmp_path_factory.mktemp("logs"), services=20) as made:
        yield made


@pytest.fixture
def logs(shared: LogDesk) -> OwnLogs:
    return shared.take()


def opened(visit: Any, logs: OwnLogs, query: str = "", source: str = "engine", **options: Any) -> tuple[Any, Page]:
    """The page of the logs of its service, once its tail is live."""
    logs.wait_for(source)
    visitor = visit(logs.desk, **options)
    visitor.enter("operator")
    page = visitor.open(f"/ui/logs/?service={logs.service}{query}")
    expect(page.get_by_text("● live")).to_be_visible()
    return visitor, page


def test_shows_the_last_lines_and_each_new_one_at_the_end(logs: OwnLogs, visit: Any) -> None:
    engine = logs.log()
    engine.lines(0, 300)
    visitor, page = opened(visit, logs)
    expect(rows(page).filter(has_text="line 299")).to_be_visible()
    engine.write(now_line("ERROR", "out of memory"))
    expect(rows(page).filter(has_text="out of memory")).to_be_visible()
    expect(rows(page).last).to_contain_text("error")
    assert visitor.complaints == []


def test_chooses_the_best_source_and_takes_names_kinds_and_filters_from_the_address(logs: OwnLogs, visit: Any) -> None:
    logs.log("error").write(now_line("ERROR", "upstream"))
    logs.log("laravel").lines(0, 10)
    _, page = opened(visit, logs, source="error")
    expect(page.get_by_role("heading", name=f"{logs.service}/error")).to_be_visible()
    page.get_by_role("navigation", name=f"Logs of {logs.service}").get_by_role("link", name="laravel").click()
    expect(page.get_by_role("heading", name=f"{logs.service}/laravel")).to_be_visible()
    assert "source=laravel" in page.url
    page.goto(f"{logs.desk.url}/ui/logs/?service={logs.service}&source=application&q=line+7")
    expect(rows(page)).to_have_count(1)
    expect(rows(page)).to_contain_text("line 7")


def test_stands_still_while_one_reads_and_follows_again_by_button_or_key(logs: OwnLogs, visit: Any) -> None:
    engine = logs.log()
    engine.lines(0, 500)
    _, page = opened(visit, logs)
    page.locator('[role="log"]').hover()
    page.mouse.wheel(0, -2000)
    expect(page.get_by_text("‖ paused")).to_be_visible()
    before = texts(page)
    engine.lines(500, 40)
    expect(page.get_by_role("button", name="40 new lines")).to_be_visible()
    assert texts(page) == before
    page.get_by_role("button", name="40 new lines").click()
    expect(rows(page).filter(has_text="line 539")).to_be_visible()
    page.locator('[role="log"]').focus()
    page.keyboard.press("Home")
    expect(page.get_by_text("‖ paused")).to_be_visible()
    page.keyboard.press("End")
    expect(page.get_by_text("● live")).to_be_visible()
    engine.lines(540, 1)
    expect(rows(page).filter(has_text="line 540")).to_be_visible()


def test_filters_by_text_pattern_and_level_at_the_desk_and_keeps_it_in_the_address(logs: OwnLogs, visit: Any) -> None:
    engine = logs.log()
    for number in range(20):
        engine.write(now_line(("INFO", "WARNING", "ERROR")[number % 3], f"step {number}"))
    visitor, page = opened(visit, logs)
    page.get_by_role("button", name="error", exact=True).click()
    expect(rows(page)).to_have_count(6)
    page.get_by_label("Only lines that contain a text").fill("STEP 1")
    expect(rows(page)).to_have_count(3)
    assert "level=error" in page.url and "q=STEP+1" in page.url
    page.get_by_role("button", name="all", exact=True).click()
    page.get_by_role("button", name="Regular expression").click()
    page.get_by_label("Only lines that match").fill(r"step 1\d$")
    expect(rows(page)).to_have_count(10)
    page.reload()
    expect(rows(page)).to_have_count(10)
    visitor.forgive("422", "WebSocket")
    page.get_by_label("Only lines that match").fill("step (")
    expect(page.get_by_role("alert").filter(has_text="missing )")).to_be_visible()
    page.get_by_label("Only lines that match").fill("step 3$")
    expect(rows(page)).to_have_count(1)
    assert visitor.complaints == []


def test_finds_in_place_and_walks_with_n(logs: OwnLogs, visit: Any) -> None:
    logs.log().lines(0, 400)
    _, page = opened(visit, logs)
    page.locator('[role="log"]').focus()
    page.keyboard.press("/")
    page.keyboard.type("line 39")
    expect(page.get_by_text("– of 11")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 of 11")).to_be_visible()
    expect(rows(page).filter(has_text=re.compile(r"line 39$"))).to_be_visible()
    page.locator('[role="log"]').focus()
    page.keyboard.press("n")
    expect(page.get_by_text("2 of 11")).to_be_visible()
    page.keyboard.press("Shift+N")
    page.keyboard.press("Shift+N")
    expect(page.get_by_text("11 of 11")).to_be_visible()
    assert page.locator("mark").first.inner_text() == "line 39"


def test_folds_what_belongs_together_and_opens_json(logs: OwnLogs, visit: Any) -> None:
    engine = logs.log()
    engine.write(TRACEBACK + '{"level":"warning","event":"slow","vram":{"used":12}}\nINFO end\n')
    _, page = opened(visit, logs)
    expect(rows(page).filter(has_text="INFO end")).to_be_visible()
    record = rows(page).filter(has_text="could not load")
    expect(record).to_contain_text("ValueError: no such voice")
    expect(record).not_to_contain_text("engine.py")
    record.get_by_role("button", name="Unfold 5 lines").click()
    expect(record).to_contain_text('File "engine.py", line 42')
    rows(page).get_by_role("button", name="Unfold JSON").click()
    expect(rows(page).filter(has_text='"used": 12')).to_be_visible()


def test_text_of_logs_is_text(logs: OwnLogs, visit: Any) -> None:
    engine = logs.log()
    engine.write("".join(f"{line}\n" for line in EVIL))
    engine.write("INFO \x1b[31mred\x1b[0m \x1b]0;title\x07\x1b[2J\x1b[8mhidden\x1b[0m\n")
    engine.write(b"INFO nul \x00 bad \xff\xfe end\n")
    engine.write("INFO " + "x" * 8192 + "|\n")
    engine.write("  10%|#  \r  55%|##### ")
    visitor, page = opened(visit, logs)
    expect(page.locator('[role="log"]')).to_contain_text("55%|#####")
    shown = texts(page)
    assert shown[:3] == list(EVIL)
    assert shown[3] == "INFO red hidden"
    assert shown[4].startswith("INFO nul") and shown[4].endswith("end")
    assert page.locator('[role="log"] .ansi-red').inner_text() == "red"
    assert page.evaluate("window.hacked") is None
    assert page.locator('[role="log"]').locator("img, script, svg:not(.lucide)").count() == 0
    page.get_by_role("button", name="Unfold the whole line").click()
    expect(rows(page).filter(has_text="x|")).to_be_visible()
    engine.write("\r 100%|##########\nINFO done\n")
    expect(rows(page).filter(has_text="100%")).to_be_visible()
    assert visitor.complaints == []


@pytest.mark.parametrize("how", ["rename", "copytruncate"])
def test_tails_through_a_rotation_without_a_lost_or_double_line(logs: OwnLogs, visit: Any, how: str) -> None:
    engine = logs.log()
    engine.lines(0, 200)
    _, page = opened(visit, logs)
    for part in range(3):
        engine.lines(200 + part * 100, 100)
        expect(rows(page).filter(has_text=f"line {299 + part * 100}")).to_be_visible()
        getattr(engine, how)()
    engine.lines(500, 100)
    expect(rows(page).filter(has_text="line 599")).to_be_visible()
    assert all_texts(page) == [f"INFO line {number}" for number in range(600)]
    marks = all_marks(page)
    assert len(marks) == 3 and all("rotated" in mark for mark in marks)


def test_a_restart_of_the_desk_loses_and_doubles_nothing(logs: OwnLogs, visit: Any) -> None:
    engine = logs.log()
    engine.lines(0, 120)
    visitor, page = opened(visit, logs)
    visitor.forgive("ERR_", "WebSocket", "50[234]")
    logs.desk.end()
    expect(page.get_by_text("reconnecting by itself")).to_be_visible()
    expect(rows(page).filter(has_text="line 119")).to_be_visible()
    engine.lines(120, 30)
    logs.desk.start()
    expect(page.get_by_text("● live")).to_be_visible()
    expect(rows(page).filter(has_text="line 149")).to_be_visible()
    assert all_marks(page) == ["connected again: no line is missing, none is shown twice"]
    assert all_texts(page) == [f"INFO line {number}" for number in range(150)]
    assert visitor.complaints == []


def test_the_download_is_the_file(logs: OwnLogs, visit: Any) -> None:
    engine = logs.log()
    engine.lines(0, 3000)
    engine.rename()
    engine.lines(3000, 2000)
    _, page = opened(visit, logs)
    for choice, first in (("The last 1,000 lines", 4000), ("All of it, rotated files too", 0)):
        page.get_by_role("button", name="Download").click()
        with page.expect_download() as waiting:
            page.get_by_role("link", name=choice).click()
        content = Path(waiting.value.path()).read_text()
        assert content == "".join(f"INFO line {number}\n" for number in range(first, 5000))
        assert waiting.value.suggested_filename == f"{logs.service}-engine.log"


def test_older_lines_come_on_demand(logs: OwnLogs, visit: Any) -> None:
    logs.log().lines(0, 4000)
    _, page = opened(visit, logs)
    expect(page.get_by_text("1 000 lines here".replace(" ", "\u202f", 1))).to_be_visible()
    page.locator('[role="log"]').focus()
    page.keyboard.press("Home")
    page.get_by_role("button", name="Show older lines").click()
    expect(page.get_by_text("4\u202f000 lines here")).to_be_visible()


def test_a_link_to_a_line_leads_to_it_in_the_tail_by_search_or_says_that_it_is_gone(logs: OwnLogs, visit: Any) -> None:
    engine = logs.log()
    engine.lines(0, 500)
    _, page = opened(visit, logs, permissions=["clipboard-read", "clipboard-write"])
    page.locator('[role="log"]').focus()
    page.keyboard.press("Home")
    row = rows(page).filter(has_text=re.compile("line 3$"))
    row.get_by_title("Select this line").click()
    rows(page).filter(has_text=re.compile("line 5$")).get_by_title("Select this line").click(modifiers=["Shift"])
    page.get_by_role("button", name="Copy", exact=True).click()
    assert page.evaluate("navigator.clipboard.readText()") == "INFO line 3\nINFO line 4\nINFO line 5"
    page.get_by_role("button", name="Copy link to the line").click()
    link = page.evaluate("navigator.clipboard.readText()")
    page.goto("about:blank")
    page.goto(link)
    expect(page.get_by_text("1 line selected")).to_be_visible()
    expect(rows(page).filter(has_text=re.compile("line 3$"))).to_be_visible()
    engine.rename()
    engine.lines(500, 1500)
    page.goto("about:blank")
    page.goto(link)
    expect(page.get_by_text("This is it, further back in the log:")).to_be_visible()
    Path(f"{engine.path}.1").unlink()
    page.goto("about:blank")
    page.goto(link)
    expect(page.get_by_text("It is no longer within reach")).to_be_visible()


def test_fits_a_phone(logs: OwnLogs, visit: Any) -> None:
    logs.log().write("INFO " + "wide " * 200 + "\n")
    _, page = opened(visit, logs, viewport={"width": 390, "height": 800})
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Wrap").click()
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    assert page.evaluate("(box => box.scrollWidth <= box.clientWidth)(document.querySelector('[role=log]'))")
    assert until(lambda: "wrap=1" in page.url, "the wrap in the address")
