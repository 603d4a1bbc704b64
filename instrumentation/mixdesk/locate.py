"""Which desk and token: from the environment, from the state folder, or none."""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

fcntl: Any
try:
    import fcntl
except ImportError:  # Windows: what `desk.json` says is believed
    fcntl = None

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_CLOEXEC = getattr(os, "O_CLOEXEC", 0)


def _anybody() -> object:
    return True


@dataclass(frozen=True)
class Desk:
    """Where reports go. `why` says in a few words why there is no token, or None where there is one.

    witness  tells whether the desk of this state folder lives, see `connection.Connection`: whoever took the port of
             one that was killed is sent no token
    """

    url: str
    token: str | None
    why: str | None = None
    witness: Callable[[], object] = field(default=_anybody, compare=False, repr=False)


@dataclass(frozen=True)
class Announced:
    """What `desk.json` says. `writing` tells one writing of it from the next, and is None where its desk is gone."""

    url: str
    writing: tuple[int, int, int] | None


def announced(path: Path) -> Announced | None:
    """What `desk.json` says; None where there is none.

    A desk holds the lock (flock) of the very file it wrote for as long as it listens; the kernel lets go of it
    however the process ends. Where locks do not tell (Windows, a network file system) the file is believed.
    """
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | _CLOEXEC), "rb") as file:
            url = json.loads(file.read()).get("url")
            status = os.fstat(file.fileno())
            held = _is_held(file.fileno(), path)
    except (OSError, ValueError, AttributeError):
        return None
    if not isinstance(url, str):
        return None
    return Announced(url.rstrip("/"), (status.st_dev, status.st_ino, status.st_mtime_ns) if held else None)


def witness(path: Path, url: str | None = None) -> object:
    """Which desk lives, at this address if one is given; None where none does.

    With TLS another name of this host does as well, for no stranger has the certificate: on a port of one number
    127.0.0.1 and ::1 may be listened on by two.
    """
    found = announced(path)
    if found is None:
        return None
    is_there = url is None or _origin(url) == _origin(found.url) or (_has_tls(url) and _is_same(found.url, url))
    return found.writing if is_there else None


def as_announced(url: str, here: Announced | None) -> str:
    """The desk's own spelling of an address of this host, where `url` is another one of the same port."""
    if here is None or _has_tls(url) or not _is_same(here.url, url):
        return url
    return urlunsplit((*_origin(here.url), urlsplit(url).path, "", ""))


def _is_held(fd: int, path: Path) -> bool:
    if fcntl is None:
        return True
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)  # shared: two that look at once do not see each other
    except OSError:
        return True  # held, or a file system that has no locks
    return _is_remote(path)


@functools.lru_cache(maxsize=4)
def _is_remote(path: Path) -> bool:
    from .checkpoints.filesystem import is_remote

    return is_remote(path)


def state_dir(env: Mapping[str, str] = os.environ) -> Path:
    """`$MIXDESK_STATE_DIR`, else `$XDG_STATE_HOME/mixdesk`, else `~/.local/state/mixdesk`."""
    given = env.get("MIXDESK_STATE_DIR")
    if given:
        return Path(os.path.expanduser(given))  # noqa: PTH111 - Path's own raises where there is no home
    base = env.get("XDG_STATE_HOME")
    return (Path(base) if base else _home() / ".local" / "state") / "mixdesk"


def find_desk(env: Mapping[str, str] = os.environ) -> Desk | None:
    """The desk of this environment, or None. Reads files of the state folder, sends nothing.

    What is found in the state folder, address or token, is for the desk that lives there: see `Desk.witness`.
    """
    folder = state_dir(env)
    path = folder / "desk.json"
    here = announced(path)
    named = env.get("MIXDESK_URL", "").rstrip("/")
    url = named or (here.url if here else None)
    if not url:
        return None
    token = env.get("MIXDESK_TOKEN", "").strip()
    if token and named:
        return Desk(url, token)
    url = as_announced(url, here)
    lives = functools.partial(witness, path, url)
    if token:
        return Desk(url, token, witness=lives)
    if not is_loopback(url) and (here is None or url != here.url):
        return Desk(url, None, "this host's own token is not for another host's desk")
    return _with_token_file(url, folder / "tokens" / "reporter", lives)


def _home() -> Path:
    try:
        return Path.home()
    except RuntimeError:  # a container's user whom the system does not know: there is no state folder
        return Path(os.devnull)


def is_loopback(url: str) -> bool:
    """True for an address of this host alone."""
    try:
        return urlsplit(url).hostname in _LOOPBACK
    except ValueError:
        return False


def _origin(url: str) -> tuple[str, str]:
    scheme, _, rest = url.partition("://")
    return scheme, rest.partition("/")[0]


def _has_tls(url: str) -> bool:
    return url.startswith("https:")


def _is_same(one: str, other: str) -> bool:
    """True for two spellings of one loopback address: scheme and port agree."""
    if not (is_loopback(one) and is_loopback(other)):
        return False
    try:
        first, second = urlsplit(one), urlsplit(other)
        return (first.scheme, first.port) == (second.scheme, second.port)
    except ValueError:  # a port that is none
        return False


def _with_token_file(url: str, path: Path, lives: Callable[[], object]) -> Desk:
    try:
        token = path.read_text().strip()
    except OSError as error:
        return Desk(url, None, f"{path}: {error.strerror}")
    except ValueError:
        return Desk(url, None, f"{path} is no text")
    return Desk(url, token, witness=lives) if token else Desk(url, None, f"{path} is empty")
