"""Which jobs ran when, and in which assets: what the desk has seen of it since it was started."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

MOST_RUNS = 10_000
SLACK_S = 2.0
"""What a trainer still says after the end of its job: why it failed; and how late the desk may see it somewhere."""

STILL_S = 30.0  # a job that was seen in a place so lately is there


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRun:
    """One job; times in seconds since the epoch.

    started_at  None while it waits in a queue
    ended_at    None while it runs
    host        where it runs, as its trainer says
    is_here     whether that is this host
    """

    job_id: str
    job_type: str
    started_at: float | None
    ended_at: float | None
    host: str | None
    is_here: bool


class Output(Protocol):
    """Where the output of an asset goes."""

    @property
    def asset(self) -> str:
        """Its id."""

    @property
    def state(self) -> str:
        """running, exited, ..."""

    @property
    def file(self) -> Path | None:
        """The file; None where it goes to none."""

    @property
    def container(self) -> str | None:
        """The full id of the container that it goes through; None where that is none."""


@dataclass(slots=True)
class Stay:
    """A job in an asset; from when to when it was seen there, in seconds since the epoch."""

    output: Output
    first: float
    last: float


def no_outputs() -> Sequence[Output]:
    """There are no assets."""
    return ()


class JobRuns:
    """Is told on the event loop, and asked from any thread.

    outputs  of all assets
    """

    def __init__(
        self, outputs: Callable[[], Sequence[Output]] = no_outputs, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._outputs, self._clock = outputs, clock
        self._since = clock()
        self._lock = threading.Lock()
        self._runs: dict[str, JobRun] = {}
        self._stays: dict[str, dict[str, Stay]] = {}

    def knows(self, job_id: str, ended_at: float | None) -> bool:
        """Whether it was told that this job ended then, so that it need not be told again."""
        run = self._runs.get(job_id)
        return run is not None and run.ended_at is not None and run.ended_at == ended_at

    def note(self, found: Mapping[str, Iterable[str]], runs: Iterable[JobRun]) -> None:
        """Both as they are now: {asset: ids of the jobs that run in it}, and the jobs. To be called each second or so,
        and no job may come and go unseen between."""
        outputs, now = {output.asset: output for output in self._outputs()} if found else {}, self._clock()
        with self._lock:
            for run in runs:
                self._runs.pop(run.job_id, None)
                self._runs[run.job_id] = run
            for asset, job_ids in found.items():
                for job_id in job_ids if asset in outputs else ():
                    stays = self._stays.setdefault(job_id, {})
                    stays.setdefault(asset, Stay(outputs[asset], now, now)).last = now
            self._forget()

    def _forget(self) -> None:
        """The ones that were told of least lately: from then on nobody knows who was alone before."""
        while len(self._runs) > MOST_RUNS:
            gone = self._runs.pop(next(iter(self._runs)))
            self._stays.pop(gone.job_id, None)
            self._since = max(self._since, gone.ended_at or self._clock())

    def runs(self) -> list[JobRun]:
        """All that it knows."""
        with self._lock:
            return list(self._runs.values())

    def of(self, job_id: str) -> JobRun | None:
        """One of them."""
        return self._runs.get(job_id)

    def stays(self, job_id: str) -> list[Stay]:
        """The assets in which this job was seen."""
        with self._lock:
            return list(self._stays.get(job_id, {}).values())

    def within(self, run: JobRun, stay: Stay) -> tuple[float, float | None]:
        """Between when its lines can be: what the trainer says of its times counts where the desk saw it there too.

        The end is None where it runs there still.
        """
        since = max(run.started_at or 0.0, stay.first - SLACK_S)
        if run.ended_at is None and self._clock() - stay.last < STILL_S:
            return since, None
        end = stay.last if run.ended_at is None else min(run.ended_at, stay.last)
        return since, end + SLACK_S

    def company(self, run: JobRun, asset: str) -> str | None:
        """Why what the asset printed in the time of this job may be another job's; None where it was alone."""
        if run.started_at is None or run.started_at < self._since:
            return "it began before this desk was started, which so cannot tell its lines from those of other jobs"
        with self._lock:
            others = [other for other in self._runs.values() if other.job_id != run.job_id and self._meet(run, other)]
            strangers = [other for other in others if asset in self._stays.get(other.job_id, {asset: None})]
        return "another job ran at the same time, in the same place as far as the desk knows" if strangers else None

    def _meet(self, run: JobRun, other: JobRun) -> bool:
        if not other.is_here or other.started_at is None or run.started_at is None:
            return False
        now = self._clock()
        end, other_end = (now if one.ended_at is None else one.ended_at + SLACK_S for one in (run, other))
        return other.started_at <= end and run.started_at <= other_end
