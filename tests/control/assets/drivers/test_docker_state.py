"""What the engine says of a container, as the desk's nouns."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from mixdesk_control.assets.asset import RUNNING, STARTING, STOPPED, UNHEALTHY
from mixdesk_control.assets.drivers.docker import state as docker_state
from mixdesk_control.docker_engine.engine import Listed
from mixdesk_control.docker_engine.errors import MOST_TEXT

ID = "1f" * 32
NEVER = "0001-01-01T00:00:00Z"
START, END = "2026-11-25T03:16:08.001960731Z", "2026-11-25T03:16:06.001960731Z"


def found(status: str = "running", *, restarts: int = 0, **state: Any) -> dict[str, Any]:
    """What inspect gives."""
    told = {
        "Status": status,
        "Running": status in ("running", "paused", "restarting"),
        "Paused": status == "paused",
        "Restarting": status == "restarting",
        "OOMKilled": False,
        "Pid": 7,
        "ExitCode": 0,
        "Error": "",
        "StartedAt": START,
        "FinishedAt": NEVER,
    }
    return {"Id": ID, "RestartCount": restarts, "State": told | state, "Config": {"Tty": False}}


def health(status: str, *log: tuple[int, str], streak: int = 3) -> dict[str, Any]:
    entries = [{"ExitCode": code, "Output": text} for code, text in log]
    return {"Health": {"Status": status, "FailingStreak": streak, "Log": entries}}


def test_one_that_runs() -> None:
    seen = docker_state.observed(found(restarts=2))
    assert (seen.doing, seen.reason, seen.exit_code, seen.restarts) == (RUNNING, None, None, 2)
    assert seen.instance == f"{ID}@{START}" and seen.container == ID
    assert seen.started_at == pytest.approx(1795576568.00196)


@pytest.mark.parametrize(
    ("inspected", "doing", "exit_code", "reason"),
    [
        (found("paused"), UNHEALTHY, None, "paused"),
        (found("paused", **health("healthy")), UNHEALTHY, None, "paused"),
        (found("exited", ExitCode=137, OOMKilled=True), STOPPED, 137, "killed for want of memory"),
        (found("exited", ExitCode=0), STOPPED, 0, None),
        (found("created", ExitCode=127, Error="no\nsuch file", StartedAt=NEVER), STOPPED, None, "no such file"),
        (found("dead", ExitCode=1), STOPPED, 1, None),
        (
            found("restarting", restarts=5, ExitCode=3),
            STARTING,
            3,
            "ended with exit code 3; its restart policy starts it, 5 so far",
        ),
        (found(**health("healthy", (0, "ok"))), RUNNING, None, None),
        (found(**health("none")), RUNNING, None, None),
        (found(**health("starting")), STARTING, None, "its health check has not passed yet"),
        (found(Health=None), RUNNING, None, None),
    ],
)
def test_what_it_does_and_why(inspected: dict[str, Any], doing: str, exit_code: int | None, reason: str | None) -> None:
    seen = docker_state.observed(inspected)
    assert (seen.doing, seen.exit_code, seen.reason) == (doing, exit_code, reason)
    assert (seen.instance is None) == (doing == STOPPED)


def test_whether_it_has_a_health_check() -> None:
    for without in (found(), found(Health=None), found(**health("none")), found(**health(""))):
        assert docker_state.observed(without).unchecked
    for status in ("starting", "healthy", "unhealthy"):
        assert not docker_state.observed(found(**health(status))).unchecked
    assert not docker_state.observed(found("exited")).unchecked


def test_the_last_words_of_a_health_check() -> None:
    seen = docker_state.observed(found(**health("unhealthy", (0, "fine"), (22, f"{'.' * 999}\nrefused\n"))))
    assert seen.doing == UNHEALTHY and seen.reason is not None
    assert seen.reason.startswith("health check failed 3 times, exit code 22: …..")
    assert seen.reason.endswith(". refused") and len(seen.reason) < MOST_TEXT + 60
    silent = docker_state.observed(found(**health("unhealthy", (1, ""))))
    assert silent.reason == "health check failed 3 times, exit code 1: it said nothing"


@pytest.mark.parametrize(
    ("status", "age"),
    [
        ("Up Less than a second", 0),
        ("Up 1 second", 1),
        ("Up 59 seconds (healthy)", 59),
        ("Up About a minute (Paused)", 60),
        ("Up 46 minutes", 2760),
        ("Exited (137) About an hour ago", 3600),
        ("Up 47 hours", 169_200),
        ("Exited (0) 13 days ago", 1_123_200),
        ("Up 2 weeks", 1_209_600),
        ("Created", 0),
    ],
)
def test_the_engines_words_for_how_long(status: str, age: float) -> None:
    words, told = docker_state.aged(status)
    assert told == age
    assert not any(word in words for word in ("second", "minute", "hour", "day", "week"))


def test_nothing_has_happened_but_time_went_by() -> None:
    words = [
        "Less than a second",
        "1 second",
        "59 seconds",
        "About a minute",
        "59 minutes",
        "About an hour",
        "47 hours",
    ]
    words += ["2 days", "13 days", "2 weeks", "8 weeks", "2 months", "23 months", "2 years"]
    listed = [Listed(ID, ("/bark",), "running", f"Up {word} (healthy)") for word in words]
    for before, now in pairwise(listed):
        assert docker_state.is_as_before(before, now)
        assert docker_state.is_as_before(now, now)
        assert not docker_state.is_as_before(now, before)  # it began anew
    for other in (
        Listed("2e" * 32, ("/bark",), "running", "Up 3 years (healthy)"),
        Listed(ID, ("/bark",), "paused", "Up 3 years (healthy)"),
        Listed(ID, ("/bark",), "running", "Up 3 years (unhealthy)"),
        Listed(ID, ("/bark",), "running", "seit 3 Jahren (healthy)"),
    ):
        assert not docker_state.is_as_before(listed[0], other)


def test_output_begins_between_two_runs() -> None:
    assert docker_state.output_since(found()) is None  # the first run: with its first line
    assert docker_state.output_since(found(StartedAt=NEVER)) is None
    assert docker_state.output_since(found(FinishedAt=END)) == pytest.approx(1795576567.00196)
    over = docker_state.output_since(found("exited", StartedAt=END, FinishedAt=START))
    assert over is not None and over < 1795576566.00196


def test_times_of_other_engines() -> None:
    assert docker_state.moment("2026-11-25T04:16:08.5+01:00") == docker_state.moment("2026-11-25T03:16:08.5Z")
    assert docker_state.moment("") is None and docker_state.moment(None) is None
