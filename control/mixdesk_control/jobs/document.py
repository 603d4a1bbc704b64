"""The JSON of a job: the plan's JobProgress and what the contract adds. Pure.

Reported times are shown in the desk's clock.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import msgspec

from mixdesk import wire
from mixdesk.jobtypes import GENERATION_TYPES, JOB_TYPES, TRAINING_TYPES
from mixdesk.progress import completion
from mixdesk_control.jobs.clock import shown, shown_of
from mixdesk_control.jobs.gpu import GpuUse
from mixdesk_control.jobs.state import Job, State

NO_STEP = {"key": "", "label": "", "step_index": 0, "step_count": 0, "step_progress_percent": 0.0}


def job_progress(job: Job, gpu: GpuUse | None = None) -> dict[str, Any]:
    """`GET /jobs/{id}`."""
    state, report = job.state, job.state.report
    return {
        "job_id": state.job_id,
        "job_type": state.job_type,
        "status": state.status,
        "progress_percent": round(state.document.percent, 3),
        "current_step": _current_step(state),
        "details": _details(state, gpu),
        "log_stream": report.log_stream,
        "created_at": shown(state.created_at),
        "started_at": _time(state, report.started_at) or shown(state.document.started_at),
        "completed_at": _completed_at(state),
        "error": state.error,
        **_identity(state),
        **_speed(job),
        "metrics": _metrics(job),
        "phases": [_phase(state, phase) for phase in report.phases],
        "last_report_at": shown(state.last_report_at),
        "lost": state.lost,
        "resuming": report.resuming,
        "desired": state.intent.desired,
        "checkpoints": [_record(state, record) for record in reversed(state.document.checkpoints)],
        "revision": state.revision,
    }


def encoded(job: Job, gpu: GpuUse | None = None) -> bytes:
    """The same as bytes; made once a revision and reading of its GPUs, whoever asks."""
    of = job.state.revision, gpu
    if job.frame is None or job.frame[0] != of:
        job.frame = (of, msgspec.json.encode(job_progress(job, gpu)))
    return job.frame[1]


def _identity(state: State) -> dict[str, Any]:
    report = state.report
    return {
        "name": state.name,
        "version": report.version,
        "owner": state.owner,
        "host": report.host,
        "pid": report.pid,
        "attempt": report.attempt,
        "parent_id": state.parent_id,
        "trace_id": report.trace_id,
    }


def _speed(job: Job) -> dict[str, Any]:
    return {
        "eta_seconds": job.eta.seconds,
        "eta_low_seconds": job.eta.low,
        "eta_high_seconds": job.eta.high,
        "steps_per_second": None if job.state.is_final else job.pace.steps_per_second,
    }


def _time(state: State, text: str | None) -> str | None:
    return shown_of(text, state.clock_offset)


def _completed_at(state: State) -> str | None:
    if not state.is_final:
        return None
    return _time(state, state.report.completed_at) or shown(state.ended_at)


def current_phase(report: wire.Report) -> int | None:
    """The index of the phase to show: the running one, else the last that was begun, else the first."""
    if not report.phases:
        return None
    begun = [index for index, phase in enumerate(report.phases) if phase.state != "pending"]
    running = [index for index in begun if report.phases[index].state == "running"]
    return (running or begun[-1:] or [0])[0]


def _current_step(state: State) -> dict[str, Any]:
    index = current_phase(state.report)
    if index is None:
        return dict(NO_STEP)
    phase = state.report.phases[index]
    return {
        "key": phase.key,
        "label": phase.label,
        "step_index": index,
        "step_count": len(state.report.phases),
        "step_progress_percent": round(100.0 * _completion(phase), 3),
    }


def _completion(phase: wire.PhaseReport) -> float:
    return completion(phase.state, phase.done, phase.total)


def _phase(state: State, phase: wire.PhaseReport) -> dict[str, Any]:
    unknown = phase.state == "running" and phase.total is None
    return {
        "key": phase.key,
        "label": phase.label,
        "weight": phase.weight,
        "state": phase.state,
        "progress_percent": None if unknown else round(100.0 * _completion(phase), 3),
        "done": phase.done,
        "total": phase.total,
        "unit": phase.unit,
        "started_at": _time(state, phase.started_at),
        "ended_at": _time(state, phase.ended_at),
    }


def _details(state: State, gpu: GpuUse | None) -> dict[str, Any]:
    """The plan's details of the type, and its GPUs; an own type has the fields of training and of items both."""
    return {**_of_type(state, gpu), **_cards(gpu)}


