"""What people wish of one job, as the desk holds it: state with generations that only grow. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from mixdesk.wire import (
    CANCELED,
    PAUSED,
    RUNNING,
    CheckpointDesired,
    CheckpointRecord,
    CheckpointState,
    Desired,
    Observed,
    RunDesired,
)
from mixdesk_control.jobs.lifecycle import is_final

CHECKPOINT, PAUSE, RESUME, CANCEL = "checkpoint", "pause", "resume", "cancel"
CONTINUE = "continue"

PENDING, WORKING, SUCCEEDED, FAILED_OP = "pending", "running", "succeeded", "failed"
SUPERSEDED, MOOT, WITHDRAWN = "superseded", "moot", "canceled"

# A desk that comes back may have been restored from a backup, and its trainers may have heard generations that it no
# longer knows. Its next one is then at least the seconds since this moment (2026-01-01), so that it is beyond all
# that earlier desks have given out, whatever became of their databases.
FIRST_MOMENT = 1_767_225_600

# Beyond all that a desk gives out, and as far from the largest integer of JSON: whoever names an absurd generation of
# a job leaves it room for every request to come.
HIGHEST_HEARD = 2**52


@dataclass(frozen=True, slots=True)
class Pending:
    """A request that has not ended: its operation, what it asks, and whether the trainer has taken it up."""

    operation: str
    action: str
    generation: int
    asked_at: float
    then: str | None = None
    state: str = PENDING


@dataclass(frozen=True, slots=True)
class Intent:
    """What the desk holds of people's wishes for one job.

    floor                 a generation that the trainer may have heard of; the next one is beyond
    pending               requests that have not ended, oldest first
    last_run, last_save   the newest operation on the run and on checkpoints, for a request that changes nothing
    """

    desired: Desired
    floor: int = 0
    pending: tuple[Pending, ...] = ()
    last_run: str | None = None
    last_save: str | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What the trainer has reported. `records`: the files that it tells of, each with the request it answers."""

    status: str
    observed: Observed
    checkpoint: CheckpointState
    error: str | None = None
    records: tuple[CheckpointRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of an operation. `saved` where a checkpoint file is its result; `record` where it is known which."""

    operation: str
    state: str
    error: str | None = None
    saved: bool = False
    record: CheckpointRecord | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """A request that holds.

    created   whether `operation` is a new one
    ends_job  the desk itself ends the job (a queued one that is cancelled)
    """

    intent: Intent
    generation: int
    operation: str
    created: bool
    settled: tuple[Settled, ...] = ()
    ends_job: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """A request that cannot be, and why."""

    reason: str


def fresh() -> Intent:
    """Of a job that nobody has asked anything of."""
    return Intent(Desired())


def adopted(facts: Facts, now: float, *, is_new: bool) -> Intent:
    """Of a job the desk does not know (any more): desired is what the trainer says it has observed."""
    intent = raised(fresh(), facts)
    return intent if is_new and intent.desired.generation == 0 else with_gap(intent, now)


def with_gap(intent: Intent, now: float) -> Intent:
    """The same after a time in which the trainer may have heard of what this desk forgot."""
    return replace(intent, floor=max(intent.floor, intent.desired.generation, int(now) - FIRST_MOMENT))


def heard(intent: Intent, generation: int) -> Intent:
    """The same once a trainer has named a generation that it knows."""
    generation = min(generation, HIGHEST_HEARD)
    return intent if generation <= max(intent.floor, intent.desired.generation) else replace(intent, floor=generation)


def next_generation(intent: Intent) -> int:
    """The generation of a new request."""
    return max(intent.desired.generation, intent.floor) + 1


def save_pending(intent: Intent, observed: Observed) -> bool:
    """Whether a checkpoint is asked for and the trainer has not said what became of it."""
    asked = intent.desired.checkpoint
    return asked is not None and asked.generation > observed.checkpoint


def cancel_pending(intent: Intent, facts: Facts) -> bool:
    """Whether the run is to end: by a plain cancel, or by a checkpoint with `then=cancel` that has not failed."""
    if is_final(facts.status):
        return False
    asked = intent.desired.checkpoint
    if intent.desired.run.state == CANCELED:
        return True
    if asked is None or asked.then != CANCEL:
        return False
    return asked.generation > facts.observed.checkpoint or facts.observed.outcome == "saved"


def raised(intent: Intent, facts: Facts) -> Intent:
    """The same with generations at least as high as what the trainer has observed: its desk knew more than this one."""
    desired, observed = intent.desired, facts.observed
    run, checkpoint = desired.run, desired.checkpoint
    if observed.run > run.generation:
        state = facts.status if facts.status in (PAUSED, CANCELED) else RUNNING
        run = RunDesired(state=state, generation=observed.run)
    if observed.checkpoint > (checkpoint.generation if checkpoint else 0):
        checkpoint = CheckpointDesired(then=CONTINUE, generation=observed.checkpoint)
    if run is desired.run and checkpoint is desired.checkpoint:
        return intent
    generation = max(desired.generation, run.generation, checkpoint.generation if checkpoint else 0)
    return replace(intent, desired=Desired(generation=generation, run=run, checkpoint=checkpoint))
