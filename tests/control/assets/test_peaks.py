"""What an asset is seen to hold at most: learned of itself alone, forgotten with what it was, never in its own way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from asset_room import Room, asset, process
from scripted_driver import World

from mixdesk_control.assets import metrics
from mixdesk_control.assets.gpus import Card, Cards

Scene = Callable[..., None]


def one(holds: float = 900.0, *more: float) -> World:
    world = World(gpus=[1000.0, *more])
    world["a"].holds = {0: holds}
    return world


def peak(room: Room, asset_id: str = "a") -> Any:
    return room.show(asset_id)["vram_peak_mb"]


async def ran(room: Room) -> None:
    """It ran, was seen, and was stopped."""
    await room.done("start", "a")
    await room.service.watch.tick()
    await room.done("stop", "a")


def test_one_that_took_all_there_was_starts_again(scene: Scene) -> None:
    async def play(room: Room) -> None:
        await ran(room)
        assert peak(room) == 980.0
        assert (await room.done("start", "a"))["state"] == "succeeded"

    scene(play, asset("a", vram_mb=100), world=one(980.0), headroom_mb=50.0)


def test_another_need_or_target_begins_anew(scene: Scene) -> None:
    async def play(room: Room) -> None:
        for entry in (asset("a", vram_mb=200), process("a", vram_mb=200)):
            await ran(room)
            room.entries = [replace_name(room.entries[0])]
            await room.reload()
            assert peak(room) == 900.0, "another name changes nothing"
            room.entries = [entry]
            await room.reload()
            assert peak(room) is None
        await room.again()
        assert peak(room) is None, "nor is it on disk"

    scene(play, asset("a", vram_mb=100), world=one())


def replace_name(entry: Any) -> Any:
    return entry.model_copy(update={"name": "another"})


def test_what_a_job_holds_in_an_asset_is_not_its_own(scene: Scene) -> None:
    async def play(room: Room) -> None:
        room.jobs = {"a": ["j1"]}
        await room.done("start", "a")
        await room.service.watch.tick()
        assert room.show("a")["usage"]["jobs"] == ["j1"] and peak(room) is None
        room.jobs = {}
        await room.service.watch.tick()
        assert peak(room) == 900.0

    scene(play, asset("a", vram_mb=100), world=one())


def test_a_process_of_a_job_is_enough(scene: Scene) -> None:
    """The reading has it before the room is told which jobs run where, and holds on when the job is over."""

    async def play(room: Room) -> None:
        cards = room.world.cards

        def with_job() -> Cards:
            def marked(card: Card) -> Card:
                return replace(card, holders=[replace(holder, job="j1") for holder in card.holders])

            found = cards()
            return replace(found, cards=[marked(card) for card in found.cards])

        room.world.cards = with_job  # type: ignore[method-assign]
        await room.done("start", "a")
        await room.service.watch.tick()
        room.world.cards = cards  # type: ignore[method-assign]
        await room.service.watch.tick()
        assert peak(room) is None, "the same process"
        await room.done("stop", "a")
        await room.done("start", "a")
        await room.service.watch.tick()
        assert peak(room) == 900.0, "another one"

    scene(play, asset("a", vram_mb=100), world=one())


def test_what_models_hold_in_a_server_is_not_its_own(scene: Scene) -> None:
    async def play(room: Room) -> None:
        await ran(room)
        assert peak(room) is None

    model = asset("m", "a", vram_mb=300, http={"url": "http://127.0.0.1:1", "model": "m", "preset": "ollama"})
    scene(play, asset("a", vram_mb=100), model, world=one())


def test_no_figure_of_a_gpu_that_cannot_be_read(scene: Scene) -> None:
    async def play(room: Room) -> None:
        def samples() -> list[Any]:
            found = metrics.families(room.service.board)
            return [sample for family in found if "gpu_memory" in family.name for sample in family.samples]

        await room.done("start", "a")
        await room.service.watch.tick()
        assert {(sample.labels["host"], sample.labels["gpu"]) for sample in samples()} == {("box", "0")}
        room.world.blind = "the driver does not answer"
        await room.service.watch.tick()
        assert room.reserved and samples() == []

    scene(play, asset("a", vram_mb=100), world=one())
