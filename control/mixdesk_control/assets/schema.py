"""The JSON of this room for the description of the API; `document` and `plan` make it, a test holds both alike."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field


class AssetMetrics(BaseModel):
    """What it uses now, as far as that is known: MiB of RAM and of all GPUs together, percent of one core."""

    ram_usage_mb: float | None = None
    vram_usage_mb: float | None = None
    cpu_percent: float | None = None


class CardUse(BaseModel):
    """One GPU, in MiB: held by its processes, promised to it, not come back from an earlier run."""

    gpu: int | None
    uuid: str
    used_mb: float | None
    reserved_mb: float
    leaked_mb: float


class AssetUsage(BaseModel):
    """More of what it uses. `exit_code` is that of the last run, negative for a signal."""

    vram: list[CardUse]
    started_at: str | None
    uptime_s: int | None
    restarts: int
    exit_code: int | None
    oom_killed: bool
    jobs: list[str]


class HoldInfo(BaseModel):
    """Who uses the asset until when."""

    id: str
    actor: str
    reason: str | None
    expires_at: str


class AssetInfo(BaseModel):
    """One asset. `desired` is what was asked last, `status` what is seen; `drift` says how they differ."""

    id: str
    name: str
    type: Literal["model", "service", "component"]
    resource_type: Literal["cpu", "gpu", "ram"]
    driver: str
    status: Literal["running", "stopped", "loading", "error"]
    desired: Literal["running", "stopped"] | None
    drift: Literal["crashed", "stopped elsewhere", "started elsewhere"] | None
    error: str | None
    container: str | None = None
    process_name: str | None = None
    dependencies: list[str]
    operation: str | None
    generation: int
    metrics: AssetMetrics
    usage: AssetUsage
    gpus: list[int | str]
    vram_declared_mb: float | None
    vram_peak_mb: float | None
    evictable: bool
    detach: bool
    holds: list[HoldInfo]
    revision: int


class AssetList(BaseModel):
    """All assets, in the order of the registry."""

    items: list[AssetInfo]
    next: str | None


class AskedAnswer(BaseModel):
    """A request that holds: the generation of what is asked, and the operation that does it."""

    generation: int
    operation: str


class PlanStep(BaseModel):
    """What would be done with one asset."""

    asset: str
    does: Literal["start", "stop", "nothing"]
    why: str


class PlanCard(BaseModel):
    """One GPU, in MiB: free as the driver says, kept as headroom, needed by all that start, and what is missing."""

    gpu: int
    uuid: str
    free_mb: float
    headroom_mb: float
    needed_mb: float
    missing_mb: float
    fits: bool


class PlanAnswer(BaseModel):
    """What a request would do. `stop` is the advice where it does not fit: null where no asset's stop would help."""

    action: Literal["start", "stop"]
    asset: str
    steps: list[PlanStep]
    memory: list[PlanCard]
    fits: bool
    would_stop: list[str]
    stop: list[str] | None = None


class HoldRequest(BaseModel):
    """A hold for so many seconds; with the id of one that is there, that one is made longer."""

    ttl_s: Annotated[float, Field(gt=0, le=86_400)] = 60.0
    reason: Annotated[str, Field(max_length=200)] | None = None
    id: Annotated[str, Field(max_length=64)] | None = None


class ReloadAnswer(BaseModel):
    """What another registry brought. `left_running`: what runs on and is no asset any more, by the id that it had."""

    added: list[str]
    removed: list[str]
    changed: list[str]
    left_running: list[str]


class Holder(BaseModel):
    """Who holds memory of a GPU, in MiB; no asset: somebody else's processes."""

    asset: str | None
    gpu: int | None
    used_mb: float | None
    reserved_mb: float
    leaked: bool
    jobs: list[str]


class HeldAsset(HoldInfo):
    """A hold, and on which asset."""

    asset: str


class AssetRefusal(BaseModel):
    """Why a start or a stop cannot be granted as things are. What is named beside `detail` depends on the reason.

    A start that lacks memory names who holds it, and in `stop` whose stop would make room (null: nobody's); a stop
    names the dependents, jobs or holds that are in the way.
    """

    type: str
    title: str
    status: int
    detail: str
    holders: list[Holder] = Field(default_factory=list)
    stop: list[str] | None = None
    dependents: list[str] = Field(default_factory=list)
    jobs: list[str] = Field(default_factory=list)
    holds: list[HeldAsset] = Field(default_factory=list)
