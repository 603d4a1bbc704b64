"""`./logs:/logs:ro` and `127.0.0.1:8080:80/tcp` as tables. Pure."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

MOST_PORTS = 1024  # of one range

Table = dict[str, Any]


def cleaned(path: str) -> str:
    """Without `..`, `.` and doubled slashes."""
    clean = posixpath.normpath(path) if path else ""
    return "/" + clean.lstrip("/") if clean.startswith("//") else clean


def volume(text: str) -> Table | None:
    """`[source:]target[:options]`; None where it is none. A source that is a path makes it a bind."""
    parts = [text] if len(text) <= 2 else _parts(text)
    if not all(parts) or len(parts) > 3:
        return None
    source, target = (parts[0], parts[1]) if len(parts) > 1 else ("", parts[0])
    table = {"type": "bind" if _is_path(source) else "volume", "target": target}
    if source:
        table["source"] = source
    rights = [option for option in parts[2].split(",") if option in ("ro", "rw")] if len(parts) == 3 else []
    return {**table, "read_only": "true"} if rights[-1:] == ["ro"] else table


def _parts(text: str) -> list[str]:
    """Cut at the colons; that behind a single letter belongs to a drive of Windows."""
    parts: list[str] = []
    is_drive = False
    for piece in text.split(":"):
        if is_drive:
            parts[-1] += f":{piece}"
        else:
            parts.append(piece)
        is_drive = not is_drive and len(piece) == 1 and piece.isalpha()
    return parts


def _is_path(source: str) -> bool:
    return source.startswith((".", "/", "~", "\\\\")) or re.match(r"[^\W\d_]:", source) is not None


def ports(text: str) -> Iterator[Table]:
    """`[address:][published:]target[/protocol]`, a table for each port of a range; none where it is no port."""
    spec, _, protocol = text.partition("/")
    before, _, target = spec.rpartition(":")
    address, _, published = before.rpartition(":")
    targets, hosts = _range(target), _range(published) if published else None
    if targets is None or (published and hosts is None) or (hosts and len(targets) not in (1, len(hosts))):
        return
    for place in islice(range(len(targets)), MOST_PORTS):
        yield {
            "target": str(targets[place]),
            "protocol": protocol.lower() or "tcp",
            **({"host_ip": found} if (found := address.strip("[]")) else {}),
            **({"published": _published(hosts, len(targets), place)} if hosts is not None else {}),
        }


def _published(hosts: range, targets: int, place: int) -> str:
    """The port beside the target; a whole range where the target is one port."""
    if targets == 1 and len(hosts) > 1:
        return f"{hosts[0]}-{hosts[-1]}"
    return str(hosts[min(place, len(hosts) - 1)])


def _range(text: str) -> range | None:
    first, sign, last = text.partition("-")
    if not (_is_number(first) and _is_number(last if sign else first)):
        return None
    found = range(int(first), int(last or first) + 1)
    return found if found and found[-1] < 65536 else None


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 6
