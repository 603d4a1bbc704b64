"""HTTP connections that take their time: uvicorn's protocol, with an end to requests that never become whole.

uvicorn closes connections that are idle between two requests, and waits without end for the rest of one that has begun:
a few thousand clients that send a byte a minute would hold every connection.
"""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_S = 20.0
BODY_S = 60.0
TAKE_S = 60.0
LAST_S = 1.0


class PatientProtocol(HttpToolsProtocol):
    """Closes a connection whose request head is not whole after HEAD_S, or whose body is not after BODY_S.

    A client that takes nothing of an answer for TAKE_S is dropped, and so is who comes while `most` are connected.
    """

    most: int | None = None  # connections, streams among them; set by `limited`
    _stuck: asyncio.TimerHandle | None = None
    _deadline: asyncio.TimerHandle | None = None
    _requests = 0
    _head_whole = _whole = False
    _awaits: tuple[int, float] | None = None  # which request, and for how long

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client; it has HEAD_S for its first head."""
        super().connection_made(transport)
        if self.most is not None and len(self.connections) > self.most:
            transport.close()  # the newcomer alone: who is connected is served
            return
        self._await((0, HEAD_S))

    def shutdown(self) -> None:
        """The server stops: an answer that has not ended after LAST_S is broken off, before uvicorn complains of it."""
        super().shutdown()
        self.loop.call_later(LAST_S, self.transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        """Gone."""
        self._await(None)
        self.resume_writing()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """The client does not take what is written for it."""
        super().pause_writing()
        if self._stuck is None:
            self._give(self.transport.get_write_buffer_size())

    def _give(self, left: int) -> None:
        self._stuck = self.loop.call_later(TAKE_S, self._look, left)

    def _look(self, before: int) -> None:
        left = self.transport.get_write_buffer_size()
        if left < before:
            self._give(left)  # slow, but it takes some
        else:
            self.transport.abort()

    def resume_writing(self) -> None:
        """It does again, or is gone."""
        super().resume_writing()
        if self._stuck is not None:
            self._stuck.cancel()
            self._stuck = None

    def data_received(self, data: bytes) -> None:
        """Some bytes. A request that comes whole, as nearly every one does, costs no timer."""
        super().data_received(data)
        self._await(None if self._whole else (self._requests, BODY_S if self._head_whole else HEAD_S))

    def handle_websocket_upgrade(self) -> None:
        """From here on the connection is a stream, with rules of its own."""
        self._whole = True
        self.resume_writing()
        super().handle_websocket_upgrade()

    def on_message_begin(self) -> None:
        """The first byte of a request."""
        self._requests += 1
        self._head_whole = self._whole = False
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """The head is whole."""
        self._head_whole = True
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """All of it is here."""
        self._whole = True
        super().on_message_complete()

    def _await(self, what: tuple[int, float] | None) -> None:
        if what == self._awaits:
            return
        self._awaits = what
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = None if what is None else self.loop.call_later(what[1], self.transport.close)


def limited(most: int) -> type[PatientProtocol]:
    """The same for a server that holds so many connections at once."""
    return type("LimitedProtocol", (PatientProtocol,), {"most": most})
