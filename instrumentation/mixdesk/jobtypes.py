"""The job types of the plan as data: their steps, weights, labels and phases."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

MAX_PHASES = 64


@dataclass(frozen=True)
class Step:
    """One weighted step of a job type.

    key     stable identifier, `current_step.key` in a report
    weight  share of the whole job in percent; the weights of a type sum to 100
    label   what people read
    phase   the plan's coarser `details.phase`
    """

    key: str
    weight: float
    label: str
    phase: str


def _steps(*rows: tuple[str, float, str] | tuple[str, float, str, str]) -> tuple[Step, ...]:
    return tuple(Step(row[0], float(row[1]), row[2], row[3] if len(row) > 3 else row[0]) for row in rows)


_GENERATION = _steps(
    ("input_prep", 5, "Preparing input"),
    ("model_load", 15, "Loading model"),
    ("inference", 65, "Inference"),
    ("postprocess", 10, "Post-processing"),
    ("export", 5, "Exporting"),
)

JOB_TYPES: Mapping[str, tuple[Step, ...]] = {
    "training_rvc": _steps(
        ("preprocessing", 10, "Preprocessing audio", "dataset_prep"),
        ("f0_extraction", 15, "Extracting pitch", "feature_extraction"),
        ("feature_extraction", 15, "Extracting features", "feature_extraction"),
        ("training", 50, "Training", "training"),
        ("index_building", 5, "Building index", "packaging"),
        ("packaging", 5, "Packaging", "packaging"),
    ),
    "training_fine_tune": _steps(
        ("preprocessing", 10, "Preprocessing data", "dataset_prep"),
        ("feature_extraction", 20, "Extracting features", "feature_extraction"),
        ("training", 55, "Training", "training"),
        ("evaluation", 10, "Evaluating", "evaluation"),
        ("packaging", 5, "Packaging", "packaging"),
    ),
    "generate_song": _GENERATION,
    "tts_generate": _GENERATION,
    "voice_convert": _GENERATION,
    "vocal_split": _GENERATION,
    "preprocess_audio": _steps(
        ("input_prep", 10, "Preparing input"),
        ("preprocessing", 80, "Preprocessing audio"),
        ("export", 10, "Exporting"),
    ),
    "download_model": _steps(
        ("resolve", 5, "Resolving"),
        ("download", 85, "Downloading"),
        ("verify", 10, "Verifying"),
    ),
}

TRAINING_TYPES = frozenset({"training_rvc", "training_fine_tune"})
GENERATION_TYPES = frozenset({"generate_song", "tts_generate", "voice_convert", "vocal_split"})


def steps_of(job_type: str, weights: Mapping[str, float] | None = None) -> tuple[Step, ...]:
    """The steps of a type; with `weights` ({key: weight}) the same or an own type with these weights.

    Weights are scaled to sum to 100. Raises ValueError where a weight is negative or all are zero, where there are
    more than MAX_PHASES of them, and where `weights` is missing for a type that is not known.
    """
    known = JOB_TYPES.get(job_type, ())
    if weights is None:
        if not known:
            types = ", ".join(JOB_TYPES)
            msg = f"job type {job_type!r} is not known: pass weights={{key: weight, ...}}, or use one of {types}"
            raise ValueError(msg)
        return known
    numbers = {str(key): float(weight) for key, weight in weights.items()}
    total = sum(numbers.values())
    if not 0 < total < math.inf or any(weight < 0 for weight in numbers.values()):
        msg = f"weights of {job_type!r} must be finite, 0 or more and not all 0, got {dict(weights)!r}"
        raise ValueError(msg)
    if len(numbers) > MAX_PHASES:
        msg = f"{job_type!r} has {len(numbers)} phases: {MAX_PHASES} are the most"
        raise ValueError(msg)
    by_key = {step.key: step for step in known}
    return tuple(_weighted(by_key.get(key), key, weight * 100.0 / total) for key, weight in numbers.items())


def _weighted(step: Step | None, key: str, weight: float) -> Step:
    if step is None:
        return Step(key, weight, key.replace("_", " ").capitalize(), key)
    return Step(key, weight, step.label, step.phase)
