"""NVIDIA GPUs by NVML, under DCGM's names and under our own in base units."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from mixdesk_exporter import xid
from mixdesk_exporter.collectors.collector import Collector
from mixdesk_exporter.family import Descriptor, Family, counter, gauge, unknown
from mixdesk_exporter.nvml import Driver, XidCounts
from mixdesk_exporter.processes import Identities
from mixdesk_exporter.readings import Gpu, GpuInstance, Gpus

MIB = 1 << 20

DEVICE = ("UUID", "device", "gpu", "modelName", "pci_bus_id")
INSTANCE = ("GPU_I_ID", "GPU_I_PROFILE", *DEVICE)
OWN = ("UUID", "gpu")


@dataclass(frozen=True, slots=True)
class Shown:
    """A figure under DCGM's name: its descriptor without and with the labels of MIG, and what its unit is made by."""

    plain: Descriptor
    with_instance: Descriptor
    divisor: float

    @classmethod
    def of(cls, make: Callable[..., Descriptor], name: str, text: str, divisor: float = 1) -> Shown:
        """Of a DCGM field's name."""
        sample = f"DCGM_FI_DEV_{name}"
        return cls(make(sample, text, *DEVICE), make(sample, text, *INSTANCE), divisor)


# {figure of a reading: as DCGM shows it}; its counters have no _total and are untyped here (see docs/metrics.md).
DCGM = {
    "utilization_percent": Shown.of(gauge, "GPU_UTIL", "GPU utilization in percent."),
    "memory_utilization_percent": Shown.of(gauge, "MEM_COPY_UTIL", "Time in which memory was moved, in percent."),
    "encoder_percent": Shown.of(gauge, "ENC_UTIL", "Encoder utilization in percent."),
    "decoder_percent": Shown.of(gauge, "DEC_UTIL", "Decoder utilization in percent."),
    "memory_total": Shown.of(gauge, "FB_TOTAL", "Memory in MiB.", MIB),
    "memory_used": Shown.of(gauge, "FB_USED", "Memory used in MiB.", MIB),
    "memory_free": Shown.of(gauge, "FB_FREE", "Memory free in MiB.", MIB),
    "memory_reserved": Shown.of(gauge, "FB_RESERVED", "Memory that the driver keeps, in MiB.", MIB),
    "temperature": Shown.of(gauge, "GPU_TEMP", "Temperature in degrees Celsius."),
    "memory_temperature": Shown.of(gauge, "MEMORY_TEMP", "Temperature of the memory in degrees Celsius."),
    "power_milliwatts": Shown.of(gauge, "POWER_USAGE", "Power in watts.", 1000),
    "power_limit_milliwatts": Shown.of(gauge, "POWER_MGMT_LIMIT", "Power limit in watts.", 1000),
    "energy_millijoules": Shown.of(unknown, "TOTAL_ENERGY_CONSUMPTION", "Energy since the driver loaded, in mJ."),
    "sm_megahertz": Shown.of(gauge, "SM_CLOCK", "Clock of the multiprocessors in MHz."),
    "memory_megahertz": Shown.of(gauge, "MEM_CLOCK", "Clock of the memory in MHz."),
    "fan_percent": Shown.of(gauge, "FAN_SPEED", "Speed of the fan in percent."),
    "performance_state": Shown.of(gauge, "PSTATE", "Performance state, 0 the fastest."),
    "pcie_replays": Shown.of(unknown, "PCIE_REPLAY_COUNTER", "PCIe packets sent again."),
    "pcie_generation": Shown.of(gauge, "PCIE_LINK_GEN", "Generation of the PCIe link."),
    "pcie_width": Shown.of(gauge, "PCIE_LINK_WIDTH", "Lanes of the PCIe link."),
    "ecc_corrected": Shown.of(unknown, "ECC_SBE_VOL_TOTAL", "Corrected memory errors since the driver loaded."),
    "ecc_uncorrected": Shown.of(unknown, "ECC_DBE_VOL_TOTAL", "Uncorrected memory errors since the driver loaded."),
    "last_xid": Shown.of(gauge, "XID_ERRORS", "Number of the last XID error."),
}
# {figure: (descriptor, divisor)} in base units.
BASE = {
    "utilization_percent": (gauge("mixdesk_gpu_utilization_ratio", "GPU utilization, 0 to 1.", *OWN), 100),
    "memory_used": (gauge("mixdesk_gpu_memory_used_bytes", "Memory used.", *OWN), 1),
    "memory_total": (gauge("mixdesk_gpu_memory_total_bytes", "Memory.", *OWN), 1),
    "temperature": (gauge("mixdesk_gpu_temperature_celsius", "Temperature.", *OWN), 1),
    "power_milliwatts": (gauge("mixdesk_gpu_power_watts", "Power.", *OWN), 1000),
    "energy_millijoules": (counter("mixdesk_gpu_energy_joules_total", "Energy since the driver loaded.", *OWN), 1000),
}
THROTTLE = gauge("mixdesk_gpu_throttle", "1 while this slows the clocks.", "UUID", "gpu", "reason")
XIDS = counter("mixdesk_gpu_xid_errors_total", "XID errors since this exporter began.", "UUID", "gpu", "xid")
LAST_XID = gauge("mixdesk_gpu_last_xid_timestamp_seconds", "When an XID error came last.", "UUID", "gpu", "xid")


