"""Which desk and token: from the environment, from the state folder, or none."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


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
        return Path(os.path.expanduser(given))  # noqa: PTH111 - Path's own raises where there is no home
    base = env.get("XDG_STATE_HOME")
    return (Path(base) if base else _home() / ".local" / "state") / "mixdesk"


def find_desk(env: Mapping[str, str] = os.environ) -> Desk | None:
    """The desk of this environment, or None. Reads files of the state folder, sends nothing."""
    folder = state_dir(env)
    here = _url_of(folder / "desk.json")
    url = (env.get("MIXDESK_URL") or here or "").rstrip("/")
    if not url:
        return None
    token = env.get("MIXDESK_TOKEN", "").strip()
    if token:
        return Desk(url, token)
    if url != (here or "").rstrip("/") and not _is_loopback(url):
        return Desk(url, None, "this host's own token is not for another host's desk")
    return _with_token_file(url, folder / "tokens" / "reporter")


def _home() -> Path:
    try:
        return Path.home()
    except RuntimeError:  # a container's user whom the system does not know: there is no state folder
        return Path(os.devnull)


def _is_loopback(url: str) -> bool:
    try:
        return urlsplit(url).hostname in _LOOPBACK
    except ValueError:
        return False


def _url_of(path: Path) -> str | None:
    try:
        url = json.loads(path.read_text()).get("url")
    except (OSError, ValueError, AttributeError):
        return None
    return url if isinstance(url, str) else None


def _with_token_file(url: str, path: Path) -> Desk:
    try:
        token = path.read_text().strip()
    except OSError as error:
        return Desk(url, None, f"{path}: {error.strerror}")
    except ValueError:
        return Desk(url, None, f"{path} is no text")
    return Desk(url, token) if token else Desk(url, None, f"{path} is empty")
