"""Reports as no trainer should send them, at a real desk: a refusal or what is documented, and all else goes on."""

from __future__ import annotations

import gzip
import itertools
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from patience import patiently
from prometheus_client.parser import text_string_to_metric_families
from torture import chance, times
from websockets.sync.client import ClientConnection, connect

from mixdesk import wire
from mixdesk_control.jobs.ingest import decode
from mixdesk_control.jobs.merging import weighted
from mixdesk_control.jobs.state import Document, document_from, document_text

JSON_TYPE = {"Content-Type": "application/json"}
HUGE = 10**400


@dataclass
class Watched:
    """One job at a desk, reported by hand, and a stream that watches it. `body()` is its next good report."""

    desk: Any
    trainer: Any
    stream: ClientConnection
    session: requests.Session = field(default_factory=requests.Session)
    _marks: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.session.headers["Authorization"] = f"Bearer {self.desk.tokens['admin']}"
        self.reporter = {"Authorization": f"Bearer {self.desk.tokens['reporter']}"}

    def body(self, **fields: Any) -> bytes:
        return bytes(self.trainer.next(**fields))

    def put(self, body: bytes, *, job_id: str | None = None, **headers: str) -> requests.Response:
        url = f"{self.desk.url}/jobs/{job_id or self.trainer.job_id}/report"
        sent = {**JSON_TYPE, **self.reporter, **headers}
        return patiently(lambda: self.session.put(url, data=body, headers=sent, timeout=30))

    def goes_on(self) -> None:
        """The next good report is taken, and every view shows it."""
        mark = float(next(self._marks))
        answer = self.put(self.body(metrics={"mark": mark}, status="running"))
        assert answer.status_code == 200, answer.text
        assert answer.json()["acked_seq"] == self.trainer.report.seq
        job_id = self.trainer.job_id
        job = self._get(f"/jobs/{job_id}")
        assert (job["status"], job["metrics"]["mark"]["value"]) == ("running", mark)
        assert job_id in [item["job_id"] for item in self._get("/jobs?limit=1000")["items"]]
        assert self._get(f"/jobs/{job_id}/history")["points"]["mark"]
        while json.loads(self.stream.recv(timeout=30))["job"]["metrics"].get("mark", {}).get("value") != mark:
            pass
        while not self._scraped(job_id):
            time.sleep(0.05)  # a scrape is half a second old at most

    def _get(self, path: str) -> Any:
        answer = self.session.get(self.desk.url + path, timeout=30)
        assert answer.status_code == 200, (path, answer.text)
        return answer.json()

    def _scraped(self, job_id: str) -> bool:
        headers = {"Authorization": f"Bearer {self.desk.tokens['scraper']}"}
        answer = self.session.get(f"{self.desk.url}/metrics", headers=headers, timeout=30)
        assert answer.status_code == 200
        samples = [sample for family in text_string_to_metric_families(answer.text) for sample in family.samples]
        mine = [sample for sample in samples if sample.labels.get("job_id") == job_id]
        assert all(0 <= s.value <= 1 for s in mine if s.name == "mixdesk_job_progress_ratio")
        return bool(mine)


@pytest.fixture(scope="module")
def watched(desk: Any, Trainer: type) -> Iterator[Watched]:
    trainer = Trainer(name="anton")
    url = desk.url.replace("http", "ws", 1) + f"/jobs/stream?id={trainer.job_id}"
    headers = {"Authorization": f"Bearer {desk.tokens['viewer']}"}
    with connect(url, additional_headers=headers, proxy=None, open_timeout=30) as stream:
        found = Watched(desk, trainer, stream)
        found.goes_on()
        yield found
        found.put(found.body(status="canceled"))


def changed(body: bytes, **fields: Any) -> bytes:
    return json.dumps({**json.loads(body), **fields}).encode()


def with_raw(body: bytes, name: str, raw: str) -> bytes:
    """The same with one more field, written as it is given: JSON that no encoder would make."""
    return body.rstrip()[:-1] + f',"{name}":{raw}}}'.encode()


