"""What it costs to watch assets, and how soon they come and go. `python bench/assets.py [--each 100] [--seconds 60]`

Real containers of a Docker engine of its own (needs root, Debian's docker.io and busybox-static), and real processes.
All of them sleep: what is measured is the looking. Desks without assets, with the containers and with both look in the
same seconds, so that the machine's load falls on all alike; the difference is what the assets cost.

In the rounds that follow a container is started by the desk, killed, started by the engine alone, and killed, in turns;
the desk watches all its other assets meanwhile. At last the registry grows to 500, and plans are asked for (`dry_run`).
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path

import uvloop
from shared import assets, machine
from shared.assets import DOWN, UP, Person, Stream
from shared.desk import Desk, memory_of, quantile
from shared.engine import Engine, engine_with

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "fixtures"))
import standin_gpu

NEEDED = ("/usr/sbin/dockerd", "/usr/bin/docker", "/bin/busybox")
MUST_PERCENT, MUST_START_MS, MUST_DEATH_MS, MUST_PLAN_MS = 5.0, 50.0, 300.0, 20.0
SETTLE_S = 8.0
ALL, WIDTH = 500, 10
LARGE_MB = 20_000  # of the 24 GiB of the stand-in
SPREAD = ["count", "p50 ms", "p95 ms", "worst ms"]
LOOKS = ["desk", "% of a core", "more than without", "PSS, MB", "more than without"]
BY_DESK, BY_ENGINE = "started by the desk: seen running", "started by the engine alone: answered"
EXPORTERS = {"--no-exporter": "without the exporter", "": "with the exporter and a stand-in GPU"}

Times = defaultdict[str, list[float]]


def spread(values: Sequence[float]) -> list[str]:
    """Count, median, p95 and worst."""
    return [str(len(values)), *(f"{quantile(list(values), part):.1f}" for part in (0.5, 0.95, 1.0))]


class Names:
    """Of the assets of both kinds, so many of each; `more` are for the plans alone."""

    def __init__(self, each: int) -> None:
        self.more = ALL - 2 * each - 1
        self.containers = [f"box-{number}" for number in range(each)]
        self.processes = [f"run-{number}" for number in range(each)]


# -- looking -------------------------------------------------------------------------------------------


async def begin(desk: Desk, names: Sequence[str]) -> None:
    """Starts process assets; returns once a stream client has seen all of them run."""
    person = Person(desk)
    async with assets.watching(desk) as stream:
        for name in names:
            await person.ask("POST", f"/admin/assets/{name}/start")
        for name in names:
            await stream.sees(name, UP)


async def looks(desks: Mapping[str, Desk], engine: Engine, seconds: float) -> tuple[list[list[str]], float]:
    """A row for each desk, the first one is without assets; each has one client of its stream.

    And what the last one takes more than the first, in percent of a core.
    """
    async with AsyncExitStack() as stack:
        for desk in desks.values():
            await stack.enter_async_context(assets.watching(desk))
        await asyncio.sleep(SETTLE_S)
        began, *before = time.monotonic(), engine.cpu_s(), *(desk.cpu_s() for desk in desks.values())
        await asyncio.sleep(seconds)
        passed, after = time.monotonic() - began, [engine.cpu_s(), *(desk.cpu_s() for desk in desks.values())]
    of_engine, *shares = [(end - start) / passed * 100 for start, end in zip(before, after, strict=True)]
    sizes = [desk.memory_mb()[1] for desk in desks.values()]
    rows = [
        [name, f"{share:.2f}", f"{share - shares[0]:.2f}", f"{size:.0f}", f"{size - sizes[0]:.1f}"]
        for name, share, size in zip(desks, shares, sizes, strict=True)
    ]
    return [*rows, ["(dockerd meanwhile, for all of them)", f"{of_engine:.2f}", "", "", ""]], shares[-1] - shares[0]


# -- coming and going ----------------------------------------------------------------------------------


async def a_moment() -> None:
    """So that no round begins at the same place of the desk's second."""
    await asyncio.sleep(random.uniform(0.2, 0.5))


