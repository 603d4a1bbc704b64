"""Which desk and token: from the environment, from the state folder, or none."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Desk:
    """Where reports go. `why` says in a few words why there is no token, or None where there is one."""

    url: str
    token: str | None
    why: str | None = None


def state_dir(env: Mapping[str, str] = os.environ) -> Path:
    """`$MIXDESK_STATE_DIR`, else `$XDG_STATE_HOME/mixdesk`, else `~/.local/state/mixdesk`."""
    given = env.get("MIXDESK_STATE_DIR")
    if given:
        return Path(given).expanduser()
    base = env.get("XDG_STATE_HOME")
    return (Path(base) if base else Path.home() / ".local" / "state") / "mixdesk"


def find_desk(env: Mapping[str, str] = os.environ) -> Desk | None:
    """The desk of this environment, or None. Reads files of the state folder, sends nothing."""
    folder = state_dir(env)
    url = env.get("MIXDESK_URL") or _url_of(folder / "desk.json")
    if not url:
        return None
    token = env.get("MIXDESK_TOKEN")
    if token:
        return Desk(url.rstrip("/"), token.strip())
    return _with_token_file(url.rstrip("/"), folder / "tokens" / "reporter")


def _url_of(path: Path) -> str | None:
    try:
        url = json.loads(path.read_text()).get("url")
    except (OSError, ValueError, AttributeError):
        return None
    return url if isinstance(url, str) else None


def _with_token_file(url: str, path: Path) -> Desk:
    try:
        return Desk(url, path.read_text().strip())
    except OSError as error:
        return Desk(url, None, f"{path}: {error.strerror}")
