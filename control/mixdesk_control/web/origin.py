"""Host and Origin rules: what a browser adds by itself is believed only where these say so. Pure.

They hold where authority is ambient (a cookie, the loopback exemption, a sign-in). Nothing is ever computed from
X-Forwarded-*: behind common proxies that gives the wrong scheme, name or port.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Site:
    """How this desk is reached.

    public_url  what browsers call it, None where that follows from a loopback bind
    local_url   where a browser on this host finds it, None beyond a loopback bind
    scheme      http or https, as this process listens
    loopback    every bind is a loopback one
    hosts       names accepted in Host, beside loopback names and that of `public_url`
    origins     accepted in Origin beside the desk's own
    proxies     whose X-Forwarded-For is believed, for the audit alone
    networks    peers that may come without TLS
    closed      listens beyond loopback without TLS: only this host, `proxies` and `networks` may come
    """

    public_url: str | None = None
    local_url: str | None = None
    scheme: str = "http"
    loopback: bool = True
    hosts: frozenset[str] = frozenset()
    origins: frozenset[str] = frozenset()
    proxies: tuple[Network, ...] = ()
    networks: tuple[Network, ...] = ()
    closed: bool = False
    names: frozenset[str] = field(init=False)

    @property
    def browser_url(self) -> str | None:
        """What a browser is sent to, None where no address would be accepted as Origin."""
        return self.public_url or self.local_url

    def __post_init__(self) -> None:
        own = {urlsplit(self.public_url).hostname} if self.public_url else set()
        object.__setattr__(self, "names", frozenset(name.lower() for name in {*self.hosts, *own} if name))


def host_name(host: str) -> str:
    """The name in a Host header, lower case, without port and brackets."""
    host = host.strip().lower()
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.rpartition(":")[0] if host.count(":") == 1 else host


def is_loopback_name(name: str) -> bool:
    """Whether a name can only mean this host: nobody can make a browser take it for theirs."""
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def host_refusal(site: Site, host: str | None) -> str | None:
    """Why this Host is refused (DNS rebinding), None where it is accepted."""
    name = host_name(host or "")
    if is_loopback_name(name) or name in site.names:
        return None
    return f"Host {host!r} is not a name of this desk: add it to [server] allowed_hosts, or set public_url"


def origin_refusal(site: Site, origin: str | None, host: str | None, *, required: bool) -> str | None:
    """Why this Origin is refused, None where it is accepted. Without one only what changes nothing may come."""
    if origin is None:
        return "no Origin: a browser sends one; elsewhere use `Authorization: Bearer TOKEN`" if required else None
    sent = origin.lower()
    if sent in site.origins or sent == _own_origin(site, host):
        return None
    return f"Origin {origin!r} is not this desk's: set [server] public_url, or add it to allowed_origins"


def _own_origin(site: Site, host: str | None) -> str | None:
    if site.public_url is not None:
        return site.public_url
    if site.loopback and host is not None and is_loopback_name(host_name(host)):
        return f"{site.scheme}://{host.strip().lower()}"
    return None


def networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Addresses and networks from text. Raises ValueError naming the one that is neither."""
    return tuple(ipaddress.ip_network(text, strict=False) for text in texts)


def within(address: str, among: Iterable[Network]) -> bool:
    """Whether an address lies in one of these networks."""
    parsed = _address(address)
    return parsed is not None and any(parsed in network for network in among)


def peer_refusal(site: Site, address: str | None) -> str | None:
    """Why a peer is refused: without TLS only this host, proxies and networks that are trusted may come."""
    if not site.closed or address is None:
        return None
    parsed = _address(address)
    if parsed is not None and (parsed.is_loopback or within(address, (*site.networks, *site.proxies))):
        return None
    return f"{address} is in none of [server] trusted_networks, and this desk has no TLS"


def client_address(connection: HTTPConnection) -> str:
    """Where a request comes from, for the audit: the peer, or what a trusted proxy says it forwards for."""
    site: Site = connection.app.state.site
    return address_of(connection.scope, site.proxies)


def address_of(scope: Mapping[str, Any], proxies: tuple[Network, ...]) -> str:
    """The same from an ASGI scope: the last address in X-Forwarded-For that is no proxy of ours."""
    client = scope.get("client")
    address = str(client[0]) if client else "unknown"
    if not proxies or not within(address, proxies):
        return address
    forwarded = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
    hops = [hop.strip() for hop in b",".join(forwarded).decode("latin-1").split(",") if hop.strip()]
    for hop in reversed(hops):
        if _address(hop) is None:
            break
        address = hop
        if not within(hop, proxies):
            break
    return address


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        parsed = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(parsed, "ipv4_mapped", None) or parsed
