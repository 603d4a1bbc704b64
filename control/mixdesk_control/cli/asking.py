"""A request to a job, followed to its outcome."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from mixdesk_control.cli.client import Client, Job, action_path, job_path
from mixdesk_control.cli.errors import CliError
from mixdesk_control.cli.follow import Away, Idle, job_stream

UNDER_WAY = ("pending", "running")
INTERRUPTED = 130

Operation = dict[str, Any]
Tell = Callable[[Job], None]


def ask(client: Client, job: Job, action: str, **body: str) -> tuple[str, Operation]:
    """Ask; returns the id of the operation and the whole answer. It is durable by then."""
    answer = client.post(action_path(job["job_id"], action), body)
    operation = answer["operation"]
    return str(operation["id"] if isinstance(operation, dict) else operation), answer


def outcome(client: Client, job: Job, operation: str, tell: Tell) -> Operation:
    """Wait until the operation has ended; `tell` is called with the job at each change, and once at the end."""
    for event in job_stream(client, job["job_id"], known=True).events():
        if isinstance(event, Away):
            continue
        if not isinstance(event, Idle):
            if "deleted" in event:
                raise CliError("the job was deleted at the desk")
            if "job" in event:
                tell(event["job"])
        state = _state(client, operation)
        if state is not None and state["state"] not in UNDER_WAY:
            tell(client.get(job_path(job["job_id"])))
            return state
    raise AssertionError("a stream of events has no end")


def _state(client: Client, operation: str) -> Operation | None:
    """How the operation stands; None where the desk is away just now."""
    try:
        return client.get(f"/admin/operations/{operation}")  # type: ignore[no-any-return]
    except CliError as error:
        if error.status is not None and error.status < 500:
            raise
        return None


def check(operation: Operation) -> None:
    """Raise CliError where an operation did not end as it was asked."""
    if operation["state"] != "succeeded":
        reason = operation.get("error") or _WHY.get(operation["state"], "no reason given")
        raise CliError(f"{operation.get('action', 'the request')} {operation['state']}: {reason}")


_WHY = {
    "superseded": "a newer request took its place",
    "moot": "it was overtaken before it began",
    "canceled": "somebody took it back",
}


class Teller:
    """Says on stdout how a save and its job go on, each thing once."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._said: set[str] = set()

    def tell(self, job: Job) -> None:
        """A line for each that is new."""
        from mixdesk_control.cli import facts

        for text in facts.news(job):
            self._say(job, text)

    def conclude(self, job: Job, operation: Operation) -> None:
        """The file that is an operation's result, for types of jobs whose details say nothing of checkpoints."""
        from mixdesk_control.cli import facts, words

        if operation.get("result"):
            self._say(job, f"saved {words.clean(facts.file_of(operation['result']))}")

    def _say(self, job: Job, text: str) -> None:
        from mixdesk_control.cli.facts import name_of

        if text not in self._said and not self._quiet:
            sys.stdout.write(f"{name_of(job)}: {text}\n")
            sys.stdout.flush()
        self._said.add(text)


def interrupted(job: Job, what: str) -> int:
    """Say that Ctrl-C ended the waiting, not the request; returns the exit status."""
    from mixdesk_control.cli.facts import name_of

    name = name_of(job)
    sys.stderr.write(f"mixdesk: stopped waiting; the {what} request stands. `mixdesk jobs watch {name}` shows it\n")
    return INTERRUPTED
