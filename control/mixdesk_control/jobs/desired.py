"""What people ask of a job and what becomes of it: requests and reports in, desired state and operations out. Pure.

Every request is state with a generation that only grows, and an operation that is followed to its end:

    pending -> running -> succeeded | failed | moot         what the trainer reports
    pending -> superseded | canceled                        a newer request, or a person who took it back
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from mixdesk.wire import CANCELED, PAUSED, QUEUED, RUNNING, CheckpointDesired, Desired, RunDesired
from mixdesk_control.jobs.intents import (
    CANCEL,
    CHECKPOINT,
    CONTINUE,
    PAUSE,
    PENDING,
    RESUME,
    SUCCEEDED,
    SUPERSEDED,
    WITHDRAWN,
    Accepted,
    Facts,
    Intent,
    Pending,
    Refused,
    Settled,
    cancel_pending,
    next_generation,
    save_pending,
)
from mixdesk_control.jobs.lifecycle import is_final
from mixdesk_control.jobs.observing import observe


def request(
    intent: Intent, facts: Facts, action: str, operation: str, now: float, *, then: str = CONTINUE
) -> Accepted | Refused:
    """One request of a person; `operation` is the id of the operation that it makes where it changes something."""
    reason = _refusal(intent, facts, action)
    if reason is not None:
        return Refused(reason)
    if action == CHECKPOINT:
        return _ask_checkpoint(intent, facts, operation, now, then)
    if action == CANCEL:
        return _ask_cancel(intent, facts, operation, now)
    return _ask_run(intent, facts, operation, now, action)


def _refusal(intent: Intent, facts: Facts, action: str) -> str | None:
    if is_final(facts.status):
        return f"the job has ended ({facts.status})"
    if facts.status == QUEUED and action in (CHECKPOINT, PAUSE):
        return f"the job is queued: there is nothing to {action} yet, cancel and resume are possible"
    if action in (PAUSE, RESUME) and cancel_pending(intent, facts):
        return f"a cancel is pending: the run will end, {action} is no longer possible"
    return None


def _ask_checkpoint(intent: Intent, facts: Facts, operation: str, now: float, then: str) -> Accepted:
    asked = intent.desired.checkpoint
    # `continue` over a pending `cancel` changes nothing either: the file comes, and the run still ends.
    stands = asked is not None and save_pending(intent, facts.observed) and _is_followed(intent, intent.last_save)
    if asked is not None and stands and then in (CONTINUE, asked.then):
        return _unchanged(intent, intent.last_save, operation, asked.generation)
    generation = next_generation(intent)
    run = intent.desired.run
    superseded: tuple[Pending, ...] = ()
    if then == CANCEL and run.state == PAUSED:
        run, superseded = RunDesired(state=RUNNING, generation=generation), _open(intent, (PAUSE, RESUME))
    desired = Desired(generation=generation, run=run, checkpoint=CheckpointDesired(then=then, generation=generation))
    pending = Pending(operation, CHECKPOINT, generation, now, then)
    return _accepted(replace(intent, last_save=operation), desired, pending, superseded)


def _ask_cancel(intent: Intent, facts: Facts, operation: str, now: float) -> Accepted:
    if intent.desired.run.state == CANCELED and facts.status != QUEUED and _run_stands(intent, facts):
        return _unchanged(intent, intent.last_run, operation, intent.desired.run.generation)
    generation = next_generation(intent)
    pending = Pending(operation, CANCEL, generation, now)
    run = RunDesired(state=CANCELED, generation=generation)
    accepted = _on_run(intent, run, pending)
    if facts.status != QUEUED:
        return accepted
    ended, settled = observe(accepted.intent, replace(facts, status=CANCELED))
    return replace(accepted, intent=ended, settled=accepted.settled + settled, ends_job=True)


def _ask_run(intent: Intent, facts: Facts, operation: str, now: float, action: str) -> Accepted:
    state = PAUSED if action == PAUSE else RUNNING
    if intent.desired.run.state == state and _run_stands(intent, facts):
        return _unchanged(intent, intent.last_run, operation, intent.desired.run.generation)
    generation = next_generation(intent)
    return _on_run(intent, RunDesired(state=state, generation=generation), Pending(operation, action, generation, now))


def _on_run(intent: Intent, run: RunDesired, pending: Pending) -> Accepted:
    desired = Desired(generation=run.generation, run=run, checkpoint=intent.desired.checkpoint)
    superseded = _open(intent, (PAUSE, RESUME, CANCEL))
    return _accepted(replace(intent, last_run=pending.operation), desired, pending, superseded)


def _accepted(intent: Intent, desired: Desired, pending: Pending, superseded: Iterable[Pending]) -> Accepted:
    settled = tuple(Settled(item.operation, SUPERSEDED) for item in superseded)
    gone = {item.operation for item in settled}
    kept = tuple(item for item in intent.pending if item.operation not in gone)
    new = replace(intent, desired=desired, pending=(*kept, pending))
    return Accepted(new, desired.generation, pending.operation, created=True, settled=settled)


def _run_stands(intent: Intent, facts: Facts) -> bool:
    return facts.observed.run >= intent.desired.run.generation or _is_followed(intent, intent.last_run)


def _is_followed(intent: Intent, operation: str | None) -> bool:
    """Whether the same request again may be answered with this operation.

    One that ended with a lost job (lost contact) says failed for good: who asks once more of a trainer that came back
    gets a new one.
    """
    return operation is None or any(item.operation == operation for item in intent.pending)


def _unchanged(intent: Intent, known: str | None, operation: str, generation: int) -> Accepted:
    if known is not None:
        return Accepted(intent, generation, known, created=False)
    # Nothing was ever asked (resume of a running job): an operation that is over at once can still be followed.
    done = (Settled(operation, SUCCEEDED),)
    return Accepted(replace(intent, last_run=operation), generation, operation, created=True, settled=done)


def _open(intent: Intent, actions: tuple[str, ...]) -> tuple[Pending, ...]:
    return tuple(item for item in intent.pending if item.action in actions)


def withdraw(intent: Intent, facts: Facts, operation: str) -> tuple[Intent, Settled] | Refused:
    """Takes back a request that the trainer has not taken up, by a newer generation."""
    found = next((item for item in intent.pending if item.operation == operation), None)
    if found is None:
        return Refused("the operation has ended")
    if found.state != PENDING:
        return Refused("the trainer has taken it up already")
    asked = intent.desired.checkpoint
    current = asked.generation if found.action == CHECKPOINT and asked is not None else intent.desired.run.generation
    if found.generation != current:
        return Refused("a newer request builds on it: withdraw that one")
    generation = next_generation(intent)
    state = intent.desired.run.state if found.action == CHECKPOINT else _before(found.action, facts)
    kept = None if found.action == CHECKPOINT else asked
    desired = Desired(generation=generation, run=RunDesired(state=state, generation=generation), checkpoint=kept)
    rest = tuple(item for item in intent.pending if item is not found)
    last_run = intent.last_run if found.action == CHECKPOINT else None
    return replace(intent, desired=desired, pending=rest, last_run=last_run), Settled(operation, WITHDRAWN)


def _before(action: str, facts: Facts) -> str:
    """What the run goes back to: what the trainer is doing now."""
    return PAUSED if action == RESUME or (action == CANCEL and facts.status == PAUSED) else RUNNING
