"""The page written by hand, in a real browser."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nginx
import pytest

Make = Callable[..., Any]


def sign_in(browser: Any, desk: Any, role: str = "admin", host: str = "127.0.0.1") -> None:
    code = desk.ask("POST", "/auth/login-code", role).json()["code"]
    browser.open(f"http://{host}:{desk.port}/ui/login/#{code}")
    browser.see("live")


def card(job: Any) -> str:
    return f'article[data-id="{job.report.job_id}"]'


def bar(browser: Any, job: Any, index: int) -> str:
    script = "return document.querySelector(arguments[0] + ' .rows').children[arguments[1]].innerText"
    return str(browser.run(script, card(job), index))


def card_text(browser: Any, job: Any) -> str:
    return str(browser.run("return document.querySelector(arguments[0])?.innerText ?? ''", card(job)))


def test_a_login_link_opens_live_bars(browser: Any, desk: Any, trainer: Make) -> None:
    job = trainer(name="anton")
    job.phase(0, "done", 568, 568)
    job.phase(1, "running", 142, 568)
    job.send()
    sign_in(browser, desk)
    assert browser.url == f"{desk.url}/ui/", "the code must not stay in the address"
    browser.see("anton")
    browser.wait("return document.querySelector(arguments[0])?.innerText.includes('13.8 %')", card(job))
    assert "Preprocessing audio" in bar(browser, job, 0) and "100 %" in bar(browser, job, 0)
    assert "25 %" in bar(browser, job, 1) and "142 of 568 items" in bar(browser, job, 1)
    assert "▶ running" in card_text(browser, job)
    assert browser.title == "(13 %) anton"

    browser.run("window.untouched = true")
    job.phase(1, "done", 568, 568)
    job.phase(2, "done", 568, 568)
    job.phase(3, "running", 5, 10)
    job.send(epoch=2, epochs=4, step=1, steps=5, metrics={"loss": 0.12345, "broken": "NaN"})
    browser.wait("return document.querySelector(arguments[0]).innerText.includes('65.0 %')", card(job))
    text = card_text(browser, job)
    for part in ("epoch 2 of 4", "step 1 of 5", "loss 0.1235", "broken NaN"):
        assert part in text
    width = "return document.querySelector(arguments[0] + ' .bar').children[3].querySelector('i').style.width"
    assert browser.run(width, card(job)) == "50%"
    assert browser.run("return window.untouched"), "it must not have been loaded anew"
    job.send(status="succeeded")
    browser.wait("return document.querySelector(arguments[0]).innerText.includes('✔ succeeded')", card(job))
    assert browser.run("return document.querySelector(arguments[0] + ' .keys').hidden", card(job))
    assert browser.complaints() == []


def test_the_progress_bar_speaks(browser: Any, desk: Any, trainer: Make) -> None:
    job = trainer(name="berta")
    job.phase(0, "running", 1, 2)
    job.send()
    sign_in(browser, desk)
    browser.see("berta")
    described = browser.run(
        "const bar = document.querySelector(arguments[0] + ' [role=progressbar]');"
        "return ['aria-label', 'aria-valuenow', 'aria-valuemax'].map(name => bar.getAttribute(name))",
        card(job),
    )
    assert described == ["Progress of berta", "5", "100"]
    unnamed = (
        "return [...document.querySelectorAll('button, input')].filter(e => !e.innerText && !e.labels?.length).length"
    )
    assert browser.run(unnamed) == 0
    job.send(status="succeeded")


def test_what_a_job_is_called_is_shown_as_text(browser: Any, desk: Any, trainer: Make) -> None:
    name = "<img src=x onerror=alert(1)><b>bold</b>"
    job = trainer(name=name)
    job.send(error="<script>alert(2)</script>", status="failed")
    sign_in(browser, desk)
    browser.see(name)
    browser.see("<script>alert(2)</script>")
    assert browser.run("return document.querySelectorAll('main img, main article b b').length") == 0
    assert browser.complaints() == []


def test_save(browser: Any, desk: Any, trainer: Make) -> None:
    job = trainer()
    job.send()
    sign_in(browser, desk)
    browser.see(job.report.name)
    browser.click(f"{card(job)} [data-do=save]")
    browser.see("checkpoint requested")
    desired = job.send()["desired"]
    assert desired["checkpoint"]["then"] == "continue" and desired["run"]["state"] == "running"
    generation = desired["checkpoint"]["generation"]
    job.report.checkpoint.status, job.report.checkpoint.generation = "saving", generation
    job.send()
    browser.see("checkpoint saving")
    job.report.checkpoint.status = "saved"
    job.report.checkpoints = [_saved()]
    job.report.observed.checkpoint, job.report.observed.outcome = generation, "saved"
    job.send()
    browser.see("saved: epoch 3, step 120, 200.0 MiB, verified")
    browser.click(f"{card(job)} [data-do=both]")
    browser.see("checkpoint requested")
    assert job.send()["desired"]["checkpoint"]["then"] == "cancel"
    job.send(status="canceled")


def _saved() -> Any:
    from mixdesk import wire

    return wire.CheckpointRecord(path="/c/anton.pth", epoch=3, step=120, size=200 * 1024 * 1024, hash="a" * 32)


@pytest.mark.parametrize(
    ("choice", "state", "then"), [("", "running", None), ("save", "running", "cancel"), ("drop", "canceled", None)]
)
def test_cancel_asks_first(browser: Any, desk: Any, trainer: Make, choice: str, state: str, then: str | None) -> None:
    job = trainer()
    job.send()
    sign_in(browser, desk)
    browser.see(job.report.name)
    browser.click(f"{card(job)} [data-do=cancel]")
    browser.wait("return document.getElementById('sure').open")
    browser.see("Nothing of this run has been saved yet.")
    assert browser.run("return document.activeElement.innerText") == "Keep running"
    browser.click(f'#sure button[value="{choice}"]')
    if choice:
        browser.see("requested.")
    desired = job.send()["desired"]
    assert desired["run"]["state"] == state
    assert (desired["checkpoint"] or {}).get("then") == then
    job.send(status="canceled")


def test_pause_and_resume(browser: Any, desk: Any, trainer: Make) -> None:
    job = trainer()
    job.send()
    sign_in(browser, desk)
    browser.see(job.report.name)
    browser.click(f"{card(job)} [data-do=pause]")
    browser.wait("return document.querySelector(arguments[0]).innerText === 'Resume'", f"{card(job)} [data-do=pause]")
    assert job.send()["desired"]["run"]["state"] == "paused"
    browser.click(f"{card(job)} [data-do=pause]")
    browser.wait("return document.querySelector(arguments[0]).innerText === 'Pause'", f"{card(job)} [data-do=pause]")
    assert job.send()["desired"]["run"]["state"] == "running"
    job.send(status="succeeded")


def test_a_viewer_sees_no_faders(browser: Any, desk: Any, trainer: Make) -> None:
    job = trainer()
    job.send()
    sign_in(browser, desk, "viewer")
    browser.see(job.report.name)
    assert browser.run("return document.querySelector(arguments[0] + ' .keys').hidden", card(job))
    job.send(status="succeeded")


def test_one_job_by_its_address(browser: Any, desk: Any, trainer: Make) -> None:
    one, other = trainer(name="only-this"), trainer(name="not-that")
    for job in (one, other):
        job.send()
    sign_in(browser, desk)
    browser.see("not-that")
    browser.open(f"{desk.url}/ui/jobs/detail/?id={one.report.job_id}")
    browser.see("only-this")
    assert "not-that" not in browser.text
    for job in (one, other):
        job.send(status="succeeded")


def test_signing_in_by_hand(browser: Any, desk: Any) -> None:
    browser.open(f"{desk.url}/ui/")
    browser.see("Sign in")
    assert browser.run("return document.activeElement.id") == "secret"
    browser.type("#secret", "not-a-token")
    browser.click("#login button")
    browser.see("this token is not known")
    browser.type("#secret", desk.tokens["viewer"])
    browser.click("#login button")
    browser.see("live")
    browser.see("viewer")
    browser.click("#out")
    browser.see("Sign in")
    code = desk.ask("POST", "/auth/login-code").json()["url"]
    browser.type("#secret", code)
    browser.click("#login button")
    browser.see("admin")


def test_a_spent_link_says_so(browser: Any, desk: Any) -> None:
    browser.open(f"{desk.url}/ui/login/#spent-or-wrong")
    browser.see("mixdesk login")
    browser.see("was used already")


def test_a_session_that_ends_leaves_the_page(browser: Any, desk: Any) -> None:
    made = desk.ask("POST", "/admin/tokens", json={"roles": ["viewer"]}).json()
    browser.open(f"{desk.url}/ui/")
    browser.see("Sign in")
    browser.type("#secret", made["token"])
    browser.click("#login button")
    browser.see("live")
    desk.ask("DELETE", f"/admin/tokens/{made['id']}")
    browser.see("signed out")


def test_the_page_comes_back_with_the_desk(browser: Any, new_desk: Make, trainer: Make) -> None:
    desk = new_desk().start()
    job = trainer(desk, name="comes-back")
    job.send()
    sign_in(browser, desk)
    browser.see("comes-back")
    desk.kill()
    browser.wait("return document.getElementById('live').innerText !== 'live'")
    desk.restart()
    browser.wait("return document.getElementById('live').innerText === 'live'")
    job.phase(0, "running", 1, 2)
    job.send()
    browser.wait("return document.querySelector(arguments[0]).innerText.includes('5.0 %')", card(job))


def test_no_job_yet(browser: Any, new_desk: Make) -> None:
    desk = new_desk().start()
    sign_in(browser, desk)
    browser.see("mixdesk demo")


def test_the_list_of_the_api(browser: Any, desk: Any) -> None:
    browser.open(f"{desk.url}/docs")
    browser.see("/auth/embed-ticket")
    browser.see("/jobs/{job_id}/report")
    assert browser.complaints() == []


# What a page of somebody else can do with the session of whoever looks at it: nothing.

ATTACK = """
const desk = %s, out = {};
const tell = async (name, request) => {
  out[name] = await request().then(answer => answer.status, () => "refused by the browser");
};
await tell("read", () => fetch(desk + "/auth/me", { credentials: "include" }));
await tell("write", () => fetch(desk + "/auth/login-code", { method: "POST", credentials: "include",
  headers: { "Content-Type": "application/json" }, body: "{}" }));
