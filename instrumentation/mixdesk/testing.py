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
from dataclasses import replace
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
        self._desired: dict[str, wire.Desired] = {}
        self._open: set[str] = set()
        self._for_next = wire.Desired()
        self._generation = 0
        self._polls = 0
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
        """Ask the jobs that are open, or the next one where none is, for a checkpoint; returns the generation."""
        asked = wire.CheckpointDesired(then=then)
        return self._ask(lambda known, new: replace(known, generation=new, checkpoint=replace(asked, generation=new)))

    def ask_run(self, state: str) -> int:
        """Ask them to be "running", "paused" or "canceled"; returns the generation."""
        run = wire.RunDesired(state=state)
        return self._ask(lambda known, new: replace(known, generation=new, run=replace(run, generation=new)))

    def wait_for(self, condition: Callable[[wire.Report], bool], timeout_s: float = 30.0) -> None:
        """Wait until `condition(report)` holds for a report; AssertionError after `timeout_s` seconds."""
        with self._changed:
            met = self._changed.wait_for(lambda: any(condition(report) for report in self.reports), timeout_s)
        assert met, f"no such report within {timeout_s} s; statuses so far: {self.statuses}"

    def _ask(self, change: Callable[[wire.Desired, int], wire.Desired]) -> int:
        with self._changed:
            self._generation += 1
            for job_id in self._open:
                self._desired[job_id] = change(self._desired[job_id], self._generation)
            if not self._open:
                self._for_next = change(self._for_next, self._generation)
            self._changed.notify_all()
            return self._generation

    # -- the transport's side ----------------------------------------------------------------------------

    def put(self, job_id: str, body: bytes) -> wire.ReportAnswer:
        """One report."""
        report = wire.report_from(json.loads(body))
        with self._changed:
            self.reports.append(report)
            if job_id not in self._desired:
                self._desired[job_id], self._for_next = self._for_next, wire.Desired()
                self._open.add(job_id)
            if report.status in wire.FINAL_STATUSES:
                self._open.discard(job_id)
            self._changed.notify_all()
            return wire.ReportAnswer(acked_seq=report.seq, desired=self._desired[job_id])

    def desired(self, generations: Mapping[str, int]) -> dict[str, wire.Desired]:
        """A long poll."""
        with self._changed:
            poll = self._polls
            self._changed.wait_for(lambda: self._news(generations) or self._polls != poll, 1.0)
            return self._news(generations)

    def current(self, job_id: str, job_key: str) -> wire.Report | None:
        """The last report of a job."""
        return next((report for report in reversed(self.reports) if report.job_id == job_id), None)

    def interrupt(self) -> None:
        """Have a long poll end now."""
        with self._changed:
            self._polls += 1
            self._changed.notify_all()

    def close(self) -> None:
        """Nothing to close."""

    def _news(self, generations: Mapping[str, int]) -> dict[str, wire.Desired]:
        known = {job_id: self._desired.get(job_id, wire.Desired()) for job_id in generations}
        return {job_id: desired for job_id, desired in known.items() if desired.generation > generations[job_id]}
