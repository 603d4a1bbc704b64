"""The example of a page elsewhere: its own words, the desk's view in a frame, and no token in any browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests
from admin_embed import Reported
from admin_embed_example import EXAMPLE, App
from live_desk import wait_until
from playwright.sync_api import Browser, BrowserContext, Page, expect


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    made = chromium.new_context()
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


def test_the_job_moves_in_the_app_and_in_the_frame(app: App, page: Page) -> None:
    job = Reported(app.desk, "of-the-example", name="anton")
    job.at(3)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{app.url}/?job=of-the-example")
    frame = page.frame_locator("iframe[title=Job]")
    expect(frame.get_by_text("epoch 3 of 20")).to_be_visible(timeout=20_000)
    expect(page.get_by_text("anton is running")).to_be_visible(timeout=20_000)
    before = page.get_by_text("anton is running").inner_text()
    job.at(15)
    expect(frame.get_by_text("epoch 15 of 20")).to_be_visible()
    wait_until(lambda: page.get_by_text("anton is running").inner_text() != before, "the app's own words", 20)
    job.send(status="succeeded")
    expect(page.get_by_text("anton is succeeded, 100 % done.")).to_be_visible()
    expect(page.get_by_text("No Grafana: set GRAFANA_URL")).to_be_visible()
    assert errors == []


def test_the_frame_is_as_high_as_it_says(app: App, page: Page) -> None:
    Reported(app.desk, "high").at(3)
    page.goto(f"{app.url}/?job=high")
    frame = page.frame_locator("iframe[title=Job]")
    expect(frame.get_by_text("epoch 3 of 20")).to_be_visible(timeout=20_000)
    wanted = "() => document.querySelector('main').getBoundingClientRect().height"
    height = frame.locator("html").evaluate(wanted)
    wait_until(lambda: abs(page.locator("iframe[title=Job]").bounding_box()["height"] - height) < 2, "the height", 20)


def test_a_spent_ticket_is_renewed_by_the_page(app: App, page: Page) -> None:
    Reported(app.desk, "renewed").at(3)
    page.goto(f"{app.url}/?job=renewed")
    frame = page.frame_locator("iframe[title=Job]")
    expect(frame.get_by_text("epoch 3 of 20")).to_be_visible(timeout=20_000)
    address = page.locator("iframe[title=Job]").get_attribute("src")
    # the same address once more has a ticket that is spent: the frame says so, and the page brings a new one
    page.locator("iframe[title=Job]").evaluate("(frame) => { frame.src = 'about:blank' }")
    page.locator("iframe[title=Job]").evaluate("(frame, address) => { frame.src = address }", address)
    expect(frame.get_by_text("epoch 3 of 20")).to_be_visible(timeout=20_000)
    assert page.locator("iframe[title=Job]").get_attribute("src") != address


def test_no_token_reaches_the_browser(app: App, page: Page) -> None:
    Reported(app.desk, "secretive").at(3)
    token = app.desk.token("viewer")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(f"{request.url} {request.all_headers()} {request.post_data}"))
    page.goto(f"{app.url}/?job=secretive")
    expect(page.get_by_text("anton is running")).to_be_visible(timeout=20_000)
    assert token not in page.content()
    assert not [one for one in sent if token in one]
    assert not [file for file in (app.folder / ".next" / "static").rglob("*.js") if "MIXDESK_TOKEN" in file.read_text()]


def test_another_page_may_not_hold_the_frame(app: App, page: Page) -> None:
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text))
    port = app.url.rpartition(":")[2]
    page.goto(f"http://127.0.0.1:{port}/")  # the same server under a name that the desk was not told
    wait_until(lambda: page.wait_for_timeout(50) or any("frame-ancestors" in one for one in refused), "the refusal", 20)


def test_what_the_server_is_not_asked_for_it_does_not_mint(app: App) -> None:
    answer = requests.post(f"{app.url}/api/ticket", json={"owner": "anna"}, timeout=30)
    assert answer.status_code == 422
    answer = requests.post(f"{app.url}/api/ticket", json={"job": "no such id!"}, timeout=30)
    assert answer.status_code == 502
    assert "job" in answer.json()["detail"]


def test_its_readme_names_what_it_reads() -> None:
    readme = (EXAMPLE / "README.md").read_text()
    for line in (EXAMPLE / ".env.example").read_text().splitlines():
        if "=" in line and not line.startswith("#"):
            assert line.split("=")[0] in readme
