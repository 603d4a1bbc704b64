"""The compose program, asked for what it makes of the files: `config --format json`."""

from __future__ import annotations

import json
import os
import selectors
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from mixdesk_control.compose import view
from mixdesk_control.compose.errors import UnansweredError
from mixdesk_control.compose.model import Project

PROGRAMS = (("docker", "compose"), ("docker-compose",))
NO_PLUGIN = (b"docker: unknown command", b"is not a docker command")
TIMEOUT_S = 10.0
MOST_OUTPUT = 16 << 20  # bytes
MOST_SAID = 64 << 10  # bytes of its messages
NEEDED = ("PATH", "HOME", "DOCKER_CONFIG", "COMPOSE_PROJECT_NAME", "LANG")
# Files of other hosts would be fetched.
OFF = {"COMPOSE_EXPERIMENTAL_GIT_REMOTE": "false", "COMPOSE_EXPERIMENTAL_OCI_REMOTE": "false"}


def ask(files: Sequence[Path], env: Mapping[str, str], timeout_s: float = TIMEOUT_S) -> Project:
    """What the compose program says of the files; it gets these variables alone. Services of all profiles are in it.

    Raises UnansweredError where there is none, or where it refuses the files.
    """
    said = "neither `docker compose` nor `docker-compose` is here"
    for program in PROGRAMS:
        path = shutil.which(program[0], path=env.get("PATH"))
        if path is not None:
            code, output, messages = _run((path, *program[1:], *_arguments(files)), files[0].parent, env, timeout_s)
            if code == 0:
                return _project(output)
            if any(sign in messages for sign in NO_PLUGIN):
                continue
            said = f"{' '.join(program)}: {_last_line(messages) or f'it ended with {code}'}"
    raise UnansweredError(said)


def _arguments(files: Sequence[Path]) -> list[str]:
    named = [part for file in files for part in ("--file", str(file.absolute()))]
    return [*named, "--profile", "*", "config", "--no-env-resolution", "--format", "json"]


def _project(output: bytes) -> Project:
    """A sign of a variable is doubled in what it prints."""
    try:
        tables = json.loads(output.replace(b"$$", b"$"))
        return view.project(tables, str(tables["name"]))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UnansweredError(f"the compose program printed no project: {error!r:.200}") from error


def _run(command: Sequence[str], folder: Path, env: Mapping[str, str], timeout_s: float) -> tuple[int, bytes, bytes]:
    """Its exit code, output and messages. One that is not done in time ends, with whatever it started."""
    try:
        process = subprocess.Popen(
            command, cwd=folder, env={**env, **OFF}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
    except (OSError, ValueError) as error:
        return -1, b"", str(error).encode()
    with process:
        try:
            output, messages = _read(process, timeout_s)
            return process.wait(timeout_s), output, messages
        except (_TooLongError, subprocess.TimeoutExpired) as error:
            _end(process)
            return -1, b"", str(error).encode()


class _TooLongError(Exception):
    """It takes too long, or prints too much."""


def _read(process: subprocess.Popen[bytes], timeout_s: float) -> tuple[bytes, bytes]:
    assert process.stdout is not None and process.stderr is not None
    kept = {process.stdout: bytearray(), process.stderr: bytearray()}
    until = time.monotonic() + timeout_s
    with selectors.DefaultSelector() as selector:
        for stream in kept:
            selector.register(stream, selectors.EVENT_READ)
        while selector.get_map():
            ready = selector.select(max(until - time.monotonic(), 0))
            if not ready or time.monotonic() > until:
                raise _TooLongError(f"it took more than {timeout_s:g} s")
            for key, _ in ready:
                part = os.read(key.fd, 1 << 16)
                if not part:
                    selector.unregister(key.fileobj)
                kept[key.fileobj].extend(part)  # type: ignore[index]  # what was registered
            del kept[process.stderr][MOST_SAID:]
            if len(kept[process.stdout]) > MOST_OUTPUT:
                raise _TooLongError(f"it printed more than {MOST_OUTPUT >> 20} MiB")
    return bytes(kept[process.stdout]), bytes(kept[process.stderr])


def _end(process: subprocess.Popen[bytes]) -> None:
    """With its children: a plugin is one. Its number is its own as long as nobody has waited for it."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass


def _last_line(messages: bytes) -> str:
    lines = messages.decode("utf-8", "replace").strip().splitlines()
    shown = "".join(letter if letter.isprintable() else " " for letter in lines[-1]) if lines else ""
    return shown[:300]
