"""Servers that answer as no desk would: the run does all its steps, raises nothing, and stays small."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import bad_desk
import pytest
from bad_desk import BadDesk, but, says
from forker import Forker

import mixdesk
from mixdesk import link, wire

STEPS = 250
MOST_MB = 48

RUN = {"state": "canceled", "generation": 1}
WRONG_DESIRES: list[Any] = [
    None,
    [],
    "canceled",
    {"generation": -5, "run": {"state": "canceled", "generation": -5}, "checkpoint": None},
    {"generation": 0, "run": {"state": "canceled", "generation": 0}, "checkpoint": None},
    {"generation": "one", "run": RUN},
    {"generation": 1, "run": {"state": ["canceled"], "generation": 1}},
    {"generation": 1, "run": {"state": "canceled", "generation": "soon"}},
    {"generation": 1, "run": {"state": "exploded", "generation": 1}, "checkpoint": None},
    {"generation": 1e308, "run": {"state": "running", "generation": 1e308}},
    {"generation": 10**30, "run": {"state": "canceled", "generation": 10**30}},
    {"generation": True, "run": {"state": "canceled", "generation": True}},
    {"generation": 1, "run": {"state": "running", "generation": 0}, "checkpoint": {"then": 7, "generation": None}},
    {"generation": 1, "run": {"state": "running", "generation": 0}, "checkpoint": [1]},
]
FIELDS: dict[str, Any] = {
    "acked_seq text": {"acked_seq": "many"},
    "acked_seq none": {"acked_seq": None},
    "acked_seq below": {"acked_seq": -(10**40)},
    "acked_seq beyond": {"acked_seq": 10**400},
    "report_in_s nan": {"report_in_s": float("nan")},
    "report_in_s below": {"report_in_s": -1e9},
    "report_in_s beyond": {"report_in_s": 1e308},
    "report_in_s list": {"report_in_s": [1]},
    "lease_s text": {"lease_s": "long"},
    "spans object": {"spans": {"a": 1}},
    "v future": {"v": 99},
}
ANSWERS: dict[str, bad_desk.Answer] = {
    "half-closed": bad_desk.half_closed,
    "cut in the middle": bad_desk.cut_in_the_middle,
    "cut in the head": bad_desk.cut_in_the_head,
    "reset": bad_desk.reset,
    "a gigabyte": bad_desk.gigabyte,
    "endless chunks": bad_desk.endless_chunks,
    "endless error": bad_desk.endless_error,
    "endless header": bad_desk.endless_header,
    "endless headers": bad_desk.endless_headers,
    "endless continue": bad_desk.endless_continue,
    "gzip bomb": bad_desk.gzip_bomb,
    "gzip bomb twice": bad_desk.gzip_bomb_twice,
    "not gzip": says(b"plain", "Content-Encoding: gzip"),
    "deep nesting": says(b"[" * 100_000),
    "long number": says(b'{"acked_seq": ' + b"9" * 50_000 + b"}"),
    "not text": says(b"\xff\xfe\x00"),
    "empty": says(b""),
    "a list": says([]),
    "retry after": says({}, "Retry-After: 1e999", status="429 No"),
    "retry after below": says({}, "Retry-After: -5", status="503 No"),
    **{name: but(**fields) for name, fields in FIELDS.items()},
    **{f"desired {number}": but(desired=desired) for number, desired in enumerate(WRONG_DESIRES)},
}


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[bad_desk.Answer], BadDesk]]:
    """Starts a server; the last one is where this process looks for its desk."""
    made: list[BadDesk] = []

    def make(answer: bad_desk.Answer) -> BadDesk:
        made.append(BadDesk(answer))
        monkeypatch.setenv("MIXDESK_URL", made[-1].url)
        monkeypatch.setenv("MIXDESK_TOKEN", "secret-of-the-desk")
        link.forget()
        return made[-1]

    yield make
    for desk in made:
        desk.close()


FLOODS = [name for name in ANSWERS if name.startswith(("a gigabyte", "endless", "gzip"))]
REST = [name for name in ANSWERS if name not in FLOODS]


@pytest.mark.parametrize("names", [FLOODS[:4], FLOODS[4:], REST[:20], REST[20:]], ids=["flood", "pour", "odd", "more"])
def test_runs_beside_them(serve: Any, forker: Forker, tmp_path: Path, names: list[str]) -> None:
    """One trainer and one server for each way of being wrong, side by side."""
    started = {}
    for name in names:
        desk = serve(ANSWERS[name])
        started[name] = desk, forker.start("bystander:train", tmp_path / name.replace(" ", "-"), STEPS)
    for name, (desk, child) in started.items():
        status, text = child.wait(), child.text()
        found = re.search(r"^end (\w+) (\d+) longest (\S+) exit (\S+) grew (\S+)$", text, re.MULTILINE)
        assert status == 0 and found is not None and "Traceback" not in text, f"{name}: {status}\n{text}"
        assert (found[1], int(found[2])) == ("succeeded", STEPS), name
        assert float(found[3]) < 2.0, f"{name}: no step waits for it (each takes two milliseconds)"
        assert float(found[4]) < 6.0, f"{name}: the end waits a second, not for ever"
        assert float(found[5]) < MOST_MB, f"{name}: {found[5]} MB for what a desk may say in a kilobyte"
        assert desk.requests, f"{name}: it was asked"


def test_a_redirect_is_not_followed(serve: Any) -> None:
    """The token is the desk's alone."""
    elsewhere = BadDesk(says(bad_desk.GOOD))
    statuses = ["301 Moved", "302 Found", "303 See", "307 Temporary", "308 Permanent"]
    answered: list[str] = []

    def redirect(peer: socket.socket, head: bytes) -> None:
        answered.append(statuses[len(answered) % len(statuses)])
        says({}, f"Location: {elsewhere.url}/jobs/x/report", status=answered[-1])(peer, head)

    desk = serve(redirect)
    with mixdesk.job("training_rvc") as job:
        for number, key in enumerate(["preprocessing", "f0_extraction", "feature_extraction", "training", "packaging"]):
            with job.phase(key):  # whose start and end are reported at once
                deadline = time.monotonic() + 30
                while len(answered) <= number:
                    assert time.monotonic() < deadline
                    time.sleep(0.01)
    assert job.status == "succeeded"
    assert set(answered) == set(statuses)
    assert all(b"Bearer secret-of-the-desk" in head for head in desk.requests)
    assert elsewhere.requests == []
    elsewhere.close()


@pytest.mark.parametrize("name", ["acked_seq beyond", "desired 9", "desired 10", "desired 11", "gzip bomb"])
def test_a_good_desk_after_it_is_heard(serve: Any, name: str) -> None:
    """What nonsense said of sequence numbers and generations does not make the run deaf, nor its reports refused."""
    seqs: list[int] = []
    desk = serve(ANSWERS[name])

    def good(peer: socket.socket, head: bytes) -> None:
        seqs.append(len(head))
        wanted = {"generation": 3, "run": {"state": "canceled", "generation": 3}, "checkpoint": None}
        bad_desk.but(desired=wanted)(peer, head)

    with mixdesk.job("training_rvc") as job:
        for item in job.track("preprocessing", range(20_000)):
            time.sleep(0.001)
            if item == 300:
                desk.answer = good
    assert seqs and job.status == "canceled"
    report = job._facts.report()
    assert isinstance(report, wire.Report) and report.seq <= 2**53 - 1
