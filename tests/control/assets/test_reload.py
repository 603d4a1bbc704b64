"""Another registry while the desk runs: what holds, what is removed, changed, and in the midst of an operation."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from asset_room import Room, asset, process

from mixdesk_control.settings import SettingsError
from mixdesk_control.settings_assets import AssetSettings
from mixdesk_control.store import StoreError

Scene = Callable[..., None]

CHAIN = (asset("base"), asset("mid", "base"), asset("top", "mid"))


def test_what_another_registry_brings(scene: Scene) -> None:
    async def play(room: Room) -> None:
        await room.done("start", "top")
        room.world.run_elsewhere("new")
        room.entries = [asset("base", evictable=True), asset("mid", "base"), asset("new")]
        assert await room.reload() == {
            "status": 200,
            "added": ["new"],
            "removed": ["top"],
            "changed": ["base"],
            "left_running": ["top"],
        }
        assert [found["id"] for found in room.service.list()] == ["base", "mid", "new"]
        assert room.said("new") == ("running", None, None), "it was looked at at once"
        assert room.said("base") == ("running", "running", None) and room.show("base")["evictable"] is True
        assert "top" in room.world.running, "what was removed goes on"
        assert (await room.ask("stop", "top"))["status"] == 404
        assert room.audit()[-1] == ("asset.reload", "registry", "succeeded")
        assert (await room.reload())["removed"] == []

    scene(play, *CHAIN)


def test_a_wrong_one_changes_nothing_and_says_all_that_is_wrong(scene: Scene) -> None:
    async def play(room: Room) -> None:
        await room.done("start", "top")
        before, shown = room.disk(), room.service.list()
        room.entries = [asset("stream"), asset("a", "b"), asset("b", "a"), asset("c", "nothing")]
        found = await room.reload()
        assert found["status"] == 422 and len(found["problems"]) == 3
        assert all(any(word in line for line in found["problems"]) for word in ("stream", "circular", "nothing"))
        assert found["detail"].startswith(found["problems"][0]) and found["detail"].endswith(
            "(and 2 more): the registry that holds stays as it is"
        )
        room.wrong_file = SettingsError("mixdesk.toml: line 3: expected '='")
        found = await room.reload()
        assert (found["status"], found["problems"]) == (422, ["mixdesk.toml: line 3: expected '='"])
        after = room.disk()
        assert {name for name in before if after[name] != before[name]} == {"audit"} and room.service.list() == shown
        assert room.audit()[-2:] == [("asset.reload", "registry", "refused")] * 2

    scene(play, *CHAIN)


def test_a_disk_that_fills_up_after_a_reload_does_not_unsay_it(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    async def play(room: Room) -> None:
        write, written = room.store.write, []

        async def once(work: Any) -> Any:
            written.append(work)
            if len(written) > 1:
                raise StoreError("the disk is full")
            return await write(work)

        room.world.run_elsewhere("new")
        room.entries = [*CHAIN, asset("new", vram_mb=100)]
        monkeypatch.setattr(room.store, "write", once)
        found = await room.reload()
        assert (found["status"], found["added"]) == (200, ["new"])
        assert len(written) > 1 and room.said("new") == ("running", None, None)
        monkeypatch.undo()

    scene(play, *CHAIN, gpus=[1000.0])


def test_of_two_reloads_the_one_that_reads_later_holds(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    async def play(room: Room) -> None:
        reread, go_on, begun = room._reread, threading.Event(), threading.Event()

        def slowly() -> Sequence[AssetSettings]:
            found = reread()
            if not begun.is_set():
                begun.set()
                go_on.wait(30)
            return found

        room.service._reread = slowly
        first = asyncio.create_task(room.reload())
        await room.until(begun.is_set)
        room.entries = [*CHAIN, asset("new")]
        second = asyncio.create_task(room.reload())
        await asyncio.sleep(0.05)
        go_on.set()
        await asyncio.gather(first, second)
        assert room.service.get("new")["id"] == "new"

    scene(play, *CHAIN)


def test_what_was_asked_of_one_that_comes_back_is_not_forgotten(scene: Scene) -> None:
    async def play(room: Room) -> None:
        await room.done("start", "a")
        await room.done("stop", "a")
        await room.done("start", "a")
        room.entries = []
        await room.reload()
        room.entries = [asset("a")]
        await room.reload()
        assert room.said("a") == ("running", "running", None) and room.show("a")["generation"] == 3
        stop = await room.ask("stop", "a")
        assert stop["generation"] == 4, "generations only grow"
        await room.ended(stop["operation"])

    scene(play, asset("a"))


def test_another_target_is_another_thing(scene: Scene) -> None:
    async def play(room: Room) -> None:
        await room.done("start", "a")
        room.world["a"].doing = "stopped"  # what the new target is
        room.entries = [process("a")]
        found = await room.reload()
        assert found["changed"] == ["a"] and found["left_running"] == ["a"], "the container of that name"
        assert room.said("a") == ("error", "running", "stopped elsewhere") and room.show("a")["driver"] == "process"
        assert (await room.done("start", "a"))["state"] == "succeeded"
        assert room.show("a")["generation"] == 2

    scene(play, asset("a"))


def test_a_dependency_that_is_removed_while_it_runs(scene: Scene) -> None:
    async def play(room: Room) -> None:
        await room.done("start", "top")
        room.entries = [asset("mid"), asset("top", "mid")]
        assert (await room.reload())["left_running"] == ["base"]
        assert room.said("top") == ("running", "running", None)
        assert (await room.done("stop", "mid", cascade=True))["state"] == "succeeded"
        assert room.world.running == {"base"}
        assert (await room.done("start", "top"))["state"] == "succeeded"

    scene(play, *CHAIN)


def test_an_asset_that_is_removed_in_the_midst_of_its_start(scene: Scene) -> None:
    async def play(room: Room) -> None:
        room.world.hold("started", "base")
        started = await room.begun("start", "top")
        await room.world.reached("started", "base")
        room.entries = [asset("base"), asset("mid", "base")]
        await room.reload()
        room.world.let("started", "base")
        found = await room.ended(started)
        assert (
            found["state"] == "failed"
            and found["error"] == "top is no longer in the registry: put it back, or ask anew"
        )
        assert room.world.running == {"base", "mid"}, "what is left of it was done"
        assert room.said("base") == room.said("mid") == ("running", "running", None)
        await room.quiet()

    scene(play, *CHAIN)


def test_a_registry_that_comes_in_the_midst_of_a_start_lets_it_go_on(scene: Scene) -> None:
    async def play(room: Room) -> None:
        room.world.hold("started", "mid")
        started = await room.begun("start", "top")
        await room.world.reached("started", "mid")
        room.entries = [*CHAIN[:2], process("top", "mid"), asset("more")]
        await room.reload()
        assert room.said("top") == ("loading", "running", None)
        room.world.let("started", "mid")
        assert (await room.ended(started))["state"] == "succeeded"
        assert room.said("top") == ("running", "running", None) and room.show("top")["driver"] == "process"

    scene(play, *CHAIN)


def test_requests_and_reloads_at_once(scene: Scene) -> None:
    async def play(room: Room) -> None:
        small, whole = room.entries[:2], room.entries
        made = []
        for number in range(20):
            room.entries = small if number % 2 else whole
            answers = await asyncio.gather(
                room.ask("start", "top"), room.reload(), room.ask("stop", "base", cascade=True), room.reload()
            )
            assert {answer["status"] for answer in answers} <= {200, 202, 404, 409}
            made += [answer["operation"] for answer in answers if "operation" in answer]
        room.entries = whole
        await room.reload()
        await room.quiet()
        for operation in made:
            assert (await room.operation(operation))["ended_at"] is not None
        assert room.reserved.keys() == {one for one in room.world.running if one in ("base", "mid", "top")}

    entries = [asset("base", vram_mb=10), asset("mid", "base", vram_mb=10), asset("top", "mid", vram_mb=10)]
    scene(play, *entries, gpus=[1000.0])
