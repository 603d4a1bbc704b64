"""The desk: does one answer?"""

from __future__ import annotations

import requests

from mixdesk_control import state
from mixdesk_control.doctor.finding import ABSENT, BROKEN, OK, Context, Finding

NAME = "desk"


def check(context: Context) -> Finding:
    """Asks the address in `desk.json` for its health."""
    running = state.found(context.state_dir)
    if running is None:
        return Finding(NAME, ABSENT, f"none runs on {context.state_dir}", "start one with `mixdesk up`")
    if state.living(context.state_dir) is None:  # whoever listens there now is another
        gone = f"the desk at {running.url} (pid {running.pid}) has ended without a word"
        return Finding(NAME, BROKEN, gone, "start it again with `mixdesk up`")
    try:
        # The certificate may be for the public name; what is asked here is only whether anybody answers.
        with requests.Session() as session:
            session.trust_env, session.verify = False, False
            answer = session.get(f"{running.url}/readyz", timeout=3)
    except requests.RequestException as error:
        why = type(error).__name__
        return Finding(
            NAME, BROKEN, f"{running.url} (pid {running.pid}) does not answer: {why}", "restart `mixdesk up`"
        )
    if answer.status_code != 200:
        return Finding(NAME, BROKEN, f"{running.url} answers {answer.status_code}: {answer.text[:200]}", "see its log")
    return Finding(NAME, OK, f"version {running.version} at {running.url} (pid {running.pid})")
