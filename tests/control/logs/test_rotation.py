"""A log that is written at full speed and rotated in every way: no line is lost, doubled or torn."""

from __future__ import annotations

import asyncio
import sys
from contextlib import aclosing
from pathlib import Path

import log_writers
import pytest
import torture
from log_writers import MODES, NAME, NEVER, REGROW, line

from mixdesk_control.logs.follow import reader
from mixdesk_control.logs.piece import Piece
from mixdesk_control.logs.places import HostPlace
from mixdesk_control.logs.source import APPLICATION, InFiles, Source

LINES = 20_000
LIMIT_S = 120.0


def source(folder: Path, name: str = NAME) -> Source:
    origin = InFiles(HostPlace.everything(), str(folder / name), pattern=name)
    return Source(service="api", id="app", kind=APPLICATION, origin=origin)


async def followed(folder: Path, mode: str, seed: int) -> tuple[list[bytes], set[str]]:
    """All lines that the reader hands out until the writer's last one is there; how it was rotated."""
    lines: list[bytes] = []
    rotated: set[str] = set()
    written: int | None = None
    acknowledged = folder.with_name(folder.name + ".ack")
    (folder / NAME).touch()
    async with asyncio.timeout(LIMIT_S), aclosing(reader(source(folder), engine=None).pieces()) as pieces:
        assert await anext(pieces) == Piece()
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            log_writers.__file__,
            str(folder),
            mode,
            str(seed),
            str(LINES // 4 if mode == REGROW else LINES),
            stdout=-1,
        )
        ended = asyncio.create_task(process.communicate())
        upcoming = asyncio.ensure_future(anext(pieces))
        while written is None or len(lines) < written:
            await asyncio.wait({upcoming} | ({ended} if written is None else set()), return_when="FIRST_COMPLETED")
            if ended.done() and written is None:
                assert process.returncode == 0
                written = int(ended.result()[0])
            if upcoming.done():
                piece = upcoming.result()
                rotated |= {piece.rotated} if piece.rotated else set()
                lines += piece.lines.splitlines(keepends=True)
                if piece.lines:
                    acknowledged.write_text(str(max(number_of(one) for one in piece.lines.splitlines())))
                upcoming = asyncio.ensure_future(anext(pieces))
        upcoming.cancel()
        await asyncio.gather(upcoming, return_exceptions=True)
    return lines, rotated


def number_of(text: bytes) -> int:
    return int(text[:8]) if text[:8].isdigit() else -1


def differences(lines: list[bytes]) -> str:
    """What is wrong, for people; empty where nothing is."""
    numbers = [number_of(one) for one in lines]
    torn = [one for one, number in zip(lines, numbers, strict=True) if number < 0 or one != line(number)]
    missing = sorted(set(range(max(numbers, default=0) + 1)) - set(numbers))
    doubled = len(numbers) - len(set(numbers))
    if not (torn or missing or doubled):
        return ""
    return f"torn {torn[:3]}, lost {len(missing)}: {missing[:5]}..{missing[-3:]}, doubled {doubled}"


@pytest.mark.process
@pytest.mark.parametrize("mode", MODES)
def test_nothing_is_lost_doubled_or_torn(tmp_path: Path, mode: str) -> None:
    chance = torture.chance()
    for attempt in range(torture.times(20, 2)):
        folder = tmp_path / str(attempt)
        folder.mkdir()
        seed = chance.randrange(1 << 30)
        lines, rotated = asyncio.run(followed(folder, mode, seed))
        assert differences(lines) == "", f"mode {mode}, seed {seed}"
        assert rotated


@pytest.mark.process
def test_a_writer_that_is_killed_in_the_middle_of_a_line(tmp_path: Path) -> None:
    """What it has left is the beginning of the next writer's line, for everybody who reads the file."""
    folder = tmp_path / "logs"
    folder.mkdir()
    log = folder / NAME
    log.touch()

    async def work() -> bytes:
        found = bytearray()
        async with asyncio.timeout(LIMIT_S), aclosing(reader(source(folder), engine=None).pieces()) as pieces:
            await anext(pieces)
            process = await asyncio.create_subprocess_exec(
                sys.executable, log_writers.__file__, str(folder), NEVER, str(torture.chance().random())[2:], "9999999"
            )
            async for piece in pieces:
                found += piece.lines
                if len(found) > 1 << 20 and process.returncode is None:
                    process.kill()
                    await process.wait()
                    with log.open("ab") as file:
                        file.write(b"killed in the middle of a line, perhaps\nand the end\n")
                if found.endswith(b"and the end\n"):
                    break
        return bytes(found)

    assert asyncio.run(work()) == log.read_bytes()
