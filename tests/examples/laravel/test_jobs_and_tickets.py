"""Jobs that the application queues and a real trainer takes up; tickets that open streams and embeds at the desk."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
import requests
from live_desk import Desk
from odd_desk import OddDesk
from php_site import BOTH, TRAINER, VIEWER, Site
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

# -- a job is queued -----------------------------------------------------------------------------------


def test_a_queued_job_is_taken_up_by_its_trainer(site: Site, live: Desk) -> None:
    asked_for = site.ask("POST", "/api/trainings", TRAINER, user="carla", json={"name": "carla's", "version": "0.5"})
    assert asked_for.status_code == 202, asked_for.text
    assert set(asked_for.json()) == {"job_id"}, "and no key"
    job_id = asked_for.json()["job_id"]
    queued = live.get(f"/jobs/{job_id}")
    assert (queued["status"], queued["owner"], queued["name"]) == ("queued", "carla", "carla's")
    (waiting,) = site.queue.iterdir()
    keys = re.findall(r"[0-9a-f]{64}", waiting.read_text())
    assert keys
    site.secrets += keys
    site.work()
    job = live.get(f"/jobs/{job_id}")
    assert (job["status"], job["owner"], job["progress_percent"]) == ("succeeded", "carla", 100)
    assert len(live.jobs()) == len({one["job_id"] for one in live.jobs()})
    assert not [one for one in live.jobs() if one["name"] == "tiny"], "it made no job of its own"


def test_what_is_no_name(site: Site) -> None:
    for body in ({}, {"name": ""}, {"name": ["x"]}, {"name": "a\nb"}, {"name": "x", "version": 1}):
        assert site.ask("POST", "/api/trainings", TRAINER, json=body).status_code == 422, body
    assert site.ask("POST", "/api/trainings", TRAINER, data=b"[").status_code == 400


def test_a_trainer_that_cannot_start(live: Desk, tmp_path: Path) -> None:
    nowhere = Site(live, tmp_path / "site", STANDIN_TRAINER=json.dumps(["/nowhere/python"]))
    with nowhere.running():
        job_id = nowhere.ask("POST", "/api/trainings", TRAINER, json={"name": "lost"}).json()["job_id"]
        nowhere.work()
        job = live.get(f"/jobs/{job_id}")
        assert job["status"] == "failed" and "did not start" in job["error"]
        nowhere.queue.rmdir()
        assert nowhere.ask("POST", "/api/trainings", TRAINER, json={"name": "unqueued"}).status_code == 500
        (unqueued,) = live.get("/jobs?name=unqueued")["items"]
        assert unqueued["status"] == "failed" and "could not be queued" in unqueued["error"]


PRINTS = "import sys; print('to stdout'); sys.exit('ImportError: no module torch')"


def test_what_a_trainer_prints_is_in_the_log_of_the_worker(live: Desk, tmp_path: Path) -> None:
    site = Site(live, tmp_path / "site", STANDIN_TRAINER=json.dumps([sys.executable, "-c", PRINTS]))
    with site.running():
        site.ask("POST", "/api/trainings", TRAINER, json={"name": "prints"})
        said = site.work()
    assert "to stdout" in said
    assert said.count("ImportError") == 1
    assert re.search(r"of job [0-9a-f-]+ ended with 1\nImportError: no module torch", site.log.read_text())


SHOWS = "import json, os, sys; json.dump(dict(os.environ), open(sys.argv[1], 'w'))"


def test_a_trainer_sees_little_of_the_environment(live: Desk, tmp_path: Path) -> None:
    """Nothing of the application's that is not listed, whatever its name."""
    seen = tmp_path / "seen.json"
    mine = {"LC_ALL": "C.UTF-8", "CUDA_VISIBLE_DEVICES": "0", "OMP_NUM_THREADS": "2", "WANDB_MODE": "offline"}
    secret = {"REDIS_PASSWORD": "x", "AWS_SECRET_ACCESS_KEY": "x", "APP_KEY": "x", "DATABASE_URL": "x", "LCX": "x"}
    trainer = json.dumps([sys.executable, "-c", SHOWS, str(seen)])
    site = Site(live, tmp_path / "site", STANDIN_TRAINER=trainer, STANDIN_INHERIT="WANDB_*", **mine, **secret)
    with site.running():
        job_id = site.ask("POST", "/api/trainings", TRAINER, json={"name": "sees"}).json()["job_id"]
        site.work()
    given = json.loads(seen.read_text())
    assert mine.items() <= given.items() and not set(secret) & set(given)
    assert given["MIXDESK_JOB"].startswith(job_id) and given["MIXDESK_TOKEN"] == live.token("reporter")
    assert {name for name in given if name.startswith("MIXDESK_")} == {"MIXDESK_JOB", "MIXDESK_TOKEN", "MIXDESK_URL"}
    assert not [name for name in given if name.startswith("STANDIN")]


