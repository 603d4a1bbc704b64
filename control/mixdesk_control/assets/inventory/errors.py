"""What this folder raises."""

from __future__ import annotations


class InventoryError(Exception):
    """What was to be read cannot be read; one line that says what, where, and what to do."""
