"""Token files: there, and readable by their owner alone."""

from __future__ import annotations

import stat
from pathlib import Path

from mixdesk_control.auth.first_start import TokenFileError, folder_of, read
from mixdesk_control.auth.principal import ROLES
from mixdesk_control.doctor.finding import ABSENT, BROKEN, OK, WARNING, Context, Finding

NAME = "tokens"


def check(context: Context) -> Finding:
    """Given token files can be read; those of the state folder are private."""
    given = context.settings.auth.token_files
    try:
        for path in given.values():
            read(path)
    except TokenFileError as error:
        return Finding(NAME, BROKEN, str(error), "put a token into it, or leave it out of [auth] token_files")
    own = [folder_of(context.state_dir) / role for role in ROLES if role not in given]
    missing = [path.name for path in own if not path.exists()]
    if missing:
        return Finding(NAME, ABSENT, f"no token yet for {', '.join(missing)}", "start a desk: it makes them")
    wide = [path for path in own if _mode(path) & 0o077]
    if wide:
        modes = ", ".join(f"{path} ({_mode(path):04o})" for path in wide)
        return Finding(NAME, WARNING, f"others can read {modes}", f"chmod 600 {' '.join(str(path) for path in wide)}")
    return Finding(NAME, OK, f"{len(own)} in {folder_of(context.state_dir)}, {len(given)} given")


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)
