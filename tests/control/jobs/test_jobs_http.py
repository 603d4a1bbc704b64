"""The jobs of a real desk over HTTP and WebSocket."""

from __future__ import annotations

import concurrent.futures
import contextlib
import json
import re
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
import requests
from websockets.sync.client import connect

from mixdesk import wire

Put = Callable[..., requests.Response]


@pytest.fixture
def put(desk: Any) -> Put:
    def send(trainer: Any, **fields: Any) -> requests.Response:
        body = trainer.next(**{"sent_at": wire.now_text(time.time()), **fields})
        headers = {"Content-Type": "application/json"}
        return desk.ask("PUT", f"/jobs/{trainer.job_id}/report", "reporter", data=body, headers=headers)

    return send


def test_a_report_and_its_answer(desk: Any, put: Put, Trainer: type) -> None:
    trainer = Trainer(name="over-http")
    answer = put(trainer, status="running")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
    told = answer.json()
    assert set(told) >= {"v", "version", "acked_seq", "desired", "report_in_s", "lease_s", "spans"}
    assert (told["acked_seq"], told["report_in_s"], told["lease_s"], told["spans"]) == (1, 1.0, 10.0, False)
    job = desk.ask("GET", f"/jobs/{trainer.job_id}", "viewer").json()
    assert (job["name"], job["status"]) == ("over-http", "running")
    listed = desk.ask("GET", "/jobs?status=running,starting&name=over-http", "viewer").json()
    assert [item["job_id"] for item in listed["items"]] == [trainer.job_id]


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        (lambda text: text[:-5], 400, "not JSON"),
        (lambda text: '{"deep":' + "[" * 20_000, 400, "not JSON"),
        (lambda text: "", 400, "not JSON"),
        (lambda text: "null", 422, "object"),
        (lambda text: text.replace('"seq":1', '"seq":"one"'), 422, "seq"),
        (lambda text: text.replace('"seq":1', '"seq":-1'), 422, "seq"),
        (lambda text: text.replace('"seq":1', '"seq":1e400'), 422, "seq"),
        (lambda text: text.replace('"seq":1', f'"seq":{10**30}'), 422, "seq"),
        (lambda text: text.replace('"status":"starting"', '"status":"flying"'), 422, "flying"),
        (lambda text: text.replace('"v":1', '"v":2'), 422, "version"),
        (lambda text: text.replace('"v":1', '"v":0'), 422, "version"),
        (lambda text: re.sub('"job_id":"[^"]+"', '"job_id":"other"', text), 422, "other"),
        (lambda text: re.sub('"job_key":"[^"]+"', '"job_key":""', text), 422, "job_key"),
        (lambda text: text.replace('"training_rvc"', '"../../etc"'), 422, "job_type"),
        (lambda text: text.replace('"f0_extraction"', '"preprocessing"'), 422, "same key"),
        (lambda text: text.replace('"metrics":{}', json.dumps({"m": 1})[1:-1] + ',"metrics":5'), 422, "metrics"),
        (
            lambda text: text.replace('"metrics":{}', f'"metrics":{json.dumps({f"m{n}": 1 for n in range(65)})}'),
            422,
            "64 metrics",
        ),
    ],
)
def test_a_report_that_cannot_be_is_a_problem(
    desk: Any, Trainer: type, change: Callable[[str], str], status: int, words: str
) -> None:
    trainer = Trainer()
    body = change(trainer.next().decode())
    answer = desk.ask(
        "PUT", f"/jobs/{trainer.job_id}/report", "reporter", data=body, headers={"Content-Type": "application/json"}
    )
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
    assert words in answer.json()["detail"]
    assert desk.ask("GET", f"/jobs/{trainer.job_id}", "viewer").status_code == 404


