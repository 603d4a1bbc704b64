"""What a source holds, as a stream of text: its last lines, or all of them with its rotated files."""

from __future__ import annotations

import zlib
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass

from mixdesk_control.docker_engine.engine import Engine
from mixdesk_control.logs.history import output
from mixdesk_control.logs.history.parts import Files, NoneLeft, paths, reason
from mixdesk_control.logs.history.stretch import Stretch, Unread, last_of
from mixdesk_control.logs.place import Unreadable
from mixdesk_control.logs.source import InEngine, InFiles, Source
from mixdesk_control.logs.text import ansi, progress
from mixdesk_control.logs.text.redact import Redactor

MOST_OPEN = 16  # files that are held at once; older ones are opened again when it is their turn
MOST_OLDER = 64 << 20  # bytes
PACKED = 6  # zlib's level
FLUSHED = 64 << 10  # bytes of text after which packed ones are sent on


def last(source: Source, lines: int | None, *, engine: Engine | None, redactor: Redactor) -> Generator[bytes]:
    """The last lines of a source, or all of them, in pieces of whole lines, oldest first, redacted and without colours.

    It ends where the live file ended when it was opened. Where one of its files cannot be read a line says so. Blocks.
    Raises Unreadable with the first piece where nothing of it can be read, later where no file can be opened any more,
    and EngineError.
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
    pieces = _in_files(origin.layout, Files(origin, without), paths(origin, live=False), lines)
    try:
        return b"".join(_newest(pieces))
    except Unreadable:
        return b""


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
        yield from _in_files(origin.layout, Files(origin), paths(origin), lines)
    elif isinstance(origin, InEngine) and engine is not None:
        yield from output.lines_of(engine, origin, lines)
    else:
        raise Unreadable(source.reason or f"{source.key}: nobody can reach it from here")


def _in_files(layout: str, files: Files, newest_first: list[str], lines: int | None) -> Generator[bytes]:
    """Opens what is wanted before anything is read: a rotation meanwhile changes nothing."""
    with ExitStack() as held:
        wanted = [*_wanted(layout, files, newest_first[:MOST_OPEN], lines, held)]
        left = None if lines is None else lines - sum(each.lines for each in wanted)
        beyond = _beyond(layout, files, newest_first[MOST_OPEN:], left)
        if files.trouble and not files.opened and not beyond:
            raise Unreadable(files.trouble[0])
        for at, later in reversed([*enumerate(beyond)]):
            yield from _one(layout, files, later, [later.path, *(older.path for older in beyond[at + 1 :])])
        for each in reversed(wanted):
            yield from each.pieces()


def _wanted(
    layout: str, files: Files, newest_first: list[str], lines: int | None, held: ExitStack
) -> Iterator[Stretch | Unread]:
    for path in newest_first:
        if lines is not None and lines < 1:
            return
        if (found := _found(layout, files, path, lines, held)) is not None:
            yield found
            lines = None if lines is None else lines - found.lines


def _found(layout: str, files: Files, path: str, lines: int | None, held: ExitStack) -> Stretch | Unread | None:
    try:
        if (part := files.take(path)) is None:
            return None
        held.callback(part.close)
        return Stretch(part, layout) if lines is None else last_of(part, layout, lines)
    except NoneLeft:
        raise
    except (Unreadable, OSError) as error:
        files.trouble.append(str(error))
        return Unread(path.rpartition("/")[2], reason(error))


@dataclass(frozen=True, slots=True)
class _Later:
    """A file that is closed until its turn, by then perhaps of another name; `lines` of it are wanted, or all."""

    path: str
    identity: tuple[int, int] | None
    lines: int | None


def _beyond(layout: str, files: Files, newest_first: list[str], lines: int | None) -> list[_Later]:
    looking, later = files.again(), list[_Later]()
    for path in newest_first:
        if lines is not None and lines < 1:
            break
        with ExitStack() as held:
            found = _found(layout, looking, path, lines, held)
            if found is not None:
                identity = found.part.identity if isinstance(found, Stretch) else None
                later.append(_Later(path, identity, None if lines is None else found.lines))
                lines = None if lines is None else lines - found.lines
    return later


def _one(layout: str, files: Files, later: _Later, names: list[str]) -> Generator[bytes]:
    """By the first of these names that it has now: a rotation gives it that of an older one."""
    for path in names:
        with ExitStack() as held:
            found = _found(layout, files.again(), path, later.lines, held)
            if isinstance(found, Stretch) and found.part.identity == later.identity:
                yield from found.pieces()
                return
            if isinstance(found, Unread) and later.identity is None:
                yield from found.pieces()
                return
    yield from Unread(later.path.rpartition("/")[2], "it was removed, or packed anew, before it was its turn").pieces()


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
