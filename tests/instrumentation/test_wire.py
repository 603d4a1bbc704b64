"""What trainer and desk say to each other survives the way there and back, and garbage is told as such."""

from __future__ import annotations

import json
import math
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixdesk import wire

texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
numbers = st.floats(allow_nan=False, allow_infinity=False)
maybe_times = st.none() | st.floats(0, 4e9).map(wire.now_text)
phases = st.builds(
    wire.PhaseReport, key=texts, label=texts, weight=numbers, state=st.sampled_from(wire.PHASE_STATES), done=numbers,
    total=st.none() | numbers, unit=texts, started_at=maybe_times, ended_at=maybe_times, span_id=st.none() | texts,
)  # fmt: skip
records = st.builds(
    wire.CheckpointRecord, path=texts, epoch=st.integers(), step=st.integers(), size=st.integers(), hash=texts,
    saved_at=maybe_times, verified=st.booleans(), reason=texts, started_at=maybe_times, span_id=st.none() | texts,
    generation=st.none() | st.integers(),
)  # fmt: skip
counts = st.none() | st.integers(0, 2**53)
reports = st.builds(
    wire.Report, job_id=texts, job_key=texts, job_type=texts, seq=st.integers(0, 2**53),
    status=st.sampled_from(wire.STATUSES),
    name=st.none() | texts, attempt=st.integers(1, 99), sent_at=maybe_times, phases=st.lists(phases, max_size=3),
    epoch=counts, epochs=counts, step=counts, steps=counts, run_step=counts, pid=counts,
    metrics=st.dictionaries(texts, numbers | st.sampled_from(wire.NON_FINITE), max_size=3),
    checkpoint=st.builds(wire.CheckpointState, status=st.sampled_from(wire.CHECKPOINT_STATUSES),
                         generation=st.integers(0), error=st.none() | texts, last=st.none() | records),
    checkpoints=st.lists(records, max_size=2),
    artifacts=st.lists(st.builds(wire.Artifact, type=texts, path=texts, url=st.none() | texts), max_size=2),
    observed=st.builds(wire.Observed, run=st.integers(0), checkpoint=st.integers(0), outcome=st.none() | texts),
    resuming=st.booleans(), leaving=st.booleans(), delivered=st.booleans(),
)  # fmt: skip

decoder = msgspec.json.Decoder(wire.Report)


@given(reports)
def test_a_report_there_and_back(report: wire.Report) -> None:
    body = wire.encode(report)
    assert wire.report_from(json.loads(body)) == report
    assert decoder.decode(body) == report, "the desk's decoder reads the same"


@given(st.builds(
    wire.ReportAnswer, version=texts, acked_seq=st.integers(0, 2**53 - 2), report_in_s=st.floats(0, 100),
    lease_s=st.floats(0, 100),
    spans=st.booleans(),
    desired=st.builds(wire.Desired, generation=st.integers(0, 99),
                      run=st.builds(wire.RunDesired, state=texts, generation=st.integers(0, 99)),
                      checkpoint=st.none()
                      | st.builds(wire.CheckpointDesired, then=texts, generation=st.integers(0, 99))),
))  # fmt: skip
def test_an_answer_there_and_back(answer: wire.ReportAnswer) -> None:
    assert wire.answer_from(json.loads(wire.encode(answer))) == answer
    assert wire.answer_from(json.loads(msgspec.json.encode(answer))) == answer, "as the desk encodes it"


def test_unknown_fields_are_ignored() -> None:
    report = wire.Report(
        job_id="j", job_key="k", job_type="t", seq=1, status="running", phases=[wire.PhaseReport(key="a")]
    )
    data = json.loads(wire.encode(report))
    for part in (data, data["phases"][0], data["observed"], data["checkpoint"]):
        part["from_the_future"] = {"x": 1}
    assert wire.report_from(data) == report
    assert decoder.decode(json.dumps(data).encode()) == report


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_non_finite_numbers_travel_as_text(value: float) -> None:
    text = wire.number(value)
    assert text in wire.NON_FINITE
    back = float(text)
    assert back == value or (math.isnan(back) and math.isnan(value))


@given(st.floats(0, 4e9))
def test_times_there_and_back(moment: float) -> None:
    assert abs(wire.seconds_of(wire.now_text(moment)) - moment) < 1e-6


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2026-01-31T12:00:00Z", 1769860800.0),
        ("2026-01-31T13:00:00+01:00", 1769860800.0),
        ("2026-01-31t12:00:00z", 1769860800.0),
    ],
)
def test_times_of_others(text: str, seconds: float) -> None:
    assert wire.seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["2026-01-31T12:00:00", "yesterday", ""])
def test_times_that_are_none(text: str) -> None:
    with pytest.raises(ValueError):
        wire.seconds_of(text)


GOOD = {"generation": 1, "run": {"state": "running", "generation": 0}}
GARBAGE: list[Any] = [
    {}, [], None, 1, "x", {"acked_seq": 1}, {"acked_seq": "x", "desired": {}},
    {"acked_seq": 1, "desired": {"generation": 1, "run": None}},
    {"acked_seq": 1, "desired": GOOD, "report_in_s": math.nan}, {"acked_seq": math.inf, "desired": GOOD},
]  # fmt: skip


@pytest.mark.parametrize("data", GARBAGE, ids=str)
def test_garbage_for_an_answer(data: Any) -> None:
    with pytest.raises((TypeError, KeyError, ValueError, AttributeError, OverflowError)):
        wire.answer_from(data)
