"""Logs that were written, searched and read from their end: in this process, and by grep and tail beside it."""

from __future__ import annotations

import os
import random
import statistics
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from mixdesk_control.logs.files import backwards
from mixdesk_control.logs.history import download
from mixdesk_control.logs.history.asked import Asked
from mixdesk_control.logs.history.search import search
from mixdesk_control.logs.places import HostPlace
from mixdesk_control.logs.source import InFiles, Source
from mixdesk_control.logs.text.redact import Redactor

GIB = 1 << 30
REDACTOR = Redactor()
SEARCHES: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {
    "literal": ({"q": "zebra-crossing"}, ("-c", "-i", "-F", "zebra-crossing")),
    "regex with a literal": (
        {"regex": r"asked for \S+ and nothing in \d+"},
        ("-c", "-P", r"asked for \S+ and nothing in \d+"),
    ),
    "regex of alternatives": (
        {"regex": "(?i)timeout|refused|exception"},
        ("-c", "-i", "-E", "timeout|refused|exception"),
    ),
    "regex of classes alone": ({"regex": r"\d{7,} [a-z]+x "}, ("-c", "-P", r"\d{7,} [a-z]+x ")),
}
"""What is searched for, none of which is there: by this desk, and by grep."""


def corpus(path: Path, size: int = GIB) -> Source:
    """A log of so many bytes, some 117 a line, with growing times; written once."""
    if not path.exists() or path.stat().st_size < size:
        _write(path, size)
    origin = InFiles(HostPlace((("/", str(path.parent)),)), f"/{path.name}")
    return Source(service="bench", id=path.stem, kind="application", origin=origin)


def lines_in(source: Source) -> int:
    """How many."""
    with path_of(source).open("rb") as log:
        return sum(part.count(b"\n") for part in iter(lambda: log.read(1 << 20), b""))


def _write(path: Path, size: int) -> None:
    """The same lines again and again, each time a year later."""
    chance, now = random.Random(1), 1_790_000_000
    lines = b"".join(_line(chance, now + at) for at in range(100_000))
    with path.open("wb") as log:
        for year in range(2026, 9999):
            size -= log.write(lines.replace(b"[2026-", b"[%d-" % year))
            if size <= 0:
                break


def _line(chance: random.Random, now: int) -> bytes:
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(now))
    level = chance.choice(("INFO", "INFO", "DEBUG", "WARNING", "ERROR"))
    text = f"user {chance.getrandbits(40):x} asked for /api/v1/items/{chance.getrandbits(30)} and got an answer"
    return f"[{when}] production.{level}: {text} in {chance.randrange(900)} ms\n".encode()


def searched(source: Source, what: str, rounds: int = 3) -> tuple[float, float]:
    """Bytes a second of this desk and of grep, in turns, the median of the rounds."""
    asked, arguments = SEARCHES[what]
    path = path_of(source)
    size = path.stat().st_size
    ours, theirs = [], []
    for _ in range(rounds):
        ours.append(size / _took(lambda: _search(source, asked)))
        theirs.append(size / _took(lambda: _run("grep", *arguments, str(path))))
    return statistics.median(ours), statistics.median(theirs)


def last_lines(
    source: Source, lines: int = 1000, rounds: int = 50, redactor: Redactor = REDACTOR
) -> tuple[float, float]:
    """Seconds of the last lines of a file, as they are shown, and of `tail` as a process, in turns, the medians.

    redactor  `Redactor(False)` leaves out what `tail` does not do either
    """
    ours, theirs = [], []
    for _ in range(rounds):
        ours.append(_took(lambda: [*download.last(source, lines, engine=None, redactor=redactor)]))
        theirs.append(_took(lambda: _run("tail", "-n", str(lines), str(path_of(source)))))
    return statistics.median(ours), statistics.median(theirs)


def from_end(source: Source, lines: int = 1000, rounds: int = 50) -> float:
    """Seconds of the last lines as a viewer's reader gets them, the median."""
    return statistics.median(_took(lambda: _from_end(path_of(source), lines)) for _ in range(rounds))


def first_bytes(source: Source, lines: int = 1000, rounds: int = 50) -> float:
    """Seconds until the first piece of the last lines is there."""
    return statistics.median(
        _took(lambda: next(download.last(source, lines, engine=None, redactor=REDACTOR))) for _ in range(rounds)
    )


def path_of(source: Source) -> Path:
    """The file of a source of `corpus`."""
    origin = source.origin
    assert isinstance(origin, InFiles)
    on_host = origin.place.on_host(origin.path)
    assert on_host is not None
    return Path(on_host)


def _from_end(path: Path, lines: int) -> None:
    fd = os.open(path, os.O_RDONLY)
    try:
        found = backwards.last_lines(fd, lines)
    finally:
        os.close(fd)
    assert found.count(b"\n") == lines


def _search(source: Source, asked: dict[str, str]) -> None:
    assert not [*search([source], Asked(**asked, budget_s=600), engine=None, redactor=REDACTOR)]  # type: ignore[arg-type]


def _run(*command: str) -> None:
    subprocess.run(command, stdout=subprocess.DEVNULL, check=False, env={**os.environ, "LC_ALL": "C.UTF-8"})


def _took(call: Callable[[], object]) -> float:
    begin = time.perf_counter()
    call()
    return time.perf_counter() - begin
