"""How reports reach a desk: one HTTP session a thread, or a recorder in tests."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from . import wire
from .locate import Desk

if TYPE_CHECKING:
    import requests

R = TypeVar("R")

CONNECT_TIMEOUT_S = 2.0
READ_TIMEOUT_S = 5.0
WAIT_S = 25.0
_GARBAGE = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError)


@dataclass(frozen=True)
class Refused(Exception):
    """The desk answered, and did not take it: HTTP status, its reason, seconds to wait, what it desires of the job."""

    status: int
    reason: str
    retry_after_s: float | None = None
    desired: wire.Desired | None = None

    def __str__(self) -> str:
        return f"{self.status}: {self.reason}"


class Unreachable(Exception):
    """No usable answer: refused connection, time-out, or garbage."""


class Transport(Protocol):
    """What the reporter and the waiter need of a desk."""

    def put(self, job_id: str, body: bytes) -> wire.ReportAnswer:
        """Send one report. Raises Refused or Unreachable."""

    def desired(self, generations: Mapping[str, int]) -> dict[str, wire.Desired]:
        """Hold a long poll for these jobs. Raises Refused or Unreachable."""

    def current(self, job_id: str, job_key: str) -> wire.Report | None:
        """The desk's last report of a job that another process ran, or None. Raises as above."""

    def interrupt(self) -> None:
        """Have the call that another thread makes fail now."""

    def close(self) -> None:
        """Give up the connection."""


def _authorities(env: Mapping[str, str] = os.environ) -> str | bool:
    """The certificates to trust: `trust_env` off hides them from requests, and a desk may have one of its own."""
    return env.get("REQUESTS_CA_BUNDLE") or env.get("SSL_CERT_FILE") or True


class HttpTransport:
    """A desk over HTTP. Not shared between threads, but for `interrupt`: each makes its own."""

    def __init__(self, desk: Desk) -> None:
        import requests
        import urllib3

        self._errors = (requests.RequestException, urllib3.exceptions.HTTPError, OSError, *_GARBAGE)
        self._url = desk.url
        self._connections: weakref.WeakSet[Any] = weakref.WeakSet()
        self._session = requests.Session()
        self._session.trust_env = False  # no proxy and no .netrc look-ups: they cost the loop and leak the token
        self._session.verify = _authorities()
        self._session.headers.update({"Content-Type": "application/json", "User-Agent": "mixdesk"})
        if desk.token:
            self._session.headers["Authorization"] = f"Bearer {desk.token}"
        _watch(self._session, self._connections)

    def put(self, job_id: str, body: bytes) -> wire.ReportAnswer:
        """Send one report."""
        return self._ask("PUT", f"/jobs/{job_id}/report", wire.answer_from, body=body)

    def desired(self, generations: Mapping[str, int]) -> dict[str, wire.Desired]:
        """Hold a long poll: answers when one of the jobs has a newer generation, or after WAIT_S."""
        asked = "&".join(f"job={job_id}:{generation}" for job_id, generation in generations.items())
        return self._ask("GET", f"/jobs/desired?{asked}&wait={WAIT_S:.0f}", _desired_of_many, read_s=WAIT_S + 5)

    def current(self, job_id: str, job_key: str) -> wire.Report | None:
        """The desk's last report of a job, for the process that takes it over."""
        try:
            return self._ask("GET", f"/jobs/{job_id}/report", wire.report_from, headers={"X-Mixdesk-Job-Key": job_key})
        except Refused as refusal:
            if refusal.status == 404:
                return None
            raise

    def interrupt(self) -> None:
        """Shut the connection down under the thread that reads from it."""
        for connection in list(self._connections):
            sock = getattr(connection, "sock", None)
            if sock is not None:
                with contextlib.suppress(OSError):
                    socket.socket.shutdown(sock, socket.SHUT_RDWR)

    def close(self) -> None:
        """Give up the connection."""
        self._session.close()

    def _ask(
        self,
        method: str,
        path: str,
        decode: Callable[[Any], R],
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        read_s: float = READ_TIMEOUT_S,
    ) -> R:
        try:
            answer = self._session.request(
                method,
                self._url + path,
                data=body,
                headers=headers,
                timeout=(CONNECT_TIMEOUT_S, read_s),
                allow_redirects=False,
            )
            if answer.status_code == 200:
                return decode(answer.json())
            reason, desired = _refusal(answer.text)
        except self._errors as error:
            raise Unreachable(f"{type(error).__name__}: {error}") from error
        raise Refused(answer.status_code, reason, _seconds(answer.headers.get("Retry-After")), desired)


def _watch(session: requests.Session, connections: weakref.WeakSet[Any]) -> None:
    """Keep note of the session's open connections: requests itself gives no way to interrupt one."""
    for prefix in ("http", "https"):
        pools = session.adapters[f"{prefix}://"].poolmanager.pool_classes_by_scheme  # type: ignore[attr-defined]
        session.adapters[f"{prefix}://"].poolmanager.pool_classes_by_scheme = {  # type: ignore[attr-defined]
            **pools,
            prefix: _watched(pools[prefix], connections),
        }


def _watched(pool: Any, connections: weakref.WeakSet[Any]) -> Any:
    def connect(self: Any) -> None:
        connections.add(self)
        pool.ConnectionCls.connect(self)

    connection = type("Connection", (pool.ConnectionCls,), {"connect": connect})
    return type("Pool", (pool,), {"ConnectionCls": connection})


def _desired_of_many(data: Mapping[str, Any]) -> dict[str, wire.Desired]:
    return {job_id: wire.desired_from(item) for job_id, item in data["jobs"].items()}


def _refusal(text: str) -> tuple[str, wire.Desired | None]:
    """The reason that a desk gives, and what it desires of the job where it says so."""
    try:
        problem = json.loads(text)
        reason = str(problem["detail"])[:300]
    except _GARBAGE:
        return text[:120], None
    try:
        return reason, wire.desired_from(problem["desired"])
    except _GARBAGE:
        return reason, None


def _seconds(text: str | None) -> float | None:
    try:
        seconds = float(text) if text else None
    except ValueError:
        return None
    return None if seconds is None or seconds != seconds else min(max(seconds, 0.0), 60.0)
