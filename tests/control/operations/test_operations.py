"""Operations: what may follow what, and how people see and take back theirs."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from mixdesk import wire
from mixdesk.identity import new_job_id, new_key
from mixdesk_control.operations.operation import ENDED, OPEN, STATES, Operation, advanced, shown

HEADERS = {"Content-Type": "application/json"}


def operation(state: str = "pending") -> Operation:
    return Operation(
        id="o1",
        action="pause",
        kind="job",
        target="j1",
        actor="op",
        generation=3,
        created_at=1.0,
        updated_at=1.0,
        state=state,
    )


@pytest.mark.parametrize(("before", "after"), list(itertools.product(STATES, STATES)))
def test_every_pair(before: str, after: str) -> None:
    legal = before in OPEN and not (before == "running" and after == "pending")
    if not legal:
        with pytest.raises(ValueError, match="cannot go"):
            advanced(operation(before), after, 2.0)
        return
    moved = advanced(operation(before), after, 2.0, error="why")
    assert (moved.state, moved.updated_at, moved.steps, moved.error) == (after, 2.0, ((2.0, after),), "why")
    assert (moved.ended_at == 2.0) == (after in ENDED)


def test_the_steps_of_a_long_one_stay_few() -> None:
    found = operation("running")
    for number in range(200):
        found = advanced(found, "running", float(number), step=str(number))
    assert len(found.steps) == 50 and found.steps[-1] == (199.0, "199")


def test_its_json() -> None:
    found = shown(advanced(operation(), "succeeded", 2.0, result={"path": "/c"}))
    assert (found["state"], found["result"], found["ended_at"]) == ("succeeded", {"path": "/c"}, wire.now_text(2.0))
    assert found["steps"] == [{"at": wire.now_text(2.0), "step": "succeeded"}]


def running_job(desk: Any) -> tuple[str, wire.Report]:
    report = wire.Report(job_id=new_job_id(), job_key=new_key(), job_type="tts_generate", seq=1, status="running")
    body = wire.encode(report)
    assert desk.ask("PUT", f"/jobs/{report.job_id}/report", "reporter", data=body, headers=HEADERS).status_code == 200
    return report.job_id, report


def test_they_are_listed_filtered_and_paged(desk: Any) -> None:
    job_id, report = running_job(desk)
    asked = []
    for action in ("pause", "resume", "pause", "resume", "checkpoint"):
        asked.append(desk.ask("POST", f"/admin/jobs/{job_id}/{action}", "operator").json()["operation"])
    listed, cursor = [], ""
    while cursor is not None:
        path = f"/admin/operations?kind=job&target={job_id}&limit=2" + (f"&cursor={cursor}" if cursor else "")
        page = desk.ask("GET", path, "viewer").json()
        assert len(page["items"]) <= 2
        listed += [item["id"] for item in page["items"]]
        cursor = page["next"]
    assert listed == list(reversed(asked))
    waits = desk.ask("GET", f"/admin/operations?target={job_id}&state=pending", "viewer").json()["items"]
    assert [item["action"] for item in waits] == ["checkpoint", "resume"]
    assert desk.ask("GET", "/admin/operations?state=odd", "viewer").status_code == 422
    assert desk.ask("GET", "/admin/operations?cursor=odd", "viewer").status_code == 422
    report.seq, report.status = 2, "failed"
    body = wire.encode(report)
    assert desk.ask("PUT", f"/jobs/{job_id}/report", "reporter", data=body, headers=HEADERS).status_code == 200
    waits = desk.ask("GET", f"/admin/operations?target={job_id}&state=pending", "viewer").json()["items"]
    assert waits == [], "none outlives its job"


def test_one_is_taken_back(desk: Any) -> None:
    job_id, _ = running_job(desk)
    path = f"/admin/operations/{desk.ask('POST', f'/admin/jobs/{job_id}/pause', 'operator').json()['operation']}"
    assert desk.ask("POST", f"{path}/cancel", "viewer").status_code == 403
    taken = desk.ask("POST", f"{path}/cancel", "operator")
    assert (taken.status_code, taken.json()["state"]) == (202, "canceled")
    again = desk.ask("POST", f"{path}/cancel", "operator")
    assert (again.status_code, again.headers["Content-Type"]) == (409, "application/problem+json")
    wish = desk.ask("GET", f"/jobs/{job_id}", "viewer").json()["desired"]
    assert wish["run"]["state"] == "running"


def test_one_that_is_not_there(desk: Any) -> None:
    for method, path in (("GET", "/admin/operations/nobody"), ("POST", "/admin/operations/nobody/cancel")):
        assert desk.ask(method, path, "operator").status_code == 404
