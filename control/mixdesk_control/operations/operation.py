"""One operation and the states it may take. Pure.

pending -> running -> succeeded | failed | moot | superseded | canceled
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from mixdesk.wire import now_text

PENDING, RUNNING = "pending", "running"
SUCCEEDED, FAILED, SUPERSEDED, MOOT, CANCELED = "succeeded", "failed", "superseded", "moot", "canceled"
OPEN = (PENDING, RUNNING)
ENDED = (SUCCEEDED, FAILED, SUPERSEDED, MOOT, CANCELED)
STATES = OPEN + ENDED

MAX_STEPS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """What was asked of a target and how far it is.

    action      of a job checkpoint, pause, resume, cancel; of an asset start, stop
    kind        what the target is: job or asset
    generation  of the target's desired state
    steps       (seconds since the epoch, what happened), oldest first
    """

    id: str
    action: str
    kind: str
    target: str
    actor: str
    generation: int
    created_at: float
    updated_at: float
    revision: int = 0
    owner: str | None = None
    state: str = PENDING
    params: Mapping[str, Any] = field(default_factory=dict)
    steps: tuple[tuple[float, str], ...] = ()
    result: Mapping[str, Any] | None = None
    error: str | None = None
    ended_at: float | None = None

    @property
    def is_open(self) -> bool:
        """Whether it can still change."""
        return self.state in OPEN


def advanced(
    operation: Operation,
    state: str,
    now: float,
    *,
    step: str | None = None,
    error: str | None = None,
    result: Mapping[str, Any] | None = None,
) -> Operation:
    """The operation in another state. Raises ValueError for a move that cannot be."""
    if state not in STATES or not operation.is_open or (state == PENDING and operation.state != PENDING):
        msg = f"operation {operation.id} cannot go from {operation.state} to {state}"
        raise ValueError(msg)
    steps = (*operation.steps, (now, step or state))[-MAX_STEPS:]
    return replace(
        operation,
        state=state,
        steps=steps,
        error=error if error is not None else operation.error,
        result=result if result is not None else operation.result,
        updated_at=now,
        ended_at=now if state in ENDED else None,
    )


def shown(operation: Operation) -> dict[str, Any]:
    """The JSON of an operation."""
    return {
        "id": operation.id,
        "action": operation.action,
        "kind": operation.kind,
        "target": operation.target,
        "state": operation.state,
        "generation": operation.generation,
        "params": dict(operation.params),
        "steps": [{"at": now_text(at), "step": step} for at, step in operation.steps],
        "result": None if operation.result is None else dict(operation.result),
        "error": operation.error,
        "actor": operation.actor,
        "owner": operation.owner,
        "created_at": now_text(operation.created_at),
        "updated_at": now_text(operation.updated_at),
        "ended_at": None if operation.ended_at is None else now_text(operation.ended_at),
        "revision": operation.revision,
    }
