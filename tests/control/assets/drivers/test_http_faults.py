"""Model servers that hang, drip, fail, babble, redirect: their own assets are unknown, and nobody waits for them."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import bad_desk
import pytest
from model_servers import LlamaSwap, ModelServer, Ollama, Triton

from mixdesk_control.assets.asset import RUNNING, STOPPED, UNKNOWN, Asset, Observed
from mixdesk_control.assets.drivers.driver import DriverError
from mixdesk_control.assets.drivers.http.answers import MOST_VRAM
from mixdesk_control.assets.drivers.http.driver import HttpDriver
from mixdesk_control.settings_assets import HttpSettings

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


def asset(url: str, model: str = "m", asset_id: str = "a", **http: Any) -> Asset:
    target = HttpSettings.model_validate({"url": url, "model": model, "preset": "ollama", **http})
    return Asset(id=asset_id, name=asset_id, driver="http", target=target)


def run(work: Callable[[HttpDriver], Awaitable[Any]], **options: Any) -> Any:
    async def whole() -> Any:
        driver = HttpDriver(**{"settle_s": 0.3, **options})
        try:
            return await work(driver)
        finally:
            await driver.close()

    return asyncio.run(asyncio.wait_for(whole(), 60))


async def seen(driver: HttpDriver, one: Asset) -> Observed:
    return (await driver.observe([one]))[one.id]


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (500, "answers 500: CUDA out of memory"),
        (401, "answers 401: CUDA out of memory"),
        ("garbage", "answers what is not JSON: <html>[[["),
        ("deep", "answers what is not JSON: [[["),
        ("huge", "does not answer: an answer of more than 1048576 bytes"),
        ("redirect", "answers 302: redirects are not followed"),
        ("close", "does not answer: Remote end closed connection without response"),
        ("hang", "does not answer: nothing whole within 0.4 s"),
        ("drip", "does not answer: nothing whole within 0.4 s"),
    ],
)
def test_what_cannot_be_seen_is_unknown_with_the_reason(serve: Serve, fault: str | int, reason: str) -> None:
    server, good = serve(Ollama("m:latest")), serve(Ollama("m:latest"))
    server.loaded.add("m:latest")
    server.faults["any"] = fault
    limit = {"timeout_s": 0.4} if fault in ("hang", "drip") else {}
    one, other = asset(server.url, **limit), asset(good.url, asset_id="b")

    async def work(driver: HttpDriver) -> None:
        found = await driver.observe([one, other])
        assert found["a"].doing == UNKNOWN and found["a"].instance is None
        assert (found["a"].reason or "").startswith(f"{server.url} {reason}")
        assert len(found["a"].reason or "") < 300 and (found["a"].reason or "").isprintable()
        assert found["b"].doing == STOPPED
        with pytest.raises(DriverError) as wrong:
            await driver.stop(one, 0.1)
        assert str(wrong.value).startswith(server.url) and str(wrong.value).isprintable()
        server.faults.clear()
        assert (await seen(driver, asset(server.url))).doing == RUNNING, "as soon as it answers again"

    run(work)


@pytest.mark.parametrize(
    "said",
    [
        *({}, [], {"models": 5}, {"models": {"name": "m"}}, "m", None, 7),
        *({"models": [{"model": "m:latest"}]}, {"models": [None, "m:latest", {"id": 1}]}),
    ],
)
def test_an_answer_of_another_shape_is_no_list_of_models(said: object) -> None:
    server = bad_desk.BadDesk(bad_desk.says(said))

    async def work(driver: HttpDriver) -> None:
        found = await seen(driver, asset(server.url))
        assert found.doing == UNKNOWN and "answers without models.*.name" in (found.reason or "")

    run(work)
    server.close()


@pytest.mark.parametrize(
    "said", [{"models": []}, {"models": None}, {"models": [1, "m:latest", {}, {"name": ["m:latest"]}]}]
)
def test_an_answer_that_lists_other_things(said: object) -> None:
    server = bad_desk.BadDesk(bad_desk.says(said))
    run(lambda driver: _is(driver, server.url, STOPPED))
    server.close()


async def _is(driver: HttpDriver, url: str, doing: str) -> None:
    assert (await seen(driver, asset(url))).doing == doing


@pytest.mark.parametrize(("said", "told"), [(MOST_VRAM, MOST_VRAM), (10**30, None), (10**400, None), (-1, None)])
def test_gpu_memory_that_no_server_can_have_is_not_believed(said: int, told: int | None) -> None:
    server = bad_desk.BadDesk(bad_desk.says({"models": [{"name": "m:latest", "size_vram": said}]}))

    async def work(driver: HttpDriver) -> None:
        one = asset(server.url)
        assert (await seen(driver, one)).doing == RUNNING
        assert (await driver.usage([one]))["a"].vram == told

    run(work)
    server.close()


@pytest.mark.parametrize(
    "answer",
    [
        bad_desk.cut_in_the_middle,
        bad_desk.cut_in_the_head,
        bad_desk.reset,
        bad_desk.gigabyte,
        bad_desk.endless_chunks,
        bad_desk.endless_header,
        bad_desk.endless_headers,
        bad_desk.endless_continue,
        bad_desk.gzip_bomb,
    ],
)
def test_answers_that_no_server_should_give(answer: bad_desk.Answer) -> None:
    server = bad_desk.BadDesk(answer)
    run(lambda driver: _is(driver, server.url, UNKNOWN))
    server.close()


def test_a_server_that_hangs_holds_one_thread_and_nobody_else(serve: Serve) -> None:
    hangs, good = serve(Ollama("m:latest")), serve(Ollama("m:latest"))
    hangs.faults["check"] = "hang"
    slow = [asset(hangs.url, f"m{number}", f"s{number}") for number in range(10)]
    quick = asset(good.url, asset_id="q")

    async def work(driver: HttpDriver) -> None:
        waiting = [asyncio.ensure_future(driver.observe(slow)) for _ in range(20)]
        await asyncio.sleep(0)
        assert (await seen(driver, quick)).doing == STOPPED
        assert not any(task.done() for task in waiting), "nobody waited for the one that hangs"
        assert sum(thread.name == f"look {hangs.url}" for thread in threading.enumerate()) <= 1
        for task in waiting:
            assert {one.doing for one in (await task).values()} == {UNKNOWN}
        assert hangs.most_at_once == 1

    run(work)


def test_a_stop_that_is_canceled_cuts_its_request(serve: Serve) -> None:
    server = serve(Ollama("m:latest"))
    server.loaded.add("m:latest")
    server.faults["unload"] = "hang"

    async def work(driver: HttpDriver) -> None:
        stopping = asyncio.ensure_future(driver.stop(asset(server.url), 60.0))
        while not server.asked("unload"):
            await asyncio.sleep(0.01)
        stopping.cancel()
        with pytest.raises(asyncio.CancelledError):
            await stopping
        while any(thread.name.startswith("order") for thread in threading.enumerate()):
            await asyncio.sleep(0.01)

    run(work)


def test_the_end_of_the_desk_waits_for_no_server(serve: Serve) -> None:
    server = serve(Ollama("m:latest"))
    server.faults["any"] = "hang"

    async def work(driver: HttpDriver) -> None:
        looking = asyncio.ensure_future(driver.observe([asset(server.url)]))
        starting = asyncio.ensure_future(driver.start(asset(server.url, asset_id="b")))
        while not server.requests:
            await asyncio.sleep(0.01)
        await driver.close()
        for task in (looking, starting):
            task.cancel()
        await asyncio.gather(looking, starting, return_exceptions=True)

    run(work)


def test_no_answer_sends_it_elsewhere(serve: Serve) -> None:
    """A redirect, an absolute name in a list, a Location on success: the only address is the registry's."""
    server, other = serve(LlamaSwap("m")), serve(LlamaSwap("m"))
    server.elsewhere = f"{other.url}/running"
    server.faults["any"] = "redirect"
    target = {
        "preset": None,
        "load": {"method": "GET", "path": "/upstream/{model}/health"},
        "unload": {"path": "/api/models/unload/{model}"},
        "check": {"path": "/running", "find": "running.*.model", "values": ["{model}"]},
    }

    async def work(driver: HttpDriver) -> None:
        one = asset(server.url, **target)
        assert (await seen(driver, one)).reason == f"{server.url} answers 302: redirects are not followed"
        with pytest.raises(DriverError, match="redirects are not followed"):
            await driver.start(one)
        with pytest.raises(DriverError, match="redirects are not followed"):
            await driver.stop(one, 0.1)

    run(work)
    assert not other.requests


