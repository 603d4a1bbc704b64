"""Orders of starting and stopping, on graphs made at random."""

from __future__ import annotations

import random

import pytest
from torture import chance, times

from mixdesk_control.assets import graph
from mixdesk_control.assets.asset import Asset

Edges = dict[str, tuple[str, ...]]


def assets_of(edges: Edges) -> dict[str, Asset]:
    return {
        node: Asset(id=node, name=node, driver="docker", target=node, dependencies=needs)
        for node, needs in edges.items()
    }


RVC = assets_of({"rvc": ("hubert", "rmvpe"), "hubert": ("store",), "rmvpe": ("store",), "store": (), "web": ("rvc",)})


def random_edges(luck: random.Random, *, circles: bool) -> Edges:
    """Up to 30 nodes in a random order; without circles each needs only earlier ones."""
    nodes = [f"n{number}" for number in range(luck.randint(1, 30))]
    luck.shuffle(nodes)
    edges = {}
    for at, node in enumerate(nodes):
        others = [other for other in nodes if other != node] if circles else nodes[:at]
        edges[node] = tuple(luck.sample(others, luck.randint(0, min(len(others), 3))))
    order = list(edges)
    luck.shuffle(order)
    return {node: edges[node] for node in order}


def reached(edges: Edges, start: str) -> set[str]:
    """By the plainest means: add neighbours until nothing is new."""
    found = {start}
    while (more := {step for node in found for step in edges.get(node, ())} - found) != set():
        found |= more
    return found


def test_dependencies_come_first_and_each_once() -> None:
    assert graph.closure(RVC, "rvc") == ("store", "hubert", "rmvpe", "rvc")
    assert graph.closure(RVC, "store") == ("store",)


def test_those_that_need_it_stop_farthest_first() -> None:
    assert graph.dependents(RVC, "store") == ("web", "rvc", "hubert", "rmvpe")
    assert graph.dependents(RVC, "web") == ()


def test_what_needs_an_asset_that_left_the_registry_is_still_known() -> None:
    without = {node: asset for node, asset in RVC.items() if node != "store"}
    assert graph.dependents(without, "store") == ("web", "rvc", "hubert", "rmvpe")


def test_an_id_that_is_not_there() -> None:
    with pytest.raises(KeyError):
        graph.closure(RVC, "bark")


def test_random_graphs() -> None:
    luck = chance()
    for _ in range(times(20_000, 500)):
        edges = random_edges(luck, circles=False)
        assets, turned = assets_of(edges), {}
        for node, needs in edges.items():
            for need in needs:
                turned[need] = (*turned.get(need, ()), node)
        start = luck.choice(list(edges))
        down, up = graph.closure(assets, start), graph.dependents(assets, start)
        assert down[-1] == start and len(set(down)) == len(down) and set(down) == reached(edges, start)
        assert all(down.index(need) < down.index(node) for node in down for need in edges[node])
        assert len(set(up)) == len(up) and {*up, start} == reached(turned, start)
        assert all(up.index(node) < up.index(need) for node in up for need in edges[node] if need in up)
        assert graph.cycle(assets) is None


def test_circles_are_found_wherever_there_is_one() -> None:
    luck, with_one = chance(), 0
    for _ in range(times(20_000, 500)):
        edges = random_edges(luck, circles=True)
        found = graph.cycle(assets_of(edges))
        on_a_circle = any(node in reached(edges, need) for node in edges for need in edges[node])
        assert (found is not None) == on_a_circle
        if found is not None:
            with_one += 1
            assert len(set(found)) == len(found)
            assert all(after in edges[node] for node, after in zip(found, (*found[1:], found[0]), strict=True))
    assert with_one > 0


def test_a_circle_of_one() -> None:
    assert graph.cycle(assets_of({"a": ("b",), "b": ("b",)})) == ("b",)
    assert graph.cycle(assets_of({"a": ("gone",)})) is None


def test_a_long_chain_is_no_trouble() -> None:
    edges: Edges = {f"n{number}": (f"n{number + 1}",) for number in range(5_000)}
    assets = assets_of({**edges, "n5000": ()})
    assert graph.closure(assets, "n0")[0] == "n5000"
    assert graph.dependents(assets, "n5000")[0] == "n0"
    assert graph.cycle(assets) is None
    assert graph.cycle(assets_of({**edges, "n5000": ("n0",)})) is not None
