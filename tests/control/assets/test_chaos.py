"""People, crashes, drivers that refuse or cannot see, and desks that die, all at once: what must hold in the end."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

import pytest
from asset_room import Killed, Room, asset
from scripted_driver import RUNNING, STARTING, World
from torture import chance, times

from mixdesk_control.assets import hands, memory
from mixdesk_control.operations.operation import ENDED
from mixdesk_control.store import tables

Scene = Callable[..., None]

MB = 500.0
QUICK = {"timeout_s": 0.1}
REGISTRY = (
    asset("base", vram_mb=MB, ready=QUICK),
    asset("left", "base", vram_mb=MB, ready=QUICK, evictable=True),
    asset("right", "base", vram_mb=MB, ready=QUICK, evictable=True),
    asset("top", "left", "right", ready=QUICK, evictable=True),
    asset("alone", vram_mb=MB, ready=QUICK, evictable=True),
    asset("big", vram_mb=3 * MB, ready=QUICK),
)
IDS = [entry.id for entry in REGISTRY]
HUNGRY = {entry.id: entry.vram_mb for entry in REGISTRY if entry.vram_mb}


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hands, "LOOK_S", 0.005)
    monkeypatch.setattr(hands, "SEEN_S", 0.1)
    monkeypatch.setattr(memory, "LOOK_S", 0.005)


async def person(room: Room, name: str, dice: random.Random) -> None:
    made: list[str] = []
    for _ in range(8):
        await asyncio.sleep(dice.random() * 0.03)
        try:
            if made and dice.random() < 0.25:
                await room.whole(partial(room.cancel, dice.choice(made)))
                continue
            action = dice.choice(["start", "stop"])
            flags = ("evict",) if action == "start" else ("cascade", "force")
            options: dict[str, Any] = {flag: dice.random() < 0.6 for flag in flags}
            answer = await room.ask(action, dice.choice(IDS), by=name, **options)
        except Killed:
            continue
        if answer["status"] == 202:
            made.append(answer["operation"])
        else:
            assert answer["status"] == 409, answer


async def fate(room: Room, dice: random.Random, kills: bool) -> None:
    """Something goes wrong, or is well again; in the end all is well."""
    world = room.world
    for _ in range(12):
        await asyncio.sleep(dice.random() * 0.02)
        thing = world[dice.choice(IDS)]
        match dice.randrange(7):
            case 0 if thing.is_alive:
                thing.end(dice.choice([1, 137]))
            case 1:
                thing.refuses = {dice.choice(["start", "stop"]): "permission denied"}
            case 2:
                thing.refuses = {}
            case 3:
                thing.unseen = None if thing.unseen else "the engine restarts"
            case 4:
                thing.dies = None if thing.dies else 3
            case 5 if kills:
                await room.again()
            case _:
                thing.starts_as = dice.choice([STARTING, RUNNING])
    for thing in world.things.values():
        thing.unseen, thing.refuses, thing.dies = None, {}, None


async def readier(world: World, dice: random.Random) -> None:
    while True:
        await asyncio.sleep(0.01)
        for thing in world.things.values():
            if thing.doing == STARTING and dice.random() < 0.7:
                thing.doing = RUNNING


def check(room: Room) -> None:
    running = room.world.running
    for one in IDS:
        shown = room.show(one)
        seen = "running" if one in running else "stopped"
        assert shown["status"] in {"running": ("running", "error", "loading"), "stopped": ("stopped", "error")}[seen]
        assert shown["status"] != "error" or shown["error"], one
        if shown["desired"] not in (None, seen):
            assert shown["drift"] or shown["error"], "what is not as it was asked is said"
    assert room.reserved == {one: mb for one, mb in HUNGRY.items() if one in running}
    assert room.world.over == []
    ended = {row[0]: row[1:] for row in room.rows(tables.operations, "id", "state", "target")}
    assert {state for state, _ in ended.values()} <= set(ENDED)
    for _, text in room.rows(tables.operations, "id", "steps"):
        assert sum(step in ENDED for _, step in json.loads(text)) == 1, text
    for _, action, target, operation, outcome in room.rows(
        tables.audit, "id", "action", "target", "operation", "outcome"
    ):
        assert outcome != "accepted"
        if action != "asset.step" and operation is not None:
            state, asked = ended[operation]
            assert outcome == state or (target != asked and outcome == "succeeded"), "what went along may be done"


async def all_at_once(room: Room, *, dice: random.Random, kills: bool) -> None:
    ready = asyncio.create_task(readier(room.world, dice))
    work: list[Coroutine[Any, Any, None]] = [person(room, name, dice) for name in ("ann", "bob")]
    try:
        await asyncio.gather(*work, fate(room, dice, kills))
        await room.quiet()
        await room.service.watch.tick()
        check(room)
    finally:
        ready.cancel()
        await asyncio.gather(ready, return_exceptions=True)


@pytest.mark.parametrize("kills", [False, True], ids=["one desk", "killed desks"])
def test_in_the_end_all_is_told_as_it_is(scene: Scene, kills: bool) -> None:
    for _ in range(times(100, 3)):
        dice = chance()
        world = World(gpus=[4 * MB], pace=dice)
        for one in IDS:
            world[one].holds = {0: HUNGRY[one]} if one in HUNGRY else {}
        scene(partial(all_at_once, dice=dice, kills=kills), *REGISTRY, world=world, freed_s=0.05)
