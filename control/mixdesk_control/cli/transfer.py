"""Long answers of the desk, as they come: a log to a file, hits of a search one by one."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from http.client import HTTPException, HTTPResponse
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from mixdesk_control.cli.errors import CliError

if TYPE_CHECKING:
    from mixdesk_control.cli.client import Client

SILENT_S = 120.0  # a search of many files may find nothing for a while
CHUNK = 1 << 16
MOST_REFUSAL = 1 << 16


def chunks(client: Client, path: str, **params: Any) -> Iterator[bytes]:
    """The body of a GET, piece by piece. Raises CliError where it is refused, and where it ends too early."""
    with _asked(client, path, params) as response:
        try:
            while piece := response.read1(CHUNK):
                yield piece
        except (OSError, HTTPException) as error:
            raise CliError(f"the desk's answer broke off ({error or type(error).__name__}): ask again") from error


def lines(client: Client, path: str, **params: Any) -> Iterator[bytes]:
    """The same as lines, without their ends."""
    rest = b""
    for piece in chunks(client, path, **params):
        *whole, rest = (rest + piece).split(b"\n")
        yield from whole
    if rest:
        yield rest


@contextlib.contextmanager
def _asked(client: Client, path: str, params: dict[str, Any]) -> Iterator[HTTPResponse]:
    query = urlencode({key: value for key, value in params.items() if value is not None}, doseq=True)
    try:
        response = client.connection.open("GET", f"{path}?{query}" if query else path, silent_s=SILENT_S)
    except (OSError, HTTPException, ValueError) as error:
        raise CliError(client.unreachable(error)) from error
    with contextlib.closing(response):
        if response.status != 200:
            raise client.refusal(response.status, response.read(MOST_REFUSAL))
        yield response
