"""The jobs that are open in this process: inert in forked children, ended at the exit where nobody ended them."""

from __future__ import annotations

import atexit
import os
import weakref
from typing import Protocol

from .guard import guarded


class OpenJob(Protocol):
    """What is asked of an open job."""

    def _become_inert(self) -> None:
        """In a forked child: report and write no more."""

    def _end_at_exit(self) -> None:
        """The process ends, and nobody has closed it."""


_open: weakref.WeakSet[OpenJob] = weakref.WeakSet()


def add(job: OpenJob) -> None:
    """It has begun."""
    _open.add(job)


def discard(job: OpenJob) -> None:
    """It has ended."""
    _open.discard(job)


def _make_inert_in_child() -> None:
    for job in list(_open):
        job._become_inert()
    _open.clear()


@guarded
def _end_what_was_left_open() -> None:
    for job in list(_open):
        job._end_at_exit()


atexit.register(_end_what_was_left_open)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_make_inert_in_child)
