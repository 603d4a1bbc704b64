"""How much an engine is asked, and what is believed of its answers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
from containers import asset, closing, seen, until
from told_engine import ToldEngine

from mixdesk_control.assets.asset import ABSENT, RUNNING, STARTING, STOPPED, UNKNOWN
from mixdesk_control.assets.drivers.docker.driver import DockerDriver

MANY = 100


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[ToldEngine]:
    with ToldEngine(tmp_path / "docker.sock") as made:
        yield made


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def closer(engine: ToldEngine) -> int:
    """How many single containers it was asked about."""
    return sum(count for path, count in engine.asked.items() if path.count("/") == 3)


def with_driver(engine: ToldEngine, work: Any) -> None:
    async def run() -> None:
        clock = Clock()
        async with closing(DockerDriver(str(engine.server_address), monotonic=clock)) as driver:
            await asyncio.wait_for(run_with(driver, clock), 60)

    def run_with(driver: DockerDriver, clock: Clock) -> Coroutine[Any, Any, None]:
        found: Coroutine[Any, Any, None] = work(driver, clock)
        return found

    asyncio.run(run())


def test_a_few_are_asked_for_by_their_names(engine: ToldEngine) -> None:
    """The engine takes long for a list of all, and somebody waits."""
    one, other = asset("bark"), asset("bark.2")
    for name in ("bark", "bark.2", "bark-2", "foreign"):
        engine.put(name)

    async def work(driver: DockerDriver, clock: Clock) -> None:
        assert {found.doing for found in (await driver.observe([one, other])).values()} == {RUNNING}
        assert sorted(engine.patterns.pop() or ()) == ["^/?bark$", r"^/?bark\.2$"]
        gone, asked = engine.listed.pop("bark"), closer(engine)
        assert (await seen(driver, one)).doing == ABSENT
        assert engine.patterns.pop() == ["^/?bark$"]
        assert (await seen(driver, other)).doing == RUNNING and closer(engine) == asked
        engine.listed["bark"] = gone
        assert (await seen(driver, one)).doing == RUNNING and closer(engine) == asked + 1  # nothing of it was kept

    with_driver(engine, work)


def test_many_that_stay_as_they_are_cost_one_question(engine: ToldEngine) -> None:
    assets = [asset(f"c{number}") for number in range(MANY)]
    for one in assets:
        engine.put(one.target)
    engine.put("foreign")

    async def work(driver: DockerDriver, clock: Clock) -> None:
        assert {found.doing for found in (await driver.observe(assets)).values()} == {RUNNING}
        assert closer(engine) == MANY
        for minutes in range(4, 14):
            for one in assets:
                engine.listed[one.target]["Status"] = f"Up {minutes} minutes"
            await driver.observe(assets)
        assert closer(engine) == MANY
        assert engine.asked["/containers/json"] == 11
        assert engine.asked["/version"] == 1

    with_driver(engine, work)


def test_those_that_are_due_have_their_turns(engine: ToldEngine) -> None:
    """An engine whose words tell nothing and whose events are lost: all the same it is found out, and cheaply."""
    assets = [asset(f"c{number}") for number in range(MANY)]
    for one in assets:
        engine.put(one.target)

    async def work(driver: DockerDriver, clock: Clock) -> None:
        await driver.observe(assets)
        for one in assets:
            engine.put(one.target, Running=False, ExitCode=3)
        clock.now += 31
        counts = []
        for _ in range(40):
            before = closer(engine)
            found = await driver.observe(assets)
            counts.append(closer(engine) - before)
        assert max(counts) <= 6
        assert {one.doing for one in found.values()} == {STOPPED}

    with_driver(engine, work)


def test_what_a_check_says_is_followed(engine: ToldEngine) -> None:
    def health(text: str) -> dict[str, Any]:
        return {"Status": "starting", "FailingStreak": 1, "Log": [{"ExitCode": 1, "Output": text}]}

    async def work(driver: DockerDriver, clock: Clock) -> None:
        engine.put("bark", "Up 3 seconds (health: starting)", Health=health("10 %"))
        found = await seen(driver, asset("bark"))
        assert found.doing == STARTING and str(found.reason).endswith(": 10 %")
        engine.put("bark", "Up 4 seconds (health: starting)", Health=health("20 %"))
        assert await seen(driver, asset("bark")) == found
        clock.now += 6
        assert str((await seen(driver, asset("bark"))).reason).endswith(": 20 %")

    with_driver(engine, work)


def test_a_death_is_seen_although_the_list_is_late(engine: ToldEngine) -> None:
    """A real engine tells of a death a moment before its own list does."""
    told: list[list[str]] = []
    bark = asset("bark")
    engine.put("bark")

    async def work(driver: DockerDriver, clock: Clock) -> None:
        follower = asyncio.create_task(
            driver.follow(lambda: [bark], lambda assets: told.append([one.id for one in assets]))
        )
        await heard(told)
        assert (await seen(driver, bark)).doing == RUNNING
        engine.inspected[engine.listed["bark"]["Id"]]["State"] |= {"Running": False, "ExitCode": 7}
        assert (await seen(driver, bark)).doing == RUNNING
        engine.tell("foreign", "die")
        engine.tell("bark", "die")
        await heard(told)
        found = await seen(driver, bark)
        assert (found.doing, found.exit_code) == (STOPPED, 7)
        follower.cancel()
        await asyncio.gather(follower, return_exceptions=True)

    with_driver(engine, work)


async def heard(told: list[list[str]]) -> None:
    """Of `bark`, and of nothing else."""
    deadline = time.monotonic() + 30
    while not told:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)
    assert told == [["bark"]]
    told.clear()


def test_one_that_goes_between_two_questions(engine: ToldEngine) -> None:
    async def work(driver: DockerDriver, clock: Clock) -> None:
        del engine.inspected[engine.put("bark")]
        assert (await seen(driver, asset("bark"))).doing == ABSENT

    with_driver(engine, work)


def test_one_that_is_told_of_in_another_shape(engine: ToldEngine) -> None:
    async def work(driver: DockerDriver, clock: Clock) -> None:
        engine.inspected[engine.put("bark")] = {"Id": "x"}
        found = await seen(driver, asset("bark"))
        assert found.doing == UNKNOWN and "answers what nobody expects" in str(found.reason)
        engine.put("bark")
        assert (await seen(driver, asset("bark"))).doing == RUNNING

    with_driver(engine, work)


def test_one_that_only_drips_is_not_waited_for(engine: ToldEngine) -> None:
    """Each byte comes in time, and the answer does not."""

    async def work(driver: DockerDriver, clock: Clock) -> None:
        engine.put("bark")
        engine.flows.clear()
        for _ in range(3):
            found = await seen(driver, asset("bark"))
            assert found.doing == UNKNOWN and "has not answered for 3 s" in str(found.reason)
        engine.flows.set()
        await until(driver, asset("bark"), lambda now: now.doing == RUNNING)

    with_driver(engine, work)


def test_who_asks_meanwhile_shares_the_next_look(engine: ToldEngine) -> None:
    async def work(driver: DockerDriver, clock: Clock) -> None:
        engine.put("bark")
        await seen(driver, asset("bark"))
        before = engine.asked["/containers/json"]
        answers = await asyncio.gather(*(seen(driver, asset(name)) for name in ["bark", "gone"] * 20))
        assert [found.doing for found in answers] == [RUNNING, ABSENT] * 20
        assert engine.asked["/containers/json"] - before <= 2

    with_driver(engine, work)
