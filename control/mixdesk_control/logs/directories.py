"""Where logs lie in a container, what they are called, and what is never taken for one. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from fnmatch import fnmatchcase, translate
from functools import lru_cache

from mixdesk_control.logs import naming

DIRECTORIES = ("/app/storage/logs", "/app/logs", "/var/log", "/logs", "/data/logs")
"""Looked into in this order, each with the folders in it; after them the container's mount points."""

PATTERNS = ("*.log", "*error*", "*debug*", "*access*", "*warning*")
"""Names of logs, in small letters."""

MOST_FILES = 1000
"""Files of a folder, the freshest."""

KEPT = 20_000  # names whose answer is known: each look asks of the same ones

MOST_FOLDERS = 100
"""Folders in a folder."""

_NEVER = (
    *("wtmp*", "btmp*", "lastlog*", "utmp*", "faillog*", "tallylog*", "*.journal", "*.journal~"),  # binary
    *("*.db", "*.db-*", "*.sqlite*", "*.mdb", "*.ibd", "*.frm", "*.my[di]", "*.rdb", "*.aof", "*.wal", "*.parquet"),
    *("ib_logfile*", "ibdata*", "aria_log*", "tc.log", "ddl_recovery*", "ddl-recovery*", "*-bin.[0-9]*", "*.sst"),
    *("*.sock", "*.socket", "*.pid", "*.lock", "*.swp", "*.so", "*.so.*", "*.exe", "*.jar", "*.class", "*.pyc"),
    *("*.php", "*.js", "*.mjs", "*.ts", "*.tsx", "*.css", "*.map", "*.html", "*.py", "*.rb", "*.go", "*.java"),
    *("*.[ch]", "*.cpp", "*.conf", "*.cnf", "*.ini", "*.toml", "*.yml", "*.yaml", "*.xml", "*.png", "*.jpg", "*.svg"),
    *(".env*", "*.env", "*.key", "*.pem", "*.crt", "*.p12", "*.pfx", "*.jks", "*.kdbx", "id_rsa*", "id_ed25519*"),
    *(
        "shadow",
        "shadow-",
        "gshadow*",
        "passwd",
        "passwd-",
        "*token",
        ".htpasswd",
        ".htaccess",
        ".pgpass",
        ".my.cnf",
        ".netrc",
        "authorized_keys",
    ),
)
_UNLESS_NAMED = ("*secret*", "*credential*", "*access[-_]key*", "*accesskey*")
_NEVER_BELOW = (
    *("/proc", "/sys", "/dev", "/etc", "/boot", "/run", "/var/run", "/root/.ssh", "/bin", "/sbin", "/lib", "/usr/bin"),
    *("/usr/sbin", "/usr/lib", "/var/lib/docker", "/var/lib/containerd", "/var/lib/mysql", "/var/lib/postgresql"),
)
_FOLDERS_NEVER = ("journal", "private", "node_modules", "lost+found", "secrets", ".*")


def _any_of(patterns: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(translate(pattern) for pattern in patterns))


_LOGS, _DENIED, _FOLDERS_DENIED = _any_of(PATTERNS), _any_of((*_NEVER, *_UNLESS_NAMED)), _any_of(_FOLDERS_NEVER)


@lru_cache(maxsize=KEPT)
def wanted(name: str) -> bool:
    """Whether a file of this name, or the one that it is a rotated part of, is a log."""
    low = name.lower()
    if _DENIED.match(low):
        return False
    return _LOGS.match(low) is not None or naming.part(low).base.endswith(".log")


def denied(name: str) -> bool:
    """Whether a file of this name is never read: a database, a binary, a program, a secret."""
    return _DENIED.match(name.lower()) is not None


def refusal(name: str, *, named: bool = False) -> str | None:
    """Why a file of this name is never read; None where it may be.

    named  the settings have this very name, without a `*`: then a log may have a word like `secret` in it
    """
    if not denied(name):
        return None
    low = name.lower()
    hard = next((pattern for pattern in _NEVER if fnmatchcase(low, pattern)), None)
    if hard is None and named and naming.part(low).base.endswith(".log"):
        return None
    rule = hard or next(pattern for pattern in _UNLESS_NAMED if fnmatchcase(low, pattern))
    return f"its name ({rule}) is one that may hold secrets, or is no text; it is never read"


def exact(paths: Iterable[str]) -> frozenset[str]:
    """Those that are one file's, without `*`, `?` or `[`."""
    return frozenset(path for path in paths if not set("*?[").intersection(path))


def among(path: str, named: Collection[str]) -> bool:
    """Whether the file is one of those, or a rotated part of one."""
    folder, _, name = path.rpartition("/")
    return path in named or f"{folder}/{naming.part(name).base}" in named


def folder_wanted(name: str) -> bool:
    """Whether a folder of this name, in one of those that are looked into, is looked into too."""
    return _FOLDERS_DENIED.match(name) is None


def forbidden(path: str) -> bool:
    """Whether nothing at this path of a container, or below it, is ever a log."""
    return any(path == folder or path.startswith(f"{folder}/") for folder in _NEVER_BELOW)


def folders(mount_points: Iterable[str] = (), more: Iterable[str] = ()) -> list[str]:
    """What to look into, in order, each once."""
    mounted = [path for path in mount_points if path != "/" and not forbidden(path)]
    return list(dict.fromkeys((*DIRECTORIES, *more, *mounted)))
