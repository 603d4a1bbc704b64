"""The exporter's HTTP under those who wait, hold connections, send ahead, or take nothing."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import pytest

from mixdesk_exporter.collectors.collector import Collector
from mixdesk_exporter.family import Family, gauge
from mixdesk_exporter.pacer import Pacer
from mixdesk_exporter.sampler import Sampler
from mixdesk_exporter.scrape import MOST_WAITING, Scrape
from mixdesk_exporter.serving.protocol import PIECE, Site
from mixdesk_exporter.serving.requests import Request
from mixdesk_exporter.serving.responses import Response, said

THING = gauge("mixdesk_thing", "A thing.")
PATIENCE_S = 60
GET = b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"
LAST = b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

Answer = Callable[[Request, str], Response | Awaitable[Response]]


@contextlib.asynccontextmanager
async def serving(answer: Answer) -> AsyncIterator[tuple[Site, int]]:
    site = Site(answer)
    server = await asyncio.get_running_loop().create_server(site.protocol, "127.0.0.1", 0)
    async with server:
        yield site, server.sockets[0].getsockname()[1]
        for connection in list(site.connections):
            connection.abort()


async def asked(port: int, content: bytes, *, done: bool = False) -> bytes:
    """All that comes back."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(content)
    if done:
        writer.write_eof()
    async with asyncio.timeout(PATIENCE_S):
        found = await reader.read()
    writer.close()
    return found


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not condition():
            await asyncio.sleep(0.01)


