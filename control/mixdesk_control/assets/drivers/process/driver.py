"""Processes of this host: those that the desk starts, each below a runner of its own, and those that others start.

A run is on record in `FOLDER/ID/`, so that any desk finds it again, and its exit status too. Who is of a run is told by
descent from its runner; where that was killed, by a mark in the environment.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from mixdesk_control.assets.asset import UNKNOWN, Asset, Observed, Process, Usage
from mixdesk_control.assets.drivers.driver import Changed, DriverError
from mixdesk_control.assets.drivers.process import launch as launching
from mixdesk_control.assets.drivers.process import output
from mixdesk_control.assets.drivers.process.attached import Attached
from mixdesk_control.assets.drivers.process.ending import Ending
from mixdesk_control.assets.drivers.process.eyes import Eyes
from mixdesk_control.assets.drivers.process.looking import ACT_S, SEE_S, Hangs, Looking
from mixdesk_control.assets.drivers.process.sight import Sight, observed
from mixdesk_control.assets.drivers.process.target import check, key_of
from mixdesk_control.assets.drivers.process.usage import Meter
from mixdesk_control.assets.drivers.process.watch import Watch
from mixdesk_control.assets.runner import files

BOUND = 64 << 20
SETTLE_TRIES, SETTLE_S = 40, 0.005
WATCH_S = 1.0


class ProcessDriver:
    """Sees, starts and ends processes.

    folder     `<state>/assets`; each asset has a folder of its own in it
    clock      seconds since the epoch; monotonic: of deadlines
    env        what programs are given beside the registry's own
    log_bound  bytes of an asset's `output.log`, and half of it for `output.log.1`
    """

    name = "process"

    def __init__(
        self,
        folder: Path,
        *,
        procfs: Path = Path("/proc"),
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        env: Mapping[str, str] = os.environ,
        log_bound: int = BOUND,
    ) -> None:
        self._folder, self._procfs, self._env, self._bound = folder, procfs, env, log_bound
        self._eyes = Eyes(folder, procfs, Attached(str(procfs), clock))
        self._looking = Looking()
        self._ending = Ending(folder, str(procfs), self._eyes, self._looking, monotonic)
        self._meter = Meter(str(procfs), monotonic)
        self._sights: dict[str, Sight] = {}
        self._runners: set[int] = set()
        self._slow: set[str | None] = set()
        self._locks: dict[str, asyncio.Lock] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._done: dict[str, int] = {}
        self._moved = asyncio.Event()

    def key(self, asset: Asset) -> str:
        """Two assets may run the same program, and may not mean the same process of others."""
        check(asset.target)
        return key_of(asset)

    async def observe(self, assets: Sequence[Asset]) -> Mapping[str, Observed]:
        """One look at all processes for all of them."""
        try:
            sights, members = await self._fresh(assets)
        except Hangs as hangs:
            return {asset.id: Observed(UNKNOWN, reason=str(hangs)) for asset in assets}
        self._remember(sights)
        return {
            asset_id: observed(sight, inner) for (asset_id, sight), inner in zip(sights.items(), members, strict=True)
        }

    async def _fresh(self, assets: Sequence[Asset]) -> tuple[dict[str, Sight], list[frozenset[Process]]]:
        """Not older than any start or stop that was done meanwhile: nothing is waited for after the look at those."""
        done = dict(self._done)
        sights, members = await self._looking(partial(self._look_inside, assets, {}), SEE_S)
        if late := [asset for asset in assets if self._done.get(asset.id) != done.get(asset.id)]:
            sights, members = await self._looking(partial(self._look_inside, late, sights), SEE_S)
        return sights, members

    def _look_inside(
        self, assets: Sequence[Asset], known: Mapping[str, Sight]
    ) -> tuple[dict[str, Sight], list[frozenset[Process]]]:
        """What is known already and what is seen now, with the members of each as their own namespaces number them."""
        sights = {**known, **self._look(assets)}
        return sights, self._eyes.inner(list(sights.values()))

    def _look(self, assets: Sequence[Asset]) -> dict[str, Sight]:
        """Blocks; where a run ends just now, until its end is on record."""
        for pid in list(self._runners):
            if launching.reap(pid):
                self._runners.discard(pid)
        sights = self._eyes.look(assets)
        for _ in range(SETTLE_TRIES):
            unsettled = [asset for asset in assets if self._is_worth_waiting(sights[asset.id])]
            if not unsettled:
                break
            time.sleep(SETTLE_S)
            sights |= self._eyes.look(unsettled)
        self._slow = {sight.instance for sight in sights.values() if sight.is_settling}
        return sights

    def _is_worth_waiting(self, sight: Sight) -> bool:
        """A runner that is halted, or whose disk is full, is waited for once."""
        return sight.is_settling and sight.instance not in self._slow

    def _remember(self, sights: Mapping[str, Sight]) -> None:
        before = {asset_id: self._sights.get(asset_id) for asset_id in sights}
        self._sights.update(sights)
        if any(_watched(before[asset_id]) != sight.watched for asset_id, sight in sights.items()):
            self._moved.set()

    async def _sight(self, asset: Asset) -> Sight:
        sights = await self._looking(partial(self._look, [asset]), ACT_S)
        self._remember(sights)
        return sights[asset.id]

    async def start(self, asset: Asset) -> None:
        """Returns once its program runs. What begins is finished, be the caller cancelled or not."""
        if not asset.target.argv:
            what = asset.target.name or asset.target.pid_file
            raise DriverError(f"asset {asset.id} ({what}) is started by others: the desk watches it, and stops it")
        await self._whole(asset, partial(self._start, asset))

    async def stop(self, asset: Asset, grace_s: float) -> None:
        """Returns when no process of it is left, forked away or not."""
        await self._whole(asset, partial(self._stop, asset, grace_s))

    async def _whole(self, asset: Asset, action: Callable[[], Awaitable[None]]) -> None:
        task = asyncio.create_task(self._in_turn(asset.id, action))
        self._tasks.add(task)
        task.add_done_callback(self._forget)
        await asyncio.shield(task)

    def _forget(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # of an action whose caller is gone: it has been seen

    async def _in_turn(self, asset_id: str, action: Callable[[], Awaitable[None]]) -> None:
        async with self._locks.setdefault(asset_id, asyncio.Lock()):
            try:
                await action()
            finally:
                self._done[asset_id] = self._done.get(asset_id, 0) + 1

    async def _start(self, asset: Asset) -> None:
        sight = await self._sight(asset)
        if sight.doing == UNKNOWN:
            raise DriverError(f"asset {asset.id} is not started, for it may run: {sight.reason}")
        if sight.members:
            return
        try:
            self._runners.add(await asyncio.to_thread(self._launch, asset))
        except DriverError:
            if not (await self._sight(asset)).members:  # another desk may have been first
                raise
        await self._sight(asset)

    def _launch(self, asset: Asset) -> int:
        spec = launching.spec_of(asset, self._env, self._procfs, self._bound)
        return launching.launch(asset, self._folder / asset.id, spec)

    async def _stop(self, asset: Asset, grace_s: float) -> None:
        sight = await self._sight(asset)
        if sight.doing == UNKNOWN:
            raise DriverError(f"asset {asset.id} is not stopped: {sight.reason}")
        if sight.members or sight.runner is not None:
            await self._ending.end(asset, sight, grace_s)
            await self._sight(asset)

    async def usage(self, assets: Sequence[Asset]) -> Mapping[str, Usage]:
        """See Meter: of the processes that the last observation saw."""
        members = {asset.id: sight.members for asset in assets if (sight := self._sights.get(asset.id)) is not None}
        return await asyncio.to_thread(self._meter.read, members)

    def output(self, asset: Asset) -> Path | None:
        """The file that it prints to, `.1` beside it; None where others start it."""
        return self._folder / asset.id / files.OUTPUT if asset.target.argv else None

    def lines(self, asset: Asset) -> AsyncIterator[str]:
        """From `output.log`: what its last run has printed, and goes on to print."""
        if not asset.target.argv:
            raise DriverError(f"asset {asset.id} is started by others, so its output is not in the desk's hands")
        folder = self._folder / asset.id
        return output.follow(folder / files.OUTPUT, lambda: self._eyes.output_from(asset.id))

    async def follow(self, assets: Callable[[], Sequence[Asset]], changed: Changed) -> None:
        """By a pidfd of each running asset: its end is told at once."""
        watch = Watch(asyncio.get_running_loop(), changed)
        try:
            while True:
                self._moved.clear()
                await self._forget_others(assets())
                watch.keep([(asset, _watched(self._sights.get(asset.id))) for asset in assets()])
                await self._moves()
        finally:
            watch.close()

    async def _forget_others(self, assets: Sequence[Asset]) -> None:
        """What it knows of assets that are no more; while something is started or stopped, its lock may be in use."""
        gone = self._sights.keys() - {asset.id for asset in assets}
        if not gone or self._tasks:
            return
        for known in (self._sights, self._locks, self._done):
            for asset_id in gone:
                known.pop(asset_id, None)
        with contextlib.suppress(Hangs):
            await self._looking(partial(self._eyes.forget, gone), SEE_S)

    async def _moves(self) -> None:
        """Until another process is to be watched, or the registry may be another."""
        try:
            async with asyncio.timeout(WATCH_S):  # wait_for of Python 3.11 loses a cancel that comes with the event
                await self._moved.wait()
        except TimeoutError:
            pass

    async def close(self) -> None:
        """Waits for what is being started or stopped; what runs goes on."""
        if self._tasks:
            await asyncio.wait(set(self._tasks))


def _watched(sight: Sight | None) -> Process | None:
    return None if sight is None else sight.watched