def collector(
    load: Callable[[], Any] | None = None, *, dcgm: bool = True, procfs: Path = Path("/proc")
) -> Collector[Gpus]:
    """The collector of this host's GPUs; `dcgm` says whether DCGM's names are shown beside our own."""
    driver, identities = Driver(_pynvml if load is None else load, XidCounts(xid.listen)), Identities(procfs)
    return Collector(
        "gpu",
        lambda: identities.of(driver.read()),
        lambda reading: families(reading, dcgm=dcgm),
        may_hang=True,
        close=driver.close,
    )


def _pynvml() -> ModuleType:
    return importlib.import_module("pynvml")


def families(reading: Gpus, *, dcgm: bool = True) -> Iterable[Family]:
    """Only what some device has."""
    made = [*_base(reading), *_throttle(reading.devices), *_xids(reading)]
    if dcgm:
        made += _dcgm(reading)
    return [family for family in made if family.keys]


def _base(reading: Gpus) -> Iterator[Family]:
    for name, (descriptor, divisor) in BASE.items():
        rows = [(gpu, gpu.figures[name]) for gpu in reading.devices if name in gpu.figures]
        yield descriptor.of(((gpu.uuid, str(gpu.index)), _number(value, divisor)) for gpu, value in rows)


def _throttle(devices: Sequence[Gpu]) -> Iterator[Family]:
    rows = ((gpu, *item) for gpu in devices if gpu.throttle is not None for item in gpu.throttle.items())
    yield THROTTLE.of(((gpu.uuid, str(gpu.index), reason), int(on)) for gpu, reason, on in rows)


def _xids(reading: Gpus) -> Iterator[Family]:
    index = {gpu.uuid: str(gpu.index) for gpu in reading.devices}
    rows = [((uuid, index[uuid], str(number)), seen) for (uuid, number), seen in reading.xids.items() if uuid in index]
    yield XIDS.of((key, seen.count) for key, seen in rows)
    yield LAST_XID.of((key, seen.last_at) for key, seen in rows)


def _dcgm(reading: Gpus) -> Iterator[Family]:
    # One family has one set of labels; a label that is empty is none to whoever reads it.
    split = any(gpu.instances for gpu in reading.devices)
    keys = [(gpu, _key(gpu)) for gpu in reading.devices]
    whole = ("", "") if split else ()
    for name, shown in DCGM.items():
        family = Family(shown.with_instance if split else shown.plain)
        for gpu, key in keys:
            value = float(reading.last_xid.get(gpu.uuid, 0)) if name == "last_xid" else gpu.figures.get(name)
            if value is not None:
                family.add(whole + key, _number(value, shown.divisor))
            for instance in gpu.instances:
                part = _of_instance(name, instance)
                if part is not None:
                    family.add((str(instance.number), instance.profile, *key), _number(part, shown.divisor))
        yield family


def _of_instance(name: str, instance: GpuInstance) -> float | None:
    """What NVML knows of an instance: its memory alone."""
    used, total = float(instance.memory_used), float(instance.memory_total)
    return {"memory_used": used, "memory_total": total, "memory_free": total - used}.get(name)


def _key(gpu: Gpu) -> tuple[str, ...]:
    return gpu.uuid, f"nvidia{gpu.index}", str(gpu.index), gpu.name, gpu.pci_bus_id


def _number(value: float, divisor: float) -> float:
    number = value / divisor
    return int(number) if number.is_integer() else number
