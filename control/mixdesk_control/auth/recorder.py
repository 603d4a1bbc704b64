"""How auth writes the audit without knowing it: the room above gives it this."""

from __future__ import annotations

from typing import Protocol

from sqlalchemy import Connection
from starlette.requests import HTTPConnection

from mixdesk_control.auth.principal import Principal


class Recorder(Protocol):
    """Writes one line of the audit, in the transaction of the change."""

    def __call__(
        self, conn: Connection, connection: HTTPConnection, principal: Principal, *, action: str, target: str
    ) -> None: ...
