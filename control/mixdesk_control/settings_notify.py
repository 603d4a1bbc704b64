"""`[notify]`: who is told of jobs, of what, and in which form."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_args
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_serializer, model_validator

from mixdesk_control import settings_sources as sources

Event = Literal[
    "job.succeeded",
    "job.failed",
    "job.canceled",
    "job.interrupted",
    "job.lost",
    "job.stalled",
    "checkpoint.saved",
    "checkpoint.failed",
    "disk.low",
]

EVENTS: tuple[Event, ...] = get_args(Event)
SUCCEEDED, FAILED, CANCELED, INTERRUPTED, LOST, STALLED, SAVED, NOT_SAVED, DISK_LOW = EVENTS

# Whoever asks for a cancel knows of it, and most checkpoints are saved by the clock.
USUAL = tuple(event for event in EVENTS if event not in (CANCELED, SAVED))

_NO_TABLE = ""
_ADDRESS = re.compile(r"https?:/", re.IGNORECASE)

TOPIC = re.compile(r"[-_A-Za-z0-9]{1,64}")

Events = Annotated[tuple[Event, ...], BeforeValidator(sources.as_list)]


class NotifySettings(BaseModel):
    """`[notify]`: one receiver of messages about jobs. An address is a secret: it is neither shown nor logged.

    url, url_file  where messages are posted, or the file that holds the address
    format         what the receiver understands
    events         what is told
    token_file     a token that is sent as `Authorization: Bearer`
    stalled_s      how long a job may stand still before it is told
    min_duration_s how long a job must have run for its success to be told
    """

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)

    url: str | None = Field(default=None, repr=False)
    url_file: Path | None = None
    format: Literal["json", "slack", "discord", "ntfy"] = "json"
    events: Events = USUAL
    token_file: Path | None = None
    stalled_s: Annotated[float, Field(gt=0, le=1e9)] = 900.0
    min_duration_s: Annotated[float, Field(ge=0, le=1e9)] = 60.0

    @model_validator(mode="before")
    @classmethod
    def _address(cls, given: Any) -> Any:
        # Here and not at the field: what is wrong with a field is told with its value.
        if not isinstance(given, dict):
            return given
        if _NO_TABLE in given:
            msg = "must be a table: [notify], and below it url = ..."
            raise ValueError(msg)
        check_places(given)
        if given.get("url") is None:
            return given
        if not isinstance(given["url"], str):
            msg = "url must be text, the one address that messages are posted to"
            raise ValueError(msg)
        if given.get("url_file") is not None:
            msg = "url and url_file are both set: keep one of them"
            raise ValueError(msg)
        check_url(given["url"], str(given.get("format", "json")), has_token=given.get("token_file") is not None)
        return given

    @model_validator(mode="before")
    @classmethod
    def _table(cls, given: Any) -> Any:
        # Runs before the one above, which says what is wrong: of a table no value is shown, of a text it would be.
        return given if isinstance(given, dict | NotifySettings) else {_NO_TABLE: None}

    @field_serializer("url")
    def _shown(self, url: str | None) -> str | None:
        return None if url is None else f"{site(url)}/***"

    @property
    def is_on(self) -> bool:
        """Whether anybody is told anything."""
        return self.url is not None or self.url_file is not None


def check_places(given: Mapping[str, Any]) -> None:
    """Raises ValueError, without the value, where an address stands in a setting that is not for one."""
    for key, value in given.items():
        sign = _ADDRESS if key.endswith("_file") else "/"
        if key in NotifySettings.model_fields and key != "url" and re.search(sign, str(value)):
            msg = f"{key} holds an address: it belongs in url, or in the file that url_file names"
            raise ValueError(msg)


def check_url(url: str, form: str, *, has_token: bool) -> None:
    """Raises ValueError, without the address, for one that messages cannot be posted to."""
    try:
        parts = urlsplit(url)
        fits = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # half an IPv6 address, a port beyond 65535
        fits = False
    if not fits or not url.isascii() or not url.isprintable() or " " in url:
        msg = "url must be an address as https://HOST/PATH, its odd letters percent-encoded"
        raise ValueError(msg)
    if parts.fragment:
        msg = "url has a part after # that no receiver would see"
        raise ValueError(msg)
    if has_token and parts.username is not None:
        msg = "url holds a name and password and token_file is set: only one of them can be sent"
        raise ValueError(msg)
    if form == "ntfy" and not TOPIC.fullmatch(parts.path.rpartition("/")[2]):
        msg = "url must end with the topic where format is ntfy, as https://ntfy.sh/TOPIC"
        raise ValueError(msg)


def site(url: str) -> str:
    """Scheme, host and port: all that may be shown of an address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
