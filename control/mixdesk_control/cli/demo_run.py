"""The example as a child process, its lines above the live bars of its job."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from typing import IO, TYPE_CHECKING

from mixdesk_control.cli.client import job_path
from mixdesk_control.cli.errors import CliError
from mixdesk_control.cli.follow import Away, Idle, job_stream
from mixdesk_control.cli.invocation import again
from mixdesk_control.cli.screens import LiveScreen

if TYPE_CHECKING:
    from types import FrameType

    from mixdesk.locate import Desk
    from mixdesk_control.cli.client import Client, Job

MODULE = "mixdesk_voice"
INTERRUPTED = 130


def run(arguments: Sequence[str], env: Mapping[str, str], desk: Desk | None) -> int:
    """Run the example to its end; bars where stdout is a terminal and the desk shows jobs, else its lines alone."""
    client = _client(desk) if sys.stdout.isatty() else None
    command = [sys.executable, "-m", MODULE, *arguments]
    pipe = None if client is None else subprocess.PIPE
    child = subprocess.Popen(command, env=dict(env), stdout=pipe, stderr=pipe and subprocess.STDOUT, text=True)
    with child, _terminating(child):
        try:
            if client is not None:
                _show(child, client)
            return _status(child.wait())
        except KeyboardInterrupt:  # the terminal has sent it to the child as well, which leaves by itself
            child.wait()
            sys.stderr.write(f"mixdesk: ended by Ctrl-C; what the last checkpoint holds is kept: {again()} demo\n")
            return INTERRUPTED


def _status(code: int) -> int:
    return code if code in (0, INTERRUPTED) else 1


def _client(desk: Desk | None) -> Client | None:
    """The desk to look at; None where there is none, or this user may not look."""
    from mixdesk_control.cli.client import Client

    if desk is None or desk.token is None:
        return None
    try:
        client = Client.find(desk.url)
        client.get("/jobs", limit=1)
    except CliError as error:
        sys.stderr.write(f"mixdesk: no live bars: {error}\n")
        return None
    return client


def _terminating(child: subprocess.Popen[str]) -> ExitStack:
    """SIGTERM is the child's: it saves and leaves, and this process follows."""

    def hand_on(_number: int, _frame: FrameType | None) -> None:
        child.terminate()

    stack = ExitStack()
    stack.callback(signal.signal, signal.SIGTERM, signal.signal(signal.SIGTERM, hand_on))
    return stack


def _show(child: subprocess.Popen[str], client: Client) -> None:
    """The child's lines, and under them its job as the desk sees it, until one of the two has ended."""
    assert child.stdout is not None
    job: Job | None = None
    with LiveScreen() as screen:
        reader = threading.Thread(target=_copy, args=(child.stdout, screen), daemon=True)
        reader.start()
        try:
            job = _job_of(child, client)
            if job is not None:
                _follow(child, client, job, screen)
        finally:  # also at Ctrl-C: the last picture is of the end
            child.wait()
            reader.join(5.0)
            _show_end(client, job, screen)


def _show_end(client: Client, job: Job | None, screen: LiveScreen) -> None:
    if job is not None:
        with suppress(CliError):
            screen.show(client.get(job_path(job["job_id"])))


def _copy(lines: IO[str], screen: LiveScreen) -> None:
    for line in lines:
        screen.write(line.rstrip("\n"))


def _job_of(child: subprocess.Popen[str], client: Client) -> Job | None:
    """The job that the child reports; None where it ends before it has one."""
    while True:
        try:
            child.wait(0.3)
        except subprocess.TimeoutExpired:
            pass
        else:
            return None
        for job in _newest(client):
            if job.get("pid") == child.pid and job["status"] not in ("succeeded", "failed", "canceled"):
                return job


def _newest(client: Client) -> list[Job]:
    try:
        return list(client.items("/jobs", 20))
    except CliError:  # away just now
        return []


def _follow(child: subprocess.Popen[str], client: Client, job: Job, screen: LiveScreen) -> None:
    for event in job_stream(client, job["job_id"], idle_s=0.5).events():
        if isinstance(event, Away):
            screen.away(event.reason)
        elif not isinstance(event, Idle) and "job" in event:
            screen.show(event["job"])
            if event["job"]["status"] in ("succeeded", "failed", "canceled"):
                return
        if child.poll() is not None and not isinstance(event, dict):
            return
