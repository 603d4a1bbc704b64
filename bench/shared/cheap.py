"""Trainers that cost next to nothing, for a desk under load: raw sockets, prepared reports, one event loop."""

from __future__ import annotations

import asyncio
import json
import random
import time
from dataclasses import dataclass, field
from typing import Any

from mixdesk import wire
from mixdesk.identity import new_job_id, new_key, new_span_id, new_trace_id
from mixdesk.jobtypes import steps_of

JOB_TYPE = "training_rvc"
# The end of each phase as a part of the run: what a short training looks like.
ENDS = (0.07, 0.15, 0.25, 0.90, 0.95, 1.0)
# What changes with every report: seq, times, units done, steps, logged numbers.
MARKS = (("-987001", "%d"), ('"@now"', '"%s"'), ("-987002.5", "%d"), ("-987003", "%d"), ("-987004.5", "%.5f"))
UNEVEN = 0.3  # no two runs go alike: each of these comes sooner or later by up to so much of itself


class Connection(asyncio.Protocol):
    """One keep-alive connection: a request at a time."""

    def __init__(self) -> None:
        self._buffer = b""
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None

    @classmethod
    async def open(cls, port: int) -> Connection:
        """A connection to a desk on this host."""
        _, made = await asyncio.get_running_loop().create_connection(cls, "127.0.0.1", port)
        return made

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Open."""
        self._transport = transport  # type: ignore[assignment]  # uvloop's is no asyncio.Transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Gone: whoever waits is told."""
        self._transport = None
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ConnectionError("the desk closed the connection"))

    def data_received(self, data: bytes) -> None:
        """A part of an answer."""
        self._buffer += data
        head, found, body = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return
        place = head.find(b"content-length: ")
        length = 0 if place < 0 else int(head[place + 16 :].partition(b"\r\n")[0])
        if len(body) >= length:
            self._buffer = body[length:]
            answer, self._answer = self._answer, None
            if answer is not None and not answer.done():
                answer.set_result((int(head[9:12]), body[:length]))

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """Status and body. Raises ConnectionError."""
        if self._transport is None:
            raise ConnectionError("closed")
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer

    def close(self) -> None:
        """Give it up."""
        if self._transport is not None:
            self._transport.abort()


