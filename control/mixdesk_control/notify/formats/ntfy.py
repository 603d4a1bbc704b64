"""ntfy: its JSON form, which goes to the server's root and carries the topic; titles in it may hold any letter."""

from __future__ import annotations

from typing import Any

from mixdesk_control import settings_notify as names
from mixdesk_control.notify.event import Event
from mixdesk_control.notify.formats.posted import Posted, as_json
from mixdesk_control.notify.texts import CRITICAL, GOOD, INFO, WARNING, Message, cut

MOST_BYTES = 4000  # beyond 4096 ntfy makes a file of a message
MOST_TITLE = 250

PRIORITIES = {GOOD: 3, INFO: 2, WARNING: 3, CRITICAL: 4}  # 1 to 5; 3 is its default
SIGNS = {GOOD: "white_check_mark", INFO: "information_source", WARNING: "warning", CRITICAL: "rotating_light"}
OWN_SIGNS: dict[str, str] = {names.SAVED: "floppy_disk", names.NOT_SAVED: "floppy_disk", names.DISK_LOW: "floppy_disk"}


def posted(event: Event, message: Message, path: str) -> Posted:
    """The topic is the last part of the address."""
    where, _, rest = path.partition("?")
    root, _, topic = where.rpartition("/")
    content: dict[str, Any] = {
        "topic": topic,
        "title": cut(message.title, MOST_TITLE),
        "message": _fitting(message.text),
        "priority": PRIORITIES[message.severity],
        "tags": [SIGNS[message.severity], *filter(None, [OWN_SIGNS.get(event.event)])],
    }
    if message.link:
        content["click"] = message.link
    return as_json(f"{root}/" + (f"?{rest}" if rest else ""), content)


def _fitting(text: str) -> str:
    """At most so many bytes, and no half letter."""
    encoded = text.encode("utf-8", "replace")
    return text if len(encoded) <= MOST_BYTES else encoded[: MOST_BYTES - 3].decode("utf-8", "ignore") + "…"
