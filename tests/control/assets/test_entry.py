"""What is said of an asset, for every way it is seen, asked for, loaded and failed."""

from __future__ import annotations

import itertools

import pytest

from mixdesk_control.assets.asset import (
    ABSENT,
    ALIVE,
    RUNNING,
    STARTING,
    STOPPED,
    UNHEALTHY,
    UNKNOWN,
    Asset,
    Observed,
)
from mixdesk_control.assets.entry import Entry, Verdict, drift_of, end_of, is_up, verdict
from mixdesk_control.assets.rows import Wish

WORDS = (ABSENT, STOPPED, STARTING, RUNNING, UNHEALTHY, UNKNOWN)
DESIRED = (None, "running", "stopped")
ASSET = Asset(id="a", name="a", driver="docker", target="a")

# {seen: status with nothing else to say}
PLAIN = {
    ABSENT: "stopped",
    STOPPED: "stopped",
    STARTING: "loading",
    RUNNING: "running",
    UNHEALTHY: "error",
    UNKNOWN: "error",
}


def entry(doing: str, desired: str | None = None, **more: object) -> Entry:
    return Entry(ASSET, Wish(desired), Observed(doing), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("doing", WORDS)
def test_as_it_is_seen_where_nobody_asked(doing: str) -> None:
    found = verdict(entry(doing))
    assert (found.status, found.drift) == (PLAIN[doing], None)
    assert (found.error is not None) == (PLAIN[doing] == "error")


@pytest.mark.parametrize(
    ("doing", "desired", "loading", "failed", "awaited"),
    list(itertools.product(WORDS, DESIRED, (False, True), (None, "it could not be started"), (False, True))),
)
def test_every_case(doing: str, desired: str | None, loading: bool, failed: str | None, awaited: bool) -> None:
    """The rules, one after the other; a case is settled by the first that holds."""
    busy = loading or awaited
    subject = entry(doing, desired, loading=loading, failed=failed, awaited=awaited, course="o1" if busy else None)
    found = verdict(subject)
    alive = doing in ALIVE
    if doing == UNKNOWN:
        wanted = "error"
    elif alive and (loading or (doing == STARTING and not failed)):
        wanted = "loading"
    elif alive:
        wanted = "error" if failed or doing == UNHEALTHY else "running"
    elif loading or (awaited and failed is None):
        wanted = "loading"
    elif failed:
        wanted = "error"
    else:
        wanted = "error" if desired == "running" and not busy else "stopped"
    assert found.status == wanted
    assert (found.error is None) == (wanted != "error")
    drifts = not busy and doing != UNKNOWN and desired is not None and (desired == "running") != alive
    assert (found.drift is not None) == drifts
    assert is_up(subject) == (doing == RUNNING and failed is None)


@pytest.mark.parametrize(
    ("seen", "desired", "drift"),
    [
        (Observed(STOPPED, exit_code=1), "running", "crashed"),
        (Observed(STOPPED, exit_code=-9), "running", "crashed"),
        (Observed(STOPPED, exit_code=0), "running", "stopped elsewhere"),
        (Observed(STOPPED), "running", "stopped elsewhere"),
        (Observed(STOPPED, exit_code=0, oom_killed=True), "running", "crashed"),
        (Observed(STOPPED, exit_code=143), "running", "stopped elsewhere"),
        (Observed(STOPPED, exit_code=137), "running", "stopped elsewhere"),
        (Observed(STOPPED, exit_code=137, oom_killed=True), "running", "crashed"),
        (Observed(ABSENT), "running", "stopped elsewhere"),
        (Observed(UNKNOWN), "running", None),
        (Observed(UNKNOWN), "stopped", None),
        (Observed(STARTING), "stopped", "started elsewhere"),
        (Observed(UNHEALTHY), "stopped", "started elsewhere"),
        (Observed(STOPPED, exit_code=1), "stopped", None),
        (Observed(RUNNING), None, None),
        (Observed(STOPPED, exit_code=1), None, None),
    ],
)
def test_how_what_is_seen_differs(seen: Observed, desired: str | None, drift: str | None) -> None:
    assert drift_of(Wish(desired), seen) == drift


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        (Observed(STOPPED, exit_code=3), "it ended with exit code 3"),
        (Observed(STOPPED, exit_code=-9), "it was ended by signal 9"),
        (Observed(STOPPED, exit_code=137, oom_killed=True), "it was killed for want of memory"),
        (Observed(STOPPED), "it has ended, nobody knows how"),
        (Observed(ABSENT), "it is not there"),
        (Observed(ABSENT, reason="no container bark"), "it is not there: no container bark"),
    ],
)
def test_how_it_ended(seen: Observed, words: str) -> None:
    assert end_of(seen) == words
    assert verdict(Entry(ASSET, Wish("running"), seen)).error == words


def test_the_reason_is_the_drivers_own_where_it_has_one() -> None:
    for doing in (UNHEALTHY, UNKNOWN):
        seen = Observed(doing, reason="curl: connection refused")
        assert verdict(Entry(ASSET, observed=seen)) == Verdict("error", "curl: connection refused")
    seen = Observed(STARTING, reason="health check: 1 of 3")
    assert verdict(Entry(ASSET, observed=seen)) == Verdict("loading", "health check: 1 of 3")
