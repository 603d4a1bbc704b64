"""HTTP over a Unix socket for the Docker SDK.

The SDK's own leaves each socket that could not connect to the garbage collector, and keeps connections for each path
apart, so that no two calls about different containers share one.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping
from typing import Any

import urllib3
from requests import PreparedRequest
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection

IDLE = 2  # connections that wait for the next call


class UnixAdapter(HTTPAdapter):
    """All requests of one client, to the server behind one socket."""

    def __init__(self, path: str, timeout_s: float) -> None:
        self._pool = _Pool(path, timeout_s)
        super().__init__()

    def get_connection_with_tls_context(
        self, request: PreparedRequest, *_: Any, **__: Any
    ) -> urllib3.HTTPConnectionPool:
        """The one pool."""
        return self._pool

    def get_connection(self, url: str | bytes, proxies: Mapping[str, str] | None = None) -> urllib3.HTTPConnectionPool:
        """The same, as requests before 2.32 asks for it."""
        return self._pool

    def request_url(self, request: PreparedRequest, proxies: Mapping[str, str] | None) -> str:
        """The path alone: a socket has no host."""
        return request.path_url

    def close(self) -> None:
        """Lets go of the connections."""
        self._pool.close()
        super().close()


class _Pool(urllib3.HTTPConnectionPool):
    def __init__(self, path: str, timeout_s: float) -> None:
        super().__init__("localhost", timeout=timeout_s, maxsize=IDLE)
        self._path, self._timeout_s = path, timeout_s

    def _new_conn(self) -> HTTPConnection:
        return _Connection(self._path, self._timeout_s)


class _Connection(HTTPConnection):
    def __init__(self, path: str, timeout_s: float) -> None:
        super().__init__("localhost", timeout=timeout_s)
        self._path = path

    def connect(self) -> None:
        link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            link.settimeout(self.timeout)
            link.connect(self._path)
        except OSError:
            link.close()
            raise
        self.sock = link
