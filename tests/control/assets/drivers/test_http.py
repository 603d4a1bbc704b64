"""Models inside servers: seen, loaded and unloaded over the servers' own protocols."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pages
import pytest
import tomllib
from model_servers import LlamaSwap, ModelServer, Ollama, SleepyVllm, Triton

from mixdesk_control.assets.asset import RUNNING, STARTING, STOPPED, UNKNOWN, Asset, Observed
from mixdesk_control.assets.drivers.driver import DriverError
from mixdesk_control.assets.drivers.http.driver import FRESH_S, HttpDriver
from mixdesk_control.assets.drivers.http.server import AT_ONCE
from mixdesk_control.settings_assets import AssetSettings, HttpSettings

PAGE = pages.page("assets")


@pytest.fixture
def serve() -> Iterator[Callable[[ModelServer], ModelServer]]:
    """Ends the servers after the test."""
    serving: list[ModelServer] = []

    def add(server: ModelServer) -> ModelServer:
        serving.append(server)
        return server

    yield add
    for server in serving:
        server.stop()


def asset(server: ModelServer | str, model: str = "m", asset_id: str = "a", **http: Any) -> Asset:
    url = server if isinstance(server, str) else server.url
    target = HttpSettings.model_validate({"url": url, "model": model, "preset": "ollama", **http})
    return Asset(id=asset_id, name=asset_id, driver="http", target=target)


def documented(mark: str, server: ModelServer) -> Asset:
    """An example of docs/assets.md, at this server."""
    (table,) = tomllib.loads(pages.marked(PAGE, mark))["assets"]
    entry = AssetSettings.model_validate(table)
    assert entry.http is not None
    target = entry.http.model_copy(update={"url": server.url})
    return Asset(id=entry.id, name=entry.id, driver="http", target=target, ready=entry.ready)


def triton() -> tuple[ModelServer, Asset]:
    server = Triton("rmvpe", "other")
    server.versions = ("1", "2")
    return server, asset(server, "rmvpe", preset="triton")


def ollama() -> tuple[ModelServer, Asset]:
    server = Ollama("llama3.2:latest", "other:1b")
    return server, asset(server, "llama3.2")


def vllm() -> tuple[ModelServer, Asset]:
    server = SleepyVllm()
    return server, documented("vllm", server)


def llama_swap() -> tuple[ModelServer, Asset]:
    server = LlamaSwap("smollm2", "other")
    return server, documented("llama_swap", server)


KINDS = pytest.mark.parametrize("kind", [ollama, triton, vllm, llama_swap])
Serve = Callable[[ModelServer], ModelServer]
Kind = Callable[[], tuple[ModelServer, Asset]]


def run(work: Callable[[HttpDriver], Awaitable[Any]], **options: Any) -> Any:
    """`work` with a driver of its own, which is closed after it."""

    async def whole() -> Any:
        driver = HttpDriver(**{"settle_s": 1.0, **options})
        try:
            return await work(driver)
        finally:
            await driver.close()

    return asyncio.run(asyncio.wait_for(whole(), 60))


async def seen(driver: HttpDriver, asset: Asset) -> Observed:
    return (await driver.observe([asset]))[asset.id]


# -- the kinds -----------------------------------------------------------------------------------------


@KINDS
def test_the_life_of_a_model(serve: Serve, kind: Kind) -> None:
    server, one = kind()
    serve(server)

    async def work(driver: HttpDriver) -> None:
        assert (await seen(driver, one)).doing == STOPPED
        await driver.start(one)
        first = await seen(driver, one)
        assert (first.doing, first.reason) == (RUNNING, None) and first.started_at is not None
        await driver.start(one)
        assert len(server.asked("load")) == 1, "one that runs is left as it is"
        assert (await seen(driver, one)).instance == first.instance
        await driver.stop(one, 1.0)
        assert (await seen(driver, one)) == Observed(STOPPED)
        await driver.stop(one, 1.0)
        assert len(server.asked("unload")) == 1
        await driver.start(one)
        assert (await seen(driver, one)).instance not in (None, first.instance)

    run(work)


@KINDS
def test_a_server_that_lies(serve: Serve, kind: Kind) -> None:
    server, one = kind()
    serve(server).lies = True

    async def work(driver: HttpDriver) -> None:
        with pytest.raises(DriverError, match="does not list it as loaded"):
            await driver.start(one)
        server.loaded.add("it" if isinstance(server, SleepyVllm) else server.models[0])
        with pytest.raises(DriverError, match="still lists it"):
            await driver.stop(one, 0.1)
        assert (await seen(driver, one)).doing == RUNNING

    run(work, settle_s=0.3)


@KINDS
def test_a_server_that_forgets_and_one_that_restarts(serve: Serve, kind: Kind) -> None:
    server, one = kind()
    serve(server)

    async def work(driver: HttpDriver) -> None:
        await driver.start(one)
        server.loaded.clear()
        assert (await seen(driver, one)).doing == STOPPED
        server.stop()
        away = await seen(driver, one)
        assert away.doing == STOPPED and away.reason == f"{server.url} has no server that runs: nobody listens there"
        with pytest.raises(DriverError, match=r"does not answer .*: Connection refused"):
            await driver.start(one)
        await driver.stop(one, 1.0)  # it is not there
        server.start()
        await driver.start(one)
        assert (await seen(driver, one)).doing == RUNNING

    run(work)


def test_a_model_on_its_way_is_neither_loaded_nor_gone(serve: Serve) -> None:
    for kind in (triton, llama_swap):
        server, one = kind()
        serve(server).load_s = 60.0

        async def work(driver: HttpDriver, server: ModelServer = server, one: Asset = one) -> None:
            starting = asyncio.ensure_future(driver.start(one))
            while not server.between:
                await asyncio.sleep(0.01)
            found = await seen(driver, one)
            assert found.doing == STARTING and found.instance is not None
            assert "ing" in (found.reason or "").lower()
            starting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await starting

        run(work)


def test_a_load_has_the_time_that_the_asset_has_to_be_ready(serve: Serve) -> None:
    server = serve(Ollama("m:latest"))
    server.load_s = 1.5
    target = asset(server, timeout_s=0.5).target
    patient = Asset(id="a", name="a", driver="http", target=target)
    hasty = Asset(
        id="a", name="a", driver="http", target=target, ready=patient.ready.model_copy(update={"timeout_s": 0.2})
    )

    async def work(driver: HttpDriver) -> None:
        with pytest.raises(DriverError, match=r"does not answer POST /api/generate: nothing whole within 0\.2 s"):
            await driver.start(hasty)
        await driver.start(patient)
        assert server.loaded

    run(work, settle_s=30.0)


def test_an_unload_that_takes_its_time_is_waited_for(serve: Serve) -> None:
    server = serve(Ollama("m:latest"))
    one = asset(server)

    async def work(driver: HttpDriver) -> None:
        await driver.start(one)
        server.lies = True
        asyncio.get_running_loop().call_later(0.5, server.loaded.clear)
        await driver.stop(one, 0.0)
        assert not server.loaded

    run(work, settle_s=30.0)


def test_what_the_server_says_to_an_order_is_passed_on(serve: Serve) -> None:
    server = serve(Ollama("m:latest"))

    async def work(driver: HttpDriver) -> None:
        with pytest.raises(DriverError) as wrong:
            await driver.start(asset(server, "nosuch"))
        assert str(wrong.value) == f"{server.url} to POST /api/generate: answers 404: model 'nosuch:latest' not found"
        server.faults["load"] = 500
        with pytest.raises(DriverError, match="answers 500: CUDA out of memory"):
            await driver.start(asset(server))
        server.loaded.add("m:latest")
        server.faults["unload"] = 503
        with pytest.raises(DriverError, match="answers 503"):
            await driver.stop(asset(server), 1.0)

    run(work)


# -- what is asked, and how often ----------------------------------------------------------------------


def test_a_hundred_models_of_one_server_are_one_request(serve: Serve) -> None:
    names = [f"m{number}" for number in range(100)]
    server = serve(Ollama(*(f"{name}:latest" for name in names)))
    server.loaded = {f"{name}:latest" for name in names[:50]}
    assets = [asset(server, name, name) for name in names]
    now = [100.0]

    async def work(driver: HttpDriver) -> None:
        found = await driver.observe(assets)
        assert [found[name].doing for name in names] == [RUNNING] * 50 + [STOPPED] * 50
        assert len(server.requests) == 1
        usage = await driver.usage(assets)
        assert {one.vram for one in usage.values()} == {Ollama.SIZE} and set(usage) == set(names[:50])
        assert len(server.requests) == 1, "an answer that is fresh serves for both"
        now[0] += 0.1
        await driver.observe(assets)
        assert len(server.requests) == 2, "an observation is one that began after the call"
        now[0] += FRESH_S + 0.1
        await driver.usage(assets)
        assert len(server.requests) == 3

    run(work, monotonic=lambda: now[0])


def test_those_who_wait_share_what_comes(serve: Serve) -> None:
    server = serve(Ollama("m:latest"))
    one = asset(server)

    async def work(driver: HttpDriver) -> None:
        await asyncio.gather(*(driver.observe([one]) for _ in range(50)))
        assert len(server.requests) == 1 and server.most_at_once == 1

    run(work)


def test_checks_of_their_own_go_a_few_at_a_time(serve: Serve) -> None:
    server = serve(SleepyVllm())
    wanted = {"load": {"path": "/wake_up"}, "unload": {"path": "/sleep?level=1"}, "preset": None, "model": "x"}
    checks = [{"path": f"/is_sleeping?of={number}", "find": "is_sleeping", "values": [True]} for number in range(20)]
    assets = [asset(server, asset_id=f"a{n}", **{**wanted, "check": check}) for n, check in enumerate(checks)]

    async def work(driver: HttpDriver) -> None:
        found = await driver.observe(assets)
        assert {one.doing for one in found.values()} == {RUNNING}
        assert len(server.requests) == 20 and server.most_at_once <= AT_ONCE

    run(work)


def test_where_the_status_tells(serve: Serve) -> None:
    server = serve(SleepyVllm())
    orders = {"load": {"path": "/wake_up"}, "unload": {"path": "/sleep?level=1"}, "preset": None, "model": ""}
    one = asset(server, **orders, check={"path": "/is_sleeping"})

    async def work(driver: HttpDriver) -> None:
        expected = {200: RUNNING, 404: STOPPED, 400: STOPPED, 401: UNKNOWN, 429: UNKNOWN, 500: UNKNOWN, 503: UNKNOWN}
        for status, doing in expected.items():
            server.faults["check"] = status
            assert (await seen(driver, one)).doing == doing, status

    run(work)


def test_runs_are_told_apart_as_far_as_can_be(serve: Serve) -> None:
    server = serve(Ollama("m:latest"))
    one = asset(server)
    now = [1000.0]

    async def work(driver: HttpDriver) -> None:
        server.loaded.add("m:latest")
        first = await seen(driver, one)
        assert first.started_at is None, "since when it has been there nobody knows"
        server.faults["check"] = 500
        assert (await seen(driver, one)).instance is None
        server.faults.clear()
        assert (await seen(driver, one)).instance == first.instance, "unseen for a while is not another run"
        server.loaded.clear()
        await driver.observe([one])
        server.loaded.add("m:latest")
        now[0] = 2000.0
        second = await seen(driver, one)
        assert second.instance != first.instance and second.started_at == 2000.0

    run(work, clock=lambda: now[0])


def test_nothing_to_read_and_nothing_to_see(serve: Serve) -> None:
    async def work(driver: HttpDriver) -> None:
        with pytest.raises(DriverError, match="has no output of its own"):
            driver.lines(asset("http://127.0.0.1:1"))
        assert await driver.observe([]) == {} and await driver.usage([]) == {}

    run(work)
