"""What the trainer library raises.

MixdeskError
├── CheckpointError   a checkpoint could not be saved, read or applied
└── Busy              another process runs the same name and version in this checkpoint folder
Canceled              a BaseException: the way out of a loop that was asked to leave
"""

from __future__ import annotations


class MixdeskError(Exception):
    """The root of what the trainer library raises on purpose."""


class CheckpointError(MixdeskError):
    """A checkpoint could not be saved, read or applied; the message says which and why."""


class Busy(MixdeskError):
    """Another open run holds this checkpoint folder, name and version."""

    def __init__(self, message: str, *, pid: int | None = None, host: str | None = None) -> None:
        super().__init__(message)
        self.pid = pid
        self.host = host


class Canceled(BaseException):
    """Raised at a step boundary when the run was asked to leave.

    A BaseException, so that an `except Exception` around a training loop does not swallow it;
    the `with mixdesk.job(...)` block takes it, and the process goes on after the block.
    """
