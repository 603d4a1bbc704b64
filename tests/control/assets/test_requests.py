"""What is answered to a request: the same operation for the same wish, a refusal that names what is in the way."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import pytest
from asset_room import Room, asset

from mixdesk_control.assets import hands
from mixdesk_control.assets.course import Course
from mixdesk_control.assets.settling import Settling

Scene = Callable[..., None]

CHAIN = (asset("base"), asset("mid", "base"), asset("top", "mid"))


# -- the same request ----------------------------------------------------------------------------------


def test_the_same_request_is_the_same_operation(scene: Scene) -> None:
    async def play(room: Room) -> None:
        room.world.hold("started", "mid")
        first = await room.ask("start", "top")
        await room.world.reached("started", "mid")
        assert await room.ask("start", "top", by="bob") == first, "while it is on its way"
        room.world.let("started", "mid")
        await room.ended(first["operation"])
        assert await room.ask("start", "top") == first, "and once it is done"
        assert room.show("top")["generation"] == first["generation"] == 1
        stop = await room.ask("stop", "top")
        await room.ended(stop["operation"])
        assert await room.ask("stop", "top") == stop and stop["generation"] == 2
        assert room.world.log == ["start base", "start mid", "start top", "stop top"]
        assert room.audit() == [("asset.start", "top", "succeeded")] * 3 + [("asset.stop", "top", "succeeded")] * 2

    scene(play, *CHAIN)


def test_a_wish_that_no_longer_holds_is_asked_anew(scene: Scene) -> None:
    async def play(room: Room) -> None:
        first = await room.begun("start", "top")
        await room.ended(first)
        room.world.crash("mid")
        await room.service.watch.tick()
        second = await room.begun("start", "top")
        assert second != first, "what it needs has crashed meanwhile"
        assert (await room.ended(second))["state"] == "succeeded"
        assert room.world.running == {"base", "mid", "top"}
        stopped = await room.begun("stop", "top")
        await room.ended(stopped)
        room.world.run_elsewhere("top")
        await room.service.watch.tick()
        assert await room.begun("stop", "top") != stopped, "somebody has started it meanwhile"
        await room.quiet()

    scene(play, *CHAIN)


def test_an_operation_that_did_not_succeed_stands_for_nothing(scene: Scene) -> None:
    """What is wished of `base` was set back to what it is by the end of a stop that was taken back."""

    async def play(room: Room) -> None:
        await room.done("start", "mid")
        room.world.hold("stop", "mid")
        stop = await room.begun("stop", "base", cascade=True)
        await room.world.reached("stop", "mid")
        await room.cancel(stop)
        room.world.let("stop", "mid")
        assert (await room.ended(stop))["state"] == "canceled"
        assert room.said("base") == ("running", "running", None) and room.show("base")["operation"] == stop
        started = await room.done("start", "base")
        assert (started["action"], started["state"]) == ("start", "succeeded")

    scene(play, *CHAIN)


def test_a_stop_of_what_another_stop_takes_along_stands_for_itself(scene: Scene) -> None:
    async def play(room: Room) -> None:
        await room.done("start", "top")
        room.world.hold("stop", "top")
        whole = await room.begun("stop", "base", cascade=True)
        await room.world.reached("stop", "top")
        alone = await room.begun("stop", "mid", cascade=True)
        assert alone != whole
        newest = await room.begun("start", "base")
        room.world.let("stop", "top")
        states = [(await room.ended(one))["state"] for one in (whole, alone, newest)]
        assert states == ["superseded", "succeeded", "succeeded"]
        assert room.world.running == {"base"}
        assert room.said("mid") == room.said("top") == ("stopped", "stopped", None)

    scene(play, *CHAIN)


def test_an_operation_that_ends_while_another_is_written_does_not_undo_its_wish(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hands, "SEEN_S", 0.3)
    monkeypatch.setattr(hands, "LOOK_S", 0.01)
    end, has_failed = Settling.end, asyncio.Event()

    async def ends(settling: Settling, course: Course, state: str, error: str | None) -> None:
        has_failed.set()
        await end(settling, course, state, error)

    monkeypatch.setattr(Settling, "end", ends)

    async def play(room: Room) -> None:
        room.world["base"].unseen = "the engine restarts"
        room.world.hold("observe", "base")
        fails = await room.begun("start", "base")
        await room.world.reached("observe", "base")
        disk = threading.Event()
        room.store.write_soon(lambda _conn: disk.wait(60))
        asking = asyncio.create_task(room.ask("start", "mid"))
        await room.until(room.service.board.deciding.locked)
        room.world.let("observe", "base")
        await asyncio.wait_for(has_failed.wait(), 60)  # and the disk has taken neither its end nor the second
        room.world["base"].unseen = None
        disk.set()
        assert (await room.ended(fails))["state"] == "failed"
        assert (await room.ended((await asking)["operation"]))["state"] == "succeeded"
        assert room.said("base") == ("running", "running", None)
        assert room.show("base")["operation"] != fails

    scene(play, *CHAIN)


def test_a_request_for_what_is_not_there(scene: Scene) -> None:
    async def play(room: Room) -> None:
        for action in ("start", "stop"):
            found = await room.ask(action, "tpo")
            assert found["status"] == 404 and found["detail"].endswith("the registry has base, mid, top")
            assert (await room.ask(action, "tpo", dry_run=True))["status"] == 404
        assert room.audit() == []

    scene(play, *CHAIN)


# -- what is in the way of a stop ----------------------------------------------------------------------


def test_a_stop_names_the_dependents_that_run(scene: Scene) -> None:
    async def play(room: Room) -> None:
        await room.done("start", "top")
        found = await room.ask("stop", "base")
        assert found["status"] == 409 and found["dependents"] == ["top", "mid"]
        assert found["detail"] == "top, mid run and need base: stop them first, or ask with cascade=true"
        assert (await room.ask("stop", "base", force=True))["status"] == 409, "force is for jobs and holds"
        await room.done("stop", "top")
        assert (await room.ask("stop", "base"))["dependents"] == ["mid"]
        assert room.said("base") == ("running", "running", None)
        assert [line for line in room.audit() if line[2] == "refused"] == [("asset.stop", "base", "refused")] * 3
        await room.done("stop", "mid")
        assert (await room.done("stop", "base"))["state"] == "succeeded"

    scene(play, *CHAIN)


def test_a_dependent_that_is_about_to_run_counts(scene: Scene) -> None:
    async def play(room: Room) -> None:
        room.world.hold("started", "base")
        started = await room.begun("start", "top")
        await room.world.reached("started", "base")
        assert (await room.ask("stop", "base"))["dependents"] == ["top", "mid"]
        room.world.let("started", "base")
        await room.ended(started)

    scene(play, *CHAIN)


def test_a_dependent_that_cannot_be_seen_counts_until_it_is_known_better(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hands, "SEEN_S", 0.05)
    monkeypatch.setattr(hands, "LOOK_S", 0.01)

    async def play(room: Room) -> None:
        await room.done("start", "top")
        room.world["top"].unseen = "the engine restarts"
        await room.service.watch.tick()
        assert (await room.ask("stop", "base"))["dependents"] == ["top", "mid"]
        found = await room.done("stop", "base", cascade=True)
        assert (found["state"], found["error"]) == ("failed", "top cannot be seen: the engine restarts")
        assert room.world.running == {"base", "mid", "top"}, "nothing is taken away under it"
        room.world["top"].unseen = None
        await room.service.watch.tick()
        assert (await room.done("stop", "base", cascade=True))["state"] == "succeeded"

    scene(play, *CHAIN)


def test_a_job_is_not_stopped_without_force(scene: Scene) -> None:
    async def play(room: Room) -> None:
        await room.done("start", "top")
        room.jobs = {"top": ["job-2", "job-1"]}
        await room.service.watch.tick()
        for target in ("top", "base"):
            found = await room.ask("stop", target, cascade=True)
            assert found["status"] == 409 and found["jobs"] == ["job-1", "job-2"], target
            assert "job-2 (in top), job-1 (in top)" in found["detail"] and "force=true" in found["detail"]
        assert room.show("top")["usage"]["jobs"] == ["job-2", "job-1"]
        assert room.world.running == {"base", "mid", "top"}
        assert (await room.done("stop", "base", cascade=True, force=True))["state"] == "succeeded"

    scene(play, *CHAIN)


def test_a_hold_keeps_from_a_stop_and_says_whose_it_is(scene: Scene) -> None:
    async def play(room: Room) -> None:
        await room.done("start", "top")
        held = await room.hold("mid", 60.0, "a live show", by="bob")
        for target in ("mid", "base"):
            found = await room.ask("stop", target, cascade=True)
            assert found["status"] == 409 and [(one["asset"], one["actor"]) for one in found["holds"]] == [
                ("mid", "bob")
            ]
            assert "bob (mid)" in found["detail"]
        assert (await room.done("stop", "top"))["state"] == "succeeded", "it is not held itself"
        await room.release("mid", held["id"])
        assert (await room.done("stop", "base", cascade=True))["state"] == "succeeded"

    scene(play, *CHAIN)


@pytest.mark.parametrize("action", ["start", "stop"])
def test_a_plan_changes_nothing(scene: Scene, action: str) -> None:
    async def play(room: Room) -> None:
        if action == "stop":
            await room.done("start", "top")
        await room.quiet()
        before = room.disk()
        generation = room.show("top")["generation"]
        found = await room.ask(action, "base" if action == "stop" else "top", dry_run=True, key="k1")
        assert found["status"] == 200 and found["action"] == action
        does = [(step["asset"], step["does"]) for step in found["steps"]]
        order = ["top", "mid", "base"] if action == "stop" else ["base", "mid", "top"]
        assert does == [(one, action) for one in order]
        assert room.disk() == before and room.show("top")["generation"] == generation
        assert room.operations.open_of("asset") == []
        await room.done(
            action, "base" if action == "stop" else "top", key="k1", **({"cascade": True} if action == "stop" else {})
        )

    scene(play, *CHAIN)