REFUSED: dict[str, tuple[Callable[[bytes], bytes], tuple[int, ...]]] = {
    "empty": (lambda body: b"", (400,)),
    "not utf-8": (lambda body: body.replace(b'"anton"', b'"\xff\xfe"'), (400,)),
    "utf-16": (lambda body: body.decode().encode("utf-16"), (400,)),
    "cut": (lambda body: body[:-5], (400,)),
    "two documents": (lambda body: body + body, (400,)),
    "a list": (lambda body: b"[" + body + b"]", (422,)),
    "null": (lambda body: b"null", (422,)),
    "deep nesting": (lambda body: with_raw(body, "later", "[" * 20_000 + "]" * 20_000), (400, 422)),
    "deep objects": (lambda body: with_raw(body, "later", '{"a":' * 9_000 + "1" + "}" * 9_000), (400, 422)),
    "ten megabytes": (lambda body: with_raw(body, "later", json.dumps("x" * 10_000_000)), (413,)),
    "NaN as a number": (lambda body: with_raw(body, "progress", "NaN"), (400,)),
    "lone surrogate": (lambda body: body.replace(b'"anton"', b'"\\ud800"'), (400,)),
    "status number": (lambda body: changed(body, status=5), (422,)),
    "status unknown": (lambda body: changed(body, status="exploded"), (422,)),
    "seq below": (lambda body: changed(body, seq=-1), (422,)),
    "seq huge": (lambda body: changed(body, seq=HUGE), (400, 422)),
    "seq text": (lambda body: changed(body, seq="12"), (422,)),
    "seq bool": (lambda body: changed(body, seq=True), (422,)),
    "older v": (lambda body: changed(body, v=0), (422,)),
    "newer v": (lambda body: changed(body, v=2), (422,)),
    "v text": (lambda body: changed(body, v="1"), (422,)),
    "phases object": (lambda body: changed(body, phases={"a": 1}), (422,)),
    "65 phases": (lambda body: changed(body, phases=[{"key": str(n)} for n in range(65)]), (422,)),
    "65 metrics": (lambda body: changed(body, metrics={str(n): n for n in range(65)}), (422,)),
    "checkpoint list": (lambda body: changed(body, checkpoint=[]), (422,)),
    "observed text": (lambda body: changed(body, observed="all"), (422,)),
    "epoch text": (lambda body: changed(body, epoch="three"), (422,)),
    "another id": (lambda body: changed(body, job_id="somebody-elses"), (422,)),
    "another key": (lambda body: changed(body, job_key="f" * 64), (403,)),
    "no key": (lambda body: changed(body, job_key=""), (422,)),
    "back to starting": (lambda body: changed(body, status="starting"), (409,)),
}


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_with_a_reason_and_changes_nothing(watched: Watched, name: str) -> None:
    change, statuses = REFUSED[name]
    good = watched.body(epoch=77)
    try:
        answer = watched.put(change(good))
    except requests.ConnectionError:
        assert statuses == (413,)  # answered and closed while we were still sending
    else:
        assert answer.status_code in statuses, answer.text
        assert answer.headers["Content-Type"] == "application/problem+json"
        problem = answer.json()
        assert problem["status"] == answer.status_code and problem["detail"]
    watched.trainer.report.epoch = None
    watched.goes_on()


TAKEN: dict[str, Callable[[bytes], bytes]] = {
    "unknown fields": lambda body: changed(body, later={"a": [1, None]}, colour="red"),
    "duplicate keys": lambda body: with_raw(body, "name", '"berta"'),
    "NUL in names": lambda body: changed(body, name="a\x00b", host="\x00", owner="x\x00"),
    "names beyond measure": lambda body: changed(body, name="ß" * 9_000, version="\u202e" * 300),
    "1e308 everywhere": lambda body: changed(
        body,
        phases=[{"key": "a", "weight": 1e308, "done": 1e308, "total": 1e308}, {"key": "b", "weight": 1e308}],
        metrics={"m": 1e308, "n": -1e308},
    ),
    "below 0 everywhere": lambda body: changed(
        body,
        epoch=-1,
        epochs=-5,
        step=-(2**62),
        steps=-1,
        run_step=-1,
        pid=-1,
        attempt=-9,
        phases=[{"key": "a", "weight": -1.0, "done": -1e308, "total": -1.0, "state": "running"}],
    ),
    "NaN as text": lambda body: changed(body, metrics={"loss": "NaN", "gain": "Infinity", "low": "-Infinity"}),
    "huge numbers logged": lambda body: changed(body, metrics={"m": HUGE, "n": -HUGE, "o": 2**63, "p": 2**64}),
    "huge counts": lambda body: changed(body, epoch=2**63 - 1, steps=2**62, planned_steps=2**60),
    "times that are none": lambda body: changed(
        body,
        sent_at="yesterday",
        created_at="9999-12-31T23:59:59Z",
        started_at="-",
        last_step_at="1e9",
    ),
    "times beyond": lambda body: changed(body, sent_at="0001-01-01T00:00:00Z", completed_at="2999-01-01T00:00:00Z"),
    "odd generations": lambda body: changed(body, observed={"run": -5, "checkpoint": -1, "outcome": "maybe"}),
    "a parent that is itself": lambda body: changed(body, parent_id=json.loads(body)["job_id"]),
    "checkpoints without a path": lambda body: changed(body, checkpoints=[{"path": ""}, {"path": "a\x00b"}]),
    "not compressed at all": lambda body: body,
}


@pytest.mark.parametrize("name", TAKEN)
def test_it_is_taken_and_set_right(watched: Watched, name: str) -> None:
    answer = watched.put(TAKEN[name](watched.body(status="running")))
    assert answer.status_code == 200, answer.text
    job = watched._get(f"/jobs/{watched.trainer.job_id}")
    assert 0 <= job["progress_percent"] <= 100 and job["error"] is None
    watched.goes_on()


