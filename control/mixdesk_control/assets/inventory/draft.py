"""Entries that are to be a registry: made to fit together, and written as TOML that people go on with. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from mixdesk_control.assets import graph
from mixdesk_control.assets.asset import Asset
from mixdesk_control.assets.drivers.docker.driver import CONTAINER_NAME
from mixdesk_control.assets.inventory.ports import LOOPBACK, Port
from mixdesk_control.assets.registry import RESERVED

LONGEST_ID = 63


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One entry.

    name          what it is called where it was found: a service's name; its id follows from it
    dependencies  containers of other entries
    gpus          None where it asks for none; empty where nobody says which
    vram_mb       a guess at what it needs on each, which people are to check
    health, port  how it shows that it is ready; health comes first
    notes         lines for people, above the entry
    """

    name: str
    container: str
    type: str = "service"
    resource_type: str = "cpu"
    dependencies: tuple[str, ...] = ()
    gpus: tuple[str, ...] | None = None
    vram_mb: int | None = None
    health: bool = False
    port: Port | None = None
    notes: tuple[str, ...] = field(default=())

    @property
    def is_usable(self) -> bool:
        """Whether its container has a name that there can be."""
        return CONTAINER_NAME.fullmatch(self.container) is not None


def fitted(drafts: Iterable[Draft]) -> list[Draft]:
    """Those that can be a registry together: names are ids, each container once, dependencies are ids, no circle.

    What cannot stay is left out, and a note says so.
    """
    once = list({draft.container: draft for draft in reversed(list(drafts))}.values())[::-1]
    ids = _ids(once)
    usable = {draft.container for draft in once if draft.is_usable}
    return _without_circles([_with_ids(draft, ids, usable) for draft in once])


def _with_ids(draft: Draft, ids: dict[str, str], usable: set[str]) -> Draft:
    """`ids` and `usable` go by container."""
    wanted = [container for container in draft.dependencies if container != draft.container]
    gone = [container for container in wanted if container not in usable]
    return replace(
        draft,
        name=ids[draft.container],
        dependencies=tuple(ids[container] for container in wanted if container in usable),
        notes=(*draft.notes, *(f"depends on {container}, which is no entry here" for container in gone)),
    )


def _without_circles(drafts: list[Draft]) -> list[Draft]:
    by_id = {draft.name: draft for draft in drafts}
    while (circle := graph.cycle({name: _link(draft) for name, draft in by_id.items()})) is not None:
        last, first = by_id[circle[-1]], circle[0]
        by_id[last.name] = replace(
            last,
            dependencies=tuple(name for name in last.dependencies if name != first),
            notes=(*last.notes, f"depends on {first} in a circle: left out"),
        )
    return list(by_id.values())


def _link(draft: Draft) -> Asset:
    return Asset(id=draft.name, name="", driver="docker", target=None, dependencies=draft.dependencies)


def _ids(drafts: Iterable[Draft]) -> dict[str, str]:
    """{container: an id of its own}; those that can be used come first."""
    ids: dict[str, str] = {}
    taken = set(RESERVED)
    for draft in sorted(drafts, key=lambda draft: not draft.is_usable):
        ids[draft.container] = next(found for found in _numbered(_stem(draft.name)) if found not in taken)
        taken.add(ids[draft.container])
    return ids


def _stem(name: str) -> str:
    return re.sub(r"[^a-z0-9._-]+", "-", name.casefold()).strip("._-")[:LONGEST_ID] or "asset"


def _numbered(stem: str) -> Iterator[str]:
    yield stem
    number = 2
    while True:
        yield f"{stem[: LONGEST_ID - 8]}-{number}"
        number += 1


# -- TOML ----------------------------------------------------------------------------------------------


def as_toml(drafts: Sequence[Draft]) -> str:
    """The entries as text; what nobody can know is a line that is commented out."""
    return "\n".join("\n".join(_lines(draft)) + "\n" for draft in drafts)


def _lines(draft: Draft) -> list[str]:
    notes = [f"# {_one_line(note)}" for note in draft.notes]
    entry = ["[[assets]]", *_keys(draft)]
    if draft.is_usable:
        return [*notes, *entry]
    reason = "# Not used: its container has no name yet. Set it and take the signs away."
    return [*notes, reason, *(f"# {line.removeprefix('# ')}" for line in entry)]


def _keys(draft: Draft) -> Iterator[str]:
    yield f"id = {_text(draft.name)}"
    yield f"type = {_text(draft.type)}"
    yield f"resource_type = {_text(draft.resource_type)}"
    yield f"container = {_text(draft.container)}"
    if draft.dependencies:
        yield f"dependencies = [{', '.join(map(_text, draft.dependencies))}]"
    if draft.gpus is not None:
        yield from _gpu_keys(draft.gpus, draft.vram_mb)
    if draft.health:
        yield 'ready = "health"'
    elif draft.port is not None:
        address, port = draft.port
        host = "" if address == LOOPBACK else f", host = {_text(address)}"
        yield f"ready = {{ port = {port}{host} }}"


def _gpu_keys(gpus: Sequence[str], vram_mb: int | None) -> Iterator[str]:
    shown = ", ".join(dict.fromkeys(map(_gpu, gpus)))
    yield f"gpus = [{shown}]" if gpus else "# gpus = [0]  # which it uses: indexes or UUIDs of `nvidia-smi -L`"
    yield f"# vram_mb = {vram_mb or 2048}  # MiB it needs on each; `mixdesk assets status` shows the most that was seen"


def _gpu(gpu: str) -> str:
    return str(int(gpu)) if re.fullmatch(r"[0-9]{1,9}", gpu) else _text(gpu)


def _text(value: str) -> str:
    """A TOML string: JSON's, but for DEL, which TOML wants escaped, and halves of letters, which no file can hold."""
    whole = value.encode("utf-8", "replace").decode()
    return json.dumps(whole, ensure_ascii=False).replace("\x7f", "\\u007f")


def _one_line(text: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in text)[:200]
