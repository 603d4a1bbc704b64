"""The admin in Chromium: what its pages cost and how soon they say something. `python bench/admin.py [--tail-s 60]`

A real desk (`mixdesk up`) and Debian's Chromium, driven by Playwright; the built admin has to be there
(scripts/build-admin). *Busy* is the CPU time of the page's main thread over the time that passed, from Chromium's own
counters. The peers stand beside it in the same browser: the overview on the hand-written fallback page of the same
desk, the tail in a bare `<pre>` that takes the same frames.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests" / "fixtures"), str(ROOT / "tests" / "admin")]

import admin_page  # noqa: E402
import standin_gpu  # noqa: E402
from admin_overview_load import CHARTS, desk_of_many_gpus  # noqa: E402
from admin_places import PLACES, settled  # noqa: E402
from live_desk import Desk, free_port  # noqa: E402
from playwright.sync_api import Browser, Page  # noqa: E402
from shared.machine import headline, load, table  # noqa: E402

MUST_CHARTS, MUST_TAIL, MUST_FIRST_S, MUST_JS = 4.0, 30.0, 1.0, 220_000
RATE, WRITES_A_SECOND, WARM_S = 2000, 20, 12.0
PARTS = 4  # of the tail's time, after each of which the heap is looked at
FIGURE = r"() => /\d %/.test(document.querySelector('main')?.innerText ?? '')"
PRE = """async (path) => {
  const pre = document.createElement("pre");
  document.body.replaceChildren(pre);
  const socket = new WebSocket(location.origin.replace("http", "ws") + path, ["mixdesk.v1"]);
  socket.onmessage = (event) => {
    pre.textContent = (pre.textContent + event.data + "\\n").slice(-2_000_000);
    scrollTo(0, document.body.scrollHeight);
  };
}"""


class Meter:
    """Chromium's counters of one page."""

    def __init__(self, page: Page) -> None:
        self._session = page.context.new_cdp_session(page)
        self._session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def busy_s(self) -> float:
        """CPU seconds of the main thread so far."""
        return self._metrics()["TaskDuration"]

    def heap_mb(self) -> float:
        """Of JavaScript, in 10^6 bytes, after a collection."""
        self._session.send("HeapProfiler.collectGarbage")
        return self._metrics()["JSHeapUsedSize"] / 1e6

    def _metrics(self) -> dict[str, float]:
        found: list[dict[str, Any]] = self._session.send("Performance.getMetrics")["metrics"]
        return {one["name"]: float(one["value"]) for one in found}


def percent_busy(page: Page, seconds: float) -> float:
    """Of one core, over so long from now on."""
    meter = Meter(page)
    began, spent = time.monotonic(), meter.busy_s()
    page.wait_for_timeout(seconds * 1000)
    return 100 * (meter.busy_s() - spent) / (time.monotonic() - began)


# -- the overview --------------------------------------------------------------------------------------


def charts(browser: Browser, folder: Path, library: Path, seconds: float) -> list[str]:
    """A row: the overview of a host with many GPUs."""
    with desk_of_many_gpus(folder, library) as desk:
        visitor = admin_page.Visitor(browser, desk)
        visitor.enter()
        page = visitor.open("/ui/")
        page.locator("canvas").nth(CHARTS - 1).wait_for()
        page.wait_for_timeout(5000)
        busy, heap = percent_busy(page, seconds), Meter(page).heap_mb()
        visitor.close()
    return [f"overview, {CHARTS} charts at 1 Hz", f"{busy:.1f} %", f"{MUST_CHARTS:g} %", f"{heap:.1f} MB"]


def first_figures(browser: Browser, desk: Desk, rounds: int) -> list[float]:
    """Seconds from asking for the overview to the first percentage in it, each with an empty cache."""
    found = []
    for _ in range(rounds):
        visitor = admin_page.Visitor(browser, desk)
        visitor.enter()
        began = time.monotonic()
        visitor.page.goto(f"{desk.url}/ui/", wait_until="commit")
        visitor.page.wait_for_function(FIGURE, polling=10)
        found.append(time.monotonic() - began)
        visitor.close()
    return found


# -- the tail ------------------------------------------------------------------------------------------


