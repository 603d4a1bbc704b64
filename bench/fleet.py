"""A desk with many jobs at once. `python bench/fleet.py [--jobs 1000] [--seconds 60]`

Every job reports once a second, from its first report through six phases to its last one, and holds a long poll beside
it, as a trainer does. The jobs begin one after another within --ramp seconds, and so they end; all of them report for
--seconds. `--ramp 1` is the worst case: a thousand beginnings in one second, and a thousand ends.

A stream client reads `WS /jobs/stream`, a scraper comes every 15 s, a person lists jobs every two seconds. The desk is
a process of its own: `mixdesk up`, SQLite on disk, tokens on.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field

import uvloop
from shared.cheap import Connection, Polling, Script, request
from shared.desk import SPREAD, Desk, quantile, running, spread
from shared.machine import headline, load, table
from websockets.asyncio.client import connect

MUST_P99_MS, MUST_CORES, MUST_MB = 100.0, 0.5, 200.0


@dataclass
class Seen:
    """What came of it."""

    reports: dict[str, list[float]] = field(default_factory=lambda: {"first": [], "later": [], "last": []})
    scrapes: list[float] = field(default_factory=list)
    lists: list[float] = field(default_factory=list)
    answers: Counter[int] = field(default_factory=Counter)
    behind_ms: list[float] = field(default_factory=list)
    near_scrape: list[float] = field(default_factory=list)
    scraping: bool = False
    final: set[str] = field(default_factory=set)
    frames: int = 0
    memory: list[tuple[float, float]] = field(default_factory=list)
    polls: list[Polling] = field(default_factory=list)


async def trainer(desk: Desk, seen: Seen, script: Script, begin: float) -> None:
    """One job from its first report to its last."""
    token = desk.tokens["reporter"]
    connection = await Connection.open(desk.port)
    polling, poll = Polling(desk.port, token, script.job_id), None
    seen.polls.append(polling)
    while not script.over:
        due = begin + script.seq
        await asyncio.sleep(max(due - time.monotonic(), 0.0))
        seen.behind_ms.append(max(time.monotonic() - due, 0.0) * 1e3)
        message = request("PUT", f"/jobs/{script.job_id}/report", token, script.body())
        kind = "first" if script.seq == 1 else "last" if script.over else "later"
        sent, beside = time.perf_counter(), seen.scraping
        status, _ = await connection.ask(message)
        took = (time.perf_counter() - sent) * 1e3
        seen.answers[status] += 1
        seen.reports[kind].append(took)
        if beside or seen.scraping:
            seen.near_scrape.append(took)
        poll = poll or asyncio.create_task(polling.run())
    if poll is not None:
        poll.cancel()
    connection.close()


async def watch(desk: Desk, seen: Seen) -> None:
    """Reads the stream of all jobs and notes which it has seen end."""
    headers = {"Authorization": f"Bearer {desk.tokens['viewer']}"}
    async with connect(
        f"ws://127.0.0.1:{desk.port}/jobs/stream", additional_headers=headers, compression=None, proxy=None
    ) as stream:
        async for frame in stream:
            seen.frames += 1
            text = frame[:200] if isinstance(frame, str) else ""
            if '"status":"succeeded"' in text:
                place = text.index('"job_id":"') + 10
                seen.final.add(text[place : text.index('"', place)])


async def often(desk: Desk, every_s: float, path: str, role: str, times: list[float], seen: Seen | None = None) -> None:
    """Asks for a page again and again."""
    connection = await Connection.open(desk.port)
    while True:
        await asyncio.sleep(every_s)
        began = time.perf_counter()
        if seen is not None:
            seen.scraping = True
        status, _ = await connection.ask(request("GET", path, desk.tokens[role]))
        if seen is not None:
            seen.scraping = False
        if status != 200:
            raise RuntimeError(f"{path}: {status}")
        times.append((time.perf_counter() - began) * 1e3)


async def weigh(desk: Desk, seen: Seen) -> None:
    """Notes the desk's memory once a second."""
    while True:
        seen.memory.append(desk.memory_mb())
        await asyncio.sleep(1.0)


