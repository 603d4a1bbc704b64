"""One connection: requests come whole or not at all, one is answered after another, silence ends it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from mixdesk_exporter.serving.requests import MOST_HEAD, BadRequest, Heads, Request
from mixdesk_exporter.serving.responses import Response, said

log = logging.getLogger(__name__)

HEAD_S = 10.0  # for a whole head, from its first byte
IDLE_S = 120.0  # between requests; Prometheus keeps connections for five minutes and opens a new one when it must
SENDING_S = 60.0  # for a reader to take an answer
LINGER_S = 2.0  # for who is refused to read why, while it may still send
MOST_CONNECTIONS = 512
PIECE = 64 * 1024  # of an answer is handed to the transport at a time: a slow reader holds no copy of the whole
IN_ONE_GO = 16  # requests of one connection; then it is the others' turn

FAILED = said(500, "this went wrong here; the log says how")

Answer = Callable[[Request, str], Response | Awaitable[Response]]
"""From a request and the address of who sent it."""


@dataclass(slots=True)
class Site:
    """What the connections of one server share."""

    answer: Answer
    heads: Heads = field(default_factory=Heads)
    connections: set[Connection] = field(default_factory=set)

    def protocol(self) -> Connection:
        """For `loop.create_server`."""
        return Connection(self)

    def make_room(self) -> None:
        """The connection that has been silent longest goes, so that those who hold many shut nobody out."""
        if len(self.connections) > MOST_CONNECTIONS:
            min(self.connections, key=lambda connection: connection.since).abort()


class Connection(asyncio.Protocol):
    """See the module."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self._task: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._paused = False
        self._no_more = False
        self._rest = memoryview(b"")
        self._is_last = False
        self._is_refused = False
        self._turn: asyncio.Handle | None = None
        self._peer = ""
        self.since = self._loop.time()

    # -- what asyncio calls --------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A new connection."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        name = transport.get_extra_info("peername")
        self._peer = str(name[0]) if name else ""
        self._site.connections.add(self)
        self._wait(HEAD_S)
        self._site.make_room()

    def connection_lost(self, error: Exception | None) -> None:
        """It is over."""
        self._site.connections.discard(self)
        self._transport = None
        if self._timer is not None:
            self._timer.cancel()
        if self._task is not None:
            self._task.cancel()
        if self._turn is not None:
            self._turn.cancel()

    def data_received(self, data: bytes) -> None:
        """Bytes of a request."""
        if self._is_refused:
            return
        if not self._buffer and not self._is_busy:
            self._wait(HEAD_S)
        self._buffer += data
        self._next()

    def eof_received(self) -> bool:
        """The other side sends no more; what it has asked is answered, then this side closes too."""
        self._no_more = True
        if self._is_refused:
            return False
        self._next()
        return self._is_busy

    def pause_writing(self) -> None:
        """The reader takes nothing more at the moment."""
        self._paused = True
        self._wait(SENDING_S)

    def resume_writing(self) -> None:
        """It does again."""
        self._paused = False
        self._wait(IDLE_S)
        self._push()
        self._next()

    # -- requests ------------------------------------------------------------------------------------

    @property
    def _is_busy(self) -> bool:
        """Whether an answer is being made or sent, so that the next request waits."""
        return self._task is not None or self._paused or bool(self._rest) or self._turn is not None

    @property
    def _is_over(self) -> bool:
        """Whether no further request is taken."""
        return self._is_refused or (self._is_last and self._task is None)

    def _next(self) -> None:
        for _ in range(IN_ONE_GO):
            if self._transport is None or self._is_busy or self._is_over or not self._one():
                break
        else:
            self._turn = self._loop.call_soon(self._my_turn)
        self._mind_who_sends_ahead()

    def _my_turn(self) -> None:
        self._turn = None
        self._next()

    def _mind_who_sends_ahead(self) -> None:
        if self._transport is None:
            return
        if self._is_busy and len(self._buffer) > MOST_HEAD:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()

    def _one(self) -> bool:
        """Takes one request, False where there is none."""
        end = self._buffer.find(b"\r\n\r\n")
        if end > MOST_HEAD or (end < 0 and len(self._buffer) > MOST_HEAD):
            self._refuse(431, f"the head of a request may have {MOST_HEAD} bytes")
            return False
        if end < 0:
            if self._no_more:
                self._close()
            return False
        head, self._buffer = self._buffer[: end + 4], self._buffer[end + 4 :]
        self._take(head)
        return True

    def _take(self, head: bytes) -> None:
        try:
            request = self._site.heads.request(head)
        except BadRequest as error:
            self._refuse(error.status, str(error))
            return
        try:
            answer = self._site.answer(request, self._peer)
        except Exception:
            log.exception("no answer to %s %s", request.method, request.path)
            answer = FAILED
        if isinstance(answer, Response):
            self._send(request, answer)
        else:
            self._stop_waiting()
            self._task = self._loop.create_task(self._answered(request, answer))

    async def _answered(self, request: Request, answer: Awaitable[Response]) -> None:
        try:
            response = await answer
        except Exception:
            log.exception("no answer to %s %s", request.method, request.path)
            response = FAILED
        self._task = None
        self._send(request, response)
        self._next()

    def _send(self, request: Request, response: Response) -> None:
        if self._transport is None:
            return
        head = response.head(keeps_alive=request.keeps_alive)
        body = b"" if request.method == "HEAD" else response.body
        self._is_last = not request.keeps_alive
        if len(body) <= PIECE:
            self._transport.write(head + body)
        else:
            self._rest = memoryview(body)
            self._transport.write(head)
        self._push()

    def _push(self) -> None:
        while self._rest and not self._paused and self._transport is not None:
            piece, self._rest = self._rest[:PIECE], self._rest[PIECE:]
            self._transport.write(piece)
        if self._rest:
            return
        if self._is_last:
            self._close()
        elif not self._paused:
            self._wait(IDLE_S)

    def _refuse(self, status: int, reason: str) -> None:
        if self._transport is not None:
            response = said(status, reason)
            self._transport.write(response.head(keeps_alive=False) + response.body)
            self._buffer, self._is_refused = b"", True
            self._linger()

    def _linger(self) -> None:
        """To close while bytes are unread would take the answer back."""
        if self._transport is None or self._no_more or not self._transport.can_write_eof():
            self._close()
            return
        self._transport.write_eof()
        self._wait(LINGER_S)

    # -- silence -------------------------------------------------------------------------------------

    def _wait(self, seconds: float) -> None:
        self._stop_waiting()
        self.since = self._loop.time()
        self._timer = self._loop.call_later(seconds, self.abort)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _close(self) -> None:
        if self._transport is not None:
            self._transport.close()
            self._wait(SENDING_S)  # what is written may never be taken

    def abort(self) -> None:
        """Ends it at once."""
        if self._transport is not None:
            self._transport.abort()
