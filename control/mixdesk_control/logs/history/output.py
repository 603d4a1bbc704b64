"""What the Docker engine hands out of a container's output, as whole lines."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator

from mixdesk_control.docker_engine.engine import Engine, Stream
from mixdesk_control.logs.files.lines import Cutter
from mixdesk_control.logs.history.blocks import Block
from mixdesk_control.logs.source import InEngine

ROUNDED_S = 0.001  # the engine counts nanoseconds, which our times are too coarse for
HEAD = 8  # bytes before a piece of output: of which stream it is, three of nothing, its length in four


def lines_of(engine: Engine, origin: InEngine, tail: int | None) -> Iterator[bytes]:
    """What it wrote, at most so many of the last lines. Raises EngineError."""
    stream = engine.link().logs(origin.container, origin.since, until=origin.until, tail=tail, follow=False)
    try:
        yield from _cut(stream, origin.terminal)
    finally:
        stream.close()


def blocks_of(
    engine: Engine, origin: InEngine, *, tail: int, since: float | None, until: float | None, within_s: float
) -> Iterator[Block]:
    """The same with the time of each line, between two times; what has not come in time is left out.

    Raises EngineError.
    """
    since = _later(origin.since, None if since is None else since - ROUNDED_S)
    until = _earlier(origin.until, None if until is None else until + ROUNDED_S)
    stream = engine.link().logs(origin.container, since, until=until, tail=tail, follow=False, timestamps=True)
    watch = threading.Timer(within_s, stream.interrupt)
    watch.daemon = True
    watch.start()
    try:
        for lines in _cut(stream, origin.terminal):
            yield _block(lines)
    finally:
        watch.cancel()
        stream.close()


def _cut(stream: Stream, terminal: bool) -> Iterator[bytes]:
    cutters: defaultdict[int, Cutter] = defaultdict(Cutter)
    for found in _pieces(stream, terminal):
        if lines := b"".join([cutters[number].feed(content) for number, content in found]):
            yield lines
    if rest := b"".join([cutter.end() for cutter in cutters.values()]):
        yield rest


def _pieces(stream: Iterable[bytes], terminal: bool) -> Iterator[list[tuple[int, bytes]]]:
    """Pieces of output with the number of their stream, as many as came at once."""
    if terminal:
        for content in stream:
            yield [(1, content.replace(b"\r\n", b"\n"))]
        return
    frames = _Frames()
    for content in stream:
        yield frames.feed(content)


class _Frames:
    def __init__(self) -> None:
        self._head, self._left = b"", 0

    def feed(self, content: bytes) -> list[tuple[int, bytes]]:
        found: list[tuple[int, bytes]] = []
        at = 0
        while at < len(content):
            if not self._left:
                self._head = self._head if len(self._head) < HEAD else b""
                more = content[at : at + HEAD - len(self._head)]
                self._head, at = self._head + more, at + len(more)
                self._left = int.from_bytes(self._head[4:], "big") if len(self._head) == HEAD else 0
                continue
            part = content[at : at + self._left]
            found.append((self._head[0], part))
            at, self._left = at + len(part), self._left - len(part)
        return found


def _block(lines: bytes) -> Block:
    taken, texts = [], []
    for line in lines.removesuffix(b"\n").split(b"\n"):  # a carriage return is of the line
        time, _, text = line.partition(b" ")
        taken.append(time)
        texts.append(text + b"\n")
    return Block(b"".join(texts), len(lines), lambda: taken, (taken[0], taken[-1]))


def _later(one: float | None, other: float | None) -> float | None:
    return max((each for each in (one, other) if each is not None), default=None)


def _earlier(one: float | None, other: float | None) -> float | None:
    return min((each for each in (one, other) if each is not None), default=None)
