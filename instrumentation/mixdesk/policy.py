"""What the user said about checkpoints, as data."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_UNITS = {"s": 1.0, "sec": 1.0, "min": 60.0, "h": 3600.0}


@dataclass(frozen=True)
class Every:
    """How often to save by itself: after so many seconds, or epochs, or never (both None)."""

    seconds: float | None = None
    epochs: int | None = None

    @classmethod
    def of(cls, text: str | None) -> Every:
        """From "15min", "90s", "2h", "2 epochs" or None. Raises ValueError for anything else."""
        if text is None:
            return cls()
        found = re.fullmatch(r"\s*(?:(\d+(?:\.\d+)?)\s*(s|sec|min|h)|(\d+)\s*epochs?)\s*", str(text))
        if found is None or float(found[1] or found[3]) <= 0:
            msg = f'save_every={text!r}: write it as "15min", "90s", "2h", "2 epochs", or None for never'
            raise ValueError(msg)
        return cls(epochs=int(found[3])) if found[3] else cls(seconds=float(found[1]) * _UNITS[found[2]])


@dataclass(frozen=True)
class Source:
    """Where a run may go on from: the folder of its checkpoints (None: nowhere), and what the user said of it.

    resume  "auto", "must" or "never"
    strict  False: names, shapes or loaders that do not fit are a warning
    """

    folder: Path | None
    resume: str = "auto"
    strict: bool = True


@dataclass(frozen=True)
class Policy:
    """All of it. `keep`: how many automatic checkpoints of this run stay."""

    source: Source
    every: Every = Every()
    keep: int = 1
