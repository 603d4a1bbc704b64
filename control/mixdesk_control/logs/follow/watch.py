"""Who is told when files change: one inotify instance for all readers, and once a second a look for where it is blind.

It is blind on network file systems, on changes made through another mount, and where the user has too many watches.
"""

from __future__ import annotations

import asyncio
import errno
import logging
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial

from mixdesk_control.logs import inotify
from mixdesk_control.threads import in_thread

LOOK_S = 1.0

log = logging.getLogger(__name__)

Told = Callable[[str | None, bool], bool]
"""What has happened to a name in the folder (None: to anything), and whether the name is of another file now; whether
it matters. May not block."""


class Watching:
    """One reader's part of it.

    came  set when there is something to do
    """

    def __init__(self, watch: Watch, told: Told, peek: Callable[[], bool]) -> None:
        self._watch, self.told, self.peek = watch, told, peek
        self.came = asyncio.Event()
        self.watched: dict[int, int] = {}

    def on(self, fds: Sequence[int]) -> None:
        """What these descriptors are of is watched, in place of what was before."""
        self._watch.put(self, fds)

    def close(self) -> None:
        """Not told any more."""
        self._watch.forget(self)


class Watch:
    """Used on one event loop. Costs nothing while nobody watches.

    look_s  seconds between two looks
    """

    def __init__(self, look_s: float = LOOK_S, instance: Callable[[], inotify.Inotify] = inotify.Inotify) -> None:
        self._look_s, self._instance = look_s, instance
        self._inotify: inotify.Inotify | None = None
        self._readers: defaultdict[int, set[Watching]] = defaultdict(set)
        self._all: set[Watching] = set()
        self._looking: asyncio.Task[None] | None = None
        self._complained = False

    def add(self, told: Told, peek: Callable[[], bool]) -> Watching:
        """One reader more.

        peek  whether there is something to do though nothing was told; called once a second, in a thread
        """
        watching = Watching(self, told, peek)
        self._all.add(watching)
        if self._looking is None:
            self._looking = asyncio.create_task(self._look(), name="mixdesk-logs-look")
            self._open()
        return watching

    def put(self, watching: Watching, fds: Sequence[int]) -> None:
        """See Watching.on."""
        numbers = {number for fd in fds if (number := self._number(fd)) is not None}
        before = {number for number, readers in self._readers.items() if watching in readers}
        for number in numbers:
            self._readers[number].add(watching)
        self._drop(watching, before - numbers)

    def forget(self, watching: Watching) -> None:
        """See Watching.close."""
        self._all.discard(watching)
        self._drop(watching, {number for number, readers in self._readers.items() if watching in readers})
        if not self._all:
            self.close()

    def close(self) -> None:
        """Nobody is told any more."""
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None
        if self._inotify is not None:
            asyncio.get_running_loop().remove_reader(self._inotify.fd)
            self._inotify.close()
            self._inotify = None
        self._readers.clear()

    def _open(self) -> None:
        try:
            self._inotify = self._instance()
        except OSError as error:
            self._complain(error)
        else:
            asyncio.get_running_loop().add_reader(self._inotify.fd, self._read)

    def _number(self, fd: int) -> int | None:
        if self._inotify is None:
            return None
        try:
            return self._inotify.add(fd)
        except OSError as error:
            self._complain(error)
            return None

    def _drop(self, watching: Watching, numbers: set[int]) -> None:
        for number in numbers:
            self._readers[number].discard(watching)
            if not self._readers[number]:
                del self._readers[number]
                if self._inotify is not None:
                    self._inotify.remove(number)

    def _complain(self, error: OSError) -> None:
        if self._complained:
            return
        self._complained = True
        which = {errno.ENOSPC: "fs.inotify.max_user_watches", errno.EMFILE: "fs.inotify.max_user_instances"}
        what = f"; raise {which[error.errno]}" if error.errno in which else ""
        log.warning("the kernel does not tell of changes in logs (%s): seen up to a second later%s", error, what)

    # -- told by the kernel ------------------------------------------------------------------------------

    def _read(self) -> None:
        if self._inotify is None:
            return
        # a file that is written to without a pause says the same many times
        for number, mask, name in dict.fromkeys(self._inotify.events()):
            self._tell(number, mask, name)

    def _tell(self, number: int, mask: int, name: str) -> None:
        lost = mask & inotify.OVERFLOW
        is_new = bool(mask & (inotify.NAMES | inotify.ITSELF)) or bool(lost)
        for watching in tuple(self._all if lost else self._readers.get(number, ())):
            about = None if lost or mask & inotify.ITSELF else name
            if watching.told(about, is_new):
                watching.came.set()
        if mask & inotify.IGNORED:
            self._readers.pop(number, None)

    # -- looking -----------------------------------------------------------------------------------------

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(self._look_s)
            for watching in await in_thread(partial(_with_something, tuple(self._all)), "mixdesk-logs-look"):
                watching.came.set()


def _with_something(everybody: Sequence[Watching]) -> list[Watching]:
    return [watching for watching in everybody if watching.peek()]
