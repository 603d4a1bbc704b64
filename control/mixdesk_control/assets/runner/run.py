"""The life of a runner: program, wait, write down how it ended.

The program's process is in a session of its own; the runner is a subreaper, so whatever forks away from the program
becomes a child of the runner and is found. Where the program ends well and leaves others behind (a daemon), the runner
stays as long as they do; where it fails, they are ended.
"""
# Pathlib alone would make the runner half as large again.
# ruff: noqa: PTH208

from __future__ import annotations

import ctypes
import json
import os
import select
import signal
import time
from typing import Any

from mixdesk_control.assets.runner import files, tree
from mixdesk_control.assets.runner.journal import Journal, Taken
from mixdesk_control.assets.runner.memory import Ooms
from mixdesk_control.assets.runner.output import Output
from mixdesk_control.assets.runner.program import Program, spec_of

SET_CHILD_SUBREAPER = 36
STOPPERS = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP}
SHORTEST_S, LONGEST_S = 0.01, 0.25
ANSWER = 1
UNHEARD = "the desk that asked for it ended before it ran"


class Runner:
    """One run of one program.

    spec  instance, program, argv, env, cwd, grace_s, bound (bytes of output.log), procfs
    """

    def __init__(self, folder: str, spec: dict[str, Any]) -> None:
        self._spec = spec
        self._procfs: str = spec["procfs"]
        self._journal = Journal(folder, spec)
        self._status: int | None = None
        self._oom = False
        self._asked = False
        self._kill_at: float | None = None
        self._pause = SHORTEST_S

    def start(self) -> str | None:
        """Starts the program: why it could not, None once it runs. Raises Taken and OSError."""
        self._journal.open()
        self._output = Output(self._journal.path(files.OUTPUT), self._spec["bound"])
        self._output.keep()
        self._ooms = Ooms(self._procfs)
        self._program = Program(self._spec, self._output.fd)
        os.close(self._output.fd)
        # Raises before the program is let go: its process then ends with the runner.
        self._journal.begin(self._program.pid, self._output.size)
        # From here on the run is seen. Where the desk died before, the next may have seen none and promised that.
        error = self._program.let_go() if _is_heard() else UNHEARD
        if error is not None:
            self._journal.never_began(error)
        return error

    def live(self) -> None:
        """Returns when no process is left, and how it ended is on record."""
        while self._reap():
            self._look_after()
            self._wait()
        self._output.keep()
        self._journal.end(self._status, oom=self._oom, asked=self._asked)

    def _reap(self) -> bool:
        """Takes in the dead; whether there is still somebody."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return False
            if not pid:
                return True
            if pid == self._program.pid and self._status is None:
                self._program_ended(os.waitstatus_to_exitcode(status))

    def _program_ended(self, status: int) -> None:
        self._status = status
        self._oom = status == -signal.SIGKILL and self._kill_at is None and self._ooms.grew()

    def _look_after(self) -> None:
        """What is to be done now and then, while somebody is left."""
        self._ooms.look()
        if self._status is not None:
            self._left_behind(self._status)
        if self._output.keep():
            self._journal.note("output_from", 0)
        if self._kill_at is not None and time.monotonic() >= self._kill_at:
            self._signal(signal.SIGKILL)

    def _left_behind(self, status: int) -> None:
        """By a program that ended well, or that did not: then they have no business without it."""
        self._journal.note("main_exit", status)
        if status and self._kill_at is None:
            self._stop(self._spec["grace_s"])

    def _wait(self) -> None:
        """Until a child ends, somebody asks for a stop, or it is time to look after something."""
        got = signal.sigtimedwait({signal.SIGCHLD, *STOPPERS}, self._patience())
        if got is not None and got.si_signo in STOPPERS:
            self._asked = True
            self._stop(self._journal.grace())

    def _patience(self) -> float:
        left = self._output.interval
        if self._kill_at is None:
            return left
        until = self._kill_at - time.monotonic()
        if until > 0:
            return min(left, until)
        self._pause = min(LONGEST_S, self._pause * 2)
        return min(left, self._pause)

    def _stop(self, grace_s: float) -> None:
        """Asks all of them to end. Asked for again, it is done sooner, never later."""
        kill_at = time.monotonic() + grace_s
        if self._kill_at is None:
            self._signal(signal.SIGTERM)
        self._kill_at = kill_at if self._kill_at is None else min(kill_at, self._kill_at)

    def _signal(self, number: int) -> None:
        tree.send_group(self._program.pidfd, number)
        stats = tree.scan(self._procfs)
        for pid in tree.descendants(stats, (os.getpid(),)):
            try:
                tree.send(self._procfs, stats[pid].identity, number)
            except PermissionError:
                pass  # it has become another user's; the desk says who is left


def main(folder: str, content: bytes) -> None:
    """Answers on standard output with {"error": text or null}, then lives as long as the program does."""
    spec = spec_of(content)
    if spec is None:
        return
    _stand_apart()
    runner = Runner(folder, spec)
    error = _started(runner)
    _answer(json.dumps({"error": error}).encode())
    if error is None:
        runner.live()
    os._exit(0)  # at once: whoever starts the next run waits for it


def _started(runner: Runner) -> str | None:
    try:
        return runner.start()
    except Taken:
        return "its runner of before has not ended yet: try again"
    except OSError as error:
        return f"{error.filename or 'it'}: {error.strerror}"


def _stand_apart() -> None:
    """From the desk: its session, folder, open files. Signals are waited for, so they are held back."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD, *STOPPERS})
    try:
        os.setsid()
    except PermissionError:
        pass  # it leads a group already
    os.chdir("/")
    os.closerange(3, max(map(int, os.listdir("/proc/self/fd"))) + 1)
    ctypes.CDLL(None).prctl(SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _is_heard() -> bool:
    """Whether the desk still waits for the answer."""
    poll = select.poll()
    poll.register(ANSWER, 0)
    return not any(events & select.POLLERR for _, events in poll.poll(0))


def _answer(content: bytes) -> None:
    """To the desk, which is then let go of; it may be dead by now."""
    try:
        os.write(ANSWER, content)
    except BrokenPipeError:
        pass
    nothing = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
    for fd in (0, ANSWER):
        os.dup2(nothing, fd)
