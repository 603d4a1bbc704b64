"""One job as the desk holds it: what is stored of it, and what is only kept in memory."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import msgspec

from mixdesk import wire
from mixdesk.progress import completion
from mixdesk_control.jobs import intents, lifecycle
from mixdesk_control.jobs.clock import ClockWatch
from mixdesk_control.jobs.eta import UNKNOWN, Eta
from mixdesk_control.jobs.gpu import GpuUse
from mixdesk_control.jobs.intents import Facts, Intent
from mixdesk_control.jobs.outlook import Outlook
from mixdesk_control.jobs.pace import Pace
from mixdesk_control.jobs.points import Points

Value = TypeVar("Value")

SHOWN_CHECKPOINTS = 5
KNOWN_PATHS = 256


@dataclass(slots=True, kw_only=True)
class Document:
    """What is stored of a job as JSON, beside its columns. Reported times are the trainer's, others the desk's.

    report         the newest report, its key blanked
    percent        what has been shown of `progress_percent`
    checkpoints    the newest five, oldest first
    artifacts      all, by the order in which they were first reported
    first_at, started_at, step_at, saved_at
                   when the desk first heard of the job, of its start, of its last step, of its last checkpoint
    error          the reason the desk itself gave for the end
    spans          whether the desk emits the job's spans; settled at the first report
    spans_sent     ids of spans that a collector has
    """

    report: wire.Report
    percent: float = 0.0
    checkpoints: list[wire.CheckpointRecord] = field(default_factory=list)
    artifacts: list[wire.Artifact] = field(default_factory=list)
    first_at: float = 0.0
    started_at: float | None = None
    step_at: float | None = None
    saved_at: float | None = None
    error: str | None = None
    spans: bool = False
    spans_sent: list[str] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class State:
    """Everything that is stored of a job. Never changed in place: `changed` makes the next one."""

    job_id: str
    key_hash: str
    job_type: str
    status: str
    created_at: float
    seq: int
    revision: int
    document: Document
    intent: Intent
    name: str | None = None
    owner: str | None = None
    parent_id: str | None = None
    host: str | None = None
    boot_id: str | None = None
    lost: bool = False
    desk_final: bool = False
    ended_at: float | None = None
    last_report_at: float | None = None
    clock_offset: float = 0.0

    def changed(self, **values: Any) -> State:
        """A copy with other values."""
        new = copied(self)
        for name, value in values.items():
            setattr(new, name, value)
        return new

    @property
    def report(self) -> wire.Report:
        """The newest report."""
        return self.document.report

    @property
    def whole_report(self) -> wire.Report:
        """The newest report with what earlier ones told: the state from which another process goes on."""
        document = self.document
        return replace(document.report, checkpoints=document.checkpoints, artifacts=document.artifacts)

    @property
    def facts(self) -> Facts:
        """What the requests machine needs to know."""
        report = self.document.report
        return Facts(self.status, report.observed, report.checkpoint, self.error)

    @property
    def error(self) -> str | None:
        """Why it ended: the desk's own reason where the desk ended it."""
        return self.document.error or self.document.report.error

    @property
    def is_final(self) -> bool:
        """Whether it is over."""
        return lifecycle.is_final(self.status)

    @property
    def is_resumed(self) -> bool:
        """Whether it goes on from where another job stopped."""
        return self.parent_id is not None or self.document.report.attempt > 1

    @property
    def seen_status(self) -> str:
        """What views, filters and metrics say."""
        return lifecycle.LOST if self.lost else self.status

    @property
    def cancel_pending(self) -> bool:
        """Whether the run is asked to end."""
        return intents.cancel_pending(self.intent, self.facts)

    @property
    def checkpoint_status(self) -> str:
        """idle, requested, saving, saved or failed; the desk alone derives `requested`."""
        status = self.report.checkpoint.status
        waits = not self.is_final and intents.save_pending(self.intent, self.report.observed)
        return "requested" if waits and status != "saving" else status

    def completions(self) -> dict[str, float]:
        """How far each phase is, 0 to 1."""
        return {phase.key: completion(phase.state, phase.done, phase.total) for phase in self.report.phases}


@dataclass(slots=True)
class Job:
    """One job in memory: its state, and what is seen of it but not stored whole.

    heard  monotonic seconds of the last live report, None since this desk started
    points history of each logged number, and of the desk's own under names that begin with a dot
    """

    state: State
    heard: float | None = None
    clock: ClockWatch = field(default_factory=ClockWatch)
    pace: Pace = field(default_factory=Pace)
    eta: Eta = UNKNOWN
    outlook: Outlook | None = None
    points: dict[str, Points] = field(default_factory=dict)
    paths: dict[str, str | None] = field(default_factory=dict)
    pointed_at: float = 0.0
    frame: tuple[tuple[int, GpuUse | None], bytes] | None = None


@dataclass(slots=True)
class Slot:
    """The place of one job id: who holds its lock may change the job."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    job: Job | None = None
    users: int = 0


def copied(item: Value) -> Value:
    """A copy of a dataclass with slots; `copy.copy` takes several times as long."""
    new = object.__new__(type(item))
    for name in item.__slots__:  # type: ignore[attr-defined]
        setattr(new, name, getattr(item, name))
    return new


def key_hash(job_key: str) -> str:
    """What is stored of a key."""
    return hashlib.sha256(job_key.encode()).hexdigest()


def is_key(job_key: str, stored: str) -> bool:
    """Whether this is the key of the job."""
    return hmac.compare_digest(key_hash(job_key), stored)


_documents = msgspec.json.Decoder(Document)
_intents = msgspec.json.Decoder(Intent)


def document_text(document: Document) -> str:
    """As it is stored."""
    return msgspec.json.encode(document).decode()


def document_from(text: str) -> Document:
    """As it was stored."""
    return _documents.decode(text)


def intent_text(intent: Intent) -> str:
    """As it is stored."""
    return msgspec.json.encode(intent).decode()


def intent_from(text: str) -> Intent:
    """As it was stored."""
    return _intents.decode(text)
