"""Who may come in right now, in memory: what every request is checked against."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from hashlib import sha256

from mixdesk_control.auth.principal import Principal
from mixdesk_control.auth.sessions import Session
from mixdesk_control.auth.tickets import Ticket
from mixdesk_control.auth.tokens import Token


class AccessTable:
    """Principals by the digest of what they present. Tokens and embed bearers together, sessions apart."""

    def __init__(self) -> None:
        self._bearers: dict[bytes, Principal] = {}
        self._sessions: dict[bytes, Principal] = {}
        self._tokens: dict[str, Token] = {}

    def load(self, tokens: Iterable[Token], sessions: Iterable[Session], bearers: Iterable[Ticket], now: float) -> None:
        """Starts over from what the store holds."""
        self._bearers, self._sessions, self._tokens = {}, {}, {}
        for token in tokens:
            if token.active(now):
                self.add_token(token)
        for session in sessions:
            self.add_session(session)
        for bearer in bearers:
            self.add_bearer(bearer)

    def add_token(self, token: Token) -> None:
        """A token is valid from now on."""
        self._tokens[token.id] = token
        self._bearers[bytes.fromhex(token.hash)] = token.principal()

    def add_session(self, session: Session) -> Principal | None:
        """A session is valid from now on, None where its token has ended."""
        token = self._tokens.get(session.token_id)
        if token is None:
            return None
        principal = dataclasses.replace(
            token.principal(),
            via="session",
            session=session.hash,
            expires_at=min(session.expires_at, token.expires_at or session.expires_at),
        )
        self._sessions[bytes.fromhex(session.hash)] = principal
        return principal

    def add_bearer(self, ticket: Ticket) -> None:
        """The bearer of an embed is valid from now on, unless its token has ended."""
        token = self._tokens.get(ticket.token_id)
        if token is not None:
            self._bearers[bytes.fromhex(ticket.hash)] = ticket.principal(token.name)

    def token(self, token_id: str) -> Token | None:
        """A token that is valid, by its id."""
        return self._tokens.get(token_id)

    def newest(self, role: str) -> Token | None:
        """The newest valid token of this role alone, bound to nobody."""
        fitting = [token for token in self._tokens.values() if token.roles == (role,) and token.owner is None]
        return max(fitting, key=lambda token: token.created_at, default=None)

    def by_bearer(self, secret: str, now: float) -> Principal | None:
        """Who a bearer token stands for; about a microsecond."""
        return _valid(self._bearers.get(sha256(secret.encode()).digest()), now)

    def by_session(self, secret: str, now: float) -> Principal | None:
        """Who a session cookie stands for."""
        return _valid(self._sessions.get(sha256(secret.encode()).digest()), now)

    def prune(self, now: float) -> None:
        """Forgets what has run out: every embed leaves a bearer behind."""
        for table in (self._bearers, self._sessions):
            for key in [key for key, principal in table.items() if _valid(principal, now) is None]:
                del table[key]

    def end_session(self, session_hash: str) -> None:
        """A browser has signed out."""
        self._sessions.pop(bytes.fromhex(session_hash), None)

    def end_token(self, token_id: str) -> None:
        """A token has been revoked, and with it every session and embed that came of it."""
        self._tokens.pop(token_id, None)
        for table in (self._bearers, self._sessions):
            for key in [key for key, principal in table.items() if principal.token_id == token_id]:
                del table[key]


def _valid(principal: Principal | None, now: float) -> Principal | None:
    if principal is None or principal.expires_at is None or principal.expires_at > now:
        return principal
    return None