def test_compressed_it_is_refused(watched: Watched) -> None:
    answer = watched.put(gzip.compress(watched.body()), **{"Content-Encoding": "gzip"})
    assert answer.status_code in (400, 415), answer.text
    watched.goes_on()


def test_out_of_order_and_twice(watched: Watched) -> None:
    """Each is answered with what is known; only a newer one counts."""
    first, second, third = (watched.body(metrics={"mark": -float(n)}) for n in (1, 2, 3))
    for body, acked in ((second, 2), (first, 2), (second, 2), (third, 3), (first, 3), (third, 3)):
        answer = watched.put(body)
        assert answer.status_code == 200
        assert answer.json()["acked_seq"] == json.loads(first)["seq"] - 1 + acked
        shown = watched._get(f"/jobs/{watched.trainer.job_id}")["metrics"]["mark"]["value"]
        assert shown == -float(acked)
    watched.goes_on()


def test_a_job_of_somebody_else_is_left_alone(watched: Watched, Trainer: type) -> None:
    other = Trainer(name="berta")
    watched.put(other.next(status="running"), job_id=other.job_id)
    forged = changed(watched.body(), job_id=other.job_id)
    assert watched.put(forged, job_id=other.job_id).status_code == 403
    assert watched._get(f"/jobs/{other.job_id}")["name"] == "berta"
    watched.put(other.next(status="canceled"), job_id=other.job_id)
    watched.goes_on()


# -- at random -----------------------------------------------------------------------------------------

odd = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 3), st.text(max_size=8), st.floats(allow_nan=False),
    st.sampled_from([HUGE, -HUGE, 2**53, 2**63, 2**64, 1e308, -1e308, 1e-310, 5e-324]),
    st.sampled_from(["NaN", "\x00", "x" * 9_000, [], {}, [[]], ""]),
    st.lists(st.integers(), max_size=3), st.dictionaries(st.text(max_size=5), st.integers(), max_size=3),
)  # fmt: skip
FIELDS = sorted(wire.Report.__slots__)
INNER = {"phases": wire.PhaseReport, "checkpoints": wire.CheckpointRecord, "artifacts": wire.Artifact}
field_changes = st.dictionaries(st.sampled_from([name for name in FIELDS if name not in ("job_id", "job_key")]), odd)
inner_changes = st.sampled_from(sorted(INNER)).flatmap(
    lambda name: st.tuples(st.just(name), st.dictionaries(st.sampled_from(sorted(INNER[name].__slots__)), odd))
)
byte_changes = st.lists(st.tuples(st.integers(0, 4000), st.binary(max_size=4)), max_size=3)


def mutated(body: bytes, fields: dict[str, Any], inner: tuple[str, dict[str, Any]] | None, edits: Any) -> bytes:
    report = json.loads(body)
    if inner is not None:
        name, values = inner
        report[name] = [{**item, **values} for item in report[name]] or [values]
    text = json.dumps({**report, **fields}).encode()
    for at, piece in edits:
        at %= len(text)
        text = text[:at] + piece + text[at + len(piece) :]
    return text


def _is_read_again(job_id: str, body: bytes) -> None:
    """What is stored of a report that was taken is read at the next start."""
    report = decode(job_id, body)
    weighted(report, {})
    document_from(document_text(Document(report=report)))


def test_mutations_of_a_good_report_are_never_a_fault_of_the_desk(watched: Watched, Trainer: type) -> None:
    count = itertools.count(1)
    rights = {"status": {200: 0}}

    @seed(chance().getrandbits(32))
    @settings(
        max_examples=times(20_000, 500), deadline=None, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(field_changes, st.none() | inner_changes, st.just([]) | byte_changes)
    def try_one(fields: dict[str, Any], inner: Any, edits: Any) -> None:
        if next(count) % 50 == 1:
            if "trainer" in rights:
                watched.put(rights["trainer"].next(status="canceled"), job_id=rights["trainer"].job_id)
            rights["trainer"] = Trainer(name="fuzzed")
        trainer = rights["trainer"]
        trainer.saved("/tmp/a.pth")
        body = mutated(trainer.next(status="running"), fields, inner, edits)
        if len(body) > 64 * 1024:
            return
        answer = watched.put(body, job_id=trainer.job_id)
        assert answer.status_code in (200, 400, 403, 409, 422), answer.text
        rights["status"][answer.status_code] = rights["status"].get(answer.status_code, 0) + 1
        if answer.status_code == 200:
            _is_read_again(trainer.job_id, body)
            shown = watched.session.get(f"{watched.desk.url}/jobs/{trainer.job_id}", timeout=30)
            assert shown.status_code == 200 and 0 <= shown.json()["progress_percent"] <= 100

    try_one()
    watched.goes_on()
    assert rights["status"][200] > 20 and len(rights["status"]) > 1, rights["status"]
