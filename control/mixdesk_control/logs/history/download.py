"""What a source holds, as a stream of text: its last lines, or all of them with its rotated files."""

from __future__ import annotations

import zlib
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from contextlib import ExitStack, closing

from mixdesk_control.docker_engine.engine import Engine
from mixdesk_control.logs.history import output
from mixdesk_control.logs.history.parts import Files, paths
from mixdesk_control.logs.history.stretch import Stretch, last_of
from mixdesk_control.logs.place import Unreadable
from mixdesk_control.logs.source import InEngine, InFiles, Source
from mixdesk_control.logs.text import ansi, progress
from mixdesk_control.logs.text.redact import Redactor

MOST_OPEN = 256  # files that are held at once; of older ones those are read that are still there when it is their turn
MOST_OLDER = 64 << 20  # bytes
PACKED = 6  # zlib's level
FLUSHED = 64 << 10  # bytes of text after which packed ones are sent on


def last(source: Source, lines: int | None, *, engine: Engine | None, redactor: Redactor) -> Generator[bytes]:
    """The last lines of a source, or all of them, in pieces of whole lines, oldest first, redacted and without colours.

    It ends where the live file ended when it was opened. Blocks. Raises Unreadable with the first piece where nothing
    of it can be read, and EngineError.
    """
    redacting = redactor.stream()
    with closing(_raw(source, lines, engine)) as pieces:
        for piece in pieces:
            if shown := redacting.feed(ansi.clean(progress.collapse(piece))):
                yield shown


def older(source: Source, lines: int, without: Iterable[tuple[int, int]] = ()) -> bytes:
    """The last lines of the rotated files alone, as they are; at most MOST_OLDER bytes, the newest.

    without  device and inode of files whose lines are known: what was live a moment ago may be among the rotated
    """
    if not isinstance(source.origin, InFiles) or lines < 1:
        return b""
    origin = source.origin
    return b"".join(_newest(_in_files(origin.layout, Files(origin, without), paths(origin, live=False), lines)))


def gzipped(pieces: Iterable[bytes]) -> Generator[bytes]:
    """The same as one gzip file; what is there is sent on at once at first, then every 64 KiB."""
    packer, waiting, first = zlib.compressobj(PACKED, wbits=31), 0, True
    for piece in pieces:
        waiting += len(piece)
        packed = packer.compress(piece)
        if first or waiting >= FLUSHED:
            packed += packer.flush(zlib.Z_SYNC_FLUSH)
            waiting, first = 0, False
        if packed:
            yield packed
    yield packer.flush()


def _raw(source: Source, lines: int | None, engine: Engine | None) -> Generator[bytes]:
    origin = source.origin
    if isinstance(origin, InFiles):
        files = Files(origin)
        yield from _in_files(origin.layout, files, paths(origin), lines)
        if files.trouble and not files.opened:
            raise Unreadable(files.trouble[0])
    elif isinstance(origin, InEngine) and engine is not None:
        yield from output.lines_of(engine, origin, lines)
    else:
        raise Unreadable(source.reason or f"{source.key}: nobody can reach it from here")


def _in_files(layout: str, files: Files, newest_first: list[str], lines: int | None) -> Generator[bytes]:
    """Opens what is wanted before anything is read: a rotation meanwhile changes nothing."""
    with ExitStack() as held:
        stretches = [*_wanted(layout, files, newest_first[:MOST_OPEN], lines, held)]
        if lines is None:
            yield from _one_by_one(layout, files, newest_first[MOST_OPEN:])
        for stretch in reversed(stretches):
            yield from stretch.pieces()


def _wanted(
    layout: str, files: Files, newest_first: list[str], lines: int | None, held: ExitStack
) -> Iterator[Stretch]:
    for path in newest_first:
        if lines is not None and lines < 1:
            return
        if (part := files.open(path)) is None:
            continue
        held.callback(part.close)
        stretch = Stretch(part, layout) if lines is None else last_of(part, layout, lines)
        yield stretch
        lines = None if lines is None else lines - stretch.lines


def _one_by_one(layout: str, files: Files, newest_first: list[str]) -> Generator[bytes]:
    for path in reversed(newest_first):
        if (part := files.open(path)) is not None:
            with closing(part):
                yield from Stretch(part, layout).pieces()


def _newest(pieces: Iterable[bytes]) -> deque[bytes]:
    """The last of them, in bounded memory."""
    kept: deque[bytes] = deque()
    size = 0
    for piece in pieces:
        kept.append(piece)
        size += len(piece)
        while size > MOST_OLDER:
            size -= len(kept.popleft())
    return kept
