"""The thread that hears: it holds a long poll on what the desk desires of the jobs of this process."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable

from .guard import guarded
from .reporter import Channel, Connect
from .transport import Refused, Transport, Unreachable

_LAST_RETRY_S = 2.0


class Waiter:
    """Polls for the jobs a desk knows. A new job starts a new poll; an old one ends when it is answered."""

    def __init__(self, connect: Connect, channels: Callable[[], list[Channel]]) -> None:
        self._connect = connect
        self._channels = channels
        self._turn = 0
        self._lock = threading.Lock()

    def restart(self) -> None:
        """The set of known jobs has changed."""
        with self._lock:
            self._turn += 1
            turn = self._turn
        threading.Thread(target=self._run, args=(turn,), name="mixdesk-waiter", daemon=True).start()

    def stop(self) -> None:
        """Let the thread end with its next answer."""
        with self._lock:
            self._turn += 1

    def _run(self, turn: int) -> None:
        transport: Transport | None = None
        failures = 0
        while self._turn == turn and self._listeners():
            if transport is None:
                transport = self._connect()
            failures = failures + 1 if transport is None or not self._poll(transport) else 0
            if failures:
                if transport is not None:
                    transport.close()
                transport = None
                time.sleep(min(0.05 * 2 ** min(failures, 8), _LAST_RETRY_S) * random.uniform(0.4, 1.0))
        if transport is not None:
            transport.close()

    def _listeners(self) -> dict[str, Channel]:
        return {channel.facts.job_id: channel for channel in self._channels() if channel.known and not channel.silent}

    @guarded
    def _poll(self, transport: Transport) -> bool:
        listeners = self._listeners()
        try:
            heard = transport.desired({job: item.steering.desired.generation for job, item in listeners.items()})
        except Unreachable:
            return False
        except Refused as refusal:
            if refusal.retry_after_s:
                time.sleep(refusal.retry_after_s)
            return False
        for job_id, desired in heard.items():
            if job_id in listeners:
                listeners[job_id].steering.hear(desired)
        return True
