"""The clock of a run's own times."""

from __future__ import annotations

import time

from mixdesk.runclock import RunClock


def test_it_goes_on_from_the_wall_whatever_is_set_there() -> None:
    wall, passed = [1000.0], [5.0]
    clock = RunClock(lambda: wall[0], lambda: passed[0])
    assert clock() == 1000.0
    passed[0] += 2.5
    wall[0] += 3600.0
    assert clock() == 1002.5


def test_it_begins_when_it_is_first_asked() -> None:
    clock = RunClock()
    time.sleep(0.01)
    before = time.time()
    now = clock()
    assert before <= now + 0.001 and now <= time.time() + 0.001
