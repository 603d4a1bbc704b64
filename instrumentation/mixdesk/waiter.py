"""The thread that hears: it holds a long poll on what the desk desires of the jobs of this process."""

from __future__ import annotations

import threading
from collections.abc import Callable

from .guard import guarded
from .reporter import Channel, Connect
from .transport import Refused, Transport, Unreachable, retry_in

_PACE_S = 0.2  # after an answer that says nothing new: a desk that does not hold its polls gets five a second


class Waiter:
    """Polls for the jobs that the desk knows; one poll for all of them, and one thread while there are any."""

    def __init__(self, connect: Connect, channels: Callable[[], list[Channel]]) -> None:
        self._connect = connect
        self._channels = channels
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._transport: Transport | None = None
        self._changed = threading.Event()

    def changed(self) -> None:
        """There is another set of jobs to hear of: begin a new poll with them."""
        with self._lock:
            self._changed.set()
            if self._thread is None:
                if self._listeners():
                    self._thread = threading.Thread(target=self._run, name="mixdesk-waiter", daemon=True)
                    self._thread.start()
            elif self._transport is not None:
                self._transport.interrupt()

    # -- the thread ----------------------------------------------------------------------------------

    def _run(self) -> None:
        failures = 0
        while not self._is_over():
            self._changed.clear()
            if self._poll():
                failures = 0
            elif not self._changed.is_set():
                self._close()
                self._changed.wait(retry_in(failures))
                failures += 1

    def _is_over(self) -> bool:
        with self._lock:
            if self._listeners():
                return False
            self._thread = None
            self._close()
            return True

    def _close(self) -> None:
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.close()

    def _listeners(self) -> dict[str, Channel]:
        return {channel.facts.job_id: channel for channel in self._channels() if channel.known and not channel.silent}

    @guarded
    def _poll(self) -> bool:
        if self._transport is None:
            self._transport = self._connect()
        listeners = self._listeners()
        if self._transport is None or not listeners:
            return False
        try:
            heard = self._transport.desired({job: item.steering.desired.generation for job, item in listeners.items()})
        except Unreachable:
            return False
        except Refused as refusal:
            self._changed.wait(refusal.retry_after_s or 0.0)
            return False
        news = [listeners[job].steering.hear(desired) for job, desired in heard.items() if job in listeners]
        if not any(news):
            self._changed.wait(_PACE_S)
        return True
