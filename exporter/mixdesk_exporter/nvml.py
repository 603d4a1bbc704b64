"""NVIDIA's management library as readings: each device by itself, what is not supported left out, what is lost gone."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mixdesk_exporter.errors import Absent, ExporterError
from mixdesk_exporter.readings import Gpu, GpuInstance, GpuProcess, Gpus, Xid

log = logging.getLogger(__name__)

Handle = Any

# NVML's bits of what slows the clocks (nvml.h, nvmlClocksEventReason*); idle and application clocks are no throttling.
THROTTLE_REASONS = {
    "sw_power_cap": 0x04,
    "hw_slowdown": 0x08,
    "sync_boost": 0x10,
    "sw_thermal": 0x20,
    "hw_thermal": 0x40,
    "hw_power_brake": 0x80,
    "display_clocks": 0x100,
}
SM_CLOCK, MEMORY_CLOCK = 1, 2
CORE_SENSOR = 0
CORRECTED, UNCORRECTED = 0, 1
SINCE_LOAD = 0
MEMORY_TEMPERATURE_FIELD = 82  # NVML_FI_DEV_MEMORY_TEMP
XID_EVENTS = 0x8  # nvmlEventTypeXidCriticalError

# name: how it is asked, in NVML's own units (percent, bytes, milliwatts, millijoules, megahertz).
FIGURES: dict[str, Callable[[Any, Handle], float]] = {
    "encoder_percent": lambda nvml, gpu: float(nvml.nvmlDeviceGetEncoderUtilization(gpu)[0]),
    "decoder_percent": lambda nvml, gpu: float(nvml.nvmlDeviceGetDecoderUtilization(gpu)[0]),
    "temperature": lambda nvml, gpu: float(nvml.nvmlDeviceGetTemperature(gpu, CORE_SENSOR)),
    "memory_temperature": lambda nvml, gpu: _memory_temperature(nvml, gpu),
    "power_milliwatts": lambda nvml, gpu: float(nvml.nvmlDeviceGetPowerUsage(gpu)),
    "power_limit_milliwatts": lambda nvml, gpu: float(nvml.nvmlDeviceGetEnforcedPowerLimit(gpu)),
    "energy_millijoules": lambda nvml, gpu: float(nvml.nvmlDeviceGetTotalEnergyConsumption(gpu)),
    "sm_megahertz": lambda nvml, gpu: float(nvml.nvmlDeviceGetClockInfo(gpu, SM_CLOCK)),
    "memory_megahertz": lambda nvml, gpu: float(nvml.nvmlDeviceGetClockInfo(gpu, MEMORY_CLOCK)),
    "fan_percent": lambda nvml, gpu: float(nvml.nvmlDeviceGetFanSpeed(gpu)),
    "performance_state": lambda nvml, gpu: float(nvml.nvmlDeviceGetPerformanceState(gpu)),
    "pcie_replays": lambda nvml, gpu: float(nvml.nvmlDeviceGetPcieReplayCounter(gpu)),
    "pcie_generation": lambda nvml, gpu: float(nvml.nvmlDeviceGetCurrPcieLinkGeneration(gpu)),
    "pcie_width": lambda nvml, gpu: float(nvml.nvmlDeviceGetCurrPcieLinkWidth(gpu)),
    "ecc_corrected": lambda nvml, gpu: float(nvml.nvmlDeviceGetTotalEccErrors(gpu, CORRECTED, SINCE_LOAD)),
    "ecc_uncorrected": lambda nvml, gpu: float(nvml.nvmlDeviceGetTotalEccErrors(gpu, UNCORRECTED, SINCE_LOAD)),
}


class DriverError(ExporterError):
    """The driver answers with an error that concerns all devices."""


def _memory_temperature(nvml: Any, gpu: Handle) -> float:
    value = nvml.nvmlDeviceGetFieldValues(gpu, [MEMORY_TEMPERATURE_FIELD])[0]
    if value.nvmlReturn != nvml.NVML_SUCCESS:
        raise nvml.NVMLError(value.nvmlReturn)
    return float(value.value.uiVal)


@dataclass(slots=True)
class Driver:
    """One session with the driver; opened when first asked, and anew after it was lost.

    Everything is called from one thread: a call that hangs, hangs that thread alone.
    """

    load: Callable[[], Any]
    xids: XidCounts
    _nvml: Any = None
    _open: bool = False
    _known: dict[int, tuple[str, str, str]] = field(default_factory=dict)

    def read(self) -> Gpus:
        """All devices that answer. Raises Absent where there is no driver, DriverError where it fails as a whole."""
        nvml = self._session()
        try:
            count = nvml.nvmlDeviceGetCount()
            devices = tuple(gpu for index in range(count) if (gpu := self._device(nvml, index)) is not None)
        except nvml.NVMLError as error:
            self._end()
            raise DriverError(f"NVML: {error}") from error
        return Gpus(devices, *self.xids.as_read())

    def _session(self) -> Any:
        if self._nvml is None:
            try:
                self._nvml = self.load()
            except ImportError as error:
                raise Absent("nvidia-ml-py is not installed: pip install 'mixdesk[exporter]'") from error
        if not self._open:
            self._init(self._nvml)
        return self._nvml

    def _init(self, nvml: Any) -> None:
        try:
            nvml.nvmlInit()
        except (nvml.NVMLError_LibraryNotFound, nvml.NVMLError_DriverNotLoaded) as error:
            raise Absent(f"no NVIDIA driver: {error}") from error
        except nvml.NVMLError as error:
            raise DriverError(f"NVML does not start: {error}") from error
        self._open = True
        self.xids.listen(nvml)

    def _end(self) -> None:
        self._open = False
        self._known.clear()
        self.xids.stop()
        try:
            self._nvml.nvmlShutdown()
        except self._nvml.NVMLError:
            pass  # it is gone: that is why

    def close(self) -> None:
        """Ends the session."""
        if self._open:
            self._end()

    def _device(self, nvml: Any, index: int) -> Gpu | None:
        """None for a device that has fallen off the bus; the others are read all the same."""
        try:
            handle = nvml.nvmlDeviceGetHandleByIndex(index)
            if index not in self._known:
                self._known[index] = _identity(nvml, handle)
            uuid, bus, name = self._known[index]
            figures = dict(_figures(nvml, handle))
            processes = _processes(nvml, handle)
            figures |= _fuller(figures, dict(_memory(nvml, handle)))
            instances, throttle = tuple(_instances(nvml, handle)), _throttle(nvml, handle)
        except (nvml.NVMLError_Uninitialized, nvml.NVMLError_DriverNotLoaded, nvml.NVMLError_LibRmVersionMismatch):
            raise
        except nvml.NVMLError as error:
            self._known.pop(index, None)
            log.debug("GPU %d: %s", index, error)
            return None
        return Gpu(index, uuid, bus, name, figures, throttle, processes, instances)


def _identity(nvml: Any, handle: Handle) -> tuple[str, str, str]:
    return (
        _text(nvml.nvmlDeviceGetUUID(handle)),
        _text(nvml.nvmlDeviceGetPciInfo(handle).busId),
        _text(nvml.nvmlDeviceGetName(handle)),
    )


def _text(value: str | bytes) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def _unsupported(nvml: Any) -> tuple[type[Exception], ...]:
    return (
        nvml.NVMLError_NotSupported,
        nvml.NVMLError_NoPermission,
        nvml.NVMLError_FunctionNotFound,
        nvml.NVMLError_InvalidArgument,
    )


def _asked(nvml: Any, call: Callable[[], Any]) -> Any:
    """What the call gives; None where this device or driver has no such thing."""
    try:
        return call()
    except _unsupported(nvml):
        return None


def _figures(nvml: Any, handle: Handle) -> Iterator[tuple[str, float]]:
    rates = _asked(nvml, lambda: nvml.nvmlDeviceGetUtilizationRates(handle))
    if rates is not None:
        yield "utilization_percent", float(rates.gpu)
        yield "memory_utilization_percent", float(rates.memory)
    yield from _memory(nvml, handle)
    for name, ask in FIGURES.items():
        value = _asked(nvml, lambda ask=ask: ask(nvml, handle))  # type: ignore[misc]
        if value is not None:
            yield name, value


def _memory(nvml: Any, handle: Handle) -> Iterator[tuple[str, float]]:
    """The newer call tells what the driver keeps for itself; the older one counts that as used."""
    memory = _asked(nvml, lambda: nvml.nvmlDeviceGetMemoryInfo(handle, nvml.nvmlMemory_v2))
    if memory is not None:
        yield "memory_reserved", float(memory.reserved)
    else:
        memory = _asked(nvml, lambda: nvml.nvmlDeviceGetMemoryInfo(handle))
    if memory is not None:
        yield "memory_total", float(memory.total)
        yield "memory_used", float(memory.used)
        yield "memory_free", float(memory.free)


def _fuller(before: Mapping[str, float], after: Mapping[str, float]) -> Mapping[str, float]:
    """Of the memory before and after the processes were read, the reading with less free: what one of them takes or
    gives back meanwhile must not be free and its own at once, for whoever reckons with both."""
    return after if after.get("memory_free", 0.0) < before.get("memory_free", 0.0) else {}


def _throttle(nvml: Any, handle: Handle) -> Mapping[str, bool] | None:
    bits = _asked(nvml, lambda: nvml.nvmlDeviceGetCurrentClocksThrottleReasons(handle))
    return None if bits is None else {reason: bool(bits & bit) for reason, bit in THROTTLE_REASONS.items()}


def _processes(nvml: Any, handle: Handle) -> tuple[GpuProcess, ...] | None:
    """Compute and graphics, each process once an instance: one that does both is listed by both."""
    found: dict[tuple[int, int | None], GpuProcess] = {}
    asked = (nvml.nvmlDeviceGetComputeRunningProcesses, nvml.nvmlDeviceGetGraphicsRunningProcesses)
    lists = [_asked(nvml, lambda ask=ask: ask(handle)) for ask in asked]  # type: ignore[misc]
    if lists == [None, None]:
        return None
    for process in (process for some in lists if some is not None for process in some):
        number = getattr(process, "gpuInstanceId", None)
        key = process.pid, None if number in (None, 0xFFFFFFFF) else number
        known = found.get(key)
        memory = max((item for item in (process.usedGpuMemory, known and known.memory) if item), default=None)
        found[key] = GpuProcess(process.pid, memory, key[1])
    return tuple(found.values())


def _instances(nvml: Any, handle: Handle) -> Iterator[GpuInstance]:
    mode = _asked(nvml, lambda: nvml.nvmlDeviceGetMigMode(handle))
    if mode is None or mode[0] != 1:
        return
    for place in range(nvml.nvmlDeviceGetMaxMigDeviceCount(handle)):
        try:
            instance = nvml.nvmlDeviceGetMigDeviceHandleByIndex(handle, place)
        except (nvml.NVMLError_NotFound, nvml.NVMLError_InvalidArgument):
            continue
        memory = nvml.nvmlDeviceGetMemoryInfo(instance)
        yield GpuInstance(
            number=int(nvml.nvmlDeviceGetGpuInstanceId(instance)),
            profile=profile_of(_text(nvml.nvmlDeviceGetName(instance))),
            uuid=_text(nvml.nvmlDeviceGetUUID(instance)),
            memory_used=int(memory.used),
            memory_total=int(memory.total),
        )


def profile_of(name: str) -> str:
    """`NVIDIA A100-SXM4-40GB MIG 1g.5gb` -> `1g.5gb`."""
    return name.rpartition("MIG ")[2].strip()


@dataclass(slots=True)
class XidCounts:
    """How often each XID was reported. Written by the listener, read by the collector."""

    listener: Callable[[Any, XidCounts], Callable[[], None]] | None = None
    _counts: dict[tuple[str, int], Xid] = field(default_factory=dict)
    _last: dict[str, int] = field(default_factory=dict)
    _stop: Callable[[], None] | None = None

    def note(self, uuid: str, xid: int, at: float) -> None:
        """One more."""
        known = self._counts.get((uuid, xid))
        self._counts = {**self._counts, (uuid, xid): Xid(1 if known is None else known.count + 1, at)}
        self._last = {**self._last, uuid: xid}

    def as_read(self) -> tuple[Mapping[tuple[str, int], Xid], Mapping[str, int]]:
        """Counts and last numbers as they stand."""
        return self._counts, self._last

    def listen(self, nvml: Any) -> None:
        """Begins to hear of new ones, until `stop`."""
        if self.listener is not None:
            self._stop = self.listener(nvml, self)

    def stop(self) -> None:
        """Hears of no more."""
        if self._stop is not None:
            self._stop()
            self._stop = None
