"""Where messages go: the address in its parts, and what of it may be said."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, unquote, unquote_plus, urlsplit

from mixdesk_control.settings import SettingsError
from mixdesk_control.settings_notify import NotifySettings, check_url, site

MOST_FILE = 8192
LONG = 4


@dataclass(frozen=True, slots=True)
class Target:
    """One receiver. `path` (with its query) and `authorization` are secrets; `shown` is scheme, host and port.

    `secrets` are all parts of the address that may not be said, as they stand and as they are meant.
    """

    tls: bool
    host: str
    port: int
    path: str = field(repr=False)
    shown: str
    authorization: str | None = field(default=None, repr=False)
    secrets: frozenset[str] = field(default=frozenset(), repr=False)

    def hushed(self, text: str) -> str:
        """The text without the secrets, should a receiver have repeated them; nor with half of one at its end."""
        for secret in sorted(self.secrets, key=len, reverse=True):
            text = re.sub(_pattern(secret), "***", text, flags=re.IGNORECASE)
        cut = max((_overlap(text, secret) for secret in self.secrets), default=0)
        return f"{text[:-cut]}***" if cut else text


def target_of(settings: NotifySettings) -> Target:
    """The receiver that is set; files are read anew at each call. Raises SettingsError, one line without secrets."""
    token = None if settings.token_file is None else _secret("token_file", settings.token_file)
    url = settings.url
    if url is None:
        assert settings.url_file is not None
        url = _secret("url_file", settings.url_file)
        try:
            check_url(url, settings.format, has_token=token is not None)
        except ValueError as error:
            msg = f"notify.url_file: {settings.url_file}: {error}"
            raise SettingsError(msg) from None
    return parsed(url, token)


def parsed(url: str, token: str | None = None) -> Target:
    """A checked address in its parts."""
    parts = urlsplit(url)
    tls = parts.scheme == "https"
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    authorization = None if token is None else f"Bearer {token}"
    if parts.username is not None:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        authorization = "Basic " + base64.b64encode(pair.encode()).decode()
    secrets = _secrets(parts, authorization)
    return Target(
        tls, parts.hostname or "", parts.port or (443 if tls else 80), path, site(url), authorization, secrets
    )


def _secrets(parts: SplitResult, authorization: str | None) -> frozenset[str]:
    """Name, password, each folder of the path, each value of the query, and what the header holds."""
    query = [piece for pair in re.split("[&;]", parts.query) for piece in (pair, pair.partition("=")[2])]
    raw = [parts.username or "", parts.password or "", parts.path, *parts.path.split("/"), parts.query, *query]
    meant = [form(text) for text in raw for form in (unquote, unquote_plus)]
    header = [word for word in (authorization or "").split() if word not in ("Bearer", "Basic")]
    spaced = (" ".join(text.split()) for text in (*raw, *meant, *header))  # as what a receiver says is read
    return frozenset(text for text in spaced if len(text) > 1)


def _pattern(secret: str) -> str:
    """A short one may be part of any word, so it counts only as a word of its own."""
    found = re.escape(secret)
    return found if len(secret) >= LONG else rf"(?<![^\W_]){found}(?![^\W_])"


def _overlap(text: str, secret: str) -> int:
    """How many letters at the end of the text begin the secret; what is shorter than a secret counts is none."""
    lengths = range(min(len(text), len(secret) - 1), LONG - 1, -1)
    return next((length for length in lengths if text[-length:].lower() == secret[:length].lower()), 0)


def _secret(key: str, path: Path) -> str:
    """The one line of a file."""
    try:
        with path.open("rb") as file:
            text = file.read(MOST_FILE).decode().strip()
    except (OSError, UnicodeDecodeError) as error:
        msg = f"notify.{key}: {path} cannot be read: {getattr(error, 'strerror', None) or 'it is no text'}"
        raise SettingsError(msg) from error
    if not text or any(not "!" <= letter <= "~" for letter in text):
        msg = f"notify.{key}: {path} must hold one line without spaces"
        raise SettingsError(msg)
    return text
