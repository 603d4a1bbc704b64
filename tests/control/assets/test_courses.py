"""What an operation does with several assets: in which order, side by side, and what stands when one fails."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from asset_room import Room, asset
from scripted_driver import STARTING, World

from mixdesk_control.assets import hands, settling
from mixdesk_control.store import StoreError

Scene = Callable[..., None]

FAST = {"timeout_s": 0.3}
DIAMOND = (asset("base"), asset("left", "base"), asset("right", "base"), asset("top", "left", "right"))


def steps_of(operation: dict[str, Any]) -> list[str]:
    return [step["step"] for step in operation["steps"]]


def test_dependencies_first_and_side_by_side(scene: Scene) -> None:
    async def play(room: Room) -> None:
        world = room.world
        for one in ("left", "right"):
            world.hold("started", one)
        started = await room.begun("start", "top")
        await world.reached("started", "left")
        await world.reached("started", "right")
        assert world.most_at_once == 2 and world.log[0] == "start base"
        assert room.said("top") == ("loading", "running", None), "it waits, and that is said"
        world.let("started", "left")
        await room.until(lambda: room.said("left")[0] == "running")
        assert "start top" not in world.log
        world.let("started", "right")
        found = await room.ended(started)
        assert (found["state"], found["error"]) == ("succeeded", None)
        assert world.log.index("start top") == 3
        assert all(found["result"]["assets"][one]["started"] for one in world.running)
        steps = steps_of(found)
        assert steps[0] == "asked" and steps[-1] == "succeeded"
        assert {f"{one} is being started" for one in world.running} <= set(steps), "no step of two at once is lost"
        assert sum("runs, ready after" in step for step in steps) == 4

    scene(play, *DIAMOND)


def test_a_stop_takes_dependents_first_and_side_by_side(scene: Scene) -> None:
    async def play(room: Room) -> None:
        world = room.world
        await room.done("start", "top")
        world.log.clear()
        for one in ("left", "right"):
            world.hold("stop", one)
        stopping = await room.begun("stop", "base", cascade=True)
        await world.reached("stop", "left")
        await world.reached("stop", "right")
        assert world.log == ["stop top"]
        world.let("stop", "right")
        await room.until(lambda: "stop right" in world.log)
        assert "stop base" not in world.log
        world.let("stop", "left")
        assert (await room.ended(stopping))["state"] == "succeeded"
        assert world.log[-1] == "stop base" and not world.running

    scene(play, *DIAMOND)


def test_a_dependency_that_runs_is_passed_over(scene: Scene) -> None:
    async def play(room: Room) -> None:
        room.world.run_elsewhere("base")
        await room.service.watch.tick()
        found = await room.done("start", "left")
        assert room.world.log == ["start left"]
        assert found["result"]["assets"]["base"] == {"started": False}
        assert "base runs already" in steps_of(found)

    scene(play, *DIAMOND)


@pytest.mark.parametrize("how", ["refused", "dies", "never ready"])
def test_where_one_fails_what_waits_for_it_is_not_begun(scene: Scene, how: str) -> None:
    why = {
        "refused": "it could not be started: no such image",
        "dies": "it ended before it was ready, with exit code 3",
        "never ready": "not ready after 0.3 s: it is starting",
    }[how]

    async def play(room: Room) -> None:
        world, left = room.world, room.world["left"]
        if how == "refused":
            left.refuses["start"] = "no such image"
        elif how == "dies":
            left.dies = 3
        else:
            left.starts_as = STARTING
        world.hold("started", "right")
        started = await room.begun("start", "top")
        await room.until(lambda: room.said("left")[0] == "error")
        assert (await room.operation(started))["state"] == "running", "the others are seen to their end"
        world.let("started", "right")
        found = await room.ended(started)
        assert (found["state"], found["error"]) == ("failed", f"left: {why}")
        assert "start top" not in world.log and world["right"].is_alive
        assert room.show("left")["error"] == why and room.said("left")[:2] == ("error", "running")
        assert room.said("right") == ("running", "running", None)
        assert room.said("top") == ("stopped", "stopped", None), "nobody finds fault with what was not done"
        await room.service.watch.tick()
        alive = {"base", "right"} | ({"left"} if how == "never ready" else set())
        assert room.reserved.keys() == alive, "whoever does not run has no promise"
        assert room.audit()[-1] == ("asset.start", "top", "failed")

    entries = [
        asset("base", vram_mb=100),
        asset("left", "base", vram_mb=100, ready=FAST),
        asset("right", "base", vram_mb=100),
        asset("top", "left", "right", vram_mb=100),
    ]
    scene(play, *entries, gpus=[1000.0])


def test_what_had_failed_is_tried_again_at_the_next_request(scene: Scene) -> None:
    async def play(room: Room) -> None:
        room.world["a"].refuses["start"] = "no such image"
        first = await room.done("start", "a")
        room.world["a"].refuses.clear()
        second = await room.done("start", "a")
        assert second["id"] != first["id"] and second["state"] == "succeeded"
        assert room.said("a") == ("running", "running", None) and room.show("a")["error"] is None

    scene(play, asset("a"))


def test_one_that_gets_ready_too_late_is_well_then(scene: Scene) -> None:
    async def play(room: Room) -> None:
        room.world["a"].starts_as = STARTING
        assert (await room.done("start", "a"))["state"] == "failed"
        await room.service.watch.tick()
        assert room.said("a")[0] == "error" and "not ready after" in room.show("a")["error"]
        room.world.ready("a")
        await room.service.watch.tick()
        assert room.said("a") == ("running", "running", None)

    scene(play, asset("a", ready=FAST))


def test_another_run_of_what_failed_is_judged_anew(scene: Scene) -> None:
    async def play(room: Room) -> None:
        room.world["a"].dies = 1
        assert (await room.done("start", "a"))["state"] == "failed"
        room.world["a"].dies = None
        room.world.run_elsewhere("a")
        await room.service.watch.tick()
        assert room.said("a") == ("running", "running", None)

    scene(play, asset("a"))


def test_a_stop_that_fails_leaves_what_it_needs_alone(scene: Scene) -> None:
    async def play(room: Room) -> None:
        await room.done("start", "top")
        room.world["left"].refuses["stop"] = "permission denied"
        found = await room.done("stop", "base", cascade=True)
        assert (found["state"], found["error"]) == ("failed", "left could not be stopped: permission denied")
        assert room.world.running == {"base", "left"}
        assert room.said("base") == ("running", "running", None), "it was never asked to end"
        assert room.said("right") == ("stopped", "stopped", None)
        room.world["left"].refuses.clear()
        assert (await room.done("stop", "base", cascade=True))["state"] == "succeeded"
        assert not room.world.running

    scene(play, *DIAMOND)


def test_one_that_runs_on_after_its_stop_is_not_said_to_be_down(scene: Scene) -> None:
    async def play(room: Room) -> None:
        await room.done("start", "a")
        room.world["a"].survives = True
        found = await room.done("stop", "a")
        assert found["state"] == "failed" and "still runs after its stop" in found["error"]
        assert room.said("a")[0] == "running"

    scene(play, asset("a"))


def test_one_that_cannot_be_seen_for_a_moment_is_waited_for(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hands, "LOOK_S", 0.01)

    async def play(room: Room) -> None:
        room.world["a"].unseen = "the engine restarts"
        started = await room.begun("start", "a")
        looks = room.world.looks
        await room.until(lambda: room.world.looks > looks + 3)
        assert room.said("a")[0] == "error" and room.show("a")["error"] == "the engine restarts"
        room.world["a"].unseen = None
        assert (await room.ended(started))["state"] == "succeeded"

    scene(play, asset("a"))


def test_one_that_cannot_be_seen_for_long_fails_the_operation(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hands, "SEEN_S", 0.05)
    monkeypatch.setattr(hands, "LOOK_S", 0.01)

    async def play(room: Room) -> None:
        room.world["a"].unseen = "no answer from the engine"
        found = await room.done("start", "a")
        assert (found["state"], found["error"]) == ("failed", "a cannot be seen: no answer from the engine")
        assert room.world.log == []

    scene(play, asset("a"))


def test_a_driver_that_breaks_fails_the_operation_and_nothing_stays_loading(scene: Scene) -> None:
    async def play(room: Room) -> None:
        async def breaks(_asset: object) -> None:
            raise ZeroDivisionError

        room.drivers["docker"].start = breaks  # type: ignore[method-assign]
        found = await room.done("start", "a")
        assert found["state"] == "failed" and "log has the reason" in found["error"]
        assert room.said("a")[0] == "stopped"

    scene(play, asset("a"))


def test_an_outcome_that_finds_no_room_on_the_disk_is_written_later(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settling, "AGAIN_S", 0.02)
    monkeypatch.setattr(hands, "NOTE_S", 0.01)

    async def play(room: Room) -> None:
        world, refused = room.world, hands.NOTE_TRIES + 3
        world.hold("started", "a")
        started = await room.begun("start", "a")
        await world.reached("started", "a")
        refusals = refuse(room, monkeypatch, refused)
        world.let("started", "a")
        await room.until(lambda: len(refusals) == refused)
        found = await room.ended(started)
        assert found["state"] == "failed", "a step that could not be written is no success"
        assert found["error"] == "nothing was changed: the disk is full"
        assert room.said("a")[0] == "running", "and what was seen is said all the same"
        assert room.audit() == [("asset.start", "a", "failed")]

    scene(play, asset("a"))


@pytest.mark.parametrize("action", ["start", "stop"])
def test_a_refused_write_does_not_undo_what_was_done(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, action: str
) -> None:
    monkeypatch.setattr(hands, "NOTE_S", 0.01)
    held = {"start": "started", "stop": "stopped"}[action]

    async def play(room: Room) -> None:
        if action == "stop":
            await room.done("start", "a")
        room.world.hold(held, "a")
        asked = await room.begun(action, "a")
        await room.world.reached(held, "a")
        refusals = refuse(room, monkeypatch, 2)
        room.world.let(held, "a")
        found = await room.ended(asked)
        assert (found["state"], found["error"], len(refusals)) == ("succeeded", None, 2)
        assert room.reserved == ({"a": 100.0} if action == "start" else {})

    scene(play, asset("a", vram_mb=100), gpus=[1000.0])


def refuse(room: Room, monkeypatch: pytest.MonkeyPatch, most: int) -> list[Any]:
    """From now on the disk takes nothing, so many times. Returns what it did not take."""
    write, refusals = room.store.write, []

    async def full(work: Any) -> Any:
        if len(refusals) < most:
            refusals.append(work)
            raise StoreError("the disk is full")
        return await write(work)

    monkeypatch.setattr(room.store, "write", full)
    return refusals


def test_what_cannot_be_seen_stays_as_it_was_asked_when_a_start_fails(scene: Scene) -> None:
    async def play(room: Room) -> None:
        room.world["base"].refuses["start"] = "no such image"
        room.world["left"].unseen = "its server hangs"
        assert (await room.done("start", "top"))["state"] == "failed"
        assert [room.said(one)[1] for one in ("base", "left", "right", "top")] == [
            "running",
            "running",
            "stopped",
            "stopped",
        ]

    scene(play, *DIAMOND)


def test_two_starts_share_what_both_need(scene: Scene) -> None:
    async def play(room: Room) -> None:
        room.world.hold("started", "base")
        first = await room.begun("start", "left")
        await room.world.reached("started", "base")
        second = await room.begun("start", "right")
        assert second != first
        await asyncio.sleep(0.02)
        room.world.let("started", "base")
        assert (await room.ended(first))["state"] == (await room.ended(second))["state"] == "succeeded"
        assert room.world.log.count("start base") == 1 and room.world.running == {"base", "left", "right"}

    scene(play, *DIAMOND)


def test_one_at_a_time_loads_on_a_card(scene: Scene) -> None:
    async def play(room: Room) -> None:
        room.world.hold("started", "one")
        started = [await room.begun("start", "one")]
        await room.world.reached("started", "one")
        started += [
            await room.begun("start", "two"),
            await room.begun("start", "other"),
            await room.begun("start", "cpu"),
        ]
        for operation in started[2:]:
            assert (await room.ended(operation))["state"] == "succeeded"
        assert "start two" not in room.world.log, "the card is being loaded onto"
        room.world.let("started", "one")
        assert (await room.ended(started[1]))["state"] == "succeeded"
        assert room.world.log.index("start one") < room.world.log.index("start two")

    entries = [asset("one", vram_mb=10), asset("two", vram_mb=10), asset("other", vram_mb=10, gpus=[1]), asset("cpu")]
    scene(play, *entries, world=World(gpus=[1000.0, 1000.0]))
