"""The operations of a desk: made and settled inside the transactions of other rooms, followed by people here."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from sqlalchemy import Connection

from mixdesk.identity import new_job_id
from mixdesk_control.auth.principal import Principal
from mixdesk_control.operations import rows
from mixdesk_control.operations.operation import SUCCEEDED, Operation, advanced, shown
from mixdesk_control.store import Store
from mixdesk_control.store.revisions import Revisions
from mixdesk_control.web.feed import Feed
from mixdesk_control.web.problems import Problem

CHUNK = 200

Canceler = Callable[[Operation, Principal, str], Awaitable[Operation]]


class OperationService:
    """Keeps the operations that have not ended in memory, and all of them in the store.

    Other rooms call `new` or `advance`, write what they get with `save` in their own transaction, and hand it to
    `announce` once that is on disk.
    """

    def __init__(self, store: Store, *, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._clock = clock
        self._revisions = Revisions(store, "operations")
        self._open: dict[str, Operation] = {item.id: item for item in store.read_blocking(rows.load_open)}
        self._feed: Feed[Operation] = Feed()
        self._cancelers: dict[str, Canceler] = {}
        self.outcomes: Counter[tuple[str, str]] = Counter()

    def on_cancel(self, kind: str, canceler: Canceler) -> None:
        """Who takes back operations on targets of a kind: `canceler(operation, principal, origin)`."""
        self._cancelers[kind] = canceler

    # -- for the rooms that make operations ----------------------------------------------------------

    def new_id(self) -> str:
        """An id for an operation that may be made."""
        return new_job_id(int(self._clock() * 1000))

    def new(
        self,
        operation_id: str,
        *,
        action: str,
        kind: str,
        target: str,
        actor: str,
        generation: int,
        owner: str | None = None,
        params: Mapping[str, Any] | None = None,
    ) -> Operation:
        """A pending operation, not yet written."""
        now = self._clock()
        return Operation(
            id=operation_id,
            action=action,
            kind=kind,
            target=target,
            actor=actor,
            generation=generation,
            owner=owner,
            params=params or {},
            steps=((now, "asked"),),
            created_at=now,
            updated_at=now,
            revision=self._revisions.next(),
        )

    def advance(self, operation_id: str, state: str, **said: Any) -> Operation | None:
        """An open operation in its next state, not yet written; None where it has ended already.

        `said`: step, error and result as in `operation.advanced`.
        """
        operation = self._open.get(operation_id)
        if operation is None:
            return None
        return replace(advanced(operation, state, self._clock(), **said), revision=self._revisions.next())

    @staticmethod
    def save(conn: Connection, items: Iterable[Operation]) -> None:
        """Writes operations in the caller's transaction."""
        rows.save(conn, list(items))

    @staticmethod
    def touch(conn: Connection, operation_ids: Iterable[str], now: float) -> None:
        """Notes that these are still seen to, whatever else is known of them."""
        rows.touch(conn, operation_ids, now)

    @staticmethod
    def outcome(conn: Connection, operation_id: str) -> str | None:
        """How an operation ended, None while it has not. One that is no longer kept has succeeded for all we know."""
        found = rows.load(conn, operation_id)
        if found is None:
            return SUCCEEDED
        return None if found.is_open else found.state

    def announce(self, items: Iterable[Operation]) -> None:
        """These are on disk now: readers of the stream may know."""
        for item in items:
            if item.is_open:
                self._open[item.id] = item
            else:
                self._open.pop(item.id, None)
                self.outcomes[item.action, item.state] += 1
            self._feed.publish(item.id, item.revision, item, urgent=True)

    def open_of(self, kind: str) -> list[Operation]:
        """Those on targets of a kind that have not ended."""
        return [item for item in self._open.values() if item.kind == kind]

    async def tend(self) -> None:
        """Reserves revisions in time; to be called now and then."""
        await self._revisions.ensure()

    # -- for people ----------------------------------------------------------------------------------

    async def get(self, operation_id: str, principal: Principal) -> Operation:
        """One operation that the principal may see. Raises Problem 404."""
        found = self._open.get(operation_id) or await self._store.read(lambda conn: rows.load(conn, operation_id))
        if found is None or not visible(found, principal):
            raise Problem(404, f"there is no operation {operation_id}")
        return found

    async def page(
        self, principal: Principal, filters: Mapping[str, str], limit: int, before: tuple[float, str] | None
    ) -> list[Operation]:
        """Up to `limit` operations that the principal may see, newest first."""
        wanted = dict(filters)
        if principal.owner is not None:
            wanted["owner"] = principal.owner
        if principal.job_id is not None:
            wanted |= {"kind": "job", "target": principal.job_id}
        return await self._store.read(lambda conn: rows.load_page(conn, wanted, limit, before))

    async def cancel(self, operation_id: str, principal: Principal, origin: str) -> Operation:
        """Takes an operation back. Raises Problem 409 with the reason where that cannot be."""
        found = await self.get(operation_id, principal)
        canceler = self._cancelers.get(found.kind)
        if not found.is_open or canceler is None:
            raise Problem(409, f"operation {operation_id} has ended ({found.state})")
        return await canceler(found, principal, origin)

    async def frames(self, principal: Principal, after: int | None = None) -> AsyncIterator[dict[str, Any]]:
        """`{"revision", "operation"}`: the open ones, or what changed after a revision; then each change."""
        with self._feed.reading(lambda item: visible(item, principal)) as reader:
            reset = after is not None and after > self._revisions.current
            async for operation in self._known(after, reset):
                if visible(operation, principal):
                    yield _frame(operation, reset)
                    reset = False
            async for batch in reader.batches():
                for _, operation in batch:
                    yield _frame(operation, reset)
                    reset = False

    async def _known(self, after: int | None, reset: bool) -> AsyncIterator[Operation]:
        if after is None or reset:
            for operation in sorted(self._open.values(), key=lambda item: item.revision):
                yield operation
            return
        seen = after
        while chunk := await self._store.read(partial(rows.load_after, revision=seen, limit=CHUNK)):
            for operation in chunk:
                yield operation
            seen = chunk[-1].revision


def visible(operation: Operation, principal: Principal) -> bool:
    """Whether a principal may know of an operation."""
    return principal.sees(operation.target if operation.kind == "job" else "", operation.owner)


def _frame(operation: Operation, reset: bool) -> dict[str, Any]:
    frame: dict[str, Any] = {"revision": operation.revision, "operation": shown(operation)}
    return frame | {"reset": True} if reset else frame
