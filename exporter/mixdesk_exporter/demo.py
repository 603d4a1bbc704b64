"""GPUs that are not there, to try dashboards with: what NVML would answer, as waves over time."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

GIB = 1 << 30
MEMORY = 24 * GIB
IDLE_WATTS, BUSY_WATTS = 25.0, 420.0


class DemoNvml:
    """In place of the module pynvml, whose errors and constants it has; `count` devices."""

    def __init__(self, count: int, clock: Callable[[], float] = time.time) -> None:
        import pynvml

        self._pynvml, self._count, self._clock = pynvml, count, clock
        self._began = clock()

    def __getattr__(self, name: str) -> Any:
        """Errors and constants are NVML's own; what is not simulated is not supported."""
        if name.startswith("nvmlDevice"):
            return self._not_supported
        return getattr(self._pynvml, name)

    def _not_supported(self, *_: object) -> Any:
        raise self._pynvml.NVMLError(self._pynvml.NVML_ERROR_NOT_SUPPORTED)

    def nvmlInit(self) -> None:  # noqa: N802
        """Nothing to open."""

    def nvmlShutdown(self) -> None:  # noqa: N802
        """Nothing to close."""

    def nvmlDeviceGetCount(self) -> int:  # noqa: N802
        """As many as were asked for."""
        return self._count

    def nvmlDeviceGetHandleByIndex(self, index: int) -> int:  # noqa: N802
        """A device is its index."""
        return index

    def nvmlDeviceGetUUID(self, gpu: int) -> str:  # noqa: N802
        """One that no real device has."""
        return f"GPU-demo0000-0000-4000-8000-{gpu:012d}"

    def nvmlDeviceGetName(self, gpu: int) -> str:  # noqa: N802
        """It says what it is."""
        return "Mixdesk demo 24GB"

    def nvmlDeviceGetPciInfo(self, gpu: int) -> SimpleNamespace:  # noqa: N802
        """Of a bus that is none."""
        return SimpleNamespace(busId=f"00000000:{gpu + 1:02X}:00.0")

    def _load(self, gpu: int) -> float:
        """0 to 1: each device has a pace of its own, with short pauses as between epochs."""
        at = self._clock() + 17.0 * gpu
        pause = 0.1 if at % 47.0 < 4.0 else 1.0
        return pause * (0.75 + 0.2 * math.sin(at / (9.0 + gpu)))

    def nvmlDeviceGetUtilizationRates(self, gpu: int) -> SimpleNamespace:  # noqa: N802
        """Percent."""
        load = self._load(gpu)
        return SimpleNamespace(gpu=round(100 * load), memory=round(60 * load))

    def nvmlDeviceGetMemoryInfo(self, gpu: int, version: object = None) -> SimpleNamespace:  # noqa: N802
        """Bytes; filled by a third, and by steps when a device is busy."""
        used = int(MEMORY * (0.34 + 0.05 * gpu % 0.5))
        return SimpleNamespace(total=MEMORY, used=used, free=MEMORY - used - GIB // 2, reserved=GIB // 2)

    def nvmlDeviceGetTemperature(self, gpu: int, sensor: int) -> int:  # noqa: N802
        """Degrees Celsius."""
        return round(38 + 35 * self._load(gpu))

    def nvmlDeviceGetPowerUsage(self, gpu: int) -> int:  # noqa: N802
        """Milliwatts."""
        return round(1000 * (IDLE_WATTS + (BUSY_WATTS - IDLE_WATTS) * self._load(gpu)))

    def nvmlDeviceGetEnforcedPowerLimit(self, gpu: int) -> int:  # noqa: N802
        """Milliwatts."""
        return round(1000 * BUSY_WATTS)

    def nvmlDeviceGetTotalEnergyConsumption(self, gpu: int) -> int:  # noqa: N802
        """Millijoules: grows steadily, whatever the waves."""
        return round(1000 * 0.7 * BUSY_WATTS * (self._clock() - self._began))

    def nvmlDeviceGetClockInfo(self, gpu: int, clock: int) -> int:  # noqa: N802
        """Megahertz."""
        return 10501 if clock == 2 else round(600 + 1400 * self._load(gpu))

    def nvmlDeviceGetFanSpeed(self, gpu: int) -> int:  # noqa: N802
        """Percent."""
        return round(30 + 40 * self._load(gpu))

    def nvmlDeviceGetCurrentClocksThrottleReasons(self, gpu: int) -> int:  # noqa: N802
        """The power cap holds it when it is busiest."""
        return 0x04 if self._load(gpu) > 0.9 else 0
