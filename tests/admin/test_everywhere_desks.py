"""The two desks that the other tests look at are what they are said to be."""

from __future__ import annotations

from typing import Any


def test_the_full_desk_has_something_of_everything(full_desk: Any) -> None:
    jobs = {job["job_id"]: job for job in full_desk.get("/jobs")["items"]}
    shown = {fate: "lost" if (job := jobs[id_])["lost"] else job["status"] for fate, id_ in full_desk.job_ids.items()}
    assert shown == {**{fate: fate for fate in full_desk.job_ids}, "converting": "running", "second": "running"}
    assert jobs[full_desk.job_ids["second"]]["owner"] == "anna"
    states = {asset["id"]: asset["status"] for asset in full_desk.get("/admin/assets")["items"]}
    assert set(states.values()) == {"running", "stopped", "error"}, states
    assert full_desk.get("/admin/alerts")["firing"] == 2
    assert {"voice-engine", "api", "nginx"} <= {
        one["service"] for one in full_desk.get("/admin/logs/services")["items"]
    }
    assert full_desk.get("/admin/audit")["items"]


def test_the_empty_desk_has_nothing(empty_desk: Any) -> None:
    assert empty_desk.get("/jobs")["items"] == empty_desk.get("/admin/assets")["items"] == []
