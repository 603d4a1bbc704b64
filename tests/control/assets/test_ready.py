"""When a started asset counts as running, and what is said of one that never does."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import aclosing
from typing import Any

import pytest
from model_servers import ModelServer, SleepyVllm

from mixdesk_control.assets.asset import ABSENT, RUNNING, STARTING, STOPPED, UNHEALTHY, UNKNOWN, Asset, Observed
from mixdesk_control.assets.drivers.driver import DriverError
from mixdesk_control.assets.ready import NotReady, until_ready
from mixdesk_control.settings_assets import ReadySettings

UP = Observed(RUNNING, "one")
WAYS = [{}, {"health": True}, {"port": 1}, {"http": "http://127.0.0.1:1/"}, {"log": "ready"}]


class Output:
    """An asset's output: `said` so far and what is put later; None breaks it off, an exception is raised."""

    def __init__(self, *said: str | Exception | None) -> None:
        self.said, self.opened, self.open = list(said), 0, 0
        self.changed = asyncio.Condition()
        self.kept: list[AsyncIterator[str]] = []

    def lines(self, asset: Asset) -> AsyncIterator[str]:
        self.kept.append(self._lines())  # or the collector would close what until_ready left open
        return self.kept[-1]

    async def _lines(self) -> AsyncIterator[str]:
        self.opened += 1
        self.open += 1
        try:
            number = 0
            while True:
                async with self.changed:
                    await self.changed.wait_for(lambda: len(self.said) > number)  # noqa: B023
                line = self.said[number]
                number += 1
                if isinstance(line, Exception):
                    raise line
                if line is None:
                    return
                yield line
        finally:
            self.open -= 1

    async def say(self, *lines: str | None) -> None:
        async with self.changed:
            self.said.extend(lines)
            self.changed.notify_all()


class Scene:
    """What is observed: each of `moments` once, then the last for ever."""

    def __init__(self, *moments: Observed) -> None:
        self.moments, self.looks = list(moments), 0

    async def observe(self) -> Observed:
        self.looks += 1
        await asyncio.sleep(0)
        return self.moments.pop(0) if len(self.moments) > 1 else self.moments[0]


def asset(**ready: Any) -> Asset:
    return Asset(id="a", name="a", driver="docker", target="a", ready=ReadySettings(**ready))


