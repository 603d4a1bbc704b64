"""Requests and what becomes of them, as tables and as random walks."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixdesk.wire import (
    FINAL_STATUSES,
    STATUSES,
    CheckpointDesired,
    CheckpointRecord,
    CheckpointState,
    Desired,
    Observed,
    RunDesired,
)
from mixdesk_control.jobs import desired, intents, observing
from mixdesk_control.jobs.ingest import MAX_INT
from mixdesk_control.jobs.intents import Accepted, Facts, Intent, Refused

ACTIONS = ("checkpoint", "pause", "resume", "cancel")


def facts(status: str = "running", **values: object) -> Facts:
    observed = Observed(
        run=int(values.get("run", 0)),
        checkpoint=int(values.get("seen", 0)),
        outcome=values.get("outcome"),  # type: ignore[call-overload,arg-type]
    )
    state = CheckpointState(
        status=str(values.get("save", "idle")),
        generation=int(values.get("saving", 0)),
        error=values.get("error"),  # type: ignore[call-overload,arg-type]
    )
    records = tuple(
        CheckpointRecord(path=f"/c/{place}.pth", generation=generation)
        for place, generation in enumerate(values.get("records", ()))  # type: ignore[call-overload]
    )
    return Facts(status, observed, state, values.get("why"), records)  # type: ignore[arg-type]


class Desk:
    """A job at a desk, by hand: requests in, reports in, states of operations out."""

    def __init__(self, status: str = "running") -> None:
        self.intent = intents.fresh()
        self.facts = facts(status)
        self.states: dict[str, tuple[str, str | None]] = {}
        self.count = 0

    def ask(self, action: str, then: str = "continue") -> Accepted:
        outcome = self.try_to(action, then)
        assert isinstance(outcome, Accepted), outcome
        return outcome

    def try_to(self, action: str, then: str = "continue") -> Accepted | Refused:
        self.count += 1
        outcome = desired.request(self.intent, self.facts, action, f"op{self.count}", 1.0 * self.count, then=then)
        if isinstance(outcome, Accepted):
            self.intent = outcome.intent
            if outcome.created:
                self.states[outcome.operation] = ("pending", None)
            self._note(outcome.settled)
            if outcome.ends_job:
                self.facts = replace(self.facts, status="canceled")
        return outcome

    def report(self, status: str = "running", **values: object) -> None:
        self.facts = facts(status, **values)
        self.intent, settled = observing.observe(self.intent, self.facts)
        self._note(settled)

    def _note(self, settled: tuple[intents.Settled, ...]) -> None:
        for item in settled:
            assert self.states[item.operation][0] in ("pending", "running"), "an operation ended twice"
            self.states[item.operation] = (item.state, item.error)

    def state(self, operation: str) -> str:
        return self.states[operation][0]


# -- what is refused -----------------------------------------------------------------------------------


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("action", ACTIONS)
def test_what_is_refused_by_status(status: str, action: str) -> None:
    outcome = Desk(status).try_to(action)
    expected = status in FINAL_STATUSES or (status == "queued" and action in ("checkpoint", "pause"))
    assert isinstance(outcome, Refused) == expected
    if isinstance(outcome, Refused):
        assert status in outcome.reason


@pytest.mark.parametrize("how", ["cancel", "save and cancel", "saved, leaving"])
@pytest.mark.parametrize("action", ACTIONS)
def test_pause_and_resume_are_refused_once_a_cancel_is_pending(how: str, action: str) -> None:
    desk = Desk()
    if how == "cancel":
        desk.ask("cancel")
    else:
        generation = desk.ask("checkpoint", "cancel").generation
        if how == "saved, leaving":
            desk.report("finalizing", seen=generation, outcome="saved", save="saved", saving=generation)
    assert isinstance(desk.try_to(action), Refused) == (action in ("pause", "resume"))


def test_pause_is_possible_again_once_a_save_and_cancel_has_failed() -> None:
    desk = Desk()
    generation = desk.ask("checkpoint", "cancel").generation
    desk.report(seen=generation, outcome="failed", save="failed", saving=generation, error="disk full")
    assert isinstance(desk.try_to("pause"), Accepted)


# -- checkpoints ---------------------------------------------------------------------------------------


def test_a_checkpoint_from_request_to_file() -> None:
    desk = Desk()
    asked = desk.ask("checkpoint")
    assert desk.intent.desired == Desired(
        generation=1,
        run=RunDesired(state="running", generation=0),
        checkpoint=CheckpointDesired(then="continue", generation=1),
    )
    assert desk.state(asked.operation) == "pending"
    desk.report(save="saving", saving=1)
    assert desk.state(asked.operation) == "running"
    desk.report(seen=1, outcome="saved", save="saved", saving=1)
    assert desk.state(asked.operation) == "succeeded"
    assert desk.intent.pending == ()


def test_a_save_that_failed_says_why_and_the_run_goes_on() -> None:
    desk = Desk()
    asked = desk.ask("checkpoint", "cancel")
    desk.report(seen=1, outcome="failed", save="failed", saving=1, error="disk full")
    assert desk.states[asked.operation] == ("failed", "disk full")
    assert not intents.cancel_pending(desk.intent, desk.facts)


def test_a_save_and_cancel_ends_with_the_job() -> None:
    desk = Desk()
    asked = desk.ask("checkpoint", "cancel")
    desk.report("finalizing", seen=1, outcome="saved", save="saved", saving=1)
    assert desk.state(asked.operation) == "running"
    assert intents.cancel_pending(desk.intent, desk.facts)
    desk.report("canceled", seen=1, outcome="saved", save="saved", saving=1)
    assert desk.state(asked.operation) == "succeeded"


def test_asking_twice_changes_nothing() -> None:
    desk = Desk()
    first = desk.ask("checkpoint")
    again = desk.ask("checkpoint")
    assert (again.generation, again.operation, again.created) == (first.generation, first.operation, False)


def test_continue_over_a_pending_cancel_changes_nothing() -> None:
    desk = Desk()
    first = desk.ask("checkpoint", "cancel")
    again = desk.ask("checkpoint", "continue")
    assert (again.generation, again.operation, again.created) == (first.generation, first.operation, False)
    assert desk.intent.desired.checkpoint == CheckpointDesired(then="cancel", generation=1)


def test_cancel_over_a_pending_continue_is_a_new_generation_and_both_end_with_the_file() -> None:
    desk = Desk()
    first, second = desk.ask("checkpoint"), desk.ask("checkpoint", "cancel")
    assert (first.generation, second.generation) == (1, 2)
    desk.report("canceled", seen=2, outcome="saved", save="saved", saving=2)
    assert desk.state(first.operation) == desk.state(second.operation) == "succeeded"


def test_the_newest_generation_answers_for_all_before_it() -> None:
    """Also where the report says nothing but what was observed."""
    desk = Desk()
    first, second = desk.ask("checkpoint"), desk.ask("checkpoint", "cancel")
    desk.report("canceled", seen=2, outcome="saved")
    assert desk.state(first.operation) == desk.state(second.operation) == "succeeded"


def test_the_older_one_ends_with_its_own_file_where_that_came_first() -> None:
    desk = Desk()
    first, second = desk.ask("checkpoint"), desk.ask("checkpoint", "cancel")
    desk.report(seen=1, outcome="saved", save="saved", saving=1)
    assert (desk.state(first.operation), desk.state(second.operation)) == ("succeeded", "pending")


def three_asked(desk: Desk) -> tuple[str, str, str]:
    """Two checkpoints that the trainer hears as one, for the first had not been heard; then one more."""
    first, second = desk.ask("checkpoint"), desk.ask("checkpoint", "cancel")
    desk.report(save="saving", saving=2)
    desk.intent = replace(desk.intent, pending=(*desk.intent.pending, intents.Pending("op3", "checkpoint", 3, 3.0)))
    desk.states["op3"] = ("pending", None)
    return first.operation, second.operation, "op3"


def test_each_request_ends_with_its_own_outcome_though_one_report_tells_of_both() -> None:
    """The older one was saved, the newer one failed; the reporter was away in between."""
    desk = Desk()
    first, second, third = three_asked(desk)
    desk.report(seen=3, outcome="failed", save="failed", saving=3, error="disk full", records=[None, 2])
    assert (desk.state(first), desk.state(second)) == ("succeeded", "running"), "the second one leaves yet"
    assert desk.states[third] == ("failed", "disk full")


def test_an_older_one_that_failed_ends_with_the_newer_ones_file() -> None:
    """A file of a later step than was asked for: nothing newer could be wished for."""
    desk = Desk()
    first, second, _ = three_asked(desk)
    settled = observing.observe(desk.intent, facts(seen=3, outcome="saved", save="saved", saving=3, records=[3]))[1]
    assert {item.operation: item.state for item in settled}[first] == "succeeded"
    assert [item.record and item.record.path for item in settled if item.operation != second] == ["/c/0.pth"] * 2


def test_a_trainer_whose_records_name_no_request_is_understood_as_before() -> None:
    desk = Desk()
    first, _, third = three_asked(desk)
    desk.report(seen=3, outcome="failed", save="failed", saving=3, error="disk full", records=[None, None])
    assert desk.states[first] == desk.states[third] == ("failed", "disk full")


def test_a_file_is_its_requests_result_before_it_is_said_to_be_observed() -> None:
    desk = Desk()
    asked = desk.ask("checkpoint")
    desk.report(save="saved", saving=1, records=[1])
    assert desk.state(asked.operation) == "succeeded"


def test_a_new_checkpoint_after_one_that_ended_is_a_new_generation() -> None:
    desk = Desk()
    desk.ask("checkpoint")
    desk.report(seen=1, outcome="saved", save="saved", saving=1)
    assert desk.ask("checkpoint").generation == 2


@pytest.mark.parametrize(
    ("status", "why", "state"),
    [("succeeded", None, "moot"), ("canceled", None, "moot"), ("failed", "boom", "failed")],
)
def test_a_checkpoint_of_a_job_that_ended_first(status: str, why: str | None, state: str) -> None:
    desk = Desk()
    asked = desk.ask("checkpoint")
    desk.report(status, why=why)
    assert desk.state(asked.operation) == state
    assert (why or status) in (desk.states[asked.operation][1] or "")


def test_a_save_that_was_begun_and_never_ended() -> None:
    desk = Desk()
    asked = desk.ask("checkpoint")
    desk.report(save="saving", saving=1)
    desk.report("failed", save="saving", saving=1, why="killed")
    assert desk.state(asked.operation) == "failed"


def test_a_plain_cancel_makes_a_save_that_was_not_begun_moot() -> None:
    desk = Desk()
    save, cancel = desk.ask("checkpoint"), desk.ask("cancel")
    desk.report("finalizing", run=2, seen=1, outcome="moot")
    assert (desk.state(save.operation), desk.state(cancel.operation)) == ("moot", "running")
    desk.report("canceled", run=2, seen=1, outcome="moot")
    assert desk.state(cancel.operation) == "succeeded"


def test_a_plain_cancel_lets_a_save_that_has_begun_finish() -> None:
    desk = Desk()
    save, cancel = desk.ask("checkpoint"), desk.ask("cancel")
    desk.report(save="saving", saving=1)
    desk.report("canceled", run=2, seen=1, outcome="saved", save="saved", saving=1)
    assert (desk.state(save.operation), desk.state(cancel.operation)) == ("succeeded", "succeeded")


# -- pause, resume, cancel -----------------------------------------------------------------------------


def test_pause_and_resume() -> None:
    desk = Desk()
    pause = desk.ask("pause")
    assert desk.intent.desired.run == RunDesired(state="paused", generation=1)
    desk.report(run=1)
    assert desk.state(pause.operation) == "running"
    desk.report("paused", run=1)
    assert desk.state(pause.operation) == "succeeded"
    resume = desk.ask("resume")
    desk.report("paused", run=2)
    assert desk.state(resume.operation) == "running"
    desk.report("running", run=2)
    assert desk.state(resume.operation) == "succeeded"


def test_a_pause_and_a_checkpoint_do_not_overwrite_each_other() -> None:
    desk = Desk()
    pause, save = desk.ask("pause"), desk.ask("checkpoint")
    assert desk.intent.desired.run == RunDesired(state="paused", generation=1)
    assert desk.intent.desired.checkpoint == CheckpointDesired(then="continue", generation=2)
    desk.report("paused", run=1, seen=2, outcome="saved", save="saved", saving=2)
    assert desk.state(pause.operation) == desk.state(save.operation) == "succeeded"


def test_resume_over_a_pause_that_was_not_heard_supersedes_it() -> None:
    desk = Desk()
    pause, resume = desk.ask("pause"), desk.ask("resume")
    assert desk.state(pause.operation) == "superseded"
    desk.report("running", run=2)
    assert desk.state(resume.operation) == "succeeded"


@pytest.mark.parametrize("action", ["pause", "cancel"])
def test_asking_for_what_is_desired_already(action: str) -> None:
    desk = Desk()
    first = desk.ask(action)
    again = desk.ask(action)
    assert (again.generation, again.operation, again.created) == (first.generation, first.operation, False)


def test_resume_of_a_run_that_never_paused_is_an_operation_that_is_over() -> None:
    desk = Desk()
    first = desk.ask("resume")
    assert (first.generation, first.created, desk.state(first.operation)) == (0, True, "succeeded")
    again = desk.ask("resume")
    assert (again.operation, again.created) == (first.operation, False)


@pytest.mark.parametrize("then", ["save", "plain"])
def test_a_cancel_ends_a_pause(then: str) -> None:
    desk = Desk()
    pause = desk.ask("pause")
    if then == "save":
        desk.ask("checkpoint", "cancel")
        assert desk.intent.desired.run == RunDesired(state="running", generation=2)
    else:
        desk.ask("cancel")
        assert desk.intent.desired.run == RunDesired(state="canceled", generation=2)
    assert desk.state(pause.operation) == "superseded"


def test_a_queued_job_is_ended_at_once() -> None:
    desk = Desk("queued")
    asked = desk.ask("cancel")
    assert asked.ends_job
    assert desk.state(asked.operation) == "succeeded"
    assert desk.intent.desired.run == RunDesired(state="canceled", generation=1), "a process that takes it up leaves"


@pytest.mark.parametrize(("status", "state"), [("canceled", "succeeded"), ("succeeded", "moot"), ("failed", "failed")])
def test_how_a_cancel_ends(status: str, state: str) -> None:
    desk = Desk()
    asked = desk.ask("cancel")
    desk.report(status, run=1)
    assert desk.state(asked.operation) == state


def test_a_job_canceled_before_it_could_say_what_it_obeyed() -> None:
    desk = Desk()
    asked = desk.ask("cancel")
    desk.report("canceled")
    assert desk.state(asked.operation) == "succeeded"


# -- taking back ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "before", "run"),
    [("pause", "running", "running"), ("cancel", "running", "running"), ("cancel", "paused", "paused")],
)
def test_a_request_is_taken_back_by_a_newer_generation(action: str, before: str, run: str) -> None:
    desk = Desk(before)
    asked = desk.ask(action)
    outcome = desired.withdraw(desk.intent, desk.facts, asked.operation)
    assert not isinstance(outcome, Refused)
    intent, settled = outcome
    assert settled.state == "canceled"
    assert intent.desired.run == RunDesired(state=run, generation=2)
    assert intent.pending == ()


def test_a_checkpoint_is_taken_back() -> None:
    desk = Desk()
    asked = desk.ask("checkpoint", "cancel")
    outcome = desired.withdraw(desk.intent, desk.facts, asked.operation)
    assert not isinstance(outcome, Refused)
    assert outcome[0].desired == Desired(generation=2, run=RunDesired(state="running", generation=2), checkpoint=None)
    assert not intents.cancel_pending(outcome[0], desk.facts)


def test_what_was_taken_up_cannot_be_taken_back() -> None:
    desk = Desk()
    asked = desk.ask("checkpoint")
    desk.report(save="saving", saving=1)
    assert isinstance(desired.withdraw(desk.intent, desk.facts, asked.operation), Refused)
    desk.report(seen=1, outcome="saved", save="saved", saving=1)
    assert isinstance(desired.withdraw(desk.intent, desk.facts, asked.operation), Refused)


# -- a desk that knows less than its trainers ----------------------------------------------------------


def test_a_restored_desk_is_raised_to_what_was_observed() -> None:
    desk = Desk()
    desk.report("paused", run=7, seen=5, outcome="saved")
    assert desk.intent.desired == Desired(
        generation=7,
        run=RunDesired(state="paused", generation=7),
        checkpoint=CheckpointDesired(then="continue", generation=5),
    )
    assert not intents.save_pending(desk.intent, desk.facts.observed)
    assert desk.ask("resume").generation == 8


def test_an_unknown_job_is_adopted_as_it_is_and_later_clicks_are_heard() -> None:
    intent = intents.adopted(facts("paused", run=4), 1.8e9, is_new=True)
    assert intent.desired.run == RunDesired(state="paused", generation=4)
    outcome = desired.request(intent, facts("paused", run=4), "resume", "op", 0.0)
    assert isinstance(outcome, Accepted)
    # It may have heard of generations that it had not obeyed when the database was lost.
    assert outcome.generation > 1_000_000


def test_a_new_job_begins_at_one() -> None:
    intent = intents.adopted(facts("starting"), 1.8e9, is_new=True)
    outcome = desired.request(intent, facts("running"), "pause", "op", 0.0)
    assert isinstance(outcome, Accepted)
    assert outcome.generation == 1


def test_a_generation_that_a_trainer_names_is_passed_over() -> None:
    intent = intents.heard(intents.fresh(), 12)
    outcome = desired.request(intent, facts(), "pause", "op", 0.0)
    assert isinstance(outcome, Accepted)
    assert outcome.generation == 13
    assert intents.heard(outcome.intent, 5) is outcome.intent


# -- whatever is asked and reported --------------------------------------------------------------------

steps = st.lists(
    st.one_of(
        st.tuples(st.just("ask"), st.sampled_from(ACTIONS), st.sampled_from(["continue", "cancel"])),
        st.tuples(
            st.just("report"),
            st.sampled_from(["starting", "running", "paused", "finalizing", "succeeded", "failed", "canceled"]),
            st.sampled_from(["none", "saving", "saved", "failed", "moot"]),
        ),
        st.tuples(st.just("withdraw"), st.just(""), st.just("")),
        st.tuples(st.just("restore"), st.integers(0, 5), st.just("")),
        st.tuples(st.just("restart"), st.just(""), st.just("")),
    ),
    max_size=40,
)


@given(steps)
def test_generations_only_grow_and_operations_end_once(walk: list[tuple[str, object, object]]) -> None:
    desk, final, highest, now = Desk("starting"), False, 0, 1.8e9
    for kind, first, second in walk:
        before: Intent = desk.intent
        if kind == "ask":
            outcome = desk.try_to(str(first), str(second))
            if isinstance(outcome, Accepted) and outcome.intent.desired is not before.desired:
                assert outcome.generation > highest, "a new wish has a generation that nobody has heard"
        elif kind == "report" and not final:
            _obey(desk, str(first), str(second))
            final = first in FINAL_STATUSES
        elif kind == "withdraw" and desk.intent.pending:
            found = desired.withdraw(desk.intent, desk.facts, desk.intent.pending[-1].operation)
            if not isinstance(found, Refused):
                desk.intent = found[0]
                desk._note((found[1],))
        elif kind == "restore" and not final:
            desk.report(desk.facts.status, run=highest + int(str(first)), seen=desk.facts.observed.checkpoint)
        elif kind == "restart":
            now += 100.0
            desk.intent = intents.with_gap(desk.intent, now)
        assert desk.intent.desired.generation >= before.desired.generation, "a generation went back"
        wish = desk.intent.desired
        assert wish.generation == max(wish.run.generation, wish.checkpoint.generation if wish.checkpoint else 0)
        highest = max(highest, wish.generation)
        assert {item.operation for item in desk.intent.pending} == {
            operation for operation, (state, _) in desk.states.items() if state in ("pending", "running")
        }
    if final:
        assert desk.intent.pending == (), "an operation outlived its job"


def _obey(desk: Desk, status: str, save: str) -> None:
    """A report of a trainer that has heard what is desired."""
    wish, observed = desk.intent.desired, desk.facts.observed
    asked = wish.checkpoint.generation if wish.checkpoint else 0
    seen, outcome = (asked, save) if save in ("saved", "failed", "moot") else (observed.checkpoint, observed.outcome)
    shown = save if save in ("saving", "saved", "failed") else "idle"
    desk.report(status, run=wish.run.generation, seen=seen, outcome=outcome, save=shown, saving=asked, error="why")


def test_an_absurd_generation_leaves_room_for_requests() -> None:
    """Whoever may poll may name any generation; what is given out then must still be one that JSON carries."""
    intent = intents.heard(intents.fresh(), MAX_INT)
    for _ in range(3):
        generation = intents.next_generation(intent)
        assert intents.HIGHEST_HEARD < generation < MAX_INT
        intent = intents.heard(intents.heard(intent, generation), MAX_INT)
    assert intents.next_generation(intent) < intents.HIGHEST_HEARD + 10
