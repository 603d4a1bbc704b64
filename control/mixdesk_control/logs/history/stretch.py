"""One file from one of its lines on, as text."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from dataclasses import dataclass

from mixdesk_control.logs.files.docker_json import DockerJson
from mixdesk_control.logs.files.encoding import UTF8, Decoder, Plain
from mixdesk_control.logs.history import tail
from mixdesk_control.logs.history.parts import Part, read, reason
from mixdesk_control.logs.history.unpack import TooMuch, unpacked
from mixdesk_control.logs.source import DOCKER_JSON


@dataclass(frozen=True, slots=True)
class Stretch:
    """A file to its end.

    lines    how many they are; 0 where nobody has counted
    offset   where it begins in the file
    skipped  lines after that which are left out all the same
    """

    part: Part
    layout: str
    lines: int = 0
    offset: int = 0
    skipped: int = 0

    def pieces(self) -> Generator[bytes]:
        """Whole lines in UTF-8, some hundred KiB at once; a last one says why, where the rest cannot be had."""
        skipped = self.skipped
        try:
            for lines in self._decoded():
                ends = lines.count(b"\n") if skipped else 0
                if lines and ends >= skipped:
                    yield lines.split(b"\n", skipped)[-1] if skipped else lines
                skipped = max(skipped - ends, 0)
        except TooMuch as error:
            yield f"[{self.part.name}: {error}]\n".encode()
        except OSError as error:
            yield from Unread(self.part.name, reason(error)).pieces()

    def _decoded(self) -> Iterator[bytes]:
        decoder = self._decoder()
        for raw in self._raw():
            yield decoder.feed(raw)
        if self.part.packed is not None or os.fstat(self.part.fd).st_size >= self.part.size:
            yield decoder.end()  # else it was cut meanwhile, perhaps within a line

    def _raw(self) -> Iterator[bytes]:
        if self.part.packed is not None:
            return unpacked(self.part.fd, self.part.packed)
        return read(self.part.fd, self.offset, self.part.size)

    def _decoder(self) -> Decoder:
        if self.layout == DOCKER_JSON:
            return DockerJson()
        return Plain(UTF8) if self.offset else Plain()


@dataclass(frozen=True, slots=True)
class Unread:
    """In the place of a file that nobody can read: one line."""

    name: str
    why: str
    lines: int = 1

    def pieces(self) -> Iterator[bytes]:
        """Which it is, and why."""
        said = f"[mixdesk: {self.name} could not be read: {self.why}]"
        yield (said if said.isprintable() else ascii(said)[1:-1]).encode() + b"\n"


def last_of(part: Part, layout: str, lines: int) -> Stretch:
    """Its last lines; all where there are no more."""
    if part.packed is None and not part.wide:
        find = tail.docker_json if layout == DOCKER_JSON else tail.plain
        offset, found = find(part.fd, lines, part.size)
        return Stretch(part, layout, found, offset)
    there = _count(Stretch(part, layout))
    return Stretch(part, layout, min(lines, there), skipped=max(there - lines, 0))


def _count(stretch: Stretch) -> int:
    """By reading it: what is compressed has no way back."""
    return sum(lines.count(b"\n") for lines in stretch.pieces())
