"""Launches the runner of an asset."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import select
import shutil
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mixdesk_control.assets import runner
from mixdesk_control.assets.asset import Asset
from mixdesk_control.assets.drivers.driver import DriverError
from mixdesk_control.assets.drivers.process.census import MARK
from mixdesk_control.settings_assets import ProcessSettings

ANSWER_S = 60.0
LOG = "runner.log"
MOST = 1 << 16
STATE = "MIXDESK_STATE_DIR"  # no secret: where a trainer finds this desk, and keeps the logs of its jobs
CAPTURE = "MIXDESK_CAPTURE_OUTPUT"
"""Jobs keep what they print: the output of an asset holds that of all its jobs, and of all its runs."""
HIDDEN = ("MIXDESK_", "OTEL_", "LISTEN_", "WATCHDOG_")
SECRET = frozenset({"CREDENTIALS_DIRECTORY", "DOCKER_AUTH_CONFIG", "PGPASSFILE", "PGPASSWORD"})
OF_SERVICE = frozenset({"INVOCATION_ID", "JOURNAL_STREAM", "MAINPID", "NOTIFY_SOCKET", "SYSTEMD_EXEC_PID"})
"""What systemd gives a service: a program that spoke to it would speak as the desk."""
LINKING = ("LD_LIBRARY_PATH",)  # the interpreter itself may need it
HELD_BACK = (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def spec_of(asset: Asset, env: Mapping[str, str], procfs: Path, bound: int) -> dict[str, Any]:
    """What the runner is told. Raises DriverError where there is no such program."""
    instance = secrets.token_hex(8)
    full = environ(asset, env) | {MARK: instance}
    return {
        "instance": instance,
        "program": _program(asset, full),
        "argv": list(asset.target.argv),
        "env": full,
        "cwd": _place(asset),
        "grace_s": asset.stop_grace_s,
        "bound": bound,
        "procfs": str(procfs),
    }


def environ(asset: Asset, env: Mapping[str, str]) -> dict[str, str]:
    """The desk's own without its settings and secrets, the registry's, and the GPUs that the asset is to see. Pure."""
    target: ProcessSettings = asset.target
    own = {name: value for name, value in env.items() if name == STATE or not _is_hidden(name)}
    own[CAPTURE] = "1"
    if asset.gpus:
        # As NVML counts them, by their place on the bus, so that an index means the same card here and there.
        own["CUDA_DEVICE_ORDER"] = "PCI_BUS_ID"
        own["CUDA_VISIBLE_DEVICES"] = ",".join(map(str, asset.gpus))
    return own | target.env


def _is_hidden(name: str) -> bool:
    return name.startswith(HIDDEN) or name in SECRET or name in OF_SERVICE


def _program(asset: Asset, env: Mapping[str, str]) -> str:
    """The file to run: a name is looked for in PATH; a path is left to the kernel, from the asset's own folder on."""
    name: str = asset.target.argv[0]
    if "/" in name:
        return name
    path = env.get("PATH", os.defpath)
    found = shutil.which(name, path=path)
    if found is None:
        msg = f"asset {asset.id}: there is no program {name} in PATH ({path}): give its whole path in argv"
        raise DriverError(msg)
    return found


def _place(asset: Asset) -> str:
    """The folder it is run in: the registry's, else the desk's own. Raises DriverError."""
    try:
        return str((asset.target.cwd or Path()).absolute())
    except OSError as error:
        msg = f"asset {asset.id}: the desk's own folder is gone ({error.strerror}): give a cwd"
        raise DriverError(msg) from error


def launch(asset: Asset, folder: Path, spec: Mapping[str, Any]) -> int:
    """Returns the runner's pid once the program runs; blocks until then. Raises DriverError."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        pid, answer = _spawn(folder, json.dumps(spec).encode())
    except OSError as error:
        msg = f"asset {asset.id}: {error.filename or 'its runner'} cannot be used: {error.strerror}"
        raise DriverError(msg) from error
    error_text = _error_in(answer, folder)
    if error_text is None:
        return pid
    reap(pid, wait=True)
    raise DriverError(f"asset {asset.id} could not be started: {error_text}")


def _spawn(folder: Path, spec: bytes) -> tuple[int, bytes]:
    """The runner's pid and what it answers; no answer where it died, or gave none in time and was killed."""
    with contextlib.ExitStack() as stack:
        given = _memory_file(spec)
        stack.callback(os.close, given)
        heard, answer = os.pipe()
        stack.callback(os.close, heard)
        with os.fdopen(answer, "wb"):
            pid = _run(folder, given, answer)
        return pid, _answer(pid, heard)


def _memory_file(content: bytes) -> int:
    """Never on a disk, for an environment holds secrets; never in the way of who writes, however slow the reader."""
    fd = os.memfd_create("launch")
    with os.fdopen(os.dup(fd), "wb") as file:
        file.write(content)
        file.seek(0)
    return fd


def _run(folder: Path, given: int, answer: int) -> int:
    log = os.open(folder / LOG, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    program = Path(runner.__file__).parent / "__main__.py"
    try:
        return os.posix_spawn(
            sys.executable,
            [sys.executable, "-I", "-S", "-X", "utf8", str(program), str(folder.absolute())],
            {name: os.environ[name] for name in LINKING if name in os.environ},
            file_actions=[(os.POSIX_SPAWN_DUP2, fd, place) for place, fd in enumerate((given, answer, log))],
            setsigdef=(signal.SIGCHLD,),
            setsigmask=HELD_BACK,  # a Ctrl-C at the desk is not for it, and it is not apart from the desk at once
        )
    finally:
        os.close(log)


def _answer(pid: int, heard: int) -> bytes:
    poll = select.poll()
    poll.register(heard, select.POLLIN)
    if poll.poll(ANSWER_S * 1000):
        return os.read(heard, MOST)
    with contextlib.suppress(OSError):
        os.kill(pid, signal.SIGKILL)  # our own child, and not waited for yet: the pid is still its
    return b""


def _error_in(answer: bytes, folder: Path) -> str | None:
    try:
        error = json.loads(answer)["error"]
    except (ValueError, KeyError, TypeError):
        return f"its runner ended at once, see {folder / LOG}"
    return None if error is None else str(error).replace("\n", " ")


def reap(pid: int, *, wait: bool = False) -> bool:
    """Whether the runner has ended, and is a zombie no more. With `wait`, when it has."""
    try:
        return os.waitpid(pid, 0 if wait else os.WNOHANG)[0] == pid
    except ChildProcessError:
        return True
