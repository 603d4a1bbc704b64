"""A log that is there at once, read as one that grows: plain, with levels, and all that a viewer is sent."""

from __future__ import annotations

import statistics
import subprocess
import time
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from pathlib import Path

from mixdesk_control.logs.follow import reader
from mixdesk_control.logs.live.frames import of_records
from mixdesk_control.logs.live.past import in_steps
from mixdesk_control.logs.live.refining import Refining
from mixdesk_control.logs.text.redact import Redactor
from mixdesk_control.logs.view import View
from shared import log_history, log_reading

ROUNDS = 3
READ, WITH_LEVELS, SHOWN = "whole lines", "with records and levels", "with secrets out, as frames"
READLINE, GREP = "readline", "[grep -c ERROR instead]"

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


async def all_of_it(folder: Path, size: int) -> dict[str, float]:
    """Lines a second of each way, in turns, the median of the rounds."""
    path = folder / "caught-up.log"
    lines = log_history.lines_in(log_history.corpus(path, size))
    ways: dict[str, Callable[[], Awaitable[None]]] = {
        READ: lambda: _caught_up(path, lines, len),
        WITH_LEVELS: lambda: _caught_up(path, lines, _levels(redact=False)),
        SHOWN: lambda: _caught_up(path, lines, _levels(redact=True)),
        READLINE: lambda: _readline(path),
        GREP: lambda: _grep(path),
    }
    took: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(ROUNDS):
        for way, run in ways.items():
            began = time.perf_counter()
            await run()
            took[way].append(lines / (time.perf_counter() - began))
    return {way: statistics.median(found) for way, found in took.items()}


async def _caught_up(path: Path, lines: int, work: Work) -> None:
    """The file gets the name of an empty one that is followed."""
    folder = path.with_name("followed")
    folder.mkdir(exist_ok=True)
    live, next_one = folder / "live.log", folder / "next"
    live.unlink(missing_ok=True)
    live.write_bytes(b"")
    next_one.hardlink_to(path)
    async with aclosing(reader(log_reading.source(live), engine=None).pieces()) as pieces:
        await anext(pieces)
        next_one.rename(live)
        async for piece in pieces:
            work(piece.lines)
            lines -= piece.lines.count(b"\n")
            if lines <= 0:
                return


async def _readline(path: Path) -> None:
    with path.open("rb") as log:
        while log.readline():
            pass


async def _grep(path: Path) -> None:
    subprocess.run(["grep", "-c", "ERROR", str(path)], stdout=subprocess.DEVNULL, check=False)  # noqa: ASYNC221