def test_odd_names_stay_in_their_place(serve: Serve) -> None:
    """Slashes, quotes, line ends and dots in a model's name reach the server as that name."""
    names = ["org/model", 'a"b', "../../secret", "a b", "x?y=1#z", "é", "{model}", "a\r\nX-Evil: 1"]
    server, triton = serve(LlamaSwap(*names)), serve(Triton(*names))
    swap = {
        "preset": None,
        "load": {"method": "GET", "path": "/upstream/{model}/health"},
        "unload": {"path": "/api/models/unload/{model}"},
        "check": {"path": "/running", "find": "running.*.model", "values": ["{model}"]},
    }

    async def work(driver: HttpDriver) -> None:
        for number, name in enumerate(names):
            for url, more in ((server.url, swap), (triton.url, {"preset": "triton"})):
                one = asset(url, name, f"{number}{url}", **more)
                await driver.start(one)
                assert (await seen(driver, one)).doing == RUNNING, name
        assert server.loaded == triton.loaded == set(names)
        assert all("X-Evil" not in headers for *_, headers in server.requests + triton.requests)

    run(work)


# -- secrets -------------------------------------------------------------------------------------------


def test_a_secret_in_a_file_is_read_each_time(serve: Serve, tmp_path: Path) -> None:
    server = serve(Ollama("m:latest"))
    secret = tmp_path / "key"
    secret.write_text("Bearer first\n")
    one = asset(server.url, headers={"Authorization": f"file:{secret}", "X-Site": "lab"})

    async def work(driver: HttpDriver) -> None:
        await driver.observe([one])
        secret.write_text("Bearer second\n")
        await driver.start(one)

    run(work)
    borne = [headers["Authorization"] for *_, headers in server.requests]
    assert borne[0] == "Bearer first" and set(borne[1:]) == {"Bearer second"}
    assert all(headers["X-Site"] == "lab" for *_, headers in server.requests)


