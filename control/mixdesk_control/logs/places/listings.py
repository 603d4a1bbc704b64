"""What the engine has packed of folders, asked for so that an engine that is slow or hangs holds nobody up."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial

from mixdesk_control.logs.place import Found, Unreadable
from mixdesk_control.logs.places.beneath import shown

KEEP_S = 60.0  # a listing
WAIT_S = 2.0  # for one that is being made
MOST_AT_ONCE = 4


class Listings:
    """What folders had in them, for a while: each look costs the engine all of their files, so that it may take long.

    From several threads.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._asked: dict[tuple[str, str], _Listing] = {}
        self._lock = threading.Lock()
        self._patient_from = float("-inf")

    def get(self, container: str, folder: str, listing: Callable[[], list[Found]]) -> list[Found]:
        """What `listing` returns or raises, or did lately. Raises Unreadable where it takes too long."""
        asked = self._ask((container, folder), listing)
        if self._monotonic() >= self._patient_from and not asked.done.wait(WAIT_S):
            self._patient_from = self._monotonic() + KEEP_S  # nobody waits for each folder of each container
        if not asked.done.is_set():
            raise Unreadable(f"{shown(folder)} is still being packed by the Docker engine; ask again")
        if asked.error is not None:
            raise asked.error
        return asked.found

    def _ask(self, key: tuple[str, str], listing: Callable[[], list[Found]]) -> _Listing:
        with self._lock:
            now = self._monotonic()
            self._asked = {
                at: one for at, one in self._asked.items() if now - one.since < KEEP_S or not one.done.is_set()
            }
            if key not in self._asked:
                if sum(not one.done.is_set() for one in self._asked.values()) >= MOST_AT_ONCE:
                    raise Unreadable(f"{shown(key[1])} waits for the Docker engine to pack others; ask again")
                self._asked[key] = _Listing(now)
                run = partial(self._asked[key].run, listing)
                threading.Thread(target=run, name="mixdesk-logs-archive", daemon=True).start()
            return self._asked[key]


class _Listing:
    def __init__(self, since: float) -> None:
        self.since, self.done = since, threading.Event()
        self.found: list[Found] = []
        self.error: Unreadable | None = None

    def run(self, listing: Callable[[], list[Found]]) -> None:
        try:
            self.found = listing()
        except Unreadable as error:
            self.error = error
        except Exception as error:  # noqa: BLE001 - the edge of a thread
            self.error = Unreadable(f"the Docker engine's archive: {type(error).__name__}: {error}")
        finally:
            self.done.set()
