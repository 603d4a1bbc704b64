"""What the desk derives: clocks, history points, speed, ETA, scores. Pure functions, and tables."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixdesk import wire
from mixdesk.wire import PhaseReport
from mixdesk_control.jobs.clock import ClockWatch, moment, shown
from mixdesk_control.jobs.eta import predict
from mixdesk_control.jobs.pace import Pace
from mixdesk_control.jobs.points import MOST, Points
from mixdesk_control.jobs.scores import score

# -- clocks --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [None, "", "yesterday", "2026-01-01", "2026-01-01T00:00:00", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00Z"],
)
def test_what_is_no_time(text: str | None) -> None:
    assert moment(text) is None


def test_times_are_shown_in_utc() -> None:
    assert shown(moment("2026-01-31T13:00:00+01:00")) == "2026-01-31T12:00:00.000000Z"
    assert shown(moment("2026-01-31T12:00:00Z")) == "2026-01-31T12:00:00.000000Z"


@pytest.mark.parametrize("offset", [0.0, 1.5, -1.9])
def test_a_clock_that_is_about_right_is_left_alone(offset: float) -> None:
    watch = ClockWatch()
    assert [watch.see(100.0 + n - offset, 100.0 + n) for n in range(10)] == [0.0] * 10


@pytest.mark.parametrize("offset", [3600.0, -3600.0, 2.5])
def test_a_clock_that_is_off_is_corrected_once_and_steadily(offset: float) -> None:
    watch, delays = ClockWatch(), [0.01, 0.3, 30.0, 0.02, 1.0]
    seen = [watch.see(100.0 + n - offset, 100.0 + n + delay) for n, delay in enumerate(delays)]
    assert seen == [seen[0]] * 5
    assert seen[0] == pytest.approx(offset, abs=0.02)


def test_a_clock_that_is_set_right_is_noticed() -> None:
    watch = ClockWatch()
    watch.see(100.0, 3700.0)
    seen = [watch.see(3701.0 + n, 3701.0 + n) for n in range(6)]
    assert seen[-1] == 0.0


# -- points --------------------------------------------------------------------------------------------


@given(st.integers(1, 3000), st.floats(0.01, 60.0))
def test_points_stay_few_even_and_true(count: int, gap: float) -> None:
    points = Points()
    for n in range(count):
        points.add(n * gap, float(n), n * 2.0)
    kept = list(points)
    assert len(kept) <= MOST
    assert all(value == step * 2.0 and at == pytest.approx(step * gap) for at, step, value in kept)
    assert [at for at, _, _ in kept] == sorted({at for at, _, _ in kept})
    assert kept[0][1] == 0.0 and points.last == (count - 1) * 2.0
    if count > MOST:
        gaps = [after[0] - before[0] for before, after in itertools.pairwise(kept)]
        assert max(gaps) <= 2.1 * min(gaps), "evenly over the whole run"
        assert len(kept) >= MOST // 2 - 1
        assert kept[-1][1] >= (count - 1) * 0.98 - 1


def test_points_go_on_from_what_is_stored() -> None:
    points = Points([(float(n), float(n), float(n)) for n in range(MOST)])
    for n in range(MOST, MOST + 200):
        points.add(float(n), float(n), float(n))
    assert len(points) <= MOST and points.last == MOST + 199


@pytest.mark.parametrize(("count", "first", "last"), [(1, 0.0, 0.0), (20, 0.0, 19.0), (300, 0.0, 299.0)])
def test_a_spark_has_both_ends(count: int, first: float, last: float) -> None:
    spark = Points([(float(n), 0.0, float(n)) for n in range(count)]).spark()
    assert (spark[0], spark[-1], len(spark)) == (first, last, min(count, 20))


# -- speed and ETA -------------------------------------------------------------------------------------


def phases(*rows: tuple[float, str, float, float | None]) -> list[PhaseReport]:
    return [
        PhaseReport(key=f"p{n}", weight=weight, state=state, done=done, total=total)
        for n, (weight, state, done, total) in enumerate(rows)
    ]


def completions(items: list[PhaseReport]) -> dict[str, float]:
    from mixdesk.progress import completion

    return {item.key: completion(item.state, item.done, item.total) for item in items}


def test_steps_a_second_by_the_desks_clock() -> None:
    pace = Pace()
    assert pace.steps_per_second is None
    for n in range(100):
        pace.see(float(n), "p0", n / 100, n * 7)
    assert pace.steps_per_second == pytest.approx(7.0)
    pace.see(100.0, "p0", 0.0, 0)
    assert pace.steps_per_second is None, "another process began to count anew"


def test_a_pause_is_no_slowness() -> None:
    pace = Pace()
    for n in range(10):
        pace.see(float(n), "p0", n / 100, n)
    pace.rest()
    for n in range(10, 20):
        pace.see(1000.0 + n, "p0", n / 100, n)
    assert pace.active == pytest.approx(18.0)
    assert pace.rate() == pytest.approx(0.01, rel=0.2)


def test_the_eta_of_even_phases_is_exact() -> None:
    """p0 took 10 s for 10 points, p1 has 40 points at 1 % a second, p2 50 points more."""
    pace = Pace()
    for n in range(11):
        pace.see(float(n), "p0", n / 10, None)
    for n in range(21):
        pace.see(10.0 + n, "p1", n / 40, None)
    now = phases((10, "done", 1, 1), (40, "running", 20, 40), (50, "pending", 0, None))
    assert predict(now, completions(now), pace).seconds == pytest.approx(20.0 + 50.0, rel=0.05)


def test_an_eta_is_never_made_up() -> None:
    pace = Pace()
    pace.see(0.0, "p0", 0.0, None)
    pace.see(5.0, "p0", 0.0, None)
    started = phases((50, "running", 0, 10), (50, "pending", 0, None))
    assert predict(started, completions(started), pace).seconds is None, "nothing was gained yet"
    pace.see(10.0, "p0", 0.5, None)
    unknown = phases((50, "running", 5, None), (50, "pending", 0, None))
    assert predict(unknown, completions(unknown), pace).seconds is None, "the total is not known"
    known = phases((50, "running", 5, 10), (50, "pending", 0, None))
    assert predict(known, completions(known), pace).seconds is not None


def test_a_resumed_phase_is_measured_from_where_it_began() -> None:
    pace = Pace()
    for n in range(11):
        pace.see(float(n), "p0", 0.5 + n / 100, None)
    now = phases((100, "running", 60, 100))
    assert predict(now, completions(now), pace).seconds == pytest.approx(40.0, rel=0.05)


@pytest.mark.parametrize("first", ["skipped", "pending"])
def test_phases_that_were_passed_over_take_nothing(first: str) -> None:
    pace = Pace()
    for n in range(11):
        pace.see(float(n), "p1", n / 20, None)
    now = phases((90, first, 0, None), (10, "running", 10, 20))
    assert predict(now, completions(now), pace).seconds == pytest.approx(10.0, rel=0.05)


# -- scores --------------------------------------------------------------------------------------------


def test_a_perfect_run_scores_zero() -> None:
    progress = [(float(n), 0.0, float(n)) for n in range(100)]
    etas = [(float(n), 0.0, 100.0 - n) for n in range(100)]
    found = score(progress, etas, 0.0, 100.0)
    assert found is not None
    errors = {"progress_error", "eta_progress_error", "eta_error_10", "eta_error_50", "eta_error_90"}
    assert set(found) == errors | {"eta_known"}
    assert found["progress_error"] == pytest.approx(0.005, abs=0.001), "half a second of holding each value"
    assert found["eta_error_50"] == 0.0


def test_the_error_is_what_it_is() -> None:
    stuck = [(0.0, 0.0, 0.0), (50.0, 0.0, 50.0), (100.0, 0.0, 50.0)]
    found = score(stuck, [(0.0, 0.0, 200.0)], 0.0, 100.0)
    assert found is not None
    assert found["progress_error"] == pytest.approx(0.25)
    assert found["eta_error_50"] == pytest.approx(1.0), "it said 150 s where 50 s were left"
    assert found["eta_error_10"] == pytest.approx(1.0)


def test_a_run_without_an_eta_has_no_score_of_it() -> None:
    found = score([(float(n), 0.0, float(n)) for n in range(5)], [], 0.0, 5.0)
    assert found is not None and set(found) == {"progress_error"}
    assert score([(0.0, 0.0, 0.0)], [], 0.0, 100.0) is None
    assert score([(0.0, 0.0, 0.0)] * 5, [], 0.0, 0.5) is None


def test_numbers_that_are_none_travel_as_words() -> None:
    points = Points([(0.0, 0.0, math.nan), (1.0, 0.0, math.inf)])
    assert [wire.number(value) for value in points.spark()] == ["NaN", "Infinity"]


def test_what_was_gained_out_of_sight_is_no_speed() -> None:
    """A trainer that the desk lost for a while went on meanwhile."""
    pace = Pace()
    for n in range(11):
        pace.see(float(n), "p0", n / 100, None)
    pace.rest()
    for n in range(11):
        pace.see(500.0 + n, "p0", 0.6 + n / 100, None)
    assert pace.rate() == pytest.approx(0.01, rel=0.1)
    assert pace.spent["p0"] / (0.7 - pace.began["p0"]) == pytest.approx(100.0, rel=0.1)


def test_the_time_between_two_reports_belongs_to_the_place_before_an_edge() -> None:
    pace = Pace()
    pace.see(0.0, ">p0", 0.0, None)
    pace.see(4.0, "p0", 0.0, None)
    pace.see(10.0, ">p1", 0.0, None)
    pace.see(11.0, "p1", 0.0, None)
    assert pace.spent == pytest.approx({">p0": 4.0, "p0": 6.0, ">p1": 1.0})


def test_pauses_are_kept() -> None:
    pace = Pace()
    pace.see(0.0, "p0", 0.0, None)
    pace.pause(1000.0)
    pace.pause(1010.0)
    pace.wake(1060.0)
    pace.wake(1070.0)
    pace.see(70.0, "p0", 0.1, None)
    assert pace.known_pauses == [(1000.0, 1060.0)]
    pace.pause(1080.0)
    assert pace.known_pauses is None, "its end is not known"
    pace.wake(1090.0, late=True)
    assert pace.known_pauses is None, "nor when it was"
    assert pace.spent.get("p0", 0.0) == 0.0


# -- scores of what a reader sees ----------------------------------------------------------------------


def test_an_eta_counts_down_between_two_reports() -> None:
    """Said once, at the start, and right: whoever counts down sees the truth all the time."""
    found = score([(float(n), 0.0, float(n)) for n in range(100)], [(0.0, 0.0, 100.0)], 0.0, 100.0)
    assert found is not None
    assert found["eta_progress_error"] == 0.0 and found["eta_error_90"] == 0.0 and found["eta_known"] == 1.0


def test_an_eta_that_has_run_out_says_that_it_is_over() -> None:
    found = score([(float(n), 0.0, float(n)) for n in range(100)], [(0.0, 0.0, 50.0)], 0.0, 100.0)
    assert found is not None
    # t / 50 instead of t / 100 to half-time, 1 from there on: a quarter on average, twice
    assert found["eta_progress_error"] == pytest.approx(0.25, abs=0.001)
    assert found["eta_error_90"] == pytest.approx(0.1)


def test_a_pause_is_no_error() -> None:
    """Ten seconds of work, an hour's pause after five of them."""
    before = [(float(n), 0.0, 10.0 - n) for n in range(6)]
    after = [(3605.0 + n, 0.0, 5.0 - n) for n in range(1, 6)]
    progress = [(at, step, 10.0 * (10.0 - left)) for at, step, left in before + after]
    found = score(progress, before + after, 0.0, 3610.0, [(5.0, 3605.0)])
    assert found is not None
    assert found["eta_progress_error"] == pytest.approx(0.0, abs=1e-6)
    assert found["eta_error_90"] == pytest.approx(0.0, abs=1e-6) and found["progress_error"] < 0.06


def test_while_there_is_no_eta_there_is_no_error_of_it() -> None:
    etas = [(0.0, 0.0, 100.0), (20.0, 0.0, math.nan), (60.0, 0.0, 40.0)]
    found = score([(float(n), 0.0, float(n)) for n in range(100)], etas, 0.0, 100.0)
    assert found is not None
    assert found["eta_known"] == pytest.approx(0.6) and found["eta_progress_error"] == 0.0
    assert "eta_error_50" not in found
