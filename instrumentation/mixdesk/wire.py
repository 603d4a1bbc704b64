"""What a trainer and the desk say to each other: the report and the desired state, as data and as JSON.

Times are RFC 3339 texts in UTC, sizes bytes. Unknown fields are ignored on both sides. Non-finite
numbers travel as "NaN", "Infinity" and "-Infinity", because JSON has no others.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import datetime, timezone
from typing import Any

VERSION = 1

QUEUED, STARTING, RUNNING, PAUSED, FINALIZING = "queued", "starting", "running", "paused", "finalizing"
SUCCEEDED, FAILED, CANCELED = "succeeded", "failed", "canceled"
OPEN_STATUSES = (QUEUED, STARTING, RUNNING, PAUSED, FINALIZING)
FINAL_STATUSES = (SUCCEEDED, FAILED, CANCELED)
STATUSES = OPEN_STATUSES + FINAL_STATUSES

PHASE_STATES = ("pending", "running", "done", "skipped", "failed", "canceled")
CHECKPOINT_STATUSES = ("idle", "requested", "saving", "saved", "failed")

Number = float | str  # a finite number, or one of NON_FINITE
NON_FINITE = ("NaN", "Infinity", "-Infinity")


@dataclass(slots=True, kw_only=True)
class PhaseReport:
    """One weighted phase: `state` is one of PHASE_STATES, `weight` percent, `done` of `total` in `unit`s.

    began     what was done when this attempt entered it
    work      optimizer steps of all of it, where `unit` is epochs
    expected  how much work it was said to be (`job.expect`), in a unit of the trainer's own
    """

    key: str
    label: str = ""
    weight: float = 0.0
    state: str = "pending"
    done: float = 0.0
    total: float | None = None
    unit: str = "items"
    started_at: str | None = None
    ended_at: str | None = None
    span_id: str | None = None
    began: float = 0.0
    work: float | None = None
    expected: float | None = None


@dataclass(slots=True, kw_only=True)
class CheckpointRecord:
    """One saved checkpoint: size in bytes, hash xxh3-128 in hex, `reason` automatic, requested, final or manual.

    `generation` is the newest request that it answers; None for one nobody asked for.
    """

    path: str
    epoch: int = 0
    step: int = 0
    size: int = 0
    hash: str = ""
    saved_at: str | None = None
    verified: bool = True
    reason: str = "automatic"
    started_at: str | None = None
    span_id: str | None = None
    generation: int | None = None


@dataclass(slots=True, kw_only=True)
class CheckpointState:
    """How saving stands. `generation` is the request it belongs to, 0 for one nobody asked for."""

    status: str = "idle"
    generation: int = 0
    error: str | None = None
    last: CheckpointRecord | None = None


@dataclass(slots=True, kw_only=True)
class Artifact:
    """One output of a job (the plan's `output_artifacts`)."""

    type: str
    path: str
    url: str | None = None


@dataclass(slots=True, kw_only=True)
class Observed:
    """The generations a trainer has acted on; how the checkpoint went: saved, failed (`error`: why), moot or None."""

    run: int = 0
    checkpoint: int = 0
    outcome: str | None = None
    error: str | None = None


@dataclass(slots=True, kw_only=True)
class Report:
    """The whole state of a job as its trainer knows it; `seq` grows with each one, so the newest wins.

    `epoch`, `epochs`, `step`, `steps` are the plan's current_epoch (1-based), total_epochs, current_step and
    total_steps (within the epoch); `run_step` counts over all attempts, `attempt_steps` from 0.
    `pid_start` is field 22 of /proc/self/stat. `leaving`: a process of the job has left on request, the next is to.
    `own_spans`: the trainer has begun to emit the spans itself, a desk that hears of it later is not to.
    `delivered` marks one that a spool brought, after its process ended.
    """

    job_id: str
    job_key: str
    job_type: str
    seq: int
    status: str
    v: int = VERSION
    name: str | None = None
    version: str | None = None
    owner: str | None = None
    parent_id: str | None = None
    attempt: int = 1
    sent_at: str | None = None
    host: str | None = None
    boot_id: str | None = None
    pid: int | None = None
    pid_start: int | None = None
    error: str | None = None
    created_at: str | None = None
    started_at: str | None = None
    completed_at: str | None = None
    phases: list[PhaseReport] = field(default_factory=list)
    trace_id: str | None = None
    span_id: str | None = None
    epoch: int | None = None
    epochs: int | None = None
    step: int | None = None
    steps: int | None = None
    run_step: int | None = None
    attempt_steps: int | None = None
    planned_steps: int | None = None
    last_step_at: str | None = None
    metrics: dict[str, Number] = field(default_factory=dict)
    log_stream: str | None = None
    input_file: str | None = None
    checkpoint: CheckpointState = field(default_factory=CheckpointState)
    checkpoints: list[CheckpointRecord] = field(default_factory=list)
    artifacts: list[Artifact] = field(default_factory=list)
    observed: Observed = field(default_factory=Observed)
    resuming: bool = False
    leaving: bool = False
    own_spans: bool = False
    delivered: bool = False


@dataclass(slots=True, kw_only=True)
class RunDesired:
    """What the run should be: running, paused or canceled."""

    state: str = "running"
    generation: int = 0


@dataclass(slots=True, kw_only=True)
class CheckpointDesired:
    """A checkpoint that is asked for; `then` is continue or cancel."""

    then: str = "continue"
    generation: int = 0


@dataclass(slots=True, kw_only=True)
class Desired:
    """What people ask of a job, as state with generations that only grow."""

    generation: int = 0
    run: RunDesired = field(default_factory=RunDesired)
    checkpoint: CheckpointDesired | None = None


@dataclass(slots=True, kw_only=True)
class ReportAnswer:
    """The desk's answer to a report. `spans` is true where the desk emits the job's spans."""

    v: int = VERSION
    version: str = ""
    acked_seq: int = 0
    desired: Desired = field(default_factory=Desired)
    report_in_s: float = 1.0
    lease_s: float = 10.0
    spans: bool = False


def now_text(seconds: float) -> str:
    """RFC 3339 in UTC with microseconds, from seconds since the epoch."""
    return datetime.fromtimestamp(seconds, timezone.utc).isoformat(timespec="microseconds").replace("+00:00", "Z")


def seconds_of(text: str) -> float:
    """Seconds since the epoch of an RFC 3339 text. Raises ValueError where it is none, or has no offset."""
    moment = datetime.fromisoformat(text[:-1] + "+00:00" if text.endswith(("Z", "z")) else text)
    if moment.tzinfo is None:
        msg = f"{text!r} has no UTC offset: write it as 2026-01-31T12:00:00Z"
        raise ValueError(msg)
    return moment.timestamp()


def number(value: float) -> Number:
    """A number as JSON can carry it."""
    value = float(value)
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")


def encode(message: Any) -> bytes:
    """A message (any dataclass above) as JSON in UTF-8; half a surrogate pair (a file name's odd byte) becomes "?"."""
    text = json.dumps(message, default=_as_dict, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace")


def _as_dict(value: Any) -> dict[str, Any]:
    if not is_dataclass(value):
        msg = f"{type(value).__name__} cannot be sent"
        raise TypeError(msg)
    return {item.name: getattr(value, item.name) for item in fields(value)}


def _known(cls: Any, data: Mapping[str, Any]) -> dict[str, Any]:
    names = {item.name for item in fields(cls)}
    return {key: value for key, value in data.items() if key in names}


def report_from(data: Mapping[str, Any]) -> Report:
    """A report from decoded JSON that we wrote ourselves (a spool); a desk validates more strictly."""
    values = _known(Report, data)
    values["phases"] = [PhaseReport(**_known(PhaseReport, item)) for item in data.get("phases", ())]
    values["checkpoints"] = [_record(item) for item in data.get("checkpoints", ())]
    values["artifacts"] = [Artifact(**_known(Artifact, item)) for item in data.get("artifacts", ())]
    values["observed"] = Observed(**_known(Observed, data.get("observed") or {}))
    state = dict(_known(CheckpointState, data.get("checkpoint") or {}))
    state["last"] = _record(state["last"]) if state.get("last") else None
    values["checkpoint"] = CheckpointState(**state)
    return Report(**values)


def _record(data: Mapping[str, Any]) -> CheckpointRecord:
    return CheckpointRecord(**_known(CheckpointRecord, data))


def desired_from(data: Mapping[str, Any]) -> Desired:
    """The desired state from decoded JSON. Raises TypeError, KeyError or ValueError where it is garbage."""
    run = data["run"]
    asked = data.get("checkpoint")
    return Desired(
        generation=_count(data["generation"]),
        run=RunDesired(state=str(run["state"]), generation=_count(run["generation"])),
        checkpoint=None
        if asked is None
        else CheckpointDesired(then=str(asked["then"]), generation=_count(asked["generation"])),
    )


def answer_from(data: Mapping[str, Any]) -> ReportAnswer:
    """The answer to a report from decoded JSON. Raises TypeError, KeyError or ValueError where it is garbage."""
    return ReportAnswer(
        version=str(data.get("version", "")),
        acked_seq=_count(data["acked_seq"]),
        desired=desired_from(data["desired"]),
        report_in_s=_seconds(data.get("report_in_s", 1.0)),
        lease_s=_seconds(data.get("lease_s", 10.0)),
        spans=bool(data.get("spans", False)),
    )


def _count(value: Any) -> int:
    """A sequence number or a generation: one beyond what JSON readers agree on would leave no room for the next."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**53 - 1:
        msg = f"{str(value)[:40]!r} is no count"
        raise ValueError(msg)
    return value


def _seconds(value: Any) -> float:
    seconds = float(value)
    if not math.isfinite(seconds):
        msg = f"{value!r} is no number of seconds"
        raise ValueError(msg)
    return seconds
