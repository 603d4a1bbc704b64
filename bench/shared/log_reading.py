"""What bench/logs.py measures of reading: from an append to the piece, catching up, the last lines, doing nothing."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

from mixdesk_control.logs.files import backwards
from mixdesk_control.logs.follow import Watch, reader
from mixdesk_control.logs.piece import Piece
from mixdesk_control.logs.places import HostPlace
from mixdesk_control.logs.source import APPLICATION, PLAIN, InFiles, Source


def source(path: Path, layout: str = PLAIN) -> Source:
    """A file of this host as a source."""
    origin = InFiles(HostPlace.everything(), str(path), layout=layout)
    return Source(service="bench", id=path.name, kind=APPLICATION, origin=origin)


@asynccontextmanager
async def _read(path: Path, watch: Watch | None = None) -> AsyncIterator[AsyncGenerator[Piece]]:
    async with aclosing(reader(source(path), engine=None, watch=watch).pieces()) as pieces:
        await anext(pieces)
        yield pieces


async def latencies(path: Path, lines: int = 1000, every_s: float = 0.004) -> list[float]:
    """Seconds from each append to its piece, in the order of the lines. The file is made anew."""
    path.write_text("")  # noqa: ASYNC240 - nothing else runs on this loop
    written: list[float] = []

    async def write() -> None:
        with path.open("ab", buffering=0) as file:
            for number in range(lines):
                written.append(time.perf_counter())
                file.write(b"line %d\n" % number)
                await asyncio.sleep(every_s)

    found: list[float] = []
    async with _read(path) as pieces:
        writer = asyncio.create_task(write())
        async for piece in pieces:
            now = time.perf_counter()
            found += [now - written[len(found) + at] for at in range(piece.lines.count(b"\n"))]
            if len(found) == lines:
                break
        await writer
    return found


async def catch_up(path: Path, content: bytes) -> tuple[int, float]:
    """Lines, and seconds until a reader has handed all of them out that came at once. The file is made anew."""
    path.write_bytes(b"")  # noqa: ASYNC240 - nothing else runs on this loop
    lines = 0
    async with _read(path) as pieces:
        path.write_bytes(content)  # noqa: ASYNC240
        begin = time.perf_counter()
        wanted = content.count(b"\n")
        async for piece in pieces:
            lines += piece.lines.count(b"\n")
            if lines >= wanted:
                break
        return lines, time.perf_counter() - begin


def last_lines(path: Path, lines: int = 1000) -> float:
    """Seconds for the last lines of a file, opened for it."""
    begin = time.perf_counter()
    fd = os.open(path, os.O_RDONLY)
    try:
        found = backwards.last_lines(fd, lines)
    finally:
        os.close(fd)
    spent = time.perf_counter() - begin
    assert found.count(b"\n") == lines
    return spent


async def idle(paths: list[Path], seconds: float) -> float:
    """The share of a core that readers of these files take while nothing is written."""
    watch = Watch()
    readers = [reader(source(path), engine=None, watch=watch).pieces() for path in paths]
    for pieces in readers:
        await anext(pieces)
    waiting = [asyncio.ensure_future(anext(pieces)) for pieces in readers]
    await asyncio.sleep(1.0)
    before = time.process_time()
    await asyncio.sleep(seconds)
    spent = time.process_time() - before
    for one in waiting:
        one.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    for pieces in readers:
        await pieces.aclose()
    return spent / seconds
