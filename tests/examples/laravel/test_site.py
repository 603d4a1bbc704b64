"""The application in front of a live desk: each path of the plan, who may what, what gets no further, large logs."""

from __future__ import annotations

import gzip
import re
import socket
from typing import Any

import pytest
import requests
from live_desk import Desk, wait_until
from php_site import BOTH, OPERATOR, TRAINER, VIEWER, Site

# -- the plan's paths ----------------------------------------------------------------------------------


def test_what_people_read(site: Site, live: Desk, job: str) -> None:
    """Each answer is the desk's own."""
    source = live.get("/admin/logs/sources/api")["items"][0]["id"]
    for path in (
        "/admin/logs/services",
        "/admin/logs/sources/api",
        f"/admin/logs/download/api/{source}?lines=3",
        "/admin/logs/search?q=line+199999&service=api",
        "/admin/assets",
        "/admin/assets/rvc/status",
        f"/jobs/{job}/history",
        "/jobs?name=anton&status=running,lost&job_type=training_rvc",
        "/admin/operations?state=failed",
        "/admin/alerts",
    ):
        answer = site.ask("GET", f"/api{path}", *BOTH)
        assert answer.status_code == 200, f"{path}: {answer.text}"
        assert answer.text and shown(answer.text) == shown(asked(live, path).text), path
    assert site.ask("GET", "/api/admin/metrics", *BOTH).json()["memory"]["total_bytes"] > 0
    assert site.ask("GET", f"/api/jobs/{job}", VIEWER).json()["owner"] == "anna"
    assert {"items", "next"} <= set(site.ask("GET", "/api/admin/audit", *BOTH).json())


def asked(live: Desk, path: str, role: str = "operator") -> requests.Response:
    return requests.get(live.url + path, headers={"Authorization": f"Bearer {live.token(role)}"}, timeout=60)


def shown(text: str) -> str:
    """Without what changes from one moment to the next."""
    return re.sub(r'"(metrics|usage|revision|uptime_s|searched_bytes|modified)":\s*(\{[^}]*\}|[^,}]*)', "", text)


def test_a_model_is_started_and_stopped(site: Site, live: Desk) -> None:
    plan = site.ask("POST", "/api/admin/assets/rvc/start?dry_run=true", *BOTH)
    assert (plan.status_code, plan.json()["action"]) == (200, "start")
    started = site.ask("POST", "/api/admin/assets/rvc/start", *BOTH, json={}, headers={"Idempotency-Key": "1"})
    assert started.status_code == 202, started.text
    again = site.ask("POST", "/api/admin/assets/rvc/start", *BOTH, json={}, headers={"Idempotency-Key": "1"})
    assert again.json() == started.json()
    operation = started.json()["operation"]
    done = wait_until(lambda: ended(site, operation), "the start")
    assert (done["state"], done["target"]) == ("succeeded", "rvc")
    assert site.ask("GET", "/api/admin/assets/rvc/status", VIEWER).json()["status"] == "running"
    hold = site.ask("POST", "/api/admin/assets/rvc/holds", *BOTH, json={"ttl_s": 60, "reason": "a song"})
    assert hold.status_code == 201, hold.text
    refused = site.ask("POST", "/api/admin/assets/rvc/stop", *BOTH)
    assert (refused.status_code, refused.headers["Content-Type"]) == (409, "application/problem+json")
    assert refused.json()["holds"], "the fields of a refusal come through"
    assert site.ask("DELETE", f"/api/admin/assets/rvc/holds/{hold.json()['id']}", *BOTH).status_code == 204
    stopped = site.ask("POST", "/api/admin/assets/rvc/stop", *BOTH).json()["operation"]
    assert wait_until(lambda: ended(site, stopped), "the stop")["state"] == "succeeded"


def ended(site: Site, operation: str) -> dict[str, Any] | None:
    found = dict(site.ask("GET", f"/api/admin/operations/{operation}", VIEWER).json())
    return found if found["state"] in ("succeeded", "failed") else None


def test_a_checkpoint_is_asked_for(site: Site, own_job: str) -> None:
    saved = site.ask("POST", f"/api/admin/jobs/{own_job}/checkpoint", *BOTH, json={"then": "continue"})
    assert saved.status_code == 202, saved.text
    assert site.ask("GET", f"/api/jobs/{own_job}", VIEWER).json()["desired"]["checkpoint"]["then"] == "continue"
    for action in ("pause", "resume"):
        assert site.ask("POST", f"/api/admin/jobs/{own_job}/{action}", *BOTH).status_code == 202
    wrong = site.ask("POST", f"/api/admin/jobs/{own_job}/checkpoint", *BOTH, json={"then": "explode"})
    assert wrong.status_code == 422 and "then" in wrong.text
    assert site.ask("DELETE", f"/api/jobs/{own_job}", *BOTH).status_code == 409, "it has not ended"


