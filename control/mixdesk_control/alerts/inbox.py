"""What Alertmanager sends (its webhook, version 4) -> alerts. Pure.

One alert that cannot be read keeps none of the others away. Texts that are too long are cut, and say so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from mixdesk import wire
from mixdesk_control.alerts.alert import RESOLVED, Alert
from mixdesk_control.web.problems import Problem

VERSION = "4"
MOST_ALERTS = 1000
MOST_NAME, MOST_VALUE, MOST_TEXT = 200, 2000, 8000  # characters: of a name, of a value, of all labels of an alert
MOST_SOURCE = 2000
CUT = "…"

AHEAD_S = 300.0  # clocks of two hosts are not the same
FIRST, LAST = 0.0, 32_503_680_000.0  # 1970 to 3000: "no time" is the year 1

# What is kept whatever has to go.
_NEEDED = ("alertname", "severity", "component", "job_id", "summary", "description")
_FINGERPRINT = re.compile(r"[0-9a-f]{1,64}")
_ADDRESS = re.compile(r"https?://[!-~]+")


class _Body(msgspec.Struct):
    version: str
    alerts: list[msgspec.Raw]
    truncated: Any = msgspec.field(default=0, name="truncatedAlerts")


class _Told(msgspec.Struct, rename="camel"):
    status: Literal["firing", "resolved"]
    labels: dict[str, str]
    fingerprint: str
    starts_at: str
    ends_at: str | None = None
    annotations: dict[str, str] | None = None
    source: str | None = msgspec.field(default=None, name="generatorURL")


_body = msgspec.json.Decoder(_Body)
_told = msgspec.json.Decoder(_Told)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One webhook: the alerts that can be read, why the others cannot, and how many were not sent."""

    alerts: tuple[Alert, ...]
    refused: tuple[str, ...]
    truncated: int


def read(body: bytes, now: float) -> Delivery:
    """Alerts heard at `now`. Raises Problem 400 for what is no JSON, 422 for what is no webhook of version 4."""
    decoded = _decoded(body)
    alerts: list[Alert] = []
    refused: list[str] = []
    for number, raw in enumerate(decoded.alerts[:MOST_ALERTS]):
        try:
            alerts.append(_alert(_told.decode(raw), now))
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            refused.append(f"alerts[{number}]: {error}")
    if len(decoded.alerts) > MOST_ALERTS:
        refused.append(f"alerts[{MOST_ALERTS}:]: {len(decoded.alerts) - MOST_ALERTS} more than a desk keeps")
    if refused and not alerts:
        raise Problem(422, f"no alert of it can be read: {refused[0]}", refused=refused)
    return Delivery(tuple(alerts), tuple(refused), _count(decoded.truncated))


def _decoded(body: bytes) -> _Body:
    try:
        decoded = _body.decode(body)
    except msgspec.ValidationError as error:
        raise Problem(422, f"this is not what Alertmanager sends to a webhook: {error}") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Problem(400, f"the body is not JSON: {error}") from error
    if decoded.version != VERSION:
        raise Problem(422, f"this desk reads webhooks of version {VERSION}, not {decoded.version[:20]!r}")
    return decoded


def _alert(told: _Told, now: float) -> Alert:
    """Raises ValueError for what cannot be kept."""
    if not _FINGERPRINT.fullmatch(told.fingerprint):
        msg = f"fingerprint {told.fingerprint[:40]!r} is not 1 to 64 hexadecimal digits"
        raise ValueError(msg)
    starts_at = _moment(told.starts_at)
    if starts_at is None:
        msg = f"startsAt {told.starts_at[:40]!r} is no time"
        raise ValueError(msg)
    if starts_at > now + AHEAD_S:
        msg = f"startsAt {told.starts_at[:40]!r} is in the future: one of both clocks is wrong"
        raise ValueError(msg)
    ends_at = None
    if told.status == RESOLVED:
        ends_at = max(_moment(told.ends_at) or now, starts_at)
    return Alert(
        fingerprint=told.fingerprint,
        labels=cut(told.labels),
        annotations=cut(told.annotations or {}),
        starts_at=starts_at,
        ends_at=ends_at,
        heard_at=now,
        source=_address(told.source),
    )


def cut(given: Mapping[str, str]) -> dict[str, str]:
    """Names and values within the limits; what was cut ends in `…`, and `…` counts what was left out."""
    kept: dict[str, str] = {}
    room = MOST_TEXT
    for name in sorted(given, key=lambda name: (name not in _NEEDED, name)):
        short, value = _cut(name, MOST_NAME), _cut(given[name], MOST_VALUE)
        if len(short) + len(value) <= room and short not in kept:
            kept[short] = value
            room -= len(short) + len(value)
    if len(kept) < len(given):
        kept[CUT] = f"{len(given) - len(kept)} more are left out"
    return kept


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + CUT


def _address(text: str | None) -> str | None:
    """Only what a browser may be led to: no script, no other scheme."""
    usable = text is not None and len(text) <= MOST_SOURCE and _ADDRESS.fullmatch(text) is not None
    return text if usable else None


def _moment(text: str | None) -> float | None:
    try:
        seconds = wire.seconds_of(text or "")
    except (ValueError, OverflowError):
        return None
    return seconds if FIRST <= seconds <= LAST else None


def _count(given: Any) -> int:
    return given if isinstance(given, int) and 0 < given < 2**53 else 0
