"""`capture_output` at a terminal: programs see one of the right size, and one that stands still stops nobody."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import termios
from collections.abc import Iterator

import pytest
from captured import DEADLINE_S, Captured, wait_until

pytestmark = pytest.mark.process


class Terminal:
    """Somebody's screen."""

    def __init__(self) -> None:
        self._screen, self.fd = pty.openpty()
        self.resize(40, 100)

    def resize(self, rows: int, columns: int) -> None:
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read_until(self, wanted: bytes) -> bytes:
        """All that is shown, up to and with this."""
        shown = b""
        while not shown.endswith(wanted):
            assert select.select([self._screen], [], [], DEADLINE_S)[0], shown
            shown += os.read(self._screen, 65536)
        return shown

    def close(self) -> None:
        os.close(self._screen)
        os.close(self.fd)


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    made = Terminal()
    yield made
    made.close()


BAR = r"""
print(os.isatty(1), os.isatty(2), sys.stdout.line_buffering, os.get_terminal_size())
for i in range(30):
    sys.stderr.write(f"\r{i:3d}%|" + "#" * (i // 5) + "\x1b[A\x1b[K")
    sys.stderr.flush()
    if not i % 10:
        print(f"\x1b[31mstep {i}\x1b[0m")
subprocess.run(["sh", "-c", "test -t 1 && echo a child sees one"])
print("end", flush=True)
"""


def test_a_progress_bar_looks_the_same(captured: Captured, terminal: Terminal) -> None:
    shown = []
    for capture in (False, True):
        captured.start(BAR, stdout=terminal.fd, capture=capture)
        shown.append(terminal.read_until(b"end\r\n"))
    assert shown[0] == shown[1]
    assert b"True True True os.terminal_size(columns=100, lines=40)" in shown[0] and b"a child sees one" in shown[0]
    [log] = captured.logs()
    assert wait_until(lambda: log.read_bytes().endswith(b"end\n"))
    assert log.read_bytes() == shown[0].replace(b"\r\n", b"\n")


def test_it_follows_the_size(captured: Captured, terminal: Terminal) -> None:
    code = """
print("small", flush=True)
go()
while os.get_terminal_size().columns != 72:
    print(".", end="", flush=True)
    time.sleep(0.01)
print("seen", flush=True)
"""
    captured.start(code, stdout=terminal.fd)
    terminal.read_until(b"small\r\n")
    terminal.resize(10, 72)
    captured.go()
    terminal.read_until(b"seen\r\n")


def test_a_terminal_that_stands_still_stops_nobody(captured: Captured, terminal: Terminal) -> None:
    """The log has all of it, and the screen says what it was not shown."""
    code = (
        "for i in range(60_000): print(f'{i:07d} of a very long output that nobody reads')\nready()\ngo()\nprint('end')"
    )
    trainer = captured.start(code, stdout=terminal.fd)
    captured.wait_ready()
    assert wait_until(lambda: captured.text().count("\n") == 60_000)
    captured.go()
    assert trainer.wait(DEADLINE_S) == 0, "it does not wait for the screen either"
    shown = terminal.read_until(b".log]\r\n")
    assert shown.startswith(b"0000000 of") and b" bytes left out: see /" in shown
    assert captured.text().endswith("nobody reads\nend\n")


def test_the_terminal_may_go_away(captured: Captured, terminal: Terminal) -> None:
    other = Terminal()
    trainer = captured.start("print('first', flush=True)\ngo()\nfor i in range(1000): print(i)", stdout=other.fd)
    other.read_until(b"first\r\n")
    other.close()
    captured.go()
    assert trainer.wait(DEADLINE_S) == 0
    assert captured.text().splitlines() == ["first", *map(str, range(1000))]
