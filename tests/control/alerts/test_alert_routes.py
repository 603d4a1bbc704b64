"""The HTTP of alerts at a real desk: who may, how large, how durable, and what pages of runbooks carry."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pages
import pytest
from alert_inbox import told, webhook

from mixdesk import wire
from mixdesk_control.alerts import inbox, routes, service
from mixdesk_control.alerts.alert import LATE_S, STALE_S, STATES
from mixdesk_control.alerts.schema import AlertList, WebhookAnswer
from mixdesk_control.web.limits import MAX_BODY

JSON = {"Content-Type": "application/json"}
API = pages.page("api")


@pytest.fixture(scope="module")
def alert_desk(tmp_path_factory: pytest.TempPathFactory, desk: Any) -> Iterator[Any]:
    """A desk whose alerts are those of these tests."""
    found = type(desk)(tmp_path_factory.mktemp("alerts") / "state")
    try:
        yield found.start()
    finally:
        found.close()


def tell(desk: Any, *alerts: Any, role: str = "reporter", **fields: Any) -> Any:
    return desk.ask("POST", routes.WEBHOOK, role, json=webhook(*alerts, **fields))


def names(desk: Any, role: str = "viewer", **wanted: str) -> list[str]:
    answer = desk.ask("GET", "/admin/alerts", role, params={"limit": "1000", **wanted})
    assert answer.status_code == 200, answer.text
    return [item["name"] for item in answer.json()["items"]]


def now_and(number: int, name: str, **fields: Any) -> dict[str, Any]:
    return told(number, starts=time.time() - 60, alertname=name, **fields)


def test_what_is_told_is_listed_with_the_shape_that_is_described(alert_desk: Any) -> None:
    assert alert_desk.ask("GET", "/admin/alerts", "viewer").json() == {
        "items": [], "next": None, "firing": 0, "alertmanager": None,
    }  # fmt: skip
    answer = tell(alert_desk, now_and(1, "Shape"), now_and(2, "Shape", severity="critical"), 5)
    assert answer.status_code == 200, answer.text
    assert WebhookAnswer.model_validate(answer.json(), strict=True).taken == 2
    whole = alert_desk.ask("GET", "/admin/alerts", "viewer", params={"name": "Shape", "limit": 1}).json()
    assert set(whole) == set(AlertList.model_fields)
    page = AlertList.model_validate(whole, strict=True)
    assert page.items[0].severity == "critical" and set(whole["items"][0]) == set(type(page.items[0]).model_fields)
    rest = alert_desk.ask("GET", "/admin/alerts", params={"name": "Shape", "cursor": page.next}).json()
    assert [item["severity"] for item in rest["items"]] == ["warning"] and rest["next"] is None
    assert page.alertmanager is not None and not page.alertmanager.silent


def test_who_may_tell_and_who_may_see(alert_desk: Any) -> None:
    for role, status in (("viewer", 403), ("admin", 403), ("scraper", 403), (None, 401), ("reporter", 200)):
        assert tell(alert_desk, now_and(3, "Roles"), role=role).status_code == status, role
    for role, status in (("viewer", 200), ("operator", 200), ("reporter", 403), ("scraper", 403), (None, 401)):
        assert alert_desk.ask("GET", "/admin/alerts", role).status_code == status, role


def test_what_is_wrong_is_said(alert_desk: Any) -> None:
    for query in ({"state": "open"}, {"cursor": "nonsense"}, {"limit": 0}, {"cursor": "WzFd"}):
        answer = alert_desk.ask("GET", "/admin/alerts", params=query)
        assert answer.status_code == 422 and answer.headers["Content-Type"] == "application/problem+json"
    assert "use one of firing, stale, resolved, all" in alert_desk.ask("GET", "/admin/alerts?state=open").text
    bad = tell(alert_desk, {**told(), "fingerprint": "nobody's"})
    assert bad.status_code == 422 and len(bad.json()["refused"]) == 1
    assert alert_desk.ask("POST", routes.WEBHOOK, "reporter", data=b"{", headers=JSON).status_code == 400
    assert alert_desk.ask("POST", routes.WEBHOOK, "reporter", data=b"a=b").status_code == 415


def test_who_is_bound_to_an_owner_sees_alerts_of_its_jobs(alert_desk: Any) -> None:
    for job_id, owner in (("alert-a", "alice"), ("alert-b", "bob")):
        report = wire.Report(job_id=job_id, job_key="k" * 64, job_type="training_rvc", seq=1, status="running")
        report.owner = owner
        path = f"/jobs/{job_id}/report"
        assert alert_desk.ask("PUT", path, "reporter", data=wire.encode(report), headers=JSON).status_code == 200
    at = time.time()
    tell(alert_desk, *(told(20 + number, starts=at, alertname="Owned", job_id=job_id, component="job")
                       for number, job_id in enumerate(("alert-a", "alert-b"))))  # fmt: skip
    token = alert_desk.ask("POST", "/admin/tokens", json={"roles": ["viewer"], "name": "b", "owner": "bob"}).json()
    headers = {"Authorization": f"Bearer {token['token']}"}
    seen = alert_desk.ask("GET", "/admin/alerts", None, headers=headers).json()
    assert [item["labels"]["job_id"] for item in seen["items"] if item["component"] == "job"] == ["alert-b"]
    assert names(alert_desk, name="Owned") == ["Owned", "Owned"]
    made = alert_desk.ask("POST", "/admin/tokens", json={"roles": ["reporter"], "name": "r", "owner": "bob"}).json()
    bound = {"Authorization": f"Bearer {made['token']}"}
    assert alert_desk.ask("POST", routes.WEBHOOK, None, json=webhook(), headers=bound).status_code == 403


def test_this_route_alone_takes_a_mebibyte(alert_desk: Any) -> None:
    body = json.dumps(webhook(now_and(30, "Large"))).encode()
    just = body + b" " * (routes.MOST_BODY - len(body))
    assert alert_desk.ask("POST", routes.WEBHOOK, "reporter", data=just, headers=JSON).status_code == 200
    assert names(alert_desk, name="Large") == ["Large"]
    chunks = iter([just, b" "])
    for data in (just + b" ", chunks):
        answer = alert_desk.session("reporter").post(
            alert_desk.url + routes.WEBHOOK, data=data, headers=JSON, timeout=60
        )
        assert answer.status_code == 413 and str(routes.MOST_BODY) in answer.json()["detail"]
    for path in ("/admin/tokens", "/admin/alerts/webhook/", "/jobs/x/report"):
        answer = alert_desk.ask("PUT", path, data=b" " * (MAX_BODY + 1), headers=JSON)
        assert answer.status_code == 413 and str(MAX_BODY) in answer.json()["detail"], path


def test_nobody_sends_much_without_a_token(alert_desk: Any) -> None:
    answer = alert_desk.session(None).post(
        alert_desk.url + routes.WEBHOOK, data=b" " * routes.MOST_BODY, headers=JSON, timeout=60
    )
    assert answer.status_code == 401


def test_a_storm_is_taken_in_one_body(alert_desk: Any) -> None:
    # as many as a desk keeps, and no worse ones came before
    storm = [now_and(number, "Storm", severity="critical", instance="i" * 100) for number in range(5000, 6000)]
    answer = tell(alert_desk, *storm)
    assert answer.status_code == 200 and answer.json()["taken"] == 1000, answer.text[:200]
    assert len(names(alert_desk, name="Storm")) == 1000
    tell(alert_desk, *({**alert, "status": "resolved"} for alert in storm))
    assert names(alert_desk, name="Storm") == []


def test_what_was_answered_is_on_the_disk(new_desk: Any) -> None:
    desk = new_desk().start()
    for number in range(1, 6):
        assert tell(desk, now_and(number, "Durable")).status_code == 200
    desk.kill()
    desk.start()
    assert names(desk) == ["Durable"] * 5


# -- runbooks ------------------------------------------------------------------------------------------


def test_runbooks_are_pages_for_everybody(alert_desk: Any) -> None:
    known = sorted(path.stem for path in (pages.DOCS / "runbooks").glob("*.md") if path.stem != "README")
    for path in ("/runbooks/", *(f"/runbooks/{name}" for name in known[:2])):
        answer = alert_desk.ask("GET", path, None)
        assert answer.status_code == 200 and answer.headers["Content-Type"] == "text/html; charset=utf-8"
        assert "script-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        assert "<h1 id=" in answer.text and answer.headers["X-Content-Type-Options"] == "nosniff"
        assert alert_desk.ask("HEAD", path, None).status_code == 200


@pytest.mark.parametrize("name", ["Nobody", "README", "..%2fdesk", "%2e%2e", "a" * 65, "a.md", "%00", "x%22%3E"])
def test_what_is_no_runbook_is_a_404(alert_desk: Any, name: str) -> None:
    answer = alert_desk.ask("GET", f"/runbooks/{name}", None)
    assert answer.status_code == 404 and answer.headers["Content-Type"] == "application/problem+json"


# -- docs/api.md, docs/desk.md -------------------------------------------------------------------------


def test_the_json_of_alerts_is_shown_whole() -> None:
    AlertList.model_validate(shown := json.loads(pages.marked(API, "alerts")), strict=True)
    assert set(shown) == set(AlertList.model_fields)
    WebhookAnswer.model_validate(json.loads(pages.marked(API, "webhook")), strict=True)
    listed = [pages.names(row[0])[0] for row in pages.table(API, "state of an alert", "")]
    assert listed == list(STATES)


def test_the_numbers_of_alerts_are_those_of_the_code() -> None:
    text = " ".join(API.split())
    assert f"repeated within the last {STALE_S / 60:g} minutes" in text
    assert f"within the last {'two' if LATE_S == 120 else LATE_S} minutes" in text
    assert f"not in the last {service.SILENT_S / 60:g} minutes" in text
    assert f"for {service.KEEP_S / 3600:g} hours is forgotten, and at most {service.MOST:,} are kept" in text
    assert f"{inbox.MOST_TEXT:,} characters of each" in text
    rows = {row[0]: row[1] for row in pages.table(pages.page("desk"), "what", "limit")}
    assert rows["webhook of Alertmanager"] == f"{routes.MOST_BODY // 2**20} MiB, {inbox.MOST_ALERTS:,} alerts"
    assert rows["alerts"].startswith(f"{service.MOST:,}, each {service.KEEP_S / 3600:g} hours")


def test_the_page_of_runbooks_is_in_the_package() -> None:
    assert (Path(routes.__file__).parent / "runbook.html").is_file()
