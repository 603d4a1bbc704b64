"""What goes wrong with compose files."""

from __future__ import annotations


class ComposeError(Exception):
    """Compose files that cannot be read; one line, which names the file."""


class TooMuchError(ComposeError):
    """They ask for more than is read: bytes, files, services, texts."""


class UnansweredError(ComposeError):
    """The compose program is not there, or has no answer; one line."""
