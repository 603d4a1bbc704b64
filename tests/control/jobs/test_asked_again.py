"""What is asked of a trainer that came back after the desk had given it up: a request of its own, with its own end."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mixdesk import wire
from mixdesk_control.jobs import intents
from mixdesk_control.jobs.desired import request
from mixdesk_control.jobs.intents import Accepted, Facts, Intent
from mixdesk_control.jobs.observing import observe

RUNNING = Facts("running", wire.Observed(), wire.CheckpointState())


def ask(intent: Intent, facts: Facts, action: str, operation: str) -> Accepted:
    found = request(intent, facts, action, operation, 1.0)
    assert isinstance(found, Accepted)
    return found


@pytest.mark.parametrize("action", ["checkpoint", "pause", "cancel"])
def test_the_same_request_after_lost_contact_has_an_operation_of_its_own(action: str) -> None:
    first = ask(intents.fresh(), RUNNING, action, "op1")
    given_up, settled = observe(first.intent, replace(RUNNING, status="failed", error="lost contact"))
    assert [item.operation for item in settled] == ["op1"]
    again = ask(given_up, RUNNING, action, "op2")
    assert (again.created, again.operation) == (True, "op2")
    assert again.generation > first.generation
    twice = ask(again.intent, RUNNING, action, "op3")
    assert (twice.created, twice.operation, twice.generation) == (False, "op2", again.generation)


def test_a_pause_that_was_heard_stands_though_its_operation_is_over() -> None:
    first = ask(intents.fresh(), RUNNING, "pause", "op1")
    paused = Facts("paused", wire.Observed(run=first.generation), wire.CheckpointState())
    heard, _ = observe(first.intent, paused)
    again = ask(heard, paused, "pause", "op2")
    assert (again.created, again.operation, again.generation) == (False, "op1", first.generation)
