"""The JSON of this room for the description of the API; `operation.shown` makes it, a test holds both alike."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel

from mixdesk_control.web.paging import Page


class OperationStep(BaseModel):
    """One thing that happened."""

    at: str
    step: str


class OperationInfo(BaseModel):
    """What was asked of a target and how far it is; `steps` oldest first, `result` at the end alone."""

    id: str
    action: Literal["checkpoint", "pause", "resume", "cancel", "start", "stop"]
    kind: Literal["job", "asset"]
    target: str
    state: Literal["pending", "running", "succeeded", "failed", "superseded", "moot", "canceled"]
    generation: int
    params: dict[str, Any]
    steps: list[OperationStep]
    result: dict[str, Any] | None
    error: str | None
    actor: str
    owner: str | None
    created_at: str
    updated_at: str
    ended_at: str | None
    revision: int


OperationList = Page[OperationInfo]
