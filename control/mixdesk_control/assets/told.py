"""What servers say of the models inside them, as a part of what is measured: NVML knows their processes alone. Pure.

A server's word is never believed beyond what is in use on the card. What it says of a model is in what is measured of
its own process too, and is taken off there where the model names the server as a dependency: nothing counts twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from mixdesk_control.assets.asset import HTTP
from mixdesk_control.assets.entry import Entry
from mixdesk_control.assets.gpus import MIB, Card, Cards


def with_told(cards: Cards, entries: Iterable[Entry]) -> Cards:
    """The cards with the models on them; one of several GPUs is left out, for nobody says what is on which."""
    models = [entry for entry in entries if _tells(entry)]
    if not models:
        return cards
    return replace(cards, cards=tuple(_with_models(card, models) for card in cards.cards))


def _tells(entry: Entry) -> bool:
    told = entry.asset.driver == HTTP and entry.usage.vram is not None
    return told and entry.observed.is_alive and len(entry.asset.gpus) == 1


def _with_models(card: Card, models: Iterable[Entry]) -> Card:
    measured = dict(card.measured)
    used = max(card.total - card.free, 0.0)
    for entry in models:
        if entry.asset.gpus[0] not in (card.index, card.uuid):
            continue
        mb = min(entry.usage.vram or 0, int(used * MIB)) / MIB
        measured[entry.asset.id] = mb
        for server in entry.asset.dependencies:
            if server in measured:
                measured[server] = max(measured[server] - mb, 0.0)
    return replace(card, measured=measured)
