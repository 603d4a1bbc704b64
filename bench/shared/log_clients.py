"""Cheap viewers of log streams, all in this process: what they got, and whether each line was in its place.

A script of bench/logs.py: a JSON object of `Asked` as its only argument; says `ready` once all are live, and at the end
what came of it. `tail -F` of a file may be read beside them, so that both are late for the same reasons.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import select
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Any, Protocol

NUMBER, STAMP = b"seq=", re.compile(rb" at=(\d+) ")
LIVE_S = 60.0


def line(number: int) -> bytes:
    """A line of 111 bytes that says which it is and when it was written, in nanoseconds of the monotonic clock."""
    return b"2026-11-30 12:00:00,123 INFO  app.worker: done seq=%09d at=%020d for user 17 in 0.123 s, status ok\n" % (
        number,
        time.monotonic_ns(),
    )


class Reading(Protocol):
    """What waits for its next bytes.

    next   the number of the line that comes next
    times  milliseconds from writing to reading, of each line
    """

    next: int
    times: list[float]

    def fileno(self) -> int:
        """Of what it reads."""

    def read(self) -> None:
        """What is there."""


class Viewer:
    """One WebSocket (RFC 6455) without extensions."""

    def __init__(self, port: int, path: str, token: str, *, timed: bool) -> None:
        self._wire = socket.create_connection(("127.0.0.1", port))
        self._timed, self._buffer = timed, bytearray()
        self.next = self.lines = self.skipped = self.astray = self.frames = 0
        self.live = False
        self.times: list[float] = []
        self._wire.sendall(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
            f"Authorization: Bearer {token}\r\n\r\n".encode()
        )
        head = b""
        while b"\r\n\r\n" not in head:
            head += self._wire.recv(1)
        if not head.startswith(b"HTTP/1.1 101"):
            raise SystemExit(f"{path}: {head.decode()} {self._wire.recv(2000).decode()}")
        self._wire.setblocking(False)

    def fileno(self) -> int:
        """Of its socket."""
        return self._wire.fileno()

    def read(self) -> None:
        """What is there; whole frames are looked at."""
        content = self._wire.recv(1 << 18)
        if not content:
            raise SystemExit("the desk has closed a stream")
        self._buffer += content
        begin = 0
        while (found := self._frame(begin)) is not None:
            kind, payload, begin = found
            self._see(kind, payload)
        del self._buffer[:begin]

    def _frame(self, begin: int) -> tuple[int, bytes, int] | None:
        head = self._buffer[begin : begin + 10]
        if len(head) < 2:
            return None
        wide = {126: 2, 127: 8}.get(head[1], 0)
        if len(head) < 2 + wide:
            return None
        size = int.from_bytes(head[2 : 2 + wide]) if wide else head[1]
        start = begin + 2 + wide
        if len(self._buffer) < start + size:
            return None
        return head[0] & 15, bytes(self._buffer[start : start + size]), start + size

    def _see(self, kind: int, payload: bytes) -> None:
        self.frames += 1
        if kind == 9:
            self._wire.send(bytes((0x8A, 0x80 | len(payload))) + bytes(4) + payload)
        elif kind == 8:
            raise SystemExit(f"the desk has ended a stream: {payload!r}")
        elif payload.startswith(b'{"lines"'):
            self._see_lines(payload)
        elif payload.startswith(b'{"skipped"'):
            skipped = json.loads(payload)["skipped"]
            self.skipped += skipped
            self.next += skipped
        self.live |= payload == b'{"live":true}'

    def _see_lines(self, payload: bytes) -> None:
        count = payload.count(NUMBER)
        first, last = _number(payload, payload.find(NUMBER)), _number(payload, payload.rfind(NUMBER))
        self.astray += first != self.next or last - first + 1 != count
        self.lines += count
        self.next = last + 1
        if self._timed:
            self.times += _late(payload)


class Tail:
    """`tail -F` of a file, in a pipe."""

    def __init__(self, path: str) -> None:
        self.process = subprocess.Popen(["tail", "-n", "0", "-F", path], stdout=subprocess.PIPE)
        assert self.process.stdout is not None
        self._pipe = self.process.stdout
        fcntl.fcntl(self._pipe, fcntl.F_SETFL, os.O_NONBLOCK)
        self.next = 0
        self.times: list[float] = []

    def fileno(self) -> int:
        """Of the pipe."""
        return self._pipe.fileno()

    def read(self) -> None:
        """What is there; single lines come whole through a pipe."""
        content = os.read(self.fileno(), 1 << 18)
        self.times += _late(content)
        self.next += content.count(b"\n")


def _number(payload: bytes, at: int) -> int:
    return int(payload[at + 4 : at + 13])


def _late(payload: bytes) -> list[float]:
    now = time.monotonic_ns()
    return [(now - int(at)) / 1e6 for at in STAMP.findall(payload)]


def read_until(readings: Sequence[Reading], done: Any, most_s: float) -> None:
    """All that comes, until it is enough."""
    with select.epoll() as waiting:
        by_fd = {reading.fileno(): reading for reading in readings}
        for fd in by_fd:
            waiting.register(fd, select.EPOLLIN)
        until = time.monotonic() + most_s
        while not done() and time.monotonic() < until:
            for fd, _ in waiting.poll(0.2):
                by_fd[fd].read()


def main() -> None:
    """One run."""
    asked = json.loads(sys.argv[1])
    viewers = [Viewer(asked["port"], path, asked["token"], timed=asked["timed"]) for path in asked["paths"]]
    read_until(viewers, lambda: all(viewer.live for viewer in viewers), LIVE_S)
    tail = Tail(asked["tail"]) if asked["tail"] else None
    time.sleep(0.5)  # tail has no way to say that it watches
    print("ready", flush=True)
    readings: list[Reading] = [*viewers, *([tail] if tail else [])]
    read_until(readings, lambda: all(one.next >= asked["lines"] for one in readings), asked["most_s"])
    found = {
        name: [getattr(one, name) for one in viewers] for name in ("lines", "skipped", "astray", "frames", "times")
    }
    print(json.dumps({**found, "tail": tail.times if tail else []}), flush=True)
    if tail is not None:
        tail.process.kill()
        tail.process.wait()


if __name__ == "__main__":
    main()
