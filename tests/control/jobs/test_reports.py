"""Reports in: sequence, keys, transitions, what is durable and what is shown."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import TypeAdapter

from mixdesk import wire
from mixdesk_control.auth.principal import Principal
from mixdesk_control.jobs import document, queries, schema
from mixdesk_control.jobs.clock import moment
from mixdesk_control.jobs.gpu import CardUse, GpuUse
from mixdesk_control.jobs.reporting import MOST_HISTORIES
from mixdesk_control.web.problems import Problem

Make = Callable[..., Any]


def run(work: Any) -> Any:
    return asyncio.run(work)


def test_the_json_is_the_plans(bench: Make, Trainer: type) -> None:
    """JobProgress and TrainingJobDetails field for field, and what the contract adds."""

    async def work() -> dict[str, Any]:
        desk, trainer = bench(), Trainer(name="anton", version="0.5", log_stream="log")
        now = desk.clocks.now
        trainer.phase("training", done=3.0, total=12.0, unit="epochs")
        await desk.put(trainer, created_at=wire.now_text(now - 5), started_at=wire.now_text(now - 4))
        await desk.put(trainer, status="running", epoch=4, epochs=12, step=7, steps=20, attempt_steps=67, run_step=67)
        trainer.saved("/c/one.pth", epoch=3, step=60, at=now)
        desk.clocks.pass_(2.0)
        await desk.put(trainer, metrics={"loss": 0.25, "odd": "NaN"}, attempt_steps=87)
        return await desk.show(trainer)

    job = run(work())
    plan = {"job_id", "job_type", "status", "progress_percent", "current_step", "details", "log_stream", "created_at"}
    plan |= {"started_at", "completed_at", "error"}
    more = {"name", "owner", "host", "pid", "attempt", "parent_id", "trace_id", "metrics", "eta_seconds"}
    more |= {
        "eta_low_seconds",
        "eta_high_seconds",
        "steps_per_second",
        "last_report_at",
        "lost",
        "desired",
        "checkpoints",
    }
    assert plan | more <= set(job)
    assert job["status"] == "running"
    # 10 + 15 + 15 of the phases before, and a quarter of 50
    assert job["progress_percent"] == pytest.approx(52.5)
    assert job["current_step"] == {
        "key": "training",
        "label": "Training",
        "step_index": 3,
        "step_count": 6,
        "step_progress_percent": 25.0,
    }
    details = job["details"]
    assert {key: details[key] for key in ("exp_name", "phase", "current_epoch", "total_epochs")} == {
        "exp_name": "anton",
        "phase": "training",
        "current_epoch": 4,
        "total_epochs": 12,
    }
    assert (details["current_step"], details["total_steps"]) == (7, 20)
    assert details["checkpoint_status"] == "saved"
    assert details["last_checkpoint_path"] == "/c/one.pth"
    assert details["last_checkpoint_at"].endswith("Z")
    assert details.keys().isdisjoint({"gpu_utilization", "vram_usage_mb", "gpus"})
    assert job["metrics"]["loss"]["value"] == 0.25
    assert job["metrics"]["odd"]["value"] == "NaN"
    assert job["steps_per_second"] == pytest.approx(10.0)
    assert [item["path"] for item in job["checkpoints"]] == ["/c/one.pth"]
    assert set(job["checkpoints"][0]) >= {"path", "epoch", "step", "size", "hash", "saved_at", "verified"}
    assert job["desired"] == {"generation": 0, "run": {"state": "running", "generation": 0}, "checkpoint": None}
    assert (job["host"], job["pid"], job["lost"]) == ("box", 4711, False)


@pytest.mark.parametrize(
    ("job_type", "keys"),
    [
        ("voice_convert", {"phase", "input_file", "output_artifacts"}),
        ("download_model", {"phase", "items_done", "items_total", "bytes_done", "bytes_total", "output_artifacts"}),
    ],
)
def test_details_of_the_other_types(bench: Make, Trainer: type, job_type: str, keys: set[str]) -> None:
    async def work() -> dict[str, Any]:
        desk, trainer = bench(), Trainer(job_type)
        trainer.report.artifacts = [wire.Artifact(type="wav", path="/o.wav")]
        trainer.phase(trainer.report.phases[1].key, done=5.0, total=20.0, unit="bytes")
        await desk.put(trainer, status="running", input_file="/in.wav")
        trainer.report.artifacts = [wire.Artifact(type="wav", path="/p.wav")]
        await desk.put(trainer)
        return await desk.show(trainer)

    details = run(work())["details"]
    assert set(details) == keys
    assert [item["path"] for item in details["output_artifacts"]] == ["/o.wav", "/p.wav"], "merged by path"
    if job_type == "download_model":
        assert (details["bytes_done"], details["bytes_total"], details["items_total"]) == (5.0, 20.0, None)


@pytest.mark.parametrize("job_type", ["training_rvc", "tts_generate", "preprocess_audio", "my_own"])
def test_the_bytes_are_what_openapi_says(bench: Make, Trainer: type, job_type: str) -> None:
    async def work() -> tuple[Any, Any]:
        desk, trainer = bench(), Trainer(job_type, metrics={"loss": 1.0})
        await desk.put(trainer, status="running")
        trainer.saved("/c/a.pth")
        await desk.put(trainer)
        from mixdesk_control.web.answers import as_json

        history = await desk.service.history(trainer.job_id, desk_operator(desk))
        return await desk.show(trainer), json.loads(as_json(history).body)

    job, history = run(work())
    for model, data in ((schema.JobProgress, job), (schema.JobHistory, history)):
        assert set(data) == set(model.model_fields)
        TypeAdapter(model).validate_python(data, strict=False)
    details = {"training_rvc": schema.TrainingJobDetails, "tts_generate": schema.GenerationJobDetails}
    details |= {"preprocess_audio": schema.ItemJobDetails, "my_own": schema.OwnJobDetails}
    read = {"gpu_utilization", "vram_usage_mb", "gpus"}  # of a GPU, and there is none
    assert set(job["details"]) == set(details[job_type].model_fields) - read


@pytest.mark.parametrize("job_type", ["training_rvc", "tts_generate", "preprocess_audio", "my_own"])
def test_a_job_of_any_type_says_which_gpus_it_holds(bench: Make, Trainer: type, job_type: str) -> None:
    async def work() -> Any:
        desk, trainer = bench(), Trainer(job_type)
        await desk.put(trainer, status="running")
        return desk.service.board.find(trainer.job_id)

    use = GpuUse(None, 3072.0, (CardUse(0, "GPU-a", 3072.0), CardUse(1, "GPU-b", None)))
    details = document.job_progress(run(work()), use)["details"]
    assert details["gpus"] == [
        {"gpu": 0, "uuid": "GPU-a", "used_mb": 3072.0},
        {"gpu": 1, "uuid": "GPU-b", "used_mb": None},
    ]
    TypeAdapter(schema.OnGpus).validate_python(details)


def desk_operator(_desk: Any) -> Any:
    from mixdesk_control.auth.principal import Principal, expand

    return Principal("op", expand(["operator"]))


def test_an_older_or_repeated_report_is_ignored(bench: Make, Trainer: type) -> None:
    async def work() -> None:
        desk, trainer = bench(), Trainer()
        await desk.put(trainer, status="running")
        old = trainer.next(name="old")
        new = trainer.next(name="new")
        for body in (new, old, new):
            answer = json.loads(await desk.service.report(trainer.job_id, body, desk_operator(desk)))
            assert answer["acked_seq"] == 3
        assert (await desk.show(trainer))["name"] == "new"

    run(work())


def test_another_key_is_refused_and_changes_nothing(bench: Make, Trainer: type) -> None:
    async def work() -> None:
        desk, trainer = bench(), Trainer(name="mine")
        await desk.put(trainer, status="running")
        key = trainer.report.job_key
        with pytest.raises(Problem) as caught:
            await desk.put(trainer, job_key="other", name="stolen")
        assert caught.value.status_code == 403
        assert (await desk.show(trainer))["name"] == "mine"
        with pytest.raises(Problem) as caught:
            await desk.service.current_report(trainer.job_id, "other", desk_operator(desk))
        assert caught.value.status_code == 403
        report = await desk.service.current_report(trainer.job_id, key, desk_operator(desk))
        assert (report.name, report.job_key) == ("mine", ""), "the key is never handed out"
        raw = (desk.folder / "mixdesk.db").read_bytes() + (desk.folder / "mixdesk.db-wal").read_bytes()
        assert key.encode() not in raw, "the key is kept hashed"

    run(work())


@pytest.mark.parametrize(
    ("before", "after"), [("running", "starting"), ("succeeded", "running"), ("canceled", "failed")]
)
def test_an_illegal_transition_is_409_with_the_reason(bench: Make, Trainer: type, before: str, after: str) -> None:
    async def work() -> None:
        desk, trainer = bench(), Trainer()
        await desk.put(trainer, status=before)
        with pytest.raises(Problem) as caught:
            await desk.put(trainer, status=after)
        assert caught.value.status_code == 409
        assert before in caught.value.detail and after in caught.value.detail
        assert (await desk.show(trainer))["status"] == before

    run(work())


def test_progress_never_goes_down_and_is_100_only_at_succeeded(bench: Make, Trainer: type) -> None:
    async def work() -> None:
        desk, trainer = bench(), Trainer()
        seen = []
        for key, done in (("training", 5.0), ("training", 2.0), ("packaging", 1.0)):
            trainer.phase(key, done=done, total=10.0)
            await desk.put(trainer, status="running")
            seen.append((await desk.show(trainer))["progress_percent"])
        assert seen == sorted(seen) and seen[0] == seen[1] == pytest.approx(65.0)
        for phase in trainer.report.phases:
            phase.state = "done"
        await desk.put(trainer, status="finalizing")
        assert (await desk.show(trainer))["progress_percent"] < 100.0
        await desk.put(trainer, status="succeeded")
        assert (await desk.show(trainer))["progress_percent"] == 100.0

    run(work())


def test_weights_of_the_settings_hold(bench: Make, Trainer: type) -> None:
    async def work() -> None:
        desk = bench(weights={"voice_convert": {"input_prep": 1, "inference": 3}})
        trainer = Trainer("voice_convert").phase("inference", done=1.0, total=2.0)
        await desk.put(trainer, status="running")
        assert (await desk.show(trainer))["progress_percent"] == pytest.approx(25.0 + 37.5)

    run(work())


def test_a_job_that_is_queued_has_the_phases_of_its_type(bench: Make, Trainer: type) -> None:
    async def work() -> None:
        desk, trainer = bench(), Trainer(phases=[])
        await desk.put(trainer, status="queued")
        job = await desk.show(trainer)
        assert (job["status"], job["current_step"]["step_count"], job["started_at"]) == ("queued", 6, None)

    run(work())


def test_the_trainers_clock_may_be_wrong_by_an_hour(bench: Make, Trainer: type) -> None:
    async def work() -> None:
        desk, trainer = bench(), Trainer()
        wrong = desk.clocks.now - 3600.0
        await desk.put(trainer, status="running", sent_at=wire.now_text(wrong), created_at=wire.now_text(wrong - 10))
        job = await desk.show(trainer)
        assert moment(job["created_at"]) == pytest.approx(desk.clocks.now - 10)
        assert moment(job["last_report_at"]) == pytest.approx(desk.clocks.now)
        # One that was under way for a minute changes nothing.
        desk.clocks.pass_(60.0)
        await desk.put(trainer, sent_at=wire.now_text(wrong))
        assert (await desk.show(trainer))["created_at"] == job["created_at"]

    run(work())


def test_a_delivered_report_is_corrected_by_its_boot_and_renews_nothing(bench: Make, Trainer: type) -> None:
    async def work() -> None:
        desk, live, dead = bench(), Trainer(), Trainer()
        wrong = desk.clocks.now + 3600.0
        await desk.put(live, status="running", sent_at=wire.now_text(wrong))
        await desk.wait(100.0)
        await desk.put(
            dead, status="running", delivered=True, sent_at=wire.now_text(wrong), created_at=wire.now_text(wrong)
        )
        job = await desk.show(dead)
        assert moment(job["created_at"]) == pytest.approx(desk.clocks.now - 100)
        assert moment(job["last_report_at"]) == pytest.approx(desk.clocks.now - 100), "when its trainer was alive"
        await desk.wait(1.0)
        assert (await desk.show(dead))["lost"] is True

    run(work())


def test_all_checkpoints_are_kept_and_the_newest_five_shown(bench: Make, Trainer: type) -> None:
    async def work() -> None:
        desk, trainer = bench(), Trainer()
        await desk.put(trainer, status="running")
        for number in range(8):
            desk.clocks.pass_(1.0)
            trainer.saved(f"/c/{number}.pth", at=desk.clocks.now)
            await desk.put(trainer)
        shown = [item["path"] for item in (await desk.show(trainer))["checkpoints"]]
        assert shown == [f"/c/{number}.pth" for number in (7, 6, 5, 4, 3)]
        await desk.reopen()
        history = await desk.service.history(trainer.job_id, desk_operator(desk))
        assert [item["path"] for item in history["checkpoints"]] == [f"/c/{number}.pth" for number in range(8)]

    run(work())


def test_one_report_with_file_and_end_stores_both_at_once(bench: Make, Trainer: type) -> None:
    """Coalesced `saved` and `canceled`: there is no moment in which the store has the end and not the file."""

    async def work() -> None:
        desk, trainer = bench(), Trainer()
        await desk.put(trainer, status="running")
        asked = await desk.ask(trainer, "checkpoint", "cancel")
        trainer.saved("/c/last.pth", generation=asked["generation"])
        await desk.put(trainer, status="canceled")
        await desk.reopen()
        job = await desk.show(trainer)
        assert (job["status"], job["details"]["checkpoint_status"]) == ("canceled", "saved")
        assert job["details"]["last_checkpoint_path"] == "/c/last.pth"
        operation = await desk.operation(asked["operation"])
        assert (operation["state"], operation["result"]["path"]) == ("succeeded", "/c/last.pth")

    run(work())


def test_what_the_desk_derives_of_saving(bench: Make, Trainer: type) -> None:
    async def work() -> None:
        desk, trainer = bench(), Trainer()
        await desk.put(trainer, status="paused")

        async def status() -> str:
            job = await desk.show(trainer)
            assert job["status"] == "paused", "saving while paused stays paused"
            return str(job["details"]["checkpoint_status"])

        assert await status() == "idle"
        asked = await desk.ask(trainer, "checkpoint")
        assert await status() == "requested"
        await desk.put(trainer, checkpoint=wire.CheckpointState(status="saving", generation=asked["generation"]))
        assert await status() == "saving"
        trainer.saved("/c/x.pth", generation=asked["generation"])
        await desk.put(trainer)
        assert await status() == "saved"
        await desk.ask(trainer, "checkpoint")
        assert await status() == "requested", "a new request over a file that was saved"

    run(work())


def test_an_owner_bound_reporter_stamps_its_jobs(bench: Make, Trainer: type, principals: Any) -> None:
    async def work() -> None:
        desk, ours, theirs = bench(), Trainer(owner="somebody"), Trainer()
        await desk.put(ours, owner="ann", status="running")
        await desk.put(theirs, owner="bob", status="running")
        assert (await desk.show(ours))["owner"] == "ann"
        with pytest.raises(Problem) as caught:
            await desk.put(theirs, owner="ann")
        assert caught.value.status_code == 403
        with pytest.raises(Problem) as caught:
            await desk.service.get(theirs.job_id, principals.viewer("ann"))
        assert caught.value.status_code == 404
        from mixdesk_control.jobs.service import ListQuery

        found = await desk.service.page(ListQuery(), principals.viewer("ann"))
        assert [job.state.job_id for job in found] == [ours.job_id]

    run(work())


def test_telemetry_is_flushed_and_transitions_are_not_waited_for(bench: Make, Trainer: type) -> None:
    async def work() -> None:
        desk, trainer = bench(), Trainer()
        await desk.put(trainer, status="running")
        await desk.put(trainer, epoch=7)
        await desk.reopen()
        assert (await desk.show(trainer))["details"]["current_epoch"] == 0, "telemetry alone is lost in a crash"
        await desk.put(trainer, epoch=8)
        await desk.service.board.flush()
        await desk.reopen()
        assert (await desk.show(trainer))["details"]["current_epoch"] == 8
        await desk.put(trainer, epoch=9, status="succeeded")
        await desk.reopen()
        assert (await desk.show(trainer))["status"] == "succeeded"

    run(work())


def test_a_flush_never_overwrites_an_intent_that_came_after_it(bench: Make, Trainer: type) -> None:
    async def work() -> None:
        desk, trainer = bench(), Trainer()
        await desk.put(trainer, status="running")
        for number in range(30):
            await desk.put(trainer, epoch=number)
            flush = asyncio.create_task(desk.service.board.flush())
            asked = asyncio.create_task(desk.ask(trainer, "pause" if number % 2 else "resume"))
            await desk.put(trainer, epoch=number + 1, status="paused" if number % 3 else "running")
            answer = await asked
            await flush
            stored = await desk.store.read(lambda conn: _stored(conn, trainer.job_id))
            assert stored.intent.desired.generation >= answer["generation"]
            assert stored.status == trainer.report.status

    run(work())


def _stored(conn: Any, job_id: str) -> Any:

    return queries.load(conn, job_id)


def test_a_late_flush_changes_nothing(bench: Make, Trainer: type) -> None:
    """Newest wins in the store too: by the report's number, then by the desk's."""
    from mixdesk_control.jobs import rows

    async def work() -> None:
        desk, trainer = bench(), Trainer()
        await desk.put(trainer, status="running", epoch=1)
        old = rows.flush_row(desk.service.board.find(trainer.job_id).state)
        await desk.put(trainer, epoch=2)
        await desk.service.board.flush()
        newest = await desk.store.read(lambda conn: _stored(conn, trainer.job_id))
        for change in ({}, {"b_seq": newest.seq}, {"b_seq": newest.seq, "b_revision": newest.revision}):
            await desk.store.write(lambda conn, change=change: rows.flush(conn, [{**old, **change}]))
            stored = await desk.store.read(lambda conn: _stored(conn, trainer.job_id))
            assert (stored.seq, stored.revision, stored.report.epoch) == (newest.seq, newest.revision, 2)

    run(work())


def test_a_new_name_at_every_step_has_no_history_without_end(bench: Make, Trainer: type) -> None:
    async def work() -> None:
        desk, trainer = bench(), Trainer(status="running")
        for step in range(10):
            desk.clocks.pass_(1.0)
            await desk.put(trainer, metrics={"loss": 0.1 * step, **{f"loss_{step}_{n}": 1.0 for n in range(60)}})
        job = await desk.service.board.get(trainer.job_id)
        assert len(job.points) <= MOST_HISTORIES + 2
        shown = (await desk.show(trainer))["metrics"]
        assert shown["loss_9_59"] == {"value": 1.0, "history": []}, "the value itself is shown"
        assert len(shown["loss"]["history"]) == 10
        assert len((await desk.service.history(trainer.job_id, principal()))["progress"]) == 10

    run(work())


def principal() -> Principal:
    return Principal("view", frozenset({"viewer"}))


def test_telemetry_is_flushed_again_after_any_failure(bench: Make, Trainer: type) -> None:
    """A reader that goes while it flushes, before a write that fails: nothing may be forgotten."""

    async def work() -> None:
        desk, trainer = bench(), Trainer()
        await desk.put(trainer, status="running")
        await desk.put(trainer, epoch=3)
        board, hold = desk.service.board, threading.Event()
        desk.store.write_soon(lambda _conn: hold.wait(30))
        flushing = asyncio.create_task(board.flush())
        while board.unflushed:
            await asyncio.sleep(0)
        flushing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await flushing
        assert board.unflushed == 1
        hold.set()
        await board.flush()
        stored = await desk.store.read(lambda conn: queries.load(conn, trainer.job_id))
        assert (stored.report.epoch, board.unflushed) == (3, 0)

    run(work())
