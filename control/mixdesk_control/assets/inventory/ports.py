"""Published ports of a service, in both of compose's forms. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

ANY_ADDRESS = ("", "0.0.0.0", "::", "*")
LOOPBACK = "127.0.0.1"

Port = tuple[str, int]
"""The address and the TCP port where the host answers."""


def ports_of(value: Any, resolve: Callable[[str], str]) -> Iterator[Port]:
    """Those with a fixed number on the host; of a range the first. What is no port is passed over."""
    for item in value if isinstance(value, list) else ():
        found = _short(resolve(item)) if isinstance(item, str) else _long(item, resolve)
        if found is not None:
            yield found


def _short(text: str) -> Port | None:
    """`[address:][published:]target[/protocol]`"""
    text, _, protocol = text.partition("/")
    before, _, _target = text.rpartition(":")
    address, _, published = before.rpartition(":")
    return _port(address.strip("[]"), published, protocol)


def _long(item: Any, resolve: Callable[[str], str]) -> Port | None:
    if not isinstance(item, Mapping):
        return None
    address, published, protocol = (
        resolve(value) if isinstance(value := item.get(key), str) else ""
        for key in ("host_ip", "published", "protocol")
    )
    return _port(address, published, protocol)


def _port(address: str, published: str, protocol: str) -> Port | None:
    first = published.partition("-")[0].strip()
    if protocol not in ("", "tcp") or not (first.isascii() and first.isdigit()) or not 0 < int(first[:6]) < 65536:
        return None
    return (LOOPBACK if address in ANY_ADDRESS else address), int(first)
