"""What of jobs is told: real reports into a real job service whose clock is moved by hand."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import quick_store
from golden_desk import Desk, Run
from sqlalchemy import Connection, select
from told import Receiver, fill

from mixdesk import wire
from mixdesk.checkpoints.save import _explained
from mixdesk_control.notify import disk
from mixdesk_control.notify.event import Event
from mixdesk_control.notify.service import NotifyService
from mixdesk_control.notify.stalls import Stalls
from mixdesk_control.settings_notify import EVENTS, NotifySettings
from mixdesk_control.store import tables
from mixdesk_control.telling import news
from mixdesk_control.telling.teller import DISK_S, Teller

FAILED_SAVE = wire.CheckpointState(status="failed", error="No space left on device")


class Told:
    """In the place of the service: what a teller tells. By its key each counts once, as in the outbox."""

    is_on = True
    events = frozenset(EVENTS)

    def __init__(self) -> None:
        self.all: list[Event] = []
        self.over: list[str] = []

    def tell(self, event: Event) -> None:
        self.all.append(event)

    def well(self, key: str) -> None:
        self.over.append(key)

    @property
    def once(self) -> list[str]:
        return [event.event for event in {event.key: event for event in self.all}.values()]


Scene = Callable[[Desk, Told, Teller], Awaitable[None]]


def played(scene: Scene, **options: Any) -> Told:
    with quick_store.quick_folder() as folder:
        desk, told = Desk(folder), Told()
        try:
            teller = Teller(desk.service.board, told, **({"boot_id": "boot-1", "stalled_s": 60.0} | options))  # type: ignore[arg-type]
            asyncio.run(scene(desk, told, teller))
        finally:
            desk.store.close()
    return told


def run_of(desk: Desk, number: int = 1, job_type: str = "training_rvc", **fields: Any) -> Run:
    return Run(desk, number, job_type, f"anton{number}", boot_id="boot-1", **fields)


async def running(desk: Desk, number: int = 1, **fields: Any) -> Run:
    run = run_of(desk, number, **fields)
    await run.begin()
    run.phase("training", total=20.0, unit="epochs")
    await run.put(status=wire.RUNNING, epoch=5, epochs=20)
    return run


def test_how_a_job_ends() -> None:
    async def scene(desk: Desk, told: Told, _teller: Teller) -> None:
        for number, status in enumerate((wire.SUCCEEDED, wire.FAILED, wire.CANCELED), 1):
            run = await running(desk, number)
            await desk.wait(5.0)
            await run.end(status, error="OutOfMemoryError: 24 GiB" if status == wire.FAILED else None)
            await run.put()  # the same again
        asked = await running(desk, 4)
        await desk.ask(asked, "cancel")
        await asked.end(wire.CANCELED, observed=wire.Observed(run=asked.report.seq))
        waiting = run_of(desk, 5)
        await waiting.put(status=wire.QUEUED, created_at=desk.at())
        await desk.ask(waiting, "cancel")

    told = played(scene)
    assert [event.event for event in told.all] == [
        "job.succeeded", "job.failed", "job.interrupted", "job.canceled", "job.canceled",
    ]  # fmt: skip
    failed = told.all[1]
    assert failed.error == "OutOfMemoryError: 24 GiB" and failed.job is not None
    job = failed.job
    assert (job.name, job.host, job.status, job.phase, job.epoch, job.epochs) == (
        "anton2", "box1", "failed", "training", 5, 20,
    )  # fmt: skip
    assert job.ran_s == 5.0


def test_what_cannot_be_told_harms_no_job(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(Told):
        def tell(self, event: Event) -> None:
            raise RuntimeError(event.event)

    async def scene(desk: Desk) -> None:
        Teller(desk.service.board, Broken(), boot_id="boot-1", stalled_s=60.0)  # type: ignore[arg-type]
        run = await running(desk)
        await run.end(wire.FAILED, error="no")
        job = desk.service.board.find(run.report.job_id)
        assert job is not None and job.state.status == wire.FAILED

    with quick_store.quick_folder() as folder:
        desk = Desk(folder)
        try:
            asyncio.run(scene(desk))
        finally:
            desk.store.close()
    assert "is not told" in caplog.text


def test_a_job_that_falls_silent_is_lost_once_and_then_fails() -> None:
    async def scene(desk: Desk, told: Told, _teller: Teller) -> None:
        run = await running(desk)
        await desk.wait(30.0)
        assert told.once == ["job.lost"]
        await run.put()  # back: that is no message
        await desk.wait(5.0)
        assert told.once == ["job.lost"]
        await desk.wait(700.0)
        assert told.once == ["job.lost", "job.lost", "job.failed"], "another loss, and its end"
        await run.end(wire.SUCCEEDED)  # a spool has the truth

    told = played(scene)
    assert told.once[3:] == ["job.succeeded"]
    assert [event.error for event in told.all if event.event == "job.failed"] == ["lost contact"]


def test_a_lost_run_that_goes_on_as_another_has_not_failed() -> None:
    async def scene(desk: Desk, told: Told, _teller: Teller) -> None:
        first = await running(desk)
        await desk.wait(30.0)
        await running(desk, 2, parent_id=first.report.job_id, attempt=2)
        job = desk.service.board.find(first.report.job_id)
        assert job is not None and job.state.status == "failed" and "continued as" in str(job.state.error)

    assert played(scene).once == ["job.lost"]


def test_checkpoints() -> None:
    async def scene(desk: Desk, told: Told, teller: Teller) -> None:
        run = await running(desk)
        for _ in range(3):  # the same trouble at every automatic save
            await run.put(checkpoint=wire.CheckpointState(status="saving"))
            await run.put(checkpoint=FAILED_SAVE)
        assert told.once == ["checkpoint.failed"]
        await run.put(checkpoint=replace(FAILED_SAVE, error="Read-only file system"))
        teller._look_for_failures()
        await run.put(checkpoint=replace(FAILED_SAVE, error="Read-only file system", generation=3))
        teller._look_for_failures()
        teller._look_for_failures()
        assert told.once == ["checkpoint.failed"] * 3, "another reason, and one that was asked for"
        await run.saves("/checkpoints/a.pth", 0.5)
        await run.put(checkpoint=FAILED_SAVE)

    told = played(scene)
    assert told.once[3:] == ["checkpoint.saved", "checkpoint.failed"]
    saved = told.all[-2].checkpoint
    assert saved is not None and (saved.path, saved.size) == ("/checkpoints/a.pth", 209_715_200)


def test_a_disk_that_stays_full_is_told_once(small_disk: Callable[[str], Path]) -> None:
    """At each retry the trainer says how much is free now."""
    folder = small_disk("64m")

    async def scene(desk: Desk, told: Told, teller: Teller) -> None:
        async def fails(error: str, **more: Any) -> None:
            await desk.wait(1.0)
            await run.put(checkpoint=wire.CheckpointState(status="saving"))
            await run.put(checkpoint=wire.CheckpointState(status="failed", error=error, **more))
            teller._look_for_failures()

        run, said = await running(desk), set()
        for number in range(5):
            (folder / f"filler{number}").write_bytes(b"x" * (3 << 20))
            full = str(_explained(OSError(errno.ENOSPC, "No space left on device"), folder))
            said.add(full)
            await fails(full)
        assert len(said) == 5 and told.once == ["checkpoint.failed"]
        (again,) = {event.key for event in told.all}
        await fails("Read-only file system: no checkpoint was written to /ck")
        await fails(full)
        await fails(full, generation=2)
        assert told.once == ["checkpoint.failed"] * 3, "another kind, and a request"
        assert again == told.all[0].key

    played(scene)


def test_kinds_of_failures() -> None:
    same = [
        "[Errno 28] No space left on device: '/ck/a-v1-e1-s2.pth.tmp-box1-412'",
        "[Errno 28] No space left on device: '/ck/a-v1-e2-s90.pth.tmp-box1-7'",
    ]
    assert {news.kind_of(text) for text in same} == {"no space left on device:"}
    memory = "CUDA out of memory. Tried to allocate {} GiB. GPU 0 has {} free"
    assert news.kind_of(memory.format("2.00", "812.5 MiB")) == news.kind_of(memory.format("20", "1.1 GiB"))
    assert news.kind_of("it can't write") != news.kind_of("it can't read")
    assert news.kind_of("") == news.kind_of("12 /a") == ""
    assert news.kind_of("(" * 100_000 + "'" * 100_000) is not None  # in no time


def test_what_is_stored_tells_the_same_again_and_nothing_else() -> None:
    """What a desk that is killed between a commit and the outbox leaves is told by the next one."""

    async def scene(desk: Desk, told: Told, teller: Teller) -> None:
        ended = await running(desk)
        await ended.saves("/checkpoints/a.pth", 0.5)
        await ended.end(wire.FAILED, error="boom")
        ended = await running(desk, 4)
        await ended.end(wire.SUCCEEDED)
        failing = await running(desk, 2)
        await failing.put(checkpoint=FAILED_SAVE)
        await running(desk, 3)
        await desk.wait(30.0)
        keys = {event.key for event in told.all}
        assert len(keys) == 6
        await desk.service.board.flush_all()
        told.all.clear()
        desk.service.board.unseat(ended.report.job_id)
        await teller._recall()
        assert {event.key for event in told.all} == keys
        desk.clock.now += 90_000  # those that ended are no news a day later
        told.all.clear()
        await teller._recall()
        assert {event.event for event in told.all} == {"job.lost", "checkpoint.failed"}

    played(scene)


def test_a_spool_that_comes_late_tells_when_it_was() -> None:
    async def scene(desk: Desk, told: Told, _teller: Teller) -> None:
        run = run_of(desk)
        await run.begin()
        ended = desk.at()
        desk.clock.now += 7 * 86_400
        await run.put(status=wire.SUCCEEDED, completed_at=ended, delivered=True)
        assert told.all[-1].event == "job.succeeded" and desk.clock.now - told.all[-1].at > 86_400

    played(scene)


def test_the_next_desk_tells_what_a_killed_one_had_committed(receiver: Receiver) -> None:
    """Killed between the commit of an end and the outbox; what had ended before all this is nobody's news."""

    async def scene(desk: Desk, _told: Told, _teller: Teller) -> None:
        before = await running(desk, 7)
        await before.end(wire.FAILED, error="long ago")
        desk.clock.now += 1.0
        notify = NotifyService(desk.store, NotifySettings(url=receiver.url), clock=desk.clock)
        await notify.start()
        await until(lambda: desk.store.read_blocking(_since))
        await notify.stop()
        desk.clock.now += 1.0
        run = await running(desk)
        await run.end(wire.FAILED, error="boom")
        for _ in range(2):
            again = NotifyService(desk.store, NotifySettings(url=receiver.url), clock=desk.clock)
            teller = Teller(desk.service.board, again, boot_id=None, stalled_s=60.0)
            await again.start()
            await teller.start()
            await until(lambda: receiver.came)
            await asyncio.sleep(0.5)
            await teller.stop()
            await again.stop()

    played(scene)
    assert [message.body["error"] for message in receiver.came] == ["boom"]


