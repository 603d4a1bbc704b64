"""Which log is worth looking at first, and why. Pure."""

from __future__ import annotations

from pathlib import PurePosixPath

from mixdesk_control.logs.source import ACCESS, APPLICATION, DEBUG, ERROR, KINDS, STDOUT, Source

STALE_S = 7 * 86400.0  # not written for so long: after those of its kind that are
_WORDS = (
    ("error", ERROR),
    ("warning", ERROR),
    ("warn", ERROR),
    ("critical", ERROR),
    ("fatal", ERROR),
    ("exception", ERROR),
    ("access", ACCESS),
    ("debug", DEBUG),
    ("trace", DEBUG),
)
_KNOWN = (
    ("slow", "slow queries"),
    ("fpm", "PHP's process manager"),
    ("supervisor", "a supervisor, or what it runs"),
)


def kind_of(name: str) -> tuple[str, str]:
    """What a file of this name is about, and how that is known: `error, "name has 'error'"`."""
    low = name.lower()
    for word, kind in _WORDS:
        if word in low:
            return kind, f"name has '{word}'"
    for word, what in _KNOWN:
        if word in low:
            return APPLICATION, f"name has '{word}': {what}"
    return APPLICATION, "name has none of error, warning, access, debug"


def order(source: Source, now: float) -> tuple[object, ...]:
    """Sorts the best first: by kind, `error` before `warning`, then what is written now, the larger, the fresher."""
    first = source.kind == ERROR and "error" not in PurePosixPath(source.path or source.id).name.lower()
    size, modified = source.size or 0, source.modified or 0.0
    idle = not size or (source.kind != STDOUT and now - modified > STALE_S)
    return KINDS.index(source.kind), first, idle, -size, -modified, source.id


def why(reason: str, size: int | None, modified: float | None, now: float) -> str:
    """One line for people: `name has 'error'; 11.7 KiB, 3 s ago`."""
    if size is None:
        return reason
    if not size:
        return f"{reason}; empty"
    return f"{reason}; {_bytes(size)}" + ("" if modified is None else f", {_ago(now - modified)}")


def _bytes(size: float) -> str:
    if size < 1024:
        return f"{size:.0f} B"
    for unit in ("KiB", "MiB", "GiB"):
        size /= 1024
        if size < 1024:
            return f"{size:.1f} {unit}"
    return f"{size / 1024:.1f} TiB"


def _ago(seconds: float) -> str:
    if seconds < 1:
        return "now"
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60), ("s", 1)):
        if seconds >= length:
            return f"{seconds // length:.0f} {unit} ago"
    return "now"
