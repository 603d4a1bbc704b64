"""A desk that is away, wrong or silent, and what goes each way: no token, cookie or redirect gets through."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from live_desk import Desk, free_port
from odd_desk import OddDesk
from php_site import BOTH, TRAINER, VIEWER, Site


def test_the_desk_is_away(live: Desk, tmp_path: Path) -> None:
    with Site(live, tmp_path / "site", desk_url=f"http://127.0.0.1:{free_port()}").running() as away:
        for method, path in (
            ("GET", "/jobs"),
            ("POST", "/admin/assets/rvc/start"),
            ("POST", "/auth/ws-ticket"),
            ("POST", "/trainings"),
        ):
            body = {"json": {"path": "/jobs/stream", "name": "x"}} if path in ("/auth/ws-ticket", "/trainings") else {}
            answer = away.ask(method, f"/api{path}", *BOTH, TRAINER, **body)
            assert (answer.status_code, answer.headers["Content-Type"]) == (502, "application/problem+json"), path
            assert answer.json()["detail"] == "the desk does not answer"
        assert not list(away.queue.iterdir()), "what the desk does not know is not run"


def test_a_wrong_token_is_the_applications_trouble(live: Desk, tmp_path: Path) -> None:
    wrong = tmp_path / "token"
    wrong.write_text("a-token-that-the-desk-does-not-know")
    settings = {"MIXDESK_VIEWER_TOKEN_FILE": str(wrong), "MIXDESK_OPERATOR_TOKEN_FILE": str(tmp_path / "none")}
    with Site(live, tmp_path / "site", **settings).running() as site:
        site.secrets.append("a-token-that-the-desk-does-not-know")
        answer = site.ask("GET", "/api/jobs", VIEWER)
        assert (answer.status_code, answer.json()["title"]) == (502, "Bad Gateway")
        assert "WWW-Authenticate" not in answer.headers
        missing = site.ask("GET", "/api/jobs", *BOTH)
        assert (missing.status_code, missing.json()["status"]) == (500, 500) and "operator" in missing.text
        wrong.write_text(live.token("viewer") + "\n")
        assert site.ask("GET", "/api/jobs", VIEWER).status_code == 200, "a new token counts at once"
        wrong.write_text(live.token("viewer") + "\r\nX-Admin: 1")
        assert site.ask("GET", "/api/jobs", VIEWER).status_code == 500


@pytest.fixture
def odd() -> Iterator[Callable[..., OddDesk]]:
    with ExitStack() as ends:
        yield lambda answer, silent=False: ends.enter_context(OddDesk(answer, silent))


def test_what_goes_each_way(live: Desk, odd: Callable[..., OddDesk], tmp_path: Path) -> None:
    """To the desk no cookie and no header of the browser; to the browser no cookie of whatever answers."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nSet-Cookie: a=b\r\nX-Secret: c\r\nServer: d\r\n"
    desk = odd(head + b"Content-Length: 2\r\n\r\n{}")
    with Site(live, tmp_path / "site", desk_url=desk.url).running() as site:
        sent = {"Cookie": "laravel_session=x", "Authorization": "Bearer of-the-user", "X-Forwarded-For": "1.2.3.4"}
        answer = site.ask("GET", "/api/jobs", VIEWER, headers=sent | {"X-Grafana-Action": "1"})
    assert answer.json() == {}
    assert "Set-Cookie" not in answer.headers and "X-Secret" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"
    told = desk.heard.decode()
    assert f"Authorization: Bearer {live.token('viewer')}" in told
    assert {line.split(":")[0].lower() for line in told.splitlines()[1:] if line} == {
        "host",
        "connection",
        "authorization",
    }


def test_redirects_lead_nowhere(live: Desk, odd: Callable[..., OddDesk], tmp_path: Path) -> None:
    target = odd(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
    desk = odd(f"HTTP/1.1 302 Found\r\nLocation: {target.url}/\r\nContent-Length: 0\r\n\r\n".encode())
    with Site(live, tmp_path / "site", desk_url=desk.url).running() as site:
        assert site.ask("GET", "/api/jobs", VIEWER).status_code == 502
    assert target.heard == b""


def test_a_silent_desk_is_not_waited_for_forever(live: Desk, odd: Callable[..., OddDesk], tmp_path: Path) -> None:
    """Before the head it is a 502; within a log its last line says so, for the status is sent by then."""
    head = "HTTP/1.1 200 OK\r\nContent-Type: {}\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{{}}\n\r\n"
    kinds = {"lines": "text/plain", "hits": "application/x-ndjson"}
    desks = {name: odd(head.format(kind).encode(), silent=True) for name, kind in kinds.items()}
    for name, desk in {"mute": odd(b"", silent=True), **desks}.items():
        with Site(live, tmp_path / name, desk_url=desk.url, MIXDESK_SILENCE_S="1").running() as site:
            answer = site.ask("GET", "/api/admin/logs/search?q=x", *BOTH)
        if name == "mute":
            assert answer.status_code == 502
        else:
            assert answer.text.startswith("{}\n") and "fell silent" in answer.text.splitlines()[-1]
