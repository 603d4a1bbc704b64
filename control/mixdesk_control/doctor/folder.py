"""The state folder: there, private, on a file system that can hold a database."""

from __future__ import annotations

import os
import stat

from mixdesk_control.doctor.finding import ABSENT, BROKEN, OK, WARNING, Context, Finding
from mixdesk_control.store.checks import REMOTE_FILE_SYSTEMS, file_system_of

NAME = "state folder"


def check(context: Context) -> Finding:
    """Permissions and file system type."""
    folder = context.state_dir
    if not folder.exists():
        return Finding(NAME, ABSENT, f"{folder} is not there yet", "start a desk with `mixdesk up`: it makes it")
    kind = file_system_of(folder)
    if kind in REMOTE_FILE_SYSTEMS:
        return Finding(NAME, BROKEN, f"{folder} is on {kind}", "set MIXDESK_STATE_DIR to a folder on a local disk")
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        return Finding(
            NAME, BROKEN, f"{folder} cannot be written by this user", f"chown it, or run as its owner: {folder}"
        )
    mode = stat.S_IMODE(folder.stat().st_mode)
    if mode & 0o077:
        return Finding(NAME, WARNING, f"{folder} has mode {mode:04o}", f"chmod 700 {folder}")
    return Finding(NAME, OK, f"{folder} ({kind or 'unknown file system'}, mode {mode:04o})")
