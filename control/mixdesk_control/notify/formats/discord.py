"""Discord's webhooks: one embed. Nobody is pinged, whatever a job is called."""

from __future__ import annotations

import re

from mixdesk import wire
from mixdesk_control.notify.event import Event
from mixdesk_control.notify.formats.posted import Posted, as_json
from mixdesk_control.notify.texts import CRITICAL, GOOD, INFO, WARNING, Message, cut

MOST_TITLE, MOST_TEXT = 256, 4096

COLOURS = {GOOD: 0x2E7D32, INFO: 0x1565C0, WARNING: 0xEF6C00, CRITICAL: 0xC62828}

_MARKUP = re.compile(r"([\\*_~`|<>\[\]()#@])")


def posted(event: Event, message: Message, path: str) -> Posted:
    """Title, text and link in the colour of how much it matters."""
    embed = {
        "title": fitting(message.title, MOST_TITLE),
        "description": fitting(message.text, MOST_TEXT),
        "color": COLOURS[message.severity],
        "timestamp": wire.now_text(event.at),
    }
    if message.link:
        embed["url"] = message.link
    return as_json(path, {"embeds": [embed], "allowed_mentions": {"parse": []}})


def escaped(text: str) -> str:
    """As text that is no markup."""
    return _MARKUP.sub(r"\\\1", text)


def fitting(text: str, most: int) -> str:
    """The same, of at most so many characters once it is escaped."""
    while len(escaped(text)) > most:
        text = cut(text, max(len(text) - max((len(escaped(text)) - most) // 2, 1), 1))
    return escaped(text)
