"""How much of a job each phase is, measured from runs that have finished."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from mixdesk_control.cli.client import Client, job_path
from mixdesk_control.cli.errors import CliError

RUNS = 20  # the newest ones: older ones ran on other data and other machines


@dataclass(frozen=True, slots=True)
class Measured:
    """Weights in percent, and from how many runs they come; 0 runs where they are the ones set now."""

    weights: dict[str, float]
    runs: int


def weights_of(client: Client, job_type: str) -> Measured:
    """Measured from the newest finished runs of the type; where there are none, those of the type as it is defined."""
    jobs = client.items("/jobs", RUNS, status="succeeded", job_type=job_type)
    shares = [share for job in jobs if (share := shares_of(client.get(job_path(job["job_id"], "history"))["phases"]))]
    if shares:
        return Measured(mean(shares), len(shares))
    return Measured(_defined(client, job_type), 0)


def shares_of(phases: Iterable[Mapping[str, Any]]) -> dict[str, float] | None:
    """The share of each phase in percent of their time; None where one was not run in full."""
    seconds = {}
    for phase in phases:
        if phase["state"] != "done" or phase["seconds"] is None:
            return None
        seconds[str(phase["key"])] = max(float(phase["seconds"]), 0.0)
    whole = sum(seconds.values())
    return {key: 100 * part / whole for key, part in seconds.items()} if whole > 0 else None


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