def run(work: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    return asyncio.run(asyncio.wait_for(work(), 60))


async def until(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(0.005)


@pytest.fixture
def server() -> Iterator[ModelServer]:
    found = SleepyVllm()
    yield found
    found.stop()


# -- the ways ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ready", [{}, {"health": True}])
def test_its_driver_tells(ready: dict[str, Any]) -> None:
    async def work() -> None:
        scene = Scene(Observed(STARTING), Observed(UNHEALTHY), Observed(STARTING), UP)
        await until_ready(asset(**ready), Output(), scene.observe)
        assert scene.looks == 4

    run(work)


def test_a_health_check_that_is_not_there_is_not_waited_for() -> None:
    unchecked = Observed(RUNNING, "one", unchecked=True)

    async def wait(**ready: Any) -> None:
        await until_ready(asset(timeout_s=1000.0, **ready), Output(), Scene(unchecked).observe)

    asyncio.run(wait())
    with pytest.raises(NotReady, match=r"^it has no health check: give its container one, or use ready.port"):
        asyncio.run(asyncio.wait_for(wait(health=True), 60))


def test_a_port_that_opens_later() -> None:
    async def work() -> None:
        with socket.socket() as held:
            held.bind(("127.0.0.1", 0))
            port = held.getsockname()[1]
            scene = Scene(UP)
            waiting = asyncio.ensure_future(until_ready(asset(port=port), Output(), scene.observe))
            await until(lambda: scene.looks > 3)
            assert not waiting.done()
            held.listen()
            await waiting

    run(work)


def test_an_address_that_answers_200_to_399(server: ModelServer) -> None:
    server.elsewhere = "http://127.0.0.1:1/nobody"
    one = asset(http=f"{server.url}/is_sleeping?x=1")

    async def work() -> None:
        scene = Scene(UP)
        for wrong in (503, 404, "garbage", "redirect"):
            server.requests.clear()
            server.faults["any"] = wrong
            waiting = asyncio.ensure_future(until_ready(one, Output(), scene.observe))
            if isinstance(wrong, int):
                await until(lambda: len(server.requests) > 2)
                assert not waiting.done()
                server.faults.clear()
            await waiting
        assert {path for _, path, *_ in server.requests} == {"/is_sleeping?x=1"}

    run(work)


def test_a_line_of_its_output() -> None:
    async def work() -> None:
        output, scene = Output("loading", "still loading"), Scene(UP)
        waiting = asyncio.ensure_future(until_ready(asset(log="model loaded"), output, scene.observe))
        await until(lambda: scene.looks > 3)
        assert not waiting.done()
        await output.say("INFO model loaded in 3 s", "more")
        await waiting
        assert output.opened == 1 and output.open == 0, "read once, and closed"

    run(work)


def test_output_that_breaks_off_is_read_again() -> None:
    async def work() -> None:
        output, scene = Output("loading", None), Scene(UP)
        waiting = asyncio.ensure_future(until_ready(asset(log="ready"), output, scene.observe))
        await until(lambda: output.opened > 2)
        output.said = [DriverError("the engine is away")]
        opened = output.opened
        await until(lambda: output.opened > opened + 1)
        output.said = ["loading", "ready"]
        await waiting
        assert output.open == 0

    run(work)


def test_what_is_raised_while_it_waits_is_not_swallowed() -> None:
    async def work() -> None:
        with pytest.raises(ZeroDivisionError):
            await until_ready(asset(log="ready"), Output(ZeroDivisionError()), Scene(UP).observe)

    run(work)


# -- what ends the waiting -----------------------------------------------------------------------------


@pytest.mark.parametrize("ready", WAYS)
@pytest.mark.parametrize(
    ("seen", "said"),
    [
        (Observed(STOPPED, exit_code=3), "it ended before it was ready, with exit code 3"),
        (Observed(STOPPED, exit_code=0), "it ended before it was ready, with exit code 0"),
        (Observed(STOPPED, exit_code=-9), "it ended before it was ready, by SIGKILL"),
        (Observed(STOPPED, exit_code=-200), "it ended before it was ready, by signal 200"),
        (
            Observed(STOPPED, exit_code=137, oom_killed=True),
            "it ended before it was ready, with exit code 137, killed for want of memory",
        ),
        (Observed(STOPPED, reason="no such program"), "it ended before it was ready: no such program"),
        (Observed(ABSENT), "it is gone"),
        (Observed(ABSENT, reason="create it"), "it is gone: create it"),
    ],
)
def test_one_that_ended_is_told_at_once(ready: dict[str, Any], seen: Observed, said: str) -> None:
    async def work() -> None:
        output = Output()
        with pytest.raises(NotReady) as wrong:
            await until_ready(asset(**ready), output, Scene(Observed(STARTING, "one"), seen).observe)
        assert str(wrong.value) == said and output.open == 0

    run(work)


@pytest.mark.parametrize(
    ("ready", "seen", "said"),
    [
        ({"health": True}, Observed(UNHEALTHY, reason="curl: (7) refused"), "curl: (7) refused"),
        ({"health": True}, Observed(STARTING), "it is starting"),
        ({}, Observed(UNKNOWN, reason="the engine is away"), "the engine is away"),
        ({}, Observed(UNKNOWN), "it cannot be seen"),
        ({"log": "ready"}, UP, "no line of its output contains 'ready' yet"),
        ({"port": 1}, UP, "nothing listens on 127.0.0.1:1: Connection refused"),
        ({"http": "http://127.0.0.1:1/x"}, UP, "http://127.0.0.1:1/x does not answer: Connection refused"),
    ],
)
def test_one_that_is_not_ready_in_time(ready: dict[str, Any], seen: Observed, said: str) -> None:
    now = iter([0.0, 1.0, 60.0, 119.9999, 120.0])

    async def work() -> None:
        scene = Scene(seen)
        with pytest.raises(NotReady) as wrong:
            await until_ready(asset(**ready), Output(), scene.observe, clock=lambda: next(now))
        assert str(wrong.value) == f"not ready after 120 s: {said}"
        assert scene.looks == 4

    run(work)


def test_an_address_that_never_ends_its_answer(server: ModelServer) -> None:
    for fault in ("drip", "hang"):
        server.faults["any"] = fault
        now = iter([0.0, 120.0])

        async def work() -> None:
            one = asset(http=f"{server.url}/is_sleeping")
            with pytest.raises(NotReady, match="does not answer"):
                await until_ready(one, Output(), Scene(UP).observe, clock=lambda: next(now))  # noqa: B023

        run(work)


@pytest.mark.parametrize("ready", WAYS)
def test_what_cannot_be_seen_for_a_while_is_waited_through(ready: dict[str, Any]) -> None:
    async def work() -> None:
        away = Observed(UNKNOWN, reason="the engine restarts")
        scene = Scene(away, away, Observed(STARTING, "one"), away, Observed(STOPPED))
        with pytest.raises(NotReady, match="it ended"):
            await until_ready(asset(**ready), Output(), scene.observe)
        assert scene.looks == 5

    run(work)


def test_an_observation_that_never_comes_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mixdesk_control.assets.ready.OBSERVE_S", 0.05)
    now = iter([0.0, 120.0])

    async def never() -> Observed:
        await asyncio.sleep(3600)
        raise AssertionError

    async def work() -> None:
        with pytest.raises(NotReady, match="it could not be seen"):
            await until_ready(asset(), Output(), never, clock=lambda: next(now))

    run(work)


def test_the_answer_of_a_stranger_on_its_port_does_not_make_it_ready(server: ModelServer) -> None:
    """It cannot bind the port that another has, and ends: what answers there is not it."""
    for ready in ({"port": server.port}, {"http": f"{server.url}/is_sleeping"}):

        async def work(ready: dict[str, Any] = ready) -> None:
            scene = Scene(UP, Observed(STOPPED, exit_code=98))
            with pytest.raises(NotReady, match="with exit code 98"):
                await until_ready(asset(**ready), Output(), scene.observe)
            anew = Scene(UP, Observed(RUNNING, "two"), UP)
            await until_ready(asset(**ready), Output(), anew.observe)
            assert anew.looks > 2, "started anew between the two looks, it has to show itself again"

        run(work)


@pytest.mark.parametrize(
    "url",
    ["ftp://h/", "http://", "h:80", "http://u:p@h/", "http://h:0/", "http://h:x/", "http://h/a b", "http://h/\r\nX: 1"],
)
def test_an_address_that_is_none(url: str) -> None:
    async def work() -> None:
        with pytest.raises(NotReady, match=r"is no address that can be asked") as wrong:
            await until_ready(asset(http=url), Output(), Scene(UP).observe)
        assert str(wrong.value).isprintable() and "u:p" not in str(wrong.value)

    run(work)


@pytest.mark.parametrize("ready", [*WAYS, {"http": "hangs"}])
def test_it_can_be_canceled_at_any_time(ready: dict[str, Any], server: ModelServer) -> None:
    server.faults["any"] = "hang"
    if ready.get("http") == "hangs":
        ready = {"http": f"{server.url}/is_sleeping"}

    async def work() -> None:
        for turns in range(12):
            output = Output("loading")
            waiting = asyncio.ensure_future(until_ready(asset(**ready), output, Scene(Observed(STARTING)).observe))
            for _ in range(turns):
                await asyncio.sleep(0 if turns % 2 else 0.005)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
            assert output.open == 0
            assert len(asyncio.all_tasks()) == 2, "the test's own"

    run(work)
    server.ends.set()
    for thread in threading.enumerate():
        if thread.name.startswith("ready"):
            thread.join(30)


def test_a_flood_of_output_does_not_hold_up_the_loop() -> None:
    class Flood(Output):
        async def lines(self, asset: Asset) -> AsyncIterator[str]:
            while True:
                yield "x" * 4096
                await asyncio.sleep(0)

    async def work() -> None:
        scene = Scene(*([UP] * 5), Observed(STOPPED, exit_code=1))
        with pytest.raises(NotReady, match="with exit code 1"):
            await until_ready(asset(log="ready"), Flood(), scene.observe)

    run(work)


def test_the_output_that_tests_use_is_as_drivers_have_it() -> None:
    async def work() -> None:
        output = Output("one", None)
        async with aclosing(output.lines(asset())) as lines:  # type: ignore[type-var]
            assert [line async for line in lines] == ["one"]

    run(work)
