"""What a request would do, before anything is done: which assets, in which order, with which memory. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mixdesk_control.assets import graph
from mixdesk_control.assets.admission import Need, Shortage
from mixdesk_control.assets.advice import advise
from mixdesk_control.assets.asset import UNKNOWN, Asset
from mixdesk_control.assets.entry import Entry, is_up
from mixdesk_control.assets.gpus import Cards
from mixdesk_control.assets.rows import WANT_RUNNING

NO_CARDS = Cards()

Entries = Mapping[str, Entry]
Assets = Mapping[str, Asset]


@dataclass(frozen=True, slots=True)
class Memory:
    """GPU memory that a start needs, and whether it is there.

    advice  assets whose stop would make it fit; None where nothing helps, empty where it fits
    """

    needs: Sequence[Need] = ()
    shortages: Sequence[Shortage] = ()
    advice: tuple[str, ...] | None = ()
    cards: Cards = NO_CARDS
    headroom_mb: float = 0.0

    @property
    def fits(self) -> bool:
        """Whether it is there as things are."""
        return not self.shortages


NO_MEMORY = Memory()


def running_with(entries: Entries, assets: Assets, asset_id: str, starting: Collection[str]) -> tuple[str, ...]:
    """The dependents of an asset that run, or are about to: those that stop before it does, in that order.

    One that cannot be seen just now is taken to run where it is to, or did when it was seen last.
    """
    return _running(graph.dependents(assets, asset_id), entries, starting)


def _running(found: Iterable[str], entries: Entries, starting: Collection[str]) -> tuple[str, ...]:
    return tuple(other for other in found if other in starting or _may_run(entries[other]))


def _may_run(entry: Entry) -> bool:
    seen = entry.observed
    hidden = seen.doing == UNKNOWN
    return seen.is_alive or (hidden and (seen.instance is not None or entry.wish.desired == WANT_RUNNING))


def advice(
    shortages: Sequence[Shortage],
    entries: Entries,
    assets: Assets,
    closure: Collection[str],
    starting: Collection[str],
    allowed: Collection[str] | None = None,
) -> tuple[str, ...] | None:
    """Whose stop makes room, with all that stop along; of `allowed` alone where that is given."""
    candidates: dict[str, frozenset[str]] = {}
    needed_by = graph.turned(assets)
    for asset_id, entry in entries.items():
        if not entry.observed.is_alive or asset_id in closure:
            continue
        along = frozenset(_running(graph.dependents_in(needed_by, asset_id), entries, starting))
        if not along.isdisjoint(closure) or (allowed is not None and not {asset_id, *along} <= set(allowed)):
            continue
        candidates[asset_id] = along
    return advise(shortages, candidates, closure)


def stop_order(assets: Assets, wanted: Iterable[str]) -> list[str]:
    """These assets in the order in which they stop: dependents first."""
    left = set(wanted)
    order: list[str] = []
    for asset_id in sorted(left):
        order += [other for other in (*graph.dependents(assets, asset_id), asset_id) if other in left - set(order)]
    return order


def shown_start(
    entries: Entries, target: str, starts: Sequence[str], memory: Memory, stops: Sequence[str]
) -> dict[str, Any]:
    """The JSON of a start that is only thought through."""
    steps = [{"asset": asset, "does": "stop", "why": "makes room"} for asset in stops]
    for asset in starts:
        up = is_up(entries[asset])
        why = "it runs already" if up else "it was asked for" if asset == target else f"{target} needs it"
        steps.append({"asset": asset, "does": "nothing" if up else "start", "why": why})
    return {
        "action": "start",
        "asset": target,
        "steps": steps,
        "memory": _memory(memory),
        "fits": memory.fits,
        "would_stop": list(stops),
        "stop": None if memory.advice is None else list(memory.advice),
    }


def shown_stop(entries: Entries, target: str, stops: Sequence[str]) -> dict[str, Any]:
    """The JSON of a stop that is only thought through."""
    steps = []
    for asset in stops:
        alive = entries[asset].observed.is_alive
        why = "it does not run" if not alive else "it was asked for" if asset == target else f"it needs {target}"
        steps.append({"asset": asset, "does": "stop" if alive else "nothing", "why": why})
    return {"action": "stop", "asset": target, "steps": steps, "memory": [], "fits": True, "would_stop": list(stops)}


def _memory(memory: Memory) -> list[dict[str, Any]]:
    wanted: dict[str, float] = {}
    for need in memory.needs:
        wanted[need.gpu] = wanted.get(need.gpu, 0.0) + need.mb
    short = {shortage.gpu: shortage for shortage in memory.shortages}
    found = []
    for card in memory.cards.cards:
        if card.uuid in wanted:
            missing = short[card.uuid].missing if card.uuid in short else 0.0
            found.append(
                {
                    "gpu": card.index,
                    "uuid": card.uuid,
                    "free_mb": round(card.free, 1),
                    "headroom_mb": memory.headroom_mb,
                    "needed_mb": round(wanted[card.uuid], 1),
                    "missing_mb": round(missing, 1),
                    "fits": card.uuid not in short,
                }
            )
    return found


def shown_holders(shortages: Iterable[Shortage], jobs: Mapping[str, Collection[str]]) -> list[dict[str, Any]]:
    """Who holds the memory that is missing, the largest first; `jobs` by asset."""
    found: list[dict[str, Any]] = []
    for shortage in shortages:
        found += [
            {
                "asset": holder.asset,
                "gpu": shortage.index,
                "used_mb": None if holder.measured is None else round(holder.measured, 1),
                "reserved_mb": round(holder.reserved, 1),
                "leaked": holder.leaked,
                "jobs": sorted(jobs.get(holder.asset, ())),
            }
            for holder in shortage.holders
        ]
        if shortage.others > 0:
            other = {"asset": None, "gpu": shortage.index, "used_mb": round(shortage.others, 1), "reserved_mb": 0.0}
            found.append(other | {"leaked": False, "jobs": []})
    return found
