"""The thread of a run that says when an automatic save is due: the reporter's may hang on a network for long."""

from __future__ import annotations

import threading
from collections.abc import Callable

AGAIN_S = 1.0  # until it is said again, where nothing could be saved


class Alarm:
    """Calls `ring` whenever `due_in` has come to nothing, and each second from then on.

    due_in  seconds left, asked again when they are over: what was saved meanwhile puts it off
    """

    def __init__(self, due_in: Callable[[], float], ring: Callable[[], None]) -> None:
        self._due_in = due_in
        self._ring = ring
        self._over = threading.Event()

    def start(self) -> None:
        """Begin to watch the clock."""
        threading.Thread(target=self._run, name="mixdesk-alarm", daemon=True).start()

    def stop(self) -> None:
        """No more."""
        self._over.set()

    def _run(self) -> None:
        wait_s = self._due_in()
        while not self._over.wait(min(max(wait_s, 0.0), threading.TIMEOUT_MAX)):
            wait_s = self._due_in()
            if wait_s <= 0.0:
                self._ring()
                wait_s = AGAIN_S
