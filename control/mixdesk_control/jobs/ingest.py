"""A report as bytes -> a report that can be trusted. Pure.

Wrong JSON, types, identity, status or too many entries are refused with the reason. Any other field that cannot
be (a negative total, a number beyond all bounds, a time that is none) is set right or left out: one bad field
never rejects a report.
"""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TypeVar

import msgspec

from mixdesk import wire
from mixdesk_control.web.problems import Problem

MAX_METRICS, MAX_PHASES, MAX_CHECKPOINTS, MAX_ARTIFACTS = 64, 64, 1000, 256
MAX_INT = 2**53 - 1  # the largest that JSON readers agree on
MAX_FLOAT = 1e300
MAX_NAME, MAX_TEXT, MAX_PATH, MAX_UNIT = 200, 4000, 4096, 40

_LINES = ("name", "version", "owner", "host", "boot_id", "log_stream")
_COUNTS = ("pid", "pid_start", "epoch", "epochs", "step", "steps", "run_step", "attempt_steps", "planned_steps")

JOB_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
RESERVED_IDS = frozenset({"stream", "desired"})
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_HEX = re.compile(r"[0-9a-f]{16}|[0-9a-f]{32}")

_decoder = msgspec.json.Decoder(wire.Report)

Value = TypeVar("Value", int, float)


def decode(job_id: str, body: bytes) -> wire.Report:
    """The report of one job. Raises Problem 400 for what is no JSON, 422 for what no report may say."""
    report = _decoded(body)
    _check_identity(job_id, report)
    _clean(report)
    return report


def _decoded(body: bytes) -> wire.Report:
    try:
        return _decoder.decode(body)
    except msgspec.ValidationError as error:
        report = _without_bad_metrics(body) if "`$.metrics" in str(error) else None
        if report is None:
            raise Problem(422, f"the report is not valid: {error}") from error
        return report
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Problem(400, f"the report is not JSON: {error}") from error


def _without_bad_metrics(body: bytes) -> wire.Report | None:
    try:
        data = json.loads(body)  # which reads an integer of any size
        metrics = data["metrics"]
        data["metrics"] = {name: value for name, value in metrics.items() if _is_number(value)}
        return msgspec.convert(data, wire.Report)
    except (ValueError, AttributeError, msgspec.ValidationError, RecursionError):
        return None


def _is_number(value: object) -> bool:
    if isinstance(value, str):
        return value in wire.NON_FINITE
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max


def _check_identity(job_id: str, report: wire.Report) -> None:
    if report.v != wire.VERSION:
        raise Problem(422, f"this desk reads reports of version {wire.VERSION}, not {report.v}: update the older side")
    check_job_id(job_id)
    if report.job_id != job_id:
        raise Problem(422, f"the path names job {job_id}, the report {report.job_id[:64]!r}")
    if not 1 <= len(report.job_key) <= MAX_NAME:
        raise Problem(422, f"job_key must have 1 to {MAX_NAME} characters: 64 random hex digits")
    if not _is_type_name(report.job_type):
        raise Problem(422, f"job_type {report.job_type[:64]!r} must be 1 to 100 printable characters without a slash")
    if report.status not in wire.STATUSES:
        raise Problem(422, f"status {report.status[:64]!r} is not known: use one of {', '.join(wire.STATUSES)}")
    if not 0 <= report.seq <= MAX_INT:
        raise Problem(422, f"seq must be from 0 to {MAX_INT}, got {report.seq}")
    _check_counts(report)


def check_job_id(job_id: str) -> None:
    """Raises Problem 422 for an id that no job may have."""
    if not JOB_ID.fullmatch(job_id) or job_id in RESERVED_IDS:
        raise Problem(422, f"job id {job_id[:64]!r} must be 1 to 64 of A-Z a-z 0-9 _ -, and not stream or desired")


@lru_cache(256)
def _is_type_name(text: str) -> bool:
    # It names a folder of log files, hence no slash and no dots alone.
    return 0 < len(text) <= 100 and text.isprintable() and not set(text) & set("/\\") and text.strip(". ") != ""


def _check_counts(report: wire.Report) -> None:
    for name, most in (
        ("phases", MAX_PHASES),
        ("metrics", MAX_METRICS),
        ("checkpoints", MAX_CHECKPOINTS),
        ("artifacts", MAX_ARTIFACTS),
    ):
        count = len(getattr(report, name))
        if count > most:
            raise Problem(422, f"a report holds at most {most} {name}, got {count}")
    keys = [phase.key for phase in report.phases]
    if len(set(keys)) != len(keys):
        raise Problem(422, "two phases of a report have the same key")
    for key in keys:
        if not 0 < len(key) <= 100 or not key.isprintable():
            raise Problem(422, f"phase key {key[:64]!r} must be 1 to 100 printable characters")


# -- the fields that are set right ---------------------------------------------------------------------


