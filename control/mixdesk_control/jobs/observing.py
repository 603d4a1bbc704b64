"""What a report means for the requests that are pending. Pure."""

from __future__ import annotations

from dataclasses import replace

from mixdesk.wire import CANCELED, FAILED, PAUSED, QUEUED, CheckpointRecord
from mixdesk_control.jobs.intents import (
    CANCEL,
    CHECKPOINT,
    FAILED_OP,
    MOOT,
    PAUSE,
    RESUME,
    SUCCEEDED,
    WORKING,
    Facts,
    Intent,
    Pending,
    Settled,
    raised,
)
from mixdesk_control.jobs.lifecycle import is_final


def observe(intent: Intent, facts: Facts) -> tuple[Intent, tuple[Settled, ...]]:
    """What a report means for the operations that are pending."""
    intent = raised(intent, facts)
    kept: list[Pending] = []
    settled: list[Settled] = []
    for item in intent.pending:
        verdict = _verdict(item, facts)
        if verdict is None:
            kept.append(item)
            continue
        settled.append(verdict)
        if verdict.state == WORKING:
            kept.append(replace(item, state=WORKING))
    if not settled:
        return intent, ()
    return replace(intent, pending=tuple(kept)), tuple(settled)


def _verdict(item: Pending, facts: Facts) -> Settled | None:
    """What became of one request; None where it stands as it stood."""
    found = _save_verdict(item, facts) if item.action == CHECKPOINT else _run_verdict(item, facts)
    if is_final(facts.status) and (found is None or found.state == WORKING):
        return _at_the_end(item, facts)
    if found is not None and found.state == WORKING and item.state == WORKING:
        return None
    return found


def _save_verdict(item: Pending, facts: Facts) -> Settled | None:
    own = _own_record(item, facts)
    outcome = "saved" if own is not None else _save_outcome(item, facts)
    if outcome == "failed":
        return Settled(
            item.operation,
            FAILED_OP,
            facts.observed.error or facts.checkpoint.error or "the checkpoint could not be saved",
        )
    if outcome == "moot":
        return Settled(item.operation, MOOT, "a cancel overtook it")
    if outcome == "saved":
        ended = item.then != CANCEL or is_final(facts.status)
        return Settled(item.operation, SUCCEEDED if ended else WORKING, saved=True, record=own)
    return Settled(item.operation, WORKING) if outcome == "saving" else None


def _own_record(item: Pending, facts: Facts) -> CheckpointRecord | None:
    """The first file that answers this request, or a newer one: whatever became of those after it.

    A report may tell of several saves at once, and `observed` of the newest alone. Trainers before this field name no
    generation in a record.
    """
    answers = [(record.generation, record) for record in facts.records if record.generation is not None]
    own = [answer for answer in answers if answer[0] >= item.generation]
    return min(own, key=lambda answer: answer[0])[1] if own else None


def _save_outcome(item: Pending, facts: Facts) -> str | None:
    """A newer generation answers for the older ones: they end with the same file."""
    observed, state = facts.observed, facts.checkpoint
    if observed.checkpoint >= item.generation:
        return observed.outcome or "saving"
    if state.generation >= item.generation and state.status in ("saving", "saved", "failed"):
        return state.status
    return None


def _run_verdict(item: Pending, facts: Facts) -> Settled | None:
    reached = {
        PAUSE: facts.status == PAUSED,
        RESUME: facts.status not in (PAUSED, QUEUED) and not is_final(facts.status),
        CANCEL: facts.status == CANCELED,
    }[item.action]
    if facts.observed.run < item.generation:
        # Asked of a job that ended as asked before it could say which generation it obeyed.
        return Settled(item.operation, SUCCEEDED) if item.action == CANCEL and reached else None
    return Settled(item.operation, SUCCEEDED if reached else WORKING)


def _at_the_end(item: Pending, facts: Facts) -> Settled:
    if facts.status == FAILED:
        return Settled(item.operation, FAILED_OP, f"the job failed: {facts.error or 'no reason given'}")
    return Settled(item.operation, MOOT, f"the job ended ({facts.status}) before it")