def test_fields_that_cannot_be_are_set_right_and_the_rest_counts(desk: Any, put: Put, Trainer: type) -> None:
    trainer = Trainer(name="a\x00b\nc" + "x" * 500, error="e" * 100_00, epoch=-3, pid=2**60, attempt=-1)
    trainer.phase("training", done=-5.0, total=-1.0, weight=50.0)
    trainer.report.phases[0].state = "flying"
    trainer.report.metrics = {"ok": 0.5, "inf": "Infinity", "word": "hello", "big": 1e308}
    trainer.report.created_at, trainer.report.trace_id, trainer.report.parent_id = "yesterday", "0" * 32, "../x"
    trainer.saved("\x00bad")
    body = trainer.next(status="running").decode().replace('"v":1', '"v":1,"later":{"deep":[1,2]}')
    headers = {"Content-Type": "application/json"}
    answer = desk.ask("PUT", f"/jobs/{trainer.job_id}/report", "reporter", data=body.encode(), headers=headers)
    assert answer.status_code == 200, answer.text
    job = desk.ask("GET", f"/jobs/{trainer.job_id}", "viewer").json()
    assert len(job["name"]) == 200 and job["name"].isprintable()
    assert {name: entry["value"] for name, entry in job["metrics"].items()} == {
        "ok": 0.5,
        "inf": "Infinity",
        "big": 1e308,
    }
    assert (job["trace_id"], job["parent_id"], job["pid"], job["attempt"], job["checkpoints"]) == (
        None,
        None,
        None,
        1,
        [],
    )
    training = next(phase for phase in job["phases"] if phase["key"] == "training")
    assert (training["done"], training["total"]) == (0.0, None)
    assert 0 <= job["progress_percent"] < 100
    put(trainer, status="canceled")


def test_a_body_of_ten_megabytes_is_413(desk: Any, Trainer: type) -> None:
    trainer = Trainer()
    headers = {"Content-Type": "application/json"}
    try:
        answer = desk.ask("PUT", f"/jobs/{trainer.job_id}/report", "reporter", data=b"x" * 10_000_000, headers=headers)
    except requests.ConnectionError:
        return  # answered and closed while we were still sending
    assert answer.status_code == 413


@pytest.mark.parametrize("job_id", ["stream", "desired", "a b", "x" * 65, "%2e%2e"])
def test_an_id_that_no_job_may_have(desk: Any, Trainer: type, job_id: str) -> None:
    trainer = Trainer()
    trainer.report.job_id = job_id
    headers = {"Content-Type": "application/json"}
    answer = desk.ask("PUT", f"/jobs/{job_id}/report", "reporter", data=trainer.next(), headers=headers)
    assert answer.status_code == 422


def test_a_poll_whose_client_has_gone_keeps_no_seat(new_desk: Any, eventually: Any) -> None:
    """More polls than there are seats for ids, one after the other, each dropped; of jobs that are not there."""
    desk = new_desk().start()
    ids = "&".join(f"job=no-such-job-{number:03}:0" for number in range(200))
    head = f"GET /jobs/desired?{ids}&wait=25 HTTP/1.1\r\nHost: x\r\n"
    head += f"Authorization: Bearer {desk.tokens['reporter']}\r\n\r\n"
    for _ in range(90):
        with socket.create_connection(("127.0.0.1", desk.port)) as client:
            client.sendall(head.encode())
            client.settimeout(0.03)
            with contextlib.suppress(TimeoutError):
                assert client.recv(1000).split()[1] in (b"429", b"503")  # it has not heard of their going yet
    assert eventually(lambda: desk.ask("GET", f"/jobs/desired?{ids}&wait=0", "reporter").status_code == 200, 12.0)


