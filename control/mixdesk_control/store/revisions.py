"""Integers that only grow and never repeat, also after a SIGKILL: what streams number their frames by."""

from __future__ import annotations

from sqlalchemy import Connection, select

from mixdesk_control.store import tables
from mixdesk_control.store.store import Store
from mixdesk_control.store.upsert import upsert

BLOCK = 100_000


class Revisions:
    """Numbers of one stream. A block is reserved on disk before its numbers are used; a crash skips the rest of it."""

    def __init__(self, store: Store, name: str, *, block: int = BLOCK) -> None:
        self._store = store
        self._key = f"revisions.{name}"
        self._block = block
        self.current = store.write_blocking(self._reserve)
        self._limit = self.current + block

    def next(self) -> int:
        """The next number. Waits for the disk only where `ensure` was not called for half a block."""
        if self.current >= self._limit:
            self._limit = self._store.write_blocking(self._reserve) + self._block
        self.current += 1
        return self.current

    async def ensure(self) -> None:
        """Reserves the next block in time; to be called now and then."""
        if self._limit - self.current < self._block // 2:
            self._limit = await self._store.write(self._reserve) + self._block

    def _reserve(self, conn: Connection) -> int:
        """Moves the reserved end on by one block and returns where it stood."""
        meta = tables.meta.c
        stored = conn.execute(select(meta.value).where(meta.key == self._key)).scalar()
        base = int(stored or 0)
        upsert(conn, tables.meta, [{"key": self._key, "value": str(base + self._block)}])
        return base
