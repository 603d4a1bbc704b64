"""The weighted phases of a job, as far as its JSON tells them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

PENDING, RUNNING, DONE = "pending", "running", "done"


@dataclass(frozen=True, slots=True)
class Phase:
    """One phase: weight in percent of the job, percent done of itself (None while its total is unknown)."""

    key: str
    label: str
    weight: float
    state: str
    percent: float | None
    done: float = 0.0
    total: float | None = None
    unit: str = ""
    started_at: str | None = None
    ended_at: str | None = None


def phases_of(job: dict[str, Any]) -> list[Phase]:
    """The job's own phases where the desk sends them; else those of its type, placed by `current_step`."""
    if job.get("phases"):
        return [_sent(phase) for phase in job["phases"]]
    # A queued job has none yet.
    from mixdesk.jobtypes import JOB_TYPES

    step = job.get("current_step") or {}
    steps = JOB_TYPES.get(job["job_type"], ())
    if not steps and step.get("key"):
        return [Phase(step["key"], step.get("label", step["key"]), 100.0, RUNNING, step.get("step_progress_percent"))]
    at = _position(job, step, len(steps))
    return [_placed(entry.key, entry.label, entry.weight, index - at, step) for index, entry in enumerate(steps)]


def _sent(phase: dict[str, Any]) -> Phase:
    return Phase(
        phase["key"],
        phase["label"] or phase["key"],
        float(phase["weight"]),
        phase["state"],
        phase["progress_percent"],
        float(phase["done"]),
        phase["total"],
        phase["unit"],
        phase["started_at"],
        phase["ended_at"],
    )


def _position(job: dict[str, Any], step: dict[str, Any], count: int) -> int:
    """The index of the phase in progress: all are done at the end, none has begun before the start."""
    if job["status"] == "succeeded":
        return count
    if job["status"] == "queued" or not step:
        return -1
    return int(step.get("step_index", 0))


def _placed(key: str, label: str, weight: float, after: int, step: dict[str, Any]) -> Phase:
    """A phase that lies `after` phases behind the one in progress."""
    if after == 0:
        return Phase(key, label, weight, RUNNING, step.get("step_progress_percent"))
    return Phase(key, label, weight, DONE if after < 0 else PENDING, 100.0 if after < 0 else 0.0)
