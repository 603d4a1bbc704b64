"""How the build of the page stands, as `scripts/build-admin` notes it beside the folder that it fills."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Literal

from pydantic import BaseModel

MISSING = "not built: run `make admin` in the source (Node 20.9 or newer), or install a released wheel"
INTERRUPTED = "its build was interrupted: run `make admin` in the source"

State = Literal["built", "building", "failed", "missing"]


class Build(BaseModel):
    """Whether the full page is there; if not, why. `detail` is one line for people."""

    built: bool
    state: State
    detail: str = ""


BUILT = Build(built=True, state="built")


def note_of(folder: Path) -> Path:
    """Where the build of this folder is noted."""
    return folder.parent / "build" / f"{folder.name}.json"


def not_built(folder: Path) -> Build:
    """Why there is no build in this folder."""
    try:
        note = json.loads(note_of(folder).read_bytes())
        state, detail, builder = note.get("state"), str(note.get("detail", "")), int(note.get("pid", 0))
    except (OSError, ValueError, AttributeError, TypeError):
        return Build(built=False, state="missing", detail=MISSING)
    if state == "building":
        return Build(built=False, state="building") if _lives(builder) else _failed(INTERRUPTED)
    return _failed(detail) if state == "failed" else Build(built=False, state="missing", detail=MISSING)


def _failed(detail: str) -> Build:
    return Build(built=False, state="failed", detail=detail)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except (OSError, OverflowError):
        return False
    return pid > 0
