"""The JSON of this room for the description of the API; `document` makes it, a test holds both alike."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

from mixdesk_control.web.paging import Page


class LogServiceInfo(BaseModel):
    """Whatever writes logs. `state` is the engine's word; `sources` says how many it has."""

    service: str
    container: str | None
    containers: list[str]
    state: str | None
    found_in: list[str]
    sources: int
    readable: int
    notes: list[str]


class RotatedInfo(BaseModel):
    """An older part of a source; bytes, as it lies there."""

    path: str
    size: int
    modified: str
    compressed: bool


class LogSourceInfo(BaseModel):
    """One log of a service. `path` is the service's own, or `stdout`; `why` explains its kind and rank."""

    service: str
    id: str
    path: str
    kind: Literal["error", "application", "stdout", "access", "debug"]
    rank: int | None
    why: str
    size: int | None
    modified: str | None
    readable: bool
    reason: str | None
    reached_by: str | None
    rotated: list[RotatedInfo]
    job_id: str | None
    job_type: str | None


LogServiceList, LogSourceList = Page[LogServiceInfo], Page[LogSourceInfo]