def _since(conn: Connection) -> object:
    return conn.execute(select(tables.meta.c.value).where(tables.meta.c.key == "notify.since")).scalar()


async def until(condition: Callable[[], Any]) -> None:
    async with asyncio.timeout(90):
        while not condition():
            await asyncio.sleep(0.02)


# -- standing still ------------------------------------------------------------------------------------------


def test_a_job_that_reports_and_does_not_move() -> None:
    async def scene(desk: Desk, told: Told, teller: Teller) -> None:
        async def pass_(seconds: int, **fields: Any) -> None:
            for _ in range(seconds):
                await desk.wait(1.0)
                await run.put(**fields)
                teller._look_for_stalls()

        run = await running(desk, run_step=1)
        await pass_(59)
        assert not told.all
        await pass_(100)
        assert told.once == ["job.stalled"] and told.all[0].since >= 60.0
        await pass_(50, run_step=2)
        await pass_(30, checkpoint=wire.CheckpointState(status="saving"))
        await pass_(100, checkpoint=wire.CheckpointState(), status=wire.PAUSED)
        await pass_(50, status=wire.RUNNING)
        await pass_(70, resuming=True)
        assert told.once == ["job.stalled"], "moved, saving, paused, resuming"
        await pass_(70, resuming=False)
        assert told.once == ["job.stalled"] * 2
        await run.put(run_step=3)
        for _ in range(100):
            await desk.wait(1.0)
            teller._look_for_stalls()
        assert told.once == ["job.stalled"] * 2 + ["job.lost"], "who is silent is lost, and no more than that"

    played(scene)


