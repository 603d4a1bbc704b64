"""Which assets an orderly stop takes together, and how long it may wait for them."""

from __future__ import annotations

from mixdesk_control.assets.asset import Asset
from mixdesk_control.assets.leaving import groups, longest_stop


def assets_of(**needs: str) -> dict[str, Asset]:
    """Each with a grace of 10 s."""
    return {
        node: Asset(id=node, name=node, driver="process", target=node, dependencies=tuple(text.split()))
        for node, text in needs.items()
    }


ASSETS = assets_of(store="", model="store", web="model", other="", tool="other", third="")


def test_those_that_need_one_another_stop_together() -> None:
    found = groups(ASSETS, ["web", "tool", "store", "third", "other"])
    assert sorted(found) == [["other", "tool"], ["store", "web"], ["third"]], "the model between them is none of these"
    assert groups(ASSETS, []) == []


def test_two_that_need_the_same_stop_with_it() -> None:
    assets = assets_of(store="", left="store", right="store")
    assert groups(assets, ["left", "right", "store"]) == [["left", "right", "store"]]
    assert sorted(groups(assets, ["left", "right"])) == [["left"], ["right"]]


def test_graces_add_up_along_a_chain_alone() -> None:
    assert longest_stop(ASSETS, ["web", "store", "tool", "third"]) == 20.0
    assert longest_stop(ASSETS, ["web", "model", "store"]) == 30.0
    assert longest_stop(ASSETS, []) == 0.0
