"""Small parsers that several collectors share."""

from __future__ import annotations

from mixdesk_exporter.errors import Garbled


def whole(path: str, content: bytes) -> int:
    """A file that holds one whole number."""
    try:
        return int(content)
    except ValueError as error:
        raise Garbled(f"/proc/{path}: {content[:60]!r} is no number") from error


def number_or_none(text: str) -> int | None:
    """A small file of sysfs: many are empty, or hold a word, where the device has no such thing."""
    try:
        return int(text, 0)
    except ValueError:
        return None
