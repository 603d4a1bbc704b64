"""Buttons in Grafana's panels: they reach job and asset actions at the desk, and nothing else, whatever a path says."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from mixdesk import wire

ACTION = {"X_Grafana_Action": "1"}
ACTIONS = re.compile(r"/admin/jobs/\{[^}]+\}/(checkpoint|pause|resume|cancel)|/admin/assets/\{[^}]+\}/(start|stop)")
PROBES = ("/healthz", "/readyz")
"""They look at no header, change nothing and tell nothing."""
NOT_HERE = "/admin/alerts/webhook"
"""The proxy keeps it to itself: Alertmanager goes to the desk."""
HIDDEN = (
    ("GET", "/"),
    ("GET", "/ui/"),
    ("GET", "/docs"),
    ("GET", "/openapi.json"),
    ("GET", "/admin/"),
    ("GET", "/metrics"),
)
HIDDEN_SOCKETS = ("/jobs/stream", "/admin/assets/stream", "/admin/metrics/stream", "/admin/logs/stream/jobs/x")


@pytest.fixture
def job(origin: Any) -> str:
    """A job that runs, of this test alone."""
    return running_job(origin)


@pytest.fixture(scope="module")
def plain_job(plain: Any) -> str:
    """One that nobody may steer here."""
    return running_job(plain)


def running_job(origin: Any) -> str:
    """Its report is sent by hand."""
    job_id = uuid.uuid4().hex
    report = wire.Report(job_id=job_id, job_key="k" * 64, job_type="download_model", seq=1, status="running")
    answer = origin.ask("PUT", f"/jobs/{job_id}/report", ":reporter", json.loads(wire.encode(report)))
    assert answer.status == 200, answer.text
    return job_id


def generation(origin: Any, job_id: str) -> int:
    """How often something was asked of it."""
    return int(origin.ask("GET", f"/jobs/{job_id}", "viewer").json["desired"]["generation"])


def routes(origin: Any) -> Iterator[tuple[str, str]]:
    """Every route that the desk describes or serves without describing it, as (method, path)."""
    document = origin.ask("GET", "/openapi.json").json
    for path, operations in document["paths"].items():
        yield from (
            (method.upper(), path) for method in operations if method in ("get", "post", "put", "patch", "delete")
        )
    yield from HIDDEN
    yield from (("GET", path) for path in HIDDEN_SOCKETS)


def filled(path: str, job_id: str) -> str:
    return re.sub(r"\{[^}]+\}", "bark" if path.startswith("/admin/assets") else job_id, path)


@pytest.mark.parametrize("prefix", ["", "/grafana"])
def test_an_action_with_an_admins_session_reaches_actions_alone(origin: Any, job: str, prefix: str) -> None:
    found = list(routes(origin))
    assert len(found) > 30 and sum(ACTIONS.fullmatch(path) is not None for _, path in found) == 6
    before = len(origin.grafana.asked)
    for method, template in found:
        body = None if method == "GET" else {}
        answer = origin.ask(method, prefix + filled(template, job), "admin", body, **ACTION)
        if answer.status == 302 and prefix:  # what panels link to: a browser follows, with the header
            answer = origin.ask("GET", answer.headers["Location"], "admin", None, **ACTION)
        if ACTIONS.fullmatch(template) and method == "POST":
            assert answer.status not in (401, 403, 404, 405), (method, template, answer.text)
        elif template == NOT_HERE:
            assert answer.status == 404, (method, answer.status, answer.text)
        elif prefix or template not in PROBES:
            assert answer.status == 403, (method, template, answer.status, answer.text)
    assert len(origin.grafana.asked) == before, "none of it reached Grafana"


def test_an_action_does_what_it_says(origin: Any, job: str) -> None:
    path = f"/grafana/admin/jobs/{job}/checkpoint"
    answer = origin.ask("POST", path, "operator", {"then": "continue"}, **ACTION)
    assert answer.status == 202, answer.text
    operation = origin.ask("GET", f"/admin/operations/{answer.json['operation']}", "operator").json
    assert (operation["action"], operation["target"]) == ("checkpoint", job), operation
    audit = origin.ask("GET", "/admin/audit?limit=50", "admin").json["items"]
    assert [line["origin"] for line in audit if line["target"] == job] == ["127.0.0.1"], audit
    assert origin.ask("POST", path + "?reason=by%20hand", ":operator", {}, **ACTION).status == 202


@pytest.mark.parametrize(("who", "status"), [(None, 401), ("viewer", 403), ("anna", 403), (":reporter", 403)])
def test_an_action_needs_the_right_at_the_desk(origin: Any, job: str, who: str | None, status: int) -> None:
    answer = origin.ask("POST", f"/grafana/admin/jobs/{job}/pause", who, {}, **ACTION)
    # An owner's viewer is not told that a job of others exists.
    assert answer.status in ((403, 404) if who == "anna" else (status,)), answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_an_action_of_a_foreign_page_or_a_form_is_none(origin: Any, job: str) -> None:
    path = f"/grafana/admin/jobs/{job}/cancel"
    assert origin.ask("POST", path, "admin", {}, Origin="https://evil.example").status == 403
    assert origin.ask("POST", path, "admin", {}, Origin="null").status == 403
    assert origin.ask("POST", path, "admin", None, Content_Type="text/plain").status == 415
    assert origin.ask("POST", path, "admin", {}, Host="rebound.example").status == 403
    assert generation(origin, job) == 0


# No action: all of it is Grafana's, which gets no cookie, or nobody's.
NO_ACTIONS = [
    "/grafana/admin/jobs/JOB/delete",
    "/grafana/admin/jobs/JOB/cancel/",
    "/grafana/admin/jobs/JOB/cancel;x",
    "/grafana/admin/jobs/JOB;x/cancel",
    "/grafana/admin/jobs//cancel",
    "/grafana/admin/jobs/a/b/cancel",
    "/grafana/admin/jobs/..%2ftokens/cancel",
    "/grafana/admin/jobs/%252e%252e%252ftokens/cancel",
    "/grafana/admin/jobs/JOB%00/cancel",
    "/grafana/admin/jobs/JOB%0a/cancel",
    "/grafana/admin/jobs/JOB/cancel%0a",
    "/grafana/admin/jobs/JOB/cancel%0aX",
    "/grafana/admin/jobs/JOB/cancel%3fx",
    "/grafana/admin/jobs/JOB/cancel%23x",
    "/grafana/admin/jobs/../tokens",
    "/grafana/admin/assets/BARK/start",
    "/grafana/admin/assets/reload",
    "/grafana/admin/tokens",
    "/grafana/auth/login-code",
    "/grafana/jobs/JOB/report",
    "/GRAFANA/admin/jobs/JOB/cancel",
    "/grafana/../grafana/auth/login-code",
    "/grafana/..;/admin/tokens",
    "/grafana\\admin\\tokens",
]


@pytest.mark.parametrize("path", NO_ACTIONS)
def test_tricks_with_paths_reach_no_action(plain: Any, plain_job: str, path: str) -> None:
    """With an admin's session and without the header, so that the desk's own rule about actions does not help."""
    tokens = plain.ask("GET", "/admin/tokens", "admin").json
    before = len(plain.grafana.asked)
    answer = plain.ask("POST", path.replace("JOB", plain_job), "admin", {"roles": ["admin"]})
    if len(plain.grafana.asked) > before:
        told = plain.grafana.last()
        assert answer.status == 200 and "cookie" not in told.headers
    else:
        assert answer.status in (400, 403, 404, 405), (path, answer.status, answer.text)
    assert plain.ask("GET", "/admin/tokens", "admin").json == tokens
    assert generation(plain, plain_job) == 0


# Out of /grafana/ by dots: whoever ends up at the desk is asked by it under that very path, which is no route of it.
OUT = ["/grafana/../admin/tokens", "/grafana/%2e%2e/admin/tokens", "/grafana/..%2fadmin/tokens", "//admin/tokens"]


@pytest.mark.parametrize("path", OUT)
def test_dots_lead_nowhere(plain: Any, path: str) -> None:
    before = len(plain.grafana.asked)
    assert plain.ask("GET", path, "admin").status in (400, 403, 404)
    assert plain.ask("POST", path, "admin", {"roles": ["admin"]}, **ACTION).status in (400, 403, 404)
    assert len(plain.grafana.asked) == before


# Into /grafana/ by dots: asked like every other request to it.
@pytest.mark.parametrize(
    "path", ["/ui/../grafana/api/x", "/ui/%2e%2e/grafana/api/x", "//grafana/api/x", "/x/..%2fgrafana/"]
)
def test_there_is_no_way_around_the_question(plain: Any, path: str) -> None:
    before = len(plain.grafana.asked)
    assert plain.ask("GET", path, None).status in (400, 401)
    assert plain.ask("GET", path, "anna").status in (400, 403)
    assert len(plain.grafana.asked) == before


def test_other_methods_and_paths_below_admin_stay_grafanas(origin: Any) -> None:
    for method, path in (
        ("GET", "/grafana/admin/jobs/x/cancel"),
        ("GET", "/grafana/admin/users"),
        ("PUT", "/grafana/admin/jobs/x/cancel"),
    ):
        assert origin.ask(method, path, "operator", None if method == "GET" else {}).status == 200
        assert (origin.grafana.last().method, origin.grafana.last().path) == (method, path)
        assert "cookie" not in origin.grafana.last().headers


def test_the_question_itself_is_asked_by_the_proxy_alone(origin: Any) -> None:
    assert origin.ask("GET", "/proxy/verify", "admin").status == 404
    assert origin.ask("GET", "/proxy/anything", "admin").status == 404
    answer = origin.ask("GET", "/auth/verify", "admin")  # the desk's own route: it tells one who one is
    assert (answer.status, answer.headers["X-WEBAUTH-USER"]) == (200, "admin")
