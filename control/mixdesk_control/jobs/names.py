"""Names of the history points that the desk keeps itself; a dot sets them apart from what trainers log."""

from __future__ import annotations

PROGRESS, ETA = ".progress_percent", ".eta_seconds"