def test_one_key_of_two_users(site: Site, own_job: str) -> None:
    """The desk would refuse another body under a key that it knows."""
    for user, then in (("anna", "continue"), ("bo", "cancel")):
        headers = {"Idempotency-Key": "the same"}
        path = f"/api/admin/jobs/{own_job}/checkpoint"
        answer = site.ask("POST", path, *BOTH, user=user, json={"then": then}, headers=headers)
        assert answer.status_code == 202, answer.text


def test_head_is_a_get_without_a_body(site: Site) -> None:
    whole = site.ask("GET", "/api/admin/assets", *BOTH)
    head = site.ask("HEAD", "/api/admin/assets", *BOTH)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Type"] == whole.headers["Content-Type"]
    assert site.ask("HEAD", "/api/admin/assets").status_code == 403
    assert site.ask("HEAD", "/api/admin/assets/rvc/start", *BOTH).status_code == 405


# -- who may what --------------------------------------------------------------------------------------


def test_gates_decide(site: Site, job: str) -> None:
    for method, path in (
        ("GET", "/jobs"),
        ("GET", "/admin/assets"),
        ("POST", "/auth/ws-ticket"),
        ("POST", "/trainings"),
    ):
        assert requests.request(method, f"{site.url}/api{path}", timeout=60).status_code == 401, "nobody"
        refused = site.ask(method, f"/api{path}")
        assert (refused.status_code, refused.headers["Content-Type"]) == (403, "application/problem+json")
    for method, path in (
        ("POST", f"/admin/jobs/{job}/cancel"),
        ("POST", "/admin/assets/rvc/start"),
        ("DELETE", f"/jobs/{job}"),
        ("GET", "/admin/audit"),
    ):
        assert site.ask(method, f"/api{path}", VIEWER).status_code == 403, path
        assert site.ask(method, f"/api{path}", OPERATOR).status_code == 403, "acting takes seeing"
    logs = site.ask("GET", "/api/admin/logs/sources/api", VIEWER)
    assert logs.status_code == 403 and "detail" in logs.json(), "the desk sees a viewer"


def test_nothing_else_is_passed_on(site: Site) -> None:
    for method, path in (
        ("GET", "/api/admin/tokens"),
        ("POST", "/api/admin/tokens"),
        ("GET", "/api/admin/settings"),
        ("GET", "/api/metrics"),
        ("GET", "/metrics"),
        ("PUT", "/api/jobs/x/report"),
        ("GET", "/api/jobs/desired"),
        ("GET", "/api/jobs/stream"),
        ("POST", "/api/auth/login"),
    ):
        assert site.ask(method, path, VIEWER, OPERATOR, TRAINER).status_code in (404, 405), path
    assert site.ask("GET", "/api/jobs?token=x", *BOTH).status_code == 400


RAW = (
    *("/api/admin/logs/sources/..%2f..%2ftokens", "/api/admin/logs/sources/%2e%2e", "/api/admin/logs/../tokens"),
    *(
        "/api/admin/assets/..%252ftokens/status",
        "/api/admin/assets/rvc%2fstart/status",
        "/api/admin/assets/rvc%00/status",
    ),
    *(
        "/api//admin/tokens",
        "/api/jobs/%0d%0aX-A:%20b",
        "/api/%61dmin/assets",
        "/api/jobs/x%3ftoken=1",
        "/api/jobs/%2e",
    ),
    *("/api/jobs/..;/admin/tokens", "/api/jobs/%5c..%5cadmin%5ctokens", "http://evil.example/api/admin/tokens"),
)


@pytest.mark.parametrize("path", RAW)
def test_encoded_tricks_reach_no_desk(site: Site, path: str) -> None:
    """As bytes, since libraries tidy such paths up."""
    with socket.create_connection(("127.0.0.1", site.port), timeout=60) as wire:
        users = f"X-User: anna={VIEWER},{OPERATOR}\r\n"
        wire.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n{users}Connection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: wire.recv(65536), b""))
    assert int(answer.split()[1]) in (400, 404), answer[:500]


# -- streamed ------------------------------------------------------------------------------------------


def test_a_log_is_larger_than_the_memory(site: Site, live: Desk) -> None:
    """PHP has 24 MB here, for all of itself."""
    source = live.get("/admin/logs/sources/api")["items"][0]["id"]
    whole = (live.state.parent / "laravel.log").read_bytes()
    assert len(whole) > 20 << 20
    taken = site.ask("GET", f"/api/admin/logs/download/api/{source}", *BOTH, keep=False)
    assert taken.headers["Content-Disposition"].startswith("attachment")
    assert taken.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert taken.headers["X-Content-Type-Options"] == "nosniff"
    assert taken.content == asked(live, f"/admin/logs/download/api/{source}").content
    packed = site.ask("GET", f"/api/admin/logs/download/api/{source}?gzip=true", *BOTH, keep=False)
    assert packed.headers["Content-Type"] == "application/gzip"
    assert gzip.decompress(packed.content) == taken.content
