"""A log that is there at once, read as one that grows: plain, with levels, and all that a viewer is sent."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path

from mixdesk_control.logs.follow import reader
from mixdesk_control.logs.live.frames import of_records
from mixdesk_control.logs.live.past import in_steps
from mixdesk_control.logs.live.refining import Refining
from mixdesk_control.logs.places import HostPlace
from mixdesk_control.logs.source import APPLICATION, InFiles, Source
from mixdesk_control.logs.text.redact import Redactor
from mixdesk_control.logs.view import View
from shared import log_history

ROUNDS = 3
READ, WITH_LEVELS, SHOWN = "whole lines", "with records and levels", "with secrets out, as frames"
READLINE, GREP = "[a loop of readline]", "[grep -c ERROR]"

Work = Callable[[bytes], object]


def _levels(*, redact: bool) -> Work:
    refining = Refining(View(redact=redact), Redactor())

    def work(lines: bytes) -> None:
        for step in in_steps(lines):
            shown = refining.feed(step)
            if redact:
                for _ in of_records(shown.records, shown.levels):
                    pass

    return work


@dataclass(frozen=True)
class Pace:
    """Lines a second, and microseconds of CPU for each line; of a process that was started too."""

    lines_s: float
    cpu_us: float


async def all_of_it(folder: Path, size: int) -> dict[str, Pace]:
    """The pace of each way, in turns, the medians of the rounds."""
    path = folder / "caught-up.log"
    lines = log_history.lines_in(log_history.corpus(path, size))
    ways: dict[str, Callable[[], Awaitable[None]]] = {
        READ: lambda: _caught_up(path, lines, len),
        WITH_LEVELS: lambda: _caught_up(path, lines, _levels(redact=False)),
        SHOWN: lambda: _caught_up(path, lines, _levels(redact=True)),
        READLINE: lambda: _readline(path),
        GREP: lambda: _grep(path),
    }
    paces: dict[str, list[Pace]] = {way: [] for way in ways}
    for _ in range(ROUNDS):
        for way, run in ways.items():
            began, cpu = time.perf_counter(), sum(os.times()[:4])
            await run()
            cpu, took = sum(os.times()[:4]) - cpu, time.perf_counter() - began
            paces[way].append(Pace(lines / took, cpu / lines * 1e6))
    return {way: _median(found) for way, found in paces.items()}


def _median(found: Sequence[Pace]) -> Pace:
    return Pace(statistics.median(one.lines_s for one in found), statistics.median(one.cpu_us for one in found))


async def _caught_up(path: Path, lines: int, work: Work) -> None:
    """The file gets the name of an empty one that is followed."""
    folder = path.with_name("followed")
    folder.mkdir(exist_ok=True)
    live, next_one = folder / "live.log", folder / "next"
    live.unlink(missing_ok=True)
    live.write_bytes(b"")
    next_one.hardlink_to(path)
    async with aclosing(reader(_source(live), engine=None).pieces()) as pieces:
        await anext(pieces)
        next_one.rename(live)
        async for piece in pieces:
            work(piece.lines)
            lines -= piece.lines.count(b"\n")
            if lines <= 0:
                return


def _source(path: Path) -> Source:
    origin = InFiles(HostPlace.everything(), str(path))
    return Source(service="bench", id=path.name, kind=APPLICATION, origin=origin)


async def _readline(path: Path) -> None:
    with path.open("rb") as log:
        while log.readline():
            pass


async def _grep(path: Path) -> None:
    # its output into a pipe: into /dev/null, grep stops at the first line that it finds
    subprocess.run(["grep", "-c", "ERROR", str(path)], capture_output=True, check=False)  # noqa: ASYNC221
