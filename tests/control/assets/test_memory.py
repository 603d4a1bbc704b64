"""Memory after a stop: freed, late, or not at all, and what is remembered of it."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest
from asset_room import Room, asset
from scripted_driver import World

from mixdesk_control.assets import memory
from mixdesk_control.assets.gpus import UNTOLD

Scene = Callable[..., None]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "LOOK_S", 0.01)


def one(keeps: float = 0.0, late: int = 0) -> World:
    world = World(gpus=[1000.0, 1000.0])
    world["a"].holds = {0: 400.0, 1: 100.0}
    world["a"].keeps, world["a"].late = keeps, late
    return world


A = asset("a", vram_mb=400, gpus=[0, 1])


def test_a_stop_says_how_much_it_freed(scene: Scene) -> None:
    async def play(room: Room) -> None:
        await room.done("start", "a")
        found = await room.done("stop", "a")
        assert found["result"] == {
            "assets": {"a": {"stopped": True, "freed_mb": 500.0, "leaked_mb": 0}},
            "freed_mb": 500.0,
            "leaked_mb": 0,
        }
        assert "a has stopped; 500 MiB of GPU memory freed" in [step["step"] for step in found["steps"]]
        assert room.reserved == room.leaked == {}

    scene(play, A, world=one())


def test_memory_that_comes_late_is_waited_for(scene: Scene) -> None:
    async def play(room: Room) -> None:
        await room.done("start", "a")
        found = await room.done("stop", "a")
        assert (found["result"]["freed_mb"], found["result"]["leaked_mb"]) == (500.0, 0)
        assert room.leaked == {}

    scene(play, A, world=one(keeps=1.0, late=4), freed_s=30.0)


def test_a_rest_that_is_small_is_no_leak(scene: Scene) -> None:
    async def play(room: Room) -> None:
        await room.done("start", "a")
        found = await room.done("stop", "a")
        assert (found["result"]["freed_mb"], found["result"]["leaked_mb"]) == (425.0, 0)
        assert room.leaked == {}

    scene(play, A, world=one(keeps=0.15), freed_s=30.0)


def test_memory_that_does_not_come_back(scene: Scene) -> None:
    async def play(room: Room) -> None:
        await room.done("start", "a")
        found = await room.done("stop", "a")
        assert found["state"] == "succeeded", "it does not run any more"
        assert (found["result"]["freed_mb"], found["result"]["leaked_mb"]) == (250.0, 250.0)
        assert "250 MiB did not come back" in found["steps"][-2]["step"]
        await room.service.watch.tick()
        assert [(use["gpu"], use["leaked_mb"], use["reserved_mb"]) for use in room.show("a")["usage"]["vram"]] == [
            (0, 200.0, 0.0),
            (1, 50.0, 0.0),
        ]
        assert room.said("a") == ("stopped", "stopped", None) and room.reserved == {}
        again = await room.ask("stop", "a")
        assert again["operation"] == found["id"]
        await room.again()
        await room.service.watch.tick()
        assert room.leaked == {"a": 250.0} and room.show("a")["usage"]["vram"][0]["leaked_mb"] == 200.0
        room.world["a"].left = {}
        await room.service.watch.tick()
        assert room.leaked == {} and room.show("a")["usage"]["vram"] == []

    scene(play, A, world=one(keeps=0.5), freed_s=0.05)


def test_a_stop_that_takes_it_along_again_does_not_forget_the_leak(scene: Scene) -> None:
    async def play(room: Room) -> None:
        await room.done("start", "a")
        await room.done("stop", "a")
        await room.done("start", "big")
        await room.service.watch.tick()
        room.world.run_elsewhere("b")
        await room.service.watch.tick()
        await room.done("stop", "a", cascade=True)
        assert room.leaked == {"a": 250.0}

    scene(play, A, asset("b", "a"), asset("big", vram_mb=10), world=one(keeps=0.5), freed_s=0.05)


def test_memory_that_a_survivor_keeps_is_a_leak(scene: Scene) -> None:
    """Its process got away from it: the driver still shows who holds the memory, and it is nobody's any more."""

    async def play(room: Room) -> None:
        await room.done("start", "a")
        stop = room.world.stop

        async def escapes(asset_id: str) -> None:
            holder = room.world["a"].run
            await stop(asset_id)
            room.world.strays[1, holder] = {0: 400.0}

        room.world.stop = escapes  # type: ignore[method-assign]
        found = await room.done("stop", "a")
        assert (found["result"]["freed_mb"], found["result"]["leaked_mb"]) == (100.0, 400.0)
        await room.service.watch.tick()
        assert room.leaked == {"a": 400.0}
        refused = await room.ask("start", "big")
        assert refused["status"] == 409 and refused["stop"] is None
        room.world.strays.clear()
        await room.service.watch.tick()
        assert room.leaked == {}

    scene(play, A, asset("big", vram_mb=700), world=one(), freed_s=0.05)


