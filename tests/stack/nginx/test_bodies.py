"""Bodies: how large they may be, and that nobody fills the proxy's disk with them."""

from __future__ import annotations

import contextlib
import socket
from pathlib import Path
from typing import Any

import pytest

from mixdesk_control.web import limits


def test_bodies(origin: Any) -> None:
    # The desk's own limits, said before the desk has to hang up on a proxy that still sends.
    for path in ("/admin/tokens", "/grafana/admin/jobs/x/pause"):
        answer = origin.ask("POST", path, "admin", {"name": "x" * limits.MAX_BODY})
        assert answer.status == 413 and answer.json["status"] == 413
        assert answer.headers["Content-Type"] == "application/problem+json"
        fits = origin.ask("POST", path, "admin", {"name": "x" * (limits.MAX_BODY - 100)})
        assert fits.status in (404, 422), fits.text
    # Dashboards are larger.
    saved = origin.ask("POST", "/grafana/api/dashboards/db", "operator", {"dashboard": "x" * 3_000_000})
    assert saved.status == 200 and len(origin.grafana.last().body) > 3_000_000
    assert origin.ask("GET", "/ui/", None, X_Long="x" * 70_000).status in (400, 414, 431, 494)


@pytest.mark.parametrize("path", ["/admin/alerts/webhook", "//admin/alerts%2fwebhook", "/grafana/admin/alerts/webhook"])
def test_alerts_do_not_come_this_way(plain: Any, path: str) -> None:
    """It is the desk's only large body, which the proxy would keep for whoever sends it, before anybody asks who."""
    answer = plain.ask("POST", path, ":reporter", {"alerts": "x" * 1000})
    assert answer.status == 404, answer.text
    assert plain.ask("POST", path, ":reporter", {"alerts": "x" * 100_000}).status in (404, 413)


def test_bodies_that_are_slow_fill_no_disk(plain: Any) -> None:
    """Who it is has not been asked by then, or is known and has little to lose."""
    held = []
    asked = [("/admin/tokens", None, 65_000), ("/admin/alerts/webhook", None, 1_000_000),
             ("/grafana/api/dashboards/db", None, 3_000_000), ("/grafana/api/dashboards/db", "viewer", 3_000_000),
             (f"/grafana/admin/jobs/{'a' * 32}/pause", None, 65_000)]  # fmt: skip
    try:
        for path, who, size in asked:
            link = socket.create_connection(("127.0.0.1", plain.port), timeout=60)
            held.append(link)
            headers = {"Host": plain.host, "Origin": plain.url, "Content-Length": str(size)} | plain.credentials(who)
            head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
            link.sendall(f"POST {path} HTTP/1.1\r\n{head}\r\n".encode())
            with contextlib.suppress(OSError):  # it may have said no already
                link.sendall(b"x" * (size - 1000))
        assert plain.ask("GET", "/auth/me", "viewer").status == 200
        assert not [name for name in _open_files(plain.folder) if name.startswith(str(plain.folder / "body"))]
    finally:
        for link in held:
            link.close()


def _open_files(folder: Path) -> list[str]:
    """What nginx of this folder has open, files without a name included."""
    master = int((folder / "nginx.pid").read_text())
    children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    found = []
    for process in [str(master), *children]:
        for descriptor in Path(f"/proc/{process}/fd").iterdir():
            with contextlib.suppress(OSError):
                found.append(str(descriptor.readlink()))
    return found
