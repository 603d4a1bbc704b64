"""How an operation ended: its outcome, the audit's, and what is wished from now on of assets that it never came to."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable
from typing import Any

from sqlalchemy import Connection

from mixdesk_control import audit
from mixdesk_control.assets import rows
from mixdesk_control.assets.asset import UNKNOWN
from mixdesk_control.assets.board import Board
from mixdesk_control.assets.course import Course
from mixdesk_control.assets.rows import WANT_RUNNING, WANT_STOPPED, Wish
from mixdesk_control.operations.operation import SUCCEEDED
from mixdesk_control.web.problems import Problem

AGAIN_S = 1.0

log = logging.getLogger("mixdesk.assets")


class Settling:
    """Writes the ends of operations; `courses` are those that are on their way."""

    def __init__(self, board: Board, courses: Callable[[], Iterable[Course]]) -> None:
        self._board = board
        self._courses = courses
        self.leaving = False

    async def end(self, course: Course, state: str, error: str | None) -> None:
        """Its outcome is on disk before anybody is told; a disk that takes nothing is asked again.

        A desk that is `leaving` asks once: what has no outcome is open on the disk, and the next desk goes on with it.
        """
        while True:
            try:
                async with self._board.deciding, course.telling:
                    wishes = [] if state == SUCCEEDED else self._untouched(course)
                    await self.settle(course.operation, state, error, wishes, done=course.done, result=_result(course))
                return
            except Problem as problem:
                log.warning(
                    "operation %s has ended (%s), which could not be written: %s",
                    course.operation,
                    state,
                    problem.detail,
                )
                if self.leaving:
                    return
                await asyncio.sleep(AGAIN_S)

    async def settle(
        self,
        operation: str,
        state: str,
        error: str | None,
        assets: Iterable[str],
        *,
        done: Collection[str] = (),
        **said: Any,
    ) -> None:
        """Its outcome, with what is wished of these assets from now on: what they are. Raises Problem 503.

        `done`: assets with which it has done what it was to do.
        """
        moved = self._board.operations.advance(operation, state, error=error, **said)
        if moved is None:
            return
        wishes = list(self._as_they_are(operation, assets))

        def work(conn: Connection) -> None:
            rows.save_wishes(conn, wishes)
            audit.settle(conn, moved.id, moved.state, moved.error, target=moved.target, done=done)

        await self._board.commit(work, [moved])
        for asset, wish in wishes:
            if (entry := self._board.entries.get(asset)) is not None:
                entry.wish = wish

    def _untouched(self, course: Course) -> list[str]:
        """What it never came to: nobody finds fault with it for what was not done."""
        if course.halted_as is not None:
            return [*course.starts, *course.stops]
        entries = self._board.entries
        failed = {asset for asset, entry in entries.items() if entry.failed is not None}
        return [asset for asset in (*course.starts, *course.stops) if asset not in course.done.keys() | failed]

    def _as_they_are(self, operation: str, assets: Iterable[str]) -> Iterable[tuple[str, Wish]]:
        for asset in assets:
            entry = self._board.entries.get(asset)
            if entry is None or entry.wish.operation != operation:
                continue
            wish, other = entry.wish, self._also_at(asset, operation)
            if other is not None:  # it is that one's from now on, which sees to it at its own end
                wanted = WANT_RUNNING if asset in other.starts else WANT_STOPPED, other.operation
            elif entry.observed.doing == UNKNOWN:  # nobody knows what it is: it stays as it was asked
                continue
            else:
                wanted = WANT_RUNNING if entry.observed.is_alive else WANT_STOPPED, operation
            if wanted != (wish.desired, operation):
                yield asset, Wish(wanted[0], wish.generation + 1, wanted[1], wish.asked_at)

    def _also_at(self, asset: str, operation: str) -> Course | None:
        """The newest other operation that has to do with an asset."""
        found = (course for course in self._courses() if course.operation != operation)
        return next((one for one in reversed([*found]) if asset in one.starts or asset in one.stops), None)


def _result(course: Course) -> dict[str, Any]:
    """What became of each asset, and of the memory of all."""
    result: dict[str, Any] = {"assets": dict(course.done)}
    freed = [item["freed_mb"] for item in course.done.values() if item.get("freed_mb") is not None]
    leaked = sum(item.get("leaked_mb", 0.0) for item in course.done.values())
    if freed:
        result["freed_mb"] = sum(freed)
    if freed or leaked:
        result["leaked_mb"] = leaked
    return result
