"""Secrets and where a request carries them. Pure, but for the random numbers."""

from __future__ import annotations

import hashlib
import ipaddress
import secrets
from dataclasses import dataclass

from starlette.requests import HTTPConnection

TICKET_PREFIX = "ticket."


def new_secret(prefix: str = "") -> str:
    """256 random bits as text."""
    return prefix + secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """What is kept of a secret: its SHA-256 in hex. Enough, because secrets are random and long."""
    return hashlib.sha256(secret.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Presented:
    """What a request carries. The first that is there decides; a bad one never falls back to the next."""

    bearer: str | None = None
    ticket: str | None = None
    cookie: str | None = None

    @property
    def ambient(self) -> bool:
        """Whether a browser may have added it by itself, so that Host and Origin must be checked."""
        return self.bearer is None and self.ticket is None


def presented(connection: HTTPConnection, cookie_name: str) -> Presented:
    """The credentials of a request or WebSocket handshake."""
    # Not through `connection.headers`, which every report would pay for.
    for name, value in connection.scope["headers"]:
        if name == b"authorization" and value[:7].lower() == b"bearer ":
            return Presented(bearer=value[7:].strip().decode("latin-1"))
    if connection.scope["type"] == "websocket":
        for offered in connection.scope.get("subprotocols", ()):
            if offered.startswith(TICKET_PREFIX):
                return Presented(ticket=offered[len(TICKET_PREFIX) :])
    return Presented(cookie=connection.cookies.get(cookie_name))


def is_loopback(address: str) -> bool:
    """Whether a peer's address is this host."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return (getattr(parsed, "ipv4_mapped", None) or parsed).is_loopback is True
