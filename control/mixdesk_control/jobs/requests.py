"""Requests of people: durable, answered with a generation and an operation, and never in the trainer's way."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
from sqlalchemy import Connection

from mixdesk import wire
from mixdesk_control import audit
from mixdesk_control.auth.principal import Principal
from mixdesk_control.jobs import desired, ending, intents
from mixdesk_control.jobs.board import Also, Board
from mixdesk_control.jobs.intents import Accepted, Refused
from mixdesk_control.jobs.rows import Change, Transition
from mixdesk_control.jobs.settling import audit_of, settle
from mixdesk_control.jobs.state import Job, Slot, State
from mixdesk_control.operations import Operation
from mixdesk_control.web import idempotency
from mixdesk_control.web.asked import Asked
from mixdesk_control.web.idempotency import Reply
from mixdesk_control.web.problems import Problem


class Requests:
    """Takes what people ask of jobs."""

    def __init__(self, board: Board) -> None:
        self._board = board
        board.operations.on_cancel("job", self._withdraw)

    async def ask(self, job_id: str, action: str, asked: Asked, *, then: str = intents.CONTINUE) -> Reply:
        """One request -> 202 and `{"generation", "operation"}`. Raises Problem 404, 409, 422 or 503."""
        async with self._board.held(job_id) as slot:
            earlier = await self._earlier(asked)
            if earlier is not None:
                return earlier
            job = seen(slot.job, job_id, asked.principal)
            outcome = desired.request(
                job.state.intent,
                job.state.facts,
                action,
                self._board.operations.new_id(),
                self._board.clock(),
                then=then,
            )
            if isinstance(outcome, Refused):
                self._note_refused(job_id, action, asked, outcome.reason)
                raise Problem(409, outcome.reason)
            return await self._accept(slot, job, action, asked, outcome, then)

    async def _earlier(self, asked: Asked) -> Reply | None:
        if asked.key is None:
            return None
        now = self._board.clock()
        return await self._board.store.read(
            lambda conn: idempotency.find(conn, asked.principal, asked.path, asked.key, asked.body, now=now)
        )

    async def _accept(self, slot: Slot, job: Job, action: str, asked: Asked, outcome: Accepted, then: str) -> Reply:
        before, operations = job.state, []
        if outcome.created:
            params = {"then": then} if action == intents.CHECKPOINT else {}
            operations.append(self._new(before, action, asked, outcome, params))
        after = self._after(before, outcome, asked)
        settled = {item.operation: item for item in outcome.settled}
        own = settled.pop(outcome.operation, None)
        if own is not None and operations:
            operations[0] = self._ended_at_once(operations[0], own)
        operations += settle(self._board, after, tuple(settled.values()))
        answer = {"generation": outcome.generation, "operation": outcome.operation}
        reply = Reply(202, msgspec.json.encode(answer))
        changes = [(slot, self._change(before, after, asked))] if after is not before else []
        await self._board.commit(
            changes, operations, [audit_of(operations[1:]), self._record(before, action, asked, outcome, reply, own)]
        )
        return reply

    def _after(self, before: State, outcome: Accepted, asked: Asked) -> State:
        if outcome.intent is before.intent and not outcome.ends_job:
            return before
        revision = self._board.next_revision()
        if not outcome.ends_job:
            return before.changed(intent=outcome.intent, revision=revision)
        now = self._board.clock()
        return before.changed(intent=outcome.intent, revision=revision, status=wire.CANCELED, ended_at=now)

    def _change(self, before: State, after: State, asked: Asked) -> Change:
        change = Change(before, after)
        if after.status != before.status:
            reason = f"canceled by {asked.principal.name} while it was queued"
            change.transitions.append(Transition(self._board.clock(), before.seen_status, after.status, reason))
            ending.complete(change, None, self._board.clock())
        return change

    def _new(self, state: State, action: str, asked: Asked, outcome: Accepted, params: dict[str, Any]) -> Operation:
        return self._board.operations.new(
            outcome.operation,
            action=action,
            kind="job",
            target=state.job_id,
            actor=asked.principal.name,
            generation=outcome.generation,
            owner=state.owner,
            params=params,
        )

    def _ended_at_once(self, operation: Operation, own: intents.Settled) -> Operation:
        now = operation.created_at
        steps = (*operation.steps, (now, own.state))
        return replace(operation, state=own.state, error=own.error, steps=steps, ended_at=now)

    def _record(
        self, state: State, action: str, asked: Asked, outcome: Accepted, reply: Reply, own: intents.Settled | None
    ) -> Also:
        now = self._board.clock()

        def outcome_of(conn: Connection) -> str:
            if outcome.created:
                return audit.ACCEPTED if own is None else own.state
            # It changes nothing: how it ended is how the operation ends that it stands for, and may have ended.
            return self._board.operations.outcome(conn, outcome.operation) or audit.ACCEPTED

        def work(conn: Connection) -> None:
            audit.record(
                conn,
                asked.principal,
                action=f"job.{action}",
                target=state.job_id,
                origin=asked.origin,
                operation=outcome.operation,
                outcome=outcome_of(conn),
                at=now,
            )
            idempotency.keep(
                conn, asked.principal, asked.path, asked.key, asked.body, status=202, response=reply.body, now=now
            )

        return work

    def _note_refused(self, job_id: str, action: str, asked: Asked, reason: str) -> None:
        now = self._board.clock()
        self._board.store.write_soon(
            lambda conn: audit.record(
                conn,
                asked.principal,
                action=f"job.{action}",
                target=job_id,
                origin=asked.origin,
                outcome="refused",
                detail=reason,
                at=now,
            )
        )

    # -- the end of a wish, and of a job -------------------------------------------------------------

    async def _withdraw(self, operation: Operation, principal: Principal, origin: str) -> Operation:
        """Takes an operation back while the trainer has not taken it up. Raises Problem 409."""
        asked = Asked(principal, origin)
        async with self._board.held(operation.target) as slot:
            job = seen(slot.job, operation.target, principal)
            outcome = desired.withdraw(job.state.intent, job.state.facts, operation.id)
            if isinstance(outcome, Refused):
                self._note_refused(operation.target, "withdraw", asked, outcome.reason)
                raise Problem(409, outcome.reason)
            intent, settled = outcome
            after = job.state.changed(intent=intent, revision=self._board.next_revision())
            moved = settle(self._board, after, (settled,))
            await self._board.commit(
                [(slot, Change(job.state, after))], moved, [audit_of(moved), self._noted(operation, asked)]
            )
        return moved[0]

    def _noted(self, operation: Operation, asked: Asked) -> Also:
        now = self._board.clock()
        return lambda conn: audit.record(
            conn,
            asked.principal,
            action="operation.cancel",
            target=operation.id,
            origin=asked.origin,
            outcome=audit.DONE,
            at=now,
        )

    async def delete(self, job_id: str, asked: Asked) -> None:
        """A final job leaves the desk; its files stay. Raises Problem 404 or 409."""
        now = self._board.clock()
        async with self._board.held(job_id) as slot:
            job = seen(slot.job, job_id, asked.principal)
            if not job.state.is_final:
                raise Problem(409, f"job {job_id} has not ended ({job.state.seen_status}): cancel it first")
            await self._board.remove(
                slot,
                job.state,
                [
                    lambda conn: audit.record(
                        conn,
                        asked.principal,
                        action="job.delete",
                        target=job_id,
                        origin=asked.origin,
                        outcome=audit.DONE,
                        at=now,
                    )
                ],
            )


def seen(job: Job | None, job_id: str, principal: Principal) -> Job:
    """The job, where there is one that the principal may see. Raises Problem 404."""
    if job is None or not principal.sees(job_id, job.state.owner):
        raise Problem(404, f"there is no job {job_id}")
    return job
