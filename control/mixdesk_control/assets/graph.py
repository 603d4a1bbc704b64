"""What needs what: the order in which assets start and stop. Pure, and a chain of dependencies may be of any length."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from mixdesk_control.assets.asset import Asset

Assets = Mapping[str, Asset]
Edges = Callable[[str], Iterable[str]]
NeededBy = Mapping[str, Iterable[str]]
"""{id: those that need it directly}, as `turned` gives it."""


def closure(assets: Assets, asset_id: str) -> tuple[str, ...]:
    """The asset and all that it needs, directly or not: dependencies first, itself last, each once.

    The same registry always gives the same order. Raises KeyError for an id that is not there.
    """
    return _postorder(lambda node: assets[node].dependencies, asset_id)


def dependents(assets: Assets, asset_id: str) -> tuple[str, ...]:
    """All that need the asset, directly or not: the order in which they stop before it does.

    The asset itself, which is not in it, need not be in the registry any more.
    """
    return dependents_in(turned(assets), asset_id)


def dependents_in(needed_by: NeededBy, asset_id: str) -> tuple[str, ...]:
    """The same, for who asks for many of one registry."""
    return _postorder(lambda node: needed_by.get(node, ()), asset_id)[:-1]


def cycle(assets: Assets) -> tuple[str, ...] | None:
    """Some assets that need one another in a circle, each needing the next and the last the first; None without one.

    Dependencies that are not in the registry are passed over.
    """
    finished: set[str] = set()
    for start in assets:
        if start not in finished and (found := _circle_from(assets, start, finished)) is not None:
            return found
    return None


def _circle_from(assets: Assets, start: str, finished: set[str]) -> tuple[str, ...] | None:
    path: dict[str, Iterator[str]] = {start: iter(assets[start].dependencies)}
    while path:
        node, following = next(reversed(path.items()))
        step = next(following, None)
        if step is None:
            finished.add(node)
            del path[node]
        elif step in path:
            nodes = list(path)
            return tuple(nodes[nodes.index(step) :])
        elif step in assets and step not in finished:
            path[step] = iter(assets[step].dependencies)
    return None


def _postorder(edges: Edges, start: str) -> tuple[str, ...]:
    """All that edges lead to from `start`, each after everything that its own edges lead to."""
    order: dict[str, None] = {}
    seen = {start}
    stack = [(start, iter(edges(start)))]
    while stack:
        node, following = stack[-1]
        step = next((other for other in following if other not in seen), None)
        if step is None:
            order[node] = None
            stack.pop()
        else:
            seen.add(step)
            stack.append((step, iter(edges(step))))
    return tuple(order)


def turned(assets: Assets) -> NeededBy:
    """Who needs whom."""
    needed_by: dict[str, list[str]] = {}
    for node, asset in assets.items():
        for dependency in asset.dependencies:
            needed_by.setdefault(dependency, []).append(node)
    return needed_by
