"""Output of containers on a real engine, followed through its own rotation, restarts, and containers made anew."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import aclosing, asynccontextmanager, contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from docker_engine import DockerEngine

from mixdesk_control.docker_engine.engine import Engine
from mixdesk_control.logs.follow import messages, reader
from mixdesk_control.logs.follow.messages import Assembled, Message
from mixdesk_control.logs.follow.seen import MOST, Seen, seconds
from mixdesk_control.logs.piece import RECREATED, Mark, Piece
from mixdesk_control.logs.places import HostPlace
from mixdesk_control.logs.source import DOCKER_JSON, STDOUT, InEngine, InFiles, Source

LIMIT_S = 90.0
COUNT = "n=0; while :; do n=$((n+1)); echo line $n; busybox usleep 2000; done"


def source(container: str, **more: Any) -> Source:
    return Source(service="api", id="stdout", kind=STDOUT, origin=InEngine(container, **more))


@contextmanager
def container(engine: DockerEngine, script: str, *options: str) -> Iterator[str]:
    made = engine.run(f"follow-{uuid.uuid4().hex[:8]}", script, *options)
    try:
        yield made
    finally:
        engine.docker("rm", "--force", made)


class Output:
    """What a reader has handed out so far."""

    def __init__(self, mark: Callable[[], Mark]) -> None:
        self.mark, self.pieces, self.came = mark, list[Piece](), asyncio.Event()

    @property
    def lines(self) -> list[str]:
        return b"".join(piece.lines for piece in self.pieces).decode().splitlines()

    @property
    def gone(self) -> list[str]:
        return [piece.gone for piece in self.pieces if piece.gone]

    async def until(self, holds: Callable[[Output], object]) -> None:
        async with asyncio.timeout(LIMIT_S):
            while not holds(self):
                self.came.clear()
                await self.came.wait()


@asynccontextmanager
async def following(one: Source, engine: DockerEngine, **more: Any) -> AsyncIterator[Output]:
    made = reader(one, engine=Engine(engine.socket), **more)
    output, begun = Output(made.mark), asyncio.Event()

    async def follow() -> None:
        async with aclosing(made.pieces()) as pieces:
            assert await anext(pieces) == Piece()
            begun.set()
            async for piece in pieces:
                output.pieces.append(piece)
                output.came.set()

    task = asyncio.create_task(follow())
    await begun.wait()
    try:
        yield output
        assert not task.done(), task.exception()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def run(work: Awaitable[None]) -> None:
    asyncio.run(asyncio.wait_for(work, 170))


def said(engine: DockerEngine, container: str) -> list[str]:
    return engine.docker("logs", container).splitlines()


async def in_thread(call: Callable[..., Any], *arguments: Any) -> Any:
    return await asyncio.to_thread(call, *arguments)


@pytest.mark.process
@pytest.mark.parametrize("options", [(), ("--log-driver", "local"), ("--tty",)])
def test_output_through_stops_and_starts(docker_engine: DockerEngine, options: tuple[str, ...]) -> None:
    async def work(made: str) -> None:
        async with following(source(made, terminal="--tty" in options), docker_engine) as output:
            await output.until(lambda output: len(output.lines) > 50)
            mark, before = output.mark(), output.lines[-1]
            await in_thread(docker_engine.docker, "restart", "--time", "0", made)
            count = len(output.lines)
            await output.until(lambda output: len(output.lines) > count + 50)
            await in_thread(docker_engine.docker, "stop", "--time", "0", made)
            whole = await in_thread(said, docker_engine, made)
            await output.until(lambda output: output.lines == whole[-len(output.lines) :])
            await output.until(lambda output: "the container does not run" in output.gone)
            at = len(whole) - len(output.lines) + output.lines.index(before) + 1
            found = await in_thread(lambda: mark.last(20))
            assert found.decode().splitlines() == whole[max(0, at - 20) : at]

    with container(docker_engine, COUNT, *options) as made:
        run(work(made))


@pytest.mark.process
def test_the_engine_ends_and_is_started_again(tmp_path: Path) -> None:
    engine = DockerEngine(tmp_path)

    async def work() -> None:
        made = await in_thread(engine.run, "one", COUNT)
        async with following(source(made), engine) as output:
            await output.until(lambda output: len(output.lines) > 20)
            await in_thread(engine.kill)
            await output.until(lambda output: output.gone)
            await in_thread(engine.start)
            await in_thread(engine.docker, "restart", "--time", "0", made)
            count = len(output.lines)
            await output.until(lambda output: len(output.lines) > count + 20)
            await in_thread(engine.docker, "stop", "--time", "0", made)
            whole = await in_thread(said, engine, made)
            await output.until(lambda output: output.lines == whole[-len(output.lines) :])

    try:
        engine.start()
        engine.make_image()
        run(work())
    finally:
        engine.close()


@pytest.mark.process
def test_a_container_made_anew(docker_engine: DockerEngine) -> None:
    name = f"anew-{uuid.uuid4().hex[:8]}"
    where: list[Source] = []

    async def work() -> None:
        made = await in_thread(docker_engine.run, name, "echo a; sleep 1; echo b")
        where.append(source(made))
        async with following(where[0], docker_engine, locate=lambda: where[-1]) as output:
            await in_thread(docker_engine.docker, "wait", made)
            await output.until(lambda output: "the container does not run" in output.gone)
            await in_thread(docker_engine.docker, "rm", made)
            await output.until(lambda output: "the container has been removed" in output.gone)
            where.append(source(await in_thread(docker_engine.run, name, "echo c; sleep 1; echo d")))
            await output.until(lambda output: output.lines[-2:] == ["c", "d"])
            assert output.lines in (["a", "b", "c", "d"], ["b", "c", "d"])
            assert [piece.rotated for piece in output.pieces if piece.rotated] == [RECREATED]

    try:
        run(work())
    finally:
        docker_engine.docker("rm", "--force", name)


@pytest.mark.process
def test_a_driver_that_cannot_be_read(docker_engine: DockerEngine) -> None:
    async def work(made: str) -> None:
        async with following(source(made), docker_engine) as output:
            await output.until(lambda output: output.gone)
            assert output.gone[0].startswith("the container's log driver cannot be read: ")
            assert output.mark().last(5) == b""

    with container(docker_engine, COUNT, "--log-driver", "none") as made:
        run(work(made))


@pytest.mark.process
@pytest.mark.parametrize("compress", ["false", "true"])
def test_the_engine_rotates_its_own_files(docker_engine: DockerEngine, compress: str) -> None:
    pauses = "[ $((n % 50)) = 0 ] && busybox usleep 1000"
    script = f"sleep 1; n=0; while [ $n -lt 4000 ]; do n=$((n+1)); echo line $n; {pauses}; done"
    limits = ("--log-opt", "max-size=20k", "--log-opt", "max-file=60", "--log-opt", f"compress={compress}")

    async def work(made: str) -> None:
        path = docker_engine.docker("inspect", "--format", "{{.LogPath}}", made)
        origin = InFiles(HostPlace.everything(), path, layout=DOCKER_JSON, pattern=Path(path).name)
        one = Source(service="api", id="stdout", kind=STDOUT, origin=origin)
        async with following(one, docker_engine) as output:
            await output.until(lambda output: len(output.lines) >= 4000)
            assert disorder(output.lines) == []
            assert any(piece.rotated for piece in output.pieces)

    with container(docker_engine, script, *limits) as made:
        run(work(made))


def disorder(lines: list[str]) -> list[tuple[str, str]]:
    """Neighbours that are none."""
    numbers = [int(line.removeprefix("line ")) for line in ["line 0", *lines]]
    return [(f"{one}", f"{two}") for one, two in pairwise(numbers) if two != one + 1]


def frame(stream: int, content: str) -> bytes:
    raw = content.encode()
    return bytes([stream, 0, 0, 0]) + len(raw).to_bytes(4, "big") + raw


def stamp(number: int) -> str:
    return f"2026-11-01T12:{number // 60:02}:{number % 60:02}.000000001Z"


def test_frames_in_pieces_of_any_size() -> None:
    raw = (
        frame(1, f"{stamp(1)} begin ") + frame(2, f"{stamp(2)} error\n") + frame(1, f"{stamp(3)} end\n") + frame(1, "x")
    )
    for size in (1, 3, 7, 1000):
        pieces = [raw[at : at + size] for at in range(0, len(raw), size)]
        found = [message for some in messages.framed(pieces) for message in some]
        assert found[0] == Message(stamp(1), 1, b"begin ")
        assembled = Assembled()
        assert assembled.feed(found) == b"error\nbegin end\n"
        assert assembled.end() == b"x\n"


def test_a_frame_of_a_gigabyte_takes_no_memory() -> None:
    head = bytes([1, 0, 0, 0]) + (1 << 26).to_bytes(4, "big")
    pieces = (head if number == 0 else b"y" * (1 << 20) for number in range(65))
    found = [message for some in messages.framed(pieces) for message in some]
    assert len(found) == 1
    assert len(found[0].text) <= messages.MOST + (1 << 20)


def test_a_terminal_has_no_frames() -> None:
    raw = f"{stamp(1)} 1%\r2%\r\n{stamp(2)} end\r\n{stamp(3)} not ye".encode()
    for size in (1, 5, 1000):
        found = [one for some in messages.plain(raw[at : at + size] for at in range(0, len(raw), size)) for one in some]
        assert found == [Message(stamp(1), 0, b"1%\r2%\n"), Message(stamp(2), 0, b"end\n")]


def test_what_is_sent_again_is_left_out() -> None:
    sent = [Message(stamp(number), number % 2 + 1, b"%d\n" % (number // 3)) for number in range(3000)]
    seen = Seen()
    assert seen.since() is None
    assert seen.new(sent[:1000]) == sent[:1000]
    assert seen.since() is None
    assert seen.new(sent[:2000]) == sent[1000:2000]
    seen.starts_late()
    since = seen.since()
    assert since is not None
    again = [message for message in sent if message.time >= stamp(1000)]
    assert seen.new(again) == sent[2000:]


def test_equal_messages_of_one_moment_are_counted() -> None:
    same = Message(stamp(1), 1, b"same\n")
    seen = Seen()
    seen.new([same, same])
    seen.since()
    assert seen.new([same, same, same]) == [same]


def test_more_than_are_remembered() -> None:
    sent = [Message(f"2026-11-01T12:00:00.{number:09}Z", 1, b"%d\n" % number) for number in range(0, 10**9, 10**5)]
    seen = Seen()
    seen.new(sent[:9000])
    since = seen.since()
    middle = 9000 - MOST // 2
    assert since is not None
    assert 0 < seconds(sent[middle].time) - since < 1e-3
    assert seen.new(sent[middle - 1 :]) == sent[9000:]
