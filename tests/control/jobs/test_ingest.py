"""Whatever arrives as a report: refused as a problem, or taken and shown without a fault."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mixdesk import wire
from mixdesk_control.auth.principal import Principal, expand
from mixdesk_control.jobs import ingest, metrics
from mixdesk_control.web.problems import Problem
from mixdesk_exporter.exposition import render

Make = Callable[..., Any]

words = st.one_of(
    st.text(max_size=30),
    st.sampled_from(["", "\x00", "a\nb", "x" * 5000, "2026-01-01T00:00:00Z", "9999-12-31T23:59:59-23:59", "NaN"]),
    st.sampled_from([*wire.STATUSES, *wire.PHASE_STATES, *wire.CHECKPOINT_STATUSES, "training", "moot", "0" * 32]),
)
integers = st.one_of(st.integers(-5, 5), st.sampled_from([2**53 - 1, 2**53, 2**63, 10**30, -(2**70)]))
numbers = st.one_of(
    integers, st.floats(allow_nan=False, allow_infinity=False), st.sampled_from([1e308, -1e308, 1e-320])
)


def of_type(hint: str) -> st.SearchStrategy[Any]:
    """Odd values of a field's type, and now and then of another."""
    fitting = words if "str" in hint else st.booleans() if "bool" in hint else integers if "int" in hint else numbers
    if "None" in hint:
        fitting = st.one_of(fitting, st.none())
    return st.integers(0, 60).flatmap(lambda number: anything if number == 41 else fitting)


def shape(cls: type, most: int = 4) -> st.SearchStrategy[dict[str, Any]]:
    """An object with some fields of a wire class: plain ones by their type, the others anything."""
    plain = {item.name: of_type(str(item.type)) for item in fields(cls) if item.name not in BUILT}
    chosen = st.lists(st.sampled_from(sorted(plain)), max_size=most, unique=True)
    return chosen.flatmap(lambda names: st.fixed_dictionaries({name: plain[name] for name in names}))


# Fields of fields are made below; the identity is what it must be, but for the rare case.
BUILT = {"phases", "checkpoint", "checkpoints", "observed", "artifacts", "metrics", "last", "v", "seq"}
BUILT |= {"job_id", "job_key", "job_type", "status"}

anything: st.SearchStrategy[Any] = st.deferred(
    lambda: st.one_of(
        words,
        numbers,
        st.none(),
        st.booleans(),
        st.lists(st.one_of(numbers, words), max_size=3),
        st.dictionaries(words, st.one_of(numbers, words), max_size=3),
    )
)
nested = st.fixed_dictionaries(
    {},
    optional={
        "phases": st.lists(shape(wire.PhaseReport, 6).map(lambda item: {"key": "k", **item}), max_size=4),
        "checkpoint": shape(wire.CheckpointState).flatmap(
            lambda item: st.one_of(
                st.just(item), shape(wire.CheckpointRecord).map(lambda last: {**item, "last": {"path": "/l", **last}})
            )
        ),
        "checkpoints": st.lists(shape(wire.CheckpointRecord, 6).map(lambda item: {"path": "/p", **item}), max_size=3),
        "observed": shape(wire.Observed),
        "artifacts": st.lists(shape(wire.Artifact).map(lambda item: {"type": "t", "path": "/a", **item}), max_size=3),
        "metrics": st.dictionaries(words, st.one_of(numbers, words), max_size=5),
    },
)
identity = st.one_of(
    st.just({}),
    st.just({}),
    st.fixed_dictionaries({}, optional=dict.fromkeys(["v", "seq", "job_type", "status", "job_id"], anything)),
    st.sampled_from([*wire.STATUSES]).map(lambda status: {"status": status}),
)
reports = st.tuples(shape(wire.Report, 8), nested, identity).map(lambda parts: {**parts[0], **parts[1], **parts[2]})


@given(
    st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode), anything.map(json.dumps).map(str.encode))
)
def test_any_bytes_are_refused_as_a_problem(body: bytes) -> None:
    with pytest.raises(Problem) as caught:
        ingest.decode("j1", body)
    assert caught.value.status_code in (400, 422)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(reports, min_size=1, max_size=3))
