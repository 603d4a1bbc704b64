"""What became of requests, written where people follow it: the operation and the audit."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection

from mixdesk import wire
from mixdesk_control import audit
from mixdesk_control.jobs.board import Board
from mixdesk_control.jobs.intents import WORKING, Settled
from mixdesk_control.jobs.state import State
from mixdesk_control.operations import Operation


def settle(board: Board, state: State, settled: tuple[Settled, ...]) -> list[Operation]:
    """The operations that a report or a request has moved on, not yet written."""
    newest = state.document.checkpoints[-1] if state.document.checkpoints else None
    saved = state.report.checkpoint.last or newest
    moved = (
        board.operations.advance(
            item.operation,
            item.state,
            step=_step(item),
            error=item.error,
            result=_result(found) if item.saved and (found := item.record or saved) is not None else None,
        )
        for item in settled
    )
    return [operation for operation in moved if operation is not None]


def _step(item: Settled) -> str:
    if item.saved and item.state == WORKING:
        return "saved"
    return "taken up" if item.state == WORKING else item.state


def _result(record: wire.CheckpointRecord) -> dict[str, object]:
    names = ("path", "epoch", "step", "size", "hash")
    return {name: getattr(record, name) for name in names}


def audit_of(operations: list[Operation]) -> Callable[[Connection], None]:
    """Writes how operations ended into the audit."""
    ended = [item for item in operations if not item.is_open]

    def work(conn: Connection) -> None:
        for item in ended:
            audit.settle(conn, item.id, item.state, item.error)

    return work
