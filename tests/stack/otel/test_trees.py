"""Traces as a collector gets them from real runs: at a desk and without one, finished, failed, killed, gone on with."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from collector import Collector
from forker import Child, Forker
from live_desk import Desk, free_port, wait_until
from span_tree import Node, has_root, nodes, tree_of
from traced import BETWEEN, EPOCHS, JOB_TYPE, PHASES, STEPS

ROUNDING_S = 0.002  # times travel as text with milliseconds
SETTINGS = "[jobs]\nlease_s = 2\nlost_fail_s = 3\n"
MOMENTS = (*PHASES, BETWEEN)
SAVES = EPOCHS + 1  # and the one after the last epoch


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    made = Collector()
    yield made
    made.close()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, collector: Collector) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("desk")
    (folder / "mixdesk.toml").write_text(SETTINGS)
    made = Desk(folder / "state", free_port(), config=folder / "mixdesk.toml")
    made.env["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.url
    made.start()
    yield made
    made.close()


class Runs:
    """The runs beside one desk, each with what it printed."""

    def __init__(self, forker: Forker, desk: Desk, collector: Collector, folder: Path) -> None:
        self._forker, self._desk, self._collector, self._folder = forker, desk, collector, folder
        self._children: dict[str, Child] = {}

    def start(self, name: str, stay: str = "", fail: str = "", checkpoints: str = "") -> None:
        env = {"MIXDESK_STATE_DIR": str(self._desk.state)}
        arguments = (str(self._folder / (checkpoints or name)), self._collector.url, stay, fail)
        output = self._folder / f"{name.replace(' ', '-')}.out"
        self._children[name] = self._forker.start("traced:train", output, *arguments, env=env)

    def kill(self, name: str) -> None:
        """At the place where it stays, once the desk has heard of all that it did: no span ends after the job's."""
        child = self._children[name]
        child.wait_for("stays")
        done = time.time()
        wait_until(lambda: self._last_heard(name) > done, f"a report of {name}")
        child.signal(signal.SIGKILL)
        assert child.wait() == -signal.SIGKILL

    def _last_heard(self, name: str) -> float:
        return moment(self._desk.get(f"/jobs/{self.id(name)}")["last_report_at"])

    def end(self, name: str, status: int = 0) -> None:
        child = self._children[name]
        assert child.wait() == status, child.text()

    def id(self, name: str) -> str:
        return self._children[name].text().split()[1]

    def job(self, name: str) -> Any:
        """As the desk has it in the end, with its history."""
        path = f"/jobs/{self.id(name)}"
        return self._desk.get(path) | {"history": self._desk.get(f"{path}/history")}

    def tree(self, name: str) -> Node:
        wait_until(lambda: has_root(self.id(name), self._collector), f"the span of the job {name}")
        return tree_of(self.id(name), self._collector)


