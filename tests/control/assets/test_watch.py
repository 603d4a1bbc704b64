"""What the desk sees of assets second by second, and what follows: words, and books that are kept."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

import pytest
from asset_room import Room, asset, process
from scripted_driver import GONE, UNHEALTHY, World

from mixdesk_control.assets.asset import Usage

Scene = Callable[..., None]


def test_how_what_is_seen_differs_from_what_was_asked(scene: Scene) -> None:
    async def play(room: Room) -> None:
        world, tick = room.world, room.service.watch.tick
        assert room.said("a") == ("stopped", None, None)
        world.run_elsewhere("a")
        await tick()
        assert room.said("a") == ("running", None, None), "nobody asked anything"
        await room.done("stop", "a")
        world.run_elsewhere("a")
        await tick()
        assert room.said("a") == ("running", "stopped", "started elsewhere")
        await room.done("start", "a")
        assert room.said("a") == ("running", "running", None)
        world.crash("a", 139)
        await tick()
        assert room.said("a") == ("error", "running", "crashed")
        assert room.show("a")["usage"]["exit_code"] == 139 and room.show("a")["usage"]["uptime_s"] is None
        world["a"].exit_code = 0
        await tick()
        assert room.said("a") == ("error", "running", "stopped elsewhere")
        world["a"].doing, world["a"].reason = GONE, "no container a"
        await tick()
        assert room.show("a")["error"] == "it is not there: no container a"
        log = list(world.log)
        await asyncio.sleep(0.05)
        await tick()
        assert world.log == log, "it never acts by itself"

    scene(play, asset("a"))


def test_one_that_is_not_well_or_not_seen(scene: Scene) -> None:
    async def play(room: Room) -> None:
        await room.done("start", "a")
        thing = room.world["a"]
        thing.doing, thing.reason = UNHEALTHY, "curl: (7) refused"
        await room.service.watch.tick()
        assert room.said("a") == ("error", "running", None) and room.show("a")["error"] == "curl: (7) refused"
        thing.unseen = "no answer from the engine at /var/run/docker.sock"
        await room.service.watch.tick()
        assert room.said("a") == ("error", "running", None)
        assert room.reserved == {"a": 100.0}, "what cannot be seen may still be there"
        thing.doing, thing.reason, thing.unseen = "running", None, None
        await room.service.watch.tick()
        assert room.said("a") == ("running", "running", None)

    scene(play, asset("a", vram_mb=100), gpus=[1000.0])


def test_a_driver_that_says_nothing_of_an_asset(scene: Scene) -> None:
    async def play(room: Room) -> None:
        async def observe(_assets: object) -> dict[str, object]:
            return {}

        room.drivers["docker"].observe = observe  # type: ignore[method-assign, assignment]
        await room.service.watch.tick()
        assert room.said("a")[0] == "error" and room.show("a")["error"] == "its driver says nothing of it"

    scene(play, asset("a"))


def test_a_look_that_comes_back_late_does_not_undo_what_was_seen_since(scene: Scene) -> None:
    async def play(room: Room) -> None:
        await room.done("start", "a")
        room.world.hold("observe", "a")
        late = asyncio.create_task(room.service.watch.tick())
        await room.world.reached("observe", "a")
        gate = room.world._gates.pop(("observe", "a"))
        found = await room.done("stop", "a")
        assert found["state"] == "succeeded"
        gate.set()
        await late
        assert room.said("a") == ("stopped", "stopped", None), "that look began before the stop"

    scene(play, asset("a"))


def test_a_change_that_a_driver_tells_of_is_seen_at_once(scene: Scene) -> None:
    async def play(room: Room) -> None:
        await room.done("start", "a")
        room.service.watch._every_s = 3600.0
        await room.until(lambda: room.said("a")[0] == "running")
        await asyncio.sleep(1.1)  # the second that had begun
        room.world.crash("a")
        room.drivers["docker"].changed("a")
        await room.until(lambda: room.said("a")[0] == "error")

    scene(play, asset("a"))


def test_a_driver_that_breaks_does_not_end_the_watch(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    async def play(room: Room) -> None:
        observe = room.drivers["docker"].observe

        async def breaks(_assets: object) -> None:
            raise ZeroDivisionError

        room.service.watch._every_s = 0.01
        room.drivers["docker"].observe = breaks  # type: ignore[method-assign, assignment]
        with caplog.at_level(logging.ERROR):
            await room.until(lambda: "looking at the assets failed" in caplog.text)
        room.drivers["docker"].observe = observe  # type: ignore[method-assign]
        room.world.run_elsewhere("a")
        await room.until(lambda: room.said("a")[0] == "running")

    scene(play, asset("a"))


def test_what_it_uses(scene: Scene) -> None:
    async def play(room: Room) -> None:
        room.world["a"].holds = {0: 300.0, 1: 20.0}
        await room.done("start", "a")
        await room.service.watch.tick()
        found = room.show("a")
        assert found["metrics"] == {"ram_usage_mb": 1.0, "vram_usage_mb": 320.0, "cpu_percent": 50.0}
        assert [(use["gpu"], use["used_mb"], use["reserved_mb"]) for use in found["usage"]["vram"]] == [
            (0, 300.0, 400.0),
            (1, 20.0, 400.0),
        ]
        assert found["usage"]["uptime_s"] is not None and found["vram_peak_mb"] == 300.0
        await room.done("stop", "a")
        await room.service.watch.tick()
        found = room.show("a")
        assert found["metrics"] == {} and found["usage"]["vram"] == [] and found["usage"]["uptime_s"] is None

    scene(play, asset("a", vram_mb=400, gpus=[0, 1]), world=World(gpus=[1000.0, 1000.0]))


def test_a_peak_is_written_when_it_has_grown_by_more_than_a_little(scene: Scene) -> None:
    async def play(room: Room) -> None:
        world, tick = room.world, room.service.watch.tick
        await room.done("start", "a")
        for taken, peak in ((100.0, 100.0), (101.0, 100.0), (103.0, 103.0), (50.0, 103.0)):
            world["a"].taken = {0: taken}
            await tick()
            assert room.show("a")["vram_peak_mb"] == peak

    scene(play, asset("a", vram_mb=10), world=World(gpus=[1000.0]))


def test_a_server_says_what_a_model_inside_it_holds(scene: Scene) -> None:
    """The driver of the GPU knows the server's process alone."""

    async def play(room: Room) -> None:
        async def usage(_assets: object) -> dict[str, Usage]:
            return {"m": Usage(vram=300 << 20)}

        room.drivers["http"].usage = usage  # type: ignore[method-assign, assignment]
        room.world.foreign = {0: 300.0}
        await room.done("start", "m")
        await room.service.watch.tick()
        await room.service.watch.tick()
        assert room.show("m")["usage"]["vram"][0]["used_mb"] == 300.0
        plan = await room.ask("start", "two", dry_run=True)
        assert plan["memory"][0]["free_mb"] == 700.0 and plan["fits"] is False
        assert "0 of it promised" in (await room.ask("start", "two"))["detail"], "what it has it does not still need"
        room.world.hold("stop", "m")
        stopping = await room.begun("stop", "m")
        await room.world.reached("stop", "m")
        room.world.foreign = {0: 20.0}
        room.world.let("stop", "m")
        found = await room.ended(stopping)
        assert (found["result"]["freed_mb"], found["result"]["leaked_mb"]) == (280.0, 0)

    model = asset("m", vram_mb=300, http={"url": "http://127.0.0.1:1", "model": "m", "preset": "ollama"})
    scene(play, model, asset("two", vram_mb=800), world=World(gpus=[1000.0]))


def test_what_is_the_rooms_own_for_others(scene: Scene) -> None:
    async def play(room: Room) -> None:
        owned = room.service.owned()
        assert owned.names == {"voice-box": "box"} and owned.containers == {} and owned.processes == {}

    scene(play, asset("box", container="voice-box"), process("worker"))
