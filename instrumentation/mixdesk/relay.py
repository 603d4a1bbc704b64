"""The hand-over of one job between processes: who holds it now, and who ends it."""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from . import link as links
from . import wire
from .checkpoints import Claim, claim
from .errors import Busy, CheckpointError
from .facts import JobFacts
from .guard import guarded, log, say_once
from .outbox import OLDEST_KEPT
from .spool import Spool, holder_of
from .transport import Refused, Unreachable

JOIN_WAIT_S = 10.0
_END_WAIT_S = 1.0
_JOB_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_RESERVED = frozenset({"stream", "desired"})
_held_here: set[str] = set()


class Relay:
    """One process's hold on a job.

    ends      True where this block ends the job: it made the job, or took a queued one up
    joined    True where another process made the job
    canceled  True where another process of the job has left on request: this one is to leave too
    foreign_spans  ids of the spans that other processes of the job have ended
    """

    def __init__(self, link: links.Link, *, joined: bool = False, folder: Path | None = None) -> None:
        self.link = link
        self.ends = not joined
        self.canceled = False
        self.foreign_spans: set[str] = set()
        self.joined = joined
        self._folder = folder
        self._spool: Spool | None = None
        self._claim: Claim | None = None
        self._lock = threading.Lock()  # the reporter's thread looks after a job that is lent
        self._lent = False
        self._written = 0
        self._job_id: str | None = None

    @classmethod
    def none(cls) -> Relay:
        """For an inert job: nothing is reported or written."""
        return cls(links.Link(lambda: None, None))

    # -- beginning -----------------------------------------------------------------------------------------

    def begin(self, facts: JobFacts) -> None:
        """Take the job: its spool file, its state where it is gone on with, its checkpoint folder. Raises Busy."""
        self._open_spool(facts)
        try:
            if self.joined:
                self._join(facts)
                _held_here.add(facts.job_id)
                self._job_id = facts.job_id
            if self._folder is not None:
                self._claim = _claimed(self._folder, facts)
        except BaseException:
            self.forget()
            raise

    def _open_spool(self, facts: JobFacts) -> None:
        folder = self.link.spool_folder
        if folder is None:
            return
        wait = {"wait_s": JOIN_WAIT_S} if self.joined else {}
        try:
            self._spool = Spool.open(folder, facts.job_id, **wait)
        except OSError as error:
            say_once(
                "spool", "no spool in %s (%s): what no desk has heard when this process dies is lost", folder, error
            )
            return
        if self._spool is None:
            raise _busy(folder, facts.job_id)

    def _join(self, facts: JobFacts) -> None:
        report = (self._spool.report() if self._spool else None) or self._from_desk(facts)
        if report is None:
            self.ends = True  # queued by somebody else, who left no state here: it is ours to end
            return
        self.ends = report.status == wire.QUEUED
        if report.status in (wire.SUCCEEDED, wire.FAILED):
            log.warning(
                "job %s of MIXDESK_JOB has ended (%s): unset it, or no desk hears of this run",
                facts.job_id,
                report.status,
            )
        self._written = report.seq
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
        with self._lock:
            if not self._lent:
                self._append(facts.report(OLDEST_KEPT))

    def report(self, facts: JobFacts) -> wire.Report | None:
        """The next report for a desk; None while another process holds the job, and reports it."""
        with self._lock:
            if not self._lent or self._spool is None:
                return facts.report()
            if not self._spool.lock():
                return None
            try:
                self._adopt_back(facts)
                return facts.report()
            finally:
                self._spool.unlock()

    def lend(self, facts: JobFacts) -> None:
        """Let a child process go on with the job."""
        with self._lock:
            if self._spool is not None and not self._lent:
                self._append(facts.report(OLDEST_KEPT))
                self._lent = True
                self._spool.unlock()

    def take_back(self, facts: JobFacts, wait_s: float | None = None) -> None:
        """This process goes on with the job itself. Raises Busy where a child still holds it."""
        deadline = time.monotonic() + (JOIN_WAIT_S if wait_s is None else wait_s)
        while not self._take_back_now(facts):
            if time.monotonic() >= deadline:
                assert self._spool is not None
                raise _busy(self._spool.path.parent, facts.job_id)
            time.sleep(0.02)

    def _take_back_now(self, facts: JobFacts) -> bool:
        with self._lock:
            if self._lent and self._spool is not None:
                if not self._spool.lock():
                    return False
                self._lent = False
                self._adopt_back(facts)
            return True

    def _append(self, report: wire.Report) -> None:
        if self._spool is None:
            return
        try:
            self._spool.append(report)
            self._written = report.seq
        except OSError as error:
            say_once("spool full", "the spool cannot be written (%s); training goes on", error)

    def _adopt_back(self, facts: JobFacts) -> None:
        """What another process has left in the spool since this one wrote to it."""
        report = self._spool.report() if self._spool else None
        if report is not None and report.seq != self._written:
            self._written = report.seq
            self._adopt(facts, report)

    def _adopt(self, facts: JobFacts, report: wire.Report) -> None:
        self.canceled = report.leaving or report.status == wire.CANCELED
        ours = facts.ended_spans() - self.foreign_spans
        facts.adopt(report)
        self.foreign_spans |= facts.ended_spans() - ours
        if report.status in wire.FINAL_STATUSES or report.leaving:
            facts.status = wire.FINALIZING

    # -- the end -------------------------------------------------------------------------------------------

    def regain(self, facts: JobFacts) -> None:
        """Before the end: take note of what a child has left, if it has."""
        try:
            self.take_back(facts, _END_WAIT_S)
        except Busy as error:
            log.warning("%s; it ends all the same", error)
            self._lent = False

    def end(self, facts: JobFacts, flush: Callable[[], bool], *, left: bool) -> None:
        """Report the end, or hand the job back; what no desk has acknowledged stays in the spool.

        left  this process leaves on request: whoever goes on with the job is to leave too
        """
        try:
            with self._lock:
                report = facts.report(OLDEST_KEPT)
                report.leaving = left and not self.ends
                self._append(report)
            if flush() and self._spool is not None and self.ends:
                self._spool.discard()
        finally:
            self.forget()

    def forget(self, *, forked: bool = False) -> None:
        """Let go of everything. A forked child closes its copies only: the locks are its parent's."""
        if self._job_id is not None:
            _held_here.discard(self._job_id)
        if self._spool is not None:
            self._spool.close()
            self._spool = None
        if self._claim is not None and not forked:
            self._claim.release()
        self._claim = None


