"""Loads that nobody waits for any more, servers with many checks, and what has left the registry."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from model_servers import ModelServer, Ollama, SleepyVllm, Triton

from mixdesk_control.assets.asset import RUNNING, STARTING, STOPPED, UNKNOWN, Asset, Observed
from mixdesk_control.assets.drivers.driver import DriverError
from mixdesk_control.assets.drivers.http.driver import HttpDriver
from mixdesk_control.assets.drivers.http.server import AT_ONCE
from mixdesk_control.settings_assets import HttpSettings, ReadySettings

Serve = Callable[[ModelServer], ModelServer]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Ends the servers after the test."""
    serving: list[ModelServer] = []

    def add(server: ModelServer) -> ModelServer:
        serving.append(server)
        return server

    yield add
    for server in serving:
        server.stop()


def asset(url: str, asset_id: str = "a", ready_s: float = 60.0, **http: Any) -> Asset:
    target = HttpSettings.model_validate({"url": url, "model": "m", "preset": "ollama", **http})
    return Asset(id=asset_id, name=asset_id, driver="http", target=target, ready=ReadySettings(timeout_s=ready_s))


def run(work: Callable[[HttpDriver], Awaitable[Any]], **options: Any) -> Any:
    async def whole() -> Any:
        driver = HttpDriver(**{"settle_s": 1.0, **options})
        try:
            return await work(driver)
        finally:
            await driver.close()

    return asyncio.run(asyncio.wait_for(whole(), 60))


async def seen(driver: HttpDriver, one: Asset) -> Observed:
    return (await driver.observe([one]))[one.id]


async def until(driver: HttpDriver, one: Asset, doing: str) -> Observed:
    while (found := await seen(driver, one)).doing != doing:
        await asyncio.sleep(0.02)
    return found


async def given_up(driver: HttpDriver, one: Asset, server: ModelServer) -> None:
    """A start that ends before the load does."""
    with pytest.raises(DriverError, match=r"nothing whole within 0\.2 s; it may load it still, which a stop ends$"):
        await driver.start(one)
    while not server.between:
        await asyncio.sleep(0.01)


@pytest.fixture
def slow(serve: Serve) -> ModelServer:
    """A server on which a load takes as long as the test wants."""
    server = serve(Ollama("m:latest"))
    server.load_s = 60.0
    return server


# -- a load that outlives its time ---------------------------------------------------------------------


def test_a_load_that_outlives_its_time_is_on_its_way_until_it_is_there(slow: ModelServer) -> None:
    one = asset(slow.url, ready_s=0.2)

    async def work(driver: HttpDriver) -> None:
        await given_up(driver, one, slow)
        found = await seen(driver, one)
        assert found.doing == STARTING and found.is_alive and found.instance is not None
        assert found.reason == f"{slow.url} was asked to load it and may be at it still"
        assert await driver.usage([one]) == {}, "what it holds nobody tells"
        slow.finish("m:latest")
        assert (await until(driver, one, RUNNING)).instance == found.instance
        slow.loaded.clear()
        assert (await seen(driver, one)).doing == STOPPED, "the server's word counts again"

    run(work)


def test_a_start_that_is_asked_again_waits_for_the_load_there_is(slow: ModelServer) -> None:
    async def work(driver: HttpDriver) -> None:
        await given_up(driver, asset(slow.url, ready_s=0.2), slow)
        starting = asyncio.ensure_future(driver.start(asset(slow.url)))
        await asyncio.sleep(0.1)
        slow.finish("m:latest")
        await starting
        assert len(slow.asked("load")) == 1

    run(work)


def test_a_load_that_fails_late_is_over(slow: ModelServer) -> None:
    one = asset(slow.url, ready_s=0.2)

    async def work(driver: HttpDriver) -> None:
        await given_up(driver, one, slow)
        slow.between.clear()  # it answers 404
        slow.finish("m:latest")
        await until(driver, one, STOPPED)
        await driver.stop(one, 1.0)
        assert not slow.asked("unload")

    run(work)


