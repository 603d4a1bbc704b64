"""Logs: live to many viewers, from their end, searched, found, and doing nothing. `python bench/logs.py [--quick]`

Desk, viewers and writer are three processes; the desk is a real one: `mixdesk up`, tokens on, secrets blacked out, its
meters off. Viewers are WebSockets without extensions, which check that each line stands in its place; what a peer does
beside it is in brackets. With root, Debian's docker.io and busybox-static, logs are looked for in real containers too.

The log that is searched and read from its end is some 125 bytes a line; what is searched for is not in it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import tempfile
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared import log_catching_up, log_desk, log_discovery, log_history, machine
from shared.desk import SPREAD, Desk, spread
from shared.log_desk import Flooded

from mixdesk_control.logs.source import Source
from mixdesk_control.logs.text.redact import Redactor

MUST_US, MUST_P50_MS, MUST_P99_MS, MUST_TIMES, MUST_LINES = 0.3, 2.0, 25.0, 5.0, 500_000
MUST_LOOK_MS, MUST_NEW_S, MUST_PERCENT, MUST_MB = 10.0, 1.0, 0.2, 60.0
RATE, MANY = 20_000, 50
LAST, IDLE_SOURCES, NEW = 1000, 40, 5
FIGURES = ["figure", "is", "must", "[peer]", "[is]", "ratio"]


@dataclass(frozen=True)
class Sizes:
    """How much of everything: seconds of floods and of doing nothing, lines, rounds, bytes."""

    flood_s: float = 20.0
    one_s: float = 5.0
    appends: int = 1000
    idle_s: float = 30.0
    rounds: int = 50
    searches: int = 3
    last_of: int = 1 << 30
    searched: int = 256 << 20
    caught_up: int = 64 << 20


QUICK = Sizes(2.0, 1.0, 100, 3.0, 10, 1, 64 << 20, 16 << 20, 8 << 20)


# -- live ----------------------------------------------------------------------------------------------


def live(folder: Path, sizes: Sizes) -> None:
    """Prints what many viewers cost, and how late one is."""
    path = folder / "live" / "flood.log"
    path.parent.mkdir()
    path.write_bytes(b"")
    desk = log_desk.desk_with(folder / "live-desk", {"bench": [path.parent / "*.log"]})
    try:
        desk.start()
        print(floods(desk, path, sizes), end="\n\n")
        ours, theirs = log_desk.latencies(desk, "bench/flood", path, sizes.appends)
        rows = [["append to viewer", *spread(ours)], ["[append to a reader of `tail -F`]", *spread(theirs)]]
        print(table(["one line each 10 ms", *SPREAD], rows))
        print(f"(must be p50 {MUST_P50_MS:g} ms, p99 {MUST_P99_MS:g} ms)\n")
        new = [path.with_name(f"new-{chr(97 + number)}.log") for number in range(NEW)]
        worst = max(log_desk.new_file_s("bench", one, asking(desk)) for one in new)
        print(f"a new file is listed after a look: the worst of {NEW} after {worst:.2f} s (must {MUST_NEW_S:g} s)\n")
    finally:
        desk.stop()


def floods(desk: Desk, path: Path, sizes: Sizes) -> str:
    """One viewer, and many."""
    one = log_desk.flooded(desk, "bench/flood", path, 1, RATE, sizes.one_s)
    many = log_desk.flooded(desk, "bench/flood", path, MANY, RATE, sizes.flood_s)
    head = ["viewers", "lines/s", "written", "delivered", "told as skipped", "missing", "astray", "frames"]
    head += [f"desk's CPU, µs a line (must {MUST_US:g})", "cores", "RSS, MB"]
    return table(head, [flood_row(found) for found in (one, many)])


def flood_row(found: Flooded) -> Sequence[object]:
    """Missing and astray must be none."""
    return (
        found.viewers,
        f"{found.rate:,.0f}",
        f"{found.written:,}",
        f"{found.delivered:,}",
        f"{found.skipped:,}",
        f"{found.missing:,}",
        found.astray,
        f"{found.frames:,}",
        f"{found.cpu_us:.3f}",
        f"{found.cores:.2f}",
        f"{found.memory:.0f}",
    )


def asking(desk: Desk) -> Callable[[str], Any]:
    """Asks one desk for JSON."""

    def ask(path: str) -> Any:
        headers = {"Authorization": f"Bearer {desk.tokens['operator']}"}
        asked = urllib.request.Request(f"http://127.0.0.1:{desk.port}{path}", headers=headers)
        with urllib.request.urlopen(asked, timeout=60) as answer:
            return json.load(answer)

    return ask


# -- what is there already -----------------------------------------------------------------------------


def history(folder: Path, sizes: Sizes) -> Iterator[Sequence[object]]:
    """Rows: from the end, searched."""
    yield from last_lines(log_history.corpus(folder / "large.log", sizes.last_of), sizes)
    (folder / "large.log").unlink()
    searched = log_history.corpus(folder / "searched.log", sizes.searched)
    for what in log_history.SEARCHES:
        ours, theirs = log_history.searched(searched, what, sizes.searches)
        speeds = f"{ours / 1e6:.0f} MB/s", "", "grep", f"{theirs / 1e6:.0f} MB/s", f"{ours / theirs:.2f}"
        yield f"search: {what}, {sizes.searched >> 20} MiB", *speeds


def last_lines(source: Source, sizes: Sizes) -> Iterator[Sequence[object]]:
    """In this process, as they lie there and as they are shown; and by a process."""
    read = log_history.from_end(source, LAST, sizes.rounds)
    plain, peer = log_history.last_lines(source, LAST, sizes.rounds, Redactor(False))
    shown, beside = log_history.last_lines(source, LAST, sizes.rounds)
    first = log_history.first_bytes(source, LAST, sizes.rounds)
    of = f"{LAST:,} lines of {sizes.last_of >> 20} MiB"
    tail = f"tail -n {LAST}, a process"
    for what, ours, theirs in (
        (f"last {of}, as they are read for a viewer", read, peer),
        (f"last {of}, downloaded as they are", plain, peer),
        (f"last {of}, downloaded without secrets", shown, beside),
        ("its first piece", first, beside),
    ):
        yield what, f"{ours * 1e3:.2f} ms", f"{MUST_TIMES:g}x", tail, f"{theirs * 1e3:.2f} ms", f"{theirs / ours:.1f}"


def catching_up(folder: Path, sizes: Sizes) -> str:
    """A file that is there at once, read as it grows."""
    found = asyncio.run(log_catching_up.all_of_it(folder, sizes.caught_up))
    peer = found[log_catching_up.READLINE]
    rows = [
        [
            what,
            f"{pace.lines_s:,.0f}",
            f"{MUST_LINES:,}" if what == log_catching_up.WITH_LEVELS else "",
            f"{pace.cpu_us:.2f}",
            f"{pace.cpu_us / peer.cpu_us:.1f}",
        ]
        for what, pace in found.items()
    ]
    return table(["catching up with a file", "lines/s", "must", "CPU, µs a line", "of readline's"], rows)


# -- finding, and doing nothing ------------------------------------------------------------------------


def finding(folder: Path, sizes: Sizes) -> Iterator[Sequence[object]]:
    """Rows: all logs of eight services with five folders each."""
    ways = [("of this host", log_discovery.on_host, "find, a process")]
    if os.geteuid() == 0 and all(Path(one).exists() for one in log_discovery.NEEDED):
        ways.append(("in containers", log_discovery.in_containers, "docker exec find, each"))
    for number, (where, look, peer) in enumerate(ways):
        found = asyncio.run(look(folder / f"found-{number}", sizes.rounds))
        what = f"8 services with 5 folders {where}, {found.sources} sources"
        ours, theirs = f"{found.ours * 1e3:.2f} ms", f"{found.theirs * 1e3:.2f} ms"
        yield what, ours, f"{MUST_LOOK_MS:g} ms", peer, theirs, f"{found.theirs / found.ours:.1f}"


def doing_nothing(folder: Path, sizes: Sizes) -> str:
    """Three desks in the same seconds: without logs, with logs, and with a viewer of each."""
    logs = [folder / "idle" / f"app-{number}" / "app.log" for number in range(IDLE_SOURCES)]
    for path in logs:
        path.parent.mkdir(parents=True)
        path.write_bytes(b"2026-11-30 12:00:00 INFO a line\n" * 1000)
    services = {path.parent.name: [path] for path in logs}
    none, some, watched = "no logs", f"{IDLE_SOURCES} logs", f"{IDLE_SOURCES} logs, a viewer of each"
    with ExitStack() as stack:
        desks = {}
        for number, (name, shown) in enumerate({none: {}, some: services, watched: services}.items()):
            desks[name] = log_desk.desk_with(folder / f"idle-desk-{number}", shown)
            stack.callback(desks[name].stop)
            desks[name].start()
        found = log_desk.idle(desks, watched, [f"{name}/app" for name in services], sizes.idle_s)
    rows = [
        [
            name,
            f"{seen.percent:.2f}",
            f"{seen.percent - found[none].percent:.2f}",
            f"{seen.memory:.0f}",
            f"{seen.memory - found[none].memory:.1f}",
        ]
        for name, seen in found.items()
    ]
    must = f"more than without (must {MUST_PERCENT:g})", f"more than without (must {MUST_MB:g})"
    return table(["desk", "% of a core", must[0], "PSS, MB", must[1]], rows)


def main() -> None:
    """One run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="small sizes, to see that it runs")
    parser.add_argument("--only", choices=("live", "history", "finding", "idle"), help="one part alone")
    given = parser.parse_args()
    sizes = QUICK if given.quick else Sizes()
    print(machine.headline("uvicorn", "websockets", "google-re2", "msgspec"), end="\n\n")
    with tempfile.TemporaryDirectory(prefix="mixdesk-bench-") as made:
        folder = Path(made)
        if shutil.disk_usage(folder).free < 3 * sizes.last_of:
            raise SystemExit(f"{folder} has no room for {3 * sizes.last_of >> 20} MiB: set TMPDIR to another folder")
        wanted = {given.only} if given.only else {"live", "history", "finding", "idle"}
        if "live" in wanted:
            live(folder, sizes)
        for part, rows in (("history", history), ("finding", finding)):
            if part in wanted:
                print(table(FIGURES, [*rows(folder, sizes)]), end="\n\n")
        if "history" in wanted:
            print(catching_up(folder, sizes), end="\n\n")
        if "idle" in wanted:
            print(doing_nothing(folder, sizes), end="\n\n")
    print(f"load {machine.load()} at the end")


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """See machine.table."""
    return machine.table(header, rows)


if __name__ == "__main__":
    main()
