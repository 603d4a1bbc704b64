"""Reads every collector, isolates what fails, and holds the latest snapshot for all who ask."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from mixdesk_exporter.collectors.collector import Collector
from mixdesk_exporter.errors import Absent, ExporterError
from mixdesk_exporter.family import Family
from mixdesk_exporter.own import Record, own_families
from mixdesk_exporter.snapshot import Outcome, Snapshot
from mixdesk_exporter.worker import Worker

log = logging.getLogger(__name__)

FAST_S, SLOW_S = 1.0, 15.0
GRACE_S = 0.25  # a reader that came last time may come again a little late: then its reading is the sample
READ_LATELY_S = 300.0
PATIENCE_S = 0.05  # a source that hangs may delay the others by this much, once
FIRST_PATIENCE_S = 1.0
QUICK_S = 0.004  # what may be done on an event loop that others wait for
ABSENT_S = 5.0  # a driver or daemon that is not here is not looked for every second
RATE_S = 0.5  # over less, the kernel's ticks are too coarse
RECENT = 4  # snapshots are half a second apart at least


@dataclass(slots=True)
class _Seat:
    """One collector with what the sampler remembers of it."""

    collector: Collector[Any]
    worker: Worker[Any] | None
    record: Record
    said: str | None = None
    absent_until: float = float("-inf")

    def read(self, patience_s: float) -> Any:
        if self.worker is None:
            return self.collector.read()
        # Of one that was not asked lately nothing older can stand in for an answer that takes a while.
        return self.worker.ask(FIRST_PATIENCE_S if self.worker.is_stale else patience_s)


@dataclass(slots=True)
class Sampler:
    """The one reader of a host.

    `listed` are the collectors that the settings name: they are missed where their source is not here. `new_round`
    is called before each round; `follow` sees each fresh snapshot and adds families of its own to it. `node_names`
    tells how the collectors did under node_exporter's names too.

    `snapshot` may be called from any thread; callers that come together share one reading. `start` keeps sampling
    once a second while somebody reads and for five minutes after, then four times a minute; in its place a `Pacer`
    does so on an event loop. Who is content with what is sampled then anyway keeps nothing awake.
    """

    collectors: Sequence[Collector[Any]]
    listed: Collection[str] = ()
    new_round: Callable[[], None] = lambda: None
    follow: Callable[[Snapshot], Iterable[Family]] = lambda _: ()
    node_names: bool = True
    clock: Callable[[], float] = time.time
    monotonic: Callable[[], float] = time.monotonic
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _wake: threading.Event = field(default_factory=threading.Event)
    _closed: bool = False
    _latest: Snapshot | None = None
    _recent: deque[Snapshot] = field(default_factory=lambda: deque(maxlen=RECENT))
    _whole: Snapshot | None = None
    _read_at: float = float("-inf")
    _by_reader: bool = False
    _took_s: float = float("inf")
    _seats: list[_Seat] = field(default_factory=list)
    _deferred: bool = True  # whether there are collectors that are read only when scraped
    _thread: threading.Thread | None = None

    def __post_init__(self) -> None:
        self._seats = [
            _Seat(
                collector,
                Worker(collector.name, collector.read, monotonic=self.monotonic) if collector.may_hang else None,
                Record(collector.name, listed=collector.name in self.listed),
            )
            for collector in self.collectors
        ]
        self._deferred = any(not collector.live for collector in self.collectors)

    # -- reading -------------------------------------------------------------------------------------

    def snapshot(self, max_age_s: float, *, whole: bool = False, patience_s: float = PATIENCE_S) -> Snapshot:
        """One that is at most so old; `whole` also reads the collectors that are read only when scraped.

        patience_s  how long a source that may hang is waited for; what it said last may still count
        """
        if max_age_s < SLOW_S:
            self._note_reader()
        return self._take(max_age_s, patience_s, whole=whole, by_reader=True)

    def sample(self) -> None:
        """Reads what is read once a second; nobody has asked for it."""
        self._take(0.0, QUICK_S if self.is_quick else PATIENCE_S, whole=False, by_reader=False)

    @property
    def is_quick(self) -> bool:
        """Whether a reading is likely to take no longer than an event loop may be kept."""
        if self._took_s >= QUICK_S or self._lock.locked():
            return False
        now = self.monotonic()
        return not any(seat.worker.is_stale and now >= seat.absent_until for seat in self._seats if seat.worker)

    def pair(self, max_age_s: float) -> tuple[Snapshot | None, Snapshot]:
        """One that is at most so old, and one before it that is old enough to tell rates; None where there is none."""
        after = self.snapshot(max_age_s)
        older = (known for known in reversed(list(self._recent)) if after.taken - known.taken >= RATE_S)
        return next(older, None), after

    @property
    def has_figures(self) -> bool:
        """Whether there was a snapshot yet; who asks is no reader."""
        return self._latest is not None

    def at_hand(self, max_age_s: float, *, whole: bool = False) -> Snapshot | None:
        """The same without reading or waiting; None where none is so fresh."""
        self._note_reader()
        known = self._known(whole=whole)
        return known if known is not None and self.monotonic() - known.taken <= max_age_s else None

    def _note_reader(self) -> None:
        now = self.monotonic()
        if now - self._read_at > READ_LATELY_S:
            self._wake.set()  # it may be sleeping a long sleep
        self._read_at = now

    def _known(self, *, whole: bool) -> Snapshot | None:
        return self._whole if whole and self._deferred else self._latest

    def _take(self, max_age_s: float, patience_s: float, *, whole: bool, by_reader: bool) -> Snapshot:
        with self._lock:
            known = self._known(whole=whole)
            if known is not None and self.monotonic() - known.taken <= max_age_s:
                return known
            latest = self._latest
            live_is_fresh = latest is not None and self.monotonic() - latest.taken <= max_age_s
            began = time.perf_counter()
            fresh = self._round(latest if live_is_fresh else None, patience_s, whole=whole)
            self._took_s = time.perf_counter() - began
            if not live_is_fresh:
                self._recent.append(fresh)
                self._by_reader = by_reader
            self._latest = fresh
            if whole:
                self._whole = fresh
            return fresh

    def _round(self, live: Snapshot | None, patience_s: float, *, whole: bool) -> Snapshot:
        """Asks the collectors; `live` is a snapshot whose live ones need not be asked again."""
        at, taken = (self.clock(), self.monotonic()) if live is None else (live.at, live.taken)
        outcomes: dict[str, Outcome] = {}
        self.new_round()
        # Those that may hang come last: when they delay the round, the others have been read.
        for seat in sorted(self._seats, key=lambda seat: seat.worker is not None):
            name = seat.collector.name
            if live is not None and seat.collector.live:
                outcomes[name] = live.outcomes[name]
            elif seat.collector.live or whole:
                outcomes[name] = self._ask(seat, patience_s)
        own = own_families(at, [seat.record for seat in self._seats], outcomes, node_names=self.node_names)
        fresh = Snapshot(at, taken, outcomes, own)
        return replace(fresh, extra=(*self.follow(fresh), *own))

    def _ask(self, seat: _Seat, patience_s: float) -> Outcome:
        at, began = self.clock(), self.monotonic()
        if began < seat.absent_until:
            return Outcome(0.0, at, absent=True)
        try:
            reading = seat.read(patience_s)
            families = tuple(seat.collector.families(reading))
            outcome = Outcome(self.monotonic() - began, at, reading, families)
        except Absent as absence:
            _forget_frames(absence)
            outcome = Outcome(self.monotonic() - began, at, absent=True)
            if seat.worker is not None:
                seat.absent_until = began + ABSENT_S
        except Exception as error:  # noqa: BLE001 - one source must never take another along
            _forget_frames(error)
            outcome = Outcome(self.monotonic() - began, at, error=_text(error))
        seat.record.note(outcome)
        self._say(seat, outcome.error)
        return outcome

    def _say(self, seat: _Seat, error: str | None) -> None:
        """One line when a source begins to fail in a new way, one when it is well again."""
        kind = error and error.split(" for ")[0]
        if kind == seat.said:
            return
        if error is None:
            log.info("collector %s is well again", seat.collector.name)
        else:
            log.warning("collector %s: %s", seat.collector.name, error)
        seat.said = kind

    # -- the background ------------------------------------------------------------------------------

    def start(self) -> None:
        """Begins to sample by itself."""
        self._thread = threading.Thread(target=self._run, name="mixdesk sampler", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._closed:
            self._wake.wait(self.next_s())
            self._wake.clear()
            if not self._closed and self.next_s() <= 0.0:
                self._take(0.0, PATIENCE_S, whole=False, by_reader=False)

    def next_s(self) -> float:
        """Seconds until the next sample is due; a scrape in between has moved it."""
        latest = self._latest
        if latest is None:
            return 0.0
        now = self.monotonic()
        pace = FAST_S if now - self._read_at <= READ_LATELY_S else SLOW_S
        return latest.taken + pace + (GRACE_S if self._by_reader else 0.0) - now

    def close(self) -> None:
        """Ends the background and lets go of the sources."""
        self._closed = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join()
        with self._lock:
            for seat in self._seats:
                if seat.worker is not None:
                    seat.worker.close(seat.collector.close)
                else:
                    seat.collector.close()


def _forget_frames(error: Exception) -> None:
    """A worker keeps its last answer: with the frames it would keep the whole snapshot that was being made."""
    error.__traceback__ = None


def _text(error: Exception) -> str:
    return str(error) if isinstance(error, (ExporterError, OSError)) else f"{type(error).__name__}: {error}"
