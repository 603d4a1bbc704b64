"""Which Python runs this."""

from __future__ import annotations

import platform
import sys

from mixdesk_control.doctor.finding import BROKEN, OK, Context, Finding


def check(_context: Context) -> Finding:
    """The desk needs Python 3.11."""
    found = f"Python {platform.python_version()} at {sys.executable}"
    if sys.version_info < (3, 11):
        return Finding("python", BROKEN, found, "install Python 3.11 or newer for the desk")
    return Finding("python", OK, found)
