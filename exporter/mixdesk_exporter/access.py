"""Who may read `/snapshot`, which names processes and containers: this host, and who has the token."""

from __future__ import annotations

import hmac
import ipaddress

from mixdesk_exporter.serving.requests import Request

FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


def may_read(request: Request, peer: str, token: str | None) -> bool:
    """A bearer of the token from anywhere; without it a process of this host that also asks for a name of it.

    The name is looked at because a page in a browser can have its own name lead here. What a proxy of this host hands
    on comes from elsewhere.
    """
    if token is not None and _bears(request, token):
        return True
    if any(name in request.headers for name in FORWARDED):
        return False
    return is_loopback(peer) and is_loopback(_host_name(request.headers.get("host", "")))


def _bears(request: Request, token: str) -> bool:
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    return scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), token.encode())


def _host_name(host: str) -> str:
    return host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]


def is_loopback(name: str) -> bool:
    """127.0.0.0/8, ::1 and localhost."""
    if name.lower() in ("localhost", "localhost."):
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback
