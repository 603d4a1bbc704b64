"""What a check says."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from mixdesk_control.settings import Settings

Verdict = Literal["ok", "absent", "warning", "broken"]
OK: Final = "ok"
ABSENT: Final = "absent"
WARNING: Final = "warning"
BROKEN: Final = "broken"


@dataclass(frozen=True, slots=True)
class Finding:
    """`ok` works, `absent` is not there and need not be, `warning` works badly, `broken` is configured and does not."""

    check: str
    verdict: Verdict
    found: str
    todo: str | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """What checks may look at."""

    settings: Settings
    env: Mapping[str, str] = field(default_factory=lambda: os.environ)
    clock: Callable[[], float] = time.time

    @property
    def state_dir(self) -> Path:
        """The state folder."""
        return self.settings.state_dir


Check = Callable[[Context], Finding]
