"""Assets in the browser: started with what they need, watched, stopped with their memory back."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import standin_gpu
from admin_assets import Studio, model
from admin_page import PATIENCE_MS, PHONE
from playwright.sync_api import Locator, Page, expect

expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
def nvml(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return standin_gpu.build(tmp_path_factory.mktemp("nvml"))


@pytest.fixture(scope="module")
def one_studio(tmp_path_factory: pytest.TempPathFactory, nvml: Path) -> Iterator[Studio]:
    made = Studio(tmp_path_factory.mktemp("studio"), nvml)
    made.start()
    try:
        yield made
    finally:
        made.close()


@pytest.fixture
def studio(one_studio: Studio) -> Iterator[Studio]:
    """One for all tests; after each one it is as it was."""
    yield one_studio
    one_studio.tidy()


@pytest.fixture
def visitor(studio: Studio, visit: Any) -> Any:
    return visit(studio)


@pytest.fixture
def page(visitor: Any) -> Page:
    visitor.enter("operator")
    opened: Page = visitor.open("/ui/assets/")
    opened.get_by_role("table", name="Assets").wait_for()
    return opened


def row(page: Page, name: str) -> Locator:
    return page.get_by_role("row").filter(has=page.get_by_role("button", name=name, exact=True))


def ask(page: Page, action: str, name: str) -> Locator:
    """The question before a start or stop."""
    page.get_by_role("button", name=f"{action} {name}", exact=True).click()
    dialog = page.get_by_role("dialog", name=f"{action} {name}?")
    dialog.wait_for()
    return dialog


def operation(page: Page, name: str) -> Locator:
    return page.get_by_role("article", name=name)


def test_a_start_shows_its_plan_and_each_step_until_it_is_ready(studio: Studio, visitor: Any, page: Page) -> None:
    dialog = ask(page, "Start", "RVC")
    steps = dialog.get_by_role("list", name="What will be done").get_by_role("listitem")
    expect(steps).to_have_count(3)
    expect(steps.filter(has_text="hubert")).to_contain_text("rvc needs it")
    expect(dialog.get_by_role("row", name=re.compile("^0 3.5 GiB"))).to_contain_text("fits")
    assert studio.running() == [], "nothing is done before it is asked"
    dialog.get_by_role("button", name="Start RVC and 2 that it needs").click()
    expect(dialog).to_be_hidden()
    under_way = operation(page, "start rvc")
    expect(under_way.get_by_role("listitem").filter(has_text="is loading").first).to_be_visible()
    expect(row(page, "RVC")).to_contain_text("waits its turn")
    expect(under_way).to_contain_text("succeeded")
    for asset in ("hubert", "rmvpe", "rvc"):
        expect(under_way.get_by_role("listitem").filter(has_text=re.compile(f"^{asset}"))).to_contain_text("ready")
    expect(row(page, "RVC").get_by_role("cell").nth(2)).to_contain_text("1.9 GiB")
    expect(page.get_by_role("region", name="GPU 0")).to_contain_text("rvc 1.9 GiB")
    expect(page.get_by_role("status").filter(has_text="rvc is ready")).to_be_visible()
    assert studio.asset("rvc")["status"] == "running"
    assert visitor.complaints == [] and visitor.elsewhere == []


def test_a_stop_says_what_memory_came_back(studio: Studio, page: Page) -> None:
    studio.done("rvc", "start")
    expect(row(page, "RVC").get_by_role("cell").nth(2)).to_contain_text("1.9 GiB")
    dialog = ask(page, "Stop", "RVC")
    expect(dialog).to_contain_text("About 1.9 GiB of GPU memory should come back")
    dialog.get_by_role("button", name="Stop RVC").click()
    expect(operation(page, "stop rvc")).to_contain_text("freed 1.9 GiB")
    expect(row(page, "RVC")).to_contain_text("stopped")
    assert studio.asset("hubert")["status"] == "running", "what it needs goes on"


def test_memory_that_does_not_come_back_is_told(studio: Studio, page: Page) -> None:
    studio.done("hubert", "start")
    expect(row(page, "HuBERT").get_by_role("cell").nth(2)).to_contain_text("980 MiB")
    studio.card.late_s = 600
    ask(page, "Stop", "HuBERT").get_by_role("button", name="Stop HuBERT").click()
    expect(operation(page, "stop hubert")).to_contain_text("980 MiB did not come back")
    expect(page.get_by_role("region", name="GPU 0")).to_contain_text("980 MiB left behind by hubert")


def test_dependents_stop_first_and_are_named(studio: Studio, page: Page) -> None:
    studio.done("rvc", "start")
    expect(row(page, "RVC")).to_contain_text("running")
    dialog = ask(page, "Stop", "HuBERT")
    expect(dialog).to_contain_text("rvc needs it and would be stopped first.")
    dialog.get_by_role("button", name="Stop rvc and HuBERT").click()
    expect(operation(page, "stop hubert")).to_contain_text("succeeded")
    assert {asset: studio.asset(asset)["status"] for asset in ("rvc", "hubert", "rmvpe")} == {
        "rvc": "stopped",
        "hubert": "stopped",
        "rmvpe": "running",
    }


def test_what_does_not_fit_says_whom_to_stop_and_does_so(studio: Studio, page: Page) -> None:
    studio.done("bark", "start")
    expect(row(page, "Bark")).to_contain_text("running")
    dialog = ask(page, "Start", "UVR5")
    expect(dialog).to_contain_text("It does not fit. bark can be stopped to make room")
    expect(dialog.get_by_role("row", name=re.compile("^bark"))).to_contain_text("13.7 GiB")
    expect(dialog.get_by_role("button", name="Start UVR5", exact=True)).to_have_count(0)
    dialog.get_by_role("button", name="Stop bark and start UVR5").click()
    expect(operation(page, "start uvr5")).to_contain_text("succeeded")
    expect(operation(page, "start uvr5").get_by_role("listitem").filter(has_text=re.compile("^bark"))).to_contain_text(
        "freed"
    )
    assert studio.asset("bark")["status"] == "stopped" and studio.asset("uvr5")["status"] == "running"


def test_one_that_may_not_be_evicted_is_stopped_by_hand_and_the_plan_is_asked_anew(studio: Studio, page: Page) -> None:
    studio.done("bark", "start")
    page.get_by_role("button", name="Bark", exact=True).click()
    page.get_by_label("because of").fill("a song")
    page.get_by_role("button", name="Hold it").click()
    expect(row(page, "Bark")).to_contain_text("held")
    dialog = ask(page, "Start", "UVR5")
    expect(dialog).to_contain_text("The smallest set to stop: bark.")
    dialog.get_by_role("button", name="Stop bark first").click()
    stop = page.get_by_role("dialog", name="Stop Bark?")
    expect(stop).to_contain_text("operator holds bark for a song")
    stop.get_by_role("button", name="Keep it running").click()
    dialog = ask(page, "Start", "UVR5")
    expect(dialog).to_contain_text("It does not fit")
    studio.done("bark", "stop", force=True)  # by somebody else, while the question is open
    expect(dialog.get_by_role("button", name="Start UVR5", exact=True)).to_be_enabled()
    expect(dialog).to_contain_text("✔ fits")


def test_a_job_in_an_asset_is_named_and_takes_a_typed_word(studio: Studio, page: Page) -> None:
    studio.done("studio", "start")
    expect(row(page, "Studio")).to_contain_text("1 job")
    dialog = ask(page, "Stop", "Studio")
    expect(dialog.get_by_role("link", name="inside")).to_be_visible()
    stop = dialog.get_by_role("button", name="Stop Studio")
    expect(stop).to_be_disabled()
    dialog.get_by_label("Type “studio”").fill("studio")
    stop.click()
    expect(operation(page, "stop studio")).to_contain_text("succeeded")
    assert studio.living("studio") == set()


def test_what_goes_wrong_is_told_in_the_desks_words(studio: Studio, page: Page) -> None:
    ask(page, "Start", "broken").get_by_role("button", name="Start broken").click()
    failed = operation(page, "start broken")
    expect(failed).to_contain_text("failed")
    expect(failed).to_contain_text("exit code 3")
    expect(row(page, "broken")).to_contain_text("exit code 3")


def test_a_crash_outside_is_shown_as_drift(studio: Studio, page: Page) -> None:
    studio.done("gateway", "start")
    expect(row(page, "Gateway")).to_contain_text("running")
    for pid in studio.living("gateway"):
        os.kill(pid, signal.SIGKILL)
    expect(row(page, "Gateway")).to_contain_text("should run and has ended by itself")
    expect(row(page, "Gateway")).to_contain_text("SIGKILL")
    page.get_by_label("Status").select_option("drift")
    expect(page.get_by_role("row")).to_have_count(2)  # the heading and it
    assert "status=drift" in page.url


def test_an_operation_on_its_way_is_found_again_and_can_be_taken_back(studio: Studio, visitor: Any, page: Page) -> None:
    started = studio.begin("rvc", "start")  # by somebody else
    expect(operation(page, "start rvc")).to_be_visible()
    page.reload()
    found = operation(page, "start rvc")
    expect(found).to_contain_text("by operator")
    found.get_by_role("button", name="Take back").click()
    assert studio.end_of(started)["state"] == "canceled"
    expect(found).to_contain_text("taken back by operator")
    page.get_by_role("tab", name="Operations").click()
    expect(page.get_by_role("tabpanel").get_by_role("article", name="start rvc").first).to_contain_text("canceled")
    assert visitor.complaints == []


def test_a_hold_is_made_and_released(studio: Studio, page: Page) -> None:
    studio.done("hubert", "start")
    page.get_by_role("button", name="HuBERT", exact=True).click()
    assert "asset=hubert" in page.url
    holds = page.get_by_role("region", name="Holds of HuBERT")
    holds.get_by_label("because of").fill("a song")
    holds.get_by_role("button", name="Hold it").click()
    expect(holds).to_contain_text("a song")
    assert [hold["reason"] for hold in studio.asset("hubert")["holds"]] == ["a song"]
    holds.get_by_role("button", name="Release").click()
    expect(holds).to_contain_text("Nobody holds it.")
    assert studio.asset("hubert")["holds"] == []


def test_the_registry_is_read_anew_and_its_mistakes_are_told(studio: Studio, visitor: Any, page: Page) -> None:
    visitor.forgive("status of 422")
    studio.write_registry(model("hubert", needs_mb=1, takes_mb=1, dependencies=["gone"]))
    page.get_by_role("button", name="Reload registry").click()
    dialog = page.get_by_role("dialog", name="The registry is wrong")
    expect(dialog.get_by_role("listitem")).to_contain_text("gone")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="RVC", exact=True)).to_be_visible()
    studio.write_registry(model("hubert", needs_mb=1024, takes_mb=980), model("tuner", needs_mb=1, takes_mb=1))
    page.get_by_role("button", name="Reload registry").click()
    dialog = page.get_by_role("dialog", name="The registry was read")
    expect(dialog).to_contain_text("Added: tuner")
    dialog.get_by_role("button", name="Close").click()
    expect(page.get_by_role("button", name="tuner", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="RVC", exact=True)).to_have_count(0)
    assert visitor.complaints == []


def test_who_may_not_act_sees_no_actions(studio: Studio, visitor: Any) -> None:
    studio.done("hubert", "start")
    visitor.enter("viewer")
    page = visitor.open("/ui/assets/?asset=hubert")
    expect(row(page, "HuBERT")).to_contain_text("running")
    expect(page.get_by_role("region", name="Holds of HuBERT")).to_contain_text("Nobody holds it.")
    for name in ("Start", "Stop", "Reload", "Hold it", "Take back"):
        expect(page.get_by_role("button", name=re.compile(name))).to_have_count(0)
    assert visitor.complaints == []


def test_who_is_bound_to_an_owner_may_not_act_even_as_an_operator(studio: Studio, visitor: Any) -> None:
    studio.done("studio", "start")
    studio.until_job("studio")
    visitor.enter(token=studio.bound_operator("ben"))
    page = visitor.open("/ui/assets/")
    expect(row(page, "Studio")).to_contain_text("running")
    expect(page.get_by_role("button", name=re.compile("^(Start|Stop|Reload) "))).to_have_count(0)
    expect(row(page, "Studio")).not_to_contain_text("1 job")


def test_the_dialog_by_keyboard(studio: Studio, page: Page) -> None:
    opener = page.get_by_role("button", name="Start HuBERT", exact=True)
    opener.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Start HuBERT?")
    expect(dialog.get_by_role("button", name="Leave it")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()
    page.keyboard.press("Enter")
    start = dialog.get_by_role("button", name="Start HuBERT")
    expect(start).to_be_enabled()
    page.keyboard.press("Tab")
    expect(start).to_be_focused()
    page.keyboard.press("Enter")
    expect(row(page, "HuBERT")).to_contain_text("running")


def test_who_needs_whom(studio: Studio, page: Page) -> None:
    page.get_by_role("tab", name="Dependencies").click()
    needs = page.get_by_role("list", name="Who needs whom").get_by_role("listitem")
    expect(needs.filter(has_text=re.compile("^RVC"))).to_contain_text("needs hubert and rmvpe")
    expect(needs.filter(has_text=re.compile("^HuBERT"))).to_contain_text("needed by rvc")
    expect(page.get_by_role("region", name="Drawing of who needs whom").locator("g")).to_have_count(3)
    expect(page.get_by_text("By themselves: bark, uvr5, broken, gateway and studio.")).to_be_visible()
    needs.get_by_role("button", name="RVC").click()
    expect(page.get_by_role("region", name="Holds of RVC")).to_be_visible()


def test_on_a_phone_it_is_cards_and_nothing_scrolls_sideways(studio: Studio, visit: Any) -> None:
    studio.done("rvc", "start")
    visitor = visit(studio, viewport=PHONE)
    visitor.enter("operator")
    page = visitor.open("/ui/assets/?asset=rvc")
    cards = page.get_by_role("list", name="Assets")
    expect(cards.get_by_role("listitem").filter(has_text="RVC").first).to_contain_text("1.9 GiB")
    for tab in ("Dependencies", "Operations", "List"):
        page.get_by_role("tab", name=tab).click()
        assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth"), tab
    dialog = ask(page, "Start", "UVR5")
    expect(dialog).to_contain_text("fits")
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    assert visitor.complaints == []


def test_an_empty_registry_says_how_to_fill_it(desk: Any, visit: Any) -> None:
    visitor = visit(desk)
    visitor.enter("operator")
    page = visitor.open("/ui/assets/")
    expect(page.get_by_text("mixdesk assets init")).to_be_visible()
    assert visitor.complaints == []
