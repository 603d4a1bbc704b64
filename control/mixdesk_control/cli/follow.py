"""What changes at the desk: one of its WebSockets, taken up again where it was when the connection ends."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from mixdesk_control.cli.errors import CliError

if TYPE_CHECKING:
    from websockets.sync.client import ClientConnection

    from mixdesk_control.cli.client import Client

PROTOCOL = "mixdesk.v1"
ENDED = 4401  # the desk's close code for a token that was revoked
OPEN_S, MAX_FRAME = 5.0, 16 * 2**20
FIRST_DELAY_S, MAX_DELAY_S = 0.25, 5.0

Frame = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Away:
    """The connection is lost and is being made anew."""

    reason: str


@dataclass(frozen=True, slots=True)
class Idle:
    """Nothing has come for a while."""


Event = Frame | Away | Idle


class Follower:
    """One stream. Frames are `{"revision", NOUN}` or `{"revision", "deleted"}`, the current state first.

    path, query  which stream, and what it asks for: `/jobs/stream`, {"id": ...}
    known        whether the desk has answered just now: then it is waited for even at the very first
    """

    def __init__(
        self,
        client: Client,
        path: str,
        query: Mapping[str, str] | None = None,
        *,
        idle_s: float = 1.0,
        known: bool = False,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client, self._path, self._query, self._known = client, path, dict(query or {}), known
        self._idle_s, self._sleep = idle_s, sleep
        self._revision: int | None = None

    def events(self) -> Iterator[Event]:
        """Frames, `Idle` where none came for `idle_s`, `Away` for each attempt to connect that fails; without end.

        Raises CliError where the desk refuses the stream, and where one that is not `known` cannot be reached at first.
        """
        delay, seen = 0.0, self._known
        while True:
            try:
                with self._connected() as socket:
                    seen, delay = True, 0.0
                    yield from self._frames(socket)
            except _lost() as error:
                if not seen:
                    raise CliError(self._client.unreachable(error)) from error
                reason = str(error) or type(error).__name__
            delay = min(max(delay * 2, FIRST_DELAY_S), MAX_DELAY_S)
            yield Away(reason)
            self._sleep(delay)

    def ask_for(self, query: Mapping[str, str]) -> None:
        """What is asked for differently, when the connection is made anew."""
        self._query |= query

    def _connected(self) -> ClientConnection:
        from websockets.exceptions import InvalidStatus
        from websockets.sync.client import connect
        from websockets.typing import Subprotocol

        query = self._query | ({} if self._revision is None else {"after": str(self._revision)})
        try:
            return connect(
                f"ws{self._client.url.removeprefix('http')}{self._path}?{urlencode(query)}",
                additional_headers={"Authorization": f"Bearer {self._client.token}"},
                subprotocols=[Subprotocol(PROTOCOL)],
                user_agent_header="mixdesk-cli",
                sock=self._client.connection.dial(),
                ssl=self._client.connection.context(),
                open_timeout=OPEN_S,
                close_timeout=1.0,
                max_size=MAX_FRAME,
                compression=None,
                proxy=None,
            )
        except InvalidStatus as error:
            if error.response.status_code >= 500 or error.response.status_code == 429:
                raise ConnectionError(f"the desk answered {error.response.status_code}") from error
            raise self._client.refusal(error.response.status_code, bytes(error.response.body or b"")) from error

    def _frames(self, socket: ClientConnection) -> Iterator[Event]:
        from websockets.exceptions import ConnectionClosed

        while True:
            try:
                frame = self._decoded(socket.recv(timeout=self._idle_s))
            except TimeoutError:
                yield Idle()
                continue
            except ConnectionClosed as error:
                if error.rcvd is not None and error.rcvd.code == ENDED:
                    raise CliError("the desk ended the stream: this token is no longer valid") from error
                raise
            self._revision = frame.get("revision", self._revision)
            yield frame

    def _decoded(self, text: str | bytes) -> Frame:
        try:
            frame = json.loads(text)
        except ValueError:
            frame = None
        if not isinstance(frame, dict):
            raise CliError(f"{self._client.url} does not stream as a desk of Mixdesk does")
        return frame


def job_stream(client: Client, job_id: str, *, idle_s: float = 1.0, known: bool = False) -> Follower:
    """The stream of one job."""
    return Follower(client, "/jobs/stream", {"id": job_id}, idle_s=idle_s, known=known)


def _lost() -> tuple[type[Exception], ...]:
    from websockets.exceptions import ConnectionClosed, InvalidHandshake

    return (OSError, ConnectionClosed, InvalidHandshake, EOFError)
