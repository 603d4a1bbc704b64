"""What the engine says of a container, as the desk's nouns: pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from mixdesk_control.assets.asset import ABSENT, RUNNING, STARTING, STOPPED, UNHEALTHY, Observed
from mixdesk_control.docker_engine.engine import Listed
from mixdesk_control.docker_engine.errors import one_line

# `Up 3 minutes (healthy)`, `Exited (137) About an hour ago`: the engine's words for how long
AGE = re.compile(r"\b(Less than a|About an?|\d+) (second|minute|hour|day|week|month|year)s?\b")
NO_CHECK = (None, "", "none")  # as engines say it
SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400, "week": 604_800, "month": 2.6e6, "year": 3.2e7}


def absent(name: str) -> Observed:
    """Of a name that no container has."""
    return Observed(ABSENT, reason=f"there is no container {name}; create it: docker compose up --no-start {name}")


def is_as_before(before: Listed, now: Listed) -> bool:
    """Whether nothing has happened to a container between two lists but that time went by.

    An age that has fallen tells of a restart. Words for it that are not known here count as a change.
    """
    if before == now:
        return True
    (words, age), (words_now, age_now) = aged(before.status), aged(now.status)
    return (before.id, before.state, words) == (now.id, now.state, words_now) and age <= age_now


def aged(status: str) -> tuple[str, float]:
    """A status without its age, and that in seconds, as roughly as the engine tells it."""
    found = AGE.search(status)
    if found is None:
        return status, 0.0
    number = {"Less than a": 0, "About a": 1, "About an": 1}.get(found[1])
    return AGE.sub("", status), SECONDS[found[2]] * (int(found[1]) if number is None else number)


def observed(found: Mapping[str, Any]) -> Observed:
    """Of the whole of what the engine knows of a container that is there."""
    state = found["State"]
    doing, reason = _doing(state, found.get("RestartCount") or 0)
    runs = doing != STOPPED
    return Observed(
        doing,
        instance=f"{found['Id']}@{state['StartedAt']}" if runs else None,
        container=found["Id"],
        started_at=moment(state.get("StartedAt")) if runs else None,
        restarts=found.get("RestartCount") or 0,
        exit_code=_exit_code(state),
        oom_killed=bool(state.get("OOMKilled")),
        reason=reason,
        unchecked=runs and (state.get("Health") or {}).get("Status") in NO_CHECK,
    )


def pid(found: Mapping[str, Any]) -> int:
    """Its first process, in the engine's pid namespace; 0 where it does not run."""
    return int(found["State"].get("Pid") or 0)


def has_terminal(found: Mapping[str, Any]) -> bool:
    """Whether its output comes as it is, without frames."""
    return bool((found.get("Config") or {}).get("Tty"))


def output_since(found: Mapping[str, Any]) -> float | None:
    """When the output of its last run begins at the earliest, in seconds since the epoch; None: with its first line.

    The engine notes a start a moment after the first lines and an end a moment before the last, so the middle of the
    time between two runs parts them. Of a run that is over, the end of the one before it is not known.
    """
    started, ended = moment(found["State"].get("StartedAt")), moment(found["State"].get("FinishedAt"))
    if started is None or ended is None:
        return None
    return (started + ended) / 2 if ended < started else started - 0.05


def moment(text: str | None) -> float | None:
    """Seconds since the epoch; None for a time that never was."""
    if not text or text.startswith("0001"):
        return None
    return datetime.fromisoformat(text).timestamp()


def _doing(state: Mapping[str, Any], restarts: int) -> tuple[str, str | None]:
    """The word, and why it is not well."""
    if state.get("Restarting"):
        return (
            STARTING,
            f"ended with exit code {state.get('ExitCode')}; its restart policy starts it, {restarts} so far",
        )
    if not state.get("Running"):
        return STOPPED, _why_stopped(state)
    if state.get("Paused"):
        return UNHEALTHY, "paused"
    health = state.get("Health") or {}
    match health.get("Status"):
        case "starting":
            return STARTING, _last_check(health) or "its health check has not passed yet"
        case "unhealthy":
            return UNHEALTHY, _last_check(health) or "its health check fails"
    return RUNNING, None


def _why_stopped(state: Mapping[str, Any]) -> str | None:
    if state.get("Error"):
        return one_line(str(state["Error"]))
    return "killed for want of memory" if state.get("OOMKilled") else None


def _exit_code(state: Mapping[str, Any]) -> int | None:
    """None while it runs, and where it never did."""
    between = state.get("Restarting") or not state.get("Running")
    return state.get("ExitCode") if between and moment(state.get("StartedAt")) is not None else None


def _last_check(health: Mapping[str, Any]) -> str | None:
    """How the last check failed, with what it said; None where none has."""
    log = health.get("Log") or ()
    if not log or log[-1].get("ExitCode") == 0:
        return None
    said = one_line(str(log[-1].get("Output") or "")) or "it said nothing"
    return f"health check failed {health.get('FailingStreak', 1)} times, exit code {log[-1].get('ExitCode')}: {said}"
