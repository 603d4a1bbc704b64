"""How much of a job each phase is, measured from runs that have finished."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from statistics import median
from typing import Any

from mixdesk_control.cli.client import Client, job_path
from mixdesk_control.cli.errors import CliError

RUNS = 20  # the newest ones: older ones ran on other data and other machines
LOOKED_AT = 3 * RUNS
CACHED_PART, NOTICED_S = 0.2, 0.05

Run = Mapping[str, tuple[float, float]]  # {phase: (seconds, units of work)}


@dataclass(frozen=True, slots=True)
class Measured:
    """Weights in percent, and from how many runs they come; 0 runs where they are the ones set now."""

    weights: dict[str, float]
    runs: int


def weights_of(client: Client, job_type: str) -> Measured:
    """Measured from the newest whole runs of the type; where there are none, those of the type as it is defined."""
    jobs = client.items("/jobs", LOOKED_AT, status="succeeded", job_type=job_type)
    whole = (run for job in jobs if not is_resumed(job) and (run := _run(client, job)))
    runs = typical(list(islice(whole, RUNS)))
    if runs:
        return Measured(mean([shares_of(run) for run in runs]), len(runs))
    return Measured(_defined(client, job_type), 0)


def is_resumed(job: Mapping[str, Any]) -> bool:
    """Whether a job went on from another one's checkpoint: it trained a part only, and had its first phases cached."""
    return bool(job.get("parent_id")) or int(job.get("attempt") or 1) > 1


def _run(client: Client, job: Mapping[str, Any]) -> Run | None:
    return run_of(client.get(job_path(job["job_id"], "history"))["phases"])


def run_of(phases: Iterable[Mapping[str, Any]]) -> Run | None:
    """Seconds and units of each phase; None where one was not run in full, or none took any time."""
    run = {}
    for phase in phases:
        if phase["state"] != "done" or phase["seconds"] is None:
            return None
        run[str(phase["key"])] = (
            max(float(phase["seconds"]), 0.0),
            _units(phase),
        )
    return run if sum(seconds for seconds, _ in run.values()) > 0 else None


def _units(phase: Mapping[str, Any]) -> float:
    return float(phase.get("work") or phase.get("total") or phase.get("done") or 1.0)


def typical(runs: list[Run]) -> list[Run]:
    """Without those that found a phase's work done already: a unit took a small part of what it takes in most runs."""
    usual: defaultdict[str, list[float]] = defaultdict(list)
    for run in runs:
        for key, (seconds, units) in run.items():
            usual[key].append(seconds / units)
    middle = {key: median(values) for key, values in usual.items()}
    return [run for run in runs if not any(_is_cached(*took, middle[key]) for key, took in run.items())]


def _is_cached(seconds: float, units: float, usual: float) -> bool:
    return usual * units > NOTICED_S and seconds < CACHED_PART * usual * units


def shares_of(run: Run) -> dict[str, float]:
    """The share of each phase in percent of their time."""
    whole = sum(seconds for seconds, _ in run.values())
    return {key: 100 * seconds / whole for key, (seconds, _) in run.items()}


def mean(shares: list[dict[str, float]]) -> dict[str, float]:
    """The mean share of each phase, each run counting alike, rounded so that they still sum to 100."""
    sums: defaultdict[str, float] = defaultdict(float)
    for share in shares:
        for key, value in share.items():
            sums[key] += value / len(shares)
    rounded = {key: round(value, 1) for key, value in sums.items()}
    largest = max(rounded, key=lambda key: rounded[key])
    rounded[largest] = round(rounded[largest] + 100 - sum(rounded.values()), 1)
    return rounded


def _defined(client: Client, job_type: str) -> dict[str, float]:
    from mixdesk.jobtypes import JOB_TYPES

    for job in islice(client.items("/jobs", 1, job_type=job_type), 1):
        if job.get("phases"):
            return {phase["key"]: phase["weight"] for phase in job["phases"]}
    if job_type not in JOB_TYPES:
        raise CliError(f"no job of type {job_type!r} has run here, and it is none of {', '.join(JOB_TYPES)}")
    return {step.key: step.weight for step in JOB_TYPES[job_type]}


def as_settings(job_type: str, found: Measured) -> str:
    """The weights as lines for `mixdesk.toml`."""
    runs = f"measured over {found.runs} finished run{'s' if found.runs != 1 else ''}"
    first = (
        runs
        if found.runs
        else "no run of this type has finished yet, so these are the weights in use, not measured ones"
    )
    lines = [f"# {job_type}: {first}", f"[jobs.weights.{_key(job_type)}]"]
    return "\n".join([*lines, *(f"{_key(key)} = {weight:g}" for key, weight in found.weights.items())])


def _key(name: str) -> str:
    """A bare key of TOML where the name is one, else a quoted one."""
    bare = name.replace("_", "").replace("-", "")
    return name if bare.isascii() and bare.isalnum() else '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
