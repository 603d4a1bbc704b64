"""From a click to the trainer across a SIGKILL of the desk. `python bench/restart.py [--kills 12] [--real 20]`

A manager starts the desk again as soon as it is gone. In every round some clicks are answered 202 right before the
SIGKILL, and their time counts from the click; others are made while the desk is away and repeated until they are
answered, and their time counts from that answer. Both end where the trainer knows: the loop of a real one (steps of
1 ms) has read the flag, the long poll of a cheap one has brought it.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import time
from collections import defaultdict

import uvloop
from shared.cheap import Clicker, Fleet, Trainer
from shared.desk import SPREAD, Desk, Manager, running, spread
from shared.machine import headline, load, table
from shared.real import RealTrainer, resume, start_all

MUST_S = 2.5
REAL_CLICKS, CHEAP_CLICKS = 4, 10


class Round:
    """One kill, and the clicks around it."""

    def __init__(self, desk: Desk, real: list[RealTrainer], cheap: list[Trainer]) -> None:
        self._desk = desk
        self._real = random.sample(real, min(2 * REAL_CLICKS, len(real) // 2 * 2))
        self._cheap = random.sample(cheap, min(2 * CHEAP_CLICKS, len(cheap) // 2 * 2))
        self.took: defaultdict[str, list[float]] = defaultdict(list)
        self.away_s = 0.0

    async def run(self) -> None:
        """Clicks, kills, clicks again, and waits until every trainer knows."""
        half, part = len(self._real) // 2, len(self._cheap) // 2
        before = [*self._real[:half], *self._cheap[:part]]
        while_away = [*self._real[half:], *self._cheap[part:]]
        random.shuffle(before)
        clicked = [await self._click(trainer) for trainer in before]
        killed = time.monotonic()
        self._desk.kill()
        back = asyncio.create_task(self._back(killed))
        clicked += await asyncio.gather(*(self._click_while_away(trainer) for trainer in while_away))
        await back
        await asyncio.gather(*(self._hears(*item) for item in clicked))

    def _clicker(self) -> Clicker:
        return Clicker(self._desk.port, self._desk.tokens["operator"])

    async def _click(self, trainer: RealTrainer | Trainer) -> tuple[str, RealTrainer | Trainer, float, int]:
        began = time.monotonic()
        _, generation = await self._clicker().click(trainer.job_id, "pause")
        return "answered before", trainer, began, generation

    async def _click_while_away(self, trainer: RealTrainer | Trainer) -> tuple[str, RealTrainer | Trainer, float, int]:
        await asyncio.sleep(random.uniform(0.0, 0.5))
        answered, generation = await self._clicker().click_until_answered(trainer.job_id, "pause")
        return "clicked while away", trainer, answered, generation

    async def _back(self, killed: float) -> None:
        await self._clicker().click_until_answered(self._cheap[0].job_id, "resume")
        self.away_s = time.monotonic() - killed

    async def _hears(self, when: str, trainer: RealTrainer | Trainer, since: float, generation: int) -> None:
        if isinstance(trainer, RealTrainer):
            known = await asyncio.wait_for(resume(self._clicker(), trainer), 60)
            kind = "real"
        else:
            known = await asyncio.wait_for(trainer.polling.hears(generation), 60)
            await self._clicker().click_until_answered(trainer.job_id, "resume")
            kind = "cheap"
        self.took[f"{when}, {kind} trainers"].append(max(known - since, 0.0) * 1e3)


async def run(desk: Desk, kills: int, real: int, cheap: int) -> tuple[dict[str, list[float]], list[float]]:
    """Milliseconds by kind of click, and how long the desk was away each time."""
    fleet, manager = Fleet(desk.port, desk.tokens["reporter"], cheap), Manager(desk)
    took: defaultdict[str, list[float]] = defaultdict(list)
    away = []
    await fleet.begin(2.0)
    trainers = await start_all(desk, real)
    for _ in range(kills):
        one = Round(desk, trainers, fleet.trainers)
        await one.run()
        for kind, times in one.took.items():
            took[kind] += times
        away.append(one.away_s * 1e3)
        await asyncio.sleep(random.uniform(1.0, 2.0))
    manager.end()
    for trainer in trainers:
        trainer.end()
    await asyncio.gather(*(trainer.process.wait() for trainer in trainers))
    await fleet.end()
    return took, away


def main() -> None:
    """One run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=12)
    parser.add_argument("--real", type=int, default=20)
    parser.add_argument("--cheap", type=int, default=200)
    options = parser.parse_args()
    print(headline("uvicorn", "sqlalchemy"), end="\n\n")
    with running() as desk:
        took, away = uvloop.run(run(desk, options.kills, options.real, options.cheap))
    every = [time for times in took.values() for time in times]
    rows = [["every click", *spread(every)], *([kind, *spread(times)] for kind, times in sorted(took.items()))]
    rows.append(["the desk itself, from the SIGKILL to its first answer", *spread(away)])
    print(table([f"{options.kills} kills, {options.real} real and {options.cheap} cheap trainers", *SPREAD], rows))
    print(f"\nmust: every click p99 {MUST_S * 1e3:.0f} ms; load after: {load()}")


if __name__ == "__main__":
    main()