class Gate:
    """A source that can be shut."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.open.set()
        collector: Collector[float] = Collector("gate", self.read, lambda value: [THING.one(value)])
        self.sampler = Sampler([collector])
        self.scrape = Scrape(self.sampler, Pacer(self.sampler))

    def read(self) -> float:
        self.open.wait(PATIENCE_S)
        return 1.0

    def answer(self, request: Request, _: str) -> Response | Awaitable[Response]:
        return said(200, "up") if request.path == "/up" else self.scrape.answer(request)


@pytest.fixture
def gate() -> Iterator[Gate]:
    made = Gate()
    yield made
    made.open.set()
    made.scrape.close()
    made.sampler.close()


def test_of_many_that_wait_the_rest_is_told_so(gate: Gate) -> None:
    async def run() -> None:
        gate.open.clear()
        async with serving(gate.answer) as (_, port):
            waiting = [asyncio.create_task(asked(port, LAST)) for _ in range(MOST_WAITING)]
            await until(lambda: gate.scrape._waiting == MOST_WAITING)
            told = [await asked(port, LAST) for _ in range(3)]
            assert all(answer.startswith(b"HTTP/1.1 503 ") and b"Retry-After: 1\r\n" in answer for answer in told)
            assert b"200 OK" in await asked(port, LAST.replace(b"/metrics", b"/up")), "the loop is free"
            gate.open.set()
            assert all(b"mixdesk_thing 1.0\n" in answer for answer in await asyncio.gather(*waiting))
            assert gate.scrape._waiting == 0

    asyncio.run(run())


def test_a_scrapers_time_out_is_kept_and_the_next_one_is_served(gate: Gate) -> None:
    async def run() -> None:
        gate.open.clear()
        async with serving(gate.answer) as (_, port):
            hurried = LAST.replace(b"Host", b"X-Prometheus-Scrape-Timeout-Seconds: 0.7\r\nHost")
            answer = await asked(port, hurried)
            assert answer.startswith(b"HTTP/1.1 503 ") and b"time-out of 0.2 s" in answer
            gate.open.set()
            for odd in (b"0.7", b"nan", b"inf", b"-3", b"soon", b""):
                await asked(port, LAST)
                assert b"200 OK" in await asked(port, hurried.replace(b"0.7", odd))

    asyncio.run(run())


def test_half_requests_shut_nobody_out(gate: Gate) -> None:
    async def run() -> None:
        async with serving(gate.answer) as (site, port):
            held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(200)]
            for _, writer in held:
                writer.write(GET[:-7])
            await until(lambda: sum(bool(connection._buffer) for connection in site.connections) == 200)
            assert all([b"mixdesk_thing 1.0\n" in await asked(port, LAST) for _ in range(10)])
            for _, writer in held:
                writer.close()

    asyncio.run(run())


def test_slow_readers_of_a_large_answer_hold_a_piece_each() -> None:
    large = Response(bytes(range(256)) * 64 * 1024)  # 16 MiB

    async def run() -> None:
        async with serving(lambda *_: large) as (site, port):
            held = [await asyncio.open_connection("127.0.0.1", port, limit=1024) for _ in range(200)]
            for _, writer in held:
                writer.write(LAST)
            await until(lambda: sum(connection._paused for connection in site.connections) == 200)
            sizes = [c._transport.get_write_buffer_size() for c in site.connections if c._transport is not None]
            assert max(sizes) < 200_000
            head, _, body = (await asked(port, LAST)).partition(b"\r\n\r\n")
            assert b"Content-Length: %d" % len(large.body) in head
            assert body == large.body
            assert (await held[0][0].read()).endswith(large.body), "who was slow gets all of it, too"
            for _, writer in held:
                writer.transport.abort()

    asyncio.run(run())


@pytest.mark.parametrize("is_slow", [False, True])
def test_who_sends_ahead_and_reads_nothing_is_not_read_either(is_slow: bool) -> None:
    body = Response(b"x" * 50_000)

    async def later() -> Response:
        await asyncio.sleep(0.01)
        return body

    async def run() -> None:
        async with serving(lambda *_: later() if is_slow else body) as (site, port):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            sender = asyncio.create_task(send(writer))
            await until(lambda: any(connection._paused for connection in site.connections))
            for _ in range(50):
                await asyncio.sleep(0.005)
                assert all(len(connection._buffer) < 600_000 for connection in site.connections)
            assert not sender.done()
            sender.cancel()
            writer.transport.abort()

    async def send(writer: asyncio.StreamWriter) -> None:
        for _ in range(4000):  # 140 MB
            writer.write(GET * 1000)
            await writer.drain()

    asyncio.run(run())


def test_many_requests_at_once_leave_the_loop_to_others() -> None:
    async def run() -> None:
        order: list[str] = []

        def answer(request: Request, _: str) -> Response:
            order.append(request.path)
            return said(200, "up")

        async with serving(answer) as (_, port):
            many = asyncio.create_task(asked(port, GET * 3000, done=True))
            await until(lambda: bool(order))
            assert b"200 OK" in await asked(port, LAST.replace(b"/metrics", b"/other"))
            assert (await many).count(b"200 OK") == 3000
        assert order.index("/other") < 2900

    asyncio.run(run())


def test_nothing_is_answered_after_the_last() -> None:
    async def run() -> None:
        paths: list[str] = []

        def answer(request: Request, _: str) -> Response:
            paths.append(request.path)
            return said(200, "up")

        async with serving(answer) as (_, port):
            assert (await asked(port, GET + LAST + GET * 3)).count(b"200 OK") == 2
        assert len(paths) == 2, "nor is it made"

    asyncio.run(run())


def test_head_says_the_length_and_sends_nothing() -> None:
    large = Response(b"x" * 3 * PIECE)

    async def run() -> None:
        async with serving(lambda *_: large) as (_, port):
            answer = await asked(port, GET.replace(b"GET", b"HEAD") * 2 + LAST.replace(b"GET", b"HEAD"))
            assert answer.count(b"Content-Length: %d\r\n" % len(large.body)) == 3
            assert b"x" * 10 not in answer

    asyncio.run(run())


@pytest.mark.parametrize("size", [70_000, 1_000_000])
def test_a_head_that_is_too_large_is_told_so(size: int) -> None:
    async def run() -> None:
        async with serving(lambda *_: said(200, "up")) as (_, port):
            content = b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"y" * size + b"\r\n\r\n"
            assert (await asked(port, content, done=True)).startswith(b"HTTP/1.1 431 ")
            assert (await asked(port, content)).startswith(b"HTTP/1.1 431 "), "who does not close is let go"

    asyncio.run(run())


def test_a_small_wish_says_nothing_of_how_long_a_large_one_takes() -> None:
    sizes = {"small": 1, "large": 30_000}
    label = gauge("mixdesk_row", "A row.", "n")

    made = {count: label.of((str(number), number / 7) for number in range(count)) for count in sizes.values()}

    def families(count: int) -> list[Family]:
        return [made[count]]

    rows = [Collector(name, lambda size=size: size, families) for name, size in sizes.items()]  # type: ignore[misc]
    sampler = Sampler(rows)
    scrape = Scrape(sampler, Pacer(sampler), max_waiting=1)

    async def run() -> None:
        async with serving(lambda request, _: scrape.answer(request)) as (_, port):
            for _ in range(3):
                assert b'n="0"' in await asked(port, LAST.replace(b"metrics", b"metrics?collect[]=small"))
                sampler._latest = sampler._whole = None
            threads: list[str] = []
            make = Scrape._make

            def seen(self: Scrape, *given: object) -> Response:
                threads.append(threading.current_thread().name)
                return make(self, *given)  # type: ignore[arg-type]

            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(Scrape, "_make", seen)
                assert b'n="29999"' in await asked(port, LAST)
            assert threads == ["mixdesk scrape_0"], "on no event loop"

    asyncio.run(run())
    scrape.close()
    sampler.close()


def test_an_empty_wish_is_no_wish(gate: Gate) -> None:
    async def run() -> None:
        async with serving(gate.answer) as (_, port):
            wish = LAST.replace(b"metrics", b"metrics?collect[]=").replace(b"Host", b"Accept-Encoding: gzip\r\nHost")
            head, _, body = (await asked(port, wish)).partition(b"\r\n\r\n")
            assert b"Content-Encoding: gzip" in head
            assert b"mixdesk_thing 1.0\n" in gzip.decompress(body)

    asyncio.run(run())
