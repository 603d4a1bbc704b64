"""What services have written already: the last lines of a log, all of it with its rotated files, and search."""

from __future__ import annotations
