"""Which files are one log, which of them is written now, and what the log is called. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

COMPRESSED = ("gz", "bz2", "xz", "zst", "lz4", "zip", "Z")
"""How names of compressed files end."""

READABLE = ("gz", "bz2", "xz")
"""Those of them that are read."""

LONGEST_ID = 64
KEPT = 20_000  # names whose parts are known: each look asks of the same ones
DAILY_AHEAD_S = 3600.0
"""So much fresher than `laravel.log` is a dated file only where `laravel.log` is no longer written."""

_PACKED = re.compile(rf"\.({'|'.join(COMPRESSED)})$")
_DATE = r"(?:19|20)\d\d-?[01]\d-?[0-3]\d(?:[-_T.]?\d\d(?:[-_:]?\d\d){0,2})?|1[5-9]\d{8}(?:\d{3})?"  # or an epoch
_AGED = re.compile(rf"^(?P<base>.+?)(?:[-._](?P<stamp>{_DATE})(?:[.-](?P<nth>\d{{1,3}}))?|\.(?P<number>\d{{1,3}}))?$")
_TAIL = re.compile(r"^(?P<base>.+)\.(?:old|bak|prev)$")
_LOG = re.compile(r"\.log$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Part:
    """What the name of a file says.

    base     the name of the log, without dates, numbers and compression: `laravel.log`
    stamp    its date, digits alone; empty where it has none
    number   of the rotation; None where it has none
    packed   how it is compressed; None where it is not
    glob     what the names of this log match on each day; None where it has no date before its ending
    """

    base: str
    stamp: str = ""
    number: int | None = None
    packed: str | None = None
    glob: str | None = None

    @property
    def is_plain(self) -> bool:
        """Whether it is the log's own name."""
        return not (self.stamp or self.packed) and self.number is None


@dataclass(frozen=True, slots=True)
class File:
    """One file of a folder; `modified` in seconds since the epoch."""

    name: str
    size: int = 0
    modified: float = 0.0


@dataclass(frozen=True, slots=True)
class Family:
    """One log: the file that is written now, None while there is none, and the older ones, newest first.

    name     of the live one, there or not
    pattern  what the names of the live one match, `laravel-*.log`; its name where it has one
    """

    base: str
    name: str
    pattern: str
    live: File | None
    older: tuple[File, ...] = ()


@lru_cache(maxsize=KEPT)
def part(name: str) -> Part:
    """`error.log-20261101.gz` is a part of `error.log`, `laravel-2026-11-01.log` one of `laravel.log`."""
    packed = _PACKED.search(name)
    stem = name[: packed.start()] if packed else name
    ending = _LOG.search(stem)
    if ending:
        aged = _aged(stem[: ending.start()])
        glob = f"{aged.base}{stem[len(aged.base)]}*{ending[0]}" if aged.stamp else None
        return Part(aged.base + ending[0], aged.stamp, aged.number, packed and packed[1], glob)
    tail = _TAIL.match(stem)
    aged = Part(tail["base"], number=1) if tail else _aged(stem)
    return Part(aged.base, aged.stamp, aged.number, packed and packed[1])


def _aged(stem: str) -> Part:
    found = _AGED.match(stem)
    if found is None:
        return Part(stem)
    stamp = re.sub(r"\D", "", found["stamp"] or "")
    number = found["nth"] or found["number"]
    return Part(found["base"], stamp, None if number is None else int(number))


def families(files: Iterable[File]) -> list[Family]:
    """The logs of one folder, by name."""
    files = list(files)
    names = {file.name for file in files}
    groups: defaultdict[str, list[tuple[Part, File]]] = defaultdict(list)
    for file in files:
        said = part(file.name)
        if _is_its_own(said, names):
            said = Part(file.name)
        groups[said.base].append((said, file))
    return [_family(base, groups[base]) for base in sorted(groups)]


def _is_its_own(said: Part, names: set[str]) -> bool:
    """`worker.1.log` where there is no `worker.log`: the first of several workers."""
    numbered_before_ending = said.number is not None and not said.stamp and not said.packed
    return (
        numbered_before_ending
        and said.base not in names
        and _LOG.search(said.base) is not None
        and (f"{said.base}.{said.number}" not in names)
    )


def _family(base: str, group: Sequence[tuple[Part, File]]) -> Family:
    plain = next((file for said, file in group if said.is_plain), None)
    daily = [(said, file) for said, file in group if said.glob and not said.packed]
    newest = max(daily, key=lambda one: (one[0].stamp, one[0].number or 0, one[1].modified), default=None)
    if newest and (plain is None or newest[1].modified > plain.modified + DAILY_AHEAD_S):
        said, daily_live = newest
        return Family(base, daily_live.name, str(said.glob), daily_live, _older(group, daily_live))
    return Family(base, base, base, plain, _older(group, plain))


def _older(group: Sequence[tuple[Part, File]], live: File | None) -> tuple[File, ...]:
    rest = [one for one in group if one[1] is not live]
    if all(said.stamp for said, _ in rest):
        rest.sort(key=lambda one: (one[0].stamp, one[0].number or 0, one[1].name), reverse=True)
    elif all(said.number is not None and not said.stamp for said, _ in rest):
        rest.sort(key=lambda one: (one[0].number or 0, one[1].name))
    else:
        rest.sort(key=lambda one: (-one[1].modified, one[1].name))
    return tuple(file for _, file in rest)


def slug(text: str) -> str:
    """As it may stand in an address: `^[a-z0-9][a-z0-9_.-]{0,63}$`."""
    return _slug(text) or "log"


def _slug(text: str) -> str:
    clean = re.sub(r"[^a-z0-9_.]+", "-", text.lower()).lstrip("_.-")
    return clean[:LONGEST_ID].rstrip("-")


def ids(paths: Iterable[str], *, known: Mapping[str, str] | None = None, taken: Iterable[str] = ()) -> dict[str, str]:
    """{path of a log: its id}.

    The file's name without `.log`; with its folder in front where two have the same, with more of them where that does
    not help, at last numbered in the order of their paths.

    known  ids that paths had before: they keep them, so that a file that comes later renames none
    taken  ids that no file may have
    """
    known = known or {}
    given, used = {}, set(taken)
    left = sorted(set(paths))
    for path in left:
        if path in known and known[path] not in used:
            given[path] = known[path]
            used.add(known[path])
    left = [path for path in left if path not in given]
    for parents in range(_deepest(left) + 1):
        wished = {path: _called(path, parents) for path in left}
        counts: defaultdict[str, int] = defaultdict(int)
        for name in wished.values():
            counts[name] += 1
        alone = {path: name for path, name in wished.items() if counts[name] == 1 and name not in used}
        given |= alone
        used |= set(alone.values())
        left = [path for path in left if path not in alone]
    for path in left:
        given[path] = _numbered(_called(path, 0), used)
        used.add(given[path])
    return given


def _deepest(paths: Sequence[str]) -> int:
    return max((path.count("/") for path in paths), default=0)


def _called(path: str, parents: int) -> str:
    *folders, name = path.strip("/").split("/")
    return slug("-".join([*folders[len(folders) - parents :], _LOG.sub("", name)] if parents else [_LOG.sub("", name)]))


def _numbered(name: str, used: set[str]) -> str:
    number = 2
    while numbered(name, number) in used:
        number += 1
    return numbered(name, number)


def numbered(name: str, number: int) -> str:
    """`error-2`, cut so that it is no longer than an id may be."""
    end = f"-{number}"
    return f"{name[: LONGEST_ID - len(end)].rstrip('-')}{end}"
