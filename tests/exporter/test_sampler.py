"""Sampling: what fails is isolated, what hangs is left alone, callers share one reading."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from mixdesk_exporter.collectors.collector import Collector
from mixdesk_exporter.errors import Absent, Garbled
from mixdesk_exporter.family import Family, gauge
from mixdesk_exporter.sampler import Sampler
from mixdesk_exporter.snapshot import Snapshot

VALUE = gauge("mixdesk_test_value", "A value.", "source")


def families(reading: tuple[str, float]) -> Iterable[Family]:
    return (VALUE.of([reading]),)


class Source:
    """A source that can be told to fail, to be absent and to hang."""

    def __init__(self, name: str, **options: Any) -> None:
        self.name, self.reads = name, 0
        self.error: Exception | None = None
        self.takes_s = 0.0
        self.runs = threading.Event()
        self.runs.set()
        self.collector: Collector[tuple[str, float]] = Collector(name, self.read, families, **options)

    def read(self) -> tuple[str, float]:
        self.reads += 1
        self.runs.wait(120)
        time.sleep(self.takes_s)
        if self.error is not None:
            raise self.error
        return self.name, float(self.reads)


def values(snapshot: Snapshot, name: str = "mixdesk_test_value") -> dict[Any, float]:
    found: dict[Any, float] = {}
    for family in snapshot.families():
        if family.descriptor.sample == name:
            found |= dict(zip(family.keys, family.values, strict=True))
    return found


def until(condition: Callable[[], bool]) -> None:
    for _ in range(1200):
        if condition():
            return
        threading.Event().wait(0.05)
    raise AssertionError("it did not come to that within a minute")


def test_one_that_fails_takes_no_other_along(caplog: pytest.LogCaptureFixture) -> None:
    good, bad = Source("good"), Source("bad")
    sampler = Sampler([bad.collector, good.collector])
    bad.error = Garbled("half a line")
    for _ in range(3):
        snapshot = sampler.snapshot(0)
    assert values(snapshot) == {"good": 3.0}
    assert values(snapshot, "mixdesk_collector_success") == {"bad": 0, "good": 1}
    assert values(snapshot, "node_scrape_collector_success") == {"bad": 0, "good": 1}
    assert "bad" not in values(snapshot, "mixdesk_collector_last_success_timestamp_seconds")
    assert [record.getMessage() for record in caplog.records] == ["collector bad: half a line"]
    bad.error = None
    assert values(sampler.snapshot(0)) == {"bad": 4.0, "good": 4.0}


def test_a_fault_of_our_own_is_named_too(caplog: pytest.LogCaptureFixture) -> None:
    bad = Source("bad")
    bad.error = KeyError("x")
    assert values(Sampler([bad.collector]).snapshot(0)) == {}
    assert "KeyError" in caplog.text


def test_a_source_that_was_never_here_is_no_failure() -> None:
    never, listed, gone = Source("never"), Source("listed"), Source("gone")
    sampler = Sampler([never.collector, listed.collector, gone.collector], listed=["listed"])
    never.error = listed.error = Absent("no such thing")
    assert values(sampler.snapshot(0), "mixdesk_collector_success") == {"listed": 0, "gone": 1}
    gone.error = Absent("unplugged")
    after = sampler.snapshot(0)
    assert values(after, "mixdesk_collector_success") == {"listed": 0, "gone": 0}
    assert values(after) == {}
    assert values(after, "mixdesk_collector_last_success_timestamp_seconds").keys() == {"gone"}


def test_one_that_hangs_is_asked_once_and_its_values_go() -> None:
    now = [100.0]
    host, gpu = Source("host"), Source("gpu", may_hang=True)
    sampler = Sampler([gpu.collector, host.collector], monotonic=lambda: now[0])
    assert values(sampler.snapshot(0)) == {"host": 1.0, "gpu": 1.0}
    gpu.runs.clear()
    for second in range(5):
        now[0] += 1.0
        snapshot = sampler.snapshot(0)
        assert values(snapshot)["host"] == second + 2.0
    assert values(snapshot).keys() == {"host"}
    assert values(snapshot, "mixdesk_collector_success") == {"host": 1, "gpu": 0}
    assert gpu.reads == 2, "no second call while the first is out"
    gpu.runs.set()

    def a_second_later() -> dict[Any, float]:
        now[0] += 1.0
        return values(sampler.snapshot(0))

    until(lambda: a_second_later().keys() == {"host", "gpu"})
    sampler.close()


def test_an_answer_that_comes_too_late_is_no_answer() -> None:
    now = [100.0]
    slow = Source("slow", may_hang=True)
    sampler = Sampler([slow.collector], monotonic=lambda: now[0])
    slow.runs.clear()
    assert values(sampler.snapshot(0)) == {}
    worker = sampler._seats[0].worker
    assert worker is not None
    slow.runs.set()
    until(lambda: worker._out_since is None)
    assert worker._answer is not None and worker._answer.value == ("slow", 1.0), "it came"
    slow.runs.clear()
    now[0] += 10.0
    assert values(sampler.snapshot(0)) == {}, "but of ten seconds ago"
    slow.runs.set()
    sampler.close()


def test_one_that_takes_a_while_is_waited_for_where_nothing_can_stand_in() -> None:
    """At the slow pace the last answer is always too old."""
    now, slow = [100.0], Source("slow", may_hang=True)
    sampler = Sampler([slow.collector], monotonic=lambda: now[0])
    slow.takes_s = 0.2
    for number in range(1, 4):
        assert values(sampler.snapshot(0)) == {"slow": number}
        assert not sampler.is_quick
        now[0] += 15.0
    sampler.close()


def test_callers_share_a_reading_while_it_is_fresh() -> None:
    now = [100.0]
    source = Source("source")
    sampler = Sampler([source.collector], monotonic=lambda: now[0])
    first = sampler.snapshot(0.5)
    now[0] += 0.4
    assert sampler.snapshot(0.5) is first
    now[0] += 0.2
    assert sampler.snapshot(0.5) is not first
    assert source.reads == 2


def test_callers_that_come_together_share_one_reading() -> None:
    source = Source("source")
    source.runs.clear()
    sampler, got = Sampler([source.collector]), []
    threads = [threading.Thread(target=lambda: got.append(sampler.snapshot(60.0))) for _ in range(8)]
    for thread in threads:
        thread.start()
    until(lambda: source.reads == 1)
    source.runs.set()
    for thread in threads:
        thread.join()
    assert source.reads == 1
    assert len(set(map(id, got))) == 1


def test_the_second_tier_is_read_only_when_scraped() -> None:
    now = [100.0]
    live, rare = Source("live"), Source("rare", live=False)
    sampler = Sampler([live.collector, rare.collector], monotonic=lambda: now[0])
    assert values(sampler.snapshot(0.5)) == {"live": 1.0}
    assert values(sampler.snapshot(0.5, whole=True)) == {"live": 1.0, "rare": 1.0}
    now[0] += 1.0
    assert values(sampler.snapshot(0.5)) == {"live": 2.0}
    assert rare.reads == 1


def test_a_driver_that_is_not_here_is_looked_for_now_and_then() -> None:
    now, source = [100.0], Source("driver", may_hang=True)
    sampler = Sampler([source.collector], monotonic=lambda: now[0])
    source.error = Absent("no driver")
    for _ in range(5):
        sampler.snapshot(0)
        now[0] += 1.0
    assert source.reads == 1
    source.error = None
    now[0] += 1.0
    assert sampler.snapshot(0).outcomes["driver"].good
    sampler.close()


def test_some_collectors_by_name() -> None:
    one, other = Source("one"), Source("other")
    snapshot = Sampler([one.collector, other.collector]).snapshot(0)
    names = [family.descriptor.sample for family in snapshot.families({"other"})]
    assert names.count("mixdesk_test_value") == 1
    assert snapshot.reading("one") == ("one", 1.0)
    assert snapshot.reading("nobody") is None


def test_it_samples_by_itself_until_it_is_closed() -> None:
    source = Source("source")
    sampler = Sampler([source.collector])
    sampler.start()
    sampler.snapshot(10.0)
    until(lambda: source.reads >= 3)
    sampler.close()
    reads = source.reads
    assert not any(thread.name == "mixdesk sampler" for thread in threading.enumerate())
    assert source.reads == reads


def test_the_pace_falls_when_nobody_has_read_for_five_minutes() -> None:
    now = [100.0]
    sampler = Sampler([Source("source").collector], monotonic=lambda: now[0])
    sampler.snapshot(0)
    assert sampler.next_s() == 1.25, "a reader who comes once a second may be a little late"
    now[0] += 300.5
    assert sampler.next_s() < 0.0
    sampler.sample()
    assert sampler.next_s() == 15.0
    sampler.snapshot(60.0)
    assert sampler.next_s() == 15.0, "who is content with that keeps nothing awake"
    sampler.snapshot(10.0)
    assert sampler.next_s() <= 1.0


def test_rates_are_told_over_half_a_second_or_more() -> None:
    now = [100.0]
    sampler = Sampler([Source("source").collector], monotonic=lambda: now[0])
    assert sampler.pair(0.0)[0] is None
    for _ in range(4):
        now[0] += 0.2
        before, after = sampler.pair(0.0)
    assert before is not None
    assert (before.taken, after.taken) == (pytest.approx(100.2), pytest.approx(100.8))
