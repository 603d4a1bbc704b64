"""One HTTP/1.1 connection to a desk, kept from one request to the next, and costing the loop as little as can be.

Whatever this thread computes without letting go of the interpreter, a step of the loop waits for. So a request is one
write of prepared bytes, the answer is read by the standard library's parser, and nothing is made anew that can be kept.
"""

from __future__ import annotations

import contextlib
import functools
import http.client
import io
import os
import select
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

CONNECT_TIMEOUT_S = 2.0
MAX_ANSWER = 4 * 2**20  # a page of a list, for a person
MAX_HEAD = 2**16
GONE = "the desk that was here has gone"
_PORTS = {"http": 80, "https": 443}

Witness = Callable[[], object]


@dataclass(frozen=True)
class Answer:
    """What came back: `body` undecoded, `retry_after` as it was sent."""

    status: int
    body: bytes
    retry_after: str | None


class Connection:
    """A connection that is made when it is needed. Not shared between threads, but for `interrupt`.

    headers  sent with every request
    witness  tells which desk lives, None where none does; asked before and after connecting: where both agree, that
             desk has held its port all the while and took the connection, not a stranger in its place
    authorities  file or folder of certificates to trust; default: those of the environment, see `context_of`
    most  bytes of an answer that are read; what is longer is no answer

    Raises ValueError for an address that is none.
    """

    def __init__(
        self,
        url: str,
        headers: Mapping[str, str],
        witness: Witness = lambda: True,
        agent: str = "mixdesk",
        authorities: str | None = None,
        most: int = MAX_ANSWER,
    ) -> None:
        self._sock: socket.socket | None = None
        parts = urlsplit(url)
        self._tls = parts.scheme == "https"
        self._host = parts.hostname or ""
        self._port = parts.port or _PORTS[parts.scheme]
        self._path = parts.path.rstrip("/")
        self._head = _lines({"Host": _ascii(parts.netloc.rpartition("@")[2]), "User-Agent": agent, **headers})
        self._witness, self._authorities, self._most = witness, authorities, most

    def ask(self, method: str, path: str, *, body: bytes | None, headers: Mapping[str, str], within_s: float) -> Answer:
        """One request and its whole answer within so many seconds. Raises OSError, HTTPException or ValueError."""
        own = {**headers, "Content-Length": str(len(body))} if body is not None else headers
        line = f"{method} {self._path}{path} HTTP/1.1\r\n".encode("ascii")
        request = line + self._head + _lines(own) + b"\r\n" + (body or b"")
        try:
            deadline = time.monotonic() + within_s
            sock = self._open()
            sock.settimeout(within_s)
            sock.sendall(request)
            return self._read(sock, method, deadline)
        except BaseException:
            self.close()
            raise

    def open(self, method: str, path: str, *, silent_s: float) -> http.client.HTTPResponse:
        """An answer of any length, on a connection of its own that is closed with it; its head has been read.

        Raises as `ask` does; reading it raises TimeoutError where nothing comes for `silent_s`.
        """
        line = f"{method} {self._path}{path} HTTP/1.1\r\n".encode("ascii")
        sock = self._connected()
        try:
            sock.settimeout(silent_s)
            sock.sendall(line + self._head + b"Connection: close\r\n\r\n")
            response = http.client.HTTPResponse(sock, method=method)
            response.begin()
        finally:
            sock.close()  # the response holds it until it is closed itself
        return response

    def dial(self) -> socket.socket:
        """A new connected socket on which nothing has been sent. Raises OSError."""
        seen = self._witness()
        if seen is None:
            raise ConnectionRefusedError(GONE)
        sock = socket.create_connection((self._host, self._port), CONNECT_TIMEOUT_S)
        if self._witness() != seen:
            sock.close()
            raise ConnectionRefusedError(GONE)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock

    def context(self) -> ssl.SSLContext | None:
        """Whom to trust; None where the desk is spoken to without TLS."""
        return context_of(self._authorities) if self._tls else None

    def interrupt(self) -> None:
        """Shut the connection down under the thread that reads from it."""
        sock = self._sock
        if sock is not None:
            with contextlib.suppress(OSError):
                socket.socket.shutdown(sock, socket.SHUT_RDWR)  # TLS or not: the one below it

    def __del__(self) -> None:
        self.close()

    def close(self) -> None:
        """Give it up; the next request makes a new one."""
        sock, self._sock = self._sock, None
        if sock is not None:
            with contextlib.suppress(OSError):
                sock.close()

    def _open(self) -> socket.socket:
        if self._sock is not None and not _is_idle(self._sock):
            self.close()  # the other side has ended it meanwhile
        if self._sock is None:
            self._sock = self._connected()
        return self._sock

    def _connected(self) -> socket.socket:
        sock = self.dial()
        try:
            context = self.context()
            return sock if context is None else context.wrap_socket(sock, server_hostname=self._host)
        except BaseException:
            sock.close()
            raise

    def _read(self, sock: socket.socket, method: str, deadline: float) -> Answer:
        timed = _Timed(sock, deadline)
        source = cast("socket.socket", timed)
        with contextlib.closing(http.client.HTTPResponse(source, method=method)) as response:
            response.begin()
            timed.allowed += 2 * self._most  # chunked, it takes more than it holds
            body = response.read(self._most)
            if not response.isclosed() and response.read(1):
                raise ValueError(f"an answer of more than {self._most} bytes")
            if response.will_close:
                self.close()
            return Answer(response.status, body, response.getheader("Retry-After"))


