"""How reports reach a desk: one HTTP session a thread, or a recorder in tests."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from . import wire
from .locate import Desk

R = TypeVar("R")

CONNECT_TIMEOUT_S = 2.0
READ_TIMEOUT_S = 5.0
WAIT_S = 25.0


@dataclass(frozen=True)
class Refused(Exception):
    """The desk answered, and did not take it: HTTP status, its reason, seconds to wait."""

    status: int
    reason: str
    retry_after_s: float | None = None

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

    def close(self) -> None:
        """Give up the connection."""


class HttpTransport:
    """A desk over HTTP. Not shared between threads: each makes its own."""

    def __init__(self, desk: Desk) -> None:
        import requests

        self._errors = (requests.RequestException, ValueError, KeyError, TypeError, AttributeError)
        self._url = desk.url
        self._session = requests.Session()
        self._session.trust_env = False  # no proxy and no .netrc look-ups: they cost the loop and leak the token
        self._session.headers.update({"Content-Type": "application/json", "User-Agent": "mixdesk"})
        if desk.token:
            self._session.headers["Authorization"] = f"Bearer {desk.token}"

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
        except self._errors as error:
            raise Unreachable(f"{type(error).__name__}: {error}") from error
        raise Refused(answer.status_code, _reason(answer.text), _seconds(answer.headers.get("Retry-After")))


def _desired_of_many(data: Mapping[str, Any]) -> dict[str, wire.Desired]:
    return {job_id: wire.desired_from(item) for job_id, item in data["jobs"].items()}


def _reason(text: str) -> str:
    try:
        return str(json.loads(text)["detail"])[:300]
    except (ValueError, KeyError, TypeError):
        return text[:120]


def _seconds(text: str | None) -> float | None:
    try:
        return min(max(float(text), 0.0), 60.0) if text else None
    except ValueError:
        return None
