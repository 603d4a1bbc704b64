"""Control groups of both versions as readings: where they are, and what their files say."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from mixdesk_exporter.errors import Absent
from mixdesk_exporter.host import whole_file
from mixdesk_exporter.readings import Group

UNLIMITED = 1 << 60  # version 1 writes a number near 2**63 where there is no limit
TICK = 100  # USER_HZ of cpuacct.stat, on every architecture that Docker runs on
DEEPEST = 6  # levels below the root of a hierarchy where a container's group may be

PAIR = re.compile(
    rb"^(usage_usec|user_usec|system_usec|throttled_usec|user|system|throttled_time"
    rb"|anon|file|inactive_file|total_inactive_file|total_rss|total_cache|oom_kill) ([0-9]+)$",
    re.MULTILINE,
)

Blocks = dict[str, tuple[int, int, int, int]]


@dataclass(frozen=True, slots=True)
class Paths:
    """The path of one process's group: of each version 1 hierarchy, and of version 2."""

    by_controller: Mapping[str, str]
    unified: str | None

    @property
    def shown(self) -> str:
        """The one for people: that of the memory controller, else the unified one."""
        return self.by_controller.get("memory") or self.unified or "/"


def paths_of(content: bytes) -> Paths:
    """From /proc/PID/cgroup: lines `4:memory:/docker/1f2e`, and `0::/docker/1f2e` for version 2."""
    controllers: dict[str, str] = {}
    unified = None
    for line in content.decode("utf-8", "replace").splitlines():
        number, _, rest = line.partition(":")
        names, _, path = rest.partition(":")
        if number == "0" and not names:
            unified = path
        controllers |= dict.fromkeys(filter(None, names.split(",")), path)
    return Paths(controllers, unified)


def located(sysfs: Path, paths: Paths, identity: str) -> Paths:
    """The same from the root of the hierarchy.

    A reader in a cgroup namespace of its own is shown `/../1f2e` for another container, which leads nowhere, and `/`
    for its own, which is the whole host; then the group is looked for by the container's id. Without a group of that
    name there is none to be read.
    """
    if paths.shown != "/" and not paths.shown.startswith("/.."):
        return paths
    version_1 = "memory" in paths.by_controller
    base = sysfs / "fs/cgroup" / ("memory" if version_1 else "")
    names = (f"docker-{identity}.scope", f"libpod-{identity}.scope", identity)
    patterns = ("*/" * depth + name for depth in range(DEEPEST) for name in names)
    found = next((hit for pattern in patterns for hit in base.glob(pattern)), None)
    path = f"/../{identity}" if found is None else f"/{found.relative_to(base)}"
    return Paths(dict.fromkeys(paths.by_controller, path), path)


def read(sysfs: Path, paths: Paths) -> Group | None:
    """What the group counts now; None where it is gone."""
    base = f"{sysfs}/fs/cgroup"
    if "memory" in paths.by_controller:
        return _read_1(base, paths.by_controller)
    return _read_2(f"{base}/{(paths.unified or '/').lstrip('/')}".rstrip("/"))


def used(sysfs: Path, paths: Paths) -> tuple[float | None, int | None]:
    """CPU seconds, and bytes of memory that the kernel cannot drop at once: what `read` says, from fewer files."""
    base = f"{sysfs}/fs/cgroup"
    if "memory" in paths.by_controller:
        memory = f"{base}/memory{paths.by_controller['memory']}"
        cpu = _scaled(_number(f"{base}/cpuacct{paths.by_controller.get('cpuacct', '')}/cpuacct.usage"), 1e9)
        inactive = _pairs(f"{memory}/memory.stat").get("total_inactive_file")
        return cpu, _without(_number(f"{memory}/memory.usage_in_bytes"), inactive)
    folder = f"{base}/{(paths.unified or '/').lstrip('/')}".rstrip("/")
    cpu = _scaled(_pairs(f"{folder}/cpu.stat").get("usage_usec"), 1e6)
    inactive = _pairs(f"{folder}/memory.stat").get("inactive_file")
    return cpu, _without(_number(f"{folder}/memory.current"), inactive)


# -- version 2 -------------------------------------------------------------------------------------------


