"""What an orderly stop of the desk takes along: which assets have to do with one another, and how long they may take.

Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from mixdesk_control.assets import graph
from mixdesk_control.assets.asset import Asset

Assets = Mapping[str, Asset]


def groups(assets: Assets, wanted: Sequence[str]) -> list[list[str]]:
    """These assets, those together of which one needs the other, directly or not: the groups stop side by side."""
    found: list[set[str]] = []
    for asset_id in wanted:
        together = {asset_id, *graph.dependents(assets, asset_id)} & set(wanted)
        for group in [group for group in found if not group.isdisjoint(together)]:
            found.remove(group)
            together |= group
        found.append(together)
    return [sorted(group) for group in found]


def longest_stop(assets: Assets, wanted: Iterable[str]) -> float:
    """Seconds that their graces come to along the longest chain: each stops once those are down that need it."""
    graces = {asset_id: assets[asset_id].stop_grace_s for asset_id in wanted}
    needed_by = graph.turned(assets)
    ends: dict[str, float] = {}
    for asset_id in graces:
        for one in (*graph.dependents_in(needed_by, asset_id), asset_id):
            before = max((ends[other] for other in needed_by.get(one, ())), default=0.0)
            ends[one] = before + graces.get(one, 0.0)
    return max(ends.values(), default=0.0)
