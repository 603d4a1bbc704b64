"""The hand-over of one job between processes: who holds it now, and who ends it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from . import link as links
from . import wire
from .checkpoints import Claim, claim
from .errors import Busy
from .facts import JobFacts
from .guard import guarded, log, say_once
from .spool import Spool
from .transport import Refused, Unreachable

JOIN_WAIT_S = 10.0


class Relay:
    """One process's hold on a job.

    ends      True where this block ends the job: it made the job, or took a queued one up
    canceled  True where another process of the job has left on request: this one is to leave too
    """

    def __init__(self, link: links.Link, *, joined: bool = False, folder: Path | None = None) -> None:
        self.link = link
        self.ends = not joined
        self.canceled = False
        self._joined = joined
        self._folder = folder
        self._spool: Spool | None = None
        self._claim: Claim | None = None
        self._lent = False

    @classmethod
    def none(cls) -> Relay:
        """For an inert job: nothing is reported or written."""
        return cls(links.Link(lambda: None, None))

    # -- beginning -----------------------------------------------------------------------------------------

    def begin(self, facts: JobFacts) -> None:
        """Take the job: its spool file, its state where it is gone on with, its checkpoint folder. Raises Busy."""
        self._open_spool(facts)
        if self._joined:
            self._join(facts)
        if self._folder is not None:
            try:
                self._claim = claim(self._folder, facts.name or facts.job_type, facts.version, facts.job_id)
            except BaseException:
                self.forget()
                raise

    def _open_spool(self, facts: JobFacts) -> None:
        folder = self.link.spool_folder
        if folder is None:
            return
        try:
            self._spool = Spool.open(folder, facts.job_id, wait_s=JOIN_WAIT_S if self._joined else 0.0)
        except OSError as error:
            say_once(
                "spool", "no spool in %s (%s): what no desk has heard when this process dies is lost", folder, error
            )
            return
        if self._spool is None:
            raise Busy(f"job {facts.job_id} is held by another running process: end it, or unset MIXDESK_JOB")

    def _join(self, facts: JobFacts) -> None:
        report = (self._spool.report() if self._spool else None) or self._from_desk(facts)
        if report is None:
            self.ends = True  # queued by somebody else, who left no state here: it is ours to end
            return
        self.ends = report.status == wire.QUEUED
        self._adopt(facts, report)

    def _from_desk(self, facts: JobFacts) -> wire.Report | None:
        transport = self.link.connect()
        if transport is None:
            return None
        try:
            return transport.current(facts.job_id, facts.job_key)
        except (Refused, Unreachable) as error:
            log.warning("job %s: the desk does not tell its state (%s); beginning anew", facts.job_id, error)
            return None
        finally:
            transport.close()

    # -- under way -----------------------------------------------------------------------------------------

    @guarded
    def write(self, facts: JobFacts) -> None:
        """Keep the state on disk: at phase edges, and when a checkpoint is saved."""
        if self._spool is not None and not self._lent:
            self._spool.append(facts.report())

    def lend(self, facts: JobFacts) -> None:
        """Let a child process go on with the job."""
        self.write(facts)
        if self._spool is not None and not self._lent:
            self._lent = True
            self._spool.unlock()

    def is_away(self, facts: JobFacts) -> bool:
        """True while another process holds the job; takes note of what it handed back."""
        if not self._lent or self._spool is None:
            return False
        if not self._spool.lock():
            return True
        self._adopt_back(facts)
        self._spool.unlock()
        return False

    def take_back(self, facts: JobFacts) -> None:
        """This process goes on with the job itself. Raises Busy where a child still holds it."""
        if not self._lent or self._spool is None:
            return
        if not self._spool.lock(JOIN_WAIT_S):
            raise Busy(f"job {facts.job_id} is still held by the process that it was lent to")
        self._lent = False
        self._adopt_back(facts)

    def _adopt_back(self, facts: JobFacts) -> None:
        report = self._spool.report() if self._spool else None
        if report is None or report.seq <= facts.seq:
            return
        self._adopt(facts, report)

    def _adopt(self, facts: JobFacts, report: wire.Report) -> None:
        self.canceled = report.status == wire.CANCELED
        facts.adopt(report)
        if report.status in wire.FINAL_STATUSES:
            facts.status = wire.FINALIZING

    # -- the end -------------------------------------------------------------------------------------------

    def end(self, facts: JobFacts, status: str, flush: Callable[[], bool]) -> None:
        """Report the end, or hand the job back; what no desk has acknowledged stays in the spool."""
        if self.ends:
            self._take_back_at_end(facts)
            self.write(facts)
        else:
            self._hand_back(facts, status)
        acked = flush()
        if self._spool is not None and acked and self.ends:
            self._spool.discard()
        self.forget()

    def _hand_back(self, facts: JobFacts, status: str) -> None:
        """The block that made the job ends it; a leave is told to it by the spool, not to the desk."""
        if status == wire.CANCELED:
            facts.status = wire.CANCELED
        self.write(facts)
        if status == wire.CANCELED:
            facts.status = wire.FINALIZING

    @guarded
    def _take_back_at_end(self, facts: JobFacts) -> None:
        if self._lent and self._spool is not None and self._spool.lock(1.0):
            self._lent = False
            ending = (facts.status, facts.error, facts.completed_at)
            self._adopt_back(facts)
            facts.status, facts.error, facts.completed_at = ending

    def forget(self, *, forked: bool = False) -> None:
        """Let go of everything. A forked child closes its copies only: the locks are its parent's."""
        if self._spool is not None:
            self._spool.close()
            self._spool = None
        if self._claim is not None and not forked:
            self._claim.release()
        self._claim = None


def inherited(env: Mapping[str, str] = os.environ) -> tuple[str, str] | None:
    """The job_id and job_key that `MIXDESK_JOB` gives this process, or None."""
    text = env.get("MIXDESK_JOB", "")
    job_id, _, key = text.partition(":")
    if not text:
        return None
    if not job_id or not key:
        print("MIXDESK_JOB must be <job_id>:<job_key>; it is ignored", file=sys.stderr)  # noqa: T201
        return None
    return job_id, key
