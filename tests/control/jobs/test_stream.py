"""The stream: everything first or what is missing, then each change, and an end that is never merged away."""

from __future__ import annotations

import asyncio
import json
import tracemalloc
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from typing import Any

import pytest

from mixdesk import wire
from mixdesk_control.auth.principal import Principal, expand
from mixdesk_control.jobs import retention
from mixdesk_control.jobs import stream as stream_module
from mixdesk_control.web.asked import Asked
from mixdesk_control.web.feed import Reader

Make = Callable[..., Any]


def run(work: Any) -> Any:
    return asyncio.run(work)


class Client:
    """Reads frames one at a time."""

    def __init__(self, frames: AsyncIterator[bytes]) -> None:
        self.frames = frames

    async def next(self) -> dict[str, Any]:
        return json.loads(await asyncio.wait_for(anext(self.frames), 20.0))

    async def until(self, wanted: Callable[[dict[str, Any]], bool]) -> list[dict[str, Any]]:
        seen = []
        while True:
            seen.append(await self.next())
            if wanted(seen[-1]):
                return seen


@asynccontextmanager
async def stream(desk: Any, who: Principal | None = None, **options: Any) -> AsyncIterator[Client]:
    who = who or Principal("v", expand(["viewer"]))
    async with aclosing(desk.service.frames(who, **options)) as frames:
        yield Client(frames)


def shows(trainer: Any, status: str) -> Callable[[dict[str, Any]], bool]:
    return lambda frame: frame.get("job", {}).get("job_id") == trainer.job_id and frame["job"]["status"] == status


async def delete(desk: Any, trainer: Any) -> None:
    await desk.service.delete(trainer.job_id, Asked(Principal("op", expand(["operator"]))))


def test_all_current_ones_first_then_each_change(bench: Make, Trainer: type) -> None:
    async def work() -> None:
        desk, trainers = bench(), [Trainer() for _ in range(5)]
        for trainer in trainers:
            await desk.put(trainer, status="running")
        await desk.put(trainers[0], status="succeeded")
        async with stream(desk) as client:
            first = [await client.next() for _ in trainers]
            assert {frame["job"]["job_id"] for frame in first} == {trainer.job_id for trainer in trainers}
            assert all("reset" not in frame for frame in first)
            await desk.put(trainers[1], epoch=3)
            frame = await client.next()
            assert (frame["job"]["job_id"], frame["job"]["details"]["current_epoch"]) == (trainers[1].job_id, 3)
            revisions = [item["revision"] for item in [*first, frame]]
            assert revisions == sorted(set(revisions))

    run(work())


def test_what_changed_after_a_revision_also_across_a_restart(bench: Make, Trainer: type) -> None:
    async def work() -> None:
        desk, old, ended, gone = bench(), Trainer(), Trainer(), Trainer()
        for trainer in (old, ended, gone):
            await desk.put(trainer, status="running")
        await desk.put(gone, status="failed")
        await desk.put(old, status="succeeded")
        async with stream(desk) as client:
            seen = max([(await client.next())["revision"] for _ in range(3)])
        await desk.put(ended, status="succeeded")
        await delete(desk, gone)
        for again in (False, True):
            if again:
                await desk.reopen()
            async with stream(desk, after=seen) as client:
                frames = [await client.next(), await client.next()]
            assert [frame.get("deleted") or frame["job"]["job_id"] for frame in frames] == [ended.job_id, gone.job_id]
            assert all("reset" not in frame for frame in frames)

    run(work())


def test_a_revision_that_the_desk_has_not_reached_begins_anew(bench: Make, Trainer: type) -> None:
    async def work() -> None:
        desk, one, two = bench(), Trainer(), Trainer()
        await desk.put(one, status="running")
        await desk.put(two, status="running")
        async with stream(desk, after=10**9) as client:
            frames = [await client.next(), await client.next()]
        assert [frame.get("reset", False) for frame in frames] == [True, False]
        assert {frame["job"]["job_id"] for frame in frames} == {one.job_id, two.job_id}

    run(work())


def test_an_empty_desk_says_reset_too(bench: Make) -> None:
    async def work() -> None:
        async with stream(bench(), after=10**9) as client:
            frame = await client.next()
            assert frame["reset"] is True and "job" not in frame

    run(work())