def test_a_stop_ends_a_load_that_nobody_waits_for(slow: ModelServer) -> None:
    one = asset(slow.url, ready_s=0.2)

    async def work(driver: HttpDriver) -> None:
        await given_up(driver, one, slow)
        await driver.stop(one, 1.0)
        assert len(slow.asked("unload")) == 1 and not slow.between
        assert (await seen(driver, one)).doing == STOPPED
        slow.load_s = 0.0
        await driver.start(one)
        assert (await seen(driver, one)).doing == RUNNING

    run(work)


def test_a_stop_whose_unload_fails_leaves_it_on_its_way(slow: ModelServer) -> None:
    one = asset(slow.url, ready_s=0.2)

    async def work(driver: HttpDriver) -> None:
        await given_up(driver, one, slow)
        slow.faults["unload"] = 503
        with pytest.raises(DriverError, match="answers 503"):
            await driver.stop(one, 1.0)
        assert (await seen(driver, one)).doing == STARTING
        slow.faults.clear()
        await driver.stop(one, 1.0)
        assert (await seen(driver, one)).doing == STOPPED

    run(work)


def test_a_start_that_is_canceled_ends_at_once_and_a_stop_unloads(slow: ModelServer) -> None:
    one = asset(slow.url)

    async def work(driver: HttpDriver) -> None:
        starting = asyncio.ensure_future(driver.start(one))
        while not slow.between:
            await asyncio.sleep(0.01)
        assert (await seen(driver, one)).doing == STARTING
        starting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await starting
        while any(thread.name.startswith("order") for thread in threading.enumerate()):
            await asyncio.sleep(0.01)  # the request is cut
        assert slow.between and (await seen(driver, one)).doing == STARTING, "the server goes on"
        await driver.stop(one, 1.0)
        assert len(slow.asked("unload")) == 1 and not slow.between
        assert (await seen(driver, one)).doing == STOPPED

    run(work)


@pytest.mark.parametrize("fault", ["close", 504])
def test_a_load_that_was_cut_is_on_its_way_for_so_long(serve: Serve, fault: str | int) -> None:
    server = serve(Ollama("m:latest"))
    server.faults["load"] = fault
    one, now = asset(server.url), [100.0]

    async def work(driver: HttpDriver) -> None:
        with pytest.raises(DriverError, match="it may load it still"):
            await driver.start(one)
        now[0] += 60.0 + 9.0
        assert (await seen(driver, one)).doing == STARTING
        now[0] += 2.0
        assert (await seen(driver, one)).doing == STOPPED

    run(work, doubt_s=10.0, monotonic=lambda: now[0])


def test_a_load_that_was_cut_and_came_is_over(serve: Serve) -> None:
    server = serve(Ollama("m:latest"))
    server.faults["load"] = "close"
    one = asset(server.url)

    async def work(driver: HttpDriver) -> None:
        for ended in (server.loaded.clear, lambda: (server.stop(), server.start())):
            with pytest.raises(DriverError, match="it may load it still"):
                await driver.start(one)
            server.loaded.add("m:latest")
            assert (await seen(driver, one)).doing == RUNNING
            ended()
            assert (await seen(driver, one)).doing == STOPPED

    run(work)


@pytest.mark.parametrize("fault", [400, 500, 503, "redirect"])
def test_a_load_that_was_refused_is_over(serve: Serve, fault: str | int) -> None:
    server = serve(Ollama("m:latest"))
    server.faults["load"] = fault
    one = asset(server.url)

    async def work(driver: HttpDriver) -> None:
        with pytest.raises(DriverError) as wrong:
            await driver.start(one)
        assert "still" not in str(wrong.value)
        assert (await seen(driver, one)).doing == STOPPED

    run(work)


def test_a_server_that_dies_at_a_load_brings_nothing(slow: ModelServer) -> None:
    one = asset(slow.url, ready_s=0.2)

    async def work(driver: HttpDriver) -> None:
        await given_up(driver, one, slow)
        slow.stop()
        assert (await until(driver, one, STOPPED)).reason is not None
        await driver.stop(one, 1.0)
        while any(thread.name.startswith("order") for thread in threading.enumerate()):
            await asyncio.sleep(0.01)
        await seen(driver, one)
        slow.start()
        assert (await seen(driver, one)).doing == STOPPED

    run(work)


