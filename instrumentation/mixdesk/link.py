"""The one link of this process to a desk: one reporter and one waiter, whatever the number of jobs."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

from . import spans, spool
from .guard import log, say_once
from .locate import find_desk, state_dir
from .reporter import Channel, Reporter
from .transport import HttpTransport, Transport
from .waiter import Waiter


class Link:
    """Reports jobs and hears what is asked of them.

    prepare  imports what the threads need, in the thread that begins a job
    """

    def __init__(
        self,
        connect: Callable[[], Transport | None],
        spool_folder: Path | None,
        prepare: Callable[[], None] = lambda: None,
    ) -> None:
        self.connect = connect
        self.spool_folder = spool_folder
        self.prepare = prepare
        self.reporter = Reporter(connect, spool_folder, lambda: self.waiter.changed())
        self.waiter = Waiter(connect, lambda: self.reporter.channels)

    def add(self, channel: Channel) -> None:
        """Report this job, and hear what is asked of it."""
        self.prepare()
        self.reporter.add(channel)

    def finish(self, channel: Channel, wait_s: float = 1.0) -> bool:
        """Send the last report of a job; True where a desk has stored it in time."""
        try:
            return self.reporter.finish(channel, wait_s)
        finally:
            self.waiter.changed()


_lock = threading.Lock()
_link: Link | None = None
_override: Callable[[], Link] | None = None


def current() -> Link:
    """The link of this process, made when first needed."""
    global _link
    if _override is not None:
        return _override()
    with _lock:
        if _link is None:
            _link = Link(connect_to_desk, spool.folder_in(state_dir()), prepare)
        return _link


def override(make: Callable[[], Link] | None) -> None:
    """Use another link (tests)."""
    global _override
    _override = make


def prepare() -> None:
    """Import here what the threads would: a fork amid an import leaves the child a lock that nobody opens."""
    desk = find_desk()
    if desk is not None:
        from .connection import prepare as prepare_connection

        prepare_connection(desk.url)
    spans.prepare()


def connect_to_desk() -> Transport | None:
    """A connection to the desk of this environment, or None; says once why there is none."""
    desk = find_desk()
    if desk is None:
        say_once("no desk", "no desk found: progress is not reported; set MIXDESK_URL and MIXDESK_TOKEN to report it")
        return None
    if desk.token is None:
        say_once("no token", "desk %s: no token (%s); set MIXDESK_TOKEN", desk.url, desk.why)
        return None
    log.debug("reporting to %s", desk.url)
    return HttpTransport(desk)


def forget() -> None:
    """Make a new link when one is needed next: in a forked child, and where a test changes the environment."""
    global _link, _lock
    _link, _lock = None, threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=forget)
