"""All operations on assets that are on their way: begun, told of, superseded, taken back, found again later."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from mixdesk_control import audit
from mixdesk_control.assets.board import Board
from mixdesk_control.assets.course import Course
from mixdesk_control.assets.hands import Hands
from mixdesk_control.assets.settling import Settling
from mixdesk_control.auth.principal import Principal
from mixdesk_control.operations import Operation
from mixdesk_control.operations.operation import CANCELED, FAILED, RUNNING, SUPERSEDED
from mixdesk_control.web.problems import Problem

KIND = "asset"
STALE_S = 600.0  # what a desk that was away for longer has left open is not done any more: nobody waits for it
ALIVE_S = 60.0  # how often the disk is told that this desk is still at its operations

log = logging.getLogger("mixdesk.assets")


class Courses:
    """Runs courses, one task each. Used on the event loop alone."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._hands: Hands | None = None
        self._courses: dict[str, Course] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._settling = Settling(board, lambda: list(self._courses.values()))
        self._alive_at = board.clock()
        board.operations.on_cancel(KIND, self._cancel)

    def use(self, hands: Hands) -> None:
        """Whose hands act."""
        self._hands = hands

    def __iter__(self) -> Iterator[Course]:
        return iter(list(self._courses.values()))

    def find(self, operation: str | None) -> Course | None:
        """The course of an operation that has not ended."""
        return None if operation is None else self._courses.get(operation)

    def starting(self) -> set[str]:
        """All assets that an operation is to bring up, or has begun to."""
        return {asset for course in self._courses.values() if course.is_open for asset in course.starts}

    def ending(self) -> set[str]:
        """All assets that an operation takes down, or is still to, be it superseded by now."""
        return {asset for course in self._courses.values() for asset in course.stops if asset not in course.done}

    def given_up(self, starts: Collection[str]) -> set[str]:
        """Assets that will not be started after all once a start of these is accepted: it ends who was to do it."""
        older = self.opposing(starts, ())
        others = [course for course in self._courses.values() if course.is_open and course not in older]
        wanted = {asset for course in others for asset in course.starts}.union(starts)
        return {asset for course in older for asset in course.starts if asset not in course.begun} - wanted

    def opposing(self, starts: Collection[str], stops: Collection[str]) -> list[Course]:
        """Those that do the opposite with one of these, the ones that are ending too: they are waited for."""
        return [course for course in self._courses.values() if course.opposes(starts, stops)]

    # -- a course from its beginning to its end ------------------------------------------------------

    def begin(self, operation: Operation, starts: Sequence[str], stops: Sequence[str]) -> Course:
        """Sets out. Older ones that do the opposite go no further, and are waited for."""
        older = self.opposing(starts, stops)
        for other in older:
            other.halt(SUPERSEDED, f"a newer request took its place: {operation.action} {operation.target}")
        assert self._hands is not None
        course = Course(
            operation.id,
            operation.action,
            operation.target,
            self._hands,
            starts,
            stops,
            older,
            self.starting,
            self.ending,
        )
        self._courses[operation.id] = course
        self._mark(course)
        self._tasks[operation.id] = asyncio.create_task(self._run(course))
        return course

    def _mark(self, course: Course) -> None:
        for asset in (*course.stops, *course.starts):
            entry = self._board.entries.get(asset)
            if entry is not None:
                entry.course, entry.awaited = course.operation, asset in course.starts

    def _unmark(self, course: Course) -> None:
        for asset in (*course.stops, *course.starts):
            entry = self._board.entries.get(asset)
            if entry is not None:
                entry.course, entry.awaited = None, False
                entry.loading = entry.loading and entry.acting.locked()
        for other in self._courses.values():  # one that began earlier may still be at the same assets
            self._mark(other)

    async def _run(self, course: Course) -> None:
        try:
            state, error = await course.run()
            await self._settling.end(course, state, error)
        finally:
            course.over.set()
            self._courses.pop(course.operation, None)
            self._tasks.pop(course.operation, None)
            self._unmark(course)
            self._board.show()

    async def tell(self, operation: str, asset: str, what: str, outcome: str | None) -> None:
        """Notes a step; with an outcome it is a line of the audit too."""
        course = self._courses[operation]
        async with course.telling:
            moved = self._moved(course, f"{asset} {what}", begun=sorted(course.begun))
            if moved is not None:
                await self._note(moved, asset, what, outcome)

    def _moved(self, course: Course, step: str, **params: Any) -> Operation | None:
        """The operation one step on, with what the next desk must know of it."""
        moved = self._board.operations.advance(course.operation, RUNNING, step=step)
        return None if moved is None else replace(moved, params={**moved.params, **params})

    async def _note(self, moved: Operation, asset: str, what: str, outcome: str | None) -> None:
        def work(conn: Connection) -> None:
            if outcome is not None:
                audit.note_step(
                    conn,
                    moved.actor,
                    action=f"{KIND}.step",
                    target=asset,
                    operation=moved.id,
                    outcome=outcome,
                    detail=what,
                    at=moved.updated_at,
                )

        await self._board.commit(work, [moved])

    async def stay_alive(self) -> None:
        """Says now and then that this desk is still at its operations: a step may take longer than STALE_S."""
        now = self._board.clock()
        if self._courses and now - self._alive_at >= ALIVE_S:
            self._alive_at, mine = now, list(self._courses)
            await self._board.commit(lambda conn: self._board.operations.touch(conn, mine, now))

    # -- taken back, and found again -----------------------------------------------------------------

    async def _cancel(self, operation: Operation, principal: Principal, origin: str) -> Operation:
        course = self._courses.get(operation.id)
        if course is None:
            raise Problem(409, f"operation {operation.id} is ending already")
        async with course.telling:
            moved = self._moved(course, f"taken back by {principal.name}", taken_back=principal.name)
            if moved is None or not course.is_open:
                raise Problem(409, f"operation {operation.id} is ending already")
            await self._note_cancel(moved, principal, origin)
            course.halt(CANCELED, _taken_back(principal.name))
        return moved

    async def _note_cancel(self, operation: Operation, principal: Principal, origin: str) -> None:
        now = self._board.clock()

        def work(conn: Connection) -> None:
            audit.record(
                conn,
                principal,
                action="operation.cancel",
                target=operation.id,
                origin=origin,
                outcome=audit.DONE,
                at=now,
            )

        await self._board.commit(work, [operation])

    async def resume(self, operations: Iterable[Operation]) -> None:
        """Goes on with what an earlier desk has left open, in the order in which it was asked."""
        now = self._board.clock()
        for operation in sorted(operations, key=lambda item: item.created_at):
            starts, stops = (list(operation.params.get(name, ())) for name in ("starts", "stops"))
            missing = [asset for asset in (*starts, *stops) if asset not in self._board.entries]
            why = None
            if missing:
                why = f"{', '.join(missing)} left the registry while the desk was away"
            elif now - operation.updated_at > STALE_S:
                why = f"the desk was away for {(now - operation.updated_at) / 60:.0f} min: ask again"
            if why is None:
                self._go_on(self.begin(operation, starts, stops), operation.params)
            else:
                async with self._board.deciding:
                    await self._settling.settle(operation.id, FAILED, why, (*starts, *stops))

    def _go_on(self, course: Course, params: Mapping[str, Any]) -> None:
        course.begun.update(params.get("begun", ()))
        for asset in course.begun:  # not ready yet, as far as the desk before knew
            self._board.entries[asset].loading = self._board.entries[asset].observed.is_alive
        if "taken_back" in params:
            course.halt(CANCELED, _taken_back(params["taken_back"]))

    async def wait(self, operations: Iterable[str]) -> None:
        """Returns once these have ended."""
        for course in [self._courses[operation] for operation in operations if operation in self._courses]:
            await course.over.wait()

    def leave(self) -> None:
        """The desk is about to end: an outcome that the disk does not take is not waited for any more."""
        self._settling.leaving = True

    async def stop(self) -> None:
        """The desk ends: what is on its way stays open, and the next desk goes on with it."""
        for task in list(self._tasks.values()):
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)


def _taken_back(name: str) -> str:
    return f"taken back by {name}"
