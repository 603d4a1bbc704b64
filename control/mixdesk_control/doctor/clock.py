"""The clock: has it gone back behind what was written already?"""

from __future__ import annotations

from datetime import datetime, timezone

from mixdesk_control.doctor.finding import OK, WARNING, Context, Finding

NAME = "clock"
SLACK_S = 60.0


def check(context: Context) -> Finding:
    """Files of the state folder must not be from the future."""
    now = context.clock()
    folder = context.state_dir
    newest = max((path.stat().st_mtime for path in folder.glob("*") if path.exists()), default=now)
    shown = datetime.fromtimestamp(now, timezone.utc).isoformat(timespec="seconds")
    if newest > now + SLACK_S:
        ahead = f"files in {folder} are {newest - now:.0f} s newer than now ({shown})"
        return Finding(
            NAME, WARNING, ahead, "the clock went back: switch on time synchronisation (timedatectl set-ntp true)"
        )
    return Finding(NAME, OK, shown)
