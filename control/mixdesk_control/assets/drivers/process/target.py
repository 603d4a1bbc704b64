"""What is wrong with a `process` entry before anything runs. Pure."""

from __future__ import annotations

from mixdesk_control.assets.asset import Asset
from mixdesk_control.settings_assets import ProcessSettings

MARKS = "MIXDESK_ASSET"


def key_of(asset: Asset) -> str:
    """In a few words."""
    target: ProcessSettings = asset.target
    if target.name is not None:
        return f"process named {target.name}"
    return f"process {asset.id}" if target.pid_file is None else f"process of {target.pid_file.absolute()}"


def check(target: ProcessSettings) -> None:
    """Raises ValueError, one line, for what no kernel would take."""
    if target.argv and not target.argv[0]:
        raise ValueError("process.argv: the program, which comes first, is empty")
    if any("\0" in text for text in (*target.argv, str(target.cwd or ""), *target.env.values())):
        raise ValueError("process: a text in argv, cwd or env holds a zero byte, which no program can be given")
    for name in target.env:
        if not name or "=" in name or "\0" in name:
            msg = f"process.env: {name!r} cannot be the name of a variable: it is empty or holds = or a zero byte"
            raise ValueError(msg)
        if name.startswith(MARKS):
            msg = f"process.env: {name} is the desk's own, which tells by it what is of an asset: give another name"
            raise ValueError(msg)
    if target.name is not None and (not target.name or "/" in target.name):
        msg = f"process.name = {target.name!r}: give the name of a program without its folder"
        raise ValueError(msg)