def test_deletions_that_are_no_longer_known_begin_anew(bench: Make, Trainer: type) -> None:
    async def work() -> None:
        desk, gone, stays = bench(), Trainer(), Trainer()
        await desk.put(gone, status="failed")
        await desk.put(stays, status="running")
        async with stream(desk) as client:
            seen = max([(await client.next())["revision"] for _ in range(2)])
        await delete(desk, gone)
        later = desk.clocks.now + retention.KEEP_DELETIONS_S + 1
        await desk.store.write(lambda conn: retention.prune_rest(conn, later, 1e9))
        async with stream(desk, after=seen) as client:
            frame = await client.next()
        assert (frame.get("reset"), frame["job"]["job_id"]) == (True, stays.job_id)

    run(work())


def test_many_jobs_come_in_chunks_and_in_order(bench: Make, Trainer: type) -> None:
    async def work() -> None:
        desk, trainers = bench(), [Trainer() for _ in range(450)]
        await asyncio.gather(*(desk.put(trainer, status="running") for trainer in trainers))
        for trainer in trainers[:230]:
            await desk.put(trainer, status="succeeded")
        async with stream(desk) as client:
            seen = (await client.next())["revision"]
        for trainer in trainers[:220]:
            await delete(desk, trainer)
        async with stream(desk, after=seen) as client:
            frames = [await client.next() for _ in range(449)]
        revisions = [frame["revision"] for frame in frames]
        assert revisions == sorted(revisions)
        assert sum("deleted" in frame for frame in frames) == 220
        assert len({frame["job"]["job_id"] for frame in frames if "job" in frame}) == 229

    run(work())


def test_telemetry_is_merged_and_the_end_is_not(bench: Make, Trainer: type) -> None:
    async def work() -> None:
        desk, trainer = bench(), Trainer()
        await desk.put(trainer, status="running")
        async with stream(desk) as client:
            await client.next()
            task = asyncio.create_task(client.until(shows(trainer, "succeeded")))
            await asyncio.sleep(0)
            loop = asyncio.get_running_loop()
            began = loop.time()
            for number in range(200):
                await desk.put(trainer, epoch=number)
                await asyncio.sleep(0.002)
            await desk.put(trainer, status="succeeded")
            frames = await task
            assert len(frames) <= 5 * (loop.time() - began) + 3, "about five a second"
            assert frames[-1]["job"]["details"]["current_epoch"] == 199

    run(work())


def test_every_final_state_arrives_at_a_slow_reader(bench: Make, Trainer: type) -> None:
    async def work() -> None:
        desk, trainers = bench(), [Trainer() for _ in range(60)]
        async with stream(desk) as client:
            reading = asyncio.create_task(client.next())
            await asyncio.sleep(0)
            for trainer in trainers:
                await desk.put(trainer, status="running")
            await reading
            for trainer in trainers:
                await desk.put(trainer, status="succeeded")
                await desk.put(trainer, metrics={"late": 1.0})
            missing = {trainer.job_id for trainer in trainers}
            while missing:
                frame = await client.next()
                if frame["job"]["status"] == "succeeded":
                    missing.discard(frame["job"]["job_id"])
                await asyncio.sleep(0.001)

    run(work())


def test_a_reader_that_does_not_read_costs_no_more_than_the_jobs_there_are(bench: Make, Trainer: type) -> None:
    async def work() -> None:
        desk, trainers = bench(), [Trainer() for _ in range(100)]
        for trainer in trainers:
            await desk.put(trainer, status="running", metrics={"loss": 0.0})
        async with stream(desk) as stuck:
            await stuck.next()
            (reader,) = desk.service.board.feed._readers
            tracemalloc.start()
            try:
                taken = []
                for number in range(1, 13):
                    for trainer in trainers:
                        await desk.put(trainer, epoch=number)
                    taken.append(tracemalloc.get_traced_memory()[0])
            finally:
                tracemalloc.stop()
            assert len(reader._waiting) <= len(trainers)
            # A frame is 4 KB: kept one by one, ten rounds of them would be 4 MB.
            assert taken[-1] - taken[1] < 1_000_000, taken
            newest: dict[str, int] = {}
            while len(newest) < len(trainers) or min(newest.values()) < 12:
                frame = await stuck.next()
                epoch = frame["job"]["details"]["current_epoch"]
                assert epoch in (0, 12), "what is old by now is not sent"
                newest[frame["job"]["job_id"]] = epoch

    run(work())


