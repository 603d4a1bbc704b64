"""`GET /jobs/{id}/history`: what happened to a job, when, and how its numbers went."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mixdesk import wire
from mixdesk_control.jobs import ending
from mixdesk_control.jobs.clock import corrected, moment, shown
from mixdesk_control.jobs.names import ETA, PROGRESS
from mixdesk_control.jobs.points import Points
from mixdesk_control.jobs.state import Job, State


def history(job: Job, stored: Mapping[str, list[Any]]) -> dict[str, Any]:
    """The JSON of a job's history; `stored` as `queries.load_history` reads it. Pure."""
    state, times = job.state, dict(stored["times"])
    # Of a job that is over, memory keeps what its JSON shows; the store has all of it.
    points = (dict(stored["points"]) or job.points) if state.is_final else job.points
    return {
        "job_id": state.job_id,
        "transitions": [
            {"at": shown(item.at), "before": item.before, "after": item.after, "reason": item.reason}
            for item in stored["transitions"]
        ],
        "phases": [_phase(state, phase, times) for phase in state.report.phases],
        "checkpoints": [_checkpoint(row) for row in stored["checkpoints"]],
        "scores": stored["scores"][0] if stored["scores"] else None,
        "points": {name: _points(found) for name, found in points.items() if not name.startswith(".")},
        "progress": _points(points.get(PROGRESS, Points())),
        "eta": _points(points.get(ETA, Points())),
    }


def _phase(state: State, phase: wire.PhaseReport, seconds: Mapping[str, float]) -> dict[str, Any]:
    """`seconds` by phase, pauses left out, are known of a job that has succeeded."""
    times = {name: shown(corrected(moment(getattr(phase, name)), state.clock_offset)) for name in _TIMES}
    plain = {
        name: getattr(phase, name) for name in ("key", "label", "weight", "state", "done", "total", "unit", "work")
    }
    return {**plain, **times, "seconds": seconds.get(phase.key, ending.duration(phase))}


_TIMES = ("started_at", "ended_at")


def _checkpoint(row: Mapping[str, Any]) -> dict[str, Any]:
    plain = {name: row[name] for name in ("path", "epoch", "step", "size", "hash", "verified", "reason")}
    return plain | {name: shown(row[name]) for name in ("saved_at", "started_at")}


def _points(points: Points) -> list[dict[str, Any]]:
    return [{"at": shown(at), "step": step, "value": wire.number(value)} for at, step, value in points]
