"""WebSockets: uvicorn's protocol, for which a refusal before the handshake is an answer and no failure of the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

if TYPE_CHECKING:
    from uvicorn._types import ASGISendEvent


class SocketProtocol(WebSocketsSansIOProtocol):
    """uvicorn takes a handshake that was answered with a problem for one that was never answered, and logs an error."""

    async def send(self, message: ASGISendEvent) -> None:
        """Once the refusal has been sent whole, nothing is owed any more."""
        await super().send(message)
        if self.close_sent:
            self.handshake_complete = True
