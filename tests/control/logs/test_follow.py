"""Files followed on the loop: rotations in each order, marks, progress bars, what vanishes and comes back."""

from __future__ import annotations

import asyncio
import codecs
import errno
import gzip
import json
import os
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
import torture

from mixdesk_control.logs.follow import Watch, reader
from mixdesk_control.logs.follow.files import FileReader
from mixdesk_control.logs.follow.partial import Partial
from mixdesk_control.logs.follow.tail import Tail
from mixdesk_control.logs.inotify import Inotify
from mixdesk_control.logs.piece import CONTINUED, RECREATED, RENAMED, TRUNCATED, Mark, Piece
from mixdesk_control.logs.places import HostPlace
from mixdesk_control.logs.source import APPLICATION, DOCKER_JSON, PLAIN, InFiles, Source

LIMIT_S = 60.0


def source(path: Path, pattern: str | None = None, layout: str = PLAIN, place: HostPlace | None = None) -> Source:
    origin = InFiles(place or HostPlace.everything(), str(path), layout=layout, pattern=pattern)
    return Source(service="api", id="app", kind=APPLICATION, origin=origin)


def no_inotify() -> Inotify:
    raise OSError(errno.EMFILE, "too many instances")


@dataclass
class Seen:
    """What a reader has handed out so far."""

    mark: Callable[[], Mark]
    pieces: list[Piece] = field(default_factory=list)
    came: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def text(self) -> str:
        return b"".join(piece.lines for piece in self.pieces).decode()

    @property
    def rotated(self) -> list[str]:
        return [piece.rotated for piece in self.pieces if piece.rotated]

    @property
    def gone(self) -> list[str]:
        return [piece.gone for piece in self.pieces if piece.gone]

    async def until(self, holds: Callable[[Seen], object]) -> None:
        async with asyncio.timeout(LIMIT_S):
            while not holds(self):
                self.came.clear()
                await self.came.wait()


