"""What happened, as it is kept until it is told. Times are seconds since the epoch in the desk's clock."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import msgspec

TEST = "test"


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """The job of an event, as it stood then. `progress` is percent, `ran_s` seconds since its start."""

    job_id: str
    job_type: str
    status: str
    name: str | None = None
    owner: str | None = None
    host: str | None = None
    attempt: int = 1
    progress: float = 0.0
    phase: str | None = None
    epoch: int | None = None
    epochs: int | None = None
    step: int | None = None
    steps: int | None = None
    ran_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """A checkpoint; size in bytes."""

    path: str
    epoch: int
    step: int
    size: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Space:
    """Room in a folder, in bytes: what is free, and what the next checkpoint takes with something to spare."""

    folder: str
    free: int
    needed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing to tell. `key` is the same whoever notices it and however often: by it each is told once.

    since    for how many seconds a job has been silent or has stood still
    """

    key: str
    event: str
    at: float
    job: About | None = None
    error: str | None = None
    checkpoint: Saved | None = None
    space: Space | None = None
    since: float | None = None


def key_of(event: str, job_id: str, *which: object) -> str:
    """The key of an event of a job; `which` tells it from others of its kind."""
    told = hashlib.sha256(repr(which).encode("utf-8", "backslashreplace")).hexdigest()[:16]
    return f"{event}:{job_id}:{told}"


_decoder = msgspec.json.Decoder(Event)


def text_of(event: Event) -> str:
    """As it is stored."""
    return msgspec.json.encode(event).decode()


def event_from(text: str) -> Event:
    """As it was stored. Raises msgspec.MsgspecError."""
    return _decoder.decode(text)
