"""Tables of compose files over each other, by compose's rules. Pure: it changes nothing that it is given.

Tables are merged, lists grow (`UNIQUE` says which items are the same), texts are replaced. Services are in the long
form.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mixdesk_control.compose.marks import RESET, Override, bare

Path = tuple[str, ...]
Key = Callable[[Any], Any]


def name(item: Any) -> Any:
    """What comes before `=`."""
    return item.partition("=")[0] if isinstance(item, str) else item


def target(item: Any) -> Any:
    """Where a volume is mounted."""
    return item.get("target")


def port(item: Any) -> Any:
    """What makes two ports the same."""
    address = item.get("host_ip", "0.0.0.0")
    return address, item.get("published"), item.get("target"), item.get("protocol", "tcp")


UNIQUE: Mapping[str, Key] = {"volumes": target, "ports": port, "profiles": name, "links": name, "tmpfs": name}


def unique(items: list[Any], key: Key) -> list[Any]:
    """A later item in the place of an earlier one with the same key."""
    return list({key(item): item for item in items}.values())


def merged(base: Mapping[str, Any], over: Mapping[str, Any], path: Path = ()) -> dict[str, Any]:
    """`over` over `base`. Marks of `over` stay, so that what it resets is reset in earlier files, too."""
    found = dict(base)
    for key, value in over.items():
        found[key] = _value(found[key], value, (*path, key)) if key in found else value
    return found


def unmarked(value: Any) -> Any:
    """What is left once everything is reset that is to be."""
    value = bare(value)
    if isinstance(value, dict):
        return {key: unmarked(item) for key, item in value.items() if item is not RESET}
    return value


def _value(base: Any, over: Any, path: Path) -> Any:
    if over is RESET or isinstance(over, Override) or base is None:
        return over
    if over is None:
        return base
    return _both(bare(base), over, path)


def _both(base: Any, over: Any, path: Path) -> Any:
    rest = path[2:] if path[:1] == ("services",) else ()
    if isinstance(base, dict) and isinstance(over, dict):
        return over if rest == ("logging",) and _other_driver(base, over) else merged(base, over, path)
    if isinstance(base, list) and isinstance(over, list) and rest != ("healthcheck", "test"):
        both = [*base, *over]
        return unique(both, UNIQUE[rest[0]]) if len(rest) == 1 and rest[0] in UNIQUE else both
    return over


def _other_driver(base: Mapping[str, Any], over: Mapping[str, Any]) -> bool:
    """Options of one driver say nothing to another."""
    return "driver" in base and "driver" in over and base["driver"] != over["driver"]