def _read_2(folder: str) -> Group | None:
    if not os.path.isdir(folder):  # noqa: PTH112 - see above
        return None
    cpu, memory = _pairs(f"{folder}/cpu.stat"), _pairs(f"{folder}/memory.stat")
    used = _number(f"{folder}/memory.current")
    return Group(
        cpu=_scaled(cpu.get("usage_usec"), 1e6),
        cpu_user=_scaled(cpu.get("user_usec"), 1e6),
        cpu_system=_scaled(cpu.get("system_usec"), 1e6),
        throttled=_scaled(cpu.get("throttled_usec"), 1e6),
        memory=used,
        working_set=_without(used, memory.get("inactive_file")),
        rss=memory.get("anon"),
        cache=memory.get("file"),
        memory_limit=_number(f"{folder}/memory.max"),  # `max` is none
        oom_kills=_pairs(f"{folder}/memory.events").get("oom_kill"),
        processes=_number(f"{folder}/pids.current"),
        blocks=blocks_2(_text(f"{folder}/io.stat")),
    )


def blocks_2(text: str) -> Blocks:
    """Lines `254:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=0 dios=0`."""
    found: Blocks = {}
    for line in text.splitlines():
        device, *words = line.split()
        figures = {key: int(value) for key, _, value in (word.partition("=") for word in words) if value.isdigit()}
        if "rbytes" in figures:
            found[device] = tuple(figures.get(key, 0) for key in ("rbytes", "wbytes", "rios", "wios"))  # type: ignore[assignment]
    return found


# -- version 1 -------------------------------------------------------------------------------------------


def _read_1(base: str, paths: Mapping[str, str]) -> Group | None:
    def file(controller: str, name: str) -> str:
        return f"{base}/{controller}{paths.get(controller, '/').rstrip('/')}/{name}"

    used = _number(file("memory", "memory.usage_in_bytes"))
    if used is None:
        return None
    memory, cpu = _pairs(file("memory", "memory.stat")), _pairs(file("cpuacct", "cpuacct.stat"))
    limit = _number(file("memory", "memory.limit_in_bytes"))
    return Group(
        cpu=_scaled(_number(file("cpuacct", "cpuacct.usage")), 1e9),
        cpu_user=_scaled(cpu.get("user"), TICK),
        cpu_system=_scaled(cpu.get("system"), TICK),
        throttled=_scaled(_pairs(file("cpu", "cpu.stat")).get("throttled_time"), 1e9),
        memory=used,
        working_set=_without(used, memory.get("total_inactive_file")),
        rss=memory.get("total_rss"),
        cache=memory.get("total_cache"),
        memory_limit=limit if limit is not None and limit < UNLIMITED else None,
        oom_kills=_pairs(file("memory", "memory.oom_control")).get("oom_kill"),
        processes=_number(file("pids", "pids.current")),
        blocks=blocks_1(lambda name: _text(file("blkio", name))),
    )


def blocks_1(text_of: Callable[[str], str]) -> Blocks:
    """Lines `254:0 Read 4096` of the two files that count what went through to the device."""
    found: dict[str, list[int]] = {}
    for place, name in enumerate(("blkio.throttle.io_service_bytes", "blkio.throttle.io_serviced")):
        for line in text_of(name).splitlines():
            words = line.split()
            if len(words) == 3 and words[1] in ("Read", "Write") and words[2].isdigit():
                figures = found.setdefault(words[0], [0, 0, 0, 0])
                figures[2 * place + (words[1] == "Write")] = int(words[2])
    return {device: (row[0], row[1], row[2], row[3]) for device, row in found.items()}


# -- files -----------------------------------------------------------------------------------------------


def _text(path: str) -> str:
    try:
        return whole_file(path).decode("ascii", "replace")
    except (Absent, OSError):
        return ""


def _number(path: str) -> int | None:
    text = _text(path).strip()
    return int(text) if text.isdigit() else None


def _pairs(path: str) -> dict[str, int]:
    """Those lines `name 123` whose name counts here: to take all of memory.stat apart costs more than to read it."""
    try:
        content = whole_file(path)
    except (Absent, OSError):
        return {}
    return {name.decode(): int(value) for name, value in PAIR.findall(content)}


def _scaled(value: int | None, unit: float) -> float | None:
    return None if value is None else value / unit


def _without(used: int | None, part: int | None) -> int | None:
    return None if used is None else max(used - (part or 0), 0)
