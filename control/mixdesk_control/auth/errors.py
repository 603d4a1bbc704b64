"""What auth raises: a refusal that the web room answers as problem+json."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.exceptions import HTTPException

from mixdesk_control.auth.principal import Principal


class AccessRefused(HTTPException):
    """401: nobody known asks; 403: somebody known without the right. The detail says what to do."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        principal: Principal | None = None,
    ) -> None:
        super().__init__(status, detail, headers)
        self.principal = principal


def unauthenticated(detail: str) -> AccessRefused:
    """401 with the challenge that RFC 6750 asks for."""
    return AccessRefused(401, detail, headers={"WWW-Authenticate": 'Bearer realm="mixdesk"'})


def forbidden(detail: str, principal: Principal | None = None) -> AccessRefused:
    """403: the credentials are good, the right is missing."""
    return AccessRefused(403, detail, principal=principal)
