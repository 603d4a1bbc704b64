"""A request to start or stop an asset: thought through, asked, followed to its end, or refused with what would help."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mixdesk_control.cli import asset_facts, words
from mixdesk_control.cli.asking import INTERRUPTED, UNDER_WAY, check
from mixdesk_control.cli.asset_find import asset_path
from mixdesk_control.cli.client import Client
from mixdesk_control.cli.errors import CliError
from mixdesk_control.cli.follow import Away, Follower, Idle

# Steps that only say what the operation's state says.
PLAIN = ("asked", "pending", "running", "succeeded", "failed", "superseded", "moot", "canceled")

Operation = dict[str, Any]
Plan = Mapping[str, Any]


def ask(client: Client, asset_id: str, action: str, **flags: bool) -> Any:
    """The desk's answer: the operation, or the plan where `dry_run` is among the flags."""
    return client.post(asset_path(asset_id, action, **{name: "true" for name, given in flags.items() if given}))


class Teller:
    """Says each step of an operation once, as it comes."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._said: set[tuple[str, str]] = set()

    def tell(self, operation: Operation) -> None:
        """A line for each step that is new; what the operation's state says already is none."""
        for step in operation.get("steps") or ():
            key = (str(step["at"]), str(step["step"]))
            if key not in self._said and step["step"] not in PLAIN:
                self.say(str(step["step"]))
            self._said.add(key)

    def say(self, text: str) -> None:
        """One line on stdout."""
        if not self._quiet:
            sys.stdout.write(f"{words.clean(text)}\n")
            sys.stdout.flush()


def outcome(client: Client, operation_id: str, teller: Teller) -> Operation:
    """Wait until the operation has ended; a desk that goes away meanwhile is waited for."""
    state = _state(client, operation_id)
    events = Follower(client, "/admin/operations/stream", idle_s=0.5, known=True).events()
    while state is None or state["state"] in UNDER_WAY:
        if state is not None:
            teller.tell(state)
        state = _next(client, operation_id, events)
    teller.tell(state)
    return state


def _next(client: Client, operation_id: str, events: Iterator[Any]) -> Operation | None:
    """The operation as it is after one more event; None where nobody can say."""
    event = next(events)
    if isinstance(event, Away):
        return None
    if isinstance(event, Idle) or "operation" not in event:
        return _state(client, operation_id)
    found = event["operation"]
    return found if found.get("id") == operation_id else None


def _state(client: Client, operation_id: str) -> Operation | None:
    try:
        return client.get(f"/admin/operations/{operation_id}")  # type: ignore[no-any-return]
    except CliError as error:
        if error.status is not None and error.status < 500:
            raise
        return None


def conclude(asset_id: str, action: str, ended: Operation, teller: Teller) -> None:
    """The last line. Raises CliError where it did not end as it was asked."""
    check(ended)
    if action == "start":
        teller.say(f"{asset_id} runs")
    else:
        teller.say(f"{asset_id} is stopped{_freed(ended.get('result') or {})}")


def _freed(result: Mapping[str, Any]) -> str:
    freed, leaked = result.get("freed_mb"), result.get("leaked_mb")
    said = "" if freed is None else f"; {asset_facts.mb(freed)} of GPU memory are free again"
    return f"{said}; {asset_facts.mb(leaked)} did not come back" if leaked else said


def interrupted(asset_id: str, action: str) -> int:
    """Say that Ctrl-C ended the waiting, not the request; returns the exit status."""
    sys.stderr.write(
        f"mixdesk: stopped waiting; the {action} goes on. `mixdesk assets status {asset_id}` shows how it is\n"
    )
    return INTERRUPTED


# -- plans and refusals --------------------------------------------------------------------------------


def plan_lines(plan: Plan) -> Iterator[str]:
    """What would be done, in this order, and whether its memory is there."""
    width = max((len(step["asset"]) for step in plan["steps"]), default=0)
    for step in plan["steps"]:
        yield f"{step['does']:<7}  {step['asset']:<{width}}  {step['why']}"
    for card in plan.get("memory") or ():
        kept = f", {asset_facts.mb(card['headroom_mb'])} stay free" if card.get("headroom_mb") else ""
        verdict = "fits" if card["fits"] else f"{_missing(card)} too little"
        needs, free = asset_facts.mb(card["needed_mb"]), asset_facts.mb(card["free_mb"])
        yield f"GPU {card['gpu']}: needs {needs}, {free} are free{kept}: {verdict}"
    if not plan["fits"]:
        yield from _next_commands(plan.get("stop") or (), "it fits after")


def _missing(card: Mapping[str, Any]) -> str:
    return asset_facts.mb(card["missing_mb"]) if card.get("missing_mb") is not None else "it is"


def advice_lines(problem: Mapping[str, Any], asset_id: str, now: float) -> Iterator[str]:
    """What stands in the way, and the command that would help."""
    for holder in problem.get("holders") or ():
        yield f"  on GPU {holder.get('gpu')}: {_holder(holder)}"
    for hold in problem.get("holds") or ():
        yield f"  {hold.get('asset', asset_id)}: held by {asset_facts.held(hold, now)}"
    for text in problem.get("problems") or ():
        yield f"  {text}"
    yield from _next_commands(problem.get("stop") or (), "next:")
    if problem.get("dependents"):
        yield f"  next: mixdesk assets stop {asset_id} --cascade"
    for job in problem.get("jobs") or ():
        yield f"  next: mixdesk jobs checkpoint {job} --then cancel"


def _next_commands(stop: Sequence[str], before: str) -> Iterator[str]:
    along = " --cascade" if len(stop) > 1 else ""  # some of them may need others: so any order will do
    for other in stop:
        yield f"  {before} mixdesk assets stop {other}{along}"


def _holder(holder: Mapping[str, Any]) -> str:
    jobs = [*(holder.get("jobs") or ()), *([holder["job"]] if holder.get("job") else [])]
    named = holder.get("asset") or ("" if jobs else "processes that are no asset's")
    used, reserved = holder.get("used_mb"), holder.get("reserved_mb")
    amounts = [f"{asset_facts.mb(value)} {word}" for value, word in ((used, "used"), (reserved, "reserved")) if value]
    return ", ".join([named, *amounts, *(f"job {job}" for job in jobs)]).removeprefix(", ")
