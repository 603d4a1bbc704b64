"""The tokens a desk starts with: given by `[auth] token_files`, or made in the state folder (mode 0600)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import Connection

from mixdesk_control.auth import tokens
from mixdesk_control.auth.credentials import digest, new_secret
from mixdesk_control.auth.principal import ROLES
from mixdesk_control.auth.tokens import Token

MIN_LENGTH = 20


class TokenFileError(Exception):
    """A token file cannot be used; the message is one line."""


def folder_of(state_dir: Path) -> Path:
    """Where the tokens that nobody gave lie, one file a role."""
    return state_dir / "tokens"


def ensure(conn: Connection, state_dir: Path, given: Mapping[str, Path], now: float) -> None:
    """Every role has its token: the given file's, else the state folder's, else a new one.

    A file whose text has changed is a rotation: the token it held before ends. A database that was deleted or
    restored learns the tokens anew from the files. Raises TokenFileError.
    """
    for role in ROLES:
        if role in given:
            _adopt(conn, role, read(given[role]), tokens.GIVEN, now)
        else:
            _ensure_state(conn, folder_of(state_dir) / role, role, now)


def renew(conn: Connection, state_dir: Path, revoked: Token, now: float) -> Token | None:
    """A new token in the place of one of the state folder's that was revoked, None where its file holds another."""
    path = folder_of(state_dir) / revoked.name
    if revoked.name not in ROLES or (path.exists() and digest(read(path)) != revoked.hash):
        return None
    write(path, new_secret(tokens.PREFIX))
    return _adopt(conn, revoked.name, read(path), tokens.STATE, now)


def _ensure_state(conn: Connection, path: Path, role: str, now: float) -> None:
    if not path.exists():
        write(path, new_secret(tokens.PREFIX))
    try:
        _adopt(conn, role, read(path), tokens.STATE, now)
    except _RevokedError:
        write(path, new_secret(tokens.PREFIX))
        _adopt(conn, role, read(path), tokens.STATE, now)


class _RevokedError(TokenFileError):
    pass


def _adopt(conn: Connection, role: str, secret: str, source: str, now: float) -> Token:
    known = tokens.all_of(conn)
    kept = next((token for token in known if token.hash == digest(secret)), None)
    if kept is not None and not kept.active(now):
        msg = f"the token given for {role} was revoked: put a new one into its file"
        raise _RevokedError(msg)
    if kept is not None and kept.roles != (role,):
        msg = f"the token given for {role} is already that of {', '.join(kept.roles)}: each role needs one of its own"
        raise TokenFileError(msg)
    for token in known:
        if token is not kept and token.name == role and token.source in (tokens.GIVEN, tokens.STATE):
            tokens.revoke(conn, token.id, now)
    if kept is not None:
        return kept
    token, _ = tokens.new_token(role, [role], now=now, source=source, secret=secret)
    tokens.add(conn, token)
    return token


def read(path: Path) -> str:
    """The token in a file. Raises TokenFileError."""
    try:
        secret = path.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        msg = f"token file {path} cannot be read: {getattr(error, 'strerror', None) or error}"
        raise TokenFileError(msg) from error
    if len(secret) < MIN_LENGTH or any(char.isspace() for char in secret):
        msg = f"token file {path} must hold one token of {MIN_LENGTH} characters or more, without spaces"
        raise TokenFileError(msg)
    return secret


def write(path: Path, secret: str) -> None:
    """Puts a token into a file that only its owner can read, whole or not at all."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".new")
    temporary.unlink(missing_ok=True)
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(fd, "w") as file:
        file.write(secret + "\n")
        file.flush()
        os.fsync(fd)
    temporary.replace(path)