def test_an_order_that_never_left_leaves_no_doubt(serve: Serve, tmp_path: Any) -> None:
    server = serve(Ollama("m:latest"))
    secret = tmp_path / "key"
    one = asset(server.url, headers={"Authorization": f"file:{secret}"})

    async def work(driver: HttpDriver) -> None:
        with pytest.raises(DriverError, match="for the header Authorization") as wrong:
            await driver.start(one)
        assert "still" not in str(wrong.value)
        secret.write_text("Bearer x")
        assert (await seen(driver, one)).doing == STOPPED

    run(work)


def test_a_server_that_tells_of_its_loads_is_believed(serve: Serve) -> None:
    server = serve(Triton("m"))
    server.load_s = 60.0
    one = asset(server.url, preset="triton", ready_s=0.2)

    async def work(driver: HttpDriver) -> None:
        await given_up(driver, one, server)
        assert (await seen(driver, one)).reason == "the server says: LOADING"
        await driver.stop(one, 1.0)
        assert (await seen(driver, one)) == Observed(STOPPED)

    run(work)


# -- many checks ---------------------------------------------------------------------------------------


def checks(server: ModelServer, number: int, **http: Any) -> list[Asset]:
    """Assets that have a check each."""
    orders = {"load": {"path": "/wake_up"}, "unload": {"path": "/sleep?level=1"}, "preset": None}
    found = [{"path": f"/is_sleeping?of={one}", "find": "is_sleeping", "values": [True]} for one in range(number)]
    return [
        asset(server.url, f"a{one}", model=f"{one}", check=check, **orders, **http) for one, check in enumerate(found)
    ]


def test_checks_of_a_slow_server_overlap(serve: Serve) -> None:
    server = serve(SleepyVllm())
    server.check_s = 0.05

    async def work(driver: HttpDriver) -> None:
        await driver.observe(checks(server, 20))
        assert 1 < server.most_at_once <= AT_ONCE

    run(work)


def test_checks_that_were_left_over_come_first_in_the_next_look(serve: Serve) -> None:
    server = serve(SleepyVllm())
    server.check_s = 0.1
    assets = checks(server, 60, timeout_s=0.5)

    async def work(driver: HttpDriver) -> None:
        left = {one.id for one in assets}
        first = await driver.observe(assets)
        assert UNKNOWN in {found.doing for found in first.values()}
        for _ in range(200):  # in five or so all have had their turn; on a busy machine it takes more
            found = await driver.observe(assets)
            left -= {key for key, one in found.items() if one.doing == RUNNING}
            if not left:
                return
        pytest.fail(f"always passed over: {sorted(left)}")

    run(work)


# -- what is no longer there ---------------------------------------------------------------------------


def test_what_has_left_the_registry_is_let_go_of(serve: Serve) -> None:
    kept, gone = serve(Ollama("m:latest")), serve(Ollama("m:latest"))
    assets = [asset(kept.url), asset(gone.url, "b")]

    async def work(driver: HttpDriver) -> None:
        following = asyncio.ensure_future(driver.follow(lambda: assets, lambda changed: None))
        await driver.observe(assets)
        assert len(gone.sockets) == 1
        del assets[1]
        while gone.sockets:
            await asyncio.sleep(0.01)
        for held in (driver._targets, driver._runs, driver._servers):
            assert len(held) == 1
        assert (await seen(driver, assets[0])).doing == STOPPED
        following.cancel()

    run(work, tidy_s=0.02)


def test_a_load_of_what_has_left_the_registry_is_not_cut(slow: ModelServer) -> None:
    assets = [asset(slow.url, ready_s=0.2)]
    one = assets[0]

    async def work(driver: HttpDriver) -> None:
        following = asyncio.ensure_future(driver.follow(lambda: assets, lambda changed: None))
        await given_up(driver, one, slow)
        assets.clear()
        while driver._targets:
            await asyncio.sleep(0.01)
        assert (await seen(driver, one)).doing == STARTING, "put back, it is still known to be on its way"
        following.cancel()

    run(work, tidy_s=0.02)


def test_the_end_of_the_desk_waits_for_no_load(slow: ModelServer) -> None:
    async def work(driver: HttpDriver) -> None:
        await given_up(driver, asset(slow.url, ready_s=0.2), slow)
        await driver.close()
        assert len(asyncio.all_tasks()) <= 2

    run(work)