await tell("delete", () => fetch(desk + "/jobs/x", { method: "DELETE", credentials: "include" }));
await tell("form", () => fetch(desk + "/auth/logout", { method: "POST", credentials: "include", mode: "no-cors" }).then(
  answer => ({ status: answer.type })));
out.socket = await new Promise(done => {
  const socket = new WebSocket(desk.replace("http", "ws") + "/jobs/stream", ["mixdesk.v1"]);
  socket.onopen = () => done("open");
  socket.onclose = () => done("closed");
});
return JSON.stringify(out);
"""


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_another_page_can_neither_read_nor_write_nor_listen(
    browser: Any, desk: Any, foreign_page: str, host: str
) -> None:
    """127.0.0.1 on another port is same-site, so the cookie does come along; localhost is another site."""
    sign_in(browser, desk)
    browser.open(foreign_page.replace("127.0.0.1", host))
    found = json.loads(browser.wait_for_promise(ATTACK % json.dumps(desk.url)))
    refused = "refused by the browser"
    assert found == {"read": refused, "write": refused, "delete": refused, "form": "opaque", "socket": "closed"}
    browser.open(f"{desk.url}/ui/")
    browser.see("live")  # still signed in: the foreign sign-out did nothing
    lines = desk.ask("GET", "/admin/audit?action=auth.code&limit=1").json()["items"]
    assert lines[0]["via"] == "token"


def test_a_rebound_name_is_no_way_in(browser: Any, desk: Any) -> None:
    """evil.example points at this machine: to the browser it is one origin with the desk, to the desk it is not."""
    code = desk.ask("POST", "/auth/login-code").json()["code"]
    browser.open(f"http://evil.example:{desk.port}/ui/login/#{code}")
    browser.see("is not a name of this desk")
    script = "return (await fetch('/metrics')).status + ' ' + (await fetch('/jobs')).status"
    assert browser.wait_for_promise(script) == "403 401"
    assert browser.run("return document.cookie") == ""


def test_two_desks_on_one_host_name(browser: Any, desk: Any, new_desk: Make) -> None:
    other = new_desk().start()
    for one in (desk, other):
        sign_in(browser, one, host="localhost")
    for one in (desk, other):
        browser.open(f"http://localhost:{one.port}/ui/")
        browser.see("live")
    browser.click("#out")
    browser.see("Sign in")
    browser.open(f"http://localhost:{desk.port}/ui/")
    browser.see("live")


def test_behind_nginx_on_another_port(
    browser: Any, new_desk: Make, trainer: Make, free_port: int, tmp_path: Path, eventually: Make
) -> None:
    """`$host` loses the port, so only public_url can say what the page is called."""
    public = f"http://localhost:{free_port}"
    desk = new_desk(config=f'[server]\npublic_url = "{public}"\nbehind_proxy = ["127.0.0.1"]').start()
    with nginx.running(tmp_path, nginx.proxy(free_port, desk.url, host="$host")):
        eventually(lambda: nginx.listens(free_port))
        job = trainer(desk, name="through-the-proxy")
        job.send()
        link = desk.run("login").stdout.strip()
        assert link.startswith(f"{public}/ui/login/#")
        browser.open(link)
        browser.see("live")
        browser.see("through-the-proxy")
        browser.click(f"{card(job)} [data-do=save]")
        browser.see("checkpoint requested")
        assert browser.complaints() == []
