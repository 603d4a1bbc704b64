"""Starting the program itself, in steps: first a process that waits, then, when it is on record, the program in it."""

from __future__ import annotations

import json
import os
import signal
from typing import Any

GATE = b"g"


class Program:
    """A process of its own session that becomes the program at `let_go`, and ends unseen where the runner dies before.

    spec  program: the file that is run; argv, env, cwd
    """

    def __init__(self, spec: dict[str, Any], output: int) -> None:
        """Raises OSError where no process can be made."""
        behind, self._gate = os.pipe()
        self._said, tell = os.pipe()
        self.pid = os.fork()
        if not self.pid:
            os.close(self._gate)
            _become(spec, output, behind, tell)
        os.close(behind)
        os.close(tell)
        self.pidfd = os.pidfd_open(self.pid)

    def let_go(self) -> str | None:
        """Why it could not be run; None once it runs."""
        os.write(self._gate, GATE)
        os.close(self._gate)
        with os.fdopen(self._said, "rb") as said:  # ends as the program takes the process over
            return said.read().decode("utf-8", "replace") or None


def _become(spec: dict[str, Any], output: int, gate: int, tell: int) -> None:
    """In the new process: never returns."""
    what = "the process"
    try:
        os.setsid()
        _wire(output)
        if os.read(gate, 1) != GATE:
            os._exit(0)
        _forget_signals()
        what = f"the folder {spec['cwd']}"
        os.chdir(spec["cwd"])
        what = f"the program {spec['program']}"
        os.execve(spec["program"], spec["argv"], spec["env"])
    except (OSError, ValueError) as error:
        os.write(tell, f"{what}: {_words(error, what)}".encode("utf-8", "surrogateescape"))
    finally:
        os._exit(127)


def _words(error: OSError | ValueError, what: str) -> str:
    words = getattr(error, "strerror", None) or str(error)
    missing = isinstance(error, FileNotFoundError) and what.startswith("the program")
    return f"{words} (the file itself, or the interpreter that it names)" if missing else words


def _wire(output: int) -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)


def _forget_signals() -> None:
    """What the runner, or the desk above it, ignores and holds back is none of the program's."""
    for number in signal.valid_signals():
        try:
            signal.signal(number, signal.SIG_DFL)
        except (OSError, ValueError):
            pass  # KILL and STOP
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def spec_of(content: bytes) -> dict[str, Any] | None:
    """The launch; None where whoever wrote it died over it."""
    try:
        spec = json.loads(content)
    except ValueError:
        return None
    return spec if isinstance(spec, dict) else None