def test_a_stall_is_the_same_to_the_next_desk() -> None:
    async def scene(desk: Desk, told: Told, teller: Teller) -> None:
        run = await running(desk, run_step=1)
        tellers = teller, Teller(desk.service.board, told, boot_id=None, stalled_s=60.0)  # type: ignore[arg-type]
        for one in tellers:
            for _ in range(70):
                await desk.wait(1.0)
                await run.put()
                one._look_for_stalls()
        assert len(told.all) == 2 and len(told.once) == 1

    played(scene)


def test_time_in_which_the_desk_slept_counts_against_nobody() -> None:
    async def scene(desk: Desk, told: Told, teller: Teller) -> None:
        run = await running(desk)
        teller._look_for_stalls()
        desk.clock.now += 500.0
        await run.put()
        teller._look_for_stalls()
        assert not told.all

    played(scene)


def test_stalls_forget_who_is_gone() -> None:
    stalls = Stalls(10.0)
    assert stalls.see("a", 1, 0.0) is None and stalls.see("a", 1, 10.0) == 10.0 and stalls.see("a", 1, 50.0) is None
    stalls.keep([])
    assert stalls.see("a", 1, 60.0) is None and stalls.see("a", 1, 70.0) == 10.0


# -- room ----------------------------------------------------------------------------------------------------