@contextmanager
def writing(path: Path, rate: int) -> Iterator[None]:
    """So many lines a second come to the file until the end of the block."""
    over = threading.Event()

    def write() -> None:
        began, written = time.monotonic(), 0
        while not over.wait(1 / WRITES_A_SECOND):
            due = int((time.monotonic() - began) * rate)
            stamp = time.strftime("%Y-%m-%d %H:%M:%S")
            lines = (f"{stamp} INFO step {n} loss=0.{n % 997:03d} speed=12.3 it/s\n" for n in range(written, due))
            with path.open("a") as file:
                file.write("".join(lines))
            written = due

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def tail(browser: Browser, desk: Desk, log: Path, seconds: float) -> Iterator[list[str]]:
    """Rows: the Logs page, and a `<pre>` beside it."""
    for what in ("log tail", "[the same frames in a <pre>]"):
        log.write_text("")
        visitor = admin_page.Visitor(browser, desk)
        visitor.enter()
        with writing(log, RATE):
            page = visitor.open("/ui/logs/?service=app&source=app")
            if what.startswith("["):
                page.evaluate(PRE, "/admin/logs/stream/app/app")
            page.wait_for_timeout(WARM_S * 1000)
            meter, shares, heaps = Meter(page), [], []
            for _ in range(PARTS):
                shares.append(percent_busy(page, seconds / PARTS))
                heaps.append(meter.heap_mb())
        visitor.close()
        busy = sum(shares) / len(shares)
        heap = " ".join(f"{one:.1f}" for one in heaps) + " MB"
        yield [f"{what}, {RATE:,} lines/s for {seconds:g} s", f"{busy:.1f} %", f"{MUST_TAIL:g} %", heap]


def log_desk(folder: Path) -> tuple[Desk, Path]:
    """A desk with one log."""
    log, config = folder / "app.log", folder / "mixdesk.toml"
    log.write_text("")
    config.write_text(f'[logs]\ncompose = []\n[logs.services]\napp = ["{log}"]\n')
    desk = Desk(folder / "state", free_port(), config=config)
    desk.start()
    return desk, log


# -- what is loaded ------------------------------------------------------------------------------------


def loaded(browser: Browser, desk: Desk) -> Iterator[list[str]]:
    """Rows: bytes of scripts before a page works, and after that."""
    from test_budgets import LISTED, total

    for place in PLACES:
        visitor = admin_page.Visitor(browser, desk)
        visitor.enter()
        fetched: set[str] = set()
        visitor.context.on("requestfinished", lambda request, into=fetched: into.add(request.url))
        page = visitor.page
        page.goto(desk.url + place.address(desk), wait_until="load")
        listed = page.evaluate(LISTED)
        settled(page, place)
        first = set(listed["scripts"]) & fetched
        later = {address for address in fetched if address.endswith(".js")} - first
        visitor.close()
        yield [place.name, f"{total(first) / 1e3:.1f}", f"{MUST_JS / 1e3:g}", f"{total(later) / 1e3:.1f}"]


def main() -> None:
    """One run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tail-s", type=float, default=60.0, help="how long each tail is looked at")
    parser.add_argument("--charts-s", type=float, default=30.0, help="how long the charts are")
    parser.add_argument("--rounds", type=int, default=10, help="how often the first figure is waited for")
    given = parser.parse_args()
    print(headline("playwright"), end="\n\n")
    with tempfile.TemporaryDirectory(prefix="mixdesk-bench-") as made, admin_page.chromium() as browser:
        folder = Path(made)
        for name in ("gpus", "nvml", "logs"):
            (folder / name).mkdir()
        header = ["main thread of the page", "busy", "must", "heap"]
        rows = [charts(browser, folder / "gpus", standin_gpu.build(folder / "nvml"), given.charts_s)]
        print(table(header, rows), end="\n\n", flush=True)
        desk, log = log_desk(folder / "logs")
        try:
            print(table(["scripts, kB gzip", "first", "must", "later"], loaded(browser, desk)), end="\n\n")
            times = first_figures(browser, desk, given.rounds)
            print(f"first figure of the overview: p50 {median(times):.2f} s, worst {max(times):.2f} s of {len(times)} "
                  f"(must {MUST_FIRST_S:g} s)\n", flush=True)  # fmt: skip
            print(table(header, tail(browser, desk, log, given.tail_s)), end="\n\n")
        finally:
            desk.close()
    print(f"load {load()} at the end")


if __name__ == "__main__":
    main()
