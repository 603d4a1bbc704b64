"""What the store raises."""

from __future__ import annotations


class StoreError(Exception):
    """The database cannot be opened, read or written; the message is one line: what, where, what to do."""
