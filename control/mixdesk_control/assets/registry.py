"""The registry: entries of `mixdesk.toml` that make sense together, or all that is wrong with them."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from mixdesk_control import settings
from mixdesk_control.assets import graph
from mixdesk_control.assets.asset import Asset
from mixdesk_control.assets.drivers.driver import Driver
from mixdesk_control.settings_assets import AssetSettings

RESERVED = frozenset({"stream", "reload"})
"""They have a meaning of their own where an id stands in a path."""

TARGETS = {"docker": "container", "process": "process", "http": "http"}
"""{driver: the key of an entry that says what it acts on}"""


class RegistryError(Exception):
    """Entries that do not make a registry; each of `problems` is one line: which asset, what, what to do."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = list(problems)
        more = len(self.problems) - 1
        super().__init__(self.problems[0] + (f" (and {more} more)" if more else ""))


@dataclass(frozen=True, slots=True)
class Registry:
    """What the desk may touch; {id: asset} in the order of the file."""

    assets: Mapping[str, Asset] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Difference:
    """What another reading of the registry changes; ids in the order of their file."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]


def difference(old: Registry, new: Registry) -> Difference:
    """From one registry to another."""
    return Difference(
        added=tuple(node for node in new.assets if node not in old.assets),
        removed=tuple(node for node in old.assets if node not in new.assets),
        changed=tuple(node for node, asset in new.assets.items() if old.assets.get(node, asset) != asset),
    )


def is_same_thing(one: Asset, other: Asset) -> bool:
    """Whether what runs of the one is what the other means."""
    return (one.driver, one.target) == (other.driver, other.target)


def reread(running: settings.Settings, env: Mapping[str, str] | None = None) -> Sequence[AssetSettings]:
    """The entries as the settings file has them now; nothing else of it is taken. Raises SettingsError.

    A desk that found no file when it started takes the `mixdesk.toml` that is in its folder by now.
    """
    return settings.load(running.file, os.environ if env is None else env, state_dir=running.state_dir).assets


def build(entries: Sequence[AssetSettings], drivers: Mapping[str, Driver]) -> Registry:
    """The registry that these entries make with these drivers, by name. Raises RegistryError with all that is wrong."""
    problems: list[str] = []
    assets: dict[str, Asset] = {}
    ids: set[str] = set()
    for entry in entries:
        wrong = [*_id_problems(entry, ids), *_problems(entry, drivers)]
        problems += [f"assets.{entry.id}: {text}" for text in wrong]
        if not wrong:
            assets[entry.id] = _asset(entry)
    problems += _twins(assets, drivers)
    problems += _loose_ends(entries)
    problems += _circle(entries)
    if problems:
        raise RegistryError(problems)
    return Registry(MappingProxyType(assets))


def _asset(entry: AssetSettings) -> Asset:
    driver = _driver(entry)
    gpus = entry.gpus or ((0,) if entry.vram_mb else ())
    return Asset(
        id=entry.id,
        name=entry.name or entry.id,
        type=entry.type,
        resource_type=entry.resource_type,
        driver=driver,
        target=_target(entry, driver),
        dependencies=tuple(dict.fromkeys(entry.dependencies)),
        gpus=gpus,
        vram_mb=entry.vram_mb,
        ready=entry.ready,
        stop_grace_s=entry.stop_grace_s,
        evictable=entry.evictable,
        detach=entry.detach,
    )


def _target(entry: AssetSettings, driver: str) -> Any:
    return getattr(entry, TARGETS[driver])


def _given(entry: AssetSettings) -> list[str]:
    """The drivers that the entry has a target for."""
    return [driver for driver in TARGETS if _target(entry, driver) is not None]


def _driver(entry: AssetSettings) -> str:
    return entry.driver or _given(entry)[0]


# -- what one entry says -------------------------------------------------------------------------------


def _id_problems(entry: AssetSettings, ids: set[str]) -> Iterator[str]:
    """`ids` are those before it; its own is added."""
    if entry.id in RESERVED:
        yield f"{entry.id} is no id for an asset: the desk's own paths have that word; give another one"
    elif entry.id in ids:
        yield "this id is given twice: give each asset an id of its own"
    ids.add(entry.id)


def _problems(entry: AssetSettings, drivers: Mapping[str, Driver]) -> list[str]:
    """What is wrong with the entry by itself."""
    wrong = _driver_problem(entry)
    if wrong is not None:
        return [wrong]
    found = [*_ready_problems(entry), *_gpu_problems(entry), *_detach_problems(entry)]
    if _driver(entry) not in drivers:
        return [*found, f"this desk has no driver {_driver(entry)!r}: it has {', '.join(drivers) or 'none'}"]
    try:
        drivers[_driver(entry)].key(_asset(entry))
    except ValueError as error:
        found.append(str(error))
    return found


def _driver_problem(entry: AssetSettings) -> str | None:
    given = [TARGETS[driver] for driver in _given(entry)]
    if len(given) > 1:
        return f"{' and '.join(given)} are given: give one of {_listed(TARGETS.values())}"
    if not given:
        return f"it does not say what it is: give {_wanted(entry.driver)}"
    if entry.driver is not None and given != [TARGETS[entry.driver]]:
        fitting = next(driver for driver, key in TARGETS.items() if key == given[0])
        return f"driver = {entry.driver!r} acts on {TARGETS[entry.driver]}, not on {given[0]}: use driver = {fitting!r}"
    return None


def _wanted(driver: str | None) -> str:
    return f"one of {_listed(TARGETS.values())}" if driver is None else f"{TARGETS[driver]}, which {driver} acts on"


def _ready_problems(entry: AssetSettings) -> Iterator[str]:
    driver = _driver(entry)
    if entry.ready.health and driver != "docker":
        yield f"ready.health is a container's health check, and this is a {driver} asset: use ready.port or ready.http"
    if entry.ready.log is not None and driver == "http":
        yield "ready.log: the desk does not see what a model server writes: leave it out, its check tells"


def _gpu_problems(entry: AssetSettings) -> Iterator[str]:
    for gpu in dict.fromkeys(gpu for gpu in entry.gpus if entry.gpus.count(gpu) > 1):
        yield f"gpus names {gpu} twice: the need in vram_mb is on each of them"
    for gpu in entry.gpus:
        if isinstance(gpu, int) and gpu < 0:
            yield f"gpus = {gpu}: an index counts from 0, as `nvidia-smi -L` shows it; a UUID is a text"
        elif isinstance(gpu, str) and gpu.isdecimal():
            yield f"gpus = {gpu!r}: an index is a number: write {gpu} without quotes; a UUID is a text"


def _detach_problems(entry: AssetSettings) -> Iterator[str]:
    if entry.detach and _driver(entry) != "process":
        yield f"detach is for process assets: a {_driver(entry)} asset goes on by itself when the desk stops"


# -- what they say together ----------------------------------------------------------------------------


def _twins(assets: Mapping[str, Asset], drivers: Mapping[str, Driver]) -> Iterator[str]:
    """Two assets that are one thing."""
    first: dict[str, str] = {}
    for asset in assets.values():
        key = drivers[asset.driver].key(asset)
        if (other := first.setdefault(key, asset.id)) != asset.id:
            yield f"assets.{asset.id}: {key} is the asset {other} already: one asset a thing"


def _loose_ends(entries: Sequence[AssetSettings]) -> Iterator[str]:
    ids = {entry.id for entry in entries}
    for entry in entries:
        for dependency in dict.fromkeys(entry.dependencies):
            if dependency == entry.id:
                yield f"assets.{entry.id}: it depends on itself: take {dependency} out of its dependencies"
            elif dependency not in ids:
                close = difflib.get_close_matches(dependency, ids, n=1)
                hint = f"did you mean {close[0]}?" if close else "it needs a [[assets]] of its own"
                yield f"assets.{entry.id}: it depends on {dependency}, which is not in the registry; {hint}"


def _circle(entries: Sequence[AssetSettings]) -> Iterator[str]:
    links = {
        entry.id: Asset(
            id=entry.id,
            name=entry.id,
            driver="",
            target=None,
            dependencies=tuple(dependency for dependency in entry.dependencies if dependency != entry.id),
        )
        for entry in entries
    }
    found = graph.cycle(links)
    if found is not None:
        yield f"assets.{found[0]}: circular dependency {' -> '.join((*found, found[0]))}: take one of these out"


def _listed(words: Iterable[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} and {last}"
