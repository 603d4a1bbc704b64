"""Runs that are killed at any moment, the desk there or away: each phase that was begun has its span at a collector."""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from collector import Collector
from forker import Child, Forker
from live_desk import Desk, wait_until
from mortal import KEYS
from torture import chance, times

ROUNDS = times(10, 1)
RUNS = 10  # a round
ERROR = 2


@dataclass
class Told:
    """What a run said before it was killed: span ids of its phases, which of them it was about to end or had ended."""

    job_id: str = ""
    span_id: str = ""
    started: dict[str, str] = field(default_factory=dict)
    ends: set[str] = field(default_factory=set)
    ended: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, text: str) -> Told:
        told = cls()
        for line in text.splitlines():
            word, *rest = line.split()
            if word == "job":
                told.job_id, told.span_id = rest
            elif word == "started":
                told.started[rest[0]] = rest[1]
            elif word in ("ends", "ended"):
                getattr(told, word).add(rest[0])
        return told


@pytest.fixture
def collector() -> Iterator[Collector]:
    made = Collector()
    yield made
    made.close()


class Mortals:
    """Starts runs beside a desk and kills them."""

    def __init__(self, forker: Forker, desk: Desk, folder: Path, dice: random.Random) -> None:
        self._forker, self._desk, self._folder, self._dice = forker, desk, folder, dice
        self._count = 0
        self.told: list[Told] = []

    def start(self, count: int) -> list[Child]:
        env = {"MIXDESK_STATE_DIR": str(self._desk.state)}
        started = []
        for _ in range(count):
            self._count += 1
            started.append(self._forker.start("mortal:run", self._folder / f"out{self._count}", self._count, env=env))
        return started

    def kill(self, children: list[Child]) -> None:
        """Each at a moment of its own: right after a phase has begun, or any other."""
        for child in children:
            child.wait_for("started " + self._dice.choice([*KEYS, "evaluation"]))
            time.sleep(self._dice.choice([0.0, self._dice.uniform(0, 0.005), self._dice.uniform(0, 0.2)]))
            child.signal(signal.SIGKILL)
            assert child.wait() == -signal.SIGKILL
            self.told.append(Told.of(child.text()))


@pytest.mark.timeout(1500)
def test_every_phase_that_was_begun_has_its_span(
    new_desk: Callable[[str], Desk], forker: Forker, tmp_path: Path, collector: Collector
) -> None:
    desk, dice = new_desk("[jobs]\nlease_s = 1\nlost_fail_s = 2\n"), chance()
    desk.env["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.url
    mortals = Mortals(forker, desk, tmp_path, dice)
    desk.start()
    for _ in range(ROUNDS):
        third = RUNS // 3
        mortals.kill(mortals.start(third))  # the desk is there all the time
        known = mortals.start(third)  # it goes while they run
        for child in known:
            child.wait_for("started")
        desk.end()
        unknown = mortals.start(RUNS - 2 * third)  # it has never heard of these
        mortals.kill(known + unknown)
        desk.start()
    expected = {told.span_id for told in mortals.told}
    wait_until(lambda: expected <= ids(collector), "all the jobs' spans")
    desk.end()
    for told in mortals.told:
        assert_spans(collector, told)
    counts = Counter(item["span"].span_id.hex() for item in collector.spans)
    assert set(counts.values()) == {1}, "each once"
    phases = sum(len(told.started) for told in mortals.told)
    still = sum(len(told.started.keys() - told.ends) for told in mortals.told)
    print(f"{len(mortals.told)} runs killed: {phases} phases begun, {still} of them open; each has its one span")


def ids(collector: Collector) -> set[str]:
    return {item["span"].span_id.hex() for item in collector.spans}


def assert_spans(collector: Collector, told: Told) -> None:
    spans = {item["span"].span_id.hex(): item["span"] for item in collector.spans}
    job = spans[told.span_id]
    assert (job.name, job.status.code, job.status.message) == ("job training_rvc", ERROR, "lost contact")
    for key, span_id in told.started.items():
        assert span_id in spans, f"{key} of {told} has no span"
        span = spans[span_id]
        assert (span.name, span.parent_span_id.hex()) == (f"phase {key}", told.span_id)
        assert span.trace_id == job.trace_id
        assert 0 < span.start_time_unix_nano <= span.end_time_unix_nano
        if key not in told.ends:
            assert span.status.code == ERROR, f"{key} was open"
        elif key in told.ended:
            assert span.status.code != ERROR, f"{key} had ended"
