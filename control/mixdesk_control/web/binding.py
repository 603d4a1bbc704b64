"""Where a desk may listen: beyond loopback only with tokens set on purpose, and TLS, a proxy or a trusted network."""

from __future__ import annotations

import errno
import ipaddress
import socket
from collections.abc import Iterable

from mixdesk_control.settings import ServerSettings, SettingsError
from mixdesk_control.web.origin import Network, Site, is_loopback_name, networks

STUCK_MS = 60_000
WILDCARDS = ("0.0.0.0", "::", "")


def check(server: ServerSettings, *, tokens_on_purpose: bool) -> None:
    """Raises SettingsError, one line, where this bind would be open to strangers."""
    if (server.tls_cert is None) != (server.tls_key is None):
        raise SettingsError("[server] tls_cert and tls_key belong together: set both or neither")
    beyond = [host for host in server.host if not is_loopback_name(host)]
    if not beyond:
        return
    if not tokens_on_purpose:
        raise SettingsError(
            f"[server] host {beyond[0]} is reachable from elsewhere, and nobody set tokens on purpose: "
            "create one with `mixdesk token create` on a loopback bind first, or set [auth] token_files"
        )
    if server.tls_cert is None and not server.behind_proxy and not server.trusted_networks:
        raise SettingsError(
            f"[server] host {beyond[0]} is reachable from elsewhere without TLS: set tls_cert and tls_key, "
            "behind_proxy (its addresses), or trusted_networks (who may come without TLS)"
        )


def site_of(server: ServerSettings, port: int) -> Site:
    """How a desk with these settings is reached. Raises SettingsError."""
    tls = server.tls_cert is not None
    loopback = all(is_loopback_name(host) for host in server.host)
    return Site(
        public_url=server.public_url or _named(server, tls, port),
        local_url=url_of(server, port) if loopback else None,
        scheme="https" if tls else "http",
        loopback=loopback,
        hosts=frozenset((*server.allowed_hosts, *(host for host in server.host if host not in WILDCARDS))),
        origins=frozenset(server.allowed_origins),
        proxies=_networks("behind_proxy", server.behind_proxy),
        networks=_networks("trusted_networks", server.trusted_networks),
        closed=not tls and not loopback,
    )


def _named(server: ServerSettings, tls: bool, port: int) -> str | None:
    """What a desk that binds one address beyond loopback is called, where nobody said."""
    beyond = [host for host in server.host if not is_loopback_name(host)]
    if len(beyond) != 1 or beyond[0] in WILDCARDS:
        return None
    host = f"[{beyond[0]}]" if ":" in beyond[0] else beyond[0]
    default = 443 if tls else 80
    return f"{'https' if tls else 'http'}://{host}{'' if port == default else f':{port}'}".lower()


def url_of(server: ServerSettings, port: int) -> str:
    """Where processes of this host reach the desk."""
    scheme = "https" if server.tls_cert is not None else "http"
    first = next((host for host in server.host if is_loopback_name(host)), server.host[0])
    host = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(first, first)
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"


def _networks(key: str, texts: Iterable[str]) -> tuple[Network, ...]:
    found: list[Network] = []
    for text in texts:
        try:
            found.extend(networks([text]))
        except ValueError:
            found.extend(_interface(key, text))
    return tuple(found)


def _interface(key: str, name: str) -> list[Network]:
    """The networks of an interface such as docker0."""
    import psutil

    found = [
        ipaddress.ip_network(f"{item.address.partition('%')[0]}/{item.netmask}", strict=False)
        for item in psutil.net_if_addrs().get(name, ())
        if item.family == socket.AF_INET and item.netmask
    ]
    if not found:
        raise SettingsError(f"[server] {key} = {name!r}: give an address, a network (10.0.0.0/8) or an interface here")
    return found


def listen(server: ServerSettings, backlog: int = 2048) -> list[socket.socket]:
    """Sockets on every host of the settings, all on one port. Raises SettingsError where one is taken."""
    sockets: list[socket.socket] = []
    port = server.port
    try:
        for host in server.host:
            sockets.append(_bound(host, port, backlog))
            port = sockets[-1].getsockname()[1]
    except (OSError, SettingsError):
        for open_socket in sockets:
            open_socket.close()
        raise
    return sockets


def _bound(host: str, port: int, backlog: int) -> socket.socket:
    try:
        family, _, _, _, address = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=_PASSIVE)[0]
    except socket.gaierror as error:
        raise SettingsError(f"[server] host {host!r} is no address of this machine: {error.strerror}") from error
    # The protocol is named: without it asyncio leaves Nagle's algorithm on, and an answer waits 40 ms.
    found = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # inherited: a peer that takes nothing for so long is gone
        found.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, STUCK_MS)
    if family == socket.AF_INET6:
        found.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    try:
        found.bind(address)
        found.listen(backlog)
    except OSError as error:
        found.close()
        raise SettingsError(_cannot_bind(host, port, error)) from error
    return found


_PASSIVE = socket.AI_PASSIVE


def _cannot_bind(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} on {host} is taken{_holder(port)}: stop that, or pass another by --port"
    if error.errno == errno.EACCES:
        return f"port {port} on {host} needs more rights than this user has: pass one above 1023 by --port"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"[server] host {host!r} is no address of this machine"
    return f"cannot listen on {host}:{port}: {error.strerror}"


def _holder(port: int) -> str:
    """Who listens there, where this user may know."""
    import psutil

    try:
        for item in psutil.net_connections("tcp"):
            if item.status == psutil.CONN_LISTEN and item.laddr and item.laddr.port == port and item.pid:
                return f" by {psutil.Process(item.pid).name()} (pid {item.pid})"
    except (psutil.Error, OSError):
        return ""
    return ""
