"""What there is to say about a job, in words. Pure."""

from __future__ import annotations

from typing import Any

from mixdesk_control.cli import words

Job = dict[str, Any]

FINAL = ("succeeded", "failed", "canceled")


def name_of(job: Job) -> str:
    """What people call it: its name, else its id."""
    return str(words.clean(job.get("name") or job["job_id"]))


def status_of(job: Job) -> str:
    """The status as views say it: `lost` where the trainer has fallen silent."""
    return "lost" if job.get("lost") else str(job["status"])


def time_left(job: Job) -> str:
    """`14–19 min left`; nothing while nobody can know, and for a job that is over or silent."""
    if job["status"] in FINAL or job.get("lost") or words.eta(job) == words.UNKNOWN:
        return ""
    return f"{words.eta(job)} left"


def forecast(job: Job) -> str:
    """`16 min; 14–19 min in 4 of 5 runs`: the time left, with its range where the runs before it scatter."""
    if not time_left(job):
        return ""
    left = words.duration(job.get("eta_seconds"))
    low, high = job.get("eta_low_seconds"), job.get("eta_high_seconds")
    return left if low is None or high is None else f"{left}; {words.span(low, high)} in 4 of 5 runs"


def checkpoint_status(job: Job) -> str:
    """idle, requested, saving, saved or failed."""
    return str((job.get("details") or {}).get("checkpoint_status", "idle"))


def saved_file(job: Job) -> str:
    """Path and size of the newest checkpoint."""
    newest = next(iter(job.get("checkpoints") or ()), None)
    if newest is None:
        return str((job.get("details") or {}).get("last_checkpoint_path", ""))
    return file_of(newest)


def file_of(record: dict[str, Any]) -> str:
    """A checkpoint's path and size."""
    return f"{record['path']} ({words.size(record['size'])})"


def news(job: Job) -> list[str]:
    """How a save stands, and whether the job is paused, silent or over: for those who asked something of it."""
    job, said = words.clean(job), []
    status = checkpoint_status(job)
    if status == "saved":
        said.append(f"saved {saved_file(job)}")
    elif status == "failed":
        said.append(f"saving failed: {(job.get('details') or {}).get('checkpoint_error') or 'no reason given'}")
    elif status != "idle":
        said.append("saving" if status == "saving" else "checkpoint requested")
    if job.get("lost"):
        said.append("nothing is heard from the trainer; the request stands")
    if job["status"] in (*FINAL, "paused"):
        said.append(str(job["status"]))
    return said


def place(details: dict[str, Any]) -> list[str]:
    """Epoch and step, where there are any."""
    epoch, step = details.get("current_epoch"), details.get("current_step")
    parts = [f"epoch {epoch}" + _of(details.get("total_epochs"))] if epoch else []
    return parts + ([f"step {step}" + _of(details.get("total_steps"))] if step is not None and epoch else [])


def speed(job: Job) -> list[str]:
    """Steps a second, where they are known."""
    rate = job.get("steps_per_second")
    return [f"{words.number(rate)} steps/s"] if rate else []


def saves(details: dict[str, Any]) -> list[str]:
    """How saving stands, unless nothing was ever saved or asked for."""
    status, path = details.get("checkpoint_status", "idle"), details.get("last_checkpoint_path")
    if status == "idle":
        return []
    return [f"checkpoint {status}" + (f" {path}" if status == "saved" and path else "")]


def metrics_of(job: Job) -> list[tuple[str, str]]:
    """Each number that the job logs: its newest value and the way it came."""
    return [(name, _drawn(entry)) for name, entry in (job.get("metrics") or {}).items()]


def _drawn(entry: dict[str, Any]) -> str:
    return f"{words.number(entry['value'])} {words.spark(entry.get('history') or ())}".rstrip()


def _of(total: Any) -> str:
    return f"/{total}" if total else ""
