"""What trainers left in the spool while no desk was there."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from mixdesk import wire
from mixdesk.spool import Spool, folder_in
from mixdesk_control.store import StoreError

Make = Callable[..., Any]


def leave(state_dir: Path, trainer: Any, *, hold: bool = False, **fields: Any) -> Spool:
    """Writes the next report into the trainer's spool file."""
    spool = Spool.open(folder_in(state_dir), trainer.job_id)
    assert spool is not None
    trainer.next(**fields)
    spool.append(trainer.report)
    if not hold:
        spool.close()
    return spool


def files(state_dir: Path) -> list[str]:
    return sorted(path.name for path in folder_in(state_dir).glob("*.jsonl"))


def test_the_true_end_arrives(bench: Make, Trainer: type, tmp_path: Path) -> None:
    async def work() -> None:
        desk, known, unknown = bench(state_dir=tmp_path, lost_fail_s=20.0), Trainer(), Trainer()
        await desk.put(known, status="running")
        await desk.wait(60.0)
        assert (await desk.show(known))["error"] == "lost contact"
        leave(tmp_path, known, status="running")
        leave(tmp_path, known.saved("/c/a.pth"), status="canceled")
        leave(tmp_path, unknown, status="failed", error="boom", sent_at=wire.now_text(desk.clocks.now))
        assert await desk.service.spool.deliver() == 2
        job = await desk.show(known)
        assert (job["status"], job["error"], job["details"]["checkpoint_status"]) == ("canceled", None, "saved")
        assert (await desk.show(unknown))["error"] == "boom"
        assert files(tmp_path) == []

    asyncio.run(work())


def test_one_that_a_process_holds_is_left_alone(bench: Make, Trainer: type, tmp_path: Path) -> None:
    async def work() -> None:
        desk, trainer = bench(state_dir=tmp_path), Trainer()
        spool = leave(tmp_path, trainer, hold=True, status="succeeded")
        assert await desk.service.spool.deliver() == 0
        spool.close()
        assert await desk.service.spool.deliver() == 1
        assert files(tmp_path) == []

    asyncio.run(work())


def test_one_that_is_not_over_stays_and_is_told_once(bench: Make, Trainer: type, tmp_path: Path) -> None:
    async def work() -> None:
        desk, trainer = bench(state_dir=tmp_path), Trainer()
        leave(tmp_path, trainer, status="running", sent_at=wire.now_text(desk.clocks.now - 30))
        assert await desk.service.spool.deliver() == 1
        await desk.wait(25.0)
        assert (await desk.show(trainer))["lost"] is True, "killed: the spool is no sign of life"
        assert await desk.service.spool.deliver() == 0, "it has not changed"
        assert files(tmp_path) == [f"{trainer.job_id}.jsonl"]
        leave(tmp_path, trainer, status="succeeded")
        os.utime(folder_in(tmp_path) / f"{trainer.job_id}.jsonl", (time.time() + 5, time.time() + 5))
        assert await desk.service.spool.deliver() == 1
        assert (await desk.show(trainer))["status"] == "succeeded"
        assert files(tmp_path) == []

    asyncio.run(work())


@pytest.mark.parametrize("content", [b"", b"\x00\xff", b'{"half": ', b"[1]\n", b'{"job_id": 5}\n'])
def test_a_file_that_cannot_be_read_disturbs_nobody(bench: Make, Trainer: type, tmp_path: Path, content: bytes) -> None:
    async def work() -> None:
        desk, trainer = bench(state_dir=tmp_path), Trainer()
        leave(tmp_path, trainer, status="succeeded")
        (folder_in(tmp_path) / "0-bad.jsonl").write_bytes(content)
        assert await desk.service.spool.deliver() == 1
        assert (await desk.show(trainer))["status"] == "succeeded"
        assert files(tmp_path) == ["0-bad.jsonl"]

    asyncio.run(work())


def test_one_with_another_key_changes_nothing(bench: Make, Trainer: type, tmp_path: Path) -> None:
    async def work() -> None:
        desk, trainer = bench(state_dir=tmp_path), Trainer(name="true")
        await desk.put(trainer, status="running")
        leave(tmp_path, trainer, status="failed", job_key="another", name="false")
        assert await desk.service.spool.deliver() == 0
        assert ((await desk.show(trainer))["name"], files(tmp_path)) == ("true", [f"{trainer.job_id}.jsonl"])

    asyncio.run(work())


def test_a_folder_that_is_not_there_is_no_fault(bench: Make, tmp_path: Path) -> None:
    async def work() -> None:
        assert await bench(state_dir=tmp_path / "nowhere").service.spool.deliver() == 0

    asyncio.run(work())


def test_a_desk_delivers_by_itself(new_desk: Any, Trainer: type, eventually: Any) -> None:
    found = new_desk()
    found.state_dir.mkdir(mode=0o700)
    trainer = Trainer(name="left")
    leave(found.state_dir, trainer, status="succeeded", sent_at=wire.now_text(1_790_000_000.0))
    found.start()
    job = eventually(lambda: found.ask("GET", "/jobs?name=left", "viewer").json()["items"])[0]
    assert (job["job_id"], job["status"]) == (trainer.job_id, "succeeded")
    eventually(lambda: files(found.state_dir) == [])


def test_one_of_a_job_that_a_bound_token_reported(bench: Make, Trainer: type, tmp_path: Path) -> None:
    """The owner stamped by the token, not the one the trainer names, is the job's; its end arrives all the same."""

    async def work() -> None:
        desk, trainer = bench(state_dir=tmp_path), Trainer(owner="somebody")
        await desk.put(trainer, owner="ann", status="running")
        leave(tmp_path, trainer, status="succeeded")
        assert await desk.service.spool.deliver() == 1
        job = await desk.show(trainer)
        assert (job["status"], job["owner"]) == ("succeeded", "ann")
        assert files(tmp_path) == []

    asyncio.run(work())


def test_a_database_that_cannot_be_read_just_then_loses_none(bench: Make, Trainer: type, tmp_path: Path) -> None:
    async def work() -> None:
        desk, trainers = bench(state_dir=tmp_path), [Trainer() for _ in range(3)]
        for trainer in trainers:
            leave(tmp_path, trainer, status="failed", error="boom", sent_at=wire.now_text(desk.clocks.now))
        desk.store.write_blocking(lambda conn: conn.execute(text("ALTER TABLE jobs RENAME TO away")))
        with pytest.raises(StoreError):
            await desk.service.spool.deliver()
        desk.store.write_blocking(lambda conn: conn.execute(text("ALTER TABLE away RENAME TO jobs")))
        assert await desk.service.spool.deliver() == 3
        assert files(tmp_path) == []

    asyncio.run(work())
