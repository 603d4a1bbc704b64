"""What is asked of assets, and who holds them, as rows of the database. Reservations are the ledger's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, delete, select

from mixdesk_control.store.tables import assets, holds
from mixdesk_control.store.upsert import upsert

WANT_RUNNING, WANT_STOPPED = "running", "stopped"


@dataclass(frozen=True, slots=True)
class Wish:
    """The newest request to an asset; `desired` is None where nobody has asked anything yet.

    operation  the one that it made
    asked_at   seconds since the epoch
    """

    desired: str | None = None
    generation: int = 0
    operation: str | None = None
    asked_at: float | None = None


@dataclass(frozen=True, slots=True)
class Hold:
    """Somebody uses an asset until `expires_at`: it is not stopped under them."""

    id: str
    asset: str
    actor: str
    reason: str | None
    created_at: float
    expires_at: float


def load_wishes(conn: Connection) -> dict[str, Wish]:
    """{asset id: what is asked of it}."""
    return {
        row.id: Wish(row.desired, row.generation, row.operation, row.asked_at) for row in conn.execute(select(assets))
    }


def save_wishes(conn: Connection, wishes: Iterable[tuple[str, Wish]]) -> None:
    """Writes what is asked now."""
    upsert(conn, assets, [{"id": asset, **asdict(wish)} for asset, wish in wishes])


def load_holds(conn: Connection, now: float) -> list[Hold]:
    """Those that have not run out."""
    return [Hold(**row._mapping) for row in conn.execute(select(holds).where(holds.c.expires_at > now))]


def save_hold(conn: Connection, hold: Hold) -> None:
    """A new hold, or a longer one."""
    upsert(conn, holds, [asdict(hold)])


def drop_hold(conn: Connection, hold_id: str) -> None:
    """Ends a hold."""
    conn.execute(delete(holds).where(holds.c.id == hold_id))


def prune_holds(conn: Connection, now: float) -> None:
    """Forgets those that have run out."""
    conn.execute(delete(holds).where(holds.c.expires_at <= now))
