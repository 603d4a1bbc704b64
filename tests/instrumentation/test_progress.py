"""The weighted sum: pure, monotone, 100 only at the end; and the job types it is summed over."""

from __future__ import annotations

import random
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixdesk.jobtypes import GENERATION_TYPES, JOB_TYPES, TRAINING_TYPES, steps_of
from mixdesk.outbox import Outbox
from mixdesk.progress import completion, percent, shown


@dataclass
class Facts:
    weight: float
    state: str = "pending"
    done: float = 0.0
    total: float | None = None


@pytest.mark.parametrize(
    ("state", "done", "total", "expected"),
    [
        ("pending", 5, 10, 0.0), ("running", 5, 10, 0.5), ("running", 15, 10, 1.0), ("running", -1, 10, 0.0),
        ("running", 5, None, 0.0), ("running", 5, 0, 0.0), ("done", 0, None, 1.0), ("skipped", 0, 10, 1.0),
        ("failed", 5, 10, 0.5), ("canceled", 5, 10, 0.5),
    ],
)  # fmt: skip
def test_completion(state: str, done: float, total: float | None, expected: float) -> None:
    assert completion(state, done, total) == expected


def test_the_plans_example() -> None:
    weights = {"preprocessing": 10, "f0_extraction": 15, "feature_extraction": 15, "training": 50}
    phases = [Facts(weight, "done") for weight in weights.values()]
    phases[-1] = Facts(50, "running", 120, 200)
    assert percent(phases) == pytest.approx(40 + 30)


@given(st.sampled_from(sorted(JOB_TYPES)), st.randoms(use_true_random=False), st.booleans())
def test_a_run_never_goes_down_and_ends_at_100(job_type: str, chance: random.Random, skips: bool) -> None:
    phases = [Facts(step.weight) for step in steps_of(job_type)]
    before = shown_before = 0.0
    for phase in phases:
        phase.state, phase.total = "running", chance.choice([None, 0.0, float(chance.randint(1, 50))])
        for _ in range(chance.randint(0, 20)):
            phase.done += chance.uniform(0, 5)
            now, visible = percent(phases), shown(percent(phases), shown_before, "running")
            assert before - 1e-9 <= now <= 100
            assert shown_before <= visible < 100
            before, shown_before = now, visible
        phase.state = "skipped" if skips and chance.random() < 0.3 else "done"
        before = percent(phases)
    assert percent(phases) == pytest.approx(100)
    assert shown(percent(phases), shown_before, "finalizing") < 100
    assert shown(percent(phases), shown_before, "succeeded") == 100


def test_what_is_shown_stays_where_a_phase_is_entered_again() -> None:
    assert shown(40.0, 55.0, "running") == 55.0
    assert shown(40.0, 55.0, "failed") == 55.0


def test_the_types_are_the_plans() -> None:
    assert {name: {step.key: step.weight for step in steps} for name, steps in JOB_TYPES.items()} == {
        "training_rvc": {
            "preprocessing": 10, "f0_extraction": 15, "feature_extraction": 15, "training": 50, "index_building": 5,
            "packaging": 5,
        },
        "training_fine_tune": {
            "preprocessing": 10, "feature_extraction": 20, "training": 55, "evaluation": 10, "packaging": 5,
        },
        **{
            name: {"input_prep": 5, "model_load": 15, "inference": 65, "postprocess": 10, "export": 5}
            for name in ("generate_song", "tts_generate", "voice_convert", "vocal_split")
        },
        "preprocess_audio": {"input_prep": 10, "preprocessing": 80, "export": 10},
        "download_model": {"resolve": 5, "download": 85, "verify": 10},
    }  # fmt: skip
    assert all(sum(step.weight for step in steps) == 100 for steps in JOB_TYPES.values())
    assert set(JOB_TYPES) >= TRAINING_TYPES | GENERATION_TYPES
    phases = {step.key: step.phase for step in JOB_TYPES["training_rvc"]}
    assert phases == {
        "preprocessing": "dataset_prep", "f0_extraction": "feature_extraction",
        "feature_extraction": "feature_extraction", "training": "training", "index_building": "packaging",
        "packaging": "packaging",
    }  # fmt: skip


@given(st.dictionaries(st.text(min_size=1, max_size=5), st.floats(0, 1e6), min_size=1, max_size=64))
def test_weights_of_ones_own_sum_to_100(weights: dict[str, float]) -> None:
    if sum(weights.values()) <= 1e-300:
        return
    steps = steps_of("own", weights)
    assert [step.key for step in steps] == list(weights)
    assert sum(step.weight for step in steps) == pytest.approx(100)


def test_known_steps_keep_their_labels_under_other_weights() -> None:
    first, second = steps_of("training_rvc", {"f0_extraction": 1, "sing": 3})
    assert (first.weight, first.label, first.phase) == (25.0, "Extracting pitch", "feature_extraction")
    assert (second.weight, second.label, second.phase) == (75.0, "Sing", "sing")


@pytest.mark.parametrize(
    "weights",
    [{}, {"a": 0}, {"a": -1, "b": 3}, {"a": float("nan")}, {"a": float("inf")}, {f"p{n}": 1 for n in range(65)}],
    ids=["none", "zero", "negative", "NaN", "infinite", "65"],
)
def test_weights_that_are_none(weights: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"weights of 'own'|'own' has 65 phases"):
        steps_of("own", weights)


# -- lists that grow -----------------------------------------------------------------------------------------


def test_an_outbox_tells_everything_in_time_and_stays_small() -> None:
    box: Outbox[tuple[str, int]] = Outbox(lambda item: item[0])
    for number in range(100):
        box.add((f"p{number}", number))
    told: set[str] = set()
    for _ in range(6):
        shown = box.shown()
        assert len(shown) <= 25
        assert shown[-1] == ("p99", 99)
        box.acknowledge(shown)
        told |= {path for path, _ in shown}
    assert len(told) == 100
    assert [path for path, _ in box.shown()] == ["p95", "p96", "p97", "p98", "p99"]


def test_an_outbox_keeps_the_newest_of_a_path() -> None:
    box: Outbox[tuple[str, int]] = Outbox(lambda item: item[0])
    for item in (("a", 1), ("b", 1), ("a", 2)):
        box.add(item)
    assert list(box) == [("b", 1), ("a", 2)]
    assert box.find("a") == ("a", 2)
    assert box.find("c") is None
