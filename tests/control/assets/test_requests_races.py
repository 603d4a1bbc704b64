"""Two people who start and stop the same assets at once, over a desk that is killed now and then."""

from __future__ import annotations

import asyncio
import json
import random
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from asset_room import Killed, Room, asset
from scripted_driver import STARTING, World
from torture import chance, times

from mixdesk_control.operations.operation import FAILED, SUCCEEDED, SUPERSEDED
from mixdesk_control.settings_assets import AssetSettings
from mixdesk_control.store import tables

Scene = Callable[..., None]

MB = 1000.0
REGISTRY: tuple[AssetSettings, ...] = (
    asset("base", vram_mb=MB),
    asset("left", "base", vram_mb=MB),
    asset("right", "base", vram_mb=MB, gpus=[0, 1]),
    asset("top", "left", "right"),
    asset("alone", vram_mb=MB, gpus=[1]),
)
IDS = [entry.id for entry in REGISTRY]


@dataclass
class Notes:
    """What was answered to whom, and every generation that anybody saw of an asset."""

    accepted: list[str] = field(default_factory=list)
    refused: int = 0
    unanswered: int = 0
    generations: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))


async def client(room: Room, name: str, dice: random.Random, notes: Notes) -> None:
    """A few requests, each as soon as the one before was answered or a moment later."""
    for _ in range(dice.randrange(3, 7)):
        action, target = dice.choice(["start", "stop"]), dice.choice(IDS)
        options: dict[str, Any] = {"cascade": dice.random() < 0.7} if action == "stop" else {}
        try:
            answer = await room.ask(action, target, by=name, **options)
        except Killed:
            notes.unanswered += 1
            continue
        if answer["status"] == 202:
            notes.accepted.append(answer["operation"])
            notes.generations[target].append(answer["generation"])
        else:
            assert answer["status"] == 409, answer
            notes.refused += 1
        await asyncio.sleep(dice.choice([0.0, 0.0, 0.003, 0.02]))


async def killer(room: Room, dice: random.Random) -> None:
    for _ in range(dice.randrange(0, 3)):
        await asyncio.sleep(dice.random() * 0.08)
        await room.again()


def things(dice: random.Random) -> World:
    world = World(gpus=(3500.0, 2500.0), pace=dice)
    for entry in REGISTRY:
        world[entry.id].holds = dict.fromkeys(entry.gpus or (0,) if entry.vram_mb else (), MB)
        world[entry.id].starts_as = dice.choice([STARTING, "running"])
        world[entry.id].doing = "stopped"
    return world


async def readier(world: World) -> None:
    """What was started becomes ready a moment later."""
    while True:
        await asyncio.sleep(0.004)
        for thing in world.things.values():
            if thing.doing == STARTING:
                thing.doing = "running"


def check(room: Room, notes: Notes) -> None:
    made = {row[0]: row[1:] for row in room.rows(tables.operations, "id", "state", "target", "created_at")}
    params = _params(room)
    wishes = {row[0]: row[1:] for row in room.rows(tables.assets, "id", "desired", "generation")}
    running = room.world.running
    assert all(state in (SUCCEEDED, SUPERSEDED) for state, *_ in made.values()), made
    assert set(notes.accepted) <= made.keys()
    for asset_id in IDS:
        naming = sorted((made[one][2], one) for one, named in params.items() if asset_id in named)
        desired = wishes.get(asset_id, (None,))[0]
        assert (desired == "running") == (asset_id in running), (asset_id, desired)
        assert room.said(asset_id) == ("running" if asset_id in running else "stopped", desired, None)
        if naming and made[naming[-1][1]][1] == asset_id:
            last = naming[-1][1]
            assert made[last][0] == SUCCEEDED, "nobody asked anything after it"
            assert params[last][asset_id] == desired
        seen = notes.generations[asset_id]
        assert seen == sorted(seen) and (not seen or wishes[asset_id][1] >= seen[-1])
    assert room.reserved.keys() == {one for one in running if one != "top"}, "promises are of those that run"
    assert room.leaked == {} and room.world.over == []
    check_audit(room, notes, made, params)


def _params(room: Room) -> dict[str, dict[str, str]]:
    """{operation: {asset: what it asks of it}}"""
    found = {}
    for one, text in room.rows(tables.operations, "id", "params"):
        given = json.loads(text)
        found[one] = dict.fromkeys(given["stops"], "stopped") | dict.fromkeys(given["starts"], "running")
    return found


def check_audit(room: Room, notes: Notes, made: dict[str, Any], params: dict[str, dict[str, str]]) -> None:
    """One line for each request and one for each asset that a stop takes along, settled as it ended."""
    lines = room.rows(tables.audit, "id", "action", "target", "operation", "outcome")
    asked = [row for row in lines if row[1] in ("asset.start", "asset.stop") and row[4] != "refused"]
    along = sum(len(named) - 1 for named in params.values() if "running" not in named.values())
    assert len(notes.accepted) <= len(asked) - along <= len(notes.accepted) + notes.unanswered
    for _, _, target, operation, outcome in asked:
        state, named = made[operation][:2]
        assert outcome == state or (target != named and outcome == SUCCEEDED), "settled; what went along may be done"
    assert len([row for row in lines if row[4] == "refused"]) >= notes.refused


def ends(room: Room) -> None:
    """Every operation ended once: it says so once."""
    for one, text in room.rows(tables.operations, "id", "steps"):
        words = [step for _, step in json.loads(text)]
        assert sum(word in (SUCCEEDED, SUPERSEDED, FAILED) for word in words) == 1 and words[0] == "asked", (one, words)


@pytest.mark.parametrize("kills", [False, True], ids=["one desk", "killed desks"])
def test_the_last_that_was_accepted_holds(scene: Scene, kills: bool) -> None:
    for _ in range(times(100, 4)):
        dice = chance()

        async def play(room: Room, dice: random.Random = dice) -> None:
            notes, ready = Notes(), asyncio.create_task(readier(room.world))
            try:
                who = [client(room, name, dice, notes) for name in ("ann", "bob")]
                await asyncio.gather(*who, *([killer(room, dice)] if kills else []))
                await room.quiet()
                check(room, notes)
                ends(room)
            finally:
                ready.cancel()
                await asyncio.gather(ready, return_exceptions=True)

        scene(play, *REGISTRY, world=things(dice))
