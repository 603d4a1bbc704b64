"""Where a run stands: what a checkpoint holds of the course of the loops. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any


@dataclass(frozen=True)
class Position:
    """A step boundary of a run.

    loops          completed epochs by key of each `epochs` loop that has begun
    loop           key of the loop in progress, or None outside one
    epoch          1-based epoch in progress in `loop`, 0 between epochs
    step           completed optimizer steps since the run began
    step_in_epoch  those of the epoch in progress
    part           which `steps()` call of the epoch (0-based), for epochs with several
    part_steps     completed steps of that call
    batches        batches taken from its loader
    length         batches that loader has in all, or None where it does not say
    ticked         epochs as a `tick` loop counts them, or None
    over           whether the loader has said that it has no more: the same boundary as the last step's
    """

    loops: Mapping[str, int] = field(default_factory=dict)
    loop: str | None = None
    epoch: int = 0
    step: int = 0
    step_in_epoch: int = 0
    part: int = 0
    part_steps: int = 0
    batches: int = 0
    length: int | None = None
    ticked: int | None = None
    over: bool = field(default=False, compare=False)

    @property
    def epochs_done(self) -> int:
        """Completed epochs over all loops: the `e` of a checkpoint's name."""
        return sum(self.loops.values()) if self.ticked is None else self.ticked

    @property
    def in_epoch(self) -> bool:
        """True where a `steps()` call was under way."""
        return self.epoch > 0

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for the checkpoint."""
        return {**asdict(self), "loops": dict(self.loops)}

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Position:
        """From what `as_dict` made; unknown keys are ignored.

        One without `loops` was saved without a job: its `epoch` counts completed ones, as in a `tick` loop.
        """
        if "loops" not in data:
            return cls(step=int(data.get("step", 0)), ticked=int(data.get("epoch", 0)))
        names = {item.name for item in fields(cls)}
        return cls(**{key: value for key, value in data.items() if key in names})
