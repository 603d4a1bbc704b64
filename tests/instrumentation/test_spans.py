"""Spans of jobs, phases and checkpoints: who emits them, with which ids, and what nests under them."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from forker import Forker
from http_desk import HttpDesk
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

import mixdesk
from mixdesk.facts import JobFacts
from mixdesk.phasefacts import PhaseFacts
from mixdesk.spans import Spans


def run(forker: Forker, output: Path, target: str, *args: Any, env: dict[str, str] | None = None) -> Any:
    status, text = forker.run(f"tracing:{target}", output, *args, env=env)
    assert status == 0, text
    return json.loads(next(line for line in text.splitlines() if line.startswith("SPANS "))[6:])


def by_name(result: Any) -> dict[str, list[Any]]:
    names: dict[str, list[Any]] = {}
    for span in result["spans"]:
        names.setdefault(span["name"], []).append(span)
    return names


def test_names_ids_parents_and_attributes(forker: Forker, tmp_path: Path) -> None:
    result = run(forker, tmp_path / "out", "recorded", str(tmp_path / "kept"))
    spans = by_name(result)
    ours = [name for name in spans if name.startswith(("job", "phase", "checkpoint"))]
    assert sorted(ours) == [
        "checkpoint", "job training_fine_tune", "phase evaluation", "phase packaging", "phase preprocessing",
        "phase training",
    ]  # fmt: skip
    assert all(len(spans[name]) == 1 for name in ours), "an evaluation that is entered twice is one span"
    (job,) = spans["job training_fine_tune"]
    assert (job["id"], job["trace"], job["parent"]) == (result["job"], result["trace"], None)
    for index, key in enumerate(["preprocessing", "feature_extraction", "training", "evaluation", "packaging"]):
        for span in spans.get(f"phase {key}", []):
            assert (span["id"], span["parent"], span["trace"]) == (result["phases"][key], job["id"], job["trace"])
            assert span["attributes"]["mixdesk.phase.key"] == key
            assert span["attributes"]["mixdesk.phase.index"] == index
            assert job["start"] <= span["start"] <= span["end"] <= job["end"]
    common = {"id": result["id"], "type": "training_fine_tune", "name": "anton", "attempt": 1}
    for name in ours:
        attributes = spans[name][0]["attributes"]
        assert {key: attributes[f"mixdesk.job.{key}"] for key in common} == common
    assert [span["id"] for span in spans["checkpoint"]] == result["saves"]
    assert spans["checkpoint"][0]["parent"] == job["id"]
    evaluation = spans["phase evaluation"][0]
    assert (evaluation["end"] - evaluation["start"]) / 1e9 > 0.04, "from its first start to its last end"


def test_the_users_own_spans_nest_under_the_phase(forker: Forker, tmp_path: Path) -> None:
    result = run(forker, tmp_path / "out", "recorded", str(tmp_path / "kept"))
    spans = by_name(result)
    assert {span["parent"] for span in spans["slice"]} == {result["phases"]["preprocessing"]}
    assert {span["parent"] for span in spans["step"]} == {result["phases"]["training"]}
    assert {span["trace"] for span in spans["slice"] + spans["step"]} == {result["trace"]}
    assert spans["after"][0]["parent"] is None, "after the block nothing is left of its context"


def test_a_phase_within_one_that_runs_waits_for_its_end() -> None:
    """An evaluation is entered each epoch: a span emitted at its first end would be too short."""
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    facts = JobFacts("own", "x", "1", {key: PhaseFacts(key, key, 1.0) for key in ("first", "training", "evaluation")})
    spans = Spans(facts, provider=lambda: provider)
    for phase, times in zip(facts.phases.values(), [(1.0, 2.0), (2.0, None), (3.0, 4.0)], strict=True):
        phase.started_at, phase.ended_at = times
        phase.state = "running" if phase.ended_at is None else "done"
    spans.emit()
    assert exporter.get_finished_spans() == (), "who emits is not settled yet"
    spans.settle(False)
    spans.settle(True)
    spans.emit()
    assert [span.name for span in exporter.get_finished_spans()] == ["phase first"]
    facts.phases["evaluation"].ended_at = 9.0
    facts.phases["training"].state, facts.phases["training"].ended_at = "done", 10.0
    spans.emit()
    ends = {span.name: (span.end_time or 0) / 1e9 for span in exporter.get_finished_spans()}
    assert ends == {"phase first": 2.0, "phase training": 10.0, "phase evaluation": 9.0}


def test_a_failed_phase_is_an_error(forker: Forker, tmp_path: Path) -> None:
    spans = by_name(run(forker, tmp_path / "out", "failing", str(tmp_path / "kept")))
    assert spans["phase packaging"][0]["status"] == "ERROR"
    assert spans["job training_fine_tune"][0]["status"] == "ERROR"
    assert spans["phase preprocessing"][0]["status"] == "UNSET"


@pytest.mark.parametrize("by_desk", [True, False])
def test_one_emitter_as_the_first_answer_says(
    forker: Forker, tmp_path: Path, http_desk: HttpDesk, by_desk: bool
) -> None:
    http_desk.spans = by_desk
    spans = by_name(run(forker, tmp_path / "out", "as_found", str(tmp_path / "kept")))
    (report,) = http_desk.reports.values()
    emitted = [name for name in spans if name.startswith(("job", "phase", "checkpoint"))]
    assert bool(emitted) != by_desk
    assert report.own_spans != by_desk
    training = next(phase.span_id for phase in report.phases if phase.key == "training")
    assert {span["parent"] for span in spans["step"]} == {training}, "the user's own nest in either case"


def test_without_a_desk_this_process_emits(forker: Forker, tmp_path: Path) -> None:
    spans = by_name(run(forker, tmp_path / "out", "as_found", str(tmp_path / "kept")))
    assert {"job training_fine_tune", "phase training", "checkpoint"} <= set(spans)


def test_with_a_desk_that_never_answered_nobody_emits_yet(forker: Forker, tmp_path: Path, http_desk: HttpDesk) -> None:
    """The spool brings the phases to the desk later, which then decides: twice would be wrong."""
    http_desk.stop()
    spans = by_name(run(forker, tmp_path / "out", "as_found", str(tmp_path / "kept")))
    assert [name for name in spans if name.startswith(("job", "phase"))] == []


def test_each_process_of_a_job_emits_its_own(forker: Forker, tmp_path: Path) -> None:
    with mixdesk.job("training_rvc", name="two") as job:
        results = [
            run(forker, tmp_path / key, "joined", key, env=job.environ()) for key in ("preprocessing", "training")
        ]
        facts = job._facts
    names = [sorted(by_name(result)) for result in results]
    assert names == [["phase preprocessing"], ["phase training"]]
    assert {span["trace"] for result in results for span in result["spans"]} == {facts.trace_id}


def test_jobs_in_threads_keep_their_ids_apart(forker: Forker, tmp_path: Path) -> None:
    result = run(forker, tmp_path / "out", "two_at_once")
    for span in result["spans"]:
        trace_id, job_span, *phases = result["ids"][span["attributes"]["mixdesk.job.id"]]
        assert span["trace"] == trace_id
        assert span["id"] in [job_span, *phases]
    assert len(result["spans"]) == 4 * 4
    assert len({span["id"] for span in result["spans"]}) == 16


# -- a collector ---------------------------------------------------------------------------------------------


class Collector:
    """Takes OTLP over HTTP, or accepts and never answers."""

    def __init__(self, hangs: bool) -> None:
        self.received = threading.Event()
        collector, self._over = self, threading.Event()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                collector.received.set()
                if hangs:
                    collector._over.wait(30)
                self.send_response(200)
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                pass

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._over.set()
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture(params=["takes", "hangs"])
def collector(request: pytest.FixtureRequest) -> Iterator[Collector]:
    collector = Collector(hangs=request.param == "hangs")
    yield collector
    collector.stop()


def ended_in(text: str) -> float:
    return float(text.partition("ended in ")[2].split()[0])


def test_an_sdk_of_our_own_where_a_collector_is_named(forker: Forker, tmp_path: Path, collector: Collector) -> None:
    began = time.monotonic()
    status, text = forker.run(
        "tracing:own_provider", tmp_path / "out", env={"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url}
    )
    assert status == 0, text
    assert collector.received.wait(10)
    assert ended_in(text) < 3
    assert time.monotonic() - began < 9, "nothing holds the exit of the process afterwards"


def test_a_collector_that_is_gone(forker: Forker, tmp_path: Path) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
    status, text = forker.run("tracing:own_provider", tmp_path / "out", env={"OTEL_EXPORTER_OTLP_ENDPOINT": url})
    assert status == 0
    assert ended_in(text) < 3
