"""The highest utilization of the last minute, so that a scrape now and then still sees what happened in between."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from mixdesk_exporter.family import Family, gauge
from mixdesk_exporter.rates import core_usage, cpu_usage
from mixdesk_exporter.readings import Cpu, Gpus
from mixdesk_exporter.snapshot import Snapshot

WINDOW_S = 60.0
SHORTEST_S = 0.2  # below it, ticks of the kernel are too coarse for a share

CPU = gauge("mixdesk_cpu_utilization_max_ratio", "Highest CPU utilization of the last minute, 0 to 1.")
GPU = gauge("mixdesk_gpu_utilization_max_ratio", "Highest GPU utilization of the last minute, 0 to 1.", "UUID", "gpu")


@dataclass(slots=True)
class Peak:
    """The highest of the values of the last minute: those that a later and higher one has made moot are dropped."""

    _held: deque[tuple[float, float]] = field(default_factory=deque)

    def add(self, at: float, value: float) -> None:
        """One more value, `at` in monotonic seconds."""
        while self._held and self._held[-1][1] <= value:
            self._held.pop()
        self._held.append((at, value))
        self.drop(at)

    def drop(self, now: float) -> None:
        """What is older than a minute no longer counts."""
        while self._held and now - self._held[0][0] > WINDOW_S:
            self._held.popleft()

    @property
    def value(self) -> float | None:
        """None where there was none."""
        return self._held[0][1] if self._held else None


@dataclass(slots=True)
class Peaks:
    """Follows the snapshots of one sampler, whoever asked for them."""

    _cpu: Peak = field(default_factory=Peak)
    _gpus: dict[tuple[str, str], Peak] = field(default_factory=dict)
    _before: tuple[float, Cpu] | None = None

    def see(self, snapshot: Snapshot) -> Iterable[Family]:
        """Takes one more snapshot into account; the families of what holds now."""
        self._see_cpu(snapshot.taken, snapshot.reading("cpu"))
        self._see_gpus(snapshot.taken, snapshot.reading("gpu"))
        cpu = [] if self._cpu.value is None else [((), round(self._cpu.value, 4))]
        gpus = [(key, peak.value) for key, peak in self._gpus.items() if peak.value is not None]
        return CPU.of(cpu), GPU.of(gpus)

    def _see_cpu(self, at: float, reading: Cpu | None) -> None:
        if reading is None:
            self._before = None
            return
        if self._before is None:
            self._before = at, reading
        elif at - self._before[0] >= SHORTEST_S:
            share = cpu_usage(core_usage(self._before[1], reading))
            self._before = at, reading
            if share is not None:
                self._cpu.add(at, share)
        self._cpu.drop(at)

    def _see_gpus(self, at: float, reading: Gpus | None) -> None:
        there = {} if reading is None else {(gpu.uuid, str(gpu.index)): gpu for gpu in reading.devices}
        for gone in self._gpus.keys() - there.keys():
            del self._gpus[gone]
        for key, gpu in there.items():
            if "utilization_percent" in gpu.figures:
                self._gpus.setdefault(key, Peak()).add(at, gpu.figures["utilization_percent"] / 100)
