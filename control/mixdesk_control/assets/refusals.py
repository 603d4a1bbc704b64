"""Why a request cannot be granted as things are: 409 with what would help, and a line of the audit."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from mixdesk_control import audit
from mixdesk_control.assets import plan
from mixdesk_control.assets.board import Board
from mixdesk_control.assets.course import START, STOP
from mixdesk_control.assets.courses import KIND
from mixdesk_control.assets.document import shown_hold
from mixdesk_control.assets.entry import Entry
from mixdesk_control.web.asked import Asked
from mixdesk_control.web.problems import Problem


class Refusals:
    """Finds what is in the way of a request. What it returns is a Problem 409 to be raised."""

    def __init__(self, board: Board) -> None:
        self._board = board

    def may_go(self, entry: Entry, starting: Collection[str]) -> bool:
        """Idle and evictable: no job runs in it, nobody holds it, nothing that runs is about to need it."""
        idle = not entry.jobs and not entry.is_busy and entry.asset.id not in starting
        return entry.asset.evictable and idle and not self._board.holds_of(entry.asset.id)

    def short(self, target: str, memory: plan.Memory, asked: Asked, *, evict: bool) -> Problem:
        """GPU memory is missing: who holds it, and whose stop would make room."""
        jobs = {asset: entry.jobs for asset, entry in self._board.entries.items()}
        why = "; ".join(map(str, memory.shortages))
        return self.noted(
            START,
            target,
            asked,
            f"{why}: {self._what_helps(memory, evict=evict)}",
            holders=plan.shown_holders(memory.shortages, jobs),
            stop=None if memory.advice is None else list(memory.advice),
        )

    def _what_helps(self, memory: plan.Memory, *, evict: bool) -> str:
        if not memory.advice:
            return f"no {'set of evictable, idle assets' if evict else 'asset that runs'} would make room"
        helps = f"stop {', '.join(memory.advice)}"
        if not evict and all(self.may_go(self._board.entries[asset], ()) for asset in memory.advice):
            helps += ", or start it with evict=true"
        return helps

    def needed(self, target: str, along: Sequence[str], asked: Asked) -> Problem:
        """Dependents of what is to be stopped run."""
        named = ", ".join(along)
        verb, them = ("runs and needs", "it") if len(along) == 1 else ("run and need", "them")
        why = f"{named} {verb} {target}: stop {them} first, or ask with cascade=true"
        return self.noted(STOP, target, asked, why, dependents=list(along))

    def used(self, target: str, stops: Sequence[str], asked: Asked) -> Problem | None:
        """Jobs run in what is to be stopped, or somebody holds it; None where neither is so."""
        jobs = {asset: self._board.entries[asset].jobs for asset in stops if self._board.entries[asset].jobs}
        if jobs:
            named = ", ".join(f"{job} (in {asset})" for asset, ids in jobs.items() for job in ids)
            helps = "have it saved with `mixdesk jobs checkpoint ID --then cancel`, or ask with force=true"
            ids = sorted({job for ids in jobs.values() for job in ids})
            return self.noted(STOP, target, asked, f"a job runs there: {named}; {helps}", jobs=ids)
        holds = [hold for asset in stops for hold in self._board.holds_of(asset)]
        if not holds:
            return None
        named = ", ".join(f"{hold.actor} ({hold.asset})" for hold in holds)
        why = f"it is held by {named}: wait until the hold ends, or ask with force=true"
        shown = [{"asset": hold.asset} | shown_hold(hold) for hold in holds]
        return self.noted(STOP, target, asked, why, holds=shown)

    def noted(self, action: str, target: str, asked: Asked, reason: str, **extra: Any) -> Problem:
        """Any other reason; `extra` becomes further members of the answer."""
        now = self._board.clock()
        self._board.store.write_soon(
            lambda conn: audit.record(
                conn,
                asked.principal,
                action=f"{KIND}.{action}",
                target=target,
                origin=asked.origin,
                outcome="refused",
                detail=reason[:500],
                at=now,
            )
        )
        return Problem(409, reason, **extra)
