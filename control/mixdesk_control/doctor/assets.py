"""The registry, and whether each asset of it can be seen."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping

from mixdesk_control.assets.asset import ABSENT as NOT_THERE
from mixdesk_control.assets.asset import UNKNOWN, Asset, Observed
from mixdesk_control.assets.drivers import drivers
from mixdesk_control.assets.drivers.driver import Driver
from mixdesk_control.assets.registry import RegistryError, build
from mixdesk_control.doctor.finding import ABSENT, BROKEN, OK, Context, Finding

MOST = 5  # of a kind that are named


def assets(context: Context) -> Finding:
    """Does the registry make sense, and do its drivers see what it names?"""
    entries, found = context.settings.assets, drivers(context.settings, context.env)
    if not entries:
        return Finding("assets", ABSENT, "the registry is empty", "begin one with `mixdesk assets init`")
    try:
        registry = build(entries, found)
    except RegistryError as error:
        return Finding("assets", BROKEN, "; ".join(error.problems[:MOST]), "correct [[assets]] in mixdesk.toml")
    seen = asyncio.run(_seen(list(registry.assets.values()), found))
    return _finding(seen)


async def _seen(wanted: Iterable[Asset], found: Mapping[str, Driver]) -> dict[str, Observed]:
    groups: dict[str, list[Asset]] = defaultdict(list)
    for asset in wanted:
        groups[asset.driver].append(asset)
    seen: dict[str, Observed] = {}
    try:
        for name, group in groups.items():
            seen |= await found[name].observe(group)
    finally:
        for driver in found.values():
            await driver.close()
    return seen


def _finding(seen: Mapping[str, Observed]) -> Finding:
    blind = [f"{asset}: {one.reason}" for asset, one in seen.items() if one.doing == UNKNOWN]
    missing = [asset for asset, one in seen.items() if one.doing == NOT_THERE]
    if blind:
        return Finding(
            "assets", BROKEN, _some(blind), "start what it needs (the engine, the server), or correct the entry"
        )
    if missing:
        todo = "create the containers (`docker compose up --no-start`), or take the entries out"
        return Finding("assets", BROKEN, f"not there: {_some(missing)}", todo)
    alive = sum(one.is_alive for one in seen.values())
    return Finding("assets", OK, f"{len(seen)} in the registry, {alive} run")


def _some(items: list[str]) -> str:
    more = f" and {len(items) - MOST} more" if len(items) > MOST else ""
    return "; ".join(items[:MOST]) + more