def test_a_desk_that_cannot_write_says_so_once(small_disk: Callable[[str], Path]) -> None:
    """It takes no report then, so nothing else would tell."""
    folder, told = small_disk("3m"), Told()
    desk, filler = Desk(folder), folder / "filler"

    async def scene() -> None:
        async def looked(times: int) -> None:
            for _ in range(times):
                desk.clock.now += DISK_S
                await teller._look_at_disks()

        teller = Teller(desk.service.board, told, boot_id="boot-1", stalled_s=60.0)  # type: ignore[arg-type]
        await looked(1)
        assert not told.all
        fill(filler)
        await looked(5)
        (event,) = told.all
        assert (event.event, event.job) == ("disk.low", None) and "full" in str(event.error)
        filler.unlink()
        await looked(9)
        assert not told.over, "there may be room for a moment"
        await looked(1)
        assert told.over == [event.key]
        fill(filler)
        await looked(1)
        assert len(told.all) == 2

    try:
        asyncio.run(scene())
    finally:
        filler.unlink(missing_ok=True)
        desk.store.close()


def test_room_for_the_next_checkpoint(small_disk: Callable[[str], Path]) -> None:
    small = small_disk("64k")
    file, filler = small / "a.pth", small / "filler"
    file.write_bytes(b"x" * 20_480)

    async def scene(desk: Desk, told: Told, teller: Teller) -> None:
        async def looked(taken: int) -> None:
            filler.write_bytes(b"x" * taken)
            desk.clock.now += DISK_S
            await run.put()
            await teller._look_at_disks()

        run = await running(desk)
        record = wire.CheckpointRecord(path=str(file), size=20_480, saved_at=desk.at())
        await run.put(checkpoint=wire.CheckpointState(status="saved", last=record), checkpoints=[record])
        await looked(0)
        key = told.over[0]
        assert told.once == ["checkpoint.saved"] and told.over == [key], "an earlier desk may have told of it"
        await looked(24_576)
        await looked(32_768)
        (low,) = (event for event in told.all if event.event == "disk.low")
        assert low.key == key and low.space is not None
        assert (low.space.folder, low.space.free, low.space.needed) == (str(small), 20_480, 22_528)
        await looked(20_480)
        assert told.over == [key, key]
        await looked(45_056)
        assert len([event for event in told.all if event.event == "disk.low"]) == 2

        elsewhere = Teller(desk.service.board, told, boot_id="boot-2", stalled_s=60.0)  # type: ignore[arg-type]
        before = len(told.all)
        await elsewhere._look_at_disks()
        assert len(told.all) == before, "it is another host's disk"

    played(scene)


def test_a_disk_is_only_judged_where_the_file_is_seen(tmp_path: Path) -> None:
    file = tmp_path / "a.pth"
    file.write_bytes(b"x" * 1000)
    assert (disk.free_beside(str(file), 1000) or 0) > 0
    assert disk.free_beside(str(file), 999) is None, "another file of that name, in a container say"
    assert disk.free_beside(str(tmp_path / "b.pth"), 0) is None
    assert disk.free_beside("a.pth", 1000) is None
    assert disk.free_beside("/\0", 0) is None
