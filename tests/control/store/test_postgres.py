"""The desk on a PostgreSQL server: a real one, of its own, on a socket of its own."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from postgres import Server
from sqlalchemy import Connection, insert, select, text

from mixdesk import wire
from mixdesk.identity import new_job_id, new_key
from mixdesk_control.store import Store, StoreError, migrations, tables
from mixdesk_control.store.prepared import Prepared
from mixdesk_control.store.upsert import upsert

pytestmark = pytest.mark.timeout(180)


@pytest.fixture
def empty(postgres_server: Server) -> Server:
    """The same with nothing in it."""
    postgres_server.clear()
    return postgres_server


def _bare(server: Server) -> Store:
    from mixdesk_control.store.engine import parse

    return Store(parse(server.url))


def test_an_older_schema_is_brought_to_the_newest(empty: Server, tmp_path: Path) -> None:
    old = _bare(empty)
    old.write_blocking(lambda conn: migrations.upgrade(conn, to="0001"))
    old.write_blocking(lambda conn: conn.execute(insert(tables.meta).values(key="kept", value="yes")))
    old.close()
    store = Store.open(empty.url, state_dir=tmp_path)

    def work(conn: Connection) -> tuple[Any, ...]:
        columns = text("SELECT column_name FROM information_schema.columns WHERE table_name = 'phase_times'")
        return set(conn.execute(columns).scalars()), conn.execute(select(tables.meta.c.value)).scalar()

    found, kept = store.read_blocking(work)
    store.close()
    assert found == set(tables.phase_times.c.keys()) and kept == "yes"


def test_statements_say_how_many_rows_they_touched(empty: Server, tmp_path: Path) -> None:
    store, meta = Store.open(empty.url, state_dir=tmp_path), tables.meta
    change = Prepared(meta.update().where(meta.c.key == "a").values(value="2"))

    def work(conn: Connection) -> list[int]:
        upsert(conn, meta, [{"key": key, "value": "0"} for key in "ab"])
        upsert(conn, meta, [{"key": key, "value": "1"} for key in "abc"])
        return [change.run(conn, [_parameters(conn, change)]), len(conn.execute(select(meta.c.key)).all())]

    assert store.write_blocking(work) == [1, 3]
    with pytest.raises(StoreError, match="duplicate key"):
        store.write_blocking(lambda conn: Prepared(insert(meta)).run(conn, [{"key": "a", "value": "3"}]))
    assert (
        store.write_blocking(lambda conn: conn.execute(select(meta.c.value).where(meta.c.key == "a")).scalar()) == "2"
    )
    store.close()


def _parameters(conn: Connection, change: Prepared) -> dict[str, Any]:
    return dict(change.statement.compile(dialect=conn.dialect).params)  # type: ignore[attr-defined]


class Job:
    """One trainer at a desk."""

    def __init__(self, desk: Any) -> None:
        self.desk = desk
        self.report = wire.Report(job_id=new_job_id(), job_key=new_key(), job_type="own", seq=0, status="running")
        self.report.started_at = self.report.created_at = wire.now_text(time.time())
        self.report.phases = [wire.PhaseReport(key="all", label="all", weight=1.0, state="running", total=10.0)]

    def put(self, **fields: Any) -> dict[str, Any]:
        for name, value in fields.items():
            setattr(self.report, name, value)
        self.report.seq += 1
        self.report.sent_at = wire.now_text(time.time())
        headers = {"Content-Type": "application/json"}
        path = f"/jobs/{self.report.job_id}/report"
        answer = self.desk.ask("PUT", path, "reporter", data=wire.encode(self.report), headers=headers)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def click(self, action: str) -> Any:
        return self.desk.ask("POST", f"/admin/jobs/{self.report.job_id}/{action}", "operator", json={})

    def shown(self, more: str = "") -> dict[str, Any]:
        return dict(self.desk.ask("GET", f"/jobs/{self.report.job_id}{more}").json())

    def record(self, path: str) -> wire.CheckpointRecord:
        return wire.CheckpointRecord(path=path, saved_at=wire.now_text(time.time()), size=10, hash="ab" * 16)


def seq_of(server: Server, job: Job) -> int:
    store = _bare(server)
    try:
        wanted = select(tables.jobs.c.seq).where(tables.jobs.c.job_id == job.report.job_id)
        return int(store.read_blocking(lambda conn: conn.execute(wanted).scalar_one()))
    finally:
        store.close()


@pytest.mark.process
def test_a_job_from_its_begin_to_its_end_and_across_a_restart(
    empty: Server, new_desk: Callable[..., Any], eventually: Callable[..., Any]
) -> None:
    desk = new_desk(config=f'[store]\nurl = "{empty.url}"\n').start()
    job = Job(desk)
    job.put(metrics={"loss": 1.0})
    for step in range(3):
        job.put(metrics={"loss": float(step)}, run_step=step)
    assert eventually(lambda: seq_of(empty, job) == 4), "telemetry is flushed"

    asked = job.click("pause")
    assert asked.status_code == 202, asked.text
    assert job.put()["desired"]["run"]["state"] == "paused"
    job.report.observed.run = asked.json()["generation"]
    job.put(status="paused")
    assert desk.ask("GET", f"/admin/operations/{asked.json()['operation']}").json()["state"] == "succeeded"

    desk.kill()
    desk.restart()
    assert job.shown()["status"] == "paused"
    resumed = job.click("resume")
    assert resumed.status_code == 202, resumed.text
    job.report.observed.run = resumed.json()["generation"]
    job.put(status="running", checkpoints=[job.record("/a.pth")])
    job.put(checkpoints=[job.record("/a.pth"), job.record("/b.pth")])
    job.report.phases[0].state, job.report.phases[0].done = "done", 10.0
    job.report.phases[0].started_at, job.report.phases[0].ended_at = job.report.started_at, wire.now_text(time.time())
    job.put(status="succeeded", completed_at=wire.now_text(time.time()))

    desk.restart()
    history = job.shown("/history")
    moves = [item["after"] for item in history["transitions"]]
    assert moves == ["running", "paused", "running", "succeeded"]
    assert [item["path"] for item in history["checkpoints"]] == ["/a.pth", "/b.pth"]
    assert history["points"]["loss"] and job.shown()["metrics"]["loss"]["history"]
    assert [item["job_id"] for item in desk.ask("GET", "/jobs?status=succeeded").json()["items"]] == [job.report.job_id]
    actions = json.dumps(desk.ask("GET", "/admin/audit").json())
    assert "job.pause" in actions and "job.resume" in actions
    assert desk.ask("DELETE", f"/jobs/{job.report.job_id}", "operator").status_code == 204
    assert desk.ask("GET", f"/jobs/{job.report.job_id}").status_code == 404


@pytest.mark.process
def test_a_server_that_is_away_for_a_while_loses_nothing(
    empty: Server, new_desk: Callable[..., Any], eventually: Callable[..., Any]
) -> None:
    desk = new_desk(config=f'[store]\nurl = "{empty.url}"\n').start()
    job = Job(desk)
    job.put()
    empty.stop()
    try:
        refused = job.click("pause")
        assert refused.status_code == 503 and "nothing was changed" in refused.json()["detail"], refused.text
        job.put(epoch=7)
        assert job.shown()["status"] == "running", "and what is in memory is still told"
    finally:
        empty.start()
    assert eventually(lambda: job.click("pause").status_code == 202)
    assert eventually(lambda: seq_of(empty, job) == job.report.seq)
