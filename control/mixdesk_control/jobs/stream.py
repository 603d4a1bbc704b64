"""`WS /jobs/stream`: all current jobs first, or what changed after a revision; then each change.

The store is read in the order of revisions, so that whoever is cut off at any frame goes on from its revision.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial

import msgspec

from mixdesk_control.auth.principal import Principal
from mixdesk_control.jobs import queries, retention
from mixdesk_control.jobs.board import Board, as_job
from mixdesk_control.jobs.queries import Deleted
from mixdesk_control.jobs.state import Job, State

CHUNK = 200
MOST_SENT = 20_000


class JobStream:
    """One reader's frames, as bytes of JSON."""

    def __init__(
        self, board: Board, principal: Principal, *, job_id: str | None = None, after: int | None = None
    ) -> None:
        self._board = board
        self._principal = principal
        self._job_id = job_id
        self._after = after
        self._reset = False
        self._sent: dict[str, int] = {}

    def wants(self, item: Job | Deleted) -> bool:
        """Whether a change is for this reader."""
        job_id, owner = (
            (item.job_id, item.owner) if isinstance(item, Deleted) else (item.state.job_id, item.state.owner)
        )
        return self._job_id in (None, job_id) and self._principal.sees(job_id, owner)

    async def frames(self) -> AsyncIterator[bytes]:
        """Frames without end."""
        # Reading begins before the store is asked, so that nothing falls between the two.
        with self._board.feed.reading(self.wants) as reader:
            async for frame in self._known():
                yield frame
            async for batch in reader.batches():
                for revision, item in batch:
                    if (change := self._frame(revision, item)) is not None:
                        yield change
                self._forget()

    async def _known(self) -> AsyncIterator[bytes]:
        await self._board.flush_if_possible()
        after = await self._start()
        anew = self._after is None or self._reset
        while True:
            states, deleted = await self._board.store.read(partial(queries.load_after, revision=after, limit=CHUNK))
            items = _in_order(states, deleted)
            for revision, item in items:
                after = revision
                if isinstance(item, Deleted) and anew:
                    continue  # nobody who begins anew knows what has left
                found = item if isinstance(item, Deleted) else self._board.find(item.job_id) or as_job(item, {})
                if self.wants(found) and (frame := self._frame(revision, found)) is not None:
                    yield frame
            if not items:
                break
        if self._reset:
            yield self._with_reset(after, b"")

    async def _start(self) -> int:
        """The revision to begin after; 0 where all is to be told."""
        if self._after is None:
            return 0
        floor = await self._board.store.read(retention.deletions_floor)
        self._reset = self._after > self._board.revisions.current or self._after < floor
        return 0 if self._reset else self._after

    def _frame(self, revision: int, item: Job | Deleted) -> bytes | None:
        if isinstance(item, Deleted):
            self._sent.pop(item.job_id, None)
            return self._with_reset(revision, b',"deleted":' + msgspec.json.encode(item.job_id))
        state = item.state
        if self._sent.get(state.job_id, -1) >= state.revision:
            return None
        self._sent[state.job_id] = state.revision
        return self._with_reset(max(revision, 0), b',"job":' + self._board.encoded(item))

    def _forget(self) -> None:
        """Jobs that have left the memory change no more; a stream may stay open for months."""
        if len(self._sent) > MOST_SENT:
            self._sent = {job_id: sent for job_id, sent in self._sent.items() if self._board.find(job_id) is not None}

    def _with_reset(self, revision: int, rest: bytes) -> bytes:
        reset, self._reset = self._reset, False
        return b'{"revision":%d%s%s}' % (revision, b',"reset":true' if reset else b"", rest)


def _in_order(states: list[State], deleted: list[Deleted]) -> list[tuple[int, State | Deleted]]:
    """Both by revision, as far as both reach: a chunk of one may end before the other's."""
    items: list[tuple[int, State | Deleted]] = [(state.revision, state) for state in states]
    items += [(item.revision, item) for item in deleted]
    ends = [chunk[-1].revision for chunk in (states, deleted) if len(chunk) == CHUNK]
    last = min(ends) if ends else None
    return sorted((item for item in items if last is None or item[0] <= last), key=lambda item: item[0])
