"""Being told when services or sources may have changed: by the kernel, by the engine, else by looking now and then."""

from __future__ import annotations

import asyncio
import logging
import posixpath
from collections.abc import AsyncGenerator, Callable, Hashable, Iterator, Sequence
from contextlib import aclosing, suppress
from functools import partial

from mixdesk_control.docker_engine import output
from mixdesk_control.docker_engine.engine import Engine
from mixdesk_control.docker_engine.errors import EngineError
from mixdesk_control.docker_engine.flow import Flow
from mixdesk_control.logs.discovery.folders import Folders
from mixdesk_control.logs.place import Place
from mixdesk_control.threads import in_thread

log = logging.getLogger(__name__)

THREAD = "mixdesk-logs-watch"
AGAIN_S = 30.0
"""So often it is said anyway."""

TOGETHER_S = 0.2  # what comes within is one change
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 30.0


class Changes:
    """Of one engine, and of the folders that the last look has looked into."""

    def __init__(
        self,
        engine: Engine,
        folders: Callable[[], Sequence[tuple[Place, str]]],
        *,
        again_s: float = AGAIN_S,
        together_s: float = TOGETHER_S,
    ) -> None:
        self._engine, self._folders = engine, folders
        self._again_s, self._together_s = again_s, together_s
        self._changed = asyncio.Event()

    async def watch(self) -> AsyncGenerator[None]:
        """Yields without end; who is told should look, so that new folders are watched too."""
        watched = _watched()
        events = asyncio.create_task(self._events())
        try:
            if watched is not None:
                asyncio.get_running_loop().add_reader(watched.descriptor, self._told, watched)
            while True:
                if watched is not None and await in_thread(partial(_watch, watched, self._folders()), THREAD):
                    self._changed.set()  # something may have come between the look and the watch
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._again_s):  # 3.11's wait_for can swallow the end of this task
                        await self._changed.wait()
                    await asyncio.sleep(self._together_s)
                self._changed.clear()
                yield
        finally:
            events.cancel()
            if watched is not None:
                asyncio.get_running_loop().remove_reader(watched.descriptor)
                watched.close()
            with suppress(asyncio.CancelledError):
                await events

    def _told(self, watched: Folders) -> None:
        watched.drain()
        self._changed.set()

    async def _events(self) -> None:
        """As long as there is somebody to tell; an engine that is away is asked ever more rarely."""
        pause = FIRST_PAUSE_S
        while True:
            try:
                flow = Flow(lambda: self._engine.link().events(), output.records)
                async with aclosing(flow.batches()) as batches:
                    async for _ in batches:
                        self._changed.set()
                        pause = FIRST_PAUSE_S
            except EngineError as error:
                if pause == FIRST_PAUSE_S:
                    log.info("changes of containers are seen later for now: %s", error)
            self._changed.set()
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_S)


def _watched() -> Folders | None:
    try:
        return Folders()
    except OSError as error:
        log.warning("new log files are seen up to %g s later: inotify: %s", AGAIN_S, error.strerror)
        return None


def _watch(watched: Folders, folders: Sequence[tuple[Place, str]]) -> bool:
    """Blocks, where a folder hangs for good: not in the loop's own threads, for which its end waits."""
    return watched.watch(dict(_keyed(folders)))


def _keyed(folders: Sequence[tuple[Place, str]]) -> Iterator[tuple[Hashable, tuple[Place, str]]]:
    """Each folder, and the one that holds it: there a folder that is not there yet will come."""
    for place, folder in folders:
        for one in dict.fromkeys((folder, posixpath.dirname(folder))):
            yield (place, one), (place, one)
