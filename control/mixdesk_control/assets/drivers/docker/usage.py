"""What containers use, from their control groups: the engine's own figures take it a second each."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mixdesk_control.assets.asset import Usage
from mixdesk_exporter import cgroups
from mixdesk_exporter.errors import Absent
from mixdesk_exporter.host import Roots, whole_file

SHORTEST_S = 0.2  # between two readings of CPU time: over less it says nothing

Container = tuple[str, int]
"""Full id, and pid of its first process."""


@dataclass(frozen=True, slots=True)
class _Known:
    """A container's group, and its CPU seconds at a moment; `ratio` is that of the time before."""

    paths: cgroups.Paths
    at: float
    cpu: float | None
    ratio: float | None = None


class Meter:
    """Reads the groups; remembers CPU times from one reading to the next."""

    def __init__(self, roots: Roots, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._roots, self._monotonic = roots, monotonic
        self._known: dict[Container, _Known] = {}

    def read(self, running: Mapping[str, Container]) -> dict[str, Usage]:
        """By the same keys; one whose group cannot be seen from here is left out. Reads files: for a thread."""
        for gone in self._known.keys() - set(running.values()):
            del self._known[gone]
        read = {key: self._read(container) for key, container in running.items()}
        return {key: usage for key, usage in read.items() if usage is not None}

    def _read(self, container: Container) -> Usage | None:
        known = self._known.get(container)
        paths = self._located(container) if known is None else known.paths
        cpu, memory = (None, None) if paths is None else cgroups.used(self._roots.sysfs, paths)
        if paths is None or (cpu is None and memory is None):
            self._known.pop(container, None)
            return None
        return Usage(memory=memory, cpu_ratio=self._ratio(container, paths, known, cpu))

    def _ratio(
        self, container: Container, paths: cgroups.Paths, known: _Known | None, cpu: float | None
    ) -> float | None:
        now = self._monotonic()
        if known is not None and now - known.at < SHORTEST_S:
            return known.ratio
        ratio = None
        if known is not None and known.cpu is not None and cpu is not None:
            ratio = max(cpu - known.cpu, 0.0) / (now - known.at)
        self._known[container] = _Known(paths, now, cpu, ratio)
        return ratio

    def _located(self, container: Container) -> cgroups.Paths | None:
        """None where that pid is another process here: an engine elsewhere, or in another pid namespace."""
        identity, pid = container
        try:
            told = whole_file(f"{self._roots.procfs}/{pid}/cgroup")
        except (Absent, OSError):
            return None
        paths = cgroups.located(self._roots.sysfs, cgroups.paths_of(told), identity)
        return paths if identity in paths.shown else None
