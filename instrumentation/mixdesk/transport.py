"""How reports reach a desk: one HTTP connection a thread, or a recorder in tests."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol, TypeVar
from urllib.parse import quote

from . import wire
from .locate import Desk

if TYPE_CHECKING:
    from .connection import Connection

R = TypeVar("R")

TIMEOUT_S = 5.0
WAIT_S = 25.0
MAX_ANSWER = 2**18  # a desired state is short, and so is a report: what is longer would hold the interpreter
MAX_DIGITS = 20
_FIRST_S, _QUICK_S, _LATER_S, _QUICK_TRIES = 0.05, 0.5, 1.0, 30
_NO_HEADERS: Mapping[str, str] = MappingProxyType({})
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


def retry_in(failures: int) -> float:
    """Seconds until the next attempt after so many have failed: soon at first, for a desk that is being restarted."""
    most = _QUICK_S if failures < _QUICK_TRIES else _LATER_S
    return min(_FIRST_S * 2.0 ** min(failures, 10), most) * random.uniform(0.5, 1.0)


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


class HttpTransport:
    """A desk over HTTP. Not shared between threads, but for `interrupt`: each makes its own."""

    def __init__(self, desk: Desk) -> None:
        from http.client import HTTPException

        from .connection import Connection

        self._errors = (HTTPException, OSError, *_GARBAGE)
        self._desk = desk
        self._connect = Connection
        self._connection: Connection | None = None

    def put(self, job_id: str, body: bytes) -> wire.ReportAnswer:
        """Send one report."""
        return self._ask("PUT", _path_of(job_id), wire.answer_from, body=body)

    def desired(self, generations: Mapping[str, int]) -> dict[str, wire.Desired]:
        """Hold a long poll: answers when one of the jobs has a newer generation, or after WAIT_S."""
        asked = "&".join(f"job={job_id}:{generation}" for job_id, generation in generations.items())
        return self._ask("GET", f"/jobs/desired?{asked}&wait={WAIT_S:.0f}", _desired_of_many, within_s=WAIT_S + 5)

    def current(self, job_id: str, job_key: str) -> wire.Report | None:
        """The desk's last report of a job, for the process that takes it over."""
        try:
            return self._ask("GET", _path_of(job_id), wire.report_from, headers={"X-Mixdesk-Job-Key": job_key})
        except Refused as refusal:
            if refusal.status == 404:
                return None
            raise

    def interrupt(self) -> None:
        """Shut the connection down under the thread that reads from it."""
        connection = self._connection
        if connection is not None:
            connection.interrupt()

    def close(self) -> None:
        """Give up the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _ask(
        self,
        method: str,
        path: str,
        decode: Callable[[Any], R],
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] = _NO_HEADERS,
        within_s: float = TIMEOUT_S,
    ) -> R:
        try:
            answer = self._opened().ask(method, path, body=body, headers=headers, within_s=within_s)
            if answer.status == 200:
                return decode(_json(answer.body))
            reason, desired = _refusal(answer.body.decode("utf-8", "replace"))
        except self._errors as error:
            raise Unreachable(f"{type(error).__name__}: {error}") from error
        raise Refused(answer.status, reason, _seconds(answer.retry_after), desired)

    def _opened(self) -> Connection:
        if self._connection is None:
            headers = {"Content-Type": "application/json", "Accept": "application/json"}
            if self._desk.token:
                headers["Authorization"] = f"Bearer {self._desk.token}"
            self._connection = self._connect(self._desk.url, headers, self._desk.witness, most=MAX_ANSWER)
        return self._connection


def _path_of(job_id: str) -> str:
    return f"/jobs/{quote(job_id, safe='')}/report"


def _json(body: bytes | str) -> Any:
    return json.loads(body, parse_int=_integer)


def _integer(digits: str) -> int:
    """Raises ValueError before many digits are turned into a number, which takes their square."""
    if len(digits) > MAX_DIGITS:
        raise ValueError(f"a number of {len(digits)} digits")
    return int(digits)


def _desired_of_many(data: Mapping[str, Any]) -> dict[str, wire.Desired]:
    return {job_id: wire.desired_from(item) for job_id, item in data["jobs"].items()}


def _refusal(text: str) -> tuple[str, wire.Desired | None]:
    """The reason that a desk gives, and what it desires of the job where it says so."""
    try:
        problem = _json(text)
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
