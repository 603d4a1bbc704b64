"""The Docker engine as this package asks it: two reads over its socket. It is never told to do anything."""

from __future__ import annotations

import http.client
import json
import socket
from pathlib import Path
from typing import Any
from urllib.parse import quote

from mixdesk_exporter.errors import Absent, ExporterError

TIMEOUT_S = 5.0
MOST_BYTES = 64 << 20


class EngineError(ExporterError):
    """The engine does not answer, or answers with an error."""


class Refused(EngineError):
    """The engine is there, and answers this one question with an error."""


class Engine:
    """A reader of one engine, in the newest version of its API: what is read here has been the same since the first.

    Each call is a connection of its own, so that a restart of the daemon breaks nothing.
    """

    def __init__(self, path: Path = Path("/var/run/docker.sock"), timeout_s: float = TIMEOUT_S) -> None:
        self.path, self.timeout_s = path, timeout_s

    def containers(self) -> list[dict[str, Any]]:
        """All containers, also those that do not run, as `GET /containers/json` gives them."""
        found: list[dict[str, Any]] = self._get("/containers/json?all=1")
        return found

    def inspect(self, identity: str) -> dict[str, Any] | None:
        """One container; None where it is gone."""
        return self._get(f"/containers/{quote(identity, safe='')}/json")  # type: ignore[no-any-return]

    def _get(self, path: str) -> Any:
        link = _Link(str(self.path), self.timeout_s)
        try:
            link.request("GET", path)
            answer = link.getresponse()
            body = answer.read(MOST_BYTES)
        except FileNotFoundError as error:
            raise Absent(f"{self.path}: no Docker engine here") from error
        except PermissionError as error:
            raise EngineError(f"{self.path}: this user may not read it; add it to the group docker") from error
        except (OSError, http.client.HTTPException) as error:
            raise EngineError(f"{self.path}: {error or type(error).__name__}") from error
        finally:
            link.close()
        return _decoded(self.path, path, answer.status, body)


def _decoded(socket_path: Path, path: str, status: int, body: bytes) -> Any:
    if status == 404:
        return None
    if status != 200:
        raise Refused(f"{socket_path}: {path} answers {status}: {body[:200].decode('utf-8', 'replace')}")
    try:
        return json.loads(body)
    except ValueError as error:
        raise EngineError(f"{socket_path}: {path} answers what is no JSON: {body[:60]!r}") from error


class _Link(http.client.HTTPConnection):
    def __init__(self, path: str, timeout_s: float) -> None:
        super().__init__("localhost", timeout=timeout_s)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)
