"""A newer request takes the place of an older one, or somebody takes it back: at every moment of its way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from asset_room import Room, asset
from scripted_driver import STARTING, World

Scene = Callable[..., None]

PAIR = (asset("base", vram_mb=100), asset("top", "base", vram_mb=100))
PHASES = ("queued", "waits for the loader", "is being started", "waits until ready", "dependency is being started")


async def bring_to(room: Room, phase: str) -> str:
    """A start of `top` that has come so far."""
    world = room.world
    if phase == "queued":
        await room.done("start", "top")
        world.hold("stop", "top")
        await room.begun("stop", "top")
        await world.reached("stop", "top")
        return await room.begun("start", "top")
    if phase == "waits for the loader":
        await room.done("start", "base")
        world.hold("started", "other")
        await room.begun("start", "other")
        await world.reached("started", "other")
        return await room.begun("start", "top")
    if phase == "waits until ready":
        world["top"].starts_as = STARTING
        started = await room.begun("start", "top")
        await room.until(lambda: "start top" in world.log)
        return started
    held = "base" if phase == "dependency is being started" else "top"
    world.hold("start", held)
    started = await room.begun("start", "top")
    await world.reached("start", held)
    return started


def go_on(room: Room, phase: str) -> None:
    call, held = {
        "queued": ("stop", "top"),
        "waits for the loader": ("started", "other"),
        "is being started": ("start", "top"),
        "dependency is being started": ("start", "base"),
    }.get(phase, (None, ""))
    if call is not None:
        room.world.let(call, held)


@pytest.mark.parametrize("phase", PHASES)
def test_a_stop_takes_the_place_of_a_start(scene: Scene, phase: str) -> None:
    async def play(room: Room) -> None:
        older = await bring_to(room, phase)
        newer = await room.begun("stop", "base", cascade=True)
        if phase == "is being started":
            await asyncio.sleep(0.02)
            assert (await room.operation(older))["state"] == "running", "its current step is seen to its end"
            assert "top" in room.reserved, "and what was promised to it stays promised until then"
        go_on(room, phase)
        found = await room.ended(older)
        assert (found["state"], found["error"]) == ("superseded", "a newer request took its place: stop base")
        assert (await room.ended(newer))["state"] == "succeeded"
        await room.quiet()
        assert room.world.running <= {"other"} and room.reserved.keys() <= {"other"}
        for one in ("base", "top"):
            assert room.said(one) == ("stopped", "stopped", None)
            assert room.show(one)["operation"] == newer
        lines = [outcome for action, target, outcome in room.audit() if (action, target) == ("asset.start", "top")]
        assert lines[-1] == "superseded"

    scene(play, *PAIR, asset("other", vram_mb=100), gpus=[1000.0])


def test_the_newer_begins_once_the_older_has_ended(scene: Scene) -> None:
    async def play(room: Room) -> None:
        world = room.world
        world.hold("started", "left")
        older = await room.begun("start", "top")
        await room.until(lambda: room.said("right")[0] == "running")
        await world.reached("started", "left")
        newer = await room.begun("stop", "base", cascade=True)
        await asyncio.sleep(0.05)
        assert not any(line.startswith("stop") for line in world.log)
        world.let("started", "left")
        assert (await room.ended(older))["state"] == "superseded"
        assert (await room.ended(newer))["state"] == "succeeded"
        assert not world.running and "start top" not in world.log

    scene(play, asset("base"), asset("left", "base"), asset("right", "base"), asset("top", "left", "right"))


@pytest.mark.parametrize("held", ["stop", "stopped"])
def test_a_start_takes_the_place_of_a_stop(scene: Scene, held: str) -> None:
    async def play(room: Room) -> None:
        await room.done("start", "top")
        room.world.hold(held, "top")
        older = await room.begun("stop", "base", cascade=True)
        await room.world.reached(held, "top")
        newer = await room.begun("start", "top")
        await asyncio.sleep(0.02)
        assert (await room.operation(older))["state"] == "running"
        room.world.let(held, "top")
        assert (await room.ended(older))["state"] == "superseded"
        assert (await room.ended(newer))["state"] == "succeeded"
        await room.quiet()
        assert room.world.log[-2:] == ["stop top", "start top"] and room.world.running == {"base", "top"}
        assert room.reserved == {"base": 100.0, "top": 100.0}, "the end of the stop has not ended the newer promise"
        assert room.said("base") == room.said("top") == ("running", "running", None)

    scene(play, *PAIR, gpus=[1000.0])


def test_a_promise_is_there_while_what_was_stopped_loads_again(scene: Scene) -> None:
    async def play(room: Room) -> None:
        await room.done("start", "top")
        room.world.hold("stop", "top")
        await room.begun("stop", "top")
        await room.world.reached("stop", "top")
        await room.begun("start", "top")
        room.world.hold("start", "top")
        room.world.let("stop", "top")
        await room.world.reached("start", "top")
        await room.service.watch.tick()
        assert room.reserved == {"base": 100.0, "top": 100.0}
        refused = await room.ask("start", "big")
        assert refused["status"] == 409 and "200 of it promised" in refused["detail"]
        room.world.let("start", "top")
        await room.quiet()

    scene(play, *PAIR, asset("big", vram_mb=850), gpus=[1000.0])


def test_back_and_forth_only_the_last_is_done(scene: Scene) -> None:
    async def play(room: Room) -> None:
        room.world.hold("start", "base")
        made = [await room.begun("start", "top")]
        await room.world.reached("start", "base")
        for action in ("stop", "start", "stop", "start"):
            options = {"cascade": True} if action == "stop" else {}
            made.append(await room.begun(action, "base" if action == "stop" else "top", **options))
        room.world.let("start", "base")
        states = [(await room.ended(operation))["state"] for operation in made]
        assert states == ["superseded"] * 4 + ["succeeded"] and len(set(made)) == 5
        assert room.world.running == {"base", "top"} and room.world.log == ["start base", "start top"]
        assert room.show("top")["generation"] == 5

    scene(play, *PAIR, gpus=[1000.0])


def test_what_the_newer_request_does_not_name_is_left_as_it_is(scene: Scene) -> None:
    async def play(room: Room) -> None:
        room.world.hold("started", "base")
        older = await room.begun("start", "top")
        await room.world.reached("started", "base")
        newer = await room.begun("stop", "top")
        room.world.let("started", "base")
        assert (await room.ended(older))["state"] == "superseded"
        assert (await room.ended(newer))["state"] == "succeeded"
        assert room.said("base") == ("running", "running", None) and room.said("top") == ("stopped", "stopped", None)

    scene(play, *PAIR, gpus=[1000.0])


def test_one_that_two_started_is_wished_by_the_other_when_one_is_superseded(scene: Scene) -> None:
    async def play(room: Room) -> None:
        room.world.hold("start", "base")
        first = await room.begun("start", "base")
        await room.world.reached("start", "base")
        second = await room.begun("start", "top")
        third = await room.begun("stop", "top")
        room.world.hold("started", "base")
        room.world.let("start", "base")
        assert room.said("base")[:2] == ("loading", "running")
        await room.world.reached("started", "base")
        room.world.let("started", "base")
        assert [(await room.ended(one))["state"] for one in (first, second, third)] == [
            "succeeded",
            "superseded",
            "succeeded",
        ]
        assert room.said("base") == ("running", "running", None)

    scene(play, *PAIR, gpus=[1000.0])


def test_a_superseded_start_does_not_forget_that_another_still_loads_what_it_needed(scene: Scene) -> None:
    """The newer of two starts ends first, before what both name has come up."""

    async def play(room: Room) -> None:
        room.world.hold("start", "left")
        first = await room.begun("start", "left")
        await room.world.reached("start", "left")
        room.world.hold("start", "right")
        second = await room.begun("start", "top")
        await room.world.reached("start", "right")
        third = await room.begun("stop", "right", cascade=True)
        room.world.let("start", "right")
        await asyncio.sleep(0.02)
        room.world.let("start", "left")
        states = [(await room.ended(one))["state"] for one in (first, second, third)]
        assert states == ["succeeded", "superseded", "succeeded"]
        assert room.said("left") == ("running", "running", None)
        assert room.show("left")["generation"] >= 2

    scene(play, asset("left"), asset("right"), asset("top", "right", "left"))


# -- taken back ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("phase", PHASES)
def test_a_start_is_taken_back(scene: Scene, phase: str) -> None:
    async def play(room: Room) -> None:
        started = await bring_to(room, phase)
        answer = await room.cancel(started)
        assert answer["status"] == 202 and answer["id"] == started
        again = await room.cancel(started)
        assert again["status"] == 409, "it is ending, or has ended"
        go_on(room, phase)
        found = await room.ended(started)
        assert (found["state"], found["error"]) == ("canceled", "taken back by ann")
        assert (await room.cancel(started))["status"] == 409
        await room.quiet()
        assert "top" not in room.world.running, "nothing is left half loaded"
        assert room.said("top") == ("stopped", "stopped", None)
        assert ("base" in room.world.running) == (phase != "dependency is being started")
        assert "top" not in room.reserved
        lines = room.audit()
        assert ("operation.cancel", started, "succeeded") in lines
        assert [line for line in lines if line[:2] == ("asset.start", "top")][-1][2] == "canceled"

    scene(play, *PAIR, asset("other", vram_mb=100), gpus=[1000.0])


def test_a_stop_that_is_taken_back_leaves_the_rest_running(scene: Scene) -> None:
    async def play(room: Room) -> None:
        await room.done("start", "top")
        room.world.hold("stop", "top")
        stopping = await room.begun("stop", "base", cascade=True)
        await room.world.reached("stop", "top")
        assert (await room.cancel(stopping))["status"] == 202
        room.world.let("stop", "top")
        assert (await room.ended(stopping))["state"] == "canceled"
        await room.quiet()
        assert room.world.running == {"base"}
        assert room.said("base") == ("running", "running", None) and room.said("top") == ("stopped", "stopped", None)
        assert room.reserved == {"base": 100.0}

    scene(play, *PAIR, gpus=[1000.0])


def test_what_was_superseded_cannot_be_taken_back(scene: Scene) -> None:
    async def play(room: Room) -> None:
        room.world.hold("start", "top")
        older = await room.begun("start", "top")
        await room.world.reached("start", "top")
        newer = await room.begun("stop", "top")
        refused = await room.cancel(older)
        assert refused["status"] == 409 and "ending already" in refused["detail"]
        room.world.let("start", "top")
        assert (await room.ended(older))["state"] == "superseded"
        assert (await room.ended(newer))["state"] == "succeeded"

    scene(play, *PAIR, gpus=[1000.0])


def test_what_another_start_needs_is_loaded_again_with_its_promise(scene: Scene) -> None:
    async def play(room: Room) -> None:
        room.world.hold("started", "base")
        first = await room.begun("start", "top")
        await room.world.reached("started", "base")
        second = await room.begun("start", "side")
        await room.cancel(first)
        room.world.hold("start", "base")
        room.world.let("started", "base")
        await room.world.reached("start", "base")
        await room.service.watch.tick()
        assert room.reserved == {"base": 100.0, "side": 100.0}
        room.world.let("start", "base")
        assert (await room.ended(first))["state"] == "canceled"
        assert (await room.ended(second))["state"] == "succeeded"
        assert room.world.running == {"base", "side"} and room.said("base") == ("running", "running", None)

    scene(play, *PAIR, asset("side", "base", vram_mb=100), world=World(gpus=[1000.0]))


@pytest.mark.parametrize("how", ["taken back", "superseded"])
def test_one_that_waits_for_what_another_does_ends_at_once(scene: Scene, how: str) -> None:
    """It has no step of its own to see to an end; what the other does goes on, and is shown as it was."""

    async def play(room: Room) -> None:
        world = room.world
        world.hold("started", "other")
        loads = await room.begun("start", "other")
        await world.reached("started", "other")
        first = await room.begun("start", "base")
        second = await room.begun("start", "top")
        await asyncio.sleep(0.02)
        if how == "taken back":
            await room.cancel(second)
        else:
            assert (await room.done("stop", "top"))["state"] == "succeeded"
        assert (await room.ended(second))["state"] == ("canceled" if how == "taken back" else "superseded")
        assert (await room.operation(first))["state"] != "succeeded"
        await room.service.watch.tick()
        assert room.said("base") == ("loading", "running", None), "it waits for its turn on the card still"
        assert room.show("base")["operation"] == first and "base" in room.reserved
        world.let("started", "other")
        for operation in (loads, first):
            assert (await room.ended(operation))["state"] == "succeeded"

    scene(play, *PAIR, asset("other", vram_mb=100), gpus=[1000.0])
