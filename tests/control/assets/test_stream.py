"""The stream of assets: all of them first, then what changes, each of it once and by growing revision."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

from asset_room import Room, asset

Scene = Callable[..., None]

AB = (asset("a"), asset("b"))


class Reader:
    """Frames as they come; `rest` is what has come by now."""

    def __init__(self, frames: AsyncIterator[bytes]) -> None:
        self._frames = frames
        self.seen: list[dict[str, Any]] = []

    async def next(self) -> dict[str, Any]:
        frame = json.loads(await asyncio.wait_for(anext(self._frames), 30))
        self.seen.append(frame)
        return frame

    async def until(self, check: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        while not check(found := await self.next()):
            pass
        return found

    async def close(self) -> None:
        await self._frames.aclose()  # type: ignore[attr-defined]


def told(frame: dict[str, Any]) -> tuple[str, str]:
    return (frame["asset"]["id"], frame["asset"]["status"]) if "asset" in frame else ("deleted", frame["deleted"])


async def quiet(reader: Reader) -> None:
    """Nothing is waiting."""
    waiting = asyncio.ensure_future(reader.next())
    await asyncio.sleep(0.3)
    assert not waiting.done(), waiting.result()
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)


def test_all_first_and_then_each_change(scene: Scene) -> None:
    async def play(room: Room) -> None:
        reader = Reader(room.service.frames(None))
        assert [told(await reader.next()), told(await reader.next())] == [("a", "stopped"), ("b", "stopped")]
        assert "reset" not in reader.seen[0]
        await room.done("start", "a")
        last = await reader.until(lambda frame: told(frame) == ("a", "running"))
        assert last["asset"] == room.show("a") and last["asset"]["revision"] == last["revision"]
        revisions = [frame["revision"] for frame in reader.seen]
        assert revisions == sorted(set(revisions))
        assert {told(frame)[0] for frame in reader.seen[2:]} == {"a"}
        await reader.close()

    scene(play, *AB)


def test_from_a_revision_on(scene: Scene) -> None:
    async def play(room: Room) -> None:
        await room.done("start", "a")
        mark = max(room.show("a")["revision"], room.show("b")["revision"])
        await room.done("start", "b")
        reader = Reader(room.service.frames(mark))
        first = await reader.next()
        assert told(first) == ("b", "running") and "reset" not in first, "a has not changed since"
        await reader.close()

    scene(play, *AB)


def test_a_revision_that_this_desk_does_not_know(scene: Scene) -> None:
    async def play(room: Room) -> None:
        mark = room.show("a")["revision"]
        await room.again()
        assert room.show("a")["revision"] > mark, "no number is given out twice"
        for after in (mark, room.service.board.revisions.current + 1000):
            reader = Reader(room.service.frames(after))
            frames = [await reader.next(), await reader.next()]
            assert {told(frame)[0] for frame in frames} == {"a", "b"}
            assert frames[0]["reset"] is True and "reset" not in frames[1]
            await reader.close()

    scene(play, *AB)


def test_an_empty_registry_says_that_all_is_gone(scene: Scene) -> None:
    async def play(room: Room) -> None:
        reader = Reader(room.service.frames(1 << 40))
        assert (await reader.next()).keys() == {"revision", "reset"}
        await reader.close()

    scene(play)


def test_one_that_leaves_the_registry_is_deleted(scene: Scene) -> None:
    async def play(room: Room) -> None:
        mark = room.service.board.revisions.current
        reader = Reader(room.service.frames(mark))
        room.entries = [AB[0]]
        await room.reload()
        deleted = await reader.until(lambda frame: "deleted" in frame)
        assert deleted["deleted"] == "b"
        late = Reader(room.service.frames(mark))
        assert told(await late.next()) == ("deleted", "b"), "who was away hears it, too"
        fresh = Reader(room.service.frames(None))
        assert told(await fresh.next())[0] == "a"
        room.entries = list(AB)
        await room.reload()
        assert told(await fresh.next()) == ("b", "stopped")
        back = Reader(room.service.frames(mark))
        assert [told(await back.next())] == [("b", "stopped")], "it is there again"
        for one in (reader, late, fresh, back):
            await one.close()

    scene(play, *AB)


def test_an_uptime_that_grows_is_no_change(scene: Scene) -> None:
    async def play(room: Room) -> None:
        await room.done("start", "a")
        await room.service.watch.tick()
        reader = Reader(room.service.frames(room.service.board.revisions.current))
        uptime = room.show("a")["usage"]["uptime_s"]
        room.clock.now += 1000
        await room.service.watch.tick()
        await quiet(reader)
        assert room.show("a")["usage"]["uptime_s"] >= uptime + 1000
        await reader.close()

    scene(play, *AB)


def test_a_hold_that_runs_out_is_a_change(scene: Scene) -> None:
    async def play(room: Room) -> None:
        await room.hold("a", 60.0)
        reader = Reader(room.service.frames(room.service.board.revisions.current))
        room.clock.now += 61
        await room.service.watch.tick()
        assert (await reader.next())["asset"]["holds"] == []
        await reader.close()

    scene(play, *AB)


def test_a_reader_that_is_slow_gets_the_newest_of_each(scene: Scene) -> None:
    async def play(room: Room) -> None:
        reader = Reader(room.service.frames(None))
        await reader.next()
        await reader.next()
        for _ in range(5):
            await room.done("start", "a")
            await room.done("stop", "a")
        await room.done("start", "b")
        await room.quiet()
        frames = [await reader.next(), await reader.next()]
        assert [told(frame) for frame in frames] == [("a", "stopped"), ("b", "running")], "the ways there are merged"
        await quiet(reader)
        await reader.close()
        assert room.service.board.feed.readers == 0

    scene(play, *AB)
