"""A model server's word about GPU memory: a part of what is measured, never more than there is, and nothing twice."""

from __future__ import annotations

from mixdesk_control.assets.asset import RUNNING, STOPPED, Asset, Observed, Usage
from mixdesk_control.assets.entry import Entry
from mixdesk_control.assets.gpus import MIB, Card, Cards
from mixdesk_control.assets.told import with_told

GPU = "GPU-a"


def model(told: int | None, *needs: str, doing: str = RUNNING, gpus: tuple[int | str, ...] = (0,)) -> Entry:
    entry = Entry(Asset(id="m", name="m", driver="http", target=None, dependencies=needs, gpus=gpus))
    entry.observed, entry.usage = Observed(doing), Usage(vram=told)
    return entry


def measured(entry: Entry, **others: float) -> dict[str, float]:
    cards = Cards((Card(0, GPU, 1000.0, 300.0, others),))
    return dict(with_told(cards, [entry]).cards[0].measured)


def test_what_is_told_is_measured() -> None:
    assert measured(model(400 * MIB)) == {"m": 400.0}
    assert measured(model(400 * MIB, gpus=(GPU,))) == {"m": 400.0}
    assert measured(model(400 * MIB, gpus=(1,))) == {}, "another card"
    assert measured(model(None)) == measured(model(400 * MIB, doing=STOPPED)) == {}
    assert measured(model(400 * MIB, gpus=(0, 1))) == {}, "nobody says what is on which"


def test_a_server_that_lies_is_believed_up_to_what_is_in_use() -> None:
    assert measured(model(10**400)) == {"m": 700.0}


def test_what_the_server_holds_for_the_model_is_not_its_own() -> None:
    assert measured(model(400 * MIB, "ollama"), ollama=450.0, other=5.0) == {"m": 400.0, "ollama": 50.0, "other": 5.0}
    assert measured(model(400 * MIB, "ollama"), ollama=100.0) == {"m": 400.0, "ollama": 0.0}