def test_save_and_cancel_as_people_and_trainers_see_it(desk: Any, put: Put, Trainer: type, eventually: Any) -> None:
    trainer = Trainer(name="clicked")
    put(trainer, status="running")
    url = f"{desk.url.replace('http', 'ws')}/jobs/stream?id={trainer.job_id}"
    headers = {"Authorization": f"Bearer {desk.tokens['viewer']}"}
    with connect(url, additional_headers=headers, subprotocols=["mixdesk.v1"], proxy=None, open_timeout=60) as stream:
        assert json.loads(stream.recv(timeout=20))["job"]["status"] == "running"
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            poll = pool.submit(desk.ask, "GET", f"/jobs/desired?job={trainer.job_id}:0&wait=25", "reporter")
            asked = desk.ask("POST", f"/admin/jobs/{trainer.job_id}/checkpoint", "operator", json={"then": "cancel"})
            assert asked.status_code == 202, asked.text
            heard = poll.result(30).json()["jobs"][trainer.job_id]
        assert heard["checkpoint"] == {"then": "cancel", "generation": asked.json()["generation"]}
        operation = f"/admin/operations/{asked.json()['operation']}"
        assert desk.ask("GET", operation, "viewer").json()["state"] == "pending"
        trainer.saved("/c/x.pth", generation=heard["generation"])
        assert put(trainer, status="canceled").status_code == 200
        ended = desk.ask("GET", operation, "viewer").json()
        assert (ended["state"], ended["result"]["path"]) == ("succeeded", "/c/x.pth")
        frame = json.loads(stream.recv(timeout=20))
        while frame["job"]["status"] != "canceled":
            frame = json.loads(stream.recv(timeout=20))
    assert frame["job"]["details"]["checkpoint_status"] == "saved"
    line = desk.ask("GET", f"/admin/audit?target={trainer.job_id}", "operator").json()["items"][0]
    assert (line["action"], line["outcome"], line["operation"]) == ("job.checkpoint", "succeeded", ended["id"])
    history = desk.ask("GET", f"/jobs/{trainer.job_id}/history", "viewer").json()
    assert [item["after"] for item in history["transitions"]] == ["running", "canceled"]
    refused = desk.ask("POST", f"/admin/jobs/{trainer.job_id}/pause", "operator")
    assert (refused.status_code, refused.json()["detail"]) == (409, "the job has ended (canceled)")
    assert desk.ask("DELETE", f"/jobs/{trainer.job_id}", "operator").status_code == 204
    assert desk.ask("GET", f"/jobs/{trainer.job_id}", "viewer").status_code == 404


def test_an_idempotency_key_over_http(desk: Any, put: Put, Trainer: type) -> None:
    trainer = Trainer()
    put(trainer, status="running")
    path, key = f"/admin/jobs/{trainer.job_id}/checkpoint", {"Idempotency-Key": "once"}
    answers = [desk.ask("POST", path, "operator", json={"then": "continue"}, headers=key) for _ in range(3)]
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.text for answer in answers}) == 1
    other = desk.ask("POST", path, "operator", json={"then": "cancel"}, headers=key)
    assert other.status_code == 422
    put(trainer, status="failed")


@pytest.mark.parametrize("body", [{"then": "explode"}, [], "x"])
def test_a_checkpoint_request_that_cannot_be(desk: Any, put: Put, Trainer: type, body: Any) -> None:
    trainer = Trainer()
    put(trainer, status="running")
    answer = desk.ask("POST", f"/admin/jobs/{trainer.job_id}/checkpoint", "operator", json=body)
    assert (answer.status_code, answer.headers["Content-Type"]) == (422, "application/problem+json")
    put(trainer, status="failed")


def test_lists_are_paged_and_filtered(desk: Any, put: Put, Trainer: type) -> None:
    name = f"paged-{time.monotonic_ns()}"
    trainers = [Trainer(name=name, job_type="tts_generate") for _ in range(7)]
    for trainer in trainers:
        put(trainer, status="succeeded")
    pages, cursor = [], None
    while True:
        query = f"/jobs?name={name}&limit=3" + (f"&cursor={cursor}" if cursor else "")
        page = desk.ask("GET", query, "viewer").json()
        pages.append([item["job_id"] for item in page["items"]])
        cursor = page["next"]
        if cursor is None:
            break
    assert [len(page) for page in pages] == [3, 3, 1]
    assert [job_id for page in pages for job_id in page] == [trainer.job_id for trainer in reversed(trainers)], (
        "newest first, each once"
    )
    assert desk.ask("GET", f"/jobs?name={name}&job_type=training_rvc", "viewer").json()["items"] == []
    assert desk.ask("GET", f"/jobs?name={name}&since=2999-01-01T00:00:00Z", "viewer").json()["items"] == []
    for query in ("status=odd", "since=now", "cursor=xyz", "limit=0", "limit=1001"):
        assert desk.ask("GET", f"/jobs?{query}", "viewer").status_code == 422, query


