"""The thread that sends reports: the whole state of each job, at least once a second and at once on a transition."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from pathlib import Path

from . import spool, wire
from .facts import JobFacts
from .guard import guarded, say_once
from .steering import Steering
from .transport import Refused, Transport, Unreachable

INTERVAL_S = 1.0
RELOCATE_S = 5.0
_FIRST_RETRY_S, _LAST_RETRY_S = 0.05, 2.0

Connect = Callable[[], Transport | None]


class Channel:
    """What the two threads need of one job.

    over       set when the last report need not be waited for: a desk has stored it (`stored`), or there is none
    known      True once a desk has answered a report of this job
    """

    def __init__(self, facts: JobFacts, steering: Steering, each_second: Callable[[Channel], None]) -> None:
        self.facts = facts
        self.steering = steering
        self.each_second = each_second
        self.on_spans: Callable[[bool], None] = lambda by_desk: None
        self.interval_s = INTERVAL_S
        self.urgent = True
        self.closing = False
        self.silent = False  # another process of this job reports meanwhile
        self.known = False
        self.over = threading.Event()
        self.stored = False
        self.sent_at = float("-inf")

    def due(self, now: float) -> bool:
        """True where a report is to be sent."""
        return not self.silent and not self.over.is_set() and (self.urgent or now - self.sent_at >= self.interval_s)


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
        self._blocked_until = 0.0
        self._failures = 0
        self._delivered = False

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
        self.poke(channel)

    def remove(self, channel: Channel) -> None:
        """Report this job no longer."""
        self._channels.remove(channel)
        self._wake.set()

    def poke(self, channel: Channel) -> None:
        """A transition: report at once."""
        channel.urgent = True
        self._wake.set()

    def finish(self, channel: Channel, wait_s: float) -> bool:
        """Send the last report; True where a desk has stored it within `wait_s` seconds."""
        channel.closing = True
        self._blocked_until = 0.0
        self.poke(channel)
        channel.over.wait(wait_s)
        self.remove(channel)
        return channel.stored

    # -- the thread ----------------------------------------------------------------------------------

    def _run(self) -> None:
        last = float("-inf")
        while not self._is_over():
            self._wake.wait(self._pause(time.monotonic()))
            self._wake.clear()
            now = time.monotonic()
            each_second = now - last >= INTERVAL_S
            if each_second:
                last = now
            for channel in self.channels:
                self._tick(channel, each_second)
        if self._transport is not None:
            self._transport.close()
            self._transport = None

    def _is_over(self) -> bool:
        with self._lock:
            if not self._channels:
                self._thread = None
            return not self._channels

    def _pause(self, now: float) -> float:
        if now < self._blocked_until:
            return min(self._blocked_until - now, INTERVAL_S)
        return 0.0 if any(channel.urgent and channel.due(now) for channel in self._channels) else INTERVAL_S / 2

    @guarded
    def _tick(self, channel: Channel, each_second: bool) -> None:
        if each_second:
            channel.each_second(channel)
        now = time.monotonic()
        if now < self._blocked_until or not channel.due(now):
            return
        if self._transport is None:
            self._transport = self._connect()
        if self._transport is None:  # none now: one that comes later is found
            channel.urgent = False
            channel.sent_at = now
            self._blocked_until = now + RELOCATE_S
            if channel.closing:
                channel.over.set()
            return
        self._send(channel, self._transport)

    def _send(self, channel: Channel, transport: Transport) -> None:
        channel.urgent, channel.sent_at = False, time.monotonic()
        closing = channel.closing
        report = channel.facts.report()
        try:
            answer = transport.put(report.job_id, wire.encode(report))
        except Unreachable as error:
            self._failed(channel, str(error))
        except Refused as refusal:
            self._refused(channel, refusal, closing)
        else:
            self._answered(channel, report, answer, closing)

    def _answered(self, channel: Channel, report: wire.Report, answer: wire.ReportAnswer, closing: bool) -> None:
        self._failures = 0
        channel.interval_s = min(max(answer.report_in_s, 0.1), 60.0)
        channel.facts.acknowledged(report)
        channel.steering.hear(answer.desired)
        if not channel.known:
            channel.known = True
            channel.on_spans(answer.spans)
            self._on_known()
        if closing:
            channel.stored = True
            channel.over.set()
        self._deliver_once()

    def _failed(self, channel: Channel, why: str) -> None:
        say_once("unreachable", "the desk does not answer (%s); training goes on, reports are kept", why)
        if self._transport is not None:
            self._transport.close()
            self._transport = None  # a desk that comes back elsewhere is looked up again
        channel.urgent = True
        delay = min(_FIRST_RETRY_S * 2**self._failures, _LAST_RETRY_S)
        self._failures += 1
        self._blocked_until = time.monotonic() + delay * random.uniform(0.5, 1.0)

    def _refused(self, channel: Channel, refusal: Refused, closing: bool) -> None:
        if refusal.status in (429, 503) or refusal.status >= 500:
            channel.urgent = True
            self._blocked_until = time.monotonic() + (refusal.retry_after_s or random.uniform(0.5, 2.0))
            return
        say_once(f"refused:{refusal.status}", "the desk refused a report (%s); training goes on", refusal)
        if closing and refusal.status in (403, 409, 422):
            channel.stored = True
            channel.over.set()  # it will not be taken later either

    # -- what other processes left -------------------------------------------------------------------

    def _deliver_once(self) -> None:
        if self._delivered or self._spool_folder is None:
            return
        self._delivered = True
        for spooled in spool.pending(self._spool_folder):
            if not self._deliver(spooled):
                return

    def _deliver(self, spooled: spool.Spooled) -> bool:
        report = spooled.report()
        if report is None or self._transport is None:
            return True
        try:
            self._transport.put(report.job_id, wire.encode(report))
        except Unreachable:
            return False
        except Refused as refusal:
            if refusal.status not in (403, 409, 422):
                return False
            spooled.done()
        else:
            if report.status in wire.FINAL_STATUSES:
                spooled.done()
        return True
