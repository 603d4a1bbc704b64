"""Live logs: one reader for all, nothing lost or doubled at the join, exact gaps for who is slow."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torture
from scripted_log import SOURCE, ScriptedReader

from mixdesk_control.logs import follow
from mixdesk_control.logs.live.hub import Hub
from mixdesk_control.logs.places import HostPlace
from mixdesk_control.logs.source import InEngine, InFiles, Source
from mixdesk_control.logs.text.redact import Redactor
from mixdesk_control.logs.text.wanted import BadPattern
from mixdesk_control.logs.view import View

PATIENCE_S = 60.0


class Desk:
    """A hub whose readers are scripted."""

    def __init__(self, text: bytes = b"", **more: Any) -> None:
        self.readers: list[ScriptedReader] = []
        self._text = text
        self.hub = Hub(self._reader, redactor=Redactor(), **{"linger_s": 0.0, **more})

    def _reader(self, _source: Source) -> ScriptedReader:
        self.readers.append(ScriptedReader(self._text))
        return self.readers[-1]

    def frames(self, view: View | None = None, lines: int = 10, source: Source = SOURCE) -> Frames:
        return Frames(self.hub.frames(source, view or View(), lines))


class Frames:
    """The frames of one viewer, as JSON."""

    def __init__(self, frames: AsyncGenerator[str]) -> None:
        self._frames = frames

    async def next(self) -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE_S):
            frame: dict[str, Any] = json.loads(await anext(self._frames))
            return frame

    async def until(self, key: str) -> list[dict[str, Any]]:
        """All frames up to the first with this key."""
        frames = [await self.next()]
        while key not in frames[-1]:
            frames.append(await self.next())
        return frames

    async def lines(self, count: int) -> list[str]:
        """So many lines, whatever frames they come in; those that are left out are None."""
        found: list[Any] = []
        while len(found) < count:
            frame = await self.next()
            found += [None] * frame.get("skipped", 0)
            found += [line for record in frame.get("lines", ()) for line in record.split("\n")]
        return found

    async def aclose(self) -> None:
        await self._frames.aclose()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not condition():
            await asyncio.sleep(0.005)


def numbered(numbers: Iterable[int]) -> bytes:
    return b"".join(b"line %d\n" % number for number in numbers)


def test_first_the_source_then_what_is_there_then_what_comes() -> None:
    async def look() -> None:
        desk = Desk(numbered(range(100)))
        async with aclosing(desk.frames(lines=3)) as frames:
            assert (await frames.next())["source"]["id"] == "laravel"
            assert await frames.next() == {"lines": ["line 97", "line 98", "line 99"], "levels": [None] * 3}
            assert await frames.next() == {"live": True}
            desk.readers[0].write(b"ERROR password=hunter2\n\x1b]0;x\x07\x1b[31mINFO red\x1b[0m\n")
            assert await frames.lines(2) == ["ERROR password=[redacted]", "INFO red"]
        await desk.hub.close()

    asyncio.run(look())


def test_a_record_is_one_line_of_a_frame_with_its_level() -> None:
    async def look() -> None:
        desk = Desk()
        async with aclosing(desk.frames()) as frames:
            await frames.until("live")
            desk.readers[0].write(b"ERROR bad\nTraceback (most recent call last):\n")
            desk.readers[0].write(b"  File x\nValueError: y\n")
            record = "ERROR bad\nTraceback (most recent call last):\n  File x\nValueError: y"
            assert await frames.next() == {"lines": [record], "levels": ["error"]}
        await desk.hub.close()

    asyncio.run(look())


def test_rotations_progress_and_absence_are_told_in_their_place() -> None:
    async def look() -> None:
        desk = Desk()
        async with aclosing(desk.frames()) as frames:
            await frames.until("live")
            reader = desk.readers[0]
            reader.write(b"a\n", rotated="renamed")
            reader.write(b"", partial=b" 1%\r token=abc 50%")
            reader.write(b"", gone="it was removed")
            told = [await frames.next() for _ in range(4)]
            assert told == [
                {"rotated": "renamed"},
                {"lines": ["a"], "levels": [None]},
                {"partial": " token=[redacted] 50%"},
                {"gone": "it was removed"},
            ]
            async with aclosing(desk.frames(lines=0)) as second:
                assert (await second.until("gone"))[1:] == [{"live": True}, {"gone": "it was removed"}]
        await desk.hub.close()

    asyncio.run(look())


def test_a_line_without_end_is_shown_before_it_is_live() -> None:
    async def look() -> None:
        desk = Desk(b"a\n")
        async with aclosing(desk.frames()) as first:
            await first.until("live")
            desk.readers[0].rest = b" 1%\rERROR token=abc gone"
            async with aclosing(desk.frames()) as second:
                assert (await second.until("live"))[1:] == [
                    {"lines": ["a"], "levels": [None]},
                    {"partial": "ERROR token=[redacted] gone"},
                    {"live": True},
                ]
            async with aclosing(desk.frames(View(level="error"))) as errors:
                assert {"partial": "ERROR token=[redacted] gone"} in await errors.until("live")
            async with aclosing(desk.frames(View(q="other"))) as others:
                assert [list(frame) for frame in await others.until("live")] == [["source"], ["live"]]
        await desk.hub.close()

    asyncio.run(look())


@pytest.mark.parametrize("view", [View(), View(q="redacted")])
def test_a_key_that_is_being_written_is_not_shown(view: View) -> None:
    async def look() -> None:
        desk = Desk(b"-----BEGIN RSA PRIVATE KEY-----\n")
        async with aclosing(desk.frames()) as first:
            await first.until("live")
            desk.readers[0].rest = b"MIIEpAIBAAKCAQEAtQwerty"
            async with aclosing(desk.frames(view)) as second:
                assert {"partial": "[redacted]"} in await second.until("live")
            desk.readers[0].write(b"-----BEGIN RSA PRIVATE KEY-----\n")
            desk.readers[0].write(b"", partial=b"MIIEpAIBAAKCAQEAtQwerty")
            desk.readers[0].write(b"MIIEpAIBAAKCAQEAtQwerty\n-----END RSA PRIVATE KEY-----\nover\n")
            shown = [await first.next()]
            while "over" not in str(shown[-1]):
                shown.append(await first.next())
            assert {"partial": "[redacted]"} in shown and "MIIE" not in str(shown)
        await desk.hub.close()

    asyncio.run(look())


def test_each_joins_a_flood_without_loss_or_double() -> None:
    chance = torture.chance()
    count, viewers = torture.times(20_000, 2_000), torture.times(30, 6)

    async def write(reader: ScriptedReader) -> None:
        number = 0
        while number < count:
            some = min(chance.randrange(1, 60), count - number)
            reader.write(numbered(range(number, number + some)))
            number += some
            await asyncio.sleep(0)

    async def look(desk: Desk, pause: int) -> list[str]:
        for _ in range(pause):
            await asyncio.sleep(0.001)
        async with aclosing(desk.frames(lines=count)) as frames:
            return await frames.lines(count)

    async def run() -> None:
        desk = Desk()
        first = desk.frames(lines=count)
        await first.until("live")
        looking = [asyncio.create_task(look(desk, chance.randrange(0, 30))) for _ in range(viewers)]
        await write(desk.readers[0])
        expected = numbered(range(count)).decode().splitlines()
        assert await first.lines(count) == expected
        for seen in await asyncio.gather(*looking):
            assert seen == expected
        await first.aclose()
        assert len(desk.readers) == 1
        assert desk.readers[0].marks == 0
        await desk.hub.close()

    asyncio.run(run())


def test_who_is_slow_is_told_exactly_what_is_missing_and_others_miss_nothing() -> None:
    count = 40_000

    async def run() -> None:
        desk = Desk()
        slow, quick = desk.frames(lines=0), desk.frames(lines=0)
        await slow.until("live")
        await quick.until("live")
        reading = asyncio.create_task(quick.lines(count))
        for start in range(0, count, 500):
            desk.readers[0].write(
                b"".join(b"line %d %b\n" % (number, b"x" * 80) for number in range(start, start + 500))
            )
            await asyncio.sleep(0)
        assert [int(line.split()[1]) for line in await reading] == list(range(count))
        seen = await slow.lines(count)
        assert len(seen) == count
        kept = [(place, int(line.split()[1])) for place, line in enumerate(seen) if line is not None]
        assert all(place == number for place, number in kept)
        missing = count - len(kept)
        assert 0 < missing == desk.hub.skipped["api", "laravel"]
        desk.readers[0].write(b"line after x\n")
        assert await slow.lines(1) == ["line after x"]
        await slow.aclose()
        await quick.aclose()
        await desk.hub.close()

    asyncio.run(run())


def test_a_filter_looks_back_until_it_has_enough() -> None:
    text = b"".join(b"%b line %d\n" % (b"ERROR" if number % 100 == 0 else b"INFO", number) for number in range(5000))

    async def run() -> None:
        desk = Desk(text)
        async with aclosing(desk.frames(View(level="error"), 3)) as frames:
            await frames.next()
            assert (await frames.next())["lines"] == ["ERROR line 4700", "ERROR line 4800", "ERROR line 4900"]
            assert await frames.next() == {"live": True}
            desk.readers[0].write(b"INFO no\nERROR yes\nINFO no\n")
            assert await frames.lines(1) == ["ERROR yes"]
        async with aclosing(desk.frames(View(q="LINE 17"), 1000)) as frames:
            await frames.next()
            assert len((await frames.next())["lines"]) == 111
        assert desk.hub.skipped.total() == 0
        assert all(reader.marks == 0 for reader in desk.readers)
        await desk.hub.close()

    asyncio.run(run())


def test_what_the_file_lacks_comes_from_the_rotated_ones() -> None:
    asked: list[int] = []

    def older(_source: Source, lines: int, without: Iterable[tuple[int, int]] = ()) -> bytes:
        asked.append(lines)
        return numbered(range(-lines, 0))

    async def run() -> None:
        desk = Desk(numbered(range(4)), older=older)
        async with aclosing(desk.frames(lines=10)) as frames:
            assert await frames.lines(10) == [f"line {number}" for number in range(-6, 4)]
        assert asked == [6]
        await desk.hub.close()

    asyncio.run(run())


def test_nobody_finds_a_secret_by_asking_for_it() -> None:
    async def run() -> None:
        desk = Desk(b"INFO password=hunter2\n")
        for view in (View(q="hunter2"), View(regex="h.nter2"), View(q="hunter2", ansi=True)):
            async with aclosing(desk.frames(view)) as frames:
                assert not [frame for frame in await frames.until("live") if "lines" in frame]
        await desk.hub.close()

    asyncio.run(run())


def test_colours_do_not_hide_a_secret() -> None:
    async def run() -> None:
        desk = Desk(b"\x1b[1mINFO\x1b[0m ok\npass\x1b[31mword=hun\x1b[0mter2\n")
        async with aclosing(desk.frames(View(ansi=True))) as frames:
            assert await frames.lines(2) == ["\x1b[1mINFO\x1b[0m ok", "password=[redacted]"]
        await desk.hub.close()

    asyncio.run(run())


def test_the_reader_ends_after_the_last_viewer_and_the_next_gets_another() -> None:
    async def run() -> None:
        desk = Desk()
        first, second = desk.frames(), desk.frames(View(q="x"))
        await first.until("live")
        await second.until("live")
        assert len(desk.readers) == 1
        await first.aclose()
        await asyncio.sleep(0.01)
        assert desk.readers[0].running
        await second.aclose()
        await until(lambda: not desk.readers[0].running and desk.hub.reading == 0)
        third = desk.frames()
        await third.until("live")
        assert len(desk.readers) == 2
        await third.aclose()
        await desk.hub.close()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(run())


def test_who_comes_back_soon_finds_the_same_reader() -> None:
    async def run() -> None:
        desk = Desk(linger_s=PATIENCE_S)
        for _ in range(3):
            async with aclosing(desk.frames()) as frames:
                await frames.until("live")
        assert len(desk.readers) == 1
        await desk.hub.close()
        assert not desk.readers[0].running

    asyncio.run(run())


def test_a_reader_that_fails_ends_its_viewers_and_the_next_gets_another(caplog: pytest.LogCaptureFixture) -> None:
    async def run() -> None:
        desk = Desk()
        first = desk.frames()
        await first.until("live")
        desk.readers[0].write(b"last words\n")
        desk.readers[0].script.put_nowait(OSError("the disk is gone"))
        assert await first.until("gone") == [{"lines": ["last words"], "levels": [None]}, {"gone": "the disk is gone"}]
        with pytest.raises(StopAsyncIteration):
            await first.next()
        async with aclosing(desk.frames()) as second:
            await second.until("live")
        assert len(desk.readers) == 2
        await desk.hub.close()

    asyncio.run(run())
    assert [record.getMessage() for record in caplog.records] == [
        "the log api/laravel is not read any more: the disk is gone"
    ]


def test_a_source_without_a_reader_says_why() -> None:
    def refuse(_source: Source) -> ScriptedReader:
        raise OSError("no such container")

    async def run() -> None:
        hub = Hub(refuse, redactor=Redactor(), linger_s=0.0)
        frames = Frames(hub.frames(SOURCE, View(), 10))
        assert (await frames.until("gone"))[1:] == [{"gone": "no such container"}]
        unreachable = Frames(hub.frames(replace(SOURCE, origin=None, reason="a fifo"), View(), 10))
        assert (await unreachable.until("gone"))[1:] == [{"gone": "a fifo"}]
        for one in (frames, unreachable):
            with pytest.raises(StopAsyncIteration):
                await one.next()
        assert hub.reading == 0

    asyncio.run(run())


def test_a_container_that_was_made_anew_gets_a_reader_of_its_own() -> None:
    async def run() -> None:
        desk = Desk()
        first = desk.frames()
        await first.until("live")
        second = desk.frames(source=replace(SOURCE, origin=InEngine("beef"), size=17))
        await second.until("live")
        same = desk.frames(source=replace(SOURCE, size=99))
        await same.until("live")
        assert len(desk.readers) == 2
        for frames in (first, second, same):
            await frames.aclose()
        await desk.hub.close()

    asyncio.run(run())


def test_a_pattern_that_is_none_is_refused() -> None:
    async def run() -> None:
        desk = Desk()
        with pytest.raises(BadPattern, match="regex"):
            await desk.frames(View(regex="(")).next()
        assert desk.readers == []

    asyncio.run(run())


def test_files_are_joined_under_a_flood_through_a_rotation(tmp_path: Path) -> None:
    """The same with the real reader of files, and a writer that is a thread."""
    path, count, rotations = tmp_path / "app.log", torture.times(100_000, 6_000), 2
    path.write_bytes(numbered(range(100)))
    source = replace(SOURCE, origin=InFiles(HostPlace.everything(), str(path)))

    def write() -> None:
        every = count // (rotations + 1)
        for start in range(100, count, 100):
            with path.open("ab") as file:
                file.write(numbered(range(start, start + 100)))
            if start % every < 100 and start > every:
                if (first := tmp_path / "app.log.1").exists():
                    first.rename(tmp_path / "app.log.2")
                path.rename(first)

    async def run() -> None:
        watch = follow.Watch()
        hub = Hub(lambda found: follow.reader(found, engine=None, watch=watch), redactor=Redactor(), linger_s=0.0)
        first = Frames(hub.frames(source, View(), 50))
        before = await first.until("live")
        assert before[1]["lines"] == numbered(range(50, 100)).decode().splitlines()
        looking = asyncio.create_task(first.lines(count - 100))
        await asyncio.to_thread(write)
        assert await looking == numbered(range(100, count)).decode().splitlines()
        late = Frames(hub.frames(source, View(), 3))
        assert await late.lines(3) == numbered(range(count - 3, count)).decode().splitlines()
        await first.aclose()
        await late.aclose()
        await hub.close()

    asyncio.run(run())
