"""Another registry in the place of the one that holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from mixdesk_control import audit
from mixdesk_control.assets.board import Board
from mixdesk_control.assets.courses import KIND
from mixdesk_control.assets.registry import Difference, Registry, difference, is_same_thing
from mixdesk_control.web.asked import Asked


async def take_registry(board: Board, registry: Registry, asked: Asked) -> dict[str, list[str]]:
    """Returns what it brought; what was removed may run on. Nobody may decide anything meanwhile."""
    found = difference(board.registry, registry)
    alive = [asset for asset in _left(board, found, registry) if board.entries[asset].observed.is_alive]
    said = {"added": list(found.added), "removed": list(found.removed), "changed": list(found.changed)}
    await board.commit(lambda conn: _note(conn, said, asked, board.clock()))
    board.put(registry)
    return said | {"left_running": alive}


def note_refused(board: Board, asked: Asked, why: str) -> None:
    """A line of the audit for a registry that is wrong."""
    now = board.clock()
    board.store.write_soon(lambda conn: _record(conn, asked, "refused", why, now))


def _left(board: Board, found: Difference, registry: Registry) -> list[str]:
    """Those that are no assets any more, or another thing under the same id."""
    before, after = board.registry.assets, registry.assets
    changed = [asset for asset in found.changed if not is_same_thing(before[asset], after[asset])]
    return [*found.removed, *changed]


def _note(conn: Connection, said: Mapping[str, Sequence[str]], asked: Asked, at: float) -> None:
    detail = "; ".join(f"{what} {', '.join(ids)}" for what, ids in said.items() if ids) or "nothing changed"
    _record(conn, asked, audit.DONE, detail, at)


def _record(conn: Connection, asked: Asked, outcome: str, detail: str, at: float) -> None:
    audit.record(
        conn,
        asked.principal,
        action=f"{KIND}.reload",
        target="registry",
        origin=asked.origin,
        outcome=outcome,
        detail=detail[:500],
        at=at,
    )
