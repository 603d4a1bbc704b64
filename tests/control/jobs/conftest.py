"""Reports as a trainer sends them, and a job service without HTTP."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import quick_store

from mixdesk import wire
from mixdesk.identity import new_job_id, new_key, new_span_id, new_trace_id
from mixdesk.jobtypes import JOB_TYPES, steps_of
from mixdesk_control.auth.principal import Principal, expand
from mixdesk_control.jobs.service import JobService
from mixdesk_control.operations import OperationService
from mixdesk_control.settings import JobsSettings, MetricsSettings
from mixdesk_control.store import Store
from mixdesk_control.web.asked import Asked

BEGAN = 1_790_000_000.0


class Trainer:
    """One job's side of the talk: a report whose fields a test sets, with a growing sequence number."""

    def __init__(self, job_type: str = "training_rvc", **fields: Any) -> None:
        phases = fields.pop("phases", None)
        if phases is None and job_type in JOB_TYPES:
            phases = [
                wire.PhaseReport(key=step.key, label=step.label, weight=step.weight) for step in steps_of(job_type)
            ]
        self.report = wire.Report(
            job_id=new_job_id(),
            job_key=new_key(),
            job_type=job_type,
            seq=0,
            status="starting",
            host="box",
            boot_id="boot-1",
            pid=4711,
            trace_id=new_trace_id(),
            span_id=new_span_id(),
            phases=phases or [],
        )
        self.set(**fields)

    @property
    def job_id(self) -> str:
        return self.report.job_id

    def set(self, **fields: Any) -> Trainer:
        for name, value in fields.items():
            setattr(self.report, name, value)
        return self

    def phase(self, key: str, state: str = "running", **fields: Any) -> Trainer:
        """Sets one phase; those before it are done."""
        for phase in self.report.phases:
            if phase.key == key:
                phase.state = state
                for name, value in fields.items():
                    setattr(phase, name, value)
                break
            if phase.state in ("pending", "running"):
                phase.state = "done"
        return self

    def saved(self, path: str, *, generation: int = 0, at: float | None = None, **fields: Any) -> Trainer:
        """A checkpoint is on disk."""
        moment = wire.now_text(time.time() if at is None else at)
        record = wire.CheckpointRecord(path=path, saved_at=moment, size=1000, hash="ab" * 16, **fields)
        self.report.checkpoints = [*self.report.checkpoints, record][-5:]
        self.report.checkpoint = wire.CheckpointState(status="saved", generation=generation, last=record)
        if generation:
            self.report.observed = wire.Observed(run=self.report.observed.run, checkpoint=generation, outcome="saved")
        return self

    def next(self, **fields: Any) -> bytes:
        """The next report as bytes."""
        self.set(**fields)
        self.report.seq += 1
        return wire.encode(self.report)


class Clocks:
    """Both clocks, moved by hand."""

    def __init__(self) -> None:
        self.now, self.ticks = BEGAN, 1000.0

    def clock(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return self.ticks

    def pass_(self, seconds: float) -> None:
        self.now += seconds
        self.ticks += seconds


class Bench:
    """A service over a real SQLite file, without HTTP and without background tasks; `reopen` is a SIGKILL."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.folder, self.clocks = folder, Clocks()
        self.metrics = MetricsSettings(**settings.pop("metrics", {}))
        self.options = {name: settings.pop(name) for name in ("endpoint", "state_dir") if name in settings}
        self.settings = JobsSettings(**settings)
        self.stores: list[Store] = []
        self.service = self._open()

    def _open(self) -> JobService:
        self.store = quick_store.opened(self.folder)
        self.stores.append(self.store)
        self.operations = OperationService(self.store, clock=self.clocks.clock)
        return JobService(
            self.store,
            self.operations,
            settings=self.settings,
            metrics_settings=self.metrics,
            clock=self.clocks.clock,
            monotonic=self.clocks.monotonic,
            **self.options,
        )

    async def reopen(self) -> JobService:
        """Memory is gone, nothing was closed; what is on disk is read again."""
        self.service = self._open()
        await self.service.load_current()
        return self.service

    async def wait(self, seconds: float) -> None:
        """Time passes, and the leases are looked after."""
        while seconds > 0:
            self.clocks.pass_(min(seconds, 1.0))
            seconds -= 1.0
            await self.service.leases.sweep()

    async def put(self, trainer: Trainer, owner: str | None = None, **fields: Any) -> wire.ReportAnswer:
        body = trainer.next(**{"sent_at": wire.now_text(self.clocks.now), **fields})
        answer = await self.service.report(trainer.job_id, body, reporter(owner))
        return wire.answer_from(json.loads(answer))

    async def ask(self, trainer: Trainer, action: str, then: str = "continue", **asked: Any) -> dict[str, Any]:
        reply = await self.service.ask(trainer.job_id, action, Asked(operator(), **asked), then=then)
        return json.loads(reply.body)

    async def show(self, trainer: Trainer) -> dict[str, Any]:
        job = await self.service.get(trainer.job_id, operator())
        return json.loads(self.service.document(job))

    async def operation(self, operation_id: str) -> dict[str, Any]:
        from mixdesk_control.operations.operation import shown

        return shown(await self.operations.get(operation_id, operator()))

    def close(self) -> None:
        for store in self.stores:
            store.close()


def operator() -> Principal:
    return Principal("op", expand(["operator"]), token_id="t-op")


def viewer(owner: str | None = None) -> Principal:
    return Principal("view", expand(["viewer"]), owner=owner, token_id="t-view")


def reporter(owner: str | None = None) -> Principal:
    return Principal("rep", expand(["reporter"]), owner=owner, token_id="t-rep")


@pytest.fixture(name="Trainer", scope="session")
def trainer_class() -> type[Trainer]:
    return Trainer


@pytest.fixture
def bench() -> Iterator[Callable[..., Bench]]:
    """Makes a service: `bench(lost_fail_s=60)`."""
    with ExitStack() as ends:

        def make(**settings: Any) -> Bench:
            made = Bench(ends.enter_context(quick_store.quick_folder()), **settings)
            ends.callback(made.close)
            return made

        yield make


@pytest.fixture(name="principals")
def principals_fixture() -> Any:
    class Principals:
        operator = staticmethod(operator)
        viewer = staticmethod(viewer)
        reporter = staticmethod(reporter)

    return Principals