def test_a_stream_that_stays_open_forgets_jobs_that_have_left(
    bench: Make, Trainer: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_module, "MOST_SENT", 3)

    async def work() -> None:
        desk, live = bench(), Trainer()
        await desk.put(live, status="running")
        frames = stream_module.JobStream(desk.service.board, Principal("v", expand(["viewer"])))
        async with aclosing(frames.frames()) as source:
            client = Client(source)
            await client.next()
            for number in range(12):
                ended = Trainer()
                reading = asyncio.create_task(client.until(shows(ended, "succeeded")))
                await asyncio.sleep(0.3 if number == 0 else 0)  # until what was known is told
                await desk.put(ended, status="succeeded")
                await reading
                desk.service.board.unseat(ended.job_id)
            assert len(frames._sent) <= 5
            await desk.put(live, epoch=3)
            (frame,) = await client.until(shows(live, "running"))
            assert frame["job"]["details"]["current_epoch"] == 3

    run(work())


def test_one_job_alone_and_what_an_owner_may_see(bench: Make, Trainer: type, principals: Any) -> None:
    async def work() -> None:
        desk, mine, other, theirs = bench(), Trainer(), Trainer(), Trainer()
        await desk.put(mine, owner="ann", status="running")
        await desk.put(other, owner="ann", status="running")
        await desk.put(theirs, owner="bob", status="running")
        async with stream(desk, principals.viewer("ann")) as client:
            assert {(await client.next())["job"]["job_id"] for _ in range(2)} == {mine.job_id, other.job_id}
            await desk.put(theirs, status="failed")
            await delete(desk, theirs)
            await desk.put(mine, status="failed")
            frames = await client.until(shows(mine, "failed"))
            assert theirs.job_id not in json.dumps(frames), "neither its changes nor its deletion"
        async with stream(desk, job_id=other.job_id) as client:
            assert (await client.next())["job"]["job_id"] == other.job_id
            await delete(desk, mine)
            await desk.put(other, status="paused")
            assert shows(other, "paused")(await client.next())

    run(work())


def test_a_deletion_is_told(bench: Make, Trainer: type) -> None:
    async def work() -> None:
        desk, trainer = bench(), Trainer()
        await desk.put(trainer, status="failed")
        async with stream(desk) as client:
            await client.next()
            await delete(desk, trainer)
            frame = await client.next()
            assert frame["deleted"] == trainer.job_id and frame["revision"] > 0
        assert desk.service.board.feed.readers == 0

    run(work())


def test_an_urgent_change_does_not_wait_for_the_gap() -> None:
    async def work() -> None:
        reader: Reader[str] = Reader(lambda item: True)
        batches = reader.batches(gap_s=600.0)
        reader.put("a", 1, "one", urgent=False)
        assert await anext(batches) == [(1, "one")]
        reader.put("b", 3, "three", urgent=False)
        reader.put("a", 2, "two", urgent=True)
        assert await asyncio.wait_for(anext(batches), 20.0) == [(2, "two"), (3, "three")]
        await batches.aclose()

    run(work())


@pytest.mark.parametrize("after", [None, 0])
def test_operations_stream_open_ones_or_what_changed(
    bench: Make, Trainer: type, after: int | None, principals: Any
) -> None:
    async def work() -> None:
        desk, trainer = bench(), Trainer()
        await desk.put(trainer, owner="ann", status="running")
        done = await desk.ask(trainer, "pause")
        await desk.put(trainer, status="paused", observed=wire.Observed(run=done["generation"]))
        waits = await desk.ask(trainer, "checkpoint")
        async with aclosing(desk.operations.frames(principals.viewer("ann"), after)) as frames:
            first = await asyncio.wait_for(anext(frames), 20.0)
            if after is None:
                assert first["operation"]["id"] == waits["operation"]
            else:
                assert (first["operation"]["id"], first["operation"]["state"]) == (done["operation"], "succeeded")
                assert (await asyncio.wait_for(anext(frames), 20.0))["operation"]["id"] == waits["operation"]
            trainer.saved("/c/a.pth", generation=waits["generation"])
            await desk.put(trainer)
            last = await asyncio.wait_for(anext(frames), 20.0)
            assert (last["operation"]["id"], last["operation"]["state"]) == (waits["operation"], "succeeded")
        async with aclosing(desk.operations.frames(principals.viewer("bob"), 0)) as frames:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(anext(frames), 0.2)

    run(work())
