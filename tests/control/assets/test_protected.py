"""What nobody may take from under whoever uses it, and what nobody is kept from by somebody else's trouble."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from asset_room import Room, asset, process
from scripted_driver import World

Scene = Callable[..., None]


def test_a_job_is_still_there_while_its_asset_cannot_be_seen(scene: Scene) -> None:
    async def play(room: Room) -> None:
        await room.done("start", "a")
        room.jobs["a"] = ["job-1"]
        await room.service.watch.tick()
        room.world["a"].unseen = "the engine restarts"
        await room.service.watch.tick()
        refused = await room.ask("stop", "a")
        assert refused["status"] == 409 and refused["jobs"] == ["job-1"]

    scene(play, asset("a"))


def test_a_dependent_that_others_started_counts_while_it_cannot_be_seen(scene: Scene) -> None:
    async def play(room: Room) -> None:
        await room.done("start", "b")
        room.world.run_elsewhere("c")
        await room.service.watch.tick()
        room.world["c"].unseen = "the engine restarts"
        await room.service.watch.tick()
        refused = await room.ask("stop", "b")
        assert refused["status"] == 409 and refused["dependents"] == ["c"]

    scene(play, asset("b"), asset("c", "b"))


def test_what_is_being_stopped_cannot_be_held(scene: Scene) -> None:
    async def play(room: Room) -> None:
        await room.done("start", "a")
        room.world.hold("stop", "a")
        stopping = await room.begun("stop", "a")
        await room.world.reached("stop", "a")
        refused = await room.hold("a", 60.0)
        assert refused["status"] == 409 and "being stopped" in refused["detail"]
        room.world.let("stop", "a")
        await room.ended(stopping)

    scene(play, asset("a"))


def test_a_hold_is_only_made_longer(scene: Scene) -> None:
    async def play(room: Room) -> None:
        held = await room.hold("a", 60.0)
        again = await room.hold("a", 0.01, hold_id=held["id"], by="eve")
        assert again["expires_at"] == held["expires_at"]
        assert [row for row in room.audit() if row[0] == "asset.hold"] == [("asset.hold", "a", "succeeded")] * 2

    scene(play, asset("a"))


def test_a_gpu_driver_that_hangs_holds_up_nobody_who_asks_for_none(scene: Scene) -> None:
    async def play(room: Room) -> None:
        await room.done("start", "cpu")
        room.world.hold("read", "")
        waiting = asyncio.create_task(room.ask("start", "gpu"))
        await room.world.reached("read", "")
        await asyncio.wait_for(room.begun("stop", "cpu"), 60)
        assert not waiting.done()
        room.world.let("read", "")
        assert (await waiting)["status"] == 202

    scene(play, asset("cpu"), asset("gpu", vram_mb=100), world=World(gpus=[1000.0]))


def test_memory_that_the_driver_hides_is_no_figure(scene: Scene) -> None:
    async def play(room: Room) -> None:
        room.world["a"].holds, room.world["a"].hidden = {0: 100.0}, True
        await room.done("start", "a")
        found = await room.done("stop", "a")
        assert found["result"]["assets"]["a"]["freed_mb"] is None and room.leaked == {}

    scene(play, asset("a", vram_mb=100), world=World(gpus=[1000.0]))


def test_an_asset_whose_gpu_is_not_there_keeps_no_other_from_its_promise(scene: Scene) -> None:
    async def play(room: Room) -> None:
        room.world.run_elsewhere("wrong")
        room.world.run_elsewhere("right")
        await room.service.watch.tick()
        assert room.reserved == {"right": 100.0}

    scene(play, asset("wrong", vram_mb=100, gpus=(7,)), asset("right", vram_mb=100), world=World(gpus=[1000.0]))


def test_a_driver_that_hangs_keeps_no_other_from_seeing(scene: Scene) -> None:
    async def play(room: Room) -> None:
        room.world.hold("observe", "slow")
        await room.world.reached("observe", "slow")
        room.world.run_elsewhere("quick")
        await room.until(lambda: room.said("quick")[0] == "running")
        room.world.let("observe", "slow")

    scene(play, asset("quick"), process("slow"))
