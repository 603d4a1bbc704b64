"""Holds: taken for a while, made longer, ended, and run out."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from asset_room import Room, asset

from mixdesk.wire import now_text
from mixdesk_control.assets import holding
from mixdesk_control.store import tables

Scene = Callable[..., None]


def test_a_hold_is_shown_until_it_runs_out(scene: Scene) -> None:
    async def play(room: Room) -> None:
        held = await room.hold("a", 60.0, "a live show", by="bob")
        shown = {"id": held["id"], "actor": "bob", "reason": "a live show", "expires_at": held["expires_at"]}
        assert room.show("a")["holds"] == [shown]
        assert now_text(room.clock.now + 50) < held["expires_at"] < now_text(room.clock.now + 61)
        assert room.audit() == [("asset.hold", "a", "succeeded")]
        room.clock.now += 61
        assert room.show("a")["holds"] == []
        await room.hold("b", 5.0)
        assert len(room.rows(tables.holds)) == 1, "what has run out is forgotten"

    scene(play, asset("a"), asset("b"))


def test_one_that_is_taken_again_by_its_id_lasts_longer(scene: Scene) -> None:
    async def play(room: Room) -> None:
        held = await room.hold("a", 60.0, "a live show")
        room.clock.now += 50
        longer = await room.hold("a", 60.0, None, held["id"])
        assert longer["id"] == held["id"] and longer["expires_at"] > held["expires_at"]
        assert longer["reason"] == "a live show"
        room.clock.now += 50
        assert len(room.show("a")["holds"]) == 1
        assert room.audit() == [("asset.hold", "a", "succeeded")], "a renewal is no news"
        room.clock.now += 11
        assert (await room.hold("a", 60.0, None, held["id"]))["status"] == 404

    scene(play, asset("a"))


def test_one_of_another_asset_or_of_none(scene: Scene) -> None:
    async def play(room: Room) -> None:
        held = await room.hold("a", 60.0)
        assert (await room.hold("b", 60.0, None, held["id"]))["status"] == 404
        assert await room.release("b", held["id"]) == 404
        assert await room.release("a", "no-such-hold") == 404
        assert await room.release("a", held["id"]) == 204
        assert await room.release("a", held["id"]) == 404
        assert room.show("a")["holds"] == [] and room.rows(tables.holds) == []
        assert room.audit()[-1] == ("asset.release", "a", "succeeded")

    scene(play, asset("a"), asset("b"))


def test_holds_outlive_the_desk(scene: Scene) -> None:
    async def play(room: Room) -> None:
        await room.done("start", "a")
        await room.hold("a", 60.0, by="bob")
        await room.hold("a", 600.0, by="eve")
        await room.kill()
        room.clock.now += 61
        room.open()
        await room.start()
        assert [hold["actor"] for hold in room.show("a")["holds"]] == ["eve"]
        assert (await room.ask("stop", "a"))["status"] == 409
        assert (await room.done("stop", "a", force=True))["state"] == "succeeded"
        assert len(room.show("a")["holds"]) == 1, "whoever holds it is told nothing, and holds on"

    scene(play, asset("a"))


def test_there_are_not_endlessly_many(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holding, "MOST", 3)

    async def play(room: Room) -> None:
        for _ in range(3):
            held = await room.hold("a", 60.0)
            assert held["status"] == 201
        refused = await room.hold("a", 60.0)
        assert refused["status"] == 409 and "3 holds" in refused["detail"]
        assert (await room.hold("a", 60.0, None, held["id"]))["status"] == 201
        assert (await room.hold("b", 60.0))["status"] == 201

    scene(play, asset("a"), asset("b"))
