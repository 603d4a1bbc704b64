"""The shapes of this room's JSON for OpenAPI; `document` and `history` make the bytes, a test holds both alike."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, WithJsonSchema

Number = float | Literal["NaN", "Infinity", "-Infinity"]
# There where it is read, and never null.
ReadFloat = Annotated[float | None, WithJsonSchema({"type": "number"})]
Status = Literal["queued", "starting", "running", "paused", "finalizing", "succeeded", "failed", "canceled"]
CheckpointStatus = Literal["idle", "requested", "saving", "saved", "failed"]
PhaseState = Literal["pending", "running", "done", "skipped", "failed", "canceled"]


class CurrentStep(BaseModel):
    """The phase to show."""

    key: str
    label: str
    step_index: int
    step_count: int
    step_progress_percent: float


class PhaseProgress(BaseModel):
    """One weighted phase; no percentage while its total is unknown."""

    key: str
    label: str
    weight: float
    state: PhaseState
    progress_percent: float | None
    done: float
    total: float | None
    unit: str
    started_at: str | None
    ended_at: str | None


class ArtifactItem(BaseModel):
    """One output."""

    type: str
    path: str
    url: str | None


class HeldGpu(BaseModel):
    """What a job holds of one GPU; null where the driver does not say how much."""

    gpu: int = Field(description="its number on the job's host")
    uuid: str
    used_mb: float | None = Field(description="MiB")


class OnGpus(BaseModel):
    """Of every type. Not there while it is not read, or it holds nothing."""

    gpus: list[HeldGpu] = Field(default_factory=list, description="those that it holds memory of")


class TrainingJobDetails(OnGpus):
    """Of the training types. What its GPUs do is not there while it is not read, rather than 0."""

    exp_name: str | None
    phase: str | None
    current_epoch: int
    total_epochs: int
    current_step: int
    total_steps: int
    checkpoint_status: CheckpointStatus
    checkpoint_error: str | None
    last_checkpoint_at: str | None
    last_checkpoint_path: str | None
    gpu_utilization: ReadFloat = Field(default=None, description="percent")
    vram_usage_mb: ReadFloat = Field(default=None, description="MiB")


class GenerationJobDetails(OnGpus):
    """Of the generating types."""

    phase: str | None
    input_file: str | None
    output_artifacts: list[ArtifactItem]


class ItemJobDetails(OnGpus):
    """Of preprocess_audio and download_model."""

    phase: str | None
    items_done: float
    items_total: float | None
    bytes_done: float
    bytes_total: float | None
    output_artifacts: list[ArtifactItem]


class OwnJobDetails(TrainingJobDetails, ItemJobDetails):
    """Of a type that users named themselves."""


class LoggedNumber(BaseModel):
    """The last value of a logged number, and at most 20 of its history, the newest last."""

    value: Number
    history: list[Number]


class RunWish(BaseModel):
    """What the run should be."""

    state: Literal["running", "paused", "canceled"]
    generation: int


class CheckpointWish(BaseModel):
    """The checkpoint that was asked for last."""

    then: Literal["continue", "cancel"]
    generation: int


class DesiredState(BaseModel):
    """What people ask of a job."""

    generation: int
    run: RunWish
    checkpoint: CheckpointWish | None


class SavedCheckpoint(BaseModel):
    """One checkpoint."""

    path: str
    epoch: int
    step: int
    size: int = Field(description="bytes")
    hash: str = Field(description="xxh3-128 in hex")
    saved_at: str | None
    verified: bool
    reason: str


class JobProgress(BaseModel):
    """One job."""

    job_id: str
    job_type: str
    status: Status
    progress_percent: float
    current_step: CurrentStep
    details: TrainingJobDetails | GenerationJobDetails | ItemJobDetails | OwnJobDetails
    log_stream: str | None
    created_at: str
    started_at: str | None
    completed_at: str | None
    error: str | None
    name: str | None
    version: str | None
    owner: str | None
    host: str | None
    pid: int | None
    attempt: int
    parent_id: str | None
    trace_id: str | None
    eta_seconds: float | None
    eta_low_seconds: float | None
    eta_high_seconds: float | None
    steps_per_second: float | None
    metrics: dict[str, LoggedNumber]
    phases: list[PhaseProgress]
    last_report_at: str | None
    lost: bool
    resuming: bool
    desired: DesiredState
    checkpoints: list[SavedCheckpoint]
    revision: int


class JobList(BaseModel):
    """One page, newest first."""

    items: list[JobProgress]
    next: str | None


class StatusChange(BaseModel):
    """One transition."""

    at: str
    before: str | None
    after: str
    reason: str | None


class PastPhase(BaseModel):
    """One phase and the seconds it took, pauses left out; `work`: its optimizer steps, where `unit` is epochs."""

    key: str
    label: str
    weight: float
    state: PhaseState
    done: float
    total: float | None
    unit: str
    started_at: str | None
    ended_at: str | None
    work: float | None
    seconds: float | None


class PastCheckpoint(SavedCheckpoint):
    """One checkpoint and when its saving began."""

    started_at: str | None


class HistoryPoint(BaseModel):
    """One value of a number."""

    at: str
    step: float
    value: Number


class JobHistory(BaseModel):
    """What happened to a job."""

    job_id: str
    transitions: list[StatusChange]
    phases: list[PastPhase]
    checkpoints: list[PastCheckpoint]
    scores: dict[str, float] | None
    points: dict[str, list[HistoryPoint]]
    progress: list[HistoryPoint]
    eta: list[HistoryPoint]


class RequestAnswer(BaseModel):
    """A request that holds; `operation` is followed at `/admin/operations/{operation}`."""

    generation: int
    operation: str


class DesiredAnswer(BaseModel):
    """The desired state of each job that was asked for and is known."""

    jobs: dict[str, DesiredState]


class CheckpointRequest(BaseModel):
    """What to do once the checkpoint is saved."""

    then: Literal["continue", "cancel"] = "continue"


def answers(status: int, model: type[BaseModel]) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route that makes its own bytes."""
    return {status: {"model": model}}