@pytest.fixture(scope="module")
def runs(forker: Forker, desk: Desk, collector: Collector, tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """All at once, so that they wait for the desk's patience together."""
    made = Runs(forker, desk, collector, tmp_path_factory.mktemp("runs"))
    made.start("whole")
    made.start("failed", fail="evaluation")
    made.start("first", stay="training")
    for where in MOMENTS:
        made.start(where, stay=where)
    made.kill("first")
    made.start("second", checkpoints="first")
    for where in MOMENTS:
        made.kill(where)
    made.end("whole")
    made.end("second")
    made.end("failed", status=1)
    return made


def assert_times(root: Node, job: Any, ends: str = "completed_at") -> None:
    """A span is as long as the desk says, lies within its parent, and ends after it began.

    A killed run ends with the last that was heard of it (`ends`), not when the desk gave it up.
    """
    for node in root.under():
        assert node.started <= node.ended
    for child in root.children:
        assert root.started - ROUNDING_S <= child.started and child.ended <= root.ended + ROUNDING_S, child.name
    assert root.started == pytest.approx(moment(job["started_at"]), abs=ROUNDING_S)
    assert root.ended == pytest.approx(moment(job[ends]), abs=ROUNDING_S)
    for phase in job["history"]["phases"]:
        if phase["started_at"]:
            (span,) = root.named(f"phase {phase['key']}")
            assert span.started == pytest.approx(moment(phase["started_at"]), abs=ROUNDING_S)
            if phase["ended_at"]:
                assert span.ended == pytest.approx(moment(phase["ended_at"]), abs=ROUNDING_S)


def moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def test_a_run_is_one_tree(runs: Runs) -> None:
    root = runs.tree("whole")
    assert (root.name, root.error, root.service) == (f"job {JOB_TYPE}", None, "mixdesk-jobs")
    mine = sorted(child.name for child in root.children if child.service == "mixdesk-jobs")
    assert mine == sorted(["checkpoint"] * SAVES + [f"phase {key}" for key in PHASES])
    starts = [root.named(f"phase {key}")[0].started for key in PHASES]
    assert starts == sorted(starts)
    assert all(
        child.attributes["mixdesk.job.name"] == "anton" for child in root.children if child.name != "own between"
    )
    assert_times(root, runs.job("whole"))


def test_the_users_own_spans_hang_under_the_phase_that_ran(runs: Runs) -> None:
    root = runs.tree("whole")
    for key in PHASES:
        (phase,) = root.named(f"phase {key}")
        assert len(phase.named(f"own {key}")) == (EPOCHS if key == "training" else 1)
        assert all(
            child.service == "users-own" and child.started >= phase.started - ROUNDING_S for child in phase.children
        )
    assert len(root.named("phase training")[0].named("step")) == EPOCHS * STEPS
    assert len(root.named("own between")) == 1, "between phases they hang under the job"


def test_a_run_that_fails_says_where_and_why(runs: Runs) -> None:
    root = runs.tree("failed")
    assert root.error == "ValueError: nothing works in evaluation"
    failed = [child.name for child in root.children if child.error is not None]
    assert failed == ["phase evaluation"]
    assert_times(root, runs.job("failed"))


@pytest.mark.parametrize("where", MOMENTS)
def test_a_run_that_is_killed_is_a_whole_tree_too(runs: Runs, where: str) -> None:
    root = runs.tree(where)
    assert root.error == "lost contact"
    begun = PHASES[: PHASES.index(where) + 1] if where != BETWEEN else PHASES[:2]
    assert sorted(child.name for child in root.children if child.name.startswith("phase ")) == sorted(
        f"phase {key}" for key in begun
    )
    broken = [child.name for child in root.children if child.error is not None]
    assert broken == ([] if where == BETWEEN else [f"phase {where}"])
    assert_times(root, runs.job(where), "last_report_at")


def test_a_run_that_goes_on_is_a_trace_of_its_own(runs: Runs) -> None:
    first, second = runs.tree("first"), runs.tree("second")
    assert first.trace != second.trace
    assert (first.attributes["mixdesk.job.attempt"], second.attributes["mixdesk.job.attempt"]) == (1, 2)
    # the former where this machine is so slow that the desk gave it up before
    assert first.error in ("lost contact", f"continued as {runs.id('second')}") and second.error is None
    assert runs.job("second")["parent_id"] == runs.id("first")
    steps = [len(root.named("phase training")[0].named("step")) for root in (first, second)]
    assert steps == [STEPS, (EPOCHS - 1) * STEPS], "what was saved is not done again"
    assert_times(first, runs.job("first"), "last_report_at")
    assert_times(second, runs.job("second"))


@pytest.mark.parametrize("sdk", [True, False], ids=["own-sdk", "no-sdk"])
def test_without_a_desk_the_trainer_sends_the_same_tree(forker: Forker, tmp_path: Path, sdk: bool) -> None:
    collector = Collector()
    try:
        env = {"MIXDESK_STATE_DIR": str(tmp_path / "state"), "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url}
        arguments = (str(tmp_path / "kept"), collector.url if sdk else "")
        status, text = forker.run("traced:train", tmp_path / "out", *arguments, env=env)
        assert status == 0, text
        job_id = text.split()[1]
        wait_until(lambda: has_root(job_id, collector), "the span of the job")
        root = tree_of(job_id, collector)
    finally:
        collector.close()
    phases = [child.name for child in root.children if child.name.startswith("phase ")]
    assert sorted(phases) == sorted(f"phase {key}" for key in PHASES)
    assert len(root.named("checkpoint")) == SAVES
    assert bool(root.named("phase training")[0].named("step")) is sdk, "own spans need an SDK of one's own"
    assert all(root.started <= child.started and child.ended <= root.ended for child in root.children)


def test_without_a_desk_a_kill_costs_what_had_not_ended(forker: Forker, tmp_path: Path) -> None:
    collector = Collector()
    try:
        env = {"MIXDESK_STATE_DIR": str(tmp_path / "state"), "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url}
        arguments = (str(tmp_path / "kept"), collector.url, "evaluation")
        child = forker.start("traced:train", tmp_path / "out", *arguments, env=env)
        child.wait_for("stays")
        wait_until(lambda: collector.named("phase training"), "the span of the phase that ended")
        child.signal(signal.SIGKILL)
        child.wait()
        names = {node.name for node in nodes(collector)}
    finally:
        collector.close()
    assert {f"phase {key}" for key in PHASES[:3]} <= names
    assert not {f"job {JOB_TYPE}", "phase evaluation"} & names, "a desk would have sent these"


def test_no_span_came_twice(runs: Runs, desk: Desk, collector: Collector) -> None:
    """Nor does one after all, when the desk starts again: the last test, as it ends the desk."""
    for name in (*MOMENTS, "whole", "failed", "first", "second"):
        runs.tree(name)
    before = len(nodes(collector))
    desk.end()
    desk.start()
    desk.end()
    assert len(nodes(collector)) == before