class _Timed(io.RawIOBase):
    """A socket whose reads all together end at a deadline: an answer that drips for ever resets no time-out.

    `allowed` bytes may still come: a head of `100 Continue` without end would keep the interpreter from the loop.
    """

    def __init__(self, sock: socket.socket, deadline: float) -> None:
        self._sock, self._deadline = sock, deadline
        self.allowed = MAX_HEAD

    def makefile(self, mode: str) -> io.BufferedReader:
        """What HTTPResponse asks of a socket."""
        return io.BufferedReader(self)

    def readable(self) -> bool:
        """It is read from."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read what there is. Raises TimeoutError past the deadline."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        self._sock.settimeout(left)
        count = self._sock.recv_into(buffer)
        self.allowed -= count
        if self.allowed < 0:
            raise ValueError("an answer that is longer than any desk's")
        return count


def _lines(headers: Mapping[str, str]) -> bytes:
    """Header lines. Raises ValueError for a value that would break out of its line."""
    if not all(part.isascii() and part.isprintable() for pair in headers.items() for part in pair):
        raise ValueError("the token or the address holds something that no HTTP header may")
    return "".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode("ascii")


def _ascii(host: str) -> str:
    return host if host.isascii() else host.encode("idna").decode("ascii")


def _is_idle(sock: socket.socket) -> bool:
    """True for a kept connection on which nothing has come: an end, or bytes nobody asked for, make it useless."""
    if hasattr(select, "poll"):
        poller = select.poll()
        poller.register(sock, select.POLLIN)
        return not poller.poll(0)
    return not select.select([sock], [], [], 0)[0]


def context_of(authorities: str | None = None, env: Mapping[str, str] = os.environ) -> ssl.SSLContext:
    """Trusts `authorities`, else those of REQUESTS_CA_BUNDLE, else of SSL_CERT_FILE, else those that certifi brings."""
    path = authorities or env.get("REQUESTS_CA_BUNDLE") or env.get("SSL_CERT_FILE") or _certifi()
    return _context_of(path, Path(path).stat().st_mtime_ns if path else 0)


@functools.lru_cache(maxsize=2)
def _context_of(path: str | None, _changed: int) -> ssl.SSLContext:
    """Made once: to read a hundred certificates takes longer than a step."""
    if path is None:
        return ssl.create_default_context()
    is_folder = Path(path).is_dir()
    return ssl.create_default_context(cafile=None if is_folder else path, capath=path if is_folder else None)


def _certifi() -> str | None:
    try:
        import certifi
    except ImportError:
        return None
    return certifi.where()


def prepare(url: str) -> None:
    """Do here, in the thread that begins a job, what is done once and takes long."""
    "localhost".encode("idna")  # which every look-up of a host name imports
    if url.startswith("https:"):
        with contextlib.suppress(OSError):  # said when it is used
            context_of()
