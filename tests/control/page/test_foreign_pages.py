"""A page of another origin, in a real browser that is signed in at the desk: it reads nothing, changes nothing, hears
nothing, directly and behind nginx on another port. And what a page that is allowed to may do."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nginx
import pytest
from attacks import REFUSED, Elsewhere, script
from torture import TORTURE

Make = Callable[..., Any]


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    found = Elsewhere()
    yield found
    found.close()


@pytest.fixture
def proxied(new_desk: Make, free_port: int, tmp_path: Path, eventually: Make) -> Iterator[tuple[Any, str]]:
    """A desk, and its public address at an nginx on another port."""
    public = f"http://localhost:{free_port}"
    desk = new_desk(config=f'[server]\npublic_url = "{public}"\nbehind_proxy = ["127.0.0.1"]').start()
    with nginx.running(tmp_path, nginx.proxy(free_port, desk.url)):
        eventually(lambda: desk.ask("GET", "/healthz", None).ok and nginx.listens(free_port))
        yield desk, public


def sign_in(browser: Any, desk: Any, address: str) -> None:
    code = desk.ask("POST", "/auth/login-code", "admin").json()["code"]
    browser.open(f"{address}/ui/login/#{code}")
    browser.see("live")


def attack(browser: Any, page: str, desk: str, job_id: str) -> dict[str, str]:
    browser.open(page)
    browser.see("elsewhere")
    return dict(json.loads(browser.wait_for_promise(script(desk, job_id))))


def check(found: dict[str, str], desk: Any, job: Any) -> None:
    """Nothing was read or heard, and nothing has changed."""
    blind = ("read blindly", "write blindly", "write nothing", "sign out", "sign in")
    assert {found.pop(name) for name in blind} <= {"opaque", REFUSED}
    assert {found.pop(name) for name in ("script", "image", "style")} <= {"error", "nothing"}, "JSON is no script"
    assert found.pop("framed") in ("closed", "nothing")
    assert found.pop("beacon") in ("200 true", "200 false", REFUSED)
    assert found == {
        "read": REFUSED, "read metrics": REFUSED, "write": REFUSED, "delete": REFUSED, "socket": "closed"
    }, found  # fmt: skip
    shown = desk.ask("GET", f"/jobs/{job.report.job_id}").json()
    assert shown["desired"] == {"generation": 0, "run": {"state": "running", "generation": 0}, "checkpoint": None}
    done = desk.ask("GET", "/admin/audit?limit=1000", "admin").json()["items"]
    assert [line for line in done if line["via"] == "session" and line["outcome"] not in ("denied", "done")] == []


def is_signed_in(browser: Any, address: str) -> None:
    browser.open(f"{address}/ui/")
    browser.see("live")


@pytest.mark.parametrize("host", ["127.0.0.1", *(["localhost", "evil.example"] if TORTURE else [])])
def test_a_foreign_page_does_nothing(
    browser: Any, new_desk: Make, trainer: Make, elsewhere: Elsewhere, host: str
) -> None:
    """127.0.0.1 on another port is the same site, so that the cookie comes along; the others are other sites."""
    desk = new_desk().start()
    job = trainer(desk)
    job.send()
    sign_in(browser, desk, desk.url)
    check(attack(browser, elsewhere.url(host), desk.url, job.report.job_id), desk, job)
    is_signed_in(browser, desk.url)


@pytest.mark.parametrize("host", ["localhost", *(["127.0.0.1"] if TORTURE else [])])
def test_nor_behind_a_proxy_on_another_port(
    browser: Any, proxied: tuple[Any, str], trainer: Make, elsewhere: Elsewhere, host: str
) -> None:
    desk, public = proxied
    job = trainer(desk)
    job.send()
    sign_in(browser, desk, public)
    check(attack(browser, elsewhere.url(host), public, job.report.job_id), desk, job)
    # Past the proxy, at the desk's own port: there the cookie of localhost goes along too.
    direct = desk.url.replace("127.0.0.1", "localhost")
    check(attack(browser, elsewhere.url("localhost"), direct, job.report.job_id), desk, job)
    is_signed_in(browser, public)


def test_the_page_of_one_desk_does_nothing_at_another_of_the_same_host(
    browser: Any, new_desk: Make, trainer: Make
) -> None:
    """Two ports are one site: both cookies go along with everything."""
    one, other = new_desk().start(), new_desk().start()
    job = trainer(other)
    job.send()
    for desk in (one, other):
        sign_in(browser, desk, desk.url.replace("127.0.0.1", "localhost"))
    here, there = (desk.url.replace("127.0.0.1", "localhost") for desk in (one, other))
    browser.open(f"{here}/ui/")
    browser.see("live")
    found = dict(json.loads(browser.wait_for_promise(script(there, job.report.job_id))))
    found.pop("socket")  # the page's own policy may refuse it before the desk does
    check({**found, "socket": "closed"}, other, job)
    names = {cookie["name"] for cookie in browser.call("GET", "/cookie") if cookie["name"].startswith("mixdesk_")}
    assert len(names) == 2, "each desk has a cookie of its own name"
    is_signed_in(browser, there)
    browser.click("#out")
    browser.see("Sign in")
    is_signed_in(browser, here)


def test_an_allowed_page_reads_with_a_bearer_and_never_with_the_cookie(
    browser: Any, new_desk: Make, trainer: Make, elsewhere: Elsewhere
) -> None:
    """What the tests above try is possible once the origin is allowed: so they can fail."""
    page = elsewhere.url("127.0.0.1")
    desk = new_desk(config=f'[server]\nallowed_origins = ["{page[:-1]}"]').start()
    job = trainer(desk)
    job.send()
    sign_in(browser, desk, desk.url)
    found = attack(browser, page, desk.url, job.report.job_id)
    assert found["socket"].startswith("heard "), found
    assert found["read"] == REFUSED, "credentials are never allowed across origins"
    browser.open(page)
    bearer = json.dumps(f"Bearer {desk.tokens['viewer']}")
    read = (
        f"return (await fetch({json.dumps(desk.url)} + '/jobs', {{ headers: {{ Authorization: {bearer} }} }})).status"
    )
    assert browser.wait_for_promise(read) == 200


def test_a_rebound_name_reads_nothing_with_a_session(browser: Any, new_desk: Make, trainer: Make) -> None:
    """evil.example points at the desk: to the browser its page and the desk are one origin, cookies and all."""
    desk = new_desk().start()
    job = trainer(desk)
    job.send()
    sign_in(browser, desk, desk.url)
    rebound = f"http://evil.example:{desk.port}"
    browser.open(f"{rebound}/ui/")
    tried = """
      const out = [];
      for (const [method, path] of [['GET', '/jobs'], ['GET', '/metrics'], ['POST', '/auth/logout'],
                                    ['POST', '/admin/jobs/%s/cancel']])
        out.push((await fetch(path, { method, headers: { 'Content-Type': 'application/json' },
          body: method === 'GET' ? undefined : '{}' })).status);
      out.push(await new Promise(done => { const socket = new WebSocket('ws://' + location.host + '/jobs/stream',
        ['mixdesk.v1']); socket.onopen = () => done('open'); socket.onclose = () => done('closed'); }));
      return JSON.stringify(out);
    """
    found = json.loads(browser.wait_for_promise(tried % job.report.job_id))
    assert all(status in (401, 403, "closed") for status in found), found
    is_signed_in(browser, desk.url)
