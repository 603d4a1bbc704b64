"""GPUs as `hw.*`: https://opentelemetry.io/docs/specs/semconv/hardware/gpu/ and /common/ (version 1.44). Pure.

A sensor and a fan are components of their own: their `hw.parent` is the GPU. So is a MIG instance.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from mixdesk_exporter.exposition.otlp.host import Rows, Sight
from mixdesk_exporter.exposition.otlp.instrument import COUNTER, GAUGE, UPDOWNCOUNTER, Attribute, Instrument, Row
from mixdesk_exporter.readings import Gpu, Gpus

PART = ("hw.id", "hw.name", "hw.parent")
DEVICE = (*PART, "hw.model", "hw.vendor")
VENDOR = "NVIDIA"

Values = tuple[Attribute | None, ...]


def _gpus(sight: Sight) -> Sequence[Gpu]:
    reading: Gpus | None = sight.reading("gpu")
    return () if reading is None else reading.devices


def _name(gpu: Gpu) -> str:
    return f"nvidia{gpu.index}"


def _device(gpu: Gpu) -> Values:
    return gpu.uuid, _name(gpu), None, gpu.name, VENDOR


def _common(gpu: Gpu) -> Values:
    return gpu.uuid, _name(gpu), None, "gpu"


def _part(gpu: Gpu, part: str) -> Values:
    return f"{gpu.uuid}/{part}", f"{_name(gpu)} {part}", gpu.uuid


def _figure(name: str, divisor: float, values: Callable[[Gpu], Values]) -> Callable[[Sight], Rows]:
    """A figure of every device that has it, in the unit that the divisor makes."""

    def rows(sight: Sight) -> Iterator[Row]:
        for gpu in _gpus(sight):
            if name in gpu.figures:
                yield values(gpu), gpu.figures[name] / divisor

    return rows


def _utilization(sight: Sight) -> Rows:
    tasks = {"general": "utilization_percent", "encoder": "encoder_percent", "decoder": "decoder_percent"}
    for gpu in _gpus(sight):
        for task, name in tasks.items():
            if name in gpu.figures:
                yield (*_device(gpu), task), gpu.figures[name] / 100


def _memory(sight: Sight) -> Iterator[tuple[Values, float | None, float | None]]:
    """Bytes used and there, of devices and of MIG instances."""
    for gpu in _gpus(sight):
        yield _device(gpu), gpu.figures.get("memory_used"), gpu.figures.get("memory_total")
        for part in gpu.instances:
            values = part.uuid, f"{_name(gpu)} {part.profile}", gpu.uuid, gpu.name, VENDOR
            yield values, part.memory_used, part.memory_total


def _memory_utilization(sight: Sight) -> Rows:
    return [(values, used / total) for values, used, total in _memory(sight) if used is not None and total]


def _temperature(sight: Sight) -> Rows:
    for gpu in _gpus(sight):
        for location, name in (("core", "temperature"), ("memory", "memory_temperature")):
            if name in gpu.figures:
                yield (*_part(gpu, location), location), gpu.figures[name]


def _errors(sight: Sight) -> Rows:
    for gpu in _gpus(sight):
        for kind in ("corrected", "uncorrected"):
            if f"ecc_{kind}" in gpu.figures:
                yield (*_device(gpu), "gpu", kind), gpu.figures[f"ecc_{kind}"]


HARDWARE: tuple[tuple[Instrument, Callable[[Sight], Rows]], ...] = (
    (
        Instrument("hw.gpu.utilization", GAUGE, "1", "Share of time at a task.", (*DEVICE, "hw.gpu.task")),
        _utilization,
    ),
    (
        Instrument("hw.gpu.memory.usage", UPDOWNCOUNTER, "By", "GPU memory used.", DEVICE, whole=True),
        lambda sight: [(values, used) for values, used, _ in _memory(sight)],
    ),
    (
        Instrument("hw.gpu.memory.limit", UPDOWNCOUNTER, "By", "GPU memory.", DEVICE, whole=True),
        lambda sight: [(values, total) for values, _, total in _memory(sight)],
    ),
    (Instrument("hw.gpu.memory.utilization", GAUGE, "1", "Share of GPU memory used.", DEVICE), _memory_utilization),
    (
        Instrument("hw.temperature", GAUGE, "Cel", "Temperature of a GPU.", (*PART, "hw.sensor_location")),
        _temperature,
    ),
    (
        Instrument("hw.power", GAUGE, "W", "Power that a GPU takes.", (*PART, "hw.type")),
        _figure("power_milliwatts", 1000, _common),
    ),
    (
        Instrument("hw.energy", COUNTER, "J", "Energy since the driver loaded.", (*PART, "hw.type")),
        _figure("energy_millijoules", 1000, _common),
    ),
    (
        Instrument("hw.fan.speed_ratio", GAUGE, "1", "Speed of a GPU's fan.", PART),
        _figure("fan_percent", 100, lambda gpu: _part(gpu, "fan")),
    ),
    (
        Instrument(
            "hw.errors",
            COUNTER,
            "{error}",
            "Memory errors since the driver loaded.",
            (*DEVICE, "hw.type", "error.type"),
            whole=True,
        ),
        _errors,
    ),
)
