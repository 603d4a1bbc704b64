"""A start that needs GPU memory: promised as a whole or refused, and what a refusal says."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest
from asset_room import Room, asset
from scripted_driver import UUIDS, World
from torture import chance, times

from mixdesk_control.store import tables

Scene = Callable[..., None]


def holding(world: World, **amounts: float) -> World:
    """Things that take so much of the first card once they run."""
    for asset_id, mb in amounts.items():
        world[asset_id].holds = {0: mb}
    return world


def test_a_start_that_does_not_fit_says_who_holds_what_and_whom_to_stop(scene: Scene) -> None:
    async def play(room: Room) -> None:
        await room.done("start", "bark")
        await room.done("start", "rvc")
        room.jobs = {"rvc": ["job-1"]}
        await room.service.watch.tick()
        before = room.disk()
        found = await room.ask("start", "uvr")
        assert found["status"] == 409
        assert found["detail"] == (
            "gpu 0: 500 MiB are needed and 250 MiB are left "
            "(350 free, 50 of it promised, 50 kept as headroom): stop rvc"
        )
        assert found["stop"] == ["rvc"]
        assert found["holders"] == [
            {"asset": "bark", "gpu": 0, "used_mb": 400.0, "reserved_mb": 400.0, "leaked": False, "jobs": []},
            {"asset": "rvc", "gpu": 0, "used_mb": 250.0, "reserved_mb": 300.0, "leaked": False, "jobs": ["job-1"]},
            {"asset": None, "gpu": 0, "used_mb": 100.0, "reserved_mb": 0.0, "leaked": False, "jobs": []},
        ]
        after = room.disk()
        assert {name: rows for name, rows in after.items() if rows != before[name]}.keys() == {"audit"}
        assert room.audit()[-1] == ("asset.start", "uvr", "refused")
        assert room.said("uvr") == ("stopped", None, None)
        plan = await room.ask("start", "uvr", dry_run=True)
        assert (plan["status"], plan["fits"], plan["stop"], plan["would_stop"]) == (200, False, ["rvc"], [])
        assert plan["memory"] == [
            {
                "gpu": 0,
                "uuid": UUIDS[0],
                "free_mb": 350.0,
                "headroom_mb": 50.0,
                "needed_mb": 500.0,
                "missing_mb": 250.0,
                "fits": False,
            }
        ]
        assert room.disk() == after

    world = holding(World(gpus=[1100.0]), bark=400, rvc=250, uvr=500)
    world.foreign = {0: 100.0}
    entries = [asset("bark", vram_mb=400), asset("rvc", vram_mb=300), asset("uvr", vram_mb=500)]
    scene(play, *entries, world=world, headroom_mb=50.0)


def test_the_whole_closure_or_nothing(scene: Scene) -> None:
    async def play(room: Room) -> None:
        found = await room.ask("start", "top")
        assert (
            found["status"] == 409 and "gpu 1: 300 MiB are needed" in found["detail"] and "gpu 0" not in found["detail"]
        )
        assert found["stop"] is None and "no asset that runs would make room" in found["detail"]
        assert room.reserved == {} and room.world.log == []
        assert room.rows(tables.operations) == [] and room.said("base") == ("stopped", None, None)
        assert (await room.done("start", "base"))["state"] == "succeeded"
        assert room.reserved == {"base": 100.0}

    entries = [
        asset("base", vram_mb=100),
        asset("mid", "base", vram_mb=300, gpus=[0, 1]),
        asset("top", "mid", vram_mb=100),
    ]
    scene(play, *entries, gpus=[1000.0, 250.0])


def test_what_was_promised_and_not_taken_yet_is_not_promised_twice(scene: Scene) -> None:
    async def play(room: Room) -> None:
        room.world.hold("start", "one")
        started = await room.begun("start", "one")
        await room.world.reached("start", "one")
        assert (await room.ask("start", "two"))["detail"].startswith(
            "gpu 0: 600 MiB are needed and 400 MiB are left (1000 free, 600 of it promised"
        )
        room.world.let("start", "one")
        await room.ended(started)
        assert (await room.ask("start", "two"))["detail"].startswith(
            "gpu 0: 600 MiB are needed and 400 MiB are left (400 free, 0 of it promised"
        )
        assert (await room.ask("start", "one"))["status"] == 202, "it has its promise"

    world = holding(World(gpus=[1000.0]), one=600, two=600)
    scene(play, asset("one", vram_mb=600), asset("two", vram_mb=600), world=world)


def test_use_that_cannot_be_told_counts_as_none(scene: Scene) -> None:
    async def play(room: Room) -> None:
        room.world["one"].hidden = True
        await room.done("start", "one")
        found = await room.ask("start", "two")
        assert "500 free, 500 of it promised" in found["detail"]
        assert found["holders"][0]["used_mb"] is None and found["holders"][0]["reserved_mb"] == 500.0

    world = holding(World(gpus=[1000.0]), one=500, two=100)
    scene(play, asset("one", vram_mb=500), asset("two", vram_mb=100), world=world)


def test_cards_that_cannot_be_read_promise_nothing(scene: Scene) -> None:
    async def play(room: Room) -> None:
        room.world.blind = "NVML: driver/library version mismatch"
        for options in ({}, {"dry_run": True}):
            found = await room.ask("start", "gpu", **options)
            assert found["status"] == 409
            assert found["detail"].endswith("nothing is promised: NVML: driver/library version mismatch")
        assert (await room.done("start", "cpu"))["state"] == "succeeded", "it needs none"
        assert room.world.running == {"cpu"}
        assert room.audit()[0] == ("asset.start", "gpu", "refused") and len(room.audit()) == 2

    scene(play, asset("gpu", vram_mb=100), asset("cpu"), gpus=[1000.0])


def test_a_host_without_a_gpu_starts_it_and_says_so(scene: Scene) -> None:
    async def play(room: Room) -> None:
        found = await room.done("start", "gpu")
        assert found["state"] == "succeeded" and room.reserved == {}
        assert found["steps"][1]["step"] == "no GPU is read on this host: no memory was promised"

    scene(play, asset("gpu", vram_mb=100))


def test_a_gpu_that_is_not_here(scene: Scene) -> None:
    async def play(room: Room) -> None:
        found = await room.ask("start", "gpu")
        assert found["status"] == 409
        assert found["detail"] == "gpu: gpu 3 is not here: there are 0 (GPU-a): correct `gpus` in the registry"
        assert room.reserved == {} and room.world.log == []

    scene(play, asset("gpu", vram_mb=100, gpus=[3]), gpus=[1000.0])


def test_a_gpu_that_does_not_say_what_is_free_closes_no_other(scene: Scene) -> None:
    async def play(room: Room) -> None:
        cards = room.world.cards
        room.world.cards = lambda: replace(cards(), silent=frozenset({1, "GPU-b"}))  # type: ignore[method-assign]
        found = await room.ask("start", "mute")
        assert (found["status"], room.world.log) == (409, [])
        assert found["detail"].startswith("mute: gpu 1: the driver does not say how much memory is free")
        assert (await room.done("start", "gpu"))["state"] == "succeeded" and room.reserved == {"gpu": 100.0}

    scene(play, asset("gpu", vram_mb=100), asset("mute", vram_mb=100, gpus=[1]), gpus=[1000.0])


def test_a_card_may_be_named_by_its_uuid(scene: Scene) -> None:
    async def play(room: Room) -> None:
        await room.done("start", "gpu")
        assert room.rows(tables.reservations, "asset", "gpu") == [("gpu", "GPU-b")]

    scene(play, asset("gpu", vram_mb=100, gpus=["GPU-b"]), gpus=[1000.0, 1000.0])


def test_what_was_seen_counts_where_it_is_more_than_was_declared(scene: Scene) -> None:
    async def play(room: Room) -> None:
        await room.done("start", "hungry")
        await room.service.watch.tick()
        assert room.show("hungry")["vram_peak_mb"] == 700.0 and room.show("hungry")["vram_declared_mb"] == 100.0
        await room.done("stop", "hungry")
        await room.done("start", "small")
        found = await room.ask("start", "hungry")
        assert found["status"] == 409 and "700 MiB are needed and 600 MiB are left" in found["detail"]
        await room.again()
        found = await room.ask("start", "hungry")
        assert found["status"] == 409 and "700 MiB are needed" in found["detail"], "the next desk knows it, too"
        assert room.show("hungry")["vram_peak_mb"] == 700.0
        await room.done("stop", "small")
        assert (await room.done("start", "hungry"))["state"] == "succeeded"
        assert room.reserved == {"hungry": 700.0}
        await room.done("stop", "hungry")
        room.world["hungry"].holds = {0: 50.0}
        await room.done("start", "hungry")
        await room.service.watch.tick()
        assert room.show("hungry")["vram_peak_mb"] == 700.0, "less than that is no news"

    world = holding(World(gpus=[1000.0]), hungry=700, small=400)
    scene(play, asset("hungry", vram_mb=100), asset("small", vram_mb=400), world=world)


def test_one_that_was_started_elsewhere_gets_its_promise(scene: Scene) -> None:
    async def play(room: Room) -> None:
        room.world.run_elsewhere("late")
        await room.service.watch.tick()
        assert room.reserved == {"late": 600.0}
        assert (await room.ask("start", "two"))["status"] == 409, "it may still take what it needs"
        room.world.crash("late")
        await room.service.watch.tick()
        assert room.reserved == {}
        assert (await room.done("start", "two"))["state"] == "succeeded"

    world = holding(World(gpus=[1000.0]), late=10, two=600)
    scene(play, asset("late", vram_mb=600), asset("two", vram_mb=600), world=world)


def test_what_leaves_the_registry_and_runs_on_keeps_its_promise_until_it_ends(scene: Scene) -> None:
    async def play(room: Room) -> None:
        await room.done("start", "one")
        room.entries = room.entries[1:]
        assert (await room.reload())["left_running"] == ["one"]
        await room.service.watch.tick()
        assert room.reserved == {"one": 600.0}, "it may take it yet"
        room.world.crash("one")
        await room.service.watch.tick()
        assert room.reserved == {} and room.service.board.departed == {}

    scene(play, asset("one", vram_mb=600), asset("two"), gpus=[1000.0])


@pytest.mark.parametrize("late", [False, True], ids=["at once", "late"])
def test_many_at_once_never_take_more_than_there_is(scene: Scene, late: bool) -> None:
    """Each takes its memory at its start or a while after; somebody else sits on the card all the time."""
    for _ in range(times(40, 2)):
        dice = chance()
        amounts = {f"a{number}": float(dice.randrange(50, 500)) for number in range(8)}
        entries = [
            asset(one, *(f"a{other}" for other in range(number) if dice.random() < 0.2), vram_mb=mb)
            for number, (one, mb) in enumerate(amounts.items())
        ]
        world = World(gpus=[1500.0], pace=dice)
        world.foreign = {0: float(dice.randrange(0, 400))}
        if not late:
            holding(world, **amounts)
        scene(partial(crowd, dice=dice, amounts=amounts, late=late), *entries, world=world)


async def crowd(room: Room, *, dice: random.Random, amounts: dict[str, float], late: bool) -> None:
    async def one(asset_id: str) -> None:
        await asyncio.sleep(dice.random() * 0.02)
        await room.ask("start", asset_id)
        await asyncio.sleep(dice.random() * 0.02)
        if dice.random() < 0.4:
            await room.ask("stop", asset_id, cascade=True)

    async def takes() -> None:
        while True:
            await asyncio.sleep(dice.random() * 0.01)
            alive = sorted(room.world.running)
            if late and alive:
                asset_id = dice.choice(alive)
                room.world[asset_id].taken = {0: amounts[asset_id]}
                room.world.weigh()

    taking = asyncio.create_task(takes())
    await asyncio.gather(*map(one, amounts))
    await room.quiet()
    taking.cancel()
    await asyncio.gather(taking, return_exceptions=True)
    assert room.world.over == []
    assert room.reserved == {asset_id: amounts[asset_id] for asset_id in room.world.running}