def _of_type(state: State, gpu: GpuUse | None) -> dict[str, Any]:
    if state.job_type in TRAINING_TYPES:
        return {**_training(state), **_gpu(gpu)}
    if state.job_type in GENERATION_TYPES:
        return {"phase": _coarse_phase(state), "input_file": state.report.input_file, **_artifacts(state)}
    items = {**_counted(state), **_artifacts(state)}
    return items if state.job_type in JOB_TYPES else {**_training(state), **_gpu(gpu), **items}


def _coarse_phase(state: State) -> str | None:
    index = current_phase(state.report)
    if index is None:
        return None
    key = state.report.phases[index].key
    return next((step.phase for step in JOB_TYPES.get(state.job_type, ()) if step.key == key), key)


def _training(state: State) -> dict[str, Any]:
    report, saved = state.report, state.document.checkpoints
    return {
        "exp_name": state.name,
        "phase": _coarse_phase(state),
        "current_epoch": report.epoch or 0,
        "total_epochs": report.epochs or 0,
        "current_step": report.step or 0,
        "total_steps": report.steps or 0,
        "checkpoint_status": state.checkpoint_status,
        "checkpoint_error": report.checkpoint.error if report.checkpoint.status == "failed" else None,
        "last_checkpoint_at": _time(state, saved[-1].saved_at) if saved else None,
        "last_checkpoint_path": saved[-1].path if saved else None,
    }


def _gpu(gpu: GpuUse | None) -> dict[str, float]:
    """What is not read is not there, rather than 0."""
    shown = {} if gpu is None else {"gpu_utilization": gpu.utilization_percent, "vram_usage_mb": gpu.memory_mb}
    return {name: value for name, value in shown.items() if value is not None}


def _cards(gpu: GpuUse | None) -> dict[str, Any]:
    """As `_gpu`: left out where none is read."""
    if gpu is None or not gpu.cards:
        return {}
    return {"gpus": [{"gpu": card.gpu, "uuid": card.uuid, "used_mb": card.used_mb} for card in gpu.cards]}


def _counted(state: State) -> dict[str, Any]:
    index = current_phase(state.report)
    phase = None if index is None else state.report.phases[index]
    done, total = (0.0, None) if phase is None else (phase.done, phase.total)
    in_bytes = phase is not None and phase.unit == "bytes"
    return {
        "phase": _coarse_phase(state),
        "items_done": 0 if in_bytes else done,
        "items_total": None if in_bytes else total,
        "bytes_done": done if in_bytes else 0,
        "bytes_total": total if in_bytes else None,
    }


def _artifacts(state: State) -> dict[str, Any]:
    return {"output_artifacts": state.document.artifacts}


def _record(state: State, record: wire.CheckpointRecord) -> dict[str, Any]:
    return {
        "path": record.path,
        "epoch": record.epoch,
        "step": record.step,
        "size": record.size,
        "hash": record.hash,
        "saved_at": _time(state, record.saved_at),
        "verified": record.verified,
        "reason": record.reason,
    }


def _metrics(job: Job) -> dict[str, Any]:
    points = job.points
    return {
        name: {"value": value, "history": _numbers(points[name].spark()) if name in points else []}
        for name, value in job.state.report.metrics.items()
    }


def _numbers(values: Sequence[float]) -> Sequence[wire.Number]:
    return values if math.isfinite(sum(values)) else [wire.number(value) for value in values]
