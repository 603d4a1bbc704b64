"""Where the host answers for a container. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mixdesk_control import compose

ANY_ADDRESS = ("", "0.0.0.0", "::", "*")
LOOPBACK = "127.0.0.1"

Port = tuple[str, int]
"""The address and the TCP port where the host answers."""


def published(ports: Sequence[compose.Port]) -> Iterator[Port]:
    """The TCP ports with a fixed number on the host; of a range the first."""
    for port in ports:
        first = port.published.partition("-")[0].strip()
        if port.protocol == "tcp" and first.isascii() and first.isdigit() and 0 < int(first[:6]) < 65536:
            yield (LOOPBACK if port.address in ANY_ADDRESS else port.address), int(first)
