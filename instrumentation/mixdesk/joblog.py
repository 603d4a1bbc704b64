"""Where a job's log lies in a state folder: `logs/jobs/<job_type>/<job_id>.log`. Pure; trainer and desk agree on it."""

from __future__ import annotations

import re
from pathlib import Path

from .checkpoints.naming import escape

SUFFIX, OLDER = ".log", ".1"
MOST_BYTES = 256 << 20
LEAST_BYTES = 64 << 10
_JOB_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def folder_in(state: Path) -> Path:
    """The folder of all of them."""
    return state / "logs" / "jobs"


def slug(job_type: str) -> str:
    """A job type as the name of a folder: bytes outside [A-Za-z0-9._-] become %XX, a long one is cut."""
    return escape(job_type) or "%"


def is_job_id(text: str) -> bool:
    """Whether a text can be a job's id, and so a part of a file's name."""
    return _JOB_ID.fullmatch(text) is not None


def path_of(state: Path, job_type: str, job_id: str) -> Path:
    """The log of a job. Raises ValueError for what is no job's id."""
    if not is_job_id(job_id):
        msg = f"{job_id!r} is no job id: 1 to 64 of A-Z a-z 0-9 _ -"
        raise ValueError(msg)
    return folder_in(state) / slug(job_type) / f"{job_id}{SUFFIX}"


def job_id_of(file: str) -> str | None:
    """Whose log a file is by its name; None for any other file."""
    job_id = file.removesuffix(SUFFIX)
    return job_id if job_id != file and is_job_id(job_id) else None
