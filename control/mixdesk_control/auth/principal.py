"""Who is asking, and with which rights. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

VIEWER, OPERATOR, ADMIN, REPORTER, SCRAPER = "viewer", "operator", "admin", "reporter", "scraper"
ROLES = (VIEWER, OPERATOR, ADMIN, REPORTER, SCRAPER)

Via = Literal["token", "session", "ticket", "loopback"]

_IMPLIED = {ADMIN: (OPERATOR, VIEWER), OPERATOR: (VIEWER,)}


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is asking.

    name        of the token behind it, for the audit
    roles       held ones and the ones they imply: admin holds operator and viewer too
    owner       bound to this owner's jobs alone; None sees all
    via         how it proved itself
    token_id    the token it ends with; None on the loopback exemption
    job_id      an embed sees this job alone; None sees all
    session     hash of the session it came by, for the end at a sign-out
    expires_at  seconds since the epoch, None for a token
    """

    name: str
    roles: frozenset[str]
    owner: str | None = None
    via: Via = "token"
    token_id: str | None = None
    job_id: str | None = None
    session: str | None = None
    expires_at: float | None = None

    def may(self, roles: Iterable[str]) -> bool:
        """Whether it holds one of `roles`."""
        return not self.roles.isdisjoint(roles)

    def sees(self, job_id: str, owner: str | None) -> bool:
        """Whether a job of this id and owner is one it may know of."""
        if self.owner is not None and self.owner != owner:
            return False
        return self.job_id is None or self.job_id == job_id


def expand(roles: Iterable[str]) -> frozenset[str]:
    """Roles with the ones they imply. Raises ValueError for a role that is not known."""
    held = set(roles)
    unknown = held.difference(ROLES)
    if unknown:
        msg = f"role {min(unknown)!r} is not known: use one of {', '.join(ROLES)}"
        raise ValueError(msg)
    return frozenset(held.union(*(_IMPLIED.get(role, ()) for role in held)))
