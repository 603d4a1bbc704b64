"""Settings: what is configured, the health check, tokens made and revoked, the receiver's test, and who sees what."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import requests
from admin_axe import axe
from admin_page import PHONE, Visitor, screenshot
from live_desk import Desk, free_port
from playwright.sync_api import Page, expect
from told import Receiver

Visit = Callable[..., Visitor]
CONFIG = """
[notify]
url = "{url}/hook/very-secret"
format = "slack"
[auth.token_files]
scraper = "{folder}/scraper"
[jobs]
keep_days = 30
[[assets]]
id = "bark"
process = {{ argv = ["sleep", "1000"], env = {{ HF_TOKEN = "hf_very_secret" }} }}
"""


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


@pytest.fixture(scope="module")
def set_desk(tmp_path_factory: pytest.TempPathFactory, receiver: Receiver) -> Iterator[Desk]:
    """A desk with a receiver, a given token and an asset."""
    folder = tmp_path_factory.mktemp("settings")
    (folder / "scraper").write_text("a-token-of-twenty-letters-and-more")
    config = folder / "mixdesk.toml"
    config.write_text(CONFIG.format(url=receiver.url, folder=folder))
    own = Desk(folder / "state", free_port(), config=config)
    own.start()
    yield own
    own.close()


def tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name).click()


def test_what_is_configured_without_any_secret(set_desk: Desk, visit: Visit) -> None:
    visitor = visit(set_desk)
    visitor.enter()
    page = visitor.open("/ui/settings/")
    expect(page.get_by_text("30 days")).to_be_visible()
    expect(page.get_by_text(str(set_desk.state), exact=True)).to_be_visible()
    expect(page.get_by_text("scraper", exact=True)).to_be_visible()
    assert "secret" not in page.content()
    assert axe(page) == []
    screenshot(page, "settings-desk")
    assert visitor.complaints == visitor.elsewhere == []


def test_the_receiver_gets_a_message_and_its_answer_is_shown(set_desk: Desk, visit: Visit, receiver: Receiver) -> None:
    visitor = visit(set_desk)
    visitor.enter()
    page = visitor.open("/ui/settings/")
    page.get_by_role("button", name="Send a test message").click()
    expect(page.get_by_text("took it: it answered 200")).to_be_visible()
    assert receiver.taken()
    receiver.fault = 404
    visitor.forgive("status of 502")
    page.get_by_role("button", name="Send a test message").click()
    expect(page.get_by_text("answered 404")).to_be_visible()
    receiver.fault = None
    assert visitor.complaints == []


def test_the_health_check_says_what_to_do_and_runs_again(set_desk: Desk, visit: Visit) -> None:
    visitor = visit(set_desk)
    visitor.enter()
    page = visitor.open("/ui/settings/?tab=doctor")
    expect(page.get_by_text("state folder", exact=True)).to_be_visible()
    expect(page.get_by_text("set [prometheus] url to use it")).to_be_visible()
    (set_desk.state).chmod(0o755)
    page.get_by_role("button", name="Look again").click()
    expect(page.get_by_text("has mode 0755")).to_be_visible()
    expect(page.get_by_text("1 with a warning")).to_be_visible()
    set_desk.state.chmod(0o700)
    assert axe(page) == []
    screenshot(page, "settings-doctor")


def test_a_token_is_made_used_and_revoked(set_desk: Desk, visit: Visit) -> None:
    visitor = visit(set_desk)
    visitor.enter()
    page = visitor.open("/ui/settings/?tab=tokens")
    page.get_by_role("button", name="New token").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("box2")
    dialog.get_by_label("Owner").fill("anna")
    dialog.get_by_label("Days").fill("soon")
    dialog.get_by_role("button", name="Make the token").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Days must be a number")
    dialog.get_by_label("Days").fill("30")
    dialog.get_by_role("button", name="Make the token").click()
    expect(dialog.get_by_text("only time its secret is shown")).to_be_visible()
    lines = dialog.locator("pre").filter(has_text="export MIXDESK_TOKEN=").inner_text()
    secret = lines.partition("MIXDESK_TOKEN=")[2].strip()
    assert f"export MIXDESK_URL={set_desk.url}\n" in lines
    assert axe(page) == []
    screenshot(page, "settings-token-made", whole=False)
    assert me(set_desk, secret).json()["owner"] == "anna"
    dialog.get_by_role("button", name="I have it").click()
    assert secret not in page.content()

    row = page.get_by_role("row").filter(has_text="box2")
    expect(row).to_contain_text("anna")
    row.get_by_role("button", name="Revoke box2").click()
    expect(dialog.get_by_text("their jobs go lost here")).to_be_visible()
    expect(dialog.get_by_role("button", name="Keep it")).to_be_focused()
    dialog.get_by_role("button", name="Revoke").click()
    expect(row).to_have_count(0)
    assert me(set_desk, secret).status_code == 401
    page.get_by_label("Show ended ones too").check()
    expect(page.get_by_role("row").filter(has_text="box2")).to_contain_text("revoked")
    assert visitor.complaints == []


def me(desk: Desk, secret: str) -> requests.Response:
    return requests.get(f"{desk.url}/auth/me", headers={"Authorization": f"Bearer {secret}"}, timeout=30)


def test_a_given_token_says_why_it_cannot_be_revoked(set_desk: Desk, visit: Visit) -> None:
    visitor = visit(set_desk)
    visitor.enter()
    page = visitor.open("/ui/settings/?tab=tokens")
    row = page.get_by_role("row").filter(has_text="from a file of [auth] token_files")
    row.get_by_text("Why not here").click()
    expect(row.get_by_text("restart the desk")).to_be_visible()
    assert row.get_by_role("button").count() == 0
    assert axe(page) == []
    screenshot(page, "settings-tokens")


def test_revoking_ones_own_token_signs_out(desk: Desk, visit: Visit) -> None:
    visitor = visit(desk)
    visitor.enter()
    page = visitor.open("/ui/settings/?tab=tokens")
    page.get_by_role("button", name="Revoke admin").click()
    expect(page.get_by_text("A new one takes its place")).to_be_visible()
    visitor.forgive("status of 401", "WebSocket")
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    page.reload()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


@pytest.mark.parametrize("role", ["viewer", "operator"])
def test_who_is_no_admin_sees_only_their_own(set_desk: Desk, visit: Visit, role: str) -> None:
    visitor = visit(set_desk, viewport=PHONE)
    visitor.enter(role)
    page = visitor.open("/ui/settings/?tab=tokens")
    expect(page.get_by_role("heading", name="Signed in")).to_be_visible()
    assert page.get_by_role("tab").count() == 0
    assert axe(page) == []
    screenshot(page, f"settings-{role}-phone")
    assert visitor.complaints == []


def test_a_desk_without_a_receiver_says_how_to_name_one(empty_desk: Desk, visit: Visit) -> None:
    visitor = visit(empty_desk, viewport=PHONE)
    visitor.enter()
    page = visitor.open("/ui/settings/")
    expect(page.get_by_text("url_file =")).to_be_visible()
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    screenshot(page, "settings-desk-phone")
