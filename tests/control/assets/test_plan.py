"""What a request would do: who stops with whom, in which order, and what is said of it."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import pytest
from torture import chance, times

from mixdesk_control.assets import graph, plan
from mixdesk_control.assets.admission import Holding, Need, Shortage
from mixdesk_control.assets.asset import RUNNING, STOPPED, Asset, Observed
from mixdesk_control.assets.entry import Entry
from mixdesk_control.assets.gpus import Card, Cards

G = "GPU-a"


def assets(**needs: str) -> dict[str, Asset]:
    """`assets(a="", b="a")`: b needs a."""
    return {
        one: Asset(id=one, name=one, driver="docker", target=one, dependencies=tuple(wanted.split()))
        for one, wanted in needs.items()
    }


def entries(found: Mapping[str, Asset], *running: str) -> dict[str, Entry]:
    return {
        one: Entry(asset, observed=Observed(RUNNING if one in running else STOPPED)) for one, asset in found.items()
    }


CHAIN = assets(base="", mid="base", top="mid", side="base")


def short(missing: float, **holders: float) -> list[Shortage]:
    held = tuple(Holding(one, mb, mb) for one, mb in holders.items())
    return [Shortage(G, 0, 0.0, 0.0, 0.0, missing, missing, held)]


def test_who_stops_with_it() -> None:
    running = entries(CHAIN, "base", "mid", "side")
    assert plan.running_with(running, CHAIN, "base", ()) == ("mid", "side")
    assert plan.running_with(running, CHAIN, "base", {"top"}) == ("top", "mid", "side"), "it is about to run"
    assert plan.running_with(running, CHAIN, "top", ()) == ()


@pytest.mark.parametrize("seed", range(20))
def test_dependents_stop_before_what_they_need(seed: int) -> None:
    dice = random.Random(seed)
    found = assets(**{f"a{n}": " ".join(f"a{m}" for m in range(n) if dice.random() < 0.3) for n in range(9)})
    wanted = dice.sample(sorted(found), 5)
    order = plan.stop_order(found, wanted)
    assert sorted(order) == sorted(wanted)
    for one in wanted:
        for other in graph.dependents(found, one):
            if other in wanted:
                assert order.index(other) < order.index(one)


def test_whose_stop_makes_room() -> None:
    running = entries(CHAIN, "base", "mid", "side")

    def find(closure: tuple[str, ...], **more: Any) -> tuple[str, ...] | None:
        return plan.advice(short(100, base=90, side=40, mid=20), running, CHAIN, closure, (), **more)

    assert find(("new",)) == ("base", "mid", "side"), "whom base takes along"
    assert find(("new", "base")) is None, "what is to be started is not stopped"
    assert find(("new",), allowed={"base", "mid"}) is None, "side may not be stopped"
    assert find(("new",), allowed={"base", "mid", "side"}) == ("base", "mid", "side")
    assert plan.advice(short(50, base=90, side=60), running, CHAIN, (), ()) == ("side",)
    assert plan.advice(short(500, base=90), running, CHAIN, (), ()) is None


def test_nobody_is_advised_who_does_not_run() -> None:
    running = entries(CHAIN, "side")
    assert plan.advice(short(50, base=90, side=60), running, CHAIN, (), ()) == ("side",)
    assert plan.advice(short(80, base=90, side=60), running, CHAIN, (), ()) is None


def test_advice_never_takes_what_would_be_started() -> None:
    for _ in range(times(300, 20)):
        dice = chance()
        found = assets(**{f"a{n}": " ".join(f"a{m}" for m in range(n) if dice.random() < 0.3) for n in range(8)})
        running = {one for one in found if dice.random() < 0.6}
        shown = entries(found, *running)
        closure = graph.closure(found, dice.choice(sorted(found)))
        lacking = short(float(dice.randrange(1, 200)), **{one: float(dice.randrange(0, 100)) for one in running})
        allowed = {one for one in found if dice.random() < 0.7} if dice.random() < 0.5 else None
        advised = plan.advice(lacking, shown, found, closure, (), allowed)
        for one in advised or ():
            assert one not in closure and one in running and (allowed is None or one in allowed)
            assert set(plan.running_with(shown, found, one, ())) <= set(advised or ())


def test_a_plan_in_words() -> None:
    shown = entries(CHAIN, "base", "side")
    cards = Cards([Card(0, G, 1000.0, 300.04)])
    memory = plan.Memory([Need("mid", G, 100.0), Need("top", G, 250.0)], short(50.0, side=60), ("side",), cards, 64.0)
    found = plan.shown_start(shown, "top", ("base", "mid", "top"), memory, ("side",))
    assert [(step["asset"], step["does"], step["why"]) for step in found["steps"]] == [
        ("side", "stop", "makes room"),
        ("base", "nothing", "it runs already"),
        ("mid", "start", "top needs it"),
        ("top", "start", "it was asked for"),
    ]
    assert found["memory"] == [
        {
            "gpu": 0,
            "uuid": G,
            "free_mb": 300.0,
            "headroom_mb": 64.0,
            "needed_mb": 350.0,
            "missing_mb": 50.0,
            "fits": False,
        }
    ]
    assert (found["fits"], found["would_stop"], found["stop"]) == (False, ["side"], ["side"])
    nothing = plan.shown_start(shown, "top", ("base", "mid", "top"), plan.NO_MEMORY, ())
    assert (nothing["fits"], nothing["memory"], nothing["stop"]) == (True, [], [])


def test_a_plan_of_a_stop() -> None:
    found = plan.shown_stop(entries(CHAIN, "mid", "base"), "base", ("top", "mid", "base"))
    assert [(step["asset"], step["does"], step["why"]) for step in found["steps"]] == [
        ("top", "nothing", "it does not run"),
        ("mid", "stop", "it needs base"),
        ("base", "stop", "it was asked for"),
    ]


def test_who_holds_it_in_words() -> None:
    shortage = Shortage(G, 1, 0.0, 0.0, 0.0, 1.0, 1.0, (Holding("a", 10.04, 20.0), Holding("b", None, 5.0, True)), 7.0)
    assert plan.shown_holders([shortage], {"a": ["j2", "j1"]}) == [
        {"asset": "a", "gpu": 1, "used_mb": 10.0, "reserved_mb": 20.0, "leaked": False, "jobs": ["j1", "j2"]},
        {"asset": "b", "gpu": 1, "used_mb": None, "reserved_mb": 5.0, "leaked": True, "jobs": []},
        {"asset": None, "gpu": 1, "used_mb": 7.0, "reserved_mb": 0.0, "leaked": False, "jobs": []},
    ]
