"""The output of a job: kept in its log by a small process beside the trainer, from its begin to its end."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import subprocess
import sys
import threading
import traceback
from collections.abc import Collection, Mapping
from pathlib import Path

from mixdesk.guard import guarded, say_once

from . import streams
from .streams import Stream
from .tee import ASKED, tee

CAPTURED = "MIXDESK_CAPTURED"
PROGRAM = str(Path(__file__).with_name("tee.py"))
START_S = 30.0
DRAIN_S = 1.0
MOST_STARTS = 4


class Output:
    """What the process prints, both of its streams, between `start` and `stop`.

    most  bytes at which the log becomes `.1`; None: nothing is captured

    The loop is never stopped by it: where the process beside it is killed, another goes on; where none can be started,
    what is printed goes where it went before, and a warning says so.
    """

    def __init__(self, most: int | None) -> None:
        self._most = most
        self._streams: list[Stream] = []
        self._control: socket.socket | None = None
        self._watcher: threading.Thread | None = None
        self._drained = threading.Event()
        self._is_stopping = False
        self._starts = 0
        self._path = Path()

    def environ(self) -> dict[str, str]:
        """Tells a child that goes on with the job which of its streams are in the log already."""
        return {CAPTURED: " ".join(stream.identity for stream in self._streams)} if self._streams else {}

    @guarded
    def start(self, path: Path, captured: Collection[str] = ()) -> None:
        """From here on. `captured`: streams, by their identity, that a parent captures for the same job."""
        if self._most is None:
            return
        reason = streams.refusal()
        try:
            if reason is None:
                self._begin(path, captured)
        except OSError as error:
            reason = _words(error)
        if reason is not None:
            self._close()
            say_once("capture", "capture_output: %s; what this job prints is in no log", reason)

    def _begin(self, path: Path, captured: Collection[str]) -> None:
        self._path = path.absolute()
        _make(self._path)
        streams.flush()
        self._streams = streams.streams(captured)
        if not self._streams:
            return
        self._start_program()
        self._watcher = threading.Thread(target=self._watch, name="mixdesk-capture", daemon=True)
        self._watcher.start()
        for stream in self._streams:
            stream.put_in()

    def _start_program(self) -> None:
        """Raises OSError."""
        self._starts += 1
        own, its = socket.socketpair()
        try:
            pairs = [f"{stream.read}:{stream.original}" for stream in self._streams]
            with its:
                _run([str(self._path), str(self._most), str(its.fileno()), *pairs], self._fds(its))
        except BaseException:
            own.close()
            raise
        if self._control is not None:
            self._control.close()
        self._control = own

    def _fds(self, control: socket.socket) -> list[int]:
        return [control.fileno(), *(fd for stream in self._streams for fd in (stream.read, stream.original))]

    # -- the thread that looks after it ----------------------------------------------------------------

    def _watch(self) -> None:
        while True:
            assert self._control is not None
            try:
                said = self._control.recv(64)
            except OSError:
                said = b""
            if said:
                self._drained.set()
            elif self._is_stopping or not self._start_again():
                break
        self._drained.set()

    def _start_again(self) -> bool:
        """Another one for one that was killed; else this thread does its work, for our children's sake too."""
        try:
            if self._starts < MOST_STARTS:
                self._start_program()
                return True
        except OSError:
            pass
        message = "capture_output: the process that keeps %s was killed %d times; what this one prints is not kept on"
        say_once("capture died", message, self._path, self._starts)
        pairs = [(stream.read, stream.original) for stream in self._streams]
        for stream in self._streams:
            stream.put_back()
        with contextlib.suppress(OSError, ValueError):  # closed by the end of the job
            tee(str(self._path), self._most or 0, -1, pairs).run()
        return False

    # -- the end -----------------------------------------------------------------------------------------

    @guarded
    def stop(self, error: BaseException | None = None) -> None:
        """As it was before; waits a second at most until all is passed on. An error that leaves the job is logged."""
        if not self._streams:
            return
        streams.flush()
        self._is_stopping = True
        self._drained.clear()
        for stream in self._streams:
            stream.put_back()
        self._drain()
        if error is not None and not isinstance(error, SystemExit):
            _append(self._path, "".join(traceback.format_exception(type(error), error, error.__traceback__)))
        self._close()

    def _drain(self) -> None:
        with contextlib.suppress(OSError):
            if self._control is not None:
                self._control.send(ASKED, getattr(socket, "MSG_NOSIGNAL", 0))
                self._drained.wait(DRAIN_S)

    def _close(self) -> None:
        if self._control is not None:
            with contextlib.suppress(OSError):
                self._control.shutdown(socket.SHUT_RDWR)
        if self._watcher is not None:
            self._watcher.join(DRAIN_S)
        if self._watcher is None or not self._watcher.is_alive():
            self.forget()  # else it reads for children that go on, and lets go of all of it with the process

    def forget(self) -> None:
        """Lets go of its own ends. What a forked child prints goes on to be captured; the rest is its parent's."""
        if self._control is not None:
            self._control.close()
        held, self._streams = self._streams, []
        self._control = self._watcher = None
        for stream in held:
            stream.close()


def captured_by_parent(env: Mapping[str, str] = os.environ) -> list[str]:
    """What the process that handed the job over captures of it."""
    return env.get(CAPTURED, "").split()


def _make(path: Path) -> None:
    """The file and its folders, for this user alone. Raises OSError."""
    missing = [folder for folder in path.parents if not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir(mode=0o700, exist_ok=True)
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    os.close(os.open(path, flags, 0o600))


def _append(path: Path, text: str) -> None:
    with contextlib.suppress(OSError), path.open("ab") as file:
        file.write(text.encode("utf-8", "replace"))


def _run(arguments: list[str], fds: list[int]) -> None:
    """Returns once it stands on its own. Raises OSError."""
    command = [sys.executable, "-I", "-S", PROGRAM, *arguments]
    nothing = subprocess.DEVNULL
    try:
        code = subprocess.run(
            command, stdin=nothing, stdout=nothing, stderr=nothing, pass_fds=fds, start_new_session=True,
            timeout=START_S, check=False,
        ).returncode  # fmt: skip
    except subprocess.SubprocessError as error:
        raise OSError(errno.ETIMEDOUT, f"it does not start within {START_S:g} s", PROGRAM) from error
    if code:
        raise OSError(errno.ENOEXEC, f"ended with {code}", PROGRAM)


def _words(error: OSError) -> str:
    return f"{error.filename}: {error.strerror}" if error.filename else str(error)
