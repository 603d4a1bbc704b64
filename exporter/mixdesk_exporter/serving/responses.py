"""What is sent back."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

TEXT = "text/plain; charset=utf-8"
JSON = "application/json"
HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Response:
    """One answer, whole; `more` are header lines, each with its line end."""

    body: bytes
    content_type: str = TEXT
    status: int = 200
    more: bytes = b""

    def head(self, *, keeps_alive: bool) -> bytes:
        """Status line and headers."""
        return b"HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n%s%s\r\n" % (
            self.status,
            HTTPStatus(self.status).phrase.encode(),
            self.content_type.encode(),
            len(self.body),
            self.more,
            b"" if keeps_alive else b"Connection: close\r\n",
        )


def said(status: int, text: str, more: bytes = b"") -> Response:
    """One line of text."""
    return Response(text.encode() + b"\n", status=status, more=more)
