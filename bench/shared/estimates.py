"""What a reader of a progress display is told, by several ways to know it, and how true that was. Pure.

Times are seconds since the job began. An error of progress is |elapsed / (elapsed + ETA) - elapsed / T| in points of
percent, one of an ETA |ETA - (T - elapsed)| / T in percent. Between two words of the display its ETA counts down.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

SMOOTHING = 0.3  # of tqdm
WEIGHED_PHASE = "training"
PARTS = (10, 50, 90)

Sample = dict[str, Any]  # at, percent, eta, low, high, and loop: [done, total] of the training loop while it runs
Estimate = Callable[[Sequence[Sample], Sequence[float]], list[float | None]]


@dataclass(frozen=True, slots=True)
class Score:
    """How true one way was over one run; None where it never had an ETA."""

    progress: float | None
    worst: float | None
    eta: float | None
    parts: tuple[float | None, ...]
    unknown: float


def mixdesk(samples: Sequence[Sample], _before: Sequence[float]) -> list[float | None]:
    """What the desk says."""
    return [sample["eta"] for sample in samples]


def fixed_weights(samples: Sequence[Sample], _before: Sequence[float]) -> list[float | None]:
    """The weighted percentage, taken for the part of the time that has passed."""
    return [
        sample["at"] * (100.0 - sample["percent"]) / sample["percent"] if sample["percent"] > 0 else None
        for sample in samples
    ]


def tqdm_like(samples: Sequence[Sample], _before: Sequence[float]) -> list[float | None]:
    """The training loop alone: what is left of it at its smoothed rate, as tqdm has it; nothing outside the loop."""
    said: list[float | None] = []
    rate: float | None = None
    last: tuple[float, float] | None = None
    for sample in samples:
        if sample["loop"] is None:
            said.append(None)
            continue
        done, total = sample["loop"]
        if last is not None and done > last[1] and sample["at"] > last[0]:
            seen = (done - last[1]) / (sample["at"] - last[0])
            rate = seen if rate is None else SMOOTHING * seen + (1 - SMOOTHING) * rate
        if last is None or done > last[1]:
            last = (sample["at"], done)
        said.append(None if rate is None or total is None else max(total - done, 0.0) / rate)
    return said


def mean_of_three(samples: Sequence[Sample], before: Sequence[float]) -> list[float | None]:
    """The mean duration of the last three runs, as Jenkins has it."""
    if not before:
        return [None] * len(samples)
    return [max(fmean(before[-3:]) - sample["at"], 0.0) for sample in samples]


WAYS: dict[str, Estimate] = {
    "fixed weights": fixed_weights,
    "tqdm-like, training loop alone": tqdm_like,
    "mean of the last three totals": mean_of_three,
    "Mixdesk": mixdesk,
}


def scored(samples: Sequence[Sample], etas: Sequence[float | None], duration: float) -> Score:
    """The errors of one way over one run, each sample counting alike."""
    told = [(sample["at"], eta) for sample, eta in zip(samples, etas, strict=True) if eta is not None]
    if not told:
        return Score(None, None, None, (None,) * len(PARTS), 1.0)
    progress = [100 * abs(_share(at, eta) - at / duration) for at, eta in told]
    errors = [100 * abs(eta - (duration - at)) / duration for at, eta in told]
    parts = tuple(_at(samples, etas, duration * part / 100, duration) for part in PARTS)
    return Score(fmean(progress), max(progress), fmean(errors), parts, 1.0 - len(told) / len(samples))


def _share(elapsed: float, left: float) -> float:
    return elapsed / (elapsed + left) if elapsed + left > 0 else 0.0


def _at(samples: Sequence[Sample], etas: Sequence[float | None], at: float, duration: float) -> float | None:
    before = [index for index, sample in enumerate(samples) if sample["at"] <= at]
    if not before or etas[before[-1]] is None:
        return None
    said_at, eta = samples[before[-1]]["at"], etas[before[-1]]
    assert eta is not None
    return 100 * abs(max(eta - (at - said_at), 0.0) - (duration - at)) / duration


def covered(samples: Iterable[Sample], duration: float) -> list[bool]:
    """For each sample with a band, whether the truth was within it."""
    return [
        sample["low"] <= duration - sample["at"] <= sample["high"] for sample in samples if sample["low"] is not None
    ]


def rows(runs: Sequence[dict[str, Any]], learning: int) -> Iterator[list[str]]:
    """One line of the table a way, over all runs but the first `learning`."""
    durations = [float(run["duration"]) for run in runs]
    for name, way in WAYS.items():
        scores = [
            scored(run["samples"], way(run["samples"], durations[:index]), durations[index])
            for index, run in enumerate(runs)
            if index >= learning
        ]
        bands = [hit for run in runs[learning:] for hit in covered(run["samples"], run["duration"])]
        yield _row(name, scores, f"{100 * fmean(bands):.0f} %" if way is mixdesk and bands else "")


def _row(name: str, scores: Sequence[Score], coverage: str) -> list[str]:
    progress = sorted(score.progress for score in scores if score.progress is not None)
    worst = [score.worst for score in scores if score.worst is not None]
    etas = [score.eta for score in scores if score.eta is not None]
    parts = [[value for score in scores if (value := score.parts[index]) is not None] for index in range(len(PARTS))]
    return [
        name,
        f"{fmean(progress):.1f} ({progress[min(int(0.95 * len(progress)), len(progress) - 1)]:.1f})"
        if progress
        else "",
        f"{max(worst):.1f}" if worst else "",
        f"{fmean(etas):.1f} %" if etas else "",
        " / ".join(f"{fmean(part):.1f}" if part else "-" for part in parts) + " %",
        f"{100 * fmean(score.unknown for score in scores):.0f} %",
        coverage,
    ]


HEADER = [
    "what is shown", "progress off by, points (p95)", "worst", "ETA off by", "at 10 / 50 / 90 %", "no ETA", "in band",
]  # fmt: skip
