"""The thread that sends reports: the whole state of each job, at least once a second and at once on a transition."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from . import spool, wire
from .facts import JobFacts
from .guard import guarded, say_once
from .steering import Steering
from .transport import Refused, Transport, Unreachable, retry_in

INTERVAL_S = 1.0
RELOCATE_S = 1.0
STUCK_S = 10.0
DELIVERY_S = 0.2
HOPELESS_S = 0.1
_NEVER_TAKEN = (400, 403, 409, 413, 422)  # nor will it be later

Connect = Callable[[], Transport | None]


class Channel:
    """What the two threads need of one job.

    report     makes the next report; None while another process of the job reports it
    over       set when the last report need not be waited for: a desk has stored it (`stored`), or there is none
    known      True once a desk has answered a report of this job
    silent     True while another process of the job reports
    deskless   True where no desk was found at the last look
    """

    def __init__(
        self,
        facts: JobFacts,
        steering: Steering,
        report: Callable[[], wire.Report | None] | None = None,
        each_second: Callable[[], object] = lambda: None,
        on_spans: Callable[[bool], object] = lambda by_desk: None,
    ) -> None:
        self.facts = facts
        self.steering = steering
        self.report = report or facts.report
        self.each_second = each_second
        self.on_spans = on_spans
        self.interval_s = INTERVAL_S
        self.urgent = True
        self.closing = False
        self.silent = False
        self.known = False
        self.deskless = False
        self.over = threading.Event()
        self.stored = False
        self.sent_at = float("-inf")

    def due_in(self, now: float) -> float:
        """Seconds until a report is to be sent."""
        if self.over.is_set():
            return INTERVAL_S
        return 0.0 if self.urgent else max(self.sent_at + self.interval_s - now, 0.0)


class Reporter:
    """Sends the reports of all jobs of this process, and delivers what other processes left in the spool."""

    def __init__(self, connect: Connect, spool_folder: Path | None, on_known: Callable[[], None]) -> None:
        self._connect = connect
        self._spool_folder = spool_folder
        self._on_known = on_known
        self._channels: list[Channel] = []
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None
        self._transport: Transport | None = None
        self._asking_since: float | None = None
        self._blocked_until = 0.0
        self._failures = 0
        self._hopeless = False
        self._cleared = False
        self._left_behind: Iterator[spool.Spooled] | None = None

    @property
    def channels(self) -> list[Channel]:
        """The jobs that are reported."""
        return list(self._channels)

    def add(self, channel: Channel) -> None:
        """Report this job from now on."""
        with self._lock:
            self._channels.append(channel)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="mixdesk-reporter", daemon=True)
                self._thread.start()
        self._free_if_stuck()
        self.poke(channel)

    def poke(self, channel: Channel) -> None:
        """A transition: report at once."""
        channel.urgent = True
        self._wake.set()

    def finish(self, channel: Channel, wait_s: float) -> bool:
        """Send the last report; True where a desk has stored it within `wait_s` seconds.

        A desk that an end was waited for in vain is not waited for as long again until it has answered: many short
        jobs, or many that end together, lose the second once.
        """
        channel.closing = True
        self._blocked_until = 0.0
        self.poke(channel)
        try:
            patience_s = min(wait_s, HOPELESS_S) if self._hopeless else wait_s
            self._hopeless = not channel.over.wait(max(patience_s, 0.0))
        finally:
            self._channels.remove(channel)
            self._wake.set()
            self._free_if_stuck(STUCK_S if self._channels else 0.0)
        return channel.stored

    def _free_if_stuck(self, patience_s: float = STUCK_S) -> None:
        """A desk that hangs, or drips its answer byte by byte, must not keep the thread from later jobs."""
        since, transport = self._asking_since, self._transport
        if since is not None and transport is not None and time.monotonic() - since > patience_s:
            transport.interrupt()

    # -- the thread ----------------------------------------------------------------------------------

    def _run(self) -> None:
        last = float("-inf")
        while not self._is_over():
            self._wake.wait(self._pause(time.monotonic()))
            self._wake.clear()
            each_second = time.monotonic() - last >= INTERVAL_S
            if each_second:
                last = time.monotonic()
            for channel in self.channels:
                if each_second:
                    channel.each_second()
                self._report(channel)

    def _is_over(self) -> bool:
        with self._lock:
            if self._channels:
                return False
            self._thread = None
            self._close()
            return True

    def _pause(self, now: float) -> float:
        wait = min((channel.due_in(now) for channel in self.channels), default=0.0)
        return min(max(wait, self._blocked_until - now, 0.0), INTERVAL_S)

    @guarded
    def _report(self, channel: Channel) -> None:
        now = time.monotonic()
        if now < self._blocked_until or channel.due_in(now) > 0 or channel.over.is_set():
            return
        if self._transport is None:
            self._transport = self._connect()
        channel.deskless = self._transport is None
        if self._transport is None:
            self._no_desk(channel, now)
        else:
            self._send(channel, self._transport)

    def _no_desk(self, channel: Channel, now: float) -> None:
        """There is none now; one that comes later is found."""
        channel.urgent, channel.sent_at = False, now
        if self._spool_folder is not None and not self._cleared:
            self._cleared = True
            for _ in spool.pending(self._spool_folder):
                pass  # which removes very old ones: where no desk ever is, nobody else does
        if channel.closing:
            channel.over.set()
        elif all(other.deskless for other in self._channels):
            self._blocked_until = now + RELOCATE_S

    def _send(self, channel: Channel, transport: Transport) -> None:
        closing = channel.closing
        channel.urgent, channel.sent_at = False, time.monotonic()
        report = channel.report()
        channel.silent = report is None
        if report is None:
            return
        self._asking_since = channel.sent_at
        try:
            answer = transport.put(report.job_id, wire.encode(report))
        except Unreachable as error:
            self._failed(channel, str(error))
        except Refused as refusal:
            self._refused(channel, refusal, closing)
        else:
            self._answered(channel, report, answer, closing)
            self._deliver_some(transport)
        finally:
            self._asking_since = None

    def _answered(self, channel: Channel, report: wire.Report, answer: wire.ReportAnswer, closing: bool) -> None:
        self._failures, self._hopeless = 0, False
        channel.interval_s = min(max(answer.report_in_s, 0.1), 60.0)
        channel.steering.hear(answer.desired)
        if not channel.known:
            channel.known = True
            channel.on_spans(answer.spans)
            self._on_known()
        if answer.acked_seq > report.seq:  # it has a newer one: another process's, or this host's clock was set back
            channel.facts.seq = max(channel.facts.seq, answer.acked_seq)
            channel.urgent = closing
            return
        channel.facts.acknowledged(report)
        if closing and channel.facts.untold:
            channel.urgent = True  # more than one report holds
        elif closing:
            channel.stored = True
            channel.over.set()

    def _failed(self, channel: Channel, why: str) -> None:
        say_once("unreachable", "the desk does not answer (%s); training goes on, reports are kept", why)
        self._close()  # a desk that comes back elsewhere is looked up again
        channel.urgent = True
        self._blocked_until = time.monotonic() + retry_in(self._failures)
        self._failures += 1

    def _refused(self, channel: Channel, refusal: Refused, closing: bool) -> None:
        if refusal.desired is not None:
            channel.steering.hear(refusal.desired)
        if refusal.status == 429 or refusal.status >= 500:
            channel.urgent = True
            self._blocked_until = time.monotonic() + (refusal.retry_after_s or random.uniform(0.5, 2.0))
            return
        say_once(f"refused:{refusal.status}", "the desk refused a report (%s); training goes on", refusal)
        if refusal.status == 401:  # its token may have been renewed
            self._close()
        if closing and refusal.status in _NEVER_TAKEN:
            channel.stored = refusal.status == 409  # the desk knows how the job ended
            channel.over.set()

    def _close(self) -> None:
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.close()

    # -- what other processes left -------------------------------------------------------------------

    def _deliver_some(self, transport: Transport) -> None:
        """A few files after each report that was answered, so that no backlog keeps a job from its lease."""
        if self._spool_folder is None:
            return
        if self._left_behind is None:
            self._left_behind = spool.pending(self._spool_folder)
        deadline = time.monotonic() + DELIVERY_S
        for spooled in self._left_behind:
            report = spooled.report()
            if report is not None:
                _deliver(transport, spooled, report)
            if time.monotonic() > deadline:
                return


def _deliver(transport: Transport, spooled: spool.Spooled, report: wire.Report) -> None:
    try:
        transport.put(report.job_id, wire.encode(report))
    except Unreachable:
        return  # the next job on this host, or the desk itself, delivers it
    except Refused as refusal:
        if refusal.status != 409:  # which says that the job is over, or deleted
            return
    else:
        if report.status not in wire.FINAL_STATUSES:
            return
    spooled.done()