def request(method: str, path: str, token: str, body: bytes = b"") -> bytes:
    """A request as bytes, as small as those of the trainer library."""
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: mixdesk\r\nAccept: */*\r\n"
    head += f"Accept-Encoding: gzip, deflate\r\nConnection: keep-alive\r\nAuthorization: Bearer {token}\r\n"
    if body:
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + body


@dataclass
class Script:
    """The reports of one job over its life, of the size and with the edges of a real one."""

    reports: int
    job_id: str = field(default_factory=new_job_id)
    job_key: str = field(default_factory=new_key)
    seq: int = 0
    _stage: int = -1
    _template: bytes = b""
    _began: str = ""

    def __post_init__(self) -> None:
        self._began = wire.now_text(time.time())
        self._ends = sorted(min(end * random.uniform(1 - UNEVEN, 1 + UNEVEN), 1.0) for end in ENDS[:-1])
        self._ids = [new_span_id() for _ in ENDS]
        self._trace, self._span = new_trace_id(), new_span_id()

    def body(self) -> bytes:
        """The next report."""
        self.seq += 1
        part = self.seq / self.reports
        stage = len(ENDS) if self.seq >= self.reports else sum(part > end for end in self._ends)
        if stage != self._stage:
            self._stage, self._template = stage, self._made(stage)
        now, step = wire.now_text(time.time()).encode(), self.seq * 37
        done = () if self.over else (step % 1000,)
        return self._template % (self.seq, now, *done, step, step, now, *(random.random() for _ in range(5)))

    @property
    def over(self) -> bool:
        """Whether the last report has been made."""
        return self.seq >= self.reports

    def _made(self, stage: int) -> bytes:
        text = json.dumps(json.loads(wire.encode(self._report(stage))), separators=(",", ":"))
        for mark, to in MARKS:
            text = text.replace(mark, to)
        return text.encode()

    def _report(self, stage: int) -> wire.Report:
        over = stage == len(ENDS)
        names = ("loss_generator", "loss_discriminator", "loss_mel", "learning_rate", "grad_norm")
        report = wire.Report(
            job_id=self.job_id,
            job_key=self.job_key,
            job_type=JOB_TYPE,
            seq=-987001,
            status="succeeded" if over else "running",
            name=f"voice-{self.job_id[-4:]}",
            version="0.5",
            sent_at="@now",
            host="box",
            boot_id="7a2f7d3e-54a4-4a2e-9f10-2f6d8a5c1e77",
            pid=4711,
            pid_start=123456,
            created_at=self._began,
            started_at=self._began,
            completed_at=self._began if over else None,
            trace_id=self._trace,
            span_id=self._span,
            epoch=3,
            epochs=200,
            step=12,
            steps=37,
            last_step_at="@now",
            run_step=-987003,
            attempt_steps=-987003,
            planned_steps=7400,
            metrics=dict.fromkeys(names, -987004.5),
            log_stream=f"/var/log/training_rvc/{self.job_id}.log",
        )
        report.phases = [self._phase(place, stage) for place in range(len(ENDS))]
        if stage >= 4:
            report.checkpoints = [self._record(number) for number in range(2)]
            report.checkpoint = wire.CheckpointState(status="saved", last=report.checkpoints[-1])
        return report

    def _phase(self, place: int, stage: int) -> wire.PhaseReport:
        step = steps_of(JOB_TYPE)[place]
        state = "done" if place < stage else "running" if place == stage else "pending"
        done = 1000.0 if place < stage else -987002.5 if place == stage else 0.0
        return wire.PhaseReport(
            key=step.key,
            label=step.label,
            weight=step.weight,
            state=state,
            done=done,
            total=1000.0,
            started_at=self._began if place <= stage else None,
            ended_at=self._began if place < stage else None,
            span_id=self._ids[place],
        )

    def _record(self, number: int) -> wire.CheckpointRecord:
        return wire.CheckpointRecord(
            path=f"/data/runs/{self.job_id}/checkpoints/anton-v0.5-e{number}-s{number * 37}-20260131.pth",
            epoch=number,
            step=number * 37,
            size=209_715_200,
            hash="ab" * 16,
            saved_at=self._began,
            started_at=self._began,
            span_id=self._ids[number],
        )


class Polling:
    """The second connection of a trainer: a long poll that is begun anew when it is answered."""

    def __init__(self, port: int, token: str, job_id: str) -> None:
        self._port, self._token, self._job_id = port, token, job_id
        self.generation = 0
        self.heard: dict[int, float] = {}
        self.refused: list[int] = []
        self.lost = 0
        self._news: asyncio.Event = asyncio.Event()

    async def run(self) -> None:
        """Polls until it is cancelled; comes back as the trainer library does, soon and not all at once."""
        failures = 0
        while True:
            try:
                connection = await Connection.open(self._port)
                failures = 0
                try:
                    while True:
                        await self._once(connection)
                finally:
                    connection.close()
            except OSError:
                self.lost += 1
                await asyncio.sleep(min(0.05 * 2**failures, 0.5) * random.uniform(0.5, 1.0))
                failures = min(failures + 1, 10)

    async def _once(self, connection: Connection) -> None:
        path = f"/jobs/desired?job={self._job_id}:{self.generation}&wait=25"
        status, body = await connection.ask(request("GET", path, self._token))
        now = time.monotonic()
        if status != 200:
            self.refused.append(status)
            await asyncio.sleep(1.0)
            return
        generation = _generation(body)
        if generation > self.generation:
            self.generation = generation
            self.heard[generation] = now
            self._news.set()
        else:
            await asyncio.sleep(0.2)

    async def hears(self, generation: int) -> float:
        """When a generation was heard, in monotonic seconds."""
        while True:
            found = [at for number, at in self.heard.items() if number >= generation]
            if found:
                return min(found)
            self._news.clear()
            await self._news.wait()


def _generation(body: bytes) -> int:
    jobs: dict[str, Any] = json.loads(body)["jobs"]
    return max((int(item["generation"]) for item in jobs.values()), default=0)


class Trainer:
    """Reports and polls for as long as it is asked to, whatever becomes of the desk."""

    def __init__(self, port: int, token: str, *, every_s: float = 1.0) -> None:
        self._port, self._token, self._every_s = port, token, every_s
        self.script = Script(1_000_000)
        self.polling = Polling(port, token, self.script.job_id)
        self.refused: list[int] = []
        self.begun = asyncio.Event()

    @property
    def job_id(self) -> str:
        """Of its job."""
        return self.script.job_id

    async def run(self, begin_s: float) -> None:
        """From its first report, `begin_s` seconds from now, until it is cancelled."""
        await asyncio.sleep(begin_s)
        poll: asyncio.Task[None] | None = None
        try:
            while True:
                try:
                    connection = await Connection.open(self._port)
                    try:
                        while True:
                            await self._report(connection)
                            poll = poll or asyncio.create_task(self.polling.run())
                            self.begun.set()
                            await asyncio.sleep(self._every_s)
                    finally:
                        connection.close()
                except OSError:
                    await asyncio.sleep(random.uniform(0.1, 0.5))
        finally:
            if poll is not None:
                poll.cancel()

    async def _report(self, connection: Connection) -> None:
        message = request("PUT", f"/jobs/{self.job_id}/report", self._token, self.script.body())
        status, _ = await connection.ask(message)
        if status != 200:
            self.refused.append(status)


class Fleet:
    """Many such trainers, begun one after the other."""

    def __init__(self, port: int, token: str, size: int, *, every_s: float = 1.0) -> None:
        self.trainers = [Trainer(port, token, every_s=every_s) for _ in range(size)]
        self._tasks: list[asyncio.Task[None]] = []

    async def begin(self, within_s: float) -> None:
        """Returns once all of them have reported and poll."""
        size = len(self.trainers)
        for place, trainer in enumerate(self.trainers):
            self._tasks.append(asyncio.create_task(trainer.run(place * within_s / size)))
        await asyncio.gather(*(trainer.begun.wait() for trainer in self.trainers))
        await asyncio.sleep(0.5)

    async def end(self) -> None:
        """All of them go at once."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


class Clicker:
    """A person: asks things of jobs over a connection of its own, and tries again where the desk is away."""

    def __init__(self, port: int, token: str) -> None:
        self._port, self._token = port, token
        self._connection: Connection | None = None

    async def click(self, job_id: str, action: str) -> tuple[float, int]:
        """Seconds until the 202, and its generation. Raises OSError where the desk is away, RuntimeError at no."""
        if self._connection is None:
            self._connection = await Connection.open(self._port)
        began = time.monotonic()
        try:
            status, body = await self._connection.ask(
                request("POST", f"/admin/jobs/{job_id}/{action}", self._token, b"{}")
            )
        except OSError:
            self._connection = None
            raise
        if status != 202:
            raise RuntimeError(f"{action} of {job_id}: {status} {body!r}")
        return time.monotonic() - began, int(json.loads(body)["generation"])

    async def status(self, job_id: str) -> str:
        """The status that the desk shows of a job, "unknown" while it is away."""
        try:
            self._connection = self._connection or await Connection.open(self._port)
            _, body = await self._connection.ask(request("GET", f"/jobs/{job_id}", self._token))
        except OSError:
            self._connection = None
            return "unknown"
        return str(json.loads(body)["status"])

    async def click_until_answered(self, job_id: str, action: str) -> tuple[float, int]:
        """The same, as often as it takes: when it was answered, in monotonic seconds, and the generation."""
        while True:
            try:
                _, generation = await self.click(job_id, action)
            except OSError:
                await asyncio.sleep(0.02)
                continue
            return time.monotonic(), generation
