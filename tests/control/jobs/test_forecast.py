"""What a desk says of a job's end once it has seen others of its type: seeded jobs in simulated time. Pure."""

from __future__ import annotations

import math
import random
from statistics import fmean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from simulated import BEGAN, GAP_S, Plan, by_history, by_weights, learn, off_by, reports, said, voice, weights_off_by

from mixdesk import wire
from mixdesk.progress import completion
from mixdesk.wire import PhaseReport
from mixdesk_control.jobs import work
from mixdesk_control.jobs.drift import Shared
from mixdesk_control.jobs.forecast import forecast
from mixdesk_control.jobs.learned import LAST_RUNS, History, Run, Took, robust
from mixdesk_control.jobs.outlook import Outlook
from mixdesk_control.jobs.pace import Pace
from mixdesk_control.jobs.work import Amount

SIZES = (100.0, 200.0, 400.0)


def taught(chance: random.Random, runs: int, *, noise: float = 0.0, host: str = "box") -> History:
    history = History()
    for _ in range(runs):
        learn(history, voice(chance, chance.choice(SIZES), chance.choice((3, 6, 12)), noise=noise), host=host)
    return history


def errors(found: list[tuple[float, object, float]], plan: Plan) -> dict[float, float]:
    return {at: abs(eta.seconds - (plan.duration - at)) / plan.duration for at, eta, _ in found}  # type: ignore[attr-defined]


# -- how true it is ------------------------------------------------------------------------------------


def test_a_job_like_the_last_ones_is_known_from_its_start() -> None:
    chance = random.Random(1)
    plan = voice(chance, 250.0, 5)
    found = said(plan, by_history(taught(chance, 3)))
    assert found[0][0] == 0.0 and found[0][1].seconds == pytest.approx(plan.duration, rel=0.01), "at `starting` already"
    assert max(errors(found, plan).values()) < 0.01
    assert found[-1][1].seconds == pytest.approx(0.0, abs=0.1)


def test_after_three_runs_it_is_far_better_than_the_weights() -> None:
    chance, learned, weighed = random.Random(2), [], []
    history = taught(chance, 3, noise=0.05)
    for _ in range(20):
        plan = voice(chance, chance.choice(SIZES), chance.choice((3, 6, 12)), noise=0.05)
        found = said(plan, by_history(history))
        learned.append(off_by(plan, found))
        weighed.append(weights_off_by(plan, found))
        learn(history, plan)
    assert fmean(learned) < 2.0, learned
    assert fmean(weighed) > 8 * fmean(learned)


def test_one_run_is_a_beginning() -> None:
    chance = random.Random(3)
    history, plan = taught(chance, 1), voice(chance, 300.0, 4)
    assert off_by(plan, said(plan, by_history(history))) < off_by(plan, said(plan, by_weights)) / 4


def test_without_any_run_it_is_what_speed_and_weights_say() -> None:
    plan = voice(random.Random(4), 300.0, 4)
    cold = said(plan, by_history(History()))
    assert [eta for _, eta, _ in cold] == [eta for _, eta, _ in said(plan, by_weights)]
    assert cold[0][1].seconds is None, "never made up"


def test_a_machine_that_is_slower_today_is_noticed() -> None:
    chance = random.Random(5)
    history, plan = taught(chance, 5), voice(chance, 300.0, 6, slow=2.0)
    found = said(plan, by_history(history))
    begins = GAP_S * 4 + sum(plan.seconds[key] for key in ("preprocessing", "f0_extraction", "feature_extraction"))
    late = [error for at, error in errors(found, plan).items() if at > begins + 0.2 * plan.seconds["training"]]
    assert max(late) < 0.12, "once a fifth of the training is done"
    assert found[0][1].seconds == pytest.approx(plan.duration / 2, rel=0.05)


