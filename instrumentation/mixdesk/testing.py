"""For users' own tests: record what a trainer reports, ask it for things, let internal failures raise.

def test_my_trainer():
    with mixdesk.testing.record() as desk:
        train()
    assert desk.last.status == "succeeded"
"""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from . import guard, link, wire


@contextlib.contextmanager
def strict() -> Iterator[None]:
    """Let failures of reporting raise instead of being logged."""
    before = guard.set_strict(True)
    try:
        yield
    finally:
        guard.set_strict(before)


@contextlib.contextmanager
def record(spool: Path | None = None) -> Iterator[Recorder]:
    """Report to a recorder in this process; no desk is looked for. `spool`: keep spool files in this folder."""
    recorder = Recorder()
    made = link.Link(lambda: recorder, spool)
    link.override(lambda: made)
    guard.forget_said()
    try:
        yield recorder
    finally:
        link.override(None)


class Recorder:
    """A desk in memory: `reports` in the order they came, and requests to make of the jobs that report."""

    def __init__(self) -> None:
        self.reports: list[wire.Report] = []
        self._desired = wire.Desired()
        self._changed = threading.Condition()

    @property
    def last(self) -> wire.Report:
        """The newest report."""
        return self.reports[-1]

    @property
    def statuses(self) -> list[str]:
        """The statuses in the order they were reported, each change once."""
        seen: list[str] = []
        for report in self.reports:
            if not seen or seen[-1] != report.status:
                seen.append(report.status)
        return seen

    def ask_checkpoint(self, then: str = "continue") -> int:
        """Ask for a checkpoint; returns the generation."""
        with self._changed:
            new = self._desired.generation + 1
            asked = wire.CheckpointDesired(then=then, generation=new)
            return self._desire(wire.Desired(generation=new, run=self._desired.run, checkpoint=asked))

    def ask_run(self, state: str) -> int:
        """Ask the run to be "running", "paused" or "canceled"; returns the generation."""
        with self._changed:
            new = self._desired.generation + 1
            run = wire.RunDesired(state=state, generation=new)
            return self._desire(wire.Desired(generation=new, run=run, checkpoint=self._desired.checkpoint))

    def wait_for(self, condition: Callable[[wire.Report], bool], timeout_s: float = 30.0) -> None:
        """Wait until `condition(report)` holds for a report; AssertionError after `timeout_s` seconds."""
        with self._changed:
            met = self._changed.wait_for(lambda: any(condition(report) for report in self.reports), timeout_s)
        assert met, f"no such report within {timeout_s} s; statuses so far: {self.statuses}"

    # -- the transport's side ----------------------------------------------------------------------------

    def put(self, job_id: str, body: bytes) -> wire.ReportAnswer:
        """One report."""
        report = wire.report_from(json.loads(body))
        with self._changed:
            self.reports.append(report)
            self._changed.notify_all()
            return wire.ReportAnswer(acked_seq=report.seq, desired=self._desired, report_in_s=1.0)

    def desired(self, generations: Mapping[str, int]) -> dict[str, wire.Desired]:
        """A long poll."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_news(generations), 1.0)
            return dict.fromkeys(generations, self._desired) if self._is_news(generations) else {}

    def current(self, job_id: str, job_key: str) -> wire.Report | None:
        """The last report of a job."""
        return next((report for report in reversed(self.reports) if report.job_id == job_id), None)

    def close(self) -> None:
        """Nothing to close."""

    def _is_news(self, generations: Mapping[str, int]) -> bool:
        return any(self._desired.generation > generation for generation in generations.values())

    def _desire(self, desired: wire.Desired) -> int:
        self._desired = desired
        self._changed.notify_all()
        return desired.generation
