"""Being told by the kernel of names that come and go in folders."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Hashable, Mapping

from mixdesk_control.logs.inotify import IGNORED, ITSELF, NAMES, Inotify
from mixdesk_control.logs.place import Place, Unreadable

ONLY_FOLDERS = 0x01000000


class Folders:
    """The watched folders of one inotify instance; no event on a busy log, only on names.

    Raises OSError where there can be none.
    """

    def __init__(self) -> None:
        self._inotify = Inotify()
        self._watched: dict[Hashable, int | None] = {}
        self._gone: deque[int] = deque()
        self._lock = threading.Lock()
        self._is_closed = False

    @property
    def descriptor(self) -> int:
        """It can be read once something has come."""
        return self._inotify.fd

    def watch(self, folders: Mapping[Hashable, tuple[Place, str]]) -> bool:
        """Exactly these from now on, each or what is above it while it is not there. True where one is new. Blocks."""
        gone = {self._gone.popleft() for _ in range(len(self._gone))}
        self._watched = {key: None if number in gone else number for key, number in self._watched.items()}
        for key in [key for key in self._watched if key not in folders]:
            self._forget(key)
        new = [key for key in folders if self._watched.get(key) is None]
        for key in new:
            self._watched[key] = self._add(*folders[key])
        return any(self._watched[key] is not None for key in new)

    def drain(self) -> None:
        """Reads what has come, on the loop."""
        while events := list(self._inotify.events()):
            self._gone.extend(watch for watch, mask, _ in events if mask & IGNORED)

    def close(self) -> None:
        """Ends all; a `watch` that is under way in a thread does no harm."""
        with self._lock:
            self._is_closed = True
            self._inotify.close()

    def _add(self, place: Place, folder: str) -> int | None:
        try:
            found = place.open_folder(folder)
        except (Unreadable, OSError):
            return None
        try:
            with self._lock:
                return None if self._is_closed else self._inotify.add(found, NAMES | ITSELF | ONLY_FOLDERS)
        except OSError:
            return None  # no more of them are allowed: it is looked at now and then
        finally:
            os.close(found)

    def _forget(self, key: Hashable) -> None:
        number = self._watched.pop(key)
        if number is not None and number not in self._watched.values():
            with self._lock:
                if not self._is_closed:
                    self._inotify.remove(number)
