"""A desk is told to stop while nobody takes the search and the download that they asked for."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from live_desk import Desk, free_port, wait_until
from torture import times

pytestmark = pytest.mark.process

LINE = b"2026-11-30 10:00:00 INFO " + b"xyz " * 500 + b"\n"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    logs = tmp_path / "api"
    logs.mkdir()
    with (logs / "app.log").open("wb") as log:
        for _ in range(times(200, 40)):
            log.write(LINE * 500)
    config = tmp_path / "mixdesk.toml"
    config.write_text(f'[logs]\ncompose = []\ndocker = "/nonexistent.sock"\n[logs.services]\napi = ["{logs}/*.log"]\n')
    made = Desk(tmp_path / "state", free_port(), config=config)
    try:
        made.start()
        yield made
    finally:
        made.close()


def unread(desk: Desk, path: str) -> socket.socket:
    """A request of which only the first byte of the answer is taken."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.connect(("127.0.0.1", desk.port))
    head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {desk.token('operator')}\r\n\r\n"
    client.sendall(head.encode())
    client.settimeout(90)
    assert client.recv(1) == b"H"
    return client


def test_it_ends_well(desk: Desk, tmp_path: Path) -> None:
    with contextlib.ExitStack() as clients:
        for path in ("search?q=xyz&limit=10000", "search?regex=(z%20x)%2B.*INFO&limit=10000", "download/api/app"):
            clients.enter_context(unread(desk, f"/admin/logs/{path}"))
        desk.end()
        assert desk.process is not None
        said = (tmp_path / "desk.log").read_text()
        assert desk.process.returncode == 0, said
    for word in ("Traceback", "terminate called", "exceeded"):
        assert word not in said, said
    assert wait_until(lambda: not (desk.state / "desk.json").exists(), "its word that it is gone")
