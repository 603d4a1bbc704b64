"""The small page while the full one is not there: what it says, when it gives way, and where a sign-in leads."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

import built_page
import pytest

from mixdesk_control.doctor import page as doctor
from mixdesk_control.doctor.finding import Context
from mixdesk_control.settings import load
from mixdesk_control.web.building import not_built, note_of


@pytest.fixture
def ui(tmp_path: Path) -> Path:
    """Where a build will be; there is none yet."""
    return tmp_path / "package" / "ui"


def note(ui: Path, **values: Any) -> None:
    file = note_of(ui)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(values))


def gone() -> int:
    """The pid of nobody."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    return ended.pid


def test_how_the_build_stands(ui: Path) -> None:
    def state() -> tuple[str, str]:
        found = not_built(ui)
        assert not found.built
        return found.state, found.detail

    assert state()[0] == "missing" and "make admin" in state()[1]
    note(ui, state="building", detail="", pid=os.getpid())
    assert state() == ("building", "")
    note(ui, state="building", detail="", pid=gone())
    assert state()[0] == "failed" and "interrupted" in state()[1]
    note(ui, state="failed", detail="the disk is full", pid=1)
    assert state() == ("failed", "the disk is full")
    for nonsense in ("", "[]", "3", '{"pid": "x"}', '{"state": "odd"}'):
        note_of(ui).write_text(nonsense)
        assert state()[0] == "missing", nonsense


def test_the_doctor_says_how_it_stands(ui: Path, tmp_path: Path) -> None:
    env = {"MIXDESK_STATE_DIR": str(tmp_path), "MIXDESK_UI_DIR": str(ui)}
    context = Context(load(env=env), env=env)
    assert doctor.check(context).verdict == "absent"
    note(ui, state="building", detail="", pid=os.getpid())
    assert "being built" in doctor.check(context).found
    built_page.write(ui)
    assert doctor.check(context).verdict == "ok"
    built_page.write(ui, version="0.0.9")
    assert doctor.check(context).verdict == "warning" and "0.0.9" in doctor.check(context).found
    (ui / "icon.svg").unlink()
    assert doctor.check(context).verdict == "broken"


def test_it_gives_way_by_itself(browser: Any, new_desk: Any, ui: Path) -> None:
    note(ui, state="building", detail="", pid=os.getpid())
    desk = new_desk(MIXDESK_UI_DIR=str(ui)).start()
    browser.open(f"{desk.url}/ui/login/")
    browser.see("The full page is being built; it loads here by itself.")
    note(ui, state="failed", detail="Node 20.9 or newer and npm are missing", pid=1)
    browser.see("This is the small page: the full one was not built: Node 20.9 or newer and npm are missing")
    note(ui, state="building", detail="", pid=os.getpid())
    browser.see("The full page is being built")
    built_page.write(ui)
    browser.wait("return document.title === 'In one'")


def test_it_does_not_take_away_what_is_being_typed(browser: Any, new_desk: Any, ui: Path) -> None:
    note(ui, state="building", detail="", pid=os.getpid())
    desk = new_desk(MIXDESK_UI_DIR=str(ui)).start()
    browser.open(f"{desk.url}/ui/login/")
    browser.see("being built")
    browser.type("#secret", "half a token")
    built_page.write(ui)
    asked = "return performance.getEntriesByName(`${location.origin}/ui/build.json`).length"
    before = browser.run(asked)
    browser.wait(f"{asked} > {before} + 1")
    assert browser.run("return document.getElementById('secret').value") == "half a token"
    browser.run("document.getElementById('secret').value = ''")
    browser.wait("return document.title === 'In one'")


@pytest.mark.parametrize("room", ["assets", "logs", "alerts", "dashboards", "audit", "settings"])
def test_links_to_every_room_lead_somewhere(desk: Any, room: str) -> None:
    answer = desk.ask("GET", f"/ui/{room}?x=1", None)
    assert answer.history and answer.url == f"{desk.url}/ui/{room}/?x=1"
    assert answer.status_code == 200 and "mixdesk demo" in answer.text


def test_a_sign_in_leads_back(browser: Any, desk: Any) -> None:
    code = desk.ask("POST", "/auth/login-code").json()["code"]
    browser.open(f"{desk.url}/ui/login/?next={quote('/ui/jobs/detail/?id=nobody', safe='')}#{code}")
    browser.wait(f"return location.href === '{desk.url}/ui/jobs/detail/?id=nobody'")
    browser.see("live")


@pytest.mark.parametrize(
    "wished",
    [
        "//evil.example/",
        "/\\evil.example/",
        "https://evil.example/",
        "javascript:alert(1)",
        "/\t/evil.example/",
        "ui/",
        "",
    ],
)
def test_a_sign_in_leads_to_no_other_site(browser: Any, desk: Any, wished: str) -> None:
    code = desk.ask("POST", "/auth/login-code").json()["code"]
    browser.open(f"{desk.url}/ui/login/?next={quote(wished, safe='')}#{code}")
    browser.see("live")
    assert browser.url == f"{desk.url}/ui/"
