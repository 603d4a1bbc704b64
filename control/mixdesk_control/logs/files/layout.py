"""What differs between the layouts of files: how they are decoded, where a line begins, which lines are the last."""

from __future__ import annotations

from typing import Protocol

from mixdesk_control.logs.files import backwards, docker_json, encoding
from mixdesk_control.logs.source import DOCKER_JSON


class Layout(Protocol):
    """Of one source, whatever file it is in at the moment."""

    def decoder(self, fd: int, offset: int) -> encoding.Decoder:
        """For what is in the file from `offset` on, where a line begins."""

    def line_begin(self, fd: int, end: int) -> int:
        """Where the line begins that `end` is in."""

    def last(self, fd: int, lines: int, end: int) -> bytes:
        """The last whole lines before `end`, where a line begins."""


class PlainLayout:
    """Lines as they are."""

    def decoder(self, fd: int, offset: int) -> encoding.Decoder:
        """See Layout."""
        return encoding.Plain(encoding.of_file(fd) if offset else None)

    def line_begin(self, fd: int, end: int) -> int:
        """See Layout."""
        found = encoding.of_file(fd)
        begin = backwards.line_begin(fd, end, found)
        return 0 if begin <= len(found.mark) else begin

    def last(self, fd: int, lines: int, end: int) -> bytes:
        """See Layout."""
        return backwards.last_lines(fd, lines, end)


class DockerJsonLayout:
    """Lines as the engine's driver `json-file` writes them."""

    def decoder(self, fd: int, offset: int) -> encoding.Decoder:
        """See Layout."""
        return docker_json.DockerJson()

    def line_begin(self, fd: int, end: int) -> int:
        """See Layout."""
        return docker_json.line_begin(fd, end)

    def last(self, fd: int, lines: int, end: int) -> bytes:
        """See Layout."""
        return docker_json.last_lines(fd, lines, end)


def layout(name: str) -> Layout:
    """By the name that a source's origin gives it."""
    return DockerJsonLayout() if name == DOCKER_JSON else PlainLayout()
