"""One message on its way: a POST over a connection of its own, by a thread that can be told to let go.

Neither proxies of the environment nor redirects are followed: an address that is a secret goes to its host alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import math
import socket
import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from mixdesk.connection import context_of
from mixdesk.version import __version__
from mixdesk_control.notify.formats.posted import Posted
from mixdesk_control.notify.target import Target
from mixdesk_control.threads import in_thread

LIMIT_S = 15.0
CONNECT_S = 5.0
MOST_READ = 2048
MOST_SAID = 200
LATER = frozenset({408, 425, 429})
MAYBE = frozenset({*range(300, 400), 403, 404, 407})


@dataclass(frozen=True, slots=True)
class Answer:
    """What a receiver said: `said` is its first words without secrets, `retry_after` seconds."""

    status: int
    said: str
    retry_after: float | None
    seconds: float

    @property
    def is_taken(self) -> bool:
        """Whether the message has arrived."""
        return 200 <= self.status < 300

    @property
    def is_for_now(self) -> bool:
        """Whether the same message may be taken later."""
        return self.status in LATER or self.status >= 500

    @property
    def may_pass(self) -> bool:
        """Whether it may be a proxy on the way that says so, while it is being set up, or a page to sign in at."""
        return self.status in MAYBE


class SendError(Exception):
    """No answer came; one line that names no more of the address than its host."""


async def send(target: Target, posted: Posted, *, limit_s: float = LIMIT_S) -> Answer:
    """One try, within so many seconds. Raises SendError. Who is cancelled leaves no connection open."""
    call = Call(target, posted)
    try:
        async with asyncio.timeout(limit_s):
            return await in_thread(call.run, "mixdesk-notify")
    except TimeoutError as error:
        msg = f"{target.shown} did not answer within {limit_s:g} s"
        raise SendError(msg) from error
    finally:
        call.let_go()


class Call:
    """One POST; `run` blocks, `let_go` ends it from any other thread."""

    def __init__(self, target: Target, posted: Posted) -> None:
        self._target, self._posted = target, posted
        self._sock: socket.socket | None = None
        self._gone = False

    def run(self) -> Answer:
        """The receiver's answer. Raises SendError."""
        began = time.monotonic()
        try:
            with contextlib.closing(self._connection()) as connection:
                connection.connect()
                self._sock = connection.sock
                self._sock.settimeout(LIMIT_S)
                if self._gone:
                    raise ConnectionAbortedError
                connection.request("POST", self._posted.path, self._posted.body, self._headers())
                return self._answer(connection.getresponse(), time.monotonic() - began)
        except (OSError, http.client.HTTPException, ValueError) as error:
            msg = f"{self._target.shown} does not answer: {_reason(error)}"
            raise SendError(msg) from None  # what it was raised from may name the path

    def let_go(self) -> None:
        """Nobody waits any more."""
        self._gone = True
        sock = self._sock
        if sock is not None:
            with contextlib.suppress(OSError):
                socket.socket.shutdown(sock, socket.SHUT_RDWR)  # TLS or not: the one below it

    def _connection(self) -> http.client.HTTPConnection:
        target = self._target
        if target.tls:
            context = context_of()
            return http.client.HTTPSConnection(target.host, target.port, timeout=CONNECT_S, context=context)
        return http.client.HTTPConnection(target.host, target.port, timeout=CONNECT_S)

    def _headers(self) -> dict[str, str]:
        headers = {"Content-Type": "application/json", "User-Agent": f"mixdesk/{__version__}", "Connection": "close"}
        if self._target.authorization is not None:
            headers["Authorization"] = self._target.authorization
        return headers

    def _answer(self, response: http.client.HTTPResponse, seconds: float) -> Answer:
        said = "" if 200 <= response.status < 300 else self._target.hushed(_words(response))[:MOST_SAID]
        return Answer(response.status, said, seconds_of(response.getheader("Retry-After"), time.time()), seconds)


def _words(response: http.client.HTTPResponse) -> str:
    """The first that a refusal says, on one line; nothing where that is slow to come: its status is enough."""
    try:
        text = response.read1(MOST_READ).decode("utf-8", "replace")
    except (OSError, http.client.HTTPException, ValueError):
        return ""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def seconds_of(retry_after: str | None, now: float) -> float | None:
    """Retry-After in either of its forms, as seconds from now; None for one that is none."""
    if retry_after is None:
        return None
    with contextlib.suppress(ValueError):
        seconds = float(retry_after)
        return max(seconds, 0.0) if math.isfinite(seconds) else None
    with contextlib.suppress(ValueError, TypeError, OverflowError):
        return max(parsedate_to_datetime(retry_after).timestamp() - now, 0.0)
    return None


def refusal(target: Target, answer: Answer) -> str:
    """An answer that is no success, as one line."""
    said = f" ({answer.said})" if answer.said else ""
    hint = ": redirects are not followed, set the address it leads to" if 300 <= answer.status < 400 else ""
    return f"{target.shown} answered {answer.status}{said}{hint}"


def _reason(error: Exception) -> str:
    if isinstance(error, OSError):
        return getattr(error, "verify_message", None) or error.strerror or type(error).__name__
    return type(error).__name__
