"""Models that a server loads and unloads inside itself: Ollama, Triton, vLLM's sleep mode, whatever speaks HTTP."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import replace

from mixdesk_control.assets.asset import ALIVE, RUNNING, STARTING, STOPPED, UNKNOWN, Asset, Observed, Usage
from mixdesk_control.assets.drivers.driver import Changed, DriverError
from mixdesk_control.assets.drivers.http.answers import Reading, Seen, judge, refusal
from mixdesk_control.assets.drivers.http.loads import DOUBT_S, Load
from mixdesk_control.assets.drivers.http.runs import Run
from mixdesk_control.assets.drivers.http.server import Server
from mixdesk_control.assets.drivers.http.target import Question, Target, target_of
from mixdesk_control.settings_assets import HttpSettings

LOOK_S = 3.0  # for one check, at most
FRESH_S = 2.0
TIDY_S = 30.0
SETTLE_S = 5.0
FIRST_PAUSE_S, LAST_PAUSE_S = 0.1, 0.5


class HttpDriver:
    """Asks each server over one base address, whatever it answers.

    settle_s  how long a server's list may lag its word
    doubt_s   how long a load without an answer may still bring its model
    tidy_s    between two looks for what has left the registry
    """

    name = "http"
    may_be_cut = True

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        settle_s: float = SETTLE_S,
        doubt_s: float = DOUBT_S,
        tidy_s: float = TIDY_S,
    ) -> None:
        self._clock, self._monotonic = clock, monotonic
        self._settle_s, self._doubt_s, self._tidy_s = settle_s, doubt_s, tidy_s
        self._servers: dict[str, Server] = {}
        self._targets: dict[str, tuple[HttpSettings, Target]] = {}
        self._runs: dict[str, Run] = {}
        self._loads: dict[str, Load] = {}

    def key(self, asset: Asset) -> str:
        """`llama3.2:latest at http://127.0.0.1:11434`."""
        return target_of(asset.target).thing

    async def observe(self, assets: Sequence[Asset]) -> Mapping[str, Observed]:
        """One request a server and check, however many models it tells of; at most three seconds."""
        seen = await self._see(assets, self._monotonic())
        return {asset.id: self._observed(asset, seen[asset.id]) for asset in assets}

    async def _see(self, assets: Sequence[Asset], since: float) -> dict[str, Seen]:
        found: dict[str, Seen] = {}
        targets: dict[str, Target] = {}
        for asset in assets:
            try:
                targets[asset.id] = self._target(asset)
            except ValueError as error:
                found[asset.id] = Seen(UNKNOWN, reason=str(error))
        asked = {(target.url, target.check): target for target in sorted(targets.values(), key=self._asked_at)}
        answers = await asyncio.gather(*(self._look(target, since) for target in asked.values()))
        readings = dict(zip(asked, answers, strict=True))
        for key, target in targets.items():
            found[key] = _judged(target, readings[target.url, target.check])
        return found

    def _observed(self, asset: Asset, seen: Seen) -> Observed:
        seen, run = self._noted(asset, seen)
        if seen.doing not in ALIVE or run is None:
            return Observed(seen.doing, reason=seen.reason)
        return Observed(seen.doing, f"loaded {run.count}", started_at=run.started_at, reason=seen.reason)

    def _noted(self, asset: Asset, seen: Seen) -> tuple[Seen, Run | None]:
        """With what the list does not show yet."""
        try:
            target = self._target(asset)
        except ValueError:
            return seen, None
        seen = self._doubted(target, seen)
        run = self._runs.get(asset.id)
        if run is None or run.target != target:
            run = self._runs[asset.id] = Run(target)
        run.note(seen.doing, self._clock())
        return seen, run

    def _doubted(self, target: Target, seen: Seen) -> Seen:
        """A model that is not listed is on its way as long as its load may still bring it."""
        load = self._loads.get(target.thing)
        if load is None:
            return seen
        if not load.is_open or ((seen.doing in ALIVE or seen.gone) and not load.is_pending):
            del self._loads[target.thing]
        elif seen.doing == STOPPED and not seen.gone:
            return Seen(STARTING, reason=f"{target.url} was asked to load it and may be at it still")
        return seen

    async def start(self, asset: Asset) -> None:
        """Loads it, within the asset's `ready.timeout_s`, and looks whether it is there. Raises DriverError.

        Cancelled, it cuts the request; whether that ended the load is not known until a stop has unloaded it.
        """
        target = self._checked(asset)
        if (await self._now(asset)).doing == RUNNING:
            return
        await self._load(target, asset.ready.timeout_s)
        told = f"{target.url} says to {target.load} that all is well, but"
        await self._until(asset, ALIVE, self._settle_s, f"{told} does not list it as loaded")

    async def stop(self, asset: Asset, grace_s: float) -> None:
        """Unloads it, and looks until it is gone: `grace_s` and a few seconds. Raises DriverError."""
        target = self._checked(asset)
        seen = await self._now(asset)
        if seen.doing == STOPPED and (seen.gone or target.thing not in self._loads):
            return
        await self._unload(target, max(target.timeout_s, grace_s))
        told = f"{target.url} says it unloaded {target.model or 'it'}, but still lists it: is it in use?"
        await self._until(asset, {STOPPED}, grace_s + self._settle_s, told)

    async def usage(self, assets: Sequence[Asset]) -> Mapping[str, Usage]:
        """GPU memory, where the server tells it."""
        seen = await self._see(assets, self._monotonic() - FRESH_S)
        return {key: Usage(vram=one.vram) for key, one in seen.items() if one.doing in ALIVE}

    def lines(self, asset: Asset) -> AsyncIterator[str]:
        """Raises DriverError: the server's output is that of all its models."""
        raise DriverError(f"{asset.id} is a model inside a server and has no output of its own: read the server's")

    async def follow(self, assets: Callable[[], Sequence[Asset]], changed: Changed) -> None:
        """Lets go of what has left the registry; no server tells of changes by itself."""
        while True:
            await asyncio.sleep(self._tidy_s)
            await self._tidy({asset.id for asset in assets()})

    async def _tidy(self, kept: Collection[str]) -> None:
        self._targets = {key: known for key, known in self._targets.items() if key in kept}
        self._runs = {key: run for key, run in self._runs.items() if key in kept}
        self._loads = {key: load for key, load in self._loads.items() if load.is_open}
        urls = {target.url for _, target in self._targets.values()}
        for url in [url for url, server in self._servers.items() if url not in urls and server.is_idle]:
            await self._servers.pop(url).close()

    async def close(self) -> None:
        """Ends all connections, those of loads on their way too."""
        await asyncio.gather(*(load.close() for load in self._loads.values()))
        await asyncio.gather(*(server.close() for server in self._servers.values()))
        self._loads.clear()
        self._servers.clear()

    async def _now(self, asset: Asset) -> Seen:
        seen = (await self._see([asset], self._monotonic()))[asset.id]
        self._noted(asset, seen)
        return seen

    async def _until(self, asset: Asset, wanted: frozenset[str] | set[str], within_s: float, told: str) -> None:
        deadline, pause = self._monotonic() + within_s, FIRST_PAUSE_S
        while (seen := await self._now(asset)).doing not in wanted:
            if self._monotonic() >= deadline:
                raise DriverError(told if seen.reason is None else f"{told} ({seen.reason})")
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, LAST_PAUSE_S)

    async def _load(self, target: Target, within_s: float) -> None:
        load = self._loads.get(target.thing)
        if load is None or not load.is_pending:
            longest_s = within_s + self._doubt_s
            request = asyncio.ensure_future(self._server(target).order(target.load, longest_s))
            load = self._loads[target.thing] = Load(request, self._monotonic() + longest_s, self._monotonic)
        wrong = _wrong(target, target.load, await load.answer(within_s))
        if wrong is not None:
            raise DriverError(f"{wrong}; it may load it still, which a stop ends" if load.is_open else wrong)

    async def _unload(self, target: Target, within_s: float) -> None:
        load = self._loads.get(target.thing)
        if load is not None:
            await load.close()
        wrong = _wrong(target, target.unload, await self._server(target).order(target.unload, within_s))
        if wrong is not None:
            raise DriverError(wrong)
        self._loads.pop(target.thing, None)

    def _asked_at(self, target: Target) -> float:
        """Who was left over in the last look comes first in the next."""
        return self._server(target).asked_at(target.check)

    async def _look(self, target: Target, since: float) -> Reading:
        within_s = min(LOOK_S, target.timeout_s)
        return await self._server(target).look(target.check, since=since, within_s=within_s)

    def _server(self, target: Target) -> Server:
        if target.url not in self._servers:
            self._servers[target.url] = Server(target.url, self._monotonic)
        return self._servers[target.url]

    def _target(self, asset: Asset) -> Target:
        """Worked out once for each entry of the registry. Raises ValueError."""
        known = self._targets.get(asset.id)
        if known is None or known[0] is not asset.target:
            known = self._targets[asset.id] = (asset.target, target_of(asset.target))
        return known[1]

    def _checked(self, asset: Asset) -> Target:
        try:
            return self._target(asset)
        except ValueError as error:
            raise DriverError(f"{asset.id}: {error}") from error


def _judged(target: Target, reading: Reading) -> Seen:
    seen = judge(target.rule, reading)
    if seen.reason is None or (seen.doing != UNKNOWN and not reading.gone):
        return seen
    return replace(seen, reason=f"{target.url} {seen.reason}")


def _wrong(target: Target, request: Question, answer: Reading) -> str | None:
    if answer.error is not None:
        return f"{target.url} does not answer {request}: {answer.error}"
    return None if 200 <= answer.status < 300 else f"{target.url} to {request}: {refusal(answer)}"