@pytest.mark.parametrize("content", [None, b"", b"two\nlines", "clé".encode(), b"x" * 9000, "folder"])
def test_a_secret_that_cannot_be_used_is_said_without_it(
    serve: Serve, tmp_path: Path, content: bytes | str | None
) -> None:
    server = serve(Ollama("m:latest"))
    secret = tmp_path / "key"
    if isinstance(content, bytes):
        secret.write_bytes(content)
    elif content == "folder":
        secret.mkdir()
    one = asset(server.url, headers={"Authorization": f"file:{secret}"})

    async def work(driver: HttpDriver) -> None:
        found = await seen(driver, one)
        assert found.doing == UNKNOWN and str(secret) in (found.reason or "")
        assert "two" not in (found.reason or "") and (found.reason or "").isprintable()
        with pytest.raises(DriverError, match="for the header Authorization"):
            await driver.start(one)

    run(work)
    assert not server.requests


def test_many_looks_leave_nothing_behind(serve: Serve) -> None:
    server = serve(Ollama("m:latest"))
    one = asset(server.url)

    async def work(driver: HttpDriver) -> None:
        began = time.process_time()
        for _ in range(200):
            await driver.observe([one])
        assert len(asyncio.all_tasks()) <= 2
        assert not [thread for thread in threading.enumerate() if thread.name.startswith("look") and thread.is_alive()][
            1:
        ]
        print(f"{(time.process_time() - began) / 200 * 1e3:.2f} ms a look, the server's part in it")

    run(work)
