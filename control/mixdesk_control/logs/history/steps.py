"""One source searched backwards in time, a step at a time, so that many can be searched as one."""

from __future__ import annotations

import contextlib
import math
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass

from mixdesk_control.docker_engine.errors import EngineError
from mixdesk_control.logs.history import blocks, output
from mixdesk_control.logs.history.asked import LONGEST_TEXT, Hit
from mixdesk_control.logs.history.blocks import NOTHING, Block
from mixdesk_control.logs.history.parts import Files, Part
from mixdesk_control.logs.history.running import Run
from mixdesk_control.logs.history.scan import Found, Scanner
from mixdesk_control.logs.history.unpack import TooMuch, unpacked
from mixdesk_control.logs.source import DOCKER_JSON, InEngine, InFiles, Source

SLACK_S = 3600.0
"""How far lines may stand from their order: several writers share a file, and clocks are set back."""

MOST_KEPT = 16 << 20  # bytes of hits in a file that can only be read forward
ENGINE_LINES = 500_000  # that the engine is asked for; it hands out some 100,000 a second


@dataclass(frozen=True, slots=True)
class Step:
    """Nothing newer than `at` (seconds since the epoch) comes from this source any more; perhaps a hit."""

    at: float
    hit: Hit | None = None


def steps_of(source: Source, run: Run) -> Generator[Step]:
    """Steps whose times never grow, whatever the lines say."""
    at = math.inf
    yield Step(at)
    with contextlib.closing(_found_in(source, run)) as found:
        for step in found:
            at = min(at, step.at)
            yield Step(at, step.hit)
            if run.over():
                return


def _found_in(source: Source, run: Run) -> Generator[Step]:
    if source.reason is not None or source.origin is None:
        return
    if isinstance(source.origin, InEngine):
        yield from _in_engine(source, source.origin, run)
    else:
        yield from _in_files(source, source.origin, run)


def _in_files(source: Source, origin: InFiles, run: Run) -> Generator[Step]:
    files = Files(origin)
    for path, modified in ((origin.path, math.inf), *((older.path, older.modified) for older in origin.rotated)):
        if run.asked.since is not None and modified < run.asked.since:
            continue
        yield Step(modified)
        part = files.open(path)
        if part is not None:
            try:
                yield from _in_part(source, origin.layout, part, run)
            finally:
                part.close()
    for trouble in files.trouble:
        run.unread(source, trouble)


def _in_part(source: Source, layout: str, part: Part, run: Run) -> Iterator[Step]:
    if run.asked.since is not None and part.modified < run.asked.since:
        return
    scanner = Scanner(run.matching, part.modified, run.asked.offset_s)
    search = _Part(source, part.name, part.modified, scanner, run)
    docker, skip = layout == DOCKER_JSON, run.matching.may_skip_json
    if part.packed is None:
        newest_first = blocks.docker_newest_first(part, skip) if docker else blocks.newest_first(part)
        yield from search.backwards(newest_first)
        return
    pieces = _bounded(unpacked(part.fd, part.packed), part.name, run)
    yield from search.forwards(blocks.docker_in_order(pieces, skip) if docker else blocks.in_order(pieces))


def _bounded(pieces: Iterable[bytes], name: str, run: Run) -> Iterator[bytes]:
    try:
        yield from pieces
    except TooMuch as error:
        run.cut(f"{name}: {error}")


def _in_engine(source: Source, origin: InEngine, run: Run) -> Generator[Step]:
    if run.engine is None:
        run.unread(source, "there is no Docker engine")
        return
    asked = run.asked
    search = _Part(source, None, math.inf, Scanner(run.matching, None, asked.offset_s), run)
    came = output.blocks_of(
        run.engine, origin, tail=ENGINE_LINES, since=asked.since, until=asked.until, within_s=run.left_s
    )
    try:
        yield from search.forwards(_counted(came, source, run))
    except EngineError as error:
        run.unread(source, str(error))


