"""Ends what is seen of an asset: through its runner where that lives, by signals of our own where not."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from mixdesk_control.assets.asset import Asset, Process
from mixdesk_control.assets.drivers.driver import DriverError
from mixdesk_control.assets.drivers.process.census import Stats
from mixdesk_control.assets.drivers.process.eyes import Eyes
from mixdesk_control.assets.drivers.process.looking import ACT_S, Looking
from mixdesk_control.assets.drivers.process.sight import Sight
from mixdesk_control.assets.runner import files, tree

KILL_S = 10.0
"""How long the killed may take to be gone."""
SOONEST_S, LATEST_S = 0.01, 0.25


@dataclass(slots=True)
class Ending:
    """Ends assets; nobody else's processes, for each signal goes to a pidfd whose start was compared."""

    folder: Path
    procfs: str
    eyes: Eyes
    looking: Looking
    monotonic: Callable[[], float] = time.monotonic

    async def end(self, asset: Asset, sight: Sight, grace_s: float) -> None:
        """Returns when nothing of it is left. Raises DriverError."""
        if sight.runner is not None and await self._by_runner(asset, sight.runner, sight, grace_s):
            return
        await Hunt(self, asset, sight).run(0.0 if sight.runner is not None else grace_s)

    async def _by_runner(self, asset: Asset, runner: Process, sight: Sight, grace_s: float) -> bool:
        """Whether it did it in time. One that somebody has halted is made to go on."""
        await asyncio.to_thread(self._write_grace, asset, sight, grace_s)
        with _pidfd(runner) as fd:
            told = [self._send(asset, runner, number) for number in (signal.SIGTERM, signal.SIGCONT)]
            if fd is None or not any(told):
                return not sight.members
            return await ended(fd, grace_s + KILL_S)

    def _write_grace(self, asset: Asset, sight: Sight, grace_s: float) -> None:
        content = {"instance": sight.instance, "grace_s": grace_s}
        with contextlib.suppress(OSError):  # then it takes the grace that it was started with
            files.write(str(self.folder / asset.id / files.STOP), content)

    def _send(self, asset: Asset, process: Process, number: int) -> bool:
        try:
            return tree.send(self.procfs, process, number)
        except PermissionError as error:
            msg = f"asset {asset.id}: the desk may not signal its process {process[0]}, which another user runs"
            raise DriverError(msg) from error

    def signal(self, asset: Asset, members: frozenset[Process], number: int) -> None:
        """To all of them. Raises DriverError."""
        for member in sorted(members):
            self._send(asset, member, number)


class Hunt:
    """TERM, grace, and KILL until nobody is left: of the known ones and of all that are born below them meanwhile."""

    def __init__(self, ending: Ending, asset: Asset, sight: Sight) -> None:
        self._ending, self._asset, self._sight = ending, asset, sight
        self._members = sight.members | ({sight.runner} if sight.runner else set())

    async def run(self, grace_s: float) -> None:
        """Raises DriverError, which names who is left."""
        now = self._ending.monotonic()
        kill_at, give_up_at = now + grace_s, now + grace_s + KILL_S
        stats = await self._look()
        self._refuse_the_desk()
        if grace_s:
            self._ending.signal(self._asset, self._members, signal.SIGTERM)
        pause = SOONEST_S
        while self._members:
            now = self._ending.monotonic()
            if now >= give_up_at:
                raise DriverError(self._left(stats))
            if now >= kill_at:
                self._ending.signal(self._asset, self._members, signal.SIGKILL)
            await asyncio.sleep(pause)
            pause = min(LATEST_S, pause * 2)
            stats = await self._look()

    async def _look(self) -> Stats:
        """Who is left, the newly born too. A desk that is process 1 is given what a killed runner had to wait for."""
        known = self._members
        eyes, looking = self._ending.eyes, self._ending.looking
        self._members, count = await looking(partial(eyes.again, known), ACT_S)
        self._members |= await looking(partial(eyes.marked, self._sight, count), ACT_S)
        if self._sight.record.open_run is not None:
            _take_in(count.stats, known - self._members)
        return count.stats

    def _refuse_the_desk(self) -> None:
        if any(pid == os.getpid() for pid, _ in self._members):
            msg = f"asset {self._asset.id}: the desk itself is among its processes, so it is not stopped from here"
            raise DriverError(msg)

    def _left(self, stats: Stats) -> str:
        names = [
            f"{pid} ({os.fsdecode(stats[pid].name)}, state {stats[pid].state.decode()})"
            for pid, _ in sorted(self._members)
            if pid in stats
        ]
        return f"asset {self._asset.id}: killed, and still there: {', '.join(names[:5])}; state D waits for a device"


def _take_in(stats: Stats, dead: frozenset[Process]) -> None:
    for pid, start in dead:
        stat = stats.get(pid)
        if stat is not None and stat.start == start and stat.parent == os.getpid():
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)


@contextlib.contextmanager
def _pidfd(process: Process) -> Iterator[int | None]:
    """A descriptor of whoever has this pid; None where nobody has."""
    try:
        fd = os.pidfd_open(process[0])
    except OSError:
        yield None
        return
    try:
        yield fd
    finally:
        os.close(fd)


async def ended(pidfd: int, timeout_s: float) -> bool:
    """Whether the process has ended after at most that long."""
    loop = asyncio.get_running_loop()
    over = asyncio.Event()
    loop.add_reader(pidfd, over.set)
    try:
        async with asyncio.timeout(timeout_s):
            await over.wait()
    except TimeoutError:
        return False
    finally:
        loop.remove_reader(pidfd)
    return True
