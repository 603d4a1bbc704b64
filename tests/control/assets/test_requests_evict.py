"""Eviction: who may go, in which order, and what becomes of a start whose room is not made after all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from asset_room import Room, asset
from scripted_driver import World

from mixdesk_control.assets.rows import Hold
from mixdesk_control.store import tables

Scene = Callable[..., None]


def world_of(total: float, **amounts: float) -> World:
    world = World(gpus=[total])
    for asset_id, mb in amounts.items():
        world[asset_id].holds = {0: mb}
    return world


def evictable(asset_id: str, *needs: str, mb: float = 400, **more: Any) -> Any:
    return asset(asset_id, *needs, vram_mb=mb, **{"evictable": True, **more})


def test_the_advised_set_is_stopped_first(scene: Scene) -> None:
    async def play(room: Room) -> None:
        for one in ("a", "b", "c"):
            await room.done("start", one)
        refused = await room.ask("start", "big")
        assert refused["status"] == 409 and refused["stop"] == ["a"]
        assert refused["detail"].endswith("stop a, or start it with evict=true")
        plan = await room.ask("start", "big", evict=True, dry_run=True)
        assert plan["would_stop"] == ["a"] and plan["stop"] == ["a"]
        assert [(step["asset"], step["does"]) for step in plan["steps"]] == [("a", "stop"), ("big", "start")]
        room.world.log.clear()
        found = await room.done("start", "big", evict=True)
        assert found["state"] == "succeeded" and found["params"]["stops"] == ["a"]
        assert room.world.log == ["stop a", "start big"]
        assert room.reserved.keys() == {"b", "c", "big"}
        assert room.said("a") == ("stopped", "stopped", None)
        assert ("asset.evict", "a", "succeeded") in room.audit()

    world = world_of(1000, a=400, b=300, c=300, big=400)
    scene(play, evictable("a"), evictable("b", mb=300), evictable("c", mb=300), asset("big", vram_mb=400), world=world)


def test_dependents_go_along_before_it(scene: Scene) -> None:
    async def play(room: Room) -> None:
        await room.done("start", "web")
        room.world.log.clear()
        await room.done("start", "big", evict=True)
        assert room.world.log == ["stop web", "stop model", "start big"]
        evicted = [line for line in room.audit() if line[0] == "asset.evict"]
        assert evicted == [("asset.evict", "web", "succeeded"), ("asset.evict", "model", "succeeded")]

    entries = [evictable("model"), asset("web", "model", evictable=True), asset("big", vram_mb=800)]
    scene(play, *entries, world=world_of(1000, model=400, big=800))


@pytest.mark.parametrize("why", ["not evictable", "its dependent is not", "a job", "a hold", "a dependent's job"])
def test_who_may_not_go(scene: Scene, why: str) -> None:
    async def play(room: Room) -> None:
        await room.done("start", "web")
        if "job" in why:
            room.jobs = {"web" if "dependent" in why else "model": ["job-1"]}
            await room.service.watch.tick()
        if why == "a hold":
            await room.hold("model", 60.0)
        before = room.disk()
        found = await room.ask("start", "big", evict=True)
        assert found["status"] == 409 and found["stop"] is None
        assert found["detail"].endswith("no set of evictable, idle assets would make room")
        assert room.disk()["operations"] == before["operations"] and room.world.running == {"model", "web"}
        advice = await room.ask("start", "big")
        assert set(advice["stop"]) == {"model", "web"} and "evict=true" not in advice["detail"]

    entries = [
        evictable("model", evictable=why != "not evictable"),
        asset("web", "model", evictable=why != "its dependent is not"),
        asset("big", vram_mb=800),
    ]
    scene(play, *entries, world=world_of(1000, model=400, big=800))


def test_a_hold_that_has_run_out_keeps_nobody(scene: Scene) -> None:
    async def play(room: Room) -> None:
        await room.done("start", "model")
        await room.hold("model", 60.0)
        assert (await room.ask("start", "big", evict=True))["status"] == 409
        room.clock.now += 61
        assert (await room.done("start", "big", evict=True))["state"] == "succeeded"
        assert room.world.running == {"big"}

    scene(play, evictable("model"), asset("big", vram_mb=800), world=world_of(1000, model=400, big=800))


def test_what_it_needs_itself_is_never_evicted(scene: Scene) -> None:
    async def play(room: Room) -> None:
        await room.done("start", "model")
        found = await room.ask("start", "big", evict=True)
        assert found["status"] == 409 and found["stop"] is None

    scene(play, evictable("model"), asset("big", "model", vram_mb=800), world=world_of(1000, model=400, big=800))


def test_room_that_is_not_made_after_all_fails_the_start(scene: Scene) -> None:
    async def play(room: Room) -> None:
        await room.done("start", "model")
        room.world["model"].keeps = 0.9
        found = await room.done("start", "big", evict=True)
        assert found["state"] == "failed" and "800 MiB are needed and 640 MiB are left" in found["error"]
        assert room.world.log == ["start model", "stop model"], "not even what it needs is begun"
        assert room.said("big") == ("stopped", "stopped", None)
        await room.service.watch.tick()
        assert room.reserved == {} and room.leaked == {"model": 360.0}, "its promise has ended with it"
        assert found["result"]["assets"]["model"]["leaked_mb"] == 360.0
        assert ("asset.evict", "model", "succeeded") in room.audit(), "that was done"
        assert ("asset.start", "big", "failed") in room.audit()
        said = {row[1:3]: row[3] for row in room.rows(tables.audit, "id", "action", "target", "detail")}
        assert said["asset.evict", "model"] == "makes room for big"
        assert "640 MiB are left" in said["asset.start", "big"]

    entries = [evictable("model"), asset("cpu"), asset("big", "cpu", vram_mb=800)]
    scene(play, *entries, world=world_of(1000, model=400, big=800))


def test_one_that_cannot_be_stopped_fails_the_start(scene: Scene) -> None:
    async def play(room: Room) -> None:
        await room.done("start", "model")
        room.world["model"].refuses["stop"] = "permission denied"
        found = await room.done("start", "big", evict=True)
        assert (found["state"], found["error"]) == ("failed", "model could not be stopped: permission denied")
        assert ("asset.evict", "model", "failed", "makes room for big") in [
            line[1:] for line in room.rows(tables.audit, "id", "action", "target", "outcome", "detail")
        ]
        await room.service.watch.tick()
        assert room.reserved == {"model": 400.0} and room.said("model") == ("running", "running", None)

    scene(play, evictable("model"), asset("big", vram_mb=800), world=world_of(1000, model=400, big=800))


@pytest.mark.parametrize("why", ["a job", "a hold"])
def test_one_that_came_to_be_used_meanwhile_is_not_evicted(scene: Scene, why: str) -> None:
    async def play(room: Room) -> None:
        await room.done("start", "web")
        room.world.hold("stop", "web")
        started = await room.begun("start", "big", evict=True)
        await room.world.reached("stop", "web")
        if why == "a job":
            room.jobs = {"model": ["job-1"]}
            await room.service.watch.tick()
        else:  # taken in the moment before the start was accepted
            board = room.service.board
            board.holds["h"] = Hold("h", "model", "bob", None, board.clock(), board.clock() + 60.0)
        room.world.let("stop", "web")
        found = await room.ended(started)
        said = {"a job": "a job runs in model by now: job-1;", "a hold": "model is held by bob by now:"}[why]
        assert found["state"] == "failed" and found["error"].startswith(said)
        assert room.world.running == {"model"} and room.said("model") == ("running", "running", None)
        outcomes = [line for line in room.audit() if line[0] == "asset.evict"]
        assert outcomes == [("asset.evict", "web", "succeeded"), ("asset.evict", "model", "failed")]

    entries = [evictable("model"), asset("web", "model", evictable=True), asset("big", vram_mb=800)]
    scene(play, *entries, world=world_of(1000, model=400, big=800))


def test_one_that_is_wanted_again_stops_the_start_that_would_take_its_place(scene: Scene) -> None:
    async def play(room: Room) -> None:
        await room.done("start", "model")
        room.world.hold("stop", "model")
        older = await room.begun("start", "big", evict=True)
        await room.world.reached("stop", "model")
        refused = await room.ask("start", "model")
        assert refused["status"] == 202, "it still has its memory, and its promise"
        room.world.let("stop", "model")
        assert (await room.ended(older))["state"] == "superseded"
        assert (await room.ended(refused["operation"]))["state"] == "succeeded"
        await room.quiet()
        assert room.world.running == {"model"} and room.reserved == {"model": 400.0} and room.world.over == []

    scene(play, evictable("model"), asset("big", vram_mb=800), world=world_of(1000, model=400, big=800))