def _counted(in_order: Iterable[Block], source: Source, run: Run) -> Iterator[Block]:
    lines = 0
    for block in in_order:
        lines += block.lines.count(b"\n")
        yield block
    if lines >= ENGINE_LINES:
        run.cut(f"of {source.key} the last {ENGINE_LINES:,} lines were searched")


class _Part:
    """One file, or what the engine hands out."""

    def __init__(self, source: Source, name: str | None, modified: float, scanner: Scanner, run: Run) -> None:
        self._source, self._name, self._modified = source, name, modified
        self._scanner, self._run = scanner, run

    def backwards(self, newest_first: Iterable[Block]) -> Iterator[Step]:
        """Of blocks that come newest first; lines that may belong to a record of the block before go there."""
        newer = NOTHING
        for older in newest_first:
            block = older.and_then(newer)
            cut = self._scanner.first_beginning(block.lines)
            newer, block = block.before(cut), block.after(cut)
            first = self._scanner.first_time(block)
            is_old = self._is(self._run.too_old, block)
            if not is_old:
                yield from self._steps(block)
            yield Step(math.inf if first is None else first)
            if is_old or self._run.over():
                return
        yield from self._steps(newer)

    def forwards(self, in_order: Iterable[Block]) -> Iterator[Step]:
        """Of blocks that come oldest first: the newest hits, as many as can be wanted."""
        kept = _Kept(self._run.asked.limit)
        older = NOTHING
        for newer in in_order:
            block = older.and_then(newer)
            cut = self._scanner.last_beginning(block.lines) or len(block.lines)
            older, block = block.after(cut), block.before(cut)
            kept.add(self._steps(block))
            if self._run.over():
                break
        kept.add(self._steps(older))
        yield from kept.newest_first(self._run)

    def _steps(self, block: Block) -> Iterator[Step]:
        self._run.searched_bytes += block.size
        if not block.lines or self._is(self._run.too_new, block):
            return
        for found in self._scanner.newest_first(block):
            if self._run.within(found.time, self._modified):
                yield Step(self._modified if found.time is None else found.time, self._hit(found))

    def _is(self, judge: Callable[[float, float], bool], block: Block) -> bool:
        """Whether both ends of a block are outside of what is asked for, and not just so: one may tell a wrong time."""
        if not self._run.has_bounds:
            return False
        times = (self._scanner.first_time(block), self._scanner.last_time(block))
        return all(time is not None and judge(time, SLACK_S) for time in times)

    def _hit(self, found: Found) -> Hit:
        text = shortened(found.text)
        return Hit(self._source.service, self._source.id, self._name, found.time, found.level, text)


class _Kept:
    """The newest hits of what comes oldest first, so many and in so much memory."""

    def __init__(self, limit: int) -> None:
        self._steps: deque[Step] = deque()
        self._limit, self._size, self._lost = limit, 0, False

    def add(self, newest_first: Iterable[Step]) -> None:
        """Those of the next block."""
        for step in reversed(list(newest_first)):
            self._steps.append(step)
            self._size += _size(step)
        while len(self._steps) > self._limit or self._size > MOST_KEPT:
            self._lost |= len(self._steps) <= self._limit
            self._size -= _size(self._steps.popleft())

    def newest_first(self, run: Run) -> Iterator[Step]:
        """All of them."""
        if self._lost:
            run.cut("of a compressed file the oldest hits were left out, for all together are too long")
        yield from reversed(self._steps)


def _size(step: Step) -> int:
    return len(step.hit.text) if step.hit is not None else 0


def shortened(text: bytes) -> str:
    """A record as it is shown; of a long one the beginning, and how much is left out."""
    if len(text) <= LONGEST_TEXT:
        return text.decode("utf-8", "replace")
    return f"{text[:LONGEST_TEXT].decode('utf-8', 'ignore')} … [{len(text) - LONGEST_TEXT} bytes left out]"
