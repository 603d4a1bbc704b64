"""The port: free, or held by this desk."""

from __future__ import annotations

from mixdesk_control import state
from mixdesk_control.doctor.finding import BROKEN, OK, Context, Finding
from mixdesk_control.settings import SettingsError
from mixdesk_control.web.binding import listen

NAME = "port"


def check(context: Context) -> Finding:
    """Tries to bind, unless a desk of this folder holds it."""
    server = context.settings.server
    running = state.living(context.state_dir)
    if running is not None and running.port == server.port:
        return Finding(NAME, OK, f"{server.port} is held by the desk (pid {running.pid})")
    try:
        for found in listen(server):
            found.close()
    except SettingsError as error:
        return Finding(NAME, BROKEN, str(error), "pass another port by --port, or set [server] port")
    return Finding(NAME, OK, f"{server.port} is free")
