"""Two people start and stop the same processes at once: what was accepted last holds, and what is said is so."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests
from asset_world import POLITE, STUBBORN, AssetDesk, is_alive, program
from live_desk import wait_until
from torture import chance, times

pytestmark = pytest.mark.process

COURSES = times(100, 5)
NAMES = ("engine", "model", "slow", "deaf")


def registry() -> list[str]:
    """`model` needs `engine`; `slow` says that it is ready some time after its start; `deaf` has to be killed."""
    ready = {"log": "ready", "timeout_s": 30}
    return [
        program("engine", POLITE),
        program("model", f"sleep 0.1; echo ready; {POLITE}", dependencies=["engine"], ready=ready),
        program("slow", f"sleep 0.4; echo ready; {POLITE}", ready=ready),
        program("deaf", STUBBORN, stop_grace_s=0.2),
    ]


@pytest.fixture(scope="module")
def desk(new_asset_desk: Callable[..., AssetDesk]) -> AssetDesk:
    made = new_asset_desk(registry())
    made.start()
    return made


@dataclass
class Person:
    """Asks at random for a while; `accepted` is {asset: {generation: what}}."""

    desk: AssetDesk
    dice: random.Random
    names: tuple[str, ...]
    accepted: dict[str, dict[int, str]] = field(default_factory=dict)
    operations: set[str] = field(default_factory=set)

    def run(self) -> None:
        for _ in range(self.dice.randint(2, 4)):
            name, action = self.dice.choice(self.names), self.dice.choice(("start", "stop"))
            answer = self.desk.ask(name, action, **({"cascade": True} if action == "stop" else {}))
            assert answer.status_code == 202, answer.text
            self.note(name, action, answer)
            time.sleep(self.dice.choice((0.0, 0.0, 0.05, 0.1, 0.3)))

    def note(self, name: str, action: str, answer: requests.Response) -> None:
        body = answer.json()
        self.accepted.setdefault(name, {})[body["generation"]] = action
        self.operations.add(body["operation"])


@pytest.mark.timeout(1500)
def test_what_was_accepted_last_holds(desk: AssetDesk) -> None:
    dice = chance()
    for _ in range(COURSES):
        names = dice.choice((("engine", "model"), NAMES, ("slow",), ("deaf", "slow")))
        people = [Person(desk, random.Random(dice.random()), names) for _ in range(2)]
        threads = [threading.Thread(target=person.run) for person in people]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
        settle(desk, people)


def settle(desk: AssetDesk, people: list[Person]) -> None:
    """All operations end, and everything is as it is said to be, and as it was asked last."""
    operations = sorted({operation for person in people for operation in person.operations})
    ended = [desk.end_of(operation) for operation in operations]
    assert {operation["state"] for operation in ended} <= {"succeeded", "superseded"}, ended
    last = last_of(ended)
    for name in NAMES:
        seen = wait_until(lambda name=name: is_so(desk, name), f"the truth of {name}: {desk.asset(name)}")
        assert seen["desired"] in (None, seen["status"]), (seen, ended)
        operation = last.get(name)
        if operation is not None and operation["state"] == "succeeded":
            wanted = "running" if name in operation["params"]["starts"] else "stopped"
            assert seen["status"] == wanted, (seen, ended)
            assert seen["operation"] == operation["id"], (seen, ended)
    check_generations(desk, people)


def last_of(operations: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """{asset: the newest operation that was to do something with it}."""
    last: dict[str, dict[str, Any]] = {}
    for operation in sorted(operations, key=lambda item: item["created_at"]):
        last |= dict.fromkeys((*operation["params"]["starts"], *operation["params"]["stops"]), operation)
    return last


def check_generations(desk: AssetDesk, people: list[Person]) -> None:
    """What was accepted of an asset itself, the newest by its generation, is what is asked of it now."""
    for name in NAMES:
        seen = desk.asset(name)
        asked = {number: what for person in people for number, what in person.accepted.get(name, {}).items()}
        if asked and max(asked) == seen["generation"]:
            assert seen["desired"] == {"start": "running", "stop": "stopped"}[asked[max(asked)]], (seen, asked)


def is_so(desk: AssetDesk, name: str) -> dict[str, Any] | None:
    """The asset as the desk has it, once /proc says the same."""
    seen, living = desk.asset(name), desk.living(name)
    same = bool(living) if seen["status"] == "running" else not living
    return seen if same and seen["status"] in ("running", "stopped") and all(map(is_alive, living)) else None