def inherited(env: Mapping[str, str] = os.environ) -> tuple[str, str] | None:
    """The job_id and job_key that `MIXDESK_JOB` gives this process, or None; one that is malformed is said."""
    text = env.get("MIXDESK_JOB", "").strip()
    if not text:
        return None
    job_id, _, key = text.partition(":")
    if job_id in _held_here:
        return None  # a block within the one that has joined it is a job of its own
    if not _JOB_ID.fullmatch(job_id) or job_id in _RESERVED or not 0 < len(key) <= 200:
        log.warning("MIXDESK_JOB=%.80r is ignored: it must be <job_id>:<job_key>, as job.environ() gives it", job_id)
        return None
    return job_id, key


def _claimed(folder: Path, facts: JobFacts) -> Claim:
    try:
        return claim(folder, facts.name or facts.job_type, facts.version, facts.job_id)
    except OSError as error:
        raise CheckpointError(f"the checkpoint folder {folder} cannot be used: {error.strerror or error}") from error


def _busy(folder: Path, job_id: str) -> Busy:
    pid, host = holder_of(folder, job_id)
    return Busy(
        f"job {job_id} is held by another running process ({pid or 'unknown'} on {host or 'an unknown host'}): "
        "its processes take turns; wait for that one, or unset MIXDESK_JOB to begin a job of its own",
        pid=pid,
        host=host,
    )