def test_what_the_driver_shows_with_one_that_just_ended_is_not_back_yet(scene: Scene) -> None:
    """Its start cannot be told any more, so that it is not known as the process that it was."""

    async def play(room: Room) -> None:
        await room.done("start", "a")
        world, stop, readings = room.world, room.world.stop, itertools.count()

        async def ends(asset_id: str) -> None:
            await stop(asset_id)
            world.strays[1, UNTOLD] = {0: 400.0}

        def comes_back() -> None:
            if world.strays and next(readings) == 3:
                world.strays.clear()

        world.stop, world.age = ends, comes_back  # type: ignore[method-assign]
        found = await room.done("stop", "a")
        assert not world.strays, "waited for"
        assert (found["result"]["freed_mb"], found["result"]["leaked_mb"]) == (500.0, 0)

    scene(play, A, world=one(), freed_s=60.0)


def test_a_leak_and_a_new_run(scene: Scene) -> None:
    async def play(room: Room) -> None:
        await room.done("start", "a")
        await room.done("stop", "a")
        assert room.leaked
        found = await room.done("start", "a")
        assert found["state"] == "succeeded" and room.leaked == {} and set(room.reserved) == {"a"}
        room.world["a"].keeps = 0.0
        await room.service.watch.tick()
        found = await room.done("stop", "a")
        assert (found["result"]["freed_mb"], found["result"]["leaked_mb"]) == (500.0, 0)

    scene(play, A, world=one(keeps=0.5), freed_s=0.05)


def test_a_leak_is_no_promise_and_is_missing_once(scene: Scene) -> None:
    async def play(room: Room) -> None:
        await room.done("start", "a")
        await room.done("stop", "a")
        refused = await room.ask("start", "big")
        assert "850 MiB are needed and 800 MiB are left (800 free, 0 of it promised" in refused["detail"]
        assert refused["holders"][0] == {
            "asset": "a",
            "gpu": 0,
            "used_mb": None,
            "reserved_mb": 200.0,
            "leaked": True,
            "jobs": [],
        }
        assert refused["stop"] is None, "its stop would leave nothing"

    scene(play, A, asset("big", vram_mb=850), world=one(keeps=0.5), freed_s=0.05)


def test_a_reading_that_fails_after_the_stop_is_no_figure(scene: Scene) -> None:
    async def play(room: Room) -> None:
        await room.done("start", "a")
        room.world.hold("stop", "a")
        stopping = await room.begun("stop", "a")
        await room.world.reached("stop", "a")
        room.world.blind = "NVML went away"
        room.world.let("stop", "a")
        found = await room.ended(stopping)
        assert found["state"] == "succeeded" and "freed_mb" not in found["result"], "nobody knows"
        held = found["result"]["leaked_mb"]
        assert held > 0 and (room.reserved, room.leaked) == ({}, {"a": held}), "it may be there still"
        room.world.blind = None
        await room.service.watch.tick()
        assert room.leaked == {}, "a reading tells that it came back"

    scene(play, A, world=one(), freed_s=0.05)


def test_no_card_no_figures(scene: Scene) -> None:
    async def play(room: Room) -> None:
        await room.done("start", "a")
        assert (await room.done("stop", "a"))["result"] == {
            "assets": {"a": {"stopped": True, "freed_mb": None, "leaked_mb": 0}}
        }

    scene(play, A, world=World())


def test_cards_that_cannot_be_read_at_the_stop_keep_nobody_from_it(scene: Scene) -> None:
    async def play(room: Room) -> None:
        await room.done("start", "a")
        room.world.blind = "NVML went away"
        found = await room.done("stop", "a")
        assert found["state"] == "succeeded" and "freed_mb" not in found["result"]
        assert room.reserved == {}

    scene(play, A, world=one())


def test_only_a_stop_that_may_give_memory_back_is_waited_for(scene: Scene) -> None:
    async def play(room: Room) -> None:
        await room.done("start", "aside")
        room.world.hold("stop", "aside")
        stopping = await room.begun("stop", "aside")
        await room.world.reached("stop", "aside")
        room.world.hold("started", "base")
        started = await room.begun("start", "big")
        await room.world.reached("started", "base")
        room.world.foreign[0] = 900.0
        room.world.let("started", "base")
        found = await room.ended(started)
        assert found["state"] == "failed" and "800 MiB are needed and 100 MiB are left" in found["error"]
        room.world.let("stop", "aside")
        assert (await room.ended(stopping))["state"] == "succeeded"

    scene(play, asset("aside"), asset("base"), asset("big", "base", vram_mb=800), gpus=[1000.0])


def test_a_reading_that_fails_lets_nobody_load_beside_another(scene: Scene) -> None:
    async def play(room: Room) -> None:
        memory, big = room.service.memory, room.service.board.registry.assets["big"]
        await memory.read()
        locks = memory.loaders(big)
        room.world.blind = "the driver is being replaced"
        assert (await memory.read()).error is not None
        assert locks == memory.loaders(big) != []

    scene(play, asset("big", vram_mb=800), gpus=[1000.0])
