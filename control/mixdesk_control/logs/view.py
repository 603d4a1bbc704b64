"""What somebody wants to see of a source, and the frames that they get. Pure."""

from __future__ import annotations

from dataclasses import dataclass

LEVELS = ("trace", "debug", "info", "notice", "warning", "error", "critical")
"""From the least to the worst; a record that says nothing of it has none."""

MOST_LINES = 100_000
LINES = 200


@dataclass(frozen=True, slots=True)
class View:
    """Equal ones share their work.

    q       a text that records contain, whatever its case
    regex   a pattern that they match (RE2)
    level   this one or a worse one
    ansi    colours are kept; else, and always where they are dangerous, escape sequences are taken out
    redact  secrets are blacked out
    """

    q: str | None = None
    regex: str | None = None
    level: str | None = None
    ansi: bool = False
    redact: bool = True


# Frames of the stream, one JSON object each, exactly one of these keys, but for `levels`:
#   {"source": {...}}                              what is shown; always the first
#   {"lines": ["..."], "levels": ["error", null]}  records, oldest first; one of several lines has "\n" in it
#   {"partial": "42%|####   |"}                    a line without end (a progress bar, the last words of a crash), until
#                                                  the next one or lines; one that is there already comes before `live`
#   {"live": true}                                 what was there has been sent; from here on it is new
#   {"skipped": 120}                               so many lines were left out here: a slow viewer, or a long past
#   {"rotated": "renamed"}                         renamed, truncated, recreated or continued
#   {"gone": "the container does not run"}         nothing comes until there are lines again
