"""A message in the form that a receiver understands; one file a form, one list of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from mixdesk_control.notify.event import Event
from mixdesk_control.notify.formats import discord, json, ntfy, slack
from mixdesk_control.notify.formats.posted import Posted
from mixdesk_control.notify.texts import Message

Form = Callable[[Event, Message, str], Posted]

FORMATS: Mapping[str, Form] = {
    "json": json.posted,
    "slack": slack.posted,
    "discord": discord.posted,
    "ntfy": ntfy.posted,
}