async def container_round(person: Person, stream: Stream, engine: Engine, name: str, took: Times) -> None:
    """By the desk, killed, by the engine, killed."""
    began, at = time.monotonic(), time.time()
    answered, _ = await person.ask("POST", f"/admin/assets/{name}/start")
    took["started by the desk: answered (202)"].append((answered - began) * 1e3)
    took[BY_DESK].append((await stream.sees(name, UP, began) - began) * 1e3)
    state = await engine.state(name)
    runs = datetime.fromisoformat(state["StartedAt"]).timestamp()
    took["started by the desk: State.StartedAt"].append((runs - at) * 1e3)
    await a_moment()
    await killed(stream, engine, name, took)
    began = time.monotonic()
    took[BY_ENGINE].append(await engine.start(name))
    took["started by the engine alone: seen running"].append((await stream.sees(name, UP, began) - began) * 1e3)
    await a_moment()
    await killed(stream, engine, name, took)


async def killed(stream: Stream, engine: Engine, name: str, took: Times) -> None:
    """From the call of `docker kill`, and from the end as the engine has noted it."""
    began, at = time.monotonic(), time.time()
    seen, _ = await asyncio.gather(stream.sees(name, DOWN, began), engine.kill(name))
    took["`docker kill`: seen dead"].append((seen - began) * 1e3)
    ended = datetime.fromisoformat((await engine.state(name))["FinishedAt"]).timestamp()
    took["State.FinishedAt of it: seen dead"].append((seen - began + at - ended) * 1e3)
    await a_moment()


async def process_round(desk: Desk, person: Person, stream: Stream, name: str, took: Times) -> None:
    """Killed, and started by the desk again."""
    began = time.monotonic()
    os.kill(assets.program_of(desk, name), signal.SIGKILL)
    took["process, SIGKILL: seen dead"].append((await stream.sees(name, DOWN, began) - began) * 1e3)
    await a_moment()
    began = time.monotonic()
    await person.ask("POST", f"/admin/assets/{name}/start")
    took["process, started by the desk: seen running"].append((await stream.sees(name, UP, began) - began) * 1e3)
    await a_moment()


async def come_and_go(desk: Desk, engine: Engine, names: Names, rounds: int) -> Times:
    """All of it, with one container and one process after the other."""
    took: Times = defaultdict(list)
    person = Person(desk)
    async with assets.watching(desk) as stream:
        first = names.containers[0]
        await stream.sees(first, UP)
        await killed(stream, engine, first, defaultdict(list))
        for _ in range(rounds):
            await container_round(person, stream, engine, first, took)
        for number in range(rounds):
            await process_round(desk, person, stream, names.processes[number % len(names.processes)], took)
    return took


# -- asking --------------------------------------------------------------------------------------------


async def answers(desk: Desk, names: Names, grow: Callable[[], None], times: int) -> list[list[str]]:
    """Lists, and plans of a registry that has grown: rows of a table."""
    person = Person(desk)
    took = await person.takes_ms("GET", "/admin/assets", times)
    rows = [[f"GET /admin/assets, {len(names.containers + names.processes)} assets", *spread(took)]]
    grow()
    await person.ask("POST", "/admin/assets/reload")
    for target in ("model-0", f"model-{names.more // 2}", f"model-{names.more - 1}", "large"):
        path = f"/admin/assets/{target}/start?dry_run=true"
        _, plan = await person.ask("POST", path)
        what = f"{len(plan['steps'])} to start" + ("" if plan["fits"] else f", {len(plan['stop'] or ())} to stop first")
        rows.append([f"dry_run, {ALL} assets, {what}", *spread(await person.takes_ms("POST", path, times))])
    return rows


# -- the whole -----------------------------------------------------------------------------------------


def desks_in(folder: Path, names: Names, env: Mapping[str, str]) -> dict[str, Desk]:
    """Three that are not started yet."""
    boxes = assets.containers(names.containers)
    tables = {
        "no assets": [],
        f"{len(boxes)} containers": boxes,
        f"{len(boxes)} containers, {len(names.processes)} processes": [
            *boxes,
            *assets.processes(names.processes, str(folder)),
        ],
    }
    return {
        name: assets.desk_with(folder / f"desk-{place}", content, env)
        for place, (name, content) in enumerate(tables.items())
    }


def watched(desks: Mapping[str, Desk], engine: Engine, names: Names, seconds: float) -> float:
    """Prints what looking costs, in both ways; the desks go on in the second. The larger percentage of a core."""
    *_, full = desks.values()
    found = []
    for option, words in EXPORTERS.items():
        for desk in desks.values():
            desk.stop()
            desk.options = [*desk.options[:2], *([option] if option else [])]
            desk.start()
        uvloop.run(begin(full, names.processes))
        rows, more = uvloop.run(looks(desks, engine, seconds))
        found.append(more)
        print(f"{seconds:g} s of looking, {words}; load {machine.load()}\n\n{machine.table(LOOKS, rows)}\n", flush=True)
    return max(found)


