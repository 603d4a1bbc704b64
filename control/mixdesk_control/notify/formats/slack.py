"""Slack's incoming webhooks: one section of mrkdwn, and the same as the text that a phone shows first.

Slack takes `&`, `<` and `>` for markup (`<!channel>` calls everybody) and refuses a section beyond 3000 characters.
"""

from __future__ import annotations

from mixdesk_control.notify.event import Event
from mixdesk_control.notify.formats.posted import Posted, as_json
from mixdesk_control.notify.texts import CRITICAL, GOOD, INFO, WARNING, Message, cut

MOST = 3000

SIGNS = {GOOD: ":white_check_mark:", INFO: ":information_source:", WARNING: ":warning:", CRITICAL: ":x:"}


def posted(_event: Event, message: Message, path: str) -> Posted:
    """Title in bold, text, link."""
    title = escaped(message.title)
    link = f"\n<{escaped(message.link)}|Open in Mixdesk>" if message.link else ""
    head = f"{SIGNS[message.severity]} *{title}*\n"
    text = fitting(message.text, MOST - len(head) - len(link))
    section = {"type": "section", "text": {"type": "mrkdwn", "verbatim": True, "text": head + text + link}}
    return as_json(path, {"text": title, "blocks": [section]})


def escaped(text: str) -> str:
    """As text that is no markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def fitting(text: str, most: int) -> str:
    """The same, of at most so many characters: cut before it is escaped, so that no `&lt;` is cut in two."""
    while len(escaped(text)) > most:
        text = cut(text, max(len(text) - max((len(escaped(text)) - most) // 5, 1), 1))
    return escaped(text)
