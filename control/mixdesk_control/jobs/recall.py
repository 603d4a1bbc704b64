"""The histories of the job types in memory: read from the store when a job begins, added to when one ends."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from sqlalchemy import Connection

from mixdesk_control.jobs import queries
from mixdesk_control.jobs.learned import History, Run, Took
from mixdesk_control.jobs.outlook import Outlook
from mixdesk_control.jobs.rows import Change, PhaseTime
from mixdesk_control.jobs.state import Job, State
from mixdesk_control.jobs.work import Amount
from mixdesk_control.store import Store, StoreError

FRESH_S = 60.0  # another desk on the same database may have seen a run end meanwhile
MOST_TYPES = 50


class Recall:
    """Used on the event loop; only `load` reads the store."""

    def __init__(self, store: Store, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._monotonic = monotonic
        self._histories: dict[str, History] = {}
        self._read_at: dict[str, float] = {}
        self._learned: dict[str, dict[str, Run]] = {}  # by job, of each type: since its history was asked for

    async def load(self, job_type: str) -> None:
        """Has the history of a type ready; a store that cannot be read leaves what is known."""
        now = self._monotonic()
        if now - self._read_at.get(job_type, -FRESH_S) < FRESH_S:
            return
        self._read_at[job_type] = now
        self._learned[job_type] = {}

        def work(conn: Connection) -> list[queries.PastRun]:
            return queries.load_past_runs(conn, job_type)

        try:
            self._keep(job_type, await self._store.read(work))
        except StoreError:
            self._read_at.pop(job_type, None)
            if job_type not in self._histories:
                self._learned.pop(job_type, None)

    def _keep(self, job_type: str, past: Iterable[queries.PastRun]) -> None:
        before = self._histories.pop(job_type, None)
        runs = {run.job_id: _run(run.host, run.resumed, run.times) for run in past}
        # What ended while the store was read may be in what was read, or not.
        runs |= {job_id: run for job_id, run in self._learned.get(job_type, {}).items() if job_id not in runs}
        history = History(0 if before is None else before.version + 1)
        for run in runs.values():
            history.add(run)
        self._histories[job_type], self._learned[job_type] = history, runs
        while len(self._histories) > MOST_TYPES:
            self._drop(next((name for name, known in self._histories.items() if not known.lately), None))

    def _drop(self, job_type: str | None) -> None:
        """Forgets one that holds nothing, else the oldest."""
        gone = job_type or next(iter(self._histories))
        for known in (self._histories, self._read_at, self._learned):
            known.pop(gone, None)

    def changed(self, change: Change, _job: Job) -> None:
        """One committed change: a run that has ended is learned from at once, and once."""
        after = change.after
        learned = self._learned.get(after.job_type)
        if learned is None or not change.phase_times or after.job_id in learned:
            return
        learned[after.job_id] = run = _run(after.host, after.is_resumed, change.phase_times)
        history = self._histories.get(after.job_type)
        if history is not None:
            history.add(run)

    def outlook(self, job: Job, state: State) -> Outlook | None:
        """What is known of a job that comes into `state`; None where its type's history is not in memory."""
        history = self._histories.get(state.job_type)
        if history is None:
            return job.outlook  # forgotten to make room for other types: what it was told by still holds
        known = job.outlook
        if known is None or known.history is not history:
            known = job.outlook = Outlook(history, state.host, state.is_resumed)
        return known


def _run(host: str | None, resumed: bool, times: Iterable[PhaseTime]) -> Run:
    places = {
        item.phase: Took(item.seconds, Amount(item.units or None, item.unit or "", item.expected)) for item in times
    }
    return Run(host, resumed, places)