def timed(desk: Desk, engine: Engine, names: Names, rounds: int) -> Times:
    """Prints how soon assets come and go."""
    took = uvloop.run(come_and_go(desk, engine, names, rounds))
    rows = [[kind, *spread(times)] for kind, times in took.items()]
    print(
        machine.table([f"beside {2 * len(names.processes)} assets; load {machine.load()}", *SPREAD], rows),
        end="\n\n",
        flush=True,
    )
    return took


def asked(desk: Desk, place: Path, names: Names, rounds: int) -> list[list[str]]:
    """Prints how soon questions are answered."""
    content = [
        *assets.containers(names.containers),
        *assets.processes(names.processes, str(place), with_memory=True),
        *assets.layers(names.more, WIDTH),
        assets.too_large("large", LARGE_MB),
    ]
    rows = uvloop.run(answers(desk, names, lambda: assets.write(desk, content), 2 * rounds))
    print(machine.table([f"answered within; load {machine.load()}", *SPREAD], rows), end="\n\n", flush=True)
    return rows


def runners(desk: Desk, names: Sequence[str]) -> str:
    """What the runners of process assets hold each."""
    sizes = [memory_of(assets.runner_of(desk, name)) for name in names]
    rss, pss = (sum(column) / len(sizes) for column in zip(*sizes, strict=True))
    return f"The runner of a process asset: {pss:.1f} MB (PSS; RSS {rss:.1f}), mean of {len(sizes)}."


def verdict(more: float, took: Times, plans: Sequence[Sequence[str]]) -> str:
    """What is wished, and what came of it."""

    def beyond(part: float) -> str:
        return f"{quantile(took[BY_DESK], part) - quantile(took[BY_ENGINE], part):+.1f} ms"

    death = quantile(took["`docker kill`: seen dead"], 0.95)
    rows = [
        ["looking at all of them once a second", f"{more:.2f} % of a core", f"{MUST_PERCENT:g} %"],
        ["start beyond the engine's own, p50", beyond(0.5), f"{MUST_START_MS:g} ms"],
        ["start beyond the engine's own, p95", beyond(0.95), f"{MUST_START_MS:g} ms"],
        ["death of a container seen, p95", f"{death:.1f} ms", f"{MUST_DEATH_MS:g} ms"],
        ["slowest plan of 500, p50", f"{max(float(row[2]) for row in plans[1:]):.1f} ms", f"{MUST_PLAN_MS:g} ms"],
    ]
    return machine.table(["figure", "seen", "at most"], rows)


def run(folder: Path, each: int, seconds: float, rounds: int) -> None:
    """Everything, below one folder."""
    names = Names(each)
    gpu = standin_gpu.StandIn(folder / "gpu", standin_gpu.build(folder))
    gpu_env = {name: gpu.env[name] for name in ("LD_LIBRARY_PATH", "MIXDESK_FAKE_NVML")}
    with engine_with(names.containers, folder / "engine") as engine, assets.swept(folder / "desks") as place:
        desks = desks_in(place, names, gpu_env | {"DOCKER_HOST": engine.address})
        try:
            more = watched(desks, engine, names, seconds)
            *others, full = desks.values()
            for desk in others:
                desk.stop()
            took = timed(full, engine, names, rounds)
            print(runners(full, names.processes), end="\n\n")
            print(verdict(more, took, asked(full, place, names, rounds)))
        finally:
            for desk in desks.values():
                desk.stop()


def main() -> None:
    """One run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--each", type=int, default=100, help="containers, and as many processes")
    parser.add_argument("--seconds", type=float, default=60.0, help="of looking, each time")
    parser.add_argument("--rounds", type=int, default=30, help="of coming and going")
    chosen = parser.parse_args()
    if os.geteuid() != 0 or not all(map(os.path.exists, NEEDED)):
        print(f"left out: it needs root and {', '.join(NEEDED)} (Debian: docker.io, busybox-static)")
        return
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # else containers and daemons would be left
    print(machine.headline("docker", "uvicorn"), end="\n\n", flush=True)
    folder = Path(tempfile.mkdtemp(prefix="mixdesk-bench-"))
    try:
        run(folder, chosen.each, chosen.seconds, chosen.rounds)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"\nload after: {machine.load()}")


if __name__ == "__main__":
    main()