def test_any_report_is_refused_or_shown(bench: Make, walk: list[dict[str, Any]]) -> None:
    asyncio.run(_take(_desk(bench), walk))


_desks: list[Any] = []


def _desk(bench: Make) -> Any:
    if not _desks or _desks[0][0] is not bench:
        _desks[:] = [(bench, bench())]
    return _desks[0][1]


async def _take(desk: Any, walk: list[dict[str, Any]]) -> None:
    from mixdesk.identity import new_job_id

    job_id, who = new_job_id(), Principal("r", expand(["reporter", "viewer"]))
    base = {"job_id": job_id, "job_key": "k", "job_type": "training_rvc", "status": "running"}
    taken = False
    for seq, odd in enumerate(walk):
        body = json.dumps({**base, "seq": seq, **odd}).encode()
        try:
            await desk.service.report(job_id, body, who)
            taken = True
        except Problem as problem:
            assert problem.status_code in (400, 403, 409, 422), problem.detail
    if not taken:
        return
    await desk.service.board.flush()
    job = await desk.service.get(job_id, who)
    shown = json.loads(desk.service.document(job))
    assert 0 <= shown["progress_percent"] <= 100
    history = await desk.service.history(job_id, who)
    assert history["job_id"] == job_id
    body, _ = render(metrics.families(desk.service, desk.clocks.now), None)
    assert job_id.encode() in body or job.state.is_final
    again = await desk.store.read(lambda conn: _load(conn, job_id))
    assert again.status == job.state.status


def _load(conn: Any, job_id: str) -> Any:
    from mixdesk_control.jobs import queries

    return queries.load(conn, job_id)


def test_a_caller_that_goes_away_leaves_memory_and_store_alike(bench: Make, Trainer: type) -> None:
    """A request that is cancelled in the middle of its commit."""

    async def work() -> None:
        desk, trainer = bench(), Trainer()
        await desk.put(trainer, status="running")
        for turn in range(40):
            task = asyncio.create_task(desk.ask(trainer, "pause" if turn % 2 else "resume"))
            for _ in range(turn % 8):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            stored = await desk.store.read(lambda conn: _load(conn, trainer.job_id))
            assert stored.intent.desired == desk.service.board.find(trainer.job_id).state.intent.desired
        assert (await asyncio.wait_for(desk.ask(trainer, "cancel"), 20.0))["generation"] > 0

    asyncio.run(work())


def test_every_statement_compiles_for_postgresql() -> None:
    """Run there by a later issue; what SQLite alone would take is found here."""
    from sqlalchemy.dialects import postgresql
    from sqlalchemy.schema import CreateIndex, CreateTable

    from mixdesk_control.jobs import queries, rows
    from mixdesk_control.store import tables

    dialect = postgresql.dialect()
    for table in tables.metadata.sorted_tables:
        text = str(CreateTable(table).compile(dialect=dialect))
        assert "AUTOINCREMENT" not in text
        for index in table.indexes:
            assert str(CreateIndex(index).compile(dialect=dialect))
    wanted = queries.filters(statuses=["lost", "running"], job_types=["a"], name="n", since=1.0)
    assert "IS true" in str(wanted.compile(dialect=dialect))
    assert str(rows._FLUSH.statement.compile(dialect=dialect)).startswith("UPDATE jobs SET")


def test_texts_that_no_database_and_no_line_takes_are_set_right() -> None:
    body = {"job_id": "j1", "job_key": "k" * 64, "job_type": "training_rvc", "seq": 1, "status": "running"}
    body |= {
        "metrics": {"lo\x00ss\n": 1.5, "fine": 2.0},
        "artifacts": [{"type": "model", "path": "/a\x00b"}, {"type": "model", "path": "/ab"}],
        "checkpoints": [{"path": "/c.pth", "hash": "ab\x00cd" * 50}],
    }
    report = ingest.decode("j1", json.dumps(body).encode())
    assert report.metrics == {"lo ss ": 1.5, "fine": 2.0}
    assert [item.path for item in report.artifacts] == ["/ab"]
    assert report.checkpoints[0].hash == ("ab cd" * 50)[:128]
