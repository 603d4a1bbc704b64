"""A bind beyond loopback without tokens that were set on purpose: refused, whatever the address is written like."""

from __future__ import annotations

import itertools
import socket
from collections.abc import Callable
from typing import Any

import psutil
import pytest

from mixdesk_control.settings import ServerSettings, SettingsError
from mixdesk_control.web import binding

LOOPBACK = ["127.0.0.1", "localhost", "::1", "127.8.9.10"]
BEYOND = [
    "0.0.0.0", "::", "", "0", "10.1.2.3", "192.168.0.7", "203.0.113.9", "fe80::1", "2001:db8::7", "::ffff:0.0.0.0",
    "::ffff:127.0.0.1.example", "desk.example", "localhost.example", "127.0.0.1.nip.io", "*",
]  # fmt: skip


def own_addresses() -> list[str]:
    """What this machine is called on its networks."""
    items = itertools.chain.from_iterable(psutil.net_if_addrs().values())
    found = {item.address for item in items if item.family in (socket.AF_INET, socket.AF_INET6)}
    return sorted(item for item in found if not item.startswith(("127.", "::1")) and "%" not in item)


@pytest.mark.parametrize("host", [*BEYOND, *own_addresses()])
def test_every_address_beyond_loopback_needs_tokens_and_more(host: str) -> None:
    for hosts in ([host], ["127.0.0.1", host], [host, "::1"]):
        plain = ServerSettings(host=hosts)
        with pytest.raises(SettingsError, match="nobody set tokens on purpose"):
            binding.check(plain, tokens_on_purpose=False)
        with pytest.raises(SettingsError, match="without TLS"):
            binding.check(plain, tokens_on_purpose=True)
        for more in ({"behind_proxy": ["10.0.0.2"]}, {"trusted_networks": ["10.0.0.0/8"]}):
            behind = ServerSettings(host=hosts, **more)
            binding.check(behind, tokens_on_purpose=True)
            with pytest.raises(SettingsError, match="nobody set tokens on purpose"):
                binding.check(behind, tokens_on_purpose=False)


def test_loopback_needs_nothing() -> None:
    binding.check(ServerSettings(host=LOOPBACK), tokens_on_purpose=False)


def test_the_desk_itself_refuses(new_desk: Callable[..., Any]) -> None:
    """And listens nowhere meanwhile, on the loopback address of its list either."""
    own = (own_addresses() or ["0.0.0.0"])[0]
    for hosts in (['"127.0.0.1"', f'"{own}"'], ['"::"']):
        desk = new_desk(config=f"[server]\nhost = [{', '.join(hosts)}]\n")
        done = desk.run("up", "--port", str(desk.port), "--config", str(desk._config))
        (line,) = done.stderr.strip().splitlines()
        assert done.returncode == 1 and "nobody set tokens on purpose" in line, done.stderr
        with socket.socket() as tried:
            assert tried.connect_ex(("127.0.0.1", desk.port)) != 0
