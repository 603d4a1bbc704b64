"""From a click to the trainer. `python bench/click.py [--trainers 1000] [--clicks 300]`

Clicks are POST /admin/jobs/{id}/pause and /resume on trainers that hold long polls; *202* is the time to the answer,
which is given after the request is on the disk, *heard* the time from the click until the long poll of that trainer has
brought it, *seen* the time until the loop of a real trainer (its steps take 1 ms) has read the flag.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import time

import uvloop
from shared.cheap import Clicker, Fleet
from shared.desk import SPREAD, Desk, fsync_ms, running, spread
from shared.machine import headline, load, table
from shared.real import resume, start_all

MUST_HEARD_MS, MUST_202_MS = 50.0, 20.0


async def clicks(desk: Desk, fleet: Fleet, count: int) -> tuple[list[float], list[float]]:
    """Milliseconds to the 202 and to the trainer, of clicks on random trainers."""
    clicker, answered, heard = Clicker(desk.port, desk.tokens["operator"]), [], []
    paused: set[str] = set()
    for _ in range(count):
        trainer = random.choice(fleet.trainers)
        action = "resume" if trainer.job_id in paused else "pause"
        paused ^= {trainer.job_id}
        began = time.monotonic()
        took, generation = await clicker.click(trainer.job_id, action)
        answered.append(took * 1e3)
        heard.append((await asyncio.wait_for(trainer.polling.hears(generation), 30) - began) * 1e3)
        # Who has heard something polls again at once, as the trainer library does: the next click may meet it then.
        await asyncio.sleep(random.uniform(0.0, 0.05))
    return answered, heard


async def second_clicks(desk: Desk, fleet: Fleet, count: int) -> list[float]:
    """Milliseconds to the trainer, of clicks that come 0 to 200 ms after another one on the same trainer."""
    clicker, heard = Clicker(desk.port, desk.tokens["operator"]), []
    for _ in range(count):
        trainer = random.choice(fleet.trainers)
        await clicker.click(trainer.job_id, "pause")
        await asyncio.sleep(random.uniform(0.0, 0.2))
        began = time.monotonic()
        _, generation = await clicker.click(trainer.job_id, "resume")
        heard.append((await asyncio.wait_for(trainer.polling.hears(generation), 30) - began) * 1e3)
    return heard


async def real_clicks(desk: Desk, count: int) -> list[float]:
    """Milliseconds until the loop of a real trainer has seen a pause."""
    (trainer,) = await start_all(desk, 1)
    clicker, seen = Clicker(desk.port, desk.tokens["operator"]), []
    for _ in range(count):
        began = time.monotonic()
        await clicker.click(trainer.job_id, "pause")
        seen.append((await resume(clicker, trainer) - began) * 1e3)
        await asyncio.sleep(random.uniform(0.25, 0.35))
    trainer.end()
    await trainer.process.wait()
    return seen


async def run(desk: Desk, size: int, count: int) -> list[list[str]]:
    """The rows of the table."""
    rows: list[list[str]] = []
    for words, every_s in (("on long poll", 5.0), ("on long poll and reporting at 1 Hz", 1.0)):
        fleet = Fleet(desk.port, desk.tokens["reporter"], size, every_s=every_s)
        await fleet.begin(max(size / 250, 1.0))
        answered, heard = await clicks(desk, fleet, count)
        again = await second_clicks(desk, fleet, count // 3)
        rows += [
            [f"202, {size} trainers {words}", *spread(answered)],
            [f"heard, {size} trainers {words}", *spread(heard)],
            [f"heard, a second click within 0.2 s, {words}", *spread(again)],
        ]
        rows.append([f"seen by a real trainer beside them, {words}", *spread(await real_clicks(desk, count // 5))])
        refused = [status for trainer in fleet.trainers for status in (*trainer.refused, *trainer.polling.refused)]
        if refused:
            raise RuntimeError(f"the desk refused trainers: {refused[:10]}")
        await fleet.end()
    return rows


def main() -> None:
    """One run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trainers", type=int, default=1000)
    parser.add_argument("--clicks", type=int, default=300)
    options = parser.parse_args()
    print(headline("uvicorn", "sqlalchemy"), end="\n\n")
    with running() as desk:
        rows = uvloop.run(run(desk, options.trainers, options.clicks))
        print(table(["from the click", *SPREAD], rows), end="\n\n")
        median, p99 = fsync_ms(desk.state)
        print(f"must: heard p99 {MUST_HEARD_MS:.0f} ms, 202 p99 {MUST_202_MS:.0f} ms; ", end="")
        print(f"an fsync of this disk takes {median:.1f} ms, p99 {p99:.1f} ms")
    print(f"load after: {load()}")


if __name__ == "__main__":
    main()
