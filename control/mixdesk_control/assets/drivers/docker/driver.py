"""Containers of a Docker engine: they are there already, and are started and stopped, never made or removed."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from functools import partial
from pathlib import Path
from typing import Any

from mixdesk_control.assets.asset import UNKNOWN, Asset, Observed, Usage
from mixdesk_control.assets.drivers.docker import state
from mixdesk_control.assets.drivers.docker.usage import Meter
from mixdesk_control.assets.drivers.docker.watcher import Watcher
from mixdesk_control.assets.drivers.driver import Changed, DriverError
from mixdesk_control.docker_engine import output
from mixdesk_control.docker_engine.engine import ACT_S, SOCKET, Engine
from mixdesk_control.docker_engine.errors import EngineError, Gone
from mixdesk_control.docker_engine.flow import Flow
from mixdesk_control.threads import in_thread
from mixdesk_exporter.host import Roots

log = logging.getLogger(__name__)

CONTAINER_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]+")
"""What the engine accepts."""

FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 5.0
RUNS_AGAIN_S = 0.5


class DockerDriver:
    """An asset's target is the name of its container.

    socket  a path, or an address `unix://PATH` or `tcp://HOST:PORT`
    roots   where this host's /proc and /sys are, for what containers use
    """

    name = "docker"

    def __init__(
        self,
        socket: Path | str = SOCKET,
        *,
        roots: Roots | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine = Engine(socket)
        self._watcher = Watcher(self._engine, monotonic)
        self._meter = Meter(Roots() if roots is None else roots, monotonic)

    def key(self, asset: Asset) -> str:
        """`container NAME`. Raises ValueError for what cannot be a container's name."""
        if not isinstance(asset.target, str) or CONTAINER_NAME.fullmatch(asset.target) is None:
            msg = f"container = {asset.target!r} is no name of a container: two or more of A-Z a-z 0-9 _ . -"
            raise ValueError(msg)
        return f"container {asset.target}"

    async def observe(self, assets: Sequence[Asset]) -> Mapping[str, Observed]:
        """By id, in one look at the engine; while that does not answer, each is UNKNOWN with the reason."""
        if not assets:
            return {}
        try:
            seen = await self._watcher.look({asset.target for asset in assets})
        except EngineError as error:
            return {asset.id: Observed(UNKNOWN, reason=str(error)) for asset in assets}
        return {asset.id: seen[asset.target] for asset in assets}

    async def start(self, asset: Asset) -> None:
        """Returns once the engine has started it. Raises DriverError with the engine's own words."""
        try:
            await in_thread(partial(self._start, asset.target), "mixdesk-docker")
        except EngineError as error:
            raise _refused(asset, "started", error) from error
        finally:
            self._watcher.touch((asset.target,))

    def _start(self, name: str) -> None:
        with self._engine.link(ACT_S) as link:
            identity = link.find(name)
            if identity is None:
                raise DriverError(f"{state.absent(name).reason}")
            link.start(identity)

    async def stop(self, asset: Asset, grace_s: float) -> None:
        """Returns once the engine says that it does not run. Raises DriverError, also where it runs again at once."""
        try:
            await in_thread(partial(self._stop, asset.target, grace_s), "mixdesk-docker")
        except EngineError as error:
            raise _refused(asset, "stopped", error) from error
        finally:
            self._watcher.touch((asset.target,))

    def _stop(self, name: str, grace_s: float) -> None:
        with self._engine.link(ACT_S) as link:
            identity = link.find(name)
            if identity is None:
                return
            try:
                link.stop(identity, grace_s)
                found = link.inspect(identity)
            except Gone:
                return
            if state.observed(found).is_alive:
                raise DriverError(
                    f"container {name} was stopped and runs again: something else starts it; stop that first"
                )

    async def usage(self, assets: Sequence[Asset]) -> Mapping[str, Usage]:
        """By id, of those that ran when they were last observed and whose control group is seen from here."""
        running = self._watcher.processes()
        wanted = {asset.id: running[asset.target] for asset in assets if asset.target in running}
        return await asyncio.to_thread(self._meter.read, wanted) if wanted else {}

    async def lines(self, asset: Asset) -> AsyncGenerator[str]:
        """Its output since its last start, and of each start to come. After the engine was away, that of the run anew.

        Raises DriverError where there is no such container, or its output cannot be read.
        """
        try:
            found = await in_thread(partial(self._find, asset.target), "mixdesk-docker")
            while True:
                async with aclosing(self._output(found).batches()) as batches:
                    async for batch in batches:
                        for line in batch:
                            yield line
                found = await self._next_run(asset.target)
        except EngineError as error:
            raise _refused(asset, "read", error) from error

    def _output(self, found: Mapping[str, Any]) -> Flow[str]:
        split = output.plain if state.has_terminal(found) else output.framed
        identity, since = str(found["Id"]), state.output_since(found)
        return Flow(lambda: self._engine.link().logs(identity, since), split)

    async def _next_run(self, name: str) -> Mapping[str, Any]:
        """Once it runs, or runs again."""
        while True:
            await asyncio.sleep(RUNS_AGAIN_S)
            try:
                found = await in_thread(partial(self._find, name), "mixdesk-docker")
            except (EngineError, DriverError):
                continue  # away for now
            if state.pid(found):
                return found

    def _find(self, name: str) -> Mapping[str, Any]:
        with self._engine.link() as link:
            identity = link.find(name)
            if identity is None:
                raise DriverError(f"{state.absent(name).reason}")
            return link.inspect(identity)

    async def follow(self, assets: Callable[[], Sequence[Asset]], changed: Changed) -> None:
        """Until it is cancelled. When the engine has gone or is back, all may have changed."""
        pause = FIRST_PAUSE_S
        while True:
            try:
                if assets():  # an engine that nobody needs is not missed
                    await self._follow_once(assets, changed)
                pause = FIRST_PAUSE_S
            except EngineError as error:
                if pause == FIRST_PAUSE_S:
                    log.info("changes of containers are seen a second later for now: %s", error)
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_S)

    async def _follow_once(self, assets: Callable[[], Sequence[Asset]], changed: Changed) -> None:
        """As long as the engine is there. Raises EngineError where it is not."""
        flow = Flow(lambda: self._engine.link().events(), output.records)
        async with aclosing(flow.batches()) as batches:
            async for batch in batches:
                self._report(assets(), batch, changed)
        self._report(assets(), (), changed)

    def _report(self, assets: Sequence[Asset], events: Sequence[Mapping[str, Any]], changed: Changed) -> None:
        """Those that the events name; all where there are none: the stream begins or has ended."""
        named = {name for event in events for name in _named(event)}
        touched = [asset for asset in assets if not events or asset.target in named]
        self._watcher.touch([asset.target for asset in touched])
        if touched:
            changed(touched)

    async def close(self) -> None:
        """Lets go of the engine; containers go on."""
        await in_thread(self._watcher.close, "mixdesk-docker")


def _named(event: Mapping[str, Any]) -> list[str]:
    """The names of the container, the old one too where it has a new one."""
    told = (event.get("Actor") or {}).get("Attributes") or {}
    return [str(told[key]).removeprefix("/") for key in ("name", "oldName") if key in told]


def _refused(asset: Asset, what: str, error: EngineError) -> DriverError:
    return DriverError(f"container {asset.target} could not be {what}: {error.told or error}")