@asynccontextmanager
async def following(
    one: Source, watch: Watch | None = None, **more: Callable[[], Source | None]
) -> AsyncIterator[Seen]:
    """From the first piece on."""
    made = reader(one, engine=None, watch=watch, **more)
    seen = Seen(made.mark)
    begun = asyncio.Event()

    async def follow() -> None:
        async with aclosing(made.pieces()) as pieces:
            assert await anext(pieces) == Piece()
            begun.set()
            async for piece in pieces:
                seen.pieces.append(piece)
                seen.came.set()

    task = asyncio.create_task(follow())
    await begun.wait()
    try:
        yield seen
        assert not task.done(), task.exception()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def run(work: Awaitable[None]) -> None:
    """Afterwards no file is open that was not before."""

    async def whole() -> None:
        await asyncio.wait_for(work, 3 * LIMIT_S)

    before = open_files()
    asyncio.run(whole())
    deadline = time.monotonic() + LIMIT_S
    while open_files() > before:  # a step in a thread lets go of its files when it has ended
        assert time.monotonic() < deadline, sorted(Path("/proc/self/fd").iterdir())
        time.sleep(0.01)


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def append(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "logs" / "app.log"
    path.parent.mkdir()
    path.write_text("old 1\nold 2\n")
    return path


def test_only_what_comes_after_the_beginning(log: Path) -> None:
    async def work() -> None:
        append(log, "half ")
        async with following(source(log)) as seen:
            append(log, "a line\nand ")
            await seen.until(lambda seen: seen.text == "half a line\n")
            append(log, "more\n")
            await seen.until(lambda seen: seen.text == "half a line\nand more\n")
            assert seen.mark().last(3) == b"old 2\nhalf a line\nand more\n"

    run(work())


def test_what_a_mark_knows_of_a_line_without_end(log: Path) -> None:
    async def work() -> None:
        append(log, "last wor")
        async with following(source(log)) as seen:
            mark = seen.mark()
            assert mark.rest() == b"last wor"
            append(log, "ds\nand ")
            assert mark.rest() == b"", "it has an end now: it comes with the lines"
            mark.close()
            await seen.until(lambda seen: seen.text == "last words\n")
            mark = seen.mark()
            assert mark.rest() == b"and "
            log.write_text("another\nfile, longer than the one before it\nand ")
            assert mark.rest() == b""
            mark.close()

    run(work())


def test_a_new_file_each_day_goes_on(log: Path) -> None:
    async def work() -> None:
        first, second = (log.with_name(f"daily-2026-11-{day}.log") for day in (29, 30))
        first.write_text("old\n")
        async with following(source(first, pattern="daily-*.log")) as seen:
            append(first, "29th\n")
            second.write_text("30th\n")
            await seen.until(lambda seen: seen.text == "29th\n30th\n")
            assert seen.rotated == [CONTINUED]

    run(work())


def test_renamed_while_the_writer_still_writes_to_the_old_one(log: Path) -> None:
    async def work() -> None:
        with log.open("a") as old:
            async with following(source(log)) as seen:
                log.rename(f"{log}.1")
                log.write_text("new 1\n")
                await seen.until(lambda seen: "new 1\n" in seen.text)
                old.write("late\n")
                old.flush()
                await seen.until(lambda seen: "late\n" in seen.text)
                append(log, "new 2\n")
                await seen.until(lambda seen: seen.text == "new 1\nlate\nnew 2\n")
                assert seen.rotated == [RENAMED]

    run(work())


@pytest.mark.parametrize("compressed", [False, True])
def test_rotated_twice_unseen(log: Path, compressed: bool) -> None:
    """Nothing is told: all is found by one look."""

    async def work() -> None:
        watch = Watch(look_s=1e6, instance=no_inotify)
        tail = Tail(InFiles(HostPlace.everything(), str(log)))
        seen = FileReader(tail, watch)
        async with aclosing(seen.pieces()) as pieces:
            await anext(pieces)
            append(log, "first file\n")
            log.rename(f"{log}.1")
            log.write_text("second file\n")
            Path(f"{log}.1").rename(f"{log}.2")
            if compressed:
                Path(f"{log}.1.gz").write_bytes(gzip.compress(log.read_bytes()))
                log.unlink()
            else:
                log.rename(f"{log}.1")
            log.write_text("third file\n")
            found = [await anext(pieces) for _ in range(3)]
            assert [piece.lines for piece in found] == [b"first file\n", b"second file\n", b"third file\n"]

    run(work())


def test_copied_and_cut_and_grown_past_its_size(log: Path) -> None:
    async def work() -> None:
        async with following(source(log), Watch(look_s=0.05, instance=no_inotify)) as seen:
            for turn in range(3):
                append(log, f"unseen {turn}\n")
                shutil.copy(log, f"{log}.{9 - turn}")
                log.write_text(f"turn {turn} " + "x" * 3000 * (turn + 1) + "\n")
                await seen.until(lambda seen, turn=turn: f"turn {turn} " in seen.text)
            assert [line[:8] for line in seen.text.splitlines()] == [
                *("unseen 0", "turn 0 x", "unseen 1", "turn 1 x", "unseen 2", "turn 2 x")
            ]
            assert seen.rotated == [TRUNCATED] * 3

    run(work())


def test_copied_and_cut_before_a_line_was_seen(log: Path) -> None:
    """A file from whose beginning nothing has been read yet cannot be known again by its beginning."""

    async def work() -> None:
        log.write_text("")
        async with aclosing(reader(source(log), engine=None, watch=Watch(1e6, no_inotify)).pieces()) as pieces:
            await anext(pieces)
            log.write_text("in the copy alone\n")
            shutil.copy(log, f"{log}.1")
            log.write_text("and then this\n")
            assert (await anext(pieces)).lines == b"in the copy alone\n"
            assert (await anext(pieces)).lines == b"and then this\n"

    run(work())


def test_a_copy_that_is_made_just_now_is_not_read(log: Path) -> None:
    async def work() -> None:
        log.write_text("")
        async with following(source(log), Watch(0.05, no_inotify)) as seen:
            append(log, "line\n")
            shutil.copy(log, f"{log}.1")
            await seen.until(lambda seen: seen.text)
            append(log, "more\n")
            await seen.until(lambda seen: seen.text == "line\nmore\n")

    run(work())


def test_cut_without_a_copy(log: Path) -> None:
    async def work() -> None:
        async with following(source(log)) as seen:
            append(log, "no end")
            await seen.until(lambda seen: seen.pieces)
            assert seen.pieces[0].partial == b"no end"
            log.write_text("anew\n")
            await seen.until(lambda seen: seen.text == "no end\nanew\n")

    run(work())


def test_a_writer_that_goes_on_where_it_was_leaves_a_hole(log: Path) -> None:
    async def work() -> None:
        with log.open("r+") as writer:
            writer.seek(0, os.SEEK_END)
            async with following(source(log)) as seen:
                os.truncate(log, 0)
                writer.write("after the hole\n")
                writer.flush()
                await seen.until(lambda seen: seen.text == "after the hole\n")

    run(work())


def test_the_very_inode_is_used_again(log: Path) -> None:
    chance = torture.chance()

    async def work() -> None:
        async with following(source(log), Watch(0.05)) as seen:
            for turn in range(5):
                before = len(seen.text)
                log.unlink()
                if chance.random() < 0.5:
                    await asyncio.sleep(0.01)
                log.write_text(f"turn {turn}\n")
                await seen.until(lambda seen, before=before: len(seen.text) > before)
            assert seen.text == "".join(f"turn {turn}\n" for turn in range(5))
            assert set(seen.rotated) == {RECREATED}

    run(work())


def test_an_older_file_has_the_inode_of_one_that_was_read(log: Path) -> None:
    """Only a file that the reader does not hold can have its number again: one that was rotated before it came."""
    first, second = Path(f"{log}.1"), Path(f"{log}.2")

    async def work() -> None:
        first.write_text("read long ago\n")
        number = first.stat().st_ino
        tail = Tail(InFiles(HostPlace.everything(), str(log)))
        async with aclosing(FileReader(tail, Watch(1e6, no_inotify)).pieces()) as pieces:
            await anext(pieces)
            first.unlink()
            log.rename(second)
            if not made_with_inode(first, number):
                pytest.skip("this file system does not use the numbers of inodes again at once")
            first.write_text("never read\n")
            log.write_text("new\n")
            assert (await anext(pieces)).lines == b"never read\n"
            assert (await anext(pieces)).lines == b"new\n"

    run(work())


def made_with_inode(path: Path, number: int) -> bool:
    """Whether a file of this number could be made."""
    for attempt in range(200):
        path.touch()
        if path.stat().st_ino == number:
            return True
        path.rename(path.with_name(f"unused{attempt}"))
    return False


def test_not_there_yet_and_its_folder_neither(tmp_path: Path) -> None:
    log = tmp_path / "a" / "b" / "app.log"

    async def work() -> None:
        async with following(source(log), Watch(0.05)) as seen:
            await seen.until(lambda seen: seen.gone == [f"{log} is not there"])
            assert seen.mark().last(5) == b""
            log.parent.mkdir(parents=True)
            log.write_text("here\n")
            await seen.until(lambda seen: seen.text == "here\n")
            shutil.rmtree(log.parent)
            await seen.until(lambda seen: len(seen.gone) == 2)
            log.parent.mkdir()
            log.write_text("again\n")
            await seen.until(lambda seen: seen.text == "here\nagain\n")
            append(log, "and again\n")
            await seen.until(lambda seen: seen.text == "here\nagain\nand again\n")
            assert seen.rotated == [RECREATED]

    run(work())


def test_a_folder_is_replaced_under_the_same_name(log: Path) -> None:
    async def work() -> None:
        async with following(source(log)) as seen:
            log.parent.rename(log.parent.with_name("away"))
            log.parent.mkdir()
            log.write_text("other folder\n")
            await seen.until(lambda seen: seen.text == "other folder\n")

    run(work())


def test_a_folder_in_its_place_and_back(log: Path) -> None:
    async def work() -> None:
        async with following(source(log), Watch(0.05)) as seen:
            log.unlink()
            log.mkdir()
            await seen.until(lambda seen: any("is a folder" in reason for reason in seen.gone))
            log.rmdir()
            os.mkfifo(log)
            await seen.until(lambda seen: any("is a fifo" in reason for reason in seen.gone))
            log.unlink()
            log.write_text("back\n")
            await seen.until(lambda seen: seen.text == "back\n")

    run(work())


def test_a_new_day(tmp_path: Path) -> None:
    first, second, third = (tmp_path / f"laravel-2026-11-0{day}.log" for day in (1, 2, 3))
    first.write_text("day 1\n")

    async def work() -> None:
        with first.open("a") as old:
            async with following(source(first, pattern="laravel-*.log")) as seen:
                second.write_text("day 2\n")
                await seen.until(lambda seen: seen.text == "day 2\n")
                old.write("still day 1\n")
                old.flush()
                await seen.until(lambda seen: seen.text == "day 2\nstill day 1\n")
                third.write_text("day 3\n")
                await seen.until(lambda seen: seen.text == "day 2\nstill day 1\nday 3\n")

    run(work())


def test_a_link_to_another_folder(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "links").mkdir()
    link = tmp_path / "links" / "app.log"
    one, two = tmp_path / "real" / "1", tmp_path / "real" / "2"
    one.write_text("")
    two.write_text("")
    link.symlink_to("../real/1")

    async def work() -> None:
        place = HostPlace((("/", str(tmp_path)),))
        async with following(source(Path("/links/app.log"), place=place), Watch(0.05)) as seen:
            append(one, "one\n")
            await seen.until(lambda seen: seen.text == "one\n")
            two.write_text("two\n")
            (tmp_path / "links" / "new").symlink_to("../real/2")
            (tmp_path / "links" / "new").rename(link)
            await seen.until(lambda seen: seen.text == "one\ntwo\n")

    run(work())


def test_a_container_made_anew(tmp_path: Path) -> None:
    for name in ("before", "after"):
        (tmp_path / name).mkdir()
    (tmp_path / "before/app.log").write_text("old\n")
    where = [source(Path("/app.log"), place=HostPlace((("/", str(tmp_path / "before")),)))]

    async def work() -> None:
        async with following(where[0], Watch(0.05), locate=lambda: where[-1]) as seen:
            append(tmp_path / "before/app.log", "last words\n")
            (tmp_path / "after/app.log").write_text("of the new one\n")
            where.append(source(Path("/app.log"), place=HostPlace((("/", str(tmp_path / "after")),))))
            await seen.until(lambda seen: "of the new one\n" in seen.text)
            assert seen.text == "last words\nof the new one\n"

    run(work())


def test_the_same_file_by_another_way(tmp_path: Path, log: Path) -> None:
    """A container that was started again: the same file below another root."""
    where = [source(Path("/logs/app.log"), place=HostPlace((("/", str(tmp_path)),)))]

    async def work() -> None:
        async with following(where[0], Watch(0.05), locate=lambda: where[-1]) as seen:
            append(log, "one\n")
            await seen.until(lambda seen: seen.text)
            shutil.copytree(log.parent, tmp_path / "copy" / "logs")
            append(tmp_path / "copy/logs/app.log", "two\n")
            where.append(source(Path("/logs/app.log"), place=HostPlace((("/", str(tmp_path / "copy")),))))
            await seen.until(lambda seen: seen.text == "one\ntwo\n")
            assert seen.rotated == []

    run(work())


def test_a_progress_bar(log: Path) -> None:
    async def work() -> None:
        async with following(source(log)) as seen:
            append(log, "\r 10%|#    |")
            await seen.until(lambda seen: seen.pieces)
            append(log, "\r 20%|##   |")
            await seen.until(lambda seen: (seen.pieces[-1].partial or b"").endswith(b"20%|##   |"))
            append(log, "\r100%|#####|\ndone\n")
            await seen.until(lambda seen: seen.text.endswith("done\n"))

    run(work())


def test_when_an_unfinished_line_is_shown() -> None:
    partial = Partial()
    assert partial.due(b"", 0.0) is None
    assert partial.due(b"prompt> ", 10.0) == 2.0
    assert partial.due(b"prompt> ", 11.5) == 0.5
    assert partial.due(b"\r1%", 12.0) == 0.0
    partial.show(b"\r1%", 12.0)
    assert partial.due(b"\r1%", 12.0) is None
    assert partial.due(b"\r2%", 12.05) == pytest.approx(0.15)


def test_utf_16_as_it_grows(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_bytes(codecs.BOM_UTF16_LE + "alt\r\n".encode("utf-16-le"))

    async def work() -> None:
        async with following(source(log)) as seen:
            for byte in "größe ✓\r\n".encode("utf-16-le"):
                with log.open("ab") as file:
                    file.write(bytes([byte]))
            await seen.until(lambda seen: seen.text == "größe ✓\n")
            assert seen.mark().last(9).decode() == "alt\ngröße ✓\n"

    run(work())


def test_json_of_the_engine_as_it_grows_and_is_rotated(tmp_path: Path) -> None:
    log = tmp_path / "abc-json.log"

    def entry(text: str) -> str:
        return json.dumps({"log": text, "stream": "stdout", "time": "2026-11-01T00:00:00Z"}) + "\n"

    log.write_text(entry("old\n") + entry("begun "))

    async def work() -> None:
        async with following(source(log, layout=DOCKER_JSON)) as seen:
            assert seen.mark().last(5) == b"old\n"
            append(log, entry("long "))
            log.rename(f"{log}.1")
            append(Path(f"{log}.1"), entry("line\n"))
            log.write_text(entry("new\n"))
            await seen.until(lambda seen: seen.text == "begun long line\nnew\n")
            assert seen.mark().last(5) == b"new\n"

    run(work())


def test_those_who_join_a_flood_miss_nothing(log: Path) -> None:
    """Lines before a mark and lines from it on are all lines, whenever it is taken."""
    chance = torture.chance()
    count = torture.times(200_000, 20_000)
    whole = "".join(f"line {number}\n" for number in range(count))

    async def work() -> None:
        log.write_text("")
        async with following(source(log)) as seen:
            marks: list[tuple[int, Mark]] = []
            at = 0
            while at < len(whole):
                step = chance.randrange(1, 20_000)
                append(log, whole[at : at + step])
                at += step
                await asyncio.sleep(0)
                if chance.random() < 0.3:
                    marks.append((len(seen.text), seen.mark()))
            await seen.until(lambda seen: len(seen.text) == len(whole))
            assert seen.text == whole
            for position, mark in marks:
                lines = chance.randrange(1, 500)
                assert mark.last(lines).decode() == "".join(whole[:position].splitlines(keepends=True)[-lines:])

    run(work())


def test_many_readers_of_many_files_share_one_watch(tmp_path: Path) -> None:
    logs = [tmp_path / f"app{number}.log" for number in range(20)]

    async def work() -> None:
        watch = Watch()
        for log in logs:
            log.write_text("")
        pairs = [(log, following(source(log), watch)) for log in logs for _ in range(3)]
        entered = [(log, one, await one.__aenter__()) for log, one in pairs]
        for log in logs:
            append(log, f"{log.name}\n")
        for log, one, seen in entered:
            await seen.until(lambda seen, log=log: seen.text == f"{log.name}\n")
            await one.__aexit__(None, None, None)

    run(work())


def test_without_notices_it_is_said_once(log: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def work() -> None:
        watch = Watch(0.05, no_inotify)
        async with following(source(log), watch) as one, following(source(log), watch) as two:
            append(log, "seen all the same\n")
            await one.until(lambda seen: seen.text)
            await two.until(lambda seen: seen.text)

    run(work())
    assert [record.message.count("max_user_instances") for record in caplog.records] == [1]


def test_copies_of_a_place_that_cannot_be_followed(log: Path) -> None:
    async def work() -> None:
        async with following(source(log, place=CopyingPlace((("/", "/"),))), Watch(0.02)) as seen:
            append(log, "one\nno end")
            await seen.until(lambda seen: seen.text == "one\n")
            assert seen.mark().last(2) == b"old 2\none\n"
            append(log, " yet\n")
            await seen.until(lambda seen: seen.text == "one\nno end yet\n")
            log.write_text("cut\n")
            await seen.until(lambda seen: seen.text == "one\nno end yet\ncut\n")
            assert seen.rotated == [TRUNCATED]
            log.unlink()
            await seen.until(lambda seen: seen.gone == [f"{log} is not there"])

    run(work())


@dataclass(frozen=True)
class CopyingPlace(HostPlace):
    """Hands out copies, as the engine does."""

    @property
    def can_follow(self) -> bool:
        return False

    def open(self, path: str) -> int:
        content = Path(path).read_bytes()
        copy = os.memfd_create("copy")
        os.write(copy, content)
        return copy


def test_nobody_knows_where_it_is() -> None:
    nowhere = replace(source(Path("/app.log")), origin=None, reason="no engine")
    with pytest.raises(ValueError, match="log api/app cannot be read: no engine"):
        reader(nowhere, engine=None)
