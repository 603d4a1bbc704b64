"""A desk that dies in the midst of an operation, and the next one that goes on with it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from asset_room import Room, asset, process
from scripted_driver import STARTING, ScriptedMeters, World

from mixdesk_control.assets import courses, hands, service
from mixdesk_control.assets.gpus import Cards
from mixdesk_control.store import StoreError

Scene = Callable[..., None]

PAIR = (asset("base", vram_mb=100), asset("top", "base", vram_mb=100))


@pytest.mark.parametrize("held", ["start", "started"])
@pytest.mark.parametrize("where", ["base", "top"])
def test_a_start_goes_on(scene: Scene, held: str, where: str) -> None:
    async def play(room: Room) -> None:
        room.world.hold(held, where)
        started = await room.begun("start", "top")
        await room.world.reached(held, where)
        await room.kill()
        room.world.let(held, where)
        room.open()
        assert room.reserved == {"base": 100.0, "top": 100.0}, "what was promised outlives the desk"
        await room.start()
        assert room.said("top") == ("loading", "running", None)
        found = await room.ended(started)
        assert found["state"] == "succeeded"
        assert room.world.log == ["start base", "start top"], "nothing is started twice"
        await room.quiet()
        assert room.reserved == {"base": 100.0, "top": 100.0}
        assert room.audit() == [("asset.start", "top", "succeeded")]

    scene(play, *PAIR, gpus=[1000.0])


def test_one_that_was_being_loaded_is_not_said_to_load_for_ever(scene: Scene) -> None:
    """The next desk does not come to it, because what it needs fails first."""

    async def play(room: Room) -> None:
        room.world["top"].starts_as = STARTING
        started = await room.begun("start", "top")
        await room.until(lambda: "start top" in room.world.log)
        await room.kill()
        room.world.ready("top")
        room.world.crash("base")
        room.world["base"].refuses["start"] = "no such image"
        room.open()
        await room.start()
        assert room.said("top")[0] == "loading"
        assert (await room.ended(started))["state"] == "failed"
        assert room.said("top") == ("running", "running", None)

    scene(play, *PAIR, gpus=[1000.0])


def test_one_that_was_being_loaded_is_still_loading_for_the_next_desk(scene: Scene) -> None:
    async def play(room: Room) -> None:
        started = await room.begun("start", "a")
        await room.until(lambda: "start a" in room.world.log)
        await room.again()
        await room.until(lambda: room.said("a")[0] == "loading")
        assert (await room.operation(started))["state"] == "running"
        await room.cancel(started)
        assert (await room.ended(started))["state"] == "canceled"
        assert room.world.running == set(), "what the desk before had half loaded is not left"

    scene(play, asset("a", ready={"port": 1, "timeout_s": 30}))


@pytest.mark.parametrize("held", ["stop", "stopped"])
def test_a_stop_goes_on(scene: Scene, held: str) -> None:
    async def play(room: Room) -> None:
        await room.done("start", "top")
        room.world.hold(held, "top")
        stopping = await room.begun("stop", "base", cascade=True)
        await room.world.reached(held, "top")
        await room.kill()
        room.world.let(held, "top")
        room.open()
        await room.start()
        assert (await room.ended(stopping))["state"] == "succeeded"
        assert room.world.log[-2:] == ["stop top", "stop base"] and not room.world.running
        await room.quiet()
        assert room.reserved == {} and room.said("base") == ("stopped", "stopped", None)
        assert room.audit()[-2:] == [("asset.stop", "base", "succeeded"), ("asset.stop", "top", "succeeded")]

    scene(play, *PAIR, gpus=[1000.0])


def test_the_newer_of_two_holds_for_the_next_desk_too(scene: Scene) -> None:
    async def play(room: Room) -> None:
        room.world.hold("start", "base")
        older = await room.begun("start", "top")
        await room.world.reached("start", "base")
        newer = await room.begun("stop", "base", cascade=True)
        await room.kill()
        room.world.let("start", "base")
        room.open()
        await room.start()
        assert (await room.ended(older))["state"] == "superseded"
        assert (await room.ended(newer))["state"] == "succeeded"
        await room.quiet()
        assert not room.world.running and room.reserved == {}

    scene(play, *PAIR, gpus=[1000.0])


@pytest.mark.parametrize("held", ["start", "started"])
def test_one_that_was_taken_back_stays_taken_back(scene: Scene, held: str) -> None:
    async def play(room: Room) -> None:
        room.world.hold(held, "top")
        started = await room.begun("start", "top")
        await room.world.reached(held, "top")
        assert (await room.cancel(started))["status"] == 202
        await room.kill()
        room.world.let(held, "top")
        room.open()
        await room.start()
        found = await room.ended(started)
        assert (found["state"], found["error"]) == ("canceled", "taken back by ann")
        await room.quiet()
        assert room.world.running == {"base"}, "nothing half loaded is left"
        assert room.reserved == {"base": 100.0} and room.said("top") == ("stopped", "stopped", None)

    scene(play, *PAIR, gpus=[1000.0])


def test_what_was_open_for_too_long_is_not_done_any_more(scene: Scene) -> None:
    async def play(room: Room) -> None:
        room.world.hold("start", "base")
        started = await room.begun("start", "top")
        await room.world.reached("start", "base")
        await room.kill()
        room.world.let("start", "base")
        room.clock.now += courses.STALE_S + 60
        room.open()
        await room.start()
        found = await room.operation(started)
        assert (found["state"], found["error"]) == ("failed", "the desk was away for 11 min: ask again")
        await room.quiet()
        assert room.world.log == [] and room.reserved == {}
        assert room.said("top") == room.said("base") == ("stopped", "stopped", None)
        assert room.audit() == [("asset.start", "top", "failed")]
        assert await room.begun("start", "top") != started
        await room.quiet()

    scene(play, *PAIR, gpus=[1000.0])


def test_a_step_that_took_long_is_no_desk_that_was_away(scene: Scene) -> None:
    async def play(room: Room) -> None:
        room.world["base"].starts_as = STARTING
        started = await room.begun("start", "top")
        await room.until(lambda: "start base" in room.world.log)
        for _ in range(3):
            room.clock.now += courses.STALE_S / 2
            await room.service.watch.tick()
        await room.again()
        assert (await room.operation(started))["state"] == "running"
        room.world.ready("base")
        assert (await room.ended(started))["state"] == "succeeded"

    scene(play, *PAIR, gpus=[1000.0])


def test_an_asset_that_left_the_registry_meanwhile_fails_its_operation(scene: Scene) -> None:
    async def play(room: Room) -> None:
        room.world.hold("start", "base")
        started = await room.begun("start", "top")
        await room.world.reached("start", "base")
        await room.kill()
        room.world.let("start", "base")
        room.entries = [asset("base", vram_mb=100)]
        room.open()
        await room.start()
        found = await room.operation(started)
        assert (found["state"], found["error"]) == ("failed", "top left the registry while the desk was away")
        await room.quiet()
        assert room.reserved == {} and room.said("base") == ("stopped", "stopped", None)

    scene(play, *PAIR, gpus=[1000.0])


def test_a_crash_while_the_desk_was_away_is_told_by_the_next(scene: Scene) -> None:
    async def play(room: Room) -> None:
        await room.done("start", "top")
        await room.kill()
        room.world.crash("top", 134)
        room.open()
        await room.start()
        assert room.said("top") == ("error", "running", "crashed")
        assert room.show("top")["error"] == "it ended with exit code 134"
        await room.quiet()
        assert room.reserved == {"base": 100.0} and room.world.log == ["start base", "start top"]

    scene(play, *PAIR, gpus=[1000.0])


def test_a_request_under_its_key_is_known_to_the_next_desk(scene: Scene) -> None:
    async def play(room: Room) -> None:
        first = await room.ask("start", "a", key="k1")
        await room.ended(first["operation"])
        await room.done("stop", "a")
        await room.again()
        assert await room.ask("start", "a", key="k1") == first, "answered again, and not done again"
        await room.quiet()
        assert room.world.log == ["start a", "stop a"]
        refused = await room.ask("start", "a", key="k1", body=b"{}")
        assert refused["status"] == 422 and "take a new key" in refused["detail"]
        assert (await room.ask("start", "a", key="k1", by="bob"))["operation"] != first["operation"], (
            "keys are one's own"
        )
        await room.quiet()

    scene(play, asset("a"))


def test_one_at_a_time_loads_on_a_card_for_the_next_desk_too(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    async def play(room: Room) -> None:
        room.world.hold("start", "one")
        started = [await room.begun("start", "one")]
        await room.world.reached("start", "one")
        started.append(await room.begun("start", "two"))
        await room.kill()
        room.world.hold("start", "two")
        room.world.most_at_once = 0
        monkeypatch.setattr(ScriptedMeters, "last", lambda _self: Cards())  # it has read nothing yet
        room.open()
        await room.start()
        await room.until(lambda: room.world.most_at_once)
        await asyncio.sleep(0.1)
        for one in ("one", "two"):
            room.world.let("start", one)
        for operation in started:
            assert (await room.ended(operation))["state"] == "succeeded"
        assert room.world.most_at_once == 1

    scene(play, asset("one", vram_mb=10), asset("two", vram_mb=10), gpus=[1000.0])


# -- the desk is told to stop --------------------------------------------------------------------------


def test_an_orderly_stop_comes_to_its_end_on_a_full_disk(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hands, "NOTE_S", 0.01)

    async def play(room: Room) -> None:
        await room.done("start", "worker")
        room.world.hold("stopped", "worker")
        stopping = asyncio.create_task(room.service.stop())
        await room.world.reached("stopped", "worker")
        [stop] = room.operations.open_of("asset")

        async def full(_work: Any) -> None:
            raise StoreError("the disk is full")

        monkeypatch.setattr(room.store, "write", full)
        monkeypatch.setattr(service, "LEAVE_S", 1e6)
        room.world.let("stopped", "worker")
        await asyncio.wait_for(stopping, 60)
        room.store.close()
        room.open()
        await room.start()
        assert (await room.ended(stop.id))["state"] == "succeeded", "the next desk goes on with it"

    scene(play, process("worker"))


def test_an_orderly_stop_does_not_wait_for_ever(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "LEAVE_S", 0.1)

    async def play(room: Room) -> None:
        await room.done("start", "worker")
        room.world.hold("stop", "worker")
        await asyncio.wait_for(room.service.stop(), 60)
        assert all(driver.closed for driver in room.drivers.values())
        room.world.let("stop", "worker")
        room.store.close()
        room.open()
        await room.start()
        await room.quiet()
        assert room.said("worker") == ("stopped", "stopped", None)

    scene(play, process("worker", stop_grace_s=0.1))


def test_an_orderly_stop_of_one_process_does_not_wait_for_the_load_of_another(scene: Scene) -> None:
    async def play(room: Room) -> None:
        await room.done("start", "other")
        room.world.hold("start", "model")
        started = await room.begun("start", "web")
        await room.world.reached("start", "model")
        stopping = asyncio.create_task(room.service.stop())
        await room.until(lambda: "stop other" in room.world.log)
        assert (await room.operation(started))["state"] == "running"
        room.world.let("start", "model")
        await stopping

    scene(play, asset("model"), process("web", "model"), process("other"))


def test_an_orderly_stop_ends_the_processes_that_it_started(scene: Scene) -> None:
    async def play(room: Room) -> None:
        for one in ("worker", "lasts", "box"):
            await room.done("start", one)
        room.world.run_elsewhere("theirs")
        await room.service.watch.tick()
        room.world.log.clear()
        await room.service.stop()
        assert room.world.log == ["stop worker", "stop store"], "dependents first"
        assert room.world.running == {"lasts", "box", "theirs"}
        assert all(driver.closed for driver in room.drivers.values())
        room.open()
        await room.start()
        assert room.said("worker") == room.said("store") == ("stopped", "stopped", None)
        assert room.said("box") == room.said("lasts") == ("running", "running", None)
        assert [line for line in room.audit() if line[0] == "asset.stop"] == [
            ("asset.stop", "store", "succeeded"),
            ("asset.stop", "worker", "succeeded"),
        ]

    entries = [process("store"), process("worker", "store"), process("lasts", detach=True), asset("box")]
    scene(play, *entries, process("theirs"))


def test_a_process_that_is_being_started_does_not_outlive_an_orderly_stop(scene: Scene) -> None:
    async def play(room: Room) -> None:
        room.world["worker"].starts_as = STARTING
        room.world.hold("start", "worker")
        started = await room.begun("start", "worker")
        await room.world.reached("start", "worker")
        stopping = room.service.stop()
        room.world.let("start", "worker")
        await stopping
        assert room.world.running == set()
        assert (await room.operation(started))["state"] == "superseded"

    scene(play, process("worker"))


def test_what_is_on_its_way_with_containers_goes_on_at_the_next_desk(scene: Scene) -> None:
    async def play(room: Room) -> None:
        room.world.hold("start", "box")
        started = await room.begun("start", "box")
        await room.world.reached("start", "box")
        await room.service.stop()
        assert (await room.operation(started))["state"] == "running"
        room.world.let("start", "box")
        room.store.close()
        room.open()
        await room.start()
        assert (await room.ended(started))["state"] == "succeeded"

    scene(play, asset("box"), world=World())