@pytest.mark.parametrize(("folder", "command"), [("", ["true"]), ("runs", ["true"]), ("/", []), ("/", [1])])
def test_a_trainer_that_is_not_set_up(live: Desk, tmp_path: Path, folder: str, command: list[object]) -> None:
    """Is told before the desk hears of a job."""
    settings = {"MIXDESK_TRAINER_FOLDER": folder, "STANDIN_TRAINER": json.dumps(command)}
    before = len(live.jobs())
    with Site(live, tmp_path / "site", **settings).running() as site:
        answer = site.ask("POST", "/api/trainings", TRAINER, json={"name": "nowhere"})
    assert answer.status_code == 500 and "mixdesk.trainer." in answer.json()["detail"]
    assert len(live.jobs()) == before and not list(site.queue.iterdir())


def test_a_desk_that_restarts_hears_it_later(live: Desk, tmp_path: Path) -> None:
    """Twice it does not answer that its trainer did not start: once not at all, once 503."""
    fine = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
    busy = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"
    with OddDesk(fine, first=[fine, b"", busy]) as desk:
        trainer = json.dumps(["/nowhere/python"])
        site = Site(live, tmp_path / "site", desk_url=desk.url, STANDIN_TRAINER=trainer)
        with site.running():
            assert site.ask("POST", "/api/trainings", TRAINER, json={"name": "late"}).status_code == 202
            site.work()
    assert desk.heard.count(b"PUT /jobs/") == 4 and desk.heard.count(b'"status":"failed"') == 3


# -- tickets -------------------------------------------------------------------------------------------


def test_a_ticket_opens_a_stream_at_the_desk(site: Site, job: str) -> None:
    ticket = site.ask("POST", "/api/auth/ws-ticket", VIEWER, json={"path": "/jobs/stream"})
    assert ticket.status_code == 201, ticket.text
    given = ticket.json()
    with connect(given["url"], subprotocols=given["protocols"], origin="https://app.example", proxy=None) as stream:
        frame = json.loads(stream.recv(timeout=60))
    assert frame["job"]["job_id"]
    with pytest.raises(InvalidStatus):
        connect(given["url"], subprotocols=given["protocols"], proxy=None)  # spent
    for path in ("/metrics", "/admin/tokens", "/jobs/stream?x", "/../jobs/stream", "/admin/logs/stream/a/..", 1, None):
        assert site.ask("POST", "/api/auth/ws-ticket", VIEWER, json={"path": path}).status_code == 422, path


def test_a_log_is_followed_by_operators(site: Site, live: Desk) -> None:
    source = live.get("/admin/logs/sources/api")["items"][0]["id"]
    path = f"/admin/logs/stream/api/{source}"
    given = site.ask("POST", "/api/auth/ws-ticket", *BOTH, json={"path": path}).json()
    with connect(f"{given['url']}?lines=5", subprotocols=given["protocols"], proxy=None) as stream:
        while "line 199999" not in str(stream.recv(timeout=60)):
            pass
    given = site.ask("POST", "/api/auth/ws-ticket", VIEWER, json={"path": path}).json()
    with pytest.raises(InvalidStatus):
        connect(given["url"], subprotocols=given["protocols"], proxy=None)


def test_an_embed_shows_ones_own_jobs(site: Site, live: Desk, job: str) -> None:
    ticket = site.ask("POST", "/api/auth/embed-ticket", user="anna", json={})
    assert ticket.status_code == 201, ticket.text
    shown = traded(live, ticket.json())
    mine = requests.get(f"{live.url}/jobs", headers={"Authorization": f"Bearer {shown}"}, timeout=60).json()["items"]
    assert mine and {one["owner"] for one in mine} == {"anna"}
    for body in ({"owner": "bo"}, {"job": job}, {"owner": ["anna"]}):
        assert site.ask("POST", "/api/auth/embed-ticket", user="anna", json=body).status_code == 403, body
    one = traded(live, site.ask("POST", "/api/auth/embed-ticket", VIEWER, user="bo", json={"job": job}).json())
    seen = requests.get(f"{live.url}/jobs/{job}", headers={"Authorization": f"Bearer {one}"}, timeout=60)
    assert seen.json()["job_id"] == job
    assert (
        requests.get(f"{live.url}/admin/assets", headers={"Authorization": f"Bearer {one}"}, timeout=60).status_code
        == 403
    )
    assert site.ask("POST", "/api/auth/embed-ticket", VIEWER, json={"job": "../x"}).status_code == 422


def traded(live: Desk, given: dict[str, Any]) -> str:
    said = requests.post(given["url"], json={"ticket": given["ticket"]}, headers={"Origin": live.url}, timeout=60)
    assert said.status_code == 200, said.text
    return str(said.json()["token"])