# What is right is only looked at: most reports are right in everything, and a thousand come in a second.


def _clean(report: wire.Report) -> None:
    for field in _LINES:
        text = getattr(report, field)
        if text is not None and not (len(text) <= MAX_NAME and text.isprintable()):
            setattr(report, field, _line(text, MAX_NAME))
    report.input_file = _line(report.input_file, MAX_PATH)
    report.error = _cut(report.error, MAX_TEXT)
    if report.parent_id is not None and not JOB_ID.fullmatch(report.parent_id):
        report.parent_id = None
    report.trace_id, report.span_id = _hex(report.trace_id, 32), _hex(report.span_id, 16)
    report.attempt = _within(report.attempt) or 1
    for field in _COUNTS:
        count = getattr(report, field)
        if count is not None and not 0 <= count <= MAX_INT:
            setattr(report, field, None)
    for phase in report.phases:
        _clean_phase(phase)
    if not all(map(_is_fine, report.metrics, report.metrics.values())):
        report.metrics = _metrics(report.metrics)
    _clean_saves(report)


def _is_fine(name: str, value: object) -> bool:
    kind = type(value)
    number = kind is float or kind is int or (kind is str and value in wire.NON_FINITE)
    return number and len(name) <= MAX_NAME and name.isprintable()


def _clean_phase(phase: wire.PhaseReport) -> None:
    if phase.state not in wire.PHASE_STATES:
        phase.state = "pending"
    if not 0 < len(phase.label) <= MAX_NAME or not phase.label.isprintable():
        phase.label = _line(phase.label, MAX_NAME) or phase.key
    if not 0 < len(phase.unit) <= MAX_UNIT or not phase.unit.isprintable():
        phase.unit = _line(phase.unit, MAX_UNIT) or "items"
    if not 0.0 <= phase.weight <= MAX_FLOAT:
        phase.weight = _bounded(phase.weight)
    if not 0.0 <= phase.done <= MAX_FLOAT:
        phase.done = _bounded(phase.done)
    if phase.total is not None and not 0.0 < phase.total <= MAX_FLOAT:
        phase.total = _bounded(phase.total) or None
    if phase.span_id is not None:
        phase.span_id = _hex(phase.span_id, 16)
    if not 0.0 <= phase.began <= MAX_FLOAT:
        phase.began = _bounded(phase.began)
    if phase.work is not None and not 0.0 < phase.work <= MAX_FLOAT:
        phase.work = _bounded(phase.work) or None
    if phase.expected is not None and not 0.0 < phase.expected <= MAX_FLOAT:
        phase.expected = _bounded(phase.expected) or None


def _clean_saves(report: wire.Report) -> None:
    state, observed = report.checkpoint, report.observed
    if state.status not in wire.CHECKPOINT_STATUSES:
        state.status = "idle"
    state.generation, state.error = _within(state.generation) or 0, _cut(state.error, MAX_TEXT)
    observed.run, observed.checkpoint = _within(observed.run) or 0, _within(observed.checkpoint) or 0
    if observed.outcome not in ("saved", "failed", "moot"):
        observed.outcome = None
    if state.last is not None and not _clean_record(state.last):
        state.last = None
    report.checkpoints = [record for record in report.checkpoints if _clean_record(record)]
    report.artifacts = [item for item in report.artifacts if _is_path(item.path) and len(item.type) <= 100]


def _clean_record(record: wire.CheckpointRecord) -> bool:
    """Sets a record right; False where it names no file."""
    record.epoch, record.step, record.size = (_within(n) or 0 for n in (record.epoch, record.step, record.size))
    record.hash = _line(record.hash, 128) or ""
    record.generation = _within(record.generation) or None
    record.reason = _line(record.reason, 40) or "automatic"
    return _is_path(record.path)


def _is_path(text: str) -> bool:
    return 0 < len(text) <= MAX_PATH and "\x00" not in text


def _metrics(metrics: Mapping[str, Any]) -> dict[str, wire.Number]:
    return {_line(name, MAX_NAME) or "_": value for name, value in metrics.items() if _is_number(value)}


def _within(value: int | None) -> int | None:
    return value if value is not None and 0 <= value <= MAX_INT else None


def _bounded(value: float) -> float:
    return min(max(value, 0.0), MAX_FLOAT) if math.isfinite(value) else 0.0


def _line(text: str | None, most: int) -> str | None:
    if text is None or (len(text) <= most and text.isprintable()):
        return text
    return _CONTROL.sub(" ", text[:most])


def _cut(text: str | None, most: int) -> str | None:
    return None if text is None else text[:most].replace("\x00", "")


def _hex(text: str | None, digits: int) -> str | None:
    """A W3C id, or None: all zero is none."""
    usable = text is not None and len(text) == digits and _HEX.fullmatch(text) is not None and text.strip("0") != ""
    return text if usable else None