@pytest.mark.parametrize(("busy", "better"), [(0.4, 0.7), (0.0, 1.02)], ids=["load that comes and goes", "quiet"])
def test_a_run_that_is_late_so_far_goes_on_so(busy: float, better: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a machine whose load comes and goes the first phases foretell the others; on a quiet one they do no harm."""

    def mean_error() -> float:
        chance, found = random.Random(16), []
        history = History()
        for number in range(40):
            slow = math.exp(chance.gauss(0.0, busy))
            plan = voice(chance, chance.choice(SIZES), chance.choice((3, 6)), noise=0.04, slow=slow)
            if number >= 5:
                found.append(off_by(plan, said(plan, by_history(history))))
            learn(history, plan)
        return fmean(found)

    with_drift = mean_error()
    monkeypatch.setattr(Shared, "factor", lambda self, late: 1.0)
    assert with_drift < better * mean_error()


def test_runs_of_this_host_count_before_those_of_others() -> None:
    chance = random.Random(6)
    history = taught(chance, 5, host="slow box")
    for _ in range(2):
        learn(history, voice(chance, 200.0, 5, slow=0.25), host="fast box")
    plan = voice(chance, 300.0, 4, slow=0.25)
    known = said(plan, by_history(history, host="fast box"))[0][1].seconds
    assert known == pytest.approx(plan.duration, rel=0.05)
    elsewhere = said(plan, by_history(history, host="new box"))[0][1].seconds
    assert elsewhere is not None, "other hosts say something where this one has no run yet"


# -- what is odd about a run ---------------------------------------------------------------------------


def test_a_coarse_phase_goes_on_between_its_reports() -> None:
    """Packaging tells 0, a half and 1; most of the time is in it."""
    history = History()
    for _ in range(3):
        learn(history, Plan({"training": 10.0, "packaging": 100.0}, {"training": 10.0, "packaging": 1.0}))
    plan = Plan({"training": 10.0, "packaging": 100.0}, {"training": 10.0, "packaging": 1.0}, steps={"packaging": 2})
    assert max(errors(said(plan, by_history(history)), plan).values()) < 0.01
    silent = Plan({"training": 10.0, "packaging": 100.0}, {"training": 10.0, "packaging": None})
    assert max(errors(said(silent, by_history(history)), silent).values()) < 0.01


def test_what_takes_longer_than_ever_ends_never_below_zero() -> None:
    history = History()
    for _ in range(3):
        learn(history, Plan({"packaging": 10.0}, {"packaging": None}))
    found = said(Plan({"packaging": 100.0}, {"packaging": None}), by_history(history))
    assert all(eta.seconds is not None and eta.seconds >= 0 for _, eta, _ in found)
    assert all(eta.seconds > 0 for at, eta, _ in found if GAP_S < at < 103.0), "it is not over"


def test_a_resumed_job_takes_what_is_left() -> None:
    chance = random.Random(7)
    history, plan = taught(chance, 3), voice(chance, 300.0, 6)
    first = ("preprocessing", "f0_extraction", "feature_extraction")
    plan.skipped, plan.began = first, {"training": 0.75}
    plan.seconds["training"] *= 0.25
    found = said(plan, by_history(history, resumed=True))
    begins = next(at for at, _, _ in found if at >= GAP_S)
    assert max(error for at, error in errors(found, plan).items() if at >= begins) < 0.05


def test_a_resumed_run_teaches_its_own_part_alone() -> None:
    chance = random.Random(8)
    history, part = History(), voice(chance, 300.0, 6)
    part.skipped, part.began = ("preprocessing", "f0_extraction", "feature_extraction"), {"training": 0.75}
    part.seconds["training"] *= 0.25
    learn(history, part, resumed=True)
    took = history.lately[0].places["training"]
    assert took.amount.units == pytest.approx(300.0 * 6 * 0.25)
    plan = voice(chance, 300.0, 6)
    whole = plan.seconds["training"]
    guessed = Outlook(history, "box", False).of_phase(PhaseReport(key="training", total=1800.0))
    assert guessed is not None and guessed.seconds == pytest.approx(whole, rel=0.01)


def test_a_run_whose_work_was_cached_does_little_harm() -> None:
    chance = random.Random(9)
    history = taught(chance, 3)
    cached = voice(chance, 300.0, 6)
    for key in ("preprocessing", "f0_extraction", "feature_extraction"):
        cached.seconds[key] = 0.01
    learn(history, cached)
    learn(history, voice(chance, 200.0, 4))
    plan = voice(chance, 300.0, 4)
    assert said(plan, by_history(history))[0][1].seconds == pytest.approx(plan.duration, rel=0.03)


def test_phases_that_are_skipped_and_passed_over_take_no_time() -> None:
    chance = random.Random(10)
    history, plan = taught(chance, 3), voice(chance, 300.0, 4)
    plan.skipped = ("f0_extraction",)
    found = said(plan, by_history(history))
    after = [error for at, error in errors(found, plan).items() if at > plan.seconds["preprocessing"] + 2 * GAP_S]
    assert max(after) < 0.02


def test_a_phase_within_another_is_part_of_it() -> None:
    """An evaluation in each epoch: its time is the training's, and is not counted twice."""
    report = wire.Report(job_id="j", job_key="k", job_type="t", seq=1, status=wire.SUCCEEDED)
    at = lambda seconds: wire.now_text(BEGAN + seconds)  # noqa: E731
    report.started_at, report.completed_at = at(0), at(110)
    report.phases = [
        PhaseReport(key="training", state="done", done=5, total=5, started_at=at(0), ended_at=at(100)),
        PhaseReport(key="evaluation", state="done", done=9, total=9, started_at=at(15), ended_at=at(99)),
        PhaseReport(key="packaging", state="done", started_at=at(102), ended_at=at(109)),
    ]
    spent = {item.place: item.seconds for item in work.spent(report, [(BEGAN + 103, BEGAN + 106)])}
    want = {">training": 0.0, "training": 100.0, ">packaging": 2.0, "packaging": 4.0, work.AFTER_ALL: 1.0}
    assert spent == pytest.approx(want), "a pause of three seconds is left out of packaging"
    report.phases[0].state = report.phases[1].state = "running"
    assert work.place_of(report.phases) == ("training", 0)


@pytest.mark.parametrize("told", [True, False], ids=["with job.expect", "from the size of the data"])
def test_phases_to_come_whose_total_nobody_knows_yet(told: bool) -> None:
    """Totals come when a phase begins; until then what was expected counts, else how large the job is."""
    chance, history = random.Random(11), History()
    for size in (100.0, 400.0, 200.0):
        plan = voice(chance, size, 5)
        plan.expected = plan.expected if told else {"preprocessing": size}
        learn(history, plan)
    plan = voice(chance, 300.0, 5)
    plan.expected = plan.expected if told else {"preprocessing": 300.0}
    assert said(plan, by_history(history))[0][1].seconds == pytest.approx(plan.duration, rel=0.03)


def test_what_is_expected_need_only_be_in_proportion() -> None:
    """A trainer that always expects a third too much is understood after its first run."""
    chance, history = random.Random(12), History()
    for size in (100.0, 400.0, 200.0):
        plan = voice(chance, size, 5)
        plan.expected = {key: 1.33 * value for key, value in plan.expected.items()}
        learn(history, plan)
    plan = voice(chance, 300.0, 7)
    plan.expected = {key: 1.33 * value for key, value in plan.expected.items()}
    assert said(plan, by_history(history))[0][1].seconds == pytest.approx(plan.duration, rel=0.03)


def test_a_unit_that_has_changed_is_no_measure() -> None:
    def run(unit: str, units: float) -> Run:
        return Run("box", False, {"preprocessing": Took(10.0, Amount(units, unit))})

    history = History()
    for _ in range(3):
        history.add(run("clips", 50.0))
    phase = PhaseReport(key="preprocessing", total=500.0, unit="seconds")
    found = Outlook(history, "box", False).of_phase(phase)
    assert found is not None and found.seconds == pytest.approx(10.0)


def test_epochs_are_counted_in_steps() -> None:
    phase = PhaseReport(key="training", total=10.0, done=2.0, unit="epochs", work=1200.0, state="running")
    assert work.amount_of(phase) == Amount(1200.0, "steps", None)
    assert work.amount_of(PhaseReport(key="training", unit="epochs", total=10.0)) == Amount(10.0, "epochs", None)


# -- the band ------------------------------------------------------------------------------------------


def test_a_band_needs_three_runs() -> None:
    chance = random.Random(13)
    history, plan = taught(chance, 2, noise=0.1), voice(chance, 300.0, 4)
    assert said(plan, by_history(history))[0][1].low is None
    learn(history, voice(chance, 200.0, 4, noise=0.1))
    first = said(plan, by_history(history))[0][1]
    assert first.low is not None and first.high is not None and first.seconds is not None
    assert 0 < first.low < first.seconds < first.high


def test_the_band_holds_about_four_of_five() -> None:
    chance, hits = random.Random(14), []
    history = taught(chance, 5, noise=0.15)
    for _ in range(120):
        plan = voice(chance, chance.choice(SIZES), chance.choice((3, 6, 12)), noise=0.15)
        _, eta, _ = said(plan, by_history(history), every_s=1e9)[0]
        hits.append(eta.low <= plan.duration <= eta.high)  # type: ignore[operator]
        learn(history, plan)
    assert 0.65 < fmean(hits) < 0.95, fmean(hits)


def test_the_band_shrinks_with_what_is_done() -> None:
    chance = random.Random(15)
    history, plan = taught(chance, 5, noise=0.1), voice(chance, 300.0, 6)
    widths = [(at, eta.high - eta.low) for at, eta, _ in said(plan, by_history(history)) if eta.high is not None]
    assert widths[-1][1] < 0.1 * widths[0][1]


# -- whatever comes ------------------------------------------------------------------------------------

numbers = st.sampled_from([0.0, 1e-9, 1.0, 7.5, 1e12, 1e300])
places = st.builds(Took, numbers, st.builds(Amount, st.none() | numbers.filter(bool), st.just("items"), st.none()))
by_place = st.fixed_dictionaries({}, optional=dict.fromkeys(("a", "b", ">a", ">b", ">"), places))
runs = st.builds(Run, st.none() | st.just("box"), st.booleans(), by_place)
states = st.sampled_from(wire.PHASE_STATES)


@settings(max_examples=200, deadline=None)
@given(st.lists(runs, max_size=6), st.lists(st.tuples(states, states, numbers, numbers), min_size=1, max_size=8))
def test_an_eta_is_finite_and_never_negative(past: list[Run], seen: list[tuple[str, str, float, float]]) -> None:
    history = History()
    for run in past:
        history.add(run)
    outlook, pace = Outlook(history, "box", False), Pace()
    for second, (first, then, done, total) in enumerate(seen):
        phases = [
            PhaseReport(key="a", weight=50, state=first, done=done, total=total or None),
            PhaseReport(key="b", weight=50, state=then, done=total, total=done or None),
        ]
        completions = {item.key: completion(item.state, item.done, item.total) for item in phases}
        place, index = work.place_of(phases)
        pace.see(float(second), place, 0.0 if index is None else completions[place], second)
        eta = forecast(phases, completions, pace, outlook)
        if eta.seconds is not None:
            assert 0 <= eta.seconds < math.inf
        if eta.low is not None:
            assert eta.seconds is not None and eta.high is not None
            assert 0 <= eta.low <= eta.seconds <= eta.high < math.inf


def test_only_the_last_runs_are_kept() -> None:
    history = History()
    for number in range(500):
        history.add(Run(f"host-{number}", False, {"a": Took(1.0, Amount())}))
    assert len(history.hosts) <= 64 and len(history.of("a", "elsewhere", False)) == LAST_RUNS


def test_a_mean_of_logarithms_is_not_led_astray_by_one() -> None:
    mean, scatter = robust([0.0, 0.01, -0.01, 0.0, -7.0])
    assert -0.1 < mean < 0.0 and scatter < 0.25


def test_the_reports_of_the_simulation_are_those_of_a_run() -> None:
    plan = voice(random.Random(0), 100.0, 3)
    (*_, (end, report)) = reports(plan)
    assert end == pytest.approx(plan.duration)
    assert sum(item.seconds for item in work.spent(report, {})) == pytest.approx(plan.duration, abs=0.01)