@pytest.mark.parametrize(
    "query",
    ["", "job=x", "job=x:-1", "job=x:1.5", "job=stream:1", "job=a%20b:1", "job=x:1&wait=nan", "job=x:1&wait=1e9"],
)
def test_a_long_poll_that_cannot_be(desk: Any, query: str) -> None:
    answer = desk.ask("GET", f"/jobs/desired?{query}", "reporter")
    assert (answer.status_code, answer.headers["Content-Type"]) == (422, "application/problem+json")


def test_another_process_takes_the_job_over(desk: Any, put: Put, Trainer: type) -> None:
    trainer = Trainer(name="handed")
    put(trainer, status="queued")
    path = f"/jobs/{trainer.job_id}/report"
    taken = desk.ask("GET", path, "reporter", headers={"X-Mixdesk-Job-Key": trainer.report.job_key})
    assert wire.report_from(taken.json()).name == "handed"
    assert taken.json()["job_key"] == ""
    assert desk.ask("GET", path, "reporter", headers={"X-Mixdesk-Job-Key": "guess"}).status_code == 403
    assert desk.ask("GET", path, "reporter").status_code == 422
    assert desk.ask("GET", "/jobs/nobody/report", "reporter", headers={"X-Mixdesk-Job-Key": "k"}).status_code == 404


def test_metrics_speak_of_it(desk: Any, put: Put, Trainer: type) -> None:
    trainer = Trainer(name="scraped", metrics={"loss": 0.5})
    trainer.phase("training", done=1.0, total=4.0)
    put(trainer, status="running", epoch=2, epochs=4)

    def scraped() -> str:
        return str(desk.ask("GET", "/metrics", "scraper").text)

    deadline = time.monotonic() + 60
    want = f'mixdesk_job_progress_ratio{{job_id="{trainer.job_id}",job_type="training_rvc"}} 0.525'
    while want not in scraped() and time.monotonic() < deadline:
        time.sleep(0.1)
    text = scraped()
    assert want in text
    assert f'mixdesk_job_epoch{{job_id="{trainer.job_id}"}} 2.0' in text
    assert f'mixdesk_job_metric{{job_id="{trainer.job_id}",metric="loss"}} 0.5' in text
    put(trainer, status="failed", error="on purpose")


def test_a_sigkilled_desk_forgets_nothing_it_answered(new_desk: Any, Trainer: type) -> None:
    found = new_desk().start()
    trainer = Trainer()
    headers = {"Content-Type": "application/json"}

    def report(**fields: Any) -> Any:
        body = trainer.next(**fields)
        return found.ask("PUT", f"/jobs/{trainer.job_id}/report", "reporter", data=body, headers=headers).json()

    report(status="running")
    asked = found.ask("POST", f"/admin/jobs/{trainer.job_id}/checkpoint", "operator", json={"then": "cancel"}).json()
    found.kill()
    found.start()
    assert report()["desired"]["checkpoint"] == {"then": "cancel", "generation": asked["generation"]}
    trainer.saved("/c/a.pth", generation=asked["generation"])
    report(status="canceled")
    found.kill()
    found.start()
    job = found.ask("GET", f"/jobs/{trainer.job_id}", "viewer").json()
    assert (job["status"], job["details"]["checkpoint_status"]) == ("canceled", "saved")
    operation = found.ask("GET", f"/admin/operations/{asked['operation']}", "viewer").json()
    assert operation["state"] == "succeeded"


def test_many_clicks_at_once_are_all_answered_and_end(desk: Any, put: Put, Trainer: type) -> None:
    trainer = Trainer()
    put(trainer, status="running")
    actions = ["checkpoint", "pause", "resume", "checkpoint", "pause"] * 6
    answers: list[requests.Response] = []

    def click(action: str) -> None:
        answers.append(desk.ask("POST", f"/admin/jobs/{trainer.job_id}/{action}", "operator"))

    threads = [threading.Thread(target=click, args=(action,)) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {202}
    highest = max(answer.json()["generation"] for answer in answers)
    told = put(trainer).json()["desired"]
    assert told["generation"] == highest
    put(trainer, status="succeeded")
    states = {
        desk.ask("GET", f"/admin/operations/{answer.json()['operation']}", "viewer").json()["state"]
        for answer in answers
    }
    assert not states & {"pending", "running"}
