"""How this command can be typed again, from any folder and any terminal of this user."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path


def again(argv0: str | None = None, env: Mapping[str, str] = os.environ) -> str:
    """`mixdesk` where the shell finds this very one, else its whole path; with the state folder where one is set."""
    command = _command(Path(argv0 or sys.argv[0]), env)
    folder = env.get("MIXDESK_STATE_DIR")
    return f"MIXDESK_STATE_DIR={shlex.quote(str(Path(folder).absolute()))} {command}" if folder else command


def _command(program: Path, env: Mapping[str, str]) -> str:
    if program.name != "mixdesk":
        return f"{shlex.quote(sys.executable)} -m mixdesk_control.cli"
    found = shutil.which("mixdesk", path=env.get("PATH"))
    if found is not None and Path(found).samefile(program):
        return "mixdesk"
    return shlex.quote(str(program.absolute()))
