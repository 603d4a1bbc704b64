"""Host and Origin rules, as text."""

from __future__ import annotations

import pytest

from mixdesk_control.web.origin import (
    Site,
    address_of,
    host_name,
    host_refusal,
    is_loopback_name,
    networks,
    origin_refusal,
    peer_refusal,
)

LOCAL = Site(local_url="http://127.0.0.1:9770")
PUBLIC = Site(public_url="https://desk.example:8443", loopback=True, origins=frozenset({"http://tools.example"}))


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("localhost:9770", "localhost"),
        ("LocalHost", "localhost"),
        ("127.0.0.1", "127.0.0.1"),
        ("[::1]:9770", "::1"),
        ("[::1]", "::1"),
        ("desk.example:80", "desk.example"),
        ("", ""),
    ],
)
def test_host_name(host: str, name: str) -> None:
    assert host_name(host) == name


@pytest.mark.parametrize("name", ["localhost", "desk.localhost", "127.0.0.1", "127.9.9.9", "::1"])
def test_loopback_names(name: str) -> None:
    assert is_loopback_name(name)


@pytest.mark.parametrize(
    "name", ["evil.example", "localhost.evil.example", "10.0.0.1", "0.0.0.0", "", "127.0.0.1.nip.io"]
)
def test_names_that_somebody_else_may_own(name: str) -> None:
    assert not is_loopback_name(name)


@pytest.mark.parametrize("host", ["localhost:9770", "127.0.0.1:1", "[::1]:9770", "localhost:5555"])
def test_a_loopback_host_is_accepted_on_any_port(host: str) -> None:
    assert host_refusal(LOCAL, host) is None
    assert origin_refusal(LOCAL, f"http://{host}", host, required=True) is None


@pytest.mark.parametrize("host", ["evil.example:9770", "desk.example", None, "", "10.0.0.1:9770"])
def test_a_foreign_host_is_refused(host: str | None) -> None:
    assert "allowed_hosts" in str(host_refusal(LOCAL, host))


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "http://localhost:3000", "https://localhost:9770", "null", "http://127.0.0.1:9770", ""],
)
def test_a_foreign_origin_is_refused(origin: str) -> None:
    assert origin_refusal(LOCAL, origin, "localhost:9770", required=False) is not None


def test_an_origin_that_equals_a_foreign_host_is_refused() -> None:
    assert origin_refusal(LOCAL, "http://evil.example:9770", "evil.example:9770", required=True) is not None


def test_without_an_origin_only_reads_may_come() -> None:
    assert origin_refusal(LOCAL, None, "localhost:9770", required=False) is None
    assert "Bearer" in str(origin_refusal(LOCAL, None, "localhost:9770", required=True))


def test_public_url_is_compared_as_text_whatever_the_proxy_does_to_host() -> None:
    for host in ("desk.example", "upstream", "127.0.0.1:9770"):
        assert origin_refusal(PUBLIC, "https://desk.example:8443", host, required=True) is None
        assert origin_refusal(PUBLIC, "https://desk.example", host, required=True) is not None
        assert origin_refusal(PUBLIC, "http://desk.example:8443", host, required=True) is not None
        assert origin_refusal(PUBLIC, f"http://{host}", host, required=True) is not None
    assert origin_refusal(PUBLIC, "http://tools.example", "desk.example", required=True) is None
    assert host_refusal(PUBLIC, "desk.example") is None
    assert host_refusal(PUBLIC, "upstream") is not None


def test_peers_of_a_desk_without_tls_beyond_loopback() -> None:
    site = Site(loopback=False, closed=True, networks=networks(["10.0.0.0/8"]), proxies=networks(["192.0.2.7"]))
    for peer in ("127.0.0.1", "::1", "10.1.2.3", "::ffff:10.1.2.3", "192.0.2.7"):
        assert peer_refusal(site, peer) is None
    for peer in ("192.0.2.8", "203.0.113.1", "fe80::1"):
        assert "trusted_networks" in str(peer_refusal(site, peer))
    assert peer_refusal(Site(loopback=False), "203.0.113.1") is None


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("203.0.113.9", "1.2.3.4", "203.0.113.9"),  # whoever comes directly may claim what they like
        ("10.0.0.1", "1.2.3.4", "1.2.3.4"),
        ("10.0.0.1", "6.6.6.6, 1.2.3.4", "1.2.3.4"),  # what stands before the proxy's own entry is a claim
        ("10.0.0.1", "1.2.3.4, 10.0.0.2", "1.2.3.4"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "nonsense", "10.0.0.1"),
    ],
)
def test_address_behind_proxies(peer: str, forwarded: str, address: str) -> None:
    scope = {"client": (peer, 1), "headers": [(b"x-forwarded-for", forwarded.encode())]}
    assert address_of(scope, networks(["10.0.0.0/30"])) == address
    assert address_of(scope, ()) == peer
