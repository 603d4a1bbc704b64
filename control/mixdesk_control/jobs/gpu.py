"""What a job uses of GPUs, as another room tells it: the jobs themselves know of no meters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CardUse:
    """One GPU that a job holds memory of; used_mb is None where the driver does not say how much."""

    gpu: int
    uuid: str
    used_mb: float | None = None


@dataclass(frozen=True, slots=True)
class GpuUse:
    """Of the GPUs that the processes of a job hold memory of. None where the driver does not say.

    utilization_percent  their mean, 0 to 100, whoever keeps them busy
    memory_mb            MiB that the job's own processes hold on all of them
    cards                what they hold on each
    """

    utilization_percent: float | None = None
    memory_mb: float | None = None
    cards: tuple[CardUse, ...] = ()


GpuUseOf = Callable[[str], GpuUse | None]
"""From a job's id; None where there is no reading of it."""


def unknown(_job_id: str) -> GpuUse | None:
    """Of a desk that reads no meters."""
    return None
