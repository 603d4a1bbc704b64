"""Which status may follow which, for every pair."""

from __future__ import annotations

import itertools

import pytest

from mixdesk.wire import FINAL_STATUSES, OPEN_STATUSES, STATUSES
from mixdesk_control.jobs import lifecycle

# From INTERFACE section 2, by hand: what a report may say after what.
LEGAL = {
    "queued": {"queued", "starting", "running", "paused", "finalizing", "succeeded", "failed", "canceled"},
    "starting": {"starting", "running", "paused", "finalizing", "succeeded", "failed", "canceled"},
    "running": {"running", "paused", "finalizing", "succeeded", "failed", "canceled"},
    "paused": {"paused", "running", "finalizing", "succeeded", "failed", "canceled"},
    "finalizing": {"finalizing", "succeeded", "failed", "canceled"},
    "succeeded": {"succeeded"},
    "failed": {"failed"},
    "canceled": {"canceled"},
}


@pytest.mark.parametrize(("before", "after"), list(itertools.product(STATUSES, STATUSES)))
def test_every_pair(before: str, after: str) -> None:
    reason = lifecycle.refusal(before, after)
    assert (reason is None) == (after in LEGAL[before]), reason
    if reason is not None:
        assert before in reason and after in reason


@pytest.mark.parametrize("after", STATUSES)
@pytest.mark.parametrize("before", FINAL_STATUSES)
def test_what_the_desk_ended_may_be_corrected(before: str, after: str) -> None:
    assert lifecycle.refusal(before, after, desk_final=True) is None


@pytest.mark.parametrize("status", STATUSES)
def test_who_has_a_lease(status: str) -> None:
    assert lifecycle.has_lease(status) == (status in OPEN_STATUSES and status != "queued")
    assert lifecycle.is_final(status) == (status in FINAL_STATUSES)