async def measured(desk: Desk, begin: float, seconds: int) -> float:
    """The desk's CPU seconds while all jobs report, from `begin` on."""
    await asyncio.sleep(begin - time.monotonic())
    before = desk.cpu_s()
    await asyncio.sleep(begin + seconds - time.monotonic())
    return desk.cpu_s() - before


async def run(desk: Desk, jobs: int, seconds: int, ramp: float) -> tuple[Seen, float]:
    """The whole run: what was seen, and the desk's CPU seconds while all jobs reported."""
    seen, scripts = Seen(), [Script(seconds + round(ramp)) for _ in range(jobs)]
    beside = [
        asyncio.create_task(watch(desk, seen)),
        asyncio.create_task(often(desk, 15.0, "/metrics", "scraper", seen.scrapes, seen)),
        asyncio.create_task(often(desk, 2.0, "/jobs?limit=100", "viewer", seen.lists)),
        asyncio.create_task(weigh(desk, seen)),
    ]
    await asyncio.sleep(0.5)
    begin, step = time.monotonic() + 0.5, ramp / jobs
    cpu = asyncio.create_task(measured(desk, begin + ramp, seconds))
    await asyncio.gather(*(trainer(desk, seen, script, begin + place * step) for place, script in enumerate(scripts)))
    used = await cpu
    until = time.monotonic() + 10.0
    while len(seen.final) < jobs and time.monotonic() < until:  # noqa: ASYNC110
        await asyncio.sleep(0.05)
    for task in beside:
        if task.done() and task.exception() is not None:
            raise RuntimeError("something beside the trainers failed") from task.exception()
        task.cancel()
    await asyncio.gather(*beside, return_exceptions=True)
    return seen, used


def report(seen: Seen, used: float, desk: Desk, jobs: int, seconds: int) -> None:
    """Prints the tables."""
    every = [took for times in seen.reports.values() for took in times]
    rows = [["every report", *spread(every)]]
    rows += [[f"{kind} report of a job", *spread(times)] for kind, times in seen.reports.items()]
    rows += [["reports beside a scrape", *spread(seen.near_scrape)], ["GET /metrics", *spread(seen.scrapes)]]
    rows += [["GET /jobs?limit=100", *spread(seen.lists)], ["(the client's own lateness)", *spread(seen.behind_ms)]]
    print(table(["answered within", *SPREAD], rows), end="\n\n")
    refused = sum(count for status, count in seen.answers.items() if status != 200)
    refused_polls = sum(len(polling.refused) + polling.lost for polling in seen.polls)
    rss, pss = (max(sizes) for sizes in zip(*seen.memory, strict=True))
    p99, cores = quantile(every, 0.99), used / seconds
    facts = [
        ["reports not taken", refused, "0"],
        ["long polls refused or cut", refused_polls, "0"],
        ["report p99", f"{p99:.1f} ms", f"{MUST_P99_MS:.0f} ms"],
        ["ends of jobs that the stream client saw", f"{len(seen.final)} of {jobs}", "all"],
        ["frames that it read", seen.frames, ""],
        [f"CPU of the desk, {seconds} s with all jobs", f"{cores:.2f} cores", f"{MUST_CORES} cores"],
        ["CPU a report, everything else included", f"{used / (jobs * seconds) * 1e6:.0f} µs", ""],
        ["largest resident set", f"{max(rss, desk.peak_mb()):.0f} MB", f"{MUST_MB:.0f} MB"],
        ["largest proportional set", f"{pss:.0f} MB", f"{MUST_MB:.0f} MB"],
    ]
    print(table(["figure", "seen", "must"], facts))


def main() -> None:
    """One run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=1000)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--ramp", type=float, default=10.0, help="seconds in which the jobs begin, and end")
    options = parser.parse_args()
    print(headline("uvicorn", "sqlalchemy", "msgspec"), end="\n\n")
    with running() as desk:
        seen, used = uvloop.run(run(desk, options.jobs, options.seconds, options.ramp))
        size = len(Script(60).body())
        print(
            f"{options.jobs} jobs at 1 Hz for {options.seconds} s, begun within {options.ramp:g} s;"
            f" a report is {size} bytes and more\n"
        )
        report(seen, used, desk, options.jobs, options.seconds)
    print(f"\nload after: {load()}")


if __name__ == "__main__":
    main()
